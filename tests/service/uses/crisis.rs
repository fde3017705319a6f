//! A crisis: the roll of an area, the message to all on it, and what is replied.

use std::time::{Duration, Instant};

use consular_registration::grpc::client::{Refusal, answer, next};
use consular_registration::grpc::proto::record_crisis_reply_request::Reply;
use consular_registration::grpc::proto::{
    BroadcastCrisisRequest, CitizenReply, Crisis, CrisisPerson, CrisisPersonKind, CrisisReply, CrisisReplySource,
    CrisisStatus, GetCrisisRollRequest, ListCrisesRequest, Notification, OpenCrisisRequest, RecordCrisisReplyRequest,
    Registration, WatchCrisisRequest, WatchCrisisResponse,
};
use serde_json::{Value, json};
use tonic::Streaming;
use uuid::Uuid;

use super::super::support::service::{Service, refusal};
use super::{PATIENCE, act, fields, reason, register, register_in_istanbul};

pub(super) const OFFICER: &str = "officers/berlin-officer";

pub(super) fn berlin() -> Value {
    let title = json!({ "kk": "Су тасқыны", "ru": "Наводнение", "en": "Flood" });
    json!({ "result": "CRISIS_OPENED", "crisis": { "country": "DE", "subdivisions": ["DE-BE"], "title": title } })
}

pub(super) async fn open(service: &Service, officer: &str, name: &str, decision: &Value) -> Result<Crisis, Refusal> {
    let signed_act = act(service, officer, "OPEN_CRISIS", name, "0", decision);
    let request = OpenCrisisRequest { request_id: String::new(), signed_act };
    match answer(service.client.registrations().open_crisis(request)).await {
        Ok(response) => Ok(response.crisis.unwrap()),
        Err(error) => Err(refusal(error)),
    }
}

