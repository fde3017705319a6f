//! What officers and applicants do with an application between filing and its end, through gRPC.

mod deadlines;
mod papers;

use chrono::{DateTime, TimeDelta, Utc};
use consular_registration::grpc::client::{Refusal, answer};
use consular_registration::grpc::proto::resubmit_application_request::Signed as Resigned;
use consular_registration::grpc::proto::{
    Application, ApplicationState, ApproveApplicationRequest, AwaitedFrom, ClaimApplicationRequest,
    ForwardApplicationRequest, IssuePreliminaryRefusalRequest, ListApplicationsRequest, ListQueueRequest,
    RecordHearingRequest, RefuseApplicationRequest, ResubmitApplicationRequest, ReturnApplicationRequest,
    SetClockRequest, Urgency, VerifyEvidenceRequest, WithdrawApplicationRequest,
};
use consular_registration::pki::sha256;
use consular_registration::registration::form::{ApplicationForm, DocumentType, Kind};
use prost_types::Timestamp;
use serde_json::{Value, json};

use super::support::service::{Service, now, refusal};

/// Signs an act on the application as the person saw it.
fn signed(service: &Service, person: &str, seen: &Application, act: &str, decision: &Value) -> Vec<u8> {
    let act = json!({
        "act": act, "subject": seen.name, "etag": seen.etag, "decision": decision, "time": now().to_rfc3339(),
    });
    service.sandbox.sign(person, &serde_json::to_vec(&act).unwrap())
}

/// Calls the method that an act is for.
macro_rules! acting {
    ($($function:ident: $method:ident($request:ident) by $act:literal;)+) => {
        $(async fn $function(
            service: &Service,
            person: &str,
            seen: &Application,
            decision: Value,
        ) -> Result<Application, Refusal> {
            let signed_act = signed(service, person, seen, $act, &decision);
            let request = $request { request_id: String::new(), signed_act };
            match answer(service.client.reviews().$method(request)).await {
                Ok(response) => Ok(response.application.unwrap()),
                Err(error) => Err(refusal(error)),
            }
        })+
    };
}

acting! {
    claim: claim_application(ClaimApplicationRequest) by "CLAIM";
    send_back: return_application(ReturnApplicationRequest) by "RETURN";
    verify: verify_evidence(VerifyEvidenceRequest) by "VERIFY_EVIDENCE";
    approve: approve_application(ApproveApplicationRequest) by "APPROVE";
    announce: issue_preliminary_refusal(IssuePreliminaryRefusalRequest) by "PRELIMINARY_REFUSAL";
    record_hearing: record_hearing(RecordHearingRequest) by "RECORD_HEARING";
    refuse: refuse_application(RefuseApplicationRequest) by "REFUSE";
    forward: forward_application(ForwardApplicationRequest) by "FORWARD";
}

async fn withdraw(service: &Service, person: &str, seen: &Application) -> Result<Application, Refusal> {
    let signed_act = signed(service, person, seen, "WITHDRAW", &json!({ "result": "WITHDRAWN" }));
    let request = WithdrawApplicationRequest { request_id: String::new(), signed_act };
    match answer(service.client.applications().withdraw_application(request)).await {
        Ok(response) => Ok(response.application.unwrap()),
        Err(error) => Err(refusal(error)),
    }
}

async fn resubmit(service: &Service, citizen: &str, form: &ApplicationForm) -> Result<Application, Refusal> {
    let signed = Resigned::SignedApplication(service.sandbox.signed(citizen, form));
    let request = ResubmitApplicationRequest { request_id: String::new(), signed: Some(signed) };
    match answer(service.client.applications().resubmit_application(request)).await {
        Ok(response) => Ok(response.application.unwrap()),
        Err(error) => Err(refusal(error)),
    }
}

/// The next revision of a form.
fn revised(form: &ApplicationForm) -> ApplicationForm {
    let digest = hex::encode(sha256(&serde_json::to_vec(form).unwrap()));
    ApplicationForm { revision: form.revision + 1, previous_digest: Some(digest.parse().unwrap()), ..form.clone() }
}

/// An application that an officer has to look at: the document that it names is not a citizen's.
async fn in_review(service: &Service) -> (ApplicationForm, Application) {
    let mut form = service.sandbox.form("assel", Kind::Temporary);
    form.card.identity.document.as_mut().unwrap().document_type = Some(DocumentType::ResidencePermit);
    let accepted = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
    (form, service.reaches(&accepted.name, ApplicationState::InReview).await)
}

