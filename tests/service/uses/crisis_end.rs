//! The end of a crisis: who closes it, what is refused then, and what stays.

use consular_registration::grpc::client::{Refusal, answer, next};
use consular_registration::grpc::proto::record_crisis_reply_request::Reply;
use consular_registration::grpc::proto::{
    AuditEventKind, CloseCrisisRequest, Crisis, CrisisStatus, ListAuditEventsRequest,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::support::service::{Service, metadata, refusal};
use super::crisis::{OFFICER, berlin, broadcast, by_officer, counts, crises, of, open, opened, own, roll, send, watch};
use super::{act, fields, reason, register};

async fn close_with(service: &Service, request_id: &str, signed_act: Vec<u8>) -> Result<Crisis, Refusal> {
    let request = CloseCrisisRequest { request_id: request_id.to_owned(), signed_act };
    let answered = answer(service.client.registrations().close_crisis(request)).await;
    answered.map(|closed| closed.crisis.unwrap()).map_err(refusal)
}

fn closing(service: &Service, officer: &str, seen: &Crisis) -> Vec<u8> {
    act(service, officer, "CLOSE_CRISIS", &seen.name, &seen.etag, &json!({ "result": "CRISIS_CLOSED" }))
}

async fn close(service: &Service, officer: &str, seen: &Crisis) -> Result<Crisis, Refusal> {
    close_with(service, "", closing(service, officer, seen)).await
}

/// What has happened to a crisis, oldest first.
async fn events(service: &Service, crisis: &Crisis) -> Vec<String> {
    let kind = AuditEventKind::Transition.into();
    let request = ListAuditEventsRequest { kind, subject: crisis.name.clone(), ..Default::default() };
    let found = answer(service.client.audit().list_audit_events(request)).await.unwrap().events;
    found.into_iter().map(|event| event.action).collect()
}

with_each_database! {
    async fn in_a_closed_crisis_nothing_is_sent_or_recorded_and_the_roll_stays(service: Service) {
        let (_, assel) = register(&service, "assel", |_| ()).await;
        let crisis = opened(&service).await;
        send(&service, "", Reply::CitizenReply(own(&crisis, &assel, CrisisStatus::Safe))).await.unwrap();
        let signed = closing(&service, OFFICER, &crisis);
        let closed = close_with(&service, "once", signed.clone()).await.unwrap();
        assert_eq!((closed.etag.as_str(), closed.closed_by.clone()), ("2", crisis.opened_by.clone()));
        assert!(closed.close_time.unwrap().seconds >= closed.open_time.unwrap().seconds);
        assert_eq!(close_with(&service, "once", signed).await.unwrap(), closed, "a repeated call gives the original result");

        let seen = of(&service, &crisis, &assel).await;
        let walk_in = json!({ "result": "SAFE", "walk_in": { "crisis": crisis.name, "name": "ТӨЛЕУ АЙБЕК" } });
        let name = format!("crisisPersons/{}", Uuid::new_v4());
        let walk_in = act(&service, OFFICER, "RECORD_CRISIS_REPLY", &name, "0", &walk_in);
        let refused = [
            broadcast(&service, &closed).await.unwrap_err(),
            by_officer(&service, &seen, &json!({ "result": "NEED_HELP" })).await.unwrap_err(),
            send(&service, "", Reply::CitizenReply(own(&crisis, &assel, CrisisStatus::NeedHelp))).await.unwrap_err(),
            send(&service, "", Reply::SignedAct(walk_in)).await.unwrap_err(),
            close(&service, OFFICER, &closed).await.unwrap_err(),
        ];
        for refused in &refused {
            assert_eq!((reason(refused), metadata(refused, "state")), (("FAILED_PRECONDITION", "WRONG_STATE"), "CLOSED"));
        }
        let (kept, persons) = roll(&service, &crisis.name, &[]).await;
        assert_eq!((kept.close_time, counts(&kept)), (closed.close_time, (1, 0, 1, 0)));
        assert_eq!((persons.len(), persons[0].replies.len()), (1, 1));
    }

    async fn who_watches_is_told_the_end_and_who_looks_for_open_ones_finds_others(service: Service) {
        let (first, second) = (opened(&service).await, opened(&service).await);
        let mut watched = watch(&service, &first.name, "").await.unwrap();
        next(&mut watched).await.unwrap().unwrap();
        let closed = close(&service, OFFICER, &first).await.unwrap();
        let told = next(&mut watched).await.unwrap().unwrap();
        assert_eq!((told.event.as_str(), told.crisis.unwrap().close_time), ("crisis.closed", closed.close_time));
        let open = crises(&service, 1, true).await;
        assert_eq!((open.len(), &open[0]), (1, &second));
        assert_eq!(crises(&service, 1, false).await, [second, closed]);
    }

    async fn what_was_under_way_leaves_off(service: Service) {
        register(&service, "assel", |_| ()).await;
        let name = format!("crises/{}", Uuid::new_v4());
        let unmade = open(&service, OFFICER, &name, &berlin()).await.unwrap();
        close(&service, OFFICER, &unmade).await.unwrap();
        let untold = opened(&service).await;
        close(&service, OFFICER, &broadcast(&service, &untold).await.unwrap()).await.unwrap();
        // Whatever was still to be done for the two has been looked at when this one has its roll.
        opened(&service).await;
        for crisis in [unmade, untold] {
            let events = events(&service, &crisis).await;
            assert_eq!(events.last().unwrap(), "crisis.closed", "{events:?}");
        }
    }

    async fn a_crisis_is_closed_by_an_officer_concerned_who_saw_it_as_it_is(service: Service) {
        let crisis = opened(&service).await;
        let foreign = close(&service, "officers/istanbul-officer", &crisis).await.unwrap_err();
        assert_eq!(reason(&foreign), ("PERMISSION_DENIED", "OUT_OF_JURISDICTION"));
        let citizen = close(&service, "citizens/assel", &crisis).await.unwrap_err();
        assert_eq!(reason(&citizen), ("PERMISSION_DENIED", "SIGNER_NOT_OFFICER"));
        let unknown = Crisis { name: format!("crises/{}", Uuid::new_v4()), ..crisis.clone() };
        let unknown = close(&service, OFFICER, &unknown).await.unwrap_err();
        assert_eq!(reason(&unknown), ("NOT_FOUND", "NOT_FOUND"));
        let wrong = |decision: Value| act(&service, OFFICER, "CLOSE_CRISIS", &crisis.name, &crisis.etag, &decision);
        let other = close_with(&service, "", wrong(json!({ "result": "SAFE" }))).await.unwrap_err();
        assert_eq!(fields(&other), ["decision.result"]);
        let more = wrong(json!({ "result": "CRISIS_CLOSED", "includes_family": true }));
        assert_eq!(fields(&close_with(&service, "", more).await.unwrap_err()), ["decision.includes_family"]);

        broadcast(&service, &crisis).await.unwrap();
        let stale = close(&service, OFFICER, &crisis).await.unwrap_err();
        assert_eq!(reason(&stale), ("ABORTED", "VERSION_CONFLICT"), "the officer has not seen the message");
        let (seen, _) = roll(&service, &crisis.name, &[]).await;
        assert_eq!(close(&service, OFFICER, &seen).await.unwrap().etag, "3");
    }
}