/// Opens a crisis in Berlin and waits for its roll.
pub(super) async fn opened(service: &Service) -> Crisis {
    let crisis = open(service, OFFICER, &format!("crises/{}", Uuid::new_v4()), &berlin()).await.unwrap();
    assert_eq!((crisis.etag.as_str(), crisis.broadcast_count), ("1", 0));
    let begin = Instant::now();
    loop {
        let (crisis, _) = roll(service, &crisis.name, &[]).await;
        if crisis.roll_time.is_some() {
            return crisis;
        }
        assert!(begin.elapsed() < PATIENCE, "the roll is not made");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The crisis and its whole roll, in pages of two.
pub(super) async fn roll(service: &Service, name: &str, statuses: &[CrisisStatus]) -> (Crisis, Vec<CrisisPerson>) {
    let statuses = statuses.iter().map(|status| i32::from(*status)).collect();
    let mut request =
        GetCrisisRollRequest { name: name.to_owned(), statuses, page_size: 2, ..GetCrisisRollRequest::default() };
    let mut all = Vec::new();
    loop {
        let page = answer(service.client.registrations().get_crisis_roll(request.clone())).await.unwrap();
        all.extend(page.persons);
        if page.next_page_token.is_empty() {
            return (page.crisis.unwrap(), all);
        }
        request.page_token = page.next_page_token;
    }
}

/// All crises, or those that are open, in pages of that size.
pub(super) async fn crises(service: &Service, page_size: i32, open_only: bool) -> Vec<Crisis> {
    let mut request = ListCrisesRequest { open_only, page_size, ..Default::default() };
    let mut all = Vec::new();
    loop {
        let page = answer(service.client.registrations().list_crises(request.clone())).await.unwrap();
        all.extend(page.crises);
        if page.next_page_token.is_empty() {
            return all;
        }
        request.page_token = page.next_page_token;
    }
}

pub(super) async fn of(service: &Service, crisis: &Crisis, registration: &Registration) -> CrisisPerson {
    let (_, persons) = roll(service, &crisis.name, &[]).await;
    let is_own = |person: &CrisisPerson| person.registration == registration.name && person.head.is_empty();
    persons.into_iter().find(is_own).expect("the citizen is on the roll")
}

pub(super) async fn send(service: &Service, request_id: &str, reply: Reply) -> Result<CrisisPerson, Refusal> {
    let request = RecordCrisisReplyRequest { request_id: request_id.to_owned(), reply: Some(reply) };
    match answer(service.client.registrations().record_crisis_reply(request)).await {
        Ok(response) => Ok(response.person.unwrap()),
        Err(error) => Err(refusal(error)),
    }
}

pub(super) async fn by_officer(
    service: &Service,
    seen: &CrisisPerson,
    decision: &Value,
) -> Result<CrisisPerson, Refusal> {
    let signed_act = act(service, OFFICER, "RECORD_CRISIS_REPLY", &seen.name, &seen.etag, decision);
    send(service, "", Reply::SignedAct(signed_act)).await
}

pub(super) fn own(crisis: &Crisis, registration: &Registration, status: CrisisStatus) -> CitizenReply {
    CitizenReply {
        crisis: crisis.name.clone(),
        registration: registration.name.clone(),
        status: status.into(),
        includes_family: false,
        note: String::new(),
    }
}

pub(super) async fn broadcast(service: &Service, seen: &Crisis) -> Result<Crisis, Refusal> {
    let message = json!({ "kk": "Үйде болыңыз.", "ru": "Оставайтесь дома.", "en": "Stay at home." });
    let decision = json!({ "result": "BROADCAST", "message": message });
    let signed_act = act(service, OFFICER, "BROADCAST_CRISIS", &seen.name, &seen.etag, &decision);
    let request = BroadcastCrisisRequest { request_id: String::new(), signed_act };
    match answer(service.client.registrations().broadcast_crisis(request)).await {
        Ok(response) => Ok(response.crisis.unwrap()),
        Err(error) => Err(refusal(error)),
    }
}

/// Waits until the account of an application holds so many broadcasts, and gives the latest.
async fn told(service: &Service, application: &str, count: usize) -> Notification {
    let begin = Instant::now();
    loop {
        let found = service.notifications(application).await;
        let mut found: Vec<_> = found.into_iter().filter(|found| found.kind == "CRISIS_BROADCAST").collect();
        if found.len() == count {
            return found.remove(count - 1);
        }
        assert!(found.len() < count && begin.elapsed() < PATIENCE, "{} instead of {count}", found.len());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A card with a daughter on it, and a husband who has a registration of his own.
/// A husband with a registration of his own, and a daughter.
fn with_family(tree: &mut Value, husband: &Registration) {
    tree["card"]["contacts"]["family_members"] = json!([
        { "relation": "SPOUSE", "name": "ОСПАНОВ НҰРЛАН", "citizenship": "KZ", "registration": husband.number },
        { "relation": "CHILD", "name": "ҚҰРМАНҒАЛИЕВА АЙША", "citizenship": "KZ", "birth_date": "2019-05-01" },
    ]);
}

fn elsewhere(tree: &mut Value) {
    tree["card"]["stay"]["host_address"]["subdivision"] = json!("DE-HH");
}

pub(super) fn counts(crisis: &Crisis) -> (u32, u32, u32, u32) {
    let counts = crisis.counts.unwrap();
    (counts.total, counts.unanswered, counts.safe, counts.need_help)
}

/// Reads on until the counts are these.
async fn until_counts(
    stream: &mut Streaming<WatchCrisisResponse>,
    wanted: (u32, u32, u32, u32),
) -> WatchCrisisResponse {
    loop {
        let response = next(stream).await.unwrap().expect("the stream goes on");
        if counts(response.crisis.as_ref().unwrap()) == wanted {
            return response;
        }
    }
}

pub(super) async fn watch(
    service: &Service,
    name: &str,
    resume_token: &str,
) -> Result<Streaming<WatchCrisisResponse>, Refusal> {
    let request = WatchCrisisRequest { name: name.to_owned(), resume_token: resume_token.to_owned() };
    answer(service.client.registrations().watch_crisis(request)).await.map_err(refusal)
}

with_each_database! {
    async fn the_roll_has_who_is_registered_in_the_area_with_the_family_on_the_card(service: Service) {
        let (_, husband) = register(&service, "student", |_| ()).await;
        let brother = json!({
            "relation": "SIBLING", "name": "ҚҰРМАНҒАЛИЕВ ЕРЖАН", "citizenship": "KZ", "registration": "KZ-DE-BER/R/2020/000001"
        });
        let with_brother = |tree: &mut Value| {
            with_family(tree, &husband);
            tree["card"]["contacts"]["family_members"].as_array_mut().unwrap().push(brother);
        };
        let (_, assel) = register(&service, "assel", with_brother).await;
        register(&service, "daniyar", elsewhere).await;
        register_in_istanbul(&service, "gost").await;

        let crisis = opened(&service).await;
        assert_eq!(crisis.missions, ["KZ-DE-BER"]);
        assert_eq!(crisis.title.as_ref().unwrap().en, "Flood");
        let (_, persons) = roll(&service, &crisis.name, &[]).await;
        let mut names: Vec<(CrisisPersonKind, &str)> =
            persons.iter().map(|person| (person.kind(), person.full_name.as_str())).collect();
        names.sort_by_key(|(kind, name)| (i32::from(*kind), *name));
        let expected = [
            (CrisisPersonKind::Registered, "ОСПАНОВ НҰРЛАН ТІМҰРҰЛЫ"),
            (CrisisPersonKind::Registered, "ҚҰРМАНҒАЛИЕВА ӘСЕЛ БОЛАТҚЫЗЫ"),
            (CrisisPersonKind::FamilyMember, "ҚҰРМАНҒАЛИЕВ ЕРЖАН"),
            (CrisisPersonKind::FamilyMember, "ҚҰРМАНҒАЛИЕВА АЙША"),
        ];
        assert_eq!(names, expected, "nobody from elsewhere, the husband once, and whose registration cannot be found all the same");
        let citizen = of(&service, &crisis, &assel).await;
        assert_eq!((citizen.phones[0].as_str(), citizen.address.as_str()), ("+77010000001", "Musterstraße 1, 10115 Berlin"));
        assert_eq!(citizen.emergency_contacts, ["ҚҰРМАНҒАЛИЕВА САПАР, SIBLING, +77010000002"]);
        let daughter = persons.iter().find(|person| person.relation == "CHILD").unwrap();
        assert_eq!((daughter.relation.as_str(), daughter.birth_date.as_str()), ("CHILD", "2019-05-01"));
        assert_eq!((daughter.head.as_str(), daughter.citizenship.as_str()), (citizen.name.as_str(), "KZ"));
        assert_eq!(counts(&crisis), (4, 4, 0, 0));
    }

    async fn everybody_on_the_roll_is_told_and_answers(service: Service) {
        let (_, student) = register(&service, "student", |_| ()).await;
        let (application, assel) = register(&service, "assel", |tree| with_family(tree, &student)).await;
        let crisis = opened(&service).await;
        let mut watched = watch(&service, &crisis.name, "").await.unwrap();
        let first = until_counts(&mut watched, (3, 3, 0, 0)).await;
        assert_eq!((first.event.as_str(), first.event_count), ("", 0));

        let sent = broadcast(&service, &crisis).await.unwrap();
        assert_eq!((sent.broadcast_count, sent.etag.as_str()), (1, "2"));
        let notice = told(&service, &application.name, 1).await;
        assert_eq!((notice.crisis.as_str(), notice.subject.as_str()), (crisis.name.as_str(), "Су тасқыны"));
        assert!(notice.body.starts_with("Үйде болыңыз.\n") && notice.body.contains("+49300000000"), "{}", notice.body);
        let stale = broadcast(&service, &crisis).await.unwrap_err();
        assert_eq!(reason(&stale), ("ABORTED", "VERSION_CONFLICT"));

        let safe = CitizenReply { includes_family: true, note: "Бәріміз аманбыз".into(), ..own(&crisis, &assel, CrisisStatus::Safe) };
        let replied = send(&service, "reply-1", Reply::CitizenReply(safe.clone())).await.unwrap();
        assert_eq!((replied.status(), replied.replies.len()), (CrisisStatus::Safe, 1));
        assert_eq!(replied.replies[0].source(), CrisisReplySource::Portal);
        assert_eq!(replied.replies[0].note, "Бәріміз аманбыз");
        let repeated = send(&service, "reply-1", Reply::CitizenReply(safe.clone())).await.unwrap();
        assert_eq!(repeated, replied, "a repeated call gives the original result");
        let other = CitizenReply { status: CrisisStatus::NeedHelp.into(), ..safe };
        let reused = send(&service, "reply-1", Reply::CitizenReply(other)).await.unwrap_err();
        assert_eq!(reason(&reused), ("ALREADY_EXISTS", "REQUEST_ID_REUSED"));
        let seen = until_counts(&mut watched, (3, 1, 2, 0)).await;
        assert_eq!(seen.event, "crisis.reply_recorded");

        let (_, unanswered) = roll(&service, &crisis.name, &[CrisisStatus::Unanswered]).await;
        let names: Vec<&str> = unanswered.iter().map(|person| person.registration.as_str()).collect();
        assert_eq!(names, [student.name.as_str()]);
        let reached = json!({ "result": "NEED_HELP", "note": "Көлік жоқ" });
        let helped = by_officer(&service, &unanswered[0], &reached).await.unwrap();
        assert_eq!((helped.status(), helped.replies[0].source()), (CrisisStatus::NeedHelp, CrisisReplySource::Officer));
        assert!(helped.replies[0].validation_report.starts_with("validationReports/"));
        until_counts(&mut watched, (3, 0, 2, 1)).await;
    }

    async fn a_later_reply_supersedes_and_all_are_kept(service: Service) {
        let (_, assel) = register(&service, "assel", |_| ()).await;
        let crisis = opened(&service).await;
        let seen = of(&service, &crisis, &assel).await;
        send(&service, "", Reply::CitizenReply(own(&crisis, &assel, CrisisStatus::Safe))).await.unwrap();
        let unseen = by_officer(&service, &seen, &json!({ "result": "NEED_HELP" })).await.unwrap_err();
        assert_eq!(reason(&unseen), ("ABORTED", "VERSION_CONFLICT"), "the officer has not seen the citizen's reply");
        let seen = of(&service, &crisis, &assel).await;
        by_officer(&service, &seen, &json!({ "result": "NEED_HELP" })).await.unwrap();
        let last = send(&service, "", Reply::CitizenReply(own(&crisis, &assel, CrisisStatus::Safe))).await.unwrap();
        let statuses =
            |person: &CrisisPerson| person.replies.iter().map(CrisisReply::status).collect::<Vec<CrisisStatus>>();
        assert_eq!(statuses(&last), [CrisisStatus::Safe, CrisisStatus::Safe], "what officers noted is not the citizen's to see");
        assert_eq!(last.status(), CrisisStatus::Safe);
        let kept = of(&service, &crisis, &assel).await;
        assert_eq!(statuses(&kept), [CrisisStatus::Safe, CrisisStatus::NeedHelp, CrisisStatus::Safe]);
        assert_eq!(counts(&roll(&service, &crisis.name, &[]).await.0), (1, 0, 1, 0));
    }

    async fn who_is_not_registered_is_reported_by_an_officer(service: Service) {
        let crisis = opened(&service).await;
        assert_eq!(counts(&crisis), (0, 0, 0, 0));
        let walk_in = json!({ "crisis": crisis.name, "name": "ТӨЛЕУ АЙБЕК", "phone": "+77010000009", "whereabouts": "Hauptbahnhof" });
        let decision = json!({ "result": "SAFE", "walk_in": walk_in });
        let name = format!("crisisPersons/{}", Uuid::new_v4());
        let signed_act = act(&service, OFFICER, "RECORD_CRISIS_REPLY", &name, "0", &decision);
        let person = send(&service, "", Reply::SignedAct(signed_act.clone())).await.unwrap();
        assert_eq!((person.kind(), person.status()), (CrisisPersonKind::WalkIn, CrisisStatus::Safe));
        assert_eq!((person.name.as_str(), person.address.as_str()), (name.as_str(), "Hauptbahnhof"));
        assert_eq!(counts(&roll(&service, &crisis.name, &[]).await.0), (1, 0, 1, 0));
        let twice = send(&service, "", Reply::SignedAct(signed_act)).await.unwrap_err();
        assert_eq!(reason(&twice), ("ABORTED", "VERSION_CONFLICT"), "one act reports one person once");
        let later = by_officer(&service, &person, &json!({ "result": "NEED_HELP" })).await.unwrap();
        assert_eq!((later.status(), later.replies.len()), (CrisisStatus::NeedHelp, 2));
    }

    async fn who_registers_later_is_on_the_roll_at_the_next_message(service: Service) {
        let (_, assel) = register(&service, "assel", |_| ()).await;
        let crisis = opened(&service).await;
        send(&service, "", Reply::CitizenReply(own(&crisis, &assel, CrisisStatus::Safe))).await.unwrap();
        let (application, student) = register(&service, "student", |_| ()).await;
        let not_yet = send(&service, "", Reply::CitizenReply(own(&crisis, &student, CrisisStatus::Safe))).await;
        assert_eq!(reason(&not_yet.unwrap_err()), ("NOT_FOUND", "NOT_FOUND"));
        broadcast(&service, &crisis).await.unwrap();
        told(&service, &application.name, 1).await;
        assert_eq!(counts(&roll(&service, &crisis.name, &[]).await.0), (2, 1, 1, 0), "who has answered stays answered");
    }

    async fn a_watch_goes_on_where_it_broke_off(service: Service) {
        let (_, assel) = register(&service, "assel", |_| ()).await;
        let crisis = opened(&service).await;
        let mut watched = watch(&service, &crisis.name, "").await.unwrap();
        let token = until_counts(&mut watched, (1, 1, 0, 0)).await.resume_token;
        drop(watched);
        send(&service, "", Reply::CitizenReply(own(&crisis, &assel, CrisisStatus::Safe))).await.unwrap();
        let mut resumed = watch(&service, &crisis.name, &token).await.unwrap();
        let missed = next(&mut resumed).await.unwrap().unwrap();
        assert_eq!((missed.event.as_str(), missed.event_count), ("crisis.reply_recorded", 1));
        assert_eq!(counts(missed.crisis.as_ref().unwrap()), (1, 0, 1, 0));
        let other = opened(&service).await;
        let foreign = watch(&service, &other.name, &token).await.unwrap_err();
        assert_eq!(reason(&foreign), ("INVALID_ARGUMENT", "TOKEN_INVALID"));
    }

    async fn the_next_shift_finds_the_crises_the_latest_first(service: Service) {
        register(&service, "assel", |_| ()).await;
        let mut opened_in_turn = Vec::new();
        for _ in 0..3 {
            opened_in_turn.insert(0, opened(&service).await);
        }
        let all = crises(&service, 2, false).await;
        assert_eq!(all, opened_in_turn, "page by page, with title, roll and counts as in the roll");
        assert_eq!(counts(&all[0]), (1, 1, 0, 0));
        let unknown = ListCrisesRequest { page_token: Uuid::new_v4().to_string(), ..Default::default() };
        for request in [ListCrisesRequest { page_token: "2".to_owned(), ..Default::default() }, unknown] {
            let refused = refusal(answer(service.client.registrations().list_crises(request)).await.unwrap_err());
            assert_eq!(reason(&refused), ("INVALID_ARGUMENT", "TOKEN_INVALID"));
        }
    }

    async fn what_is_not_the_officers_is_refused(service: Service) {
        let (_, assel) = register(&service, "assel", |_| ()).await;
        let fresh = || format!("crises/{}", Uuid::new_v4());
        let foreign = open(&service, "officers/istanbul-officer", &fresh(), &berlin()).await.unwrap_err();
        assert_eq!(reason(&foreign), ("PERMISSION_DENIED", "OUT_OF_JURISDICTION"));
        let citizen = open(&service, "citizens/assel", &fresh(), &berlin()).await.unwrap_err();
        assert_eq!(reason(&citizen), ("PERMISSION_DENIED", "SIGNER_NOT_OFFICER"));
        let mut nowhere = berlin();
        nowhere["crisis"]["country"] = json!("AQ");
        let nowhere = open(&service, OFFICER, &fresh(), &nowhere).await.unwrap_err();
        assert_eq!(reason(&nowhere), ("INVALID_ARGUMENT", "FORM_INVALID"));
        assert_eq!(fields(&nowhere), ["decision.crisis.subdivisions[0]", "decision.crisis.country"]);
        let without_area = open(&service, OFFICER, &fresh(), &json!({ "result": "CRISIS_OPENED" })).await.unwrap_err();
        assert_eq!(fields(&without_area), ["decision.crisis"]);

        let crisis = opened(&service).await;
        let again = open(&service, OFFICER, &crisis.name, &berlin()).await.unwrap_err();
        assert_eq!(reason(&again), ("ABORTED", "VERSION_CONFLICT"));
        let seen = of(&service, &crisis, &assel).await;
        let istanbul = "officers/istanbul-officer";
        let signed_act =
            act(&service, istanbul, "RECORD_CRISIS_REPLY", &seen.name, &seen.etag, &json!({ "result": "SAFE" }));
        let foreign = send(&service, "", Reply::SignedAct(signed_act)).await.unwrap_err();
        assert_eq!(reason(&foreign), ("PERMISSION_DENIED", "OUT_OF_JURISDICTION"));
        let vague = own(&crisis, &assel, CrisisStatus::Unanswered);
        let vague = send(&service, "", Reply::CitizenReply(vague)).await.unwrap_err();
        assert_eq!(fields(&vague), ["citizen_reply.status"]);
    }
}