fn grounds() -> Value {
    json!({
        "ground": "UNRELIABLE_DOCUMENTS_OR_DATA",
        "reason_kk": "Құжат азаматтығын растамайды.",
        "reason_ru": "Документ не подтверждает гражданство.",
    })
}

/// A hearing that is held within the test, once its clock is set after it: see [`after_hearing`].
fn intention() -> Value {
    let hearing = json!({ "time": hearing().to_rfc3339(), "place": "Nordendstraße 14" });
    json!({ "result": "REFUSAL_INTENDED", "grounds": grounds(), "hearing": hearing })
}

fn hearing() -> DateTime<Utc> {
    now() + TimeDelta::minutes(1)
}

fn protocol() -> Value {
    json!({
        "place": "Berlin", "begin": (hearing() + TimeDelta::seconds(30)).to_rfc3339(),
        "end": (hearing() + TimeDelta::minutes(2)).to_rfc3339(), "body": "Embassy in Berlin",
        "official": "Consul", "secretary": "Attaché", "participant": "The applicant", "question": "Citizenship",
        "explanations": "A passport was shown.", "signed_by_chair": true, "signed_by_secretary": true,
    })
}

async fn after_hearing(service: &Service) {
    let time = hearing() + TimeDelta::minutes(3);
    set_clock(service, Timestamp { seconds: time.timestamp(), nanos: 0 }).await;
}

async fn set_clock(service: &Service, time: Timestamp) {
    answer(service.client.sandbox().set_clock(SetClockRequest { time: Some(time) })).await.unwrap();
}

const OFFICER: &str = "officers/berlin-officer";
const SUPERVISOR: &str = "officers/berlin-supervisor";

