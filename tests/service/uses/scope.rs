//! Who may look into which part of the register: by the calling system's certificate.

use chrono::TimeDelta;
use consular_registration::grpc::client::{Client, Refusal, answer, next, timestamp};
use consular_registration::grpc::proto::record_crisis_reply_request::Reply;
use consular_registration::grpc::proto::{
    AnnounceElectionRequest, ApplicationState, CitizenReply, Crisis, CrisisStatus, ExportElectoralRollRequest,
    GetCrisisRollRequest, GetStatisticsRequest, ListCrisesRequest, OpenCrisisRequest, RecordCrisisReplyRequest,
};
use consular_registration::registration::form::Kind;
use serde_json::json;
use uuid::Uuid;

use super::super::mutual_tls::Guarded;
use super::super::support::service::{now, reaches, refusal, submit};
use super::reason;

/// Assel, registered in Berlin through the portal: the name of her registration.
async fn registered(service: &Guarded, portal: &Client) -> String {
    let form = service.sandbox.form("assel", Kind::Temporary);
    let filed = submit(portal, service.sandbox.signed("assel", &form), "").await.unwrap();
    reaches(portal, &filed.name, ApplicationState::Completed).await.registration
}

async fn opened(service: &Guarded, caller: &Client) -> Result<Crisis, Refusal> {
    let title = json!({ "kk": "a", "ru": "a", "en": "a" });
    let decision = json!({ "result": "CRISIS_OPENED", "crisis": { "country": "DE", "title": title } });
    let subject = format!("crises/{}", Uuid::new_v4());
    let act = json!({ "act": "OPEN_CRISIS", "subject": subject, "etag": "0", "decision": decision, "time": now() });
    let signed_act = service.sandbox.sign("officers/berlin-officer", act.to_string().as_bytes());
    let request = OpenCrisisRequest { request_id: String::new(), signed_act };
    answer(caller.registrations().open_crisis(request)).await.map(|done| done.crisis.unwrap()).map_err(refusal)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mission_has_the_roll_of_its_own_electors_only() {
    let service = Guarded::start().await;
    registered(&service, &service.caller("portal").await.unwrap()).await;
    let export = async |caller: &str| {
        let request = ExportElectoralRollRequest {
            mission: "KZ-DE-BER".to_owned(),
            voting_day: "2026-11-20".to_owned(),
            cut_off_time: Some(timestamp(now() + TimeDelta::seconds(1))),
            ..Default::default()
        };
        let client = service.caller(caller).await.unwrap();
        let mut stream = answer(client.registrations().export_electoral_roll(request)).await.map_err(refusal)?;
        next(&mut stream).await.map_err(refusal)
    };
    assert!(export("berlin").await.unwrap().is_some());
    assert!(export("ministry").await.unwrap().is_some());
    assert_eq!(reason(&export("istanbul").await.unwrap_err()), ("PERMISSION_DENIED", "OUT_OF_JURISDICTION"));
    for stranger in ["portal", "auditor", "state-system"] {
        assert_eq!(reason(&export(stranger).await.unwrap_err()), ("PERMISSION_DENIED", "CALLER_NOT_ALLOWED"));
    }
    service.running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mission_sees_a_crisis_that_concerns_it_and_a_portal_answers_for_its_own_citizens() {
    let service = Guarded::start().await;
    let (portal, berlin) = (service.caller("portal").await.unwrap(), service.caller("berlin").await.unwrap());
    let registration = registered(&service, &portal).await;
    let foreign = opened(&service, &service.caller("istanbul").await.unwrap()).await.unwrap_err();
    assert_eq!(reason(&foreign), ("PERMISSION_DENIED", "OUT_OF_JURISDICTION"));
    let crisis = opened(&service, &berlin).await.unwrap();
    let roll = async |caller: &str| {
        let client = service.caller(caller).await.unwrap();
        let request = GetCrisisRollRequest { name: crisis.name.clone(), ..Default::default() };
        answer(client.registrations().get_crisis_roll(request)).await.map_err(refusal)
    };
    let seen = loop {
        let seen = roll("berlin").await.unwrap();
        if seen.crisis.as_ref().unwrap().roll_time.is_some() {
            break seen;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    assert_eq!(seen.persons.len(), 1);
    assert_eq!(roll("ministry").await.unwrap().persons, seen.persons);
    assert_eq!(reason(&roll("istanbul").await.unwrap_err()), ("NOT_FOUND", "NOT_FOUND"));
    let listed = async |caller: &str| {
        let client = service.caller(caller).await.unwrap();
        let found = answer(client.registrations().list_crises(ListCrisesRequest::default())).await;
        found.map(|found| found.crises).map_err(refusal)
    };
    for concerned in ["berlin", "ministry"] {
        let found = listed(concerned).await.unwrap();
        assert_eq!((found.len(), found[0].name.as_str()), (1, crisis.name.as_str()));
        assert_eq!(found[0].counts.unwrap().total, 1);
    }
    assert!(listed("istanbul").await.unwrap().is_empty());
    assert_eq!(reason(&listed("portal").await.unwrap_err()), ("PERMISSION_DENIED", "CALLER_NOT_ALLOWED"));
    assert_eq!(reason(&roll("portal").await.unwrap_err()), ("PERMISSION_DENIED", "CALLER_NOT_ALLOWED"));

    let reply = async |caller: &Client| {
        let reply = CitizenReply {
            crisis: crisis.name.clone(),
            registration: registration.clone(),
            status: CrisisStatus::Safe.into(),
            ..Default::default()
        };
        let request = RecordCrisisReplyRequest { request_id: String::new(), reply: Some(Reply::CitizenReply(reply)) };
        answer(caller.registrations().record_crisis_reply(request)).await.map_err(refusal)
    };
    for mission in ["istanbul", "berlin"] {
        let unsigned = reply(&service.caller(mission).await.unwrap()).await.unwrap_err();
        assert_eq!(
            reason(&unsigned),
            ("PERMISSION_DENIED", "SIGNER_NOT_OFFICER"),
            "what a mission knows an officer signs"
        );
    }
    assert_eq!(reply(&portal).await.unwrap().person.unwrap().replies[0].actor, "portal");
    service.running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_election_is_announced_through_the_officers_own_mission_or_the_ministry() {
    let service = Guarded::start().await;
    let announce = async |caller: &str| {
        let title = json!({ "kk": "a", "ru": "a", "en": "a" });
        let day = (now() + TimeDelta::days(30)).date_naive();
        let election = json!({ "title": title, "voting_day": day, "check_until": day });
        let act = json!({
            "act": "ANNOUNCE_ELECTION", "subject": format!("elections/{}", Uuid::new_v4()), "etag": "0",
            "decision": { "result": "ELECTION_ANNOUNCED", "election": election }, "time": now(),
        });
        let signed_act = service.sandbox.sign("officers/berlin-officer", act.to_string().as_bytes());
        let request = AnnounceElectionRequest { request_id: String::new(), signed_act };
        let client = service.caller(caller).await.unwrap();
        answer(client.registrations().announce_election(request)).await.map_err(refusal)
    };
    for allowed in ["berlin", "ministry"] {
        assert_eq!(announce(allowed).await.unwrap().election.unwrap().mission, "KZ-DE-BER");
    }
    assert_eq!(reason(&announce("istanbul").await.unwrap_err()), ("PERMISSION_DENIED", "OUT_OF_JURISDICTION"));
    for stranger in ["portal", "auditor"] {
        assert_eq!(reason(&announce(stranger).await.unwrap_err()), ("PERMISSION_DENIED", "CALLER_NOT_ALLOWED"));
    }
    service.running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mission_has_its_own_figures_only() {
    let service = Guarded::start().await;
    registered(&service, &service.caller("portal").await.unwrap()).await;
    let present = now() + TimeDelta::seconds(1);
    let rows = async |caller: &str, mission: &str| {
        let client = service.caller(caller).await.unwrap();
        let request = GetStatisticsRequest {
            start_time: Some(timestamp(now() - TimeDelta::hours(1))),
            end_time: Some(timestamp(present)),
            mission: mission.to_owned(),
            ..Default::default()
        };
        answer(client.registrations().get_statistics(request)).await.map(|found| found.rows.len()).map_err(refusal)
    };
    for all in ["berlin", "ministry", "auditor"] {
        assert_eq!(rows(all, "").await.unwrap(), 1, "{all}");
    }
    assert_eq!(rows("istanbul", "").await.unwrap(), 0);
    assert_eq!(rows("istanbul", "KZ-DE-BER").await.unwrap(), 0);
    assert_eq!(rows("portal", "").await.unwrap_err().code, "PERMISSION_DENIED");
    service.running.stop().await.unwrap();
}
