//! Figures of a period by mission and kind.

use chrono::{DateTime, TimeDelta, Utc};
use consular_registration::grpc::client::{answer, timestamp};
use consular_registration::grpc::proto::{
    ApplicationState, ApproveApplicationRequest, GetApplicationRequest, GetStatisticsRequest, RegistrationKind,
    StatisticsRow, VerifyEvidenceRequest, WithdrawApplicationRequest,
};
use consular_registration::registration::form::{ApplicationType, Kind};
use consular_registration::sandbox::Form;
use serde_json::json;

use super::super::support::service::{Service, now, refusal};
use super::{act, clock, complete, fields, file, form, reason, register, set_clock};

async fn figures(service: &Service, start: DateTime<Utc>, end: DateTime<Utc>) -> Vec<StatisticsRow> {
    let request = GetStatisticsRequest {
        start_time: Some(timestamp(start)),
        end_time: Some(timestamp(end)),
        ..Default::default()
    };
    answer(service.client.registrations().get_statistics(request)).await.unwrap().rows
}

with_each_database! {
    async fn applications_are_counted_by_what_became_of_them_and_registrations_as_they_stood(service: Service) {
        let begin = clock(&service).await;
        register(&service, "assel", |_| ()).await;
        register(&service, "student", |_| ()).await;
        let mut incomplete = form(&service, "gost", ApplicationType::Register, now());
        incomplete.card.identity.birth_place = None;
        let filed = file(&service, "gost", &incomplete).await.unwrap();
        let returned = service.reaches(&filed.name, ApplicationState::Returned).await;
        let middle = clock(&service).await;
        let decision = json!({ "result": "WITHDRAWN" });
        let signed_act = act(&service, "citizens/gost", "WITHDRAW", &returned.name, &returned.etag, &decision);
        let request = WithdrawApplicationRequest { request_id: String::new(), signed_act };
        answer(service.client.applications().withdraw_application(request)).await.unwrap();
        complete(&service, "assel", &form(&service, "assel", ApplicationType::Deregister, now())).await;
        let end = clock(&service).await;

        let row = |filed, completed, returned, withdrawn, open_registrations| StatisticsRow {
            mission: "KZ-DE-BER".to_owned(),
            kind: RegistrationKind::Temporary.into(),
            filed,
            completed,
            refused: 0,
            returned,
            withdrawn,
            in_time: completed,
            late: 0,
            open_registrations,
        };
        assert_eq!(figures(&service, begin, middle).await, [row(3, 2, 1, 0, 2)]);
        assert_eq!(figures(&service, middle, end).await, [row(1, 1, 0, 1, 1)]);
        assert_eq!(figures(&service, begin, end).await, [row(4, 3, 1, 1, 1)]);
        assert_eq!(figures(&service, begin - TimeDelta::days(1), begin).await, []);

        let of = async |mission: &str, kind: RegistrationKind| {
            let (start_time, end_time) = (Some(timestamp(begin)), Some(timestamp(end)));
            let request = GetStatisticsRequest { start_time, end_time, mission: mission.into(), kind: kind.into() };
            answer(service.client.registrations().get_statistics(request)).await.unwrap().rows.len()
        };
        assert_eq!(of("KZ-DE-BER", RegistrationKind::Temporary).await, 1);
        assert_eq!(of("KZ-DE-BER", RegistrationKind::Permanent).await, 0);
        assert_eq!(of("KZ-TR-IST", RegistrationKind::Unspecified).await, 0);
    }

    async fn what_is_granted_after_the_term_is_late(service: Service) {
        let begin = clock(&service).await;
        let person = service.sandbox.person("daniyar");
        let permanent = Form::fresh(&person, Kind::Permanent, now()).unwrap().application;
        let filed = file(&service, "daniyar", &permanent).await.unwrap();
        service.reaches(&filed.name, ApplicationState::InReview).await;
        // The term is one working day: after a month it is over on any calendar.
        set_clock(&service, begin + TimeDelta::days(31)).await;
        let verified = json!({ "result": "VERIFIED", "evidence": "DEPARTURE_DECISION" });
        for (name, decision) in [("VERIFY_EVIDENCE", verified), ("APPROVE", json!({ "result": "APPROVED" }))] {
            let request = GetApplicationRequest { name: filed.name.clone() };
            let seen = answer(service.client.applications().get_application(request)).await.unwrap();
            let seen = seen.application.unwrap();
            loop {
                let officer = "officers/new-york-officer";
                let signed_act = act(&service, officer, name, &seen.name, &seen.etag, &decision);
                let mut reviews = service.client.reviews();
                let request_id = String::new();
                let done = match name {
                    "APPROVE" => {
                        answer(reviews.approve_application(ApproveApplicationRequest { request_id, signed_act }))
                            .await
                            .map(drop)
                    }
                    _ => answer(reviews.verify_evidence(VerifyEvidenceRequest { request_id, signed_act })).await.map(drop),
                };
                match done.map_err(refusal) {
                    Ok(()) => break,
                    // The authority's list for the new time is on its way.
                    Err(refused) if refused.code == "UNAVAILABLE" => {
                        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                    }
                    Err(other) => panic!("{other}"),
                }
            }
        }
        service.reaches(&filed.name, ApplicationState::Completed).await;
        let rows = figures(&service, begin, clock(&service).await).await;
        assert_eq!(rows.len(), 1);
        let row = &rows[0];
        assert_eq!((row.mission.as_str(), row.kind()), ("KZ-US-NYC", RegistrationKind::Permanent));
        assert_eq!((row.filed, row.completed, row.in_time, row.late), (1, 1, 0, 1));
    }

    async fn a_period_that_makes_no_sense_is_refused(service: Service) {
        let now = clock(&service).await;
        let ahead = now + TimeDelta::hours(1);
        let request = GetStatisticsRequest {
            start_time: Some(timestamp(ahead)),
            end_time: Some(timestamp(ahead)),
            ..Default::default()
        };
        let told = refusal(answer(service.client.registrations().get_statistics(request)).await.unwrap_err());
        assert_eq!(reason(&told), ("INVALID_ARGUMENT", "FORM_INVALID"));
        assert_eq!(fields(&told), ["end_time", "end_time"]);
    }
}