with_each_database! {
    async fn who_objects_with_success_is_registered(service: Service) {
        let officer = "officers/new-york-officer";
        let form = service.sandbox.form("daniyar", Kind::Permanent);
        let accepted = service.submit(service.sandbox.signed("daniyar", &form)).await.unwrap();
        let waiting = service.reaches(&accepted.name, ApplicationState::InReview).await;
        let due = waiting.due_time;
        assert_eq!(waiting.awaiting_from(), AwaitedFrom::Mission);
        let announced = announce(&service, officer, &waiting, intention()).await.unwrap();
        assert_eq!(announced.state(), ApplicationState::PreliminaryRefusal);
        assert_eq!((announced.due_time, announced.awaiting_from()), (None, AwaitedFrom::Applicant), "the clock is paused");
        assert_eq!(announced.awaiting_until, announced.refusal.as_ref().unwrap().objection_until);

        let approval = || json!({ "result": "APPROVED" });
        let early = approve(&service, officer, &announced, approval()).await.unwrap_err();
        assert_eq!(early.reason, "WRONG_STATE", "nobody decides before the hearing");
        let upheld = || json!({ "result": "OBJECTION_UPHELD", "protocol": protocol() });
        let early = record_hearing(&service, officer, &announced, upheld()).await.unwrap_err();
        assert_eq!(early.reason, "PROTOCOL_INCOMPLETE", "the hearing has not been held yet");
        after_hearing(&service).await;
        let heard = record_hearing(&service, officer, &announced, upheld()).await.unwrap();
        assert_eq!(heard.state(), ApplicationState::Heard);
        assert_eq!(heard.due_time, due, "paused and resumed on one day, the term ends when it did");
        assert_eq!(heard.refusal.as_ref().unwrap().objection_upheld, Some(true));

        let refused = json!({ "result": "REFUSED", "grounds": grounds() });
        let refused = refuse(&service, officer, &heard, refused).await.unwrap_err();
        assert_eq!(refused.reason, "HEARING_REQUIRED", "not after the objection was upheld");
        let verified = json!({ "result": "VERIFIED", "evidence": "DEPARTURE_DECISION" });
        let ready = verify(&service, officer, &heard, verified).await.unwrap();
        approve(&service, officer, &ready, approval()).await.unwrap();
        let completed = service.reaches(&waiting.name, ApplicationState::Completed).await;
        assert!(!completed.registration.is_empty());
        let told: Vec<String> =
            service.notifications(&waiting.name).await.into_iter().map(|notification| notification.kind).collect();
        let expected = ["APPLICATION_IN_REVIEW", "APPLICATION_REFUSAL_ANNOUNCED", "APPLICATION_HEARD", "APPLICATION_COMPLETED"];
        assert_eq!(told, expected);
    }

    async fn nobody_is_refused_unheard_and_before_the_term_for_objecting_is_over(service: Service) {
        let (_, waiting) = in_review(&service).await;
        let refused = json!({ "result": "REFUSED", "grounds": grounds() });
        let unheard = refuse(&service, OFFICER, &waiting, refused.clone()).await.unwrap_err();
        assert_eq!((unheard.code, unheard.reason.as_str()), ("FAILED_PRECONDITION", "HEARING_REQUIRED"));

        let mut baseless = intention();
        baseless["grounds"] = json!({ "ground": "TOO_MUCH_WORK", "reason_ru": "Много работы." });
        let baseless = announce(&service, OFFICER, &waiting, baseless).await.unwrap_err();
        assert_eq!(baseless.reason, "REFUSAL_GROUND_INVALID");
        let details = format!("{baseless:?}");
        assert!(details.contains("REASON_REQUIRED"), "all findings at once: {details}");

        let announced = announce(&service, OFFICER, &waiting, intention()).await.unwrap();
        let early = refuse(&service, SUPERVISOR, &announced, refused.clone()).await.unwrap_err();
        assert_eq!(early.reason, "OBJECTION_PERIOD_OPEN");

        let mut over = announced.refusal.as_ref().unwrap().objection_until.unwrap();
        over.seconds += 1;
        set_clock(&service, over).await;
        let mut another = refused.clone();
        another["grounds"]["ground"] = json!("NON_COMPLIANCE_WITH_RULES");
        let another = later(&service, SUPERVISOR, &announced, &another).await.unwrap_err();
        assert_eq!(another.reason, "HEARING_REQUIRED", "only on the ground that was announced");
        let same = later(&service, OFFICER, &announced, &refused).await.unwrap_err();
        assert_eq!(same.reason, "OTHER_OFFICER_REQUIRED");
        let ended = later(&service, SUPERVISOR, &announced, &refused).await.unwrap();
        assert_eq!(ended.state(), ApplicationState::Refused);
        assert!(ended.refusal.unwrap().reason.unwrap().ru.ends_with("Документ не подтверждает гражданство."));
        assert!(ended.complete_time.is_some() && ended.awaiting.is_none());
        assert_eq!(service.notifications(&ended.name).await.last().unwrap().kind, "APPLICATION_REFUSED");
    }

    async fn a_returned_application_is_mended_and_completes(service: Service) {
        let mut form = service.sandbox.form("assel", Kind::Temporary);
        let birth_place = form.card.identity.birth_place.take();
        let accepted = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
        let returned = service.reaches(&accepted.name, ApplicationState::Returned).await;
        assert_eq!(returned.awaiting_from(), AwaitedFrom::Applicant);

        let mut other = revised(&form);
        other.revision = 5;
        other.kind = Kind::Permanent;
        let unfit = resubmit(&service, "assel", &other).await.unwrap_err();
        let fields: Vec<&str> = unfit.fields.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!((unfit.code, fields), ("INVALID_ARGUMENT", vec!["revision", "kind"]));

        let mut mended = revised(&form);
        mended.card.identity.birth_place = birth_place;
        let again = resubmit(&service, "assel", &mended).await.unwrap();
        assert_eq!((again.revision, again.number.as_str()), (2, accepted.number.as_str()));
        let completed = service.reaches(&accepted.name, ApplicationState::Completed).await;
        let repeated = resubmit(&service, "assel", &mended).await.unwrap();
        assert_eq!(repeated, completed, "the same content again gives the same application");
        let late = resubmit(&service, "assel", &revised(&mended)).await.unwrap_err();
        assert_eq!(late.reason, "WRONG_STATE");
    }

    async fn what_an_officer_returned_comes_back_to_an_officer(service: Service) {
        let (form, waiting) = in_review(&service).await;
        let claimed = claim(&service, OFFICER, &waiting, json!({ "result": "CLAIMED" })).await.unwrap();
        let remarks = json!([{ "field": "card.identity.document.type", "kk": "Паспортты көрсетіңіз.", "ru": "Укажите паспорт." }]);
        let returned = send_back(&service, OFFICER, &claimed, json!({ "result": "RETURNED", "remarks": remarks })).await.unwrap();
        assert_eq!(returned.state(), ApplicationState::Returned);
        assert_eq!(returned.findings[0].remarks[0].field, "card.identity.document.type");

        let mut mended = revised(&form);
        mended.card.identity.document.as_mut().unwrap().document_type = Some(DocumentType::Passport);
        resubmit(&service, "assel", &mended).await.unwrap();
        let ready = loop {
            let seen = service.reaches(&waiting.name, ApplicationState::InReview).await;
            if seen.awaiting_from() == AwaitedFrom::Mission {
                break seen;
            }
        };
        approve(&service, OFFICER, &ready, json!({ "result": "APPROVED" })).await.unwrap();
        service.reaches(&waiting.name, ApplicationState::Completed).await;
    }

    async fn what_was_refuted_is_not_made_true_by_signing_again(service: Service) {
        let (form, waiting) = in_review(&service).await;
        let verified = json!({ "result": "VERIFIED", "evidence": "IDENTITY_DOCUMENT" });
        let verified = verify(&service, OFFICER, &waiting, verified).await.unwrap();
        let reasons: Vec<&str> = verified.findings.iter().map(|finding| finding.reason.as_str()).collect();
        assert_eq!(reasons, ["NOT_RK_CITIZEN"], "a true document of a foreigner makes nobody a citizen");

        let refuted = json!({ "result": "REFUTED", "evidence": "IDENTITY_DOCUMENT" });
        let refuted = verify(&service, OFFICER, &verified, refuted).await.unwrap();
        let remarks = json!([{ "field": "card", "kk": "Түзетіңіз.", "ru": "Исправьте." }]);
        let returned = json!({ "result": "RETURNED", "remarks": remarks });
        send_back(&service, OFFICER, &refuted, returned).await.unwrap();
        resubmit(&service, "assel", &revised(&form)).await.unwrap();
        let again = loop {
            let seen = service.reaches(&waiting.name, ApplicationState::InReview).await;
            if seen.awaiting_from() == AwaitedFrom::Mission {
                break seen;
            }
        };
        let reasons: Vec<&str> = again.findings.iter().map(|finding| finding.reason.as_str()).collect();
        assert_eq!(reasons, ["NOT_RK_CITIZEN", "IDENTITY_NOT_VERIFIED"]);
    }

    async fn an_application_whose_address_does_not_tell_the_mission_is_forwarded_by_an_officer_and_not_refused(service: Service) {
        let mut form = service.sandbox.form("assel", Kind::Temporary);
        // Germany is divided between two missions; one that is known to be competent gets the application without an officer.
        form.card.stay.host_address.as_mut().unwrap().subdivision = None;
        let accepted = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
        let waiting = service.reaches(&accepted.name, ApplicationState::InReview).await;
        assert_eq!(waiting.findings[0].reason, "WRONG_CONSULAR_DISTRICT");

        let nowhere = json!({ "result": "FORWARDED", "mission": "KZ-ZZ-ZZZ" });
        let nowhere = forward(&service, OFFICER, &waiting, nowhere).await.unwrap_err();
        assert_eq!(nowhere.fields[0].field, "decision.mission");
        let istanbul = json!({ "result": "FORWARDED", "mission": "KZ-TR-IST" });
        let forwarded = forward(&service, OFFICER, &waiting, istanbul).await.unwrap();
        assert_eq!((forwarded.mission.as_str(), forwarded.state()), ("KZ-TR-IST", ApplicationState::InReview));
        assert_eq!((forwarded.due_time, &forwarded.number), (waiting.due_time, &waiting.number), "the term runs on");

        let approval = || json!({ "result": "APPROVED" });
        let gone = approve(&service, OFFICER, &forwarded, approval()).await.unwrap_err();
        assert_eq!(gone.reason, "OUT_OF_JURISDICTION");
        let seen = service.reaches(&waiting.name, ApplicationState::InReview).await;
        let claimed = claim(&service, "officers/istanbul-officer", &seen, json!({ "result": "CLAIMED" })).await.unwrap();
        assert_eq!(claimed.mission, "KZ-TR-IST");
    }

    async fn only_the_applicant_takes_an_application_back(service: Service) {
        let (_, waiting) = in_review(&service).await;
        let stranger = withdraw(&service, "citizens/daniyar", &waiting).await.unwrap_err();
        assert_eq!((stranger.code, stranger.reason.as_str()), ("PERMISSION_DENIED", "SIGNER_MISMATCH"));
        let officer = withdraw(&service, OFFICER, &waiting).await.unwrap_err();
        assert_eq!(officer.reason, "SIGNER_MISMATCH", "it was not filed on paper");
        let withdrawn = withdraw(&service, "citizens/assel", &waiting).await.unwrap();
        assert_eq!(withdrawn.state(), ApplicationState::Withdrawn);
        let again = withdraw(&service, "citizens/assel", &withdrawn).await.unwrap_err();
        assert_eq!(again.reason, "WRONG_STATE");
    }

    async fn the_queue_shows_what_waits_and_who_examines_it(service: Service) {
        let (_, waiting) = in_review(&service).await;
        let queue = |mission: &str| {
            let request = ListQueueRequest { mission: mission.to_owned(), ..ListQueueRequest::default() };
            let mut client = service.client.reviews();
            async move { client.list_queue(request).await.unwrap().into_inner().entries }
        };
        let entries = queue("KZ-DE-BER").await;
        assert_eq!(entries.len(), 1);
        assert_eq!((entries[0].examined_by.as_str(), entries[0].application.as_ref()), ("", Some(&waiting)));
        assert!(queue("KZ-TR-IST").await.is_empty());

        let claimed = claim(&service, OFFICER, &waiting, json!({ "result": "CLAIMED" })).await.unwrap();
        let officer = hex::encode(service.sandbox.certificate(OFFICER).sha256());
        assert_eq!(queue("KZ-DE-BER").await[0].examined_by, officer);
        announce(&service, OFFICER, &claimed, intention()).await.unwrap();
        assert_eq!(queue("KZ-DE-BER").await[0].urgency(), Urgency::Paused);
    }
}

