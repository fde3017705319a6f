//! What missions and citizens are told of a registration beyond its stay: transfers, and the end of the passport.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use consular_registration::grpc::client::answer;
use consular_registration::grpc::proto::{Document, DocumentKind, ListNotificationsRequest};
use consular_registration::registration::form::{ApplicationForm, ApplicationType};

use super::super::support::service::{Service, now};
use super::{PATIENCE, complete, in_days, noon, register, set_clock, told, until};

with_each_database! {
    async fn a_transfer_gives_the_former_mission_a_notice_and_tells_both(service: Service) {
        let (first, at_berlin) = register(&service, in_days(100)).await;
        let transfer: ApplicationForm =
            serde_json::from_slice(&std::fs::read(service.sandbox.file("forms/transfer.json")).unwrap()).unwrap();
        let moved = complete(&service, &transfer).await;
        let begin = Instant::now();
        let is_notice = |document: &Document| document.kind() == DocumentKind::TransferNotice;
        let notice = loop {
            if let Some(notice) = service.documents(&first.name).await.into_iter().find(is_notice) {
                break notice;
            }
            assert!(begin.elapsed() < PATIENCE, "no notice of the transfer");
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        assert!(notice.number.starts_with("KZ-TR-IST/D/"), "the new mission issues it: {}", notice.number);
        for (mission, application) in [("KZ-DE-BER", &first.name), ("KZ-TR-IST", &moved.name)] {
            let request = ListNotificationsRequest { parent: format!("missions/{mission}"), ..Default::default() };
            let told = answer(service.client.notifications().list_notifications(request)).await.unwrap().notifications;
            assert_eq!(told.len(), 1);
            assert_eq!((told[0].kind.as_str(), &told[0].application), ("REGISTRATION_TRANSFERRED", application));
            assert!(told[0].body.contains(&at_berlin.number) && told[0].body.contains("KZ-TR-IST/R/"), "{}", told[0].body);
        }
    }

    async fn a_citizen_is_reminded_before_the_passport_ends_and_not_of_one_that_was_replaced(service: Service) {
        let (stay, first, second) = (in_days(900), in_days(200), in_days(700));
        let with_passport_until = |application_type, until_day| {
            let mut form = until(&service, application_type, now(), stay);
            form.card.identity.document.as_mut().unwrap().valid_until = Some(until_day);
            form
        };
        let application = complete(&service, &with_passport_until(ApplicationType::Register, first)).await;
        set_clock(&service, noon(first, -180)).await;
        told(&service, &application.name, "PASSPORT_EXPIRING", 1).await;
        let mut change = with_passport_until(ApplicationType::Change, second);
        change.issued_at = noon(first, -180);
        change.expires_at = change.issued_at + TimeDelta::days(30);
        let changed = complete(&service, &change).await;
        set_clock(&service, noon(second, -180)).await;
        told(&service, &changed.name, "PASSPORT_EXPIRING", 1).await;
        told(&service, &application.name, "PASSPORT_EXPIRING", 1).await;
    }
}