/// Refuses once the lists of the authority are those of the clock's new time.
async fn later(service: &Service, officer: &str, seen: &Application, decision: &Value) -> Result<Application, Refusal> {
    for _ in 0..100 {
        match refuse(service, officer, seen, decision.clone()).await {
            Err(refusal) if refusal.reason == "SIGNATURE_INVALID" => {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
            done => return done,
        }
    }
    refuse(service, officer, seen, decision.clone()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_protocol_names_every_item_that_it_lacks() {
    let service = Service::sqlite().await;
    let (_, waiting) = in_review(&service).await;
    let mut past = intention();
    past["hearing"]["time"] = json!("2026-03-20T09:00:00Z");
    let past = announce(&service, OFFICER, &waiting, past).await.unwrap_err();
    assert_eq!(past.reason, "HEARING_REQUIRED", "nobody is invited into the past");
    let announced = announce(&service, OFFICER, &waiting, intention()).await.unwrap();
    after_hearing(&service).await;
    let mut lacking = protocol();
    lacking.as_object_mut().unwrap().remove("secretary");
    lacking["end"] = json!("2026-03-20T08:00:00Z");
    lacking["signed_by_chair"] = json!(false);
    let dismissed = json!({ "result": "OBJECTION_DISMISSED", "protocol": lacking });
    let refused = record_hearing(&service, OFFICER, &announced, dismissed).await.unwrap_err();
    assert_eq!((refused.code, refused.reason.as_str()), ("FAILED_PRECONDITION", "PROTOCOL_INCOMPLETE"));
    let details = format!("{refused:?}");
    for item in ["secretary", "end", "signed_by_chair"] {
        assert!(details.contains(&format!("decision.protocol.{item}")), "{item} in {details}");
    }
    assert!(!details.contains("decision.protocol.place"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_of_applications_is_paged_and_filtered_by_state() {
    let service = Service::sqlite().await;
    let (_, waiting) = in_review(&service).await;
    let form = service.sandbox.form("daniyar", Kind::Permanent);
    let other = service.submit(service.sandbox.signed("daniyar", &form)).await.unwrap();
    service.reaches(&other.name, ApplicationState::InReview).await;
    let list = |states: Vec<i32>, page_size, page_token: &str| {
        let request =
            ListApplicationsRequest { states, page_size, page_token: page_token.to_owned(), ..Default::default() };
        let mut client = service.client.applications();
        async move { client.list_applications(request).await.map(tonic::Response::into_inner) }
    };
    let first = list(vec![ApplicationState::InReview.into()], 1, "").await.unwrap();
    assert_eq!(first.applications[0].name, waiting.name);
    let second = list(vec![ApplicationState::InReview.into()], 1, &first.next_page_token).await.unwrap();
    assert_eq!((second.applications[0].name.as_str(), second.next_page_token.as_str()), (other.name.as_str(), ""));
    assert!(list(vec![ApplicationState::Refused.into()], 0, "").await.unwrap().applications.is_empty());
    assert_eq!(list(vec![99], 0, "").await.unwrap_err().code(), tonic::Code::InvalidArgument);
    assert_eq!(list(vec![], 0, "no token").await.unwrap_err().code(), tonic::Code::InvalidArgument);
}
