//! A registration over the years: change, extension, the end of a stay by the sandbox's clock, transfer, certificate, annulment.

use super::super::support::service::{Service, now};
use super::{
    PATIENCE, annul, becomes, complete, ended_with, events, file, form, history, in_days, noon, noticed, reason,
    reasons, register, registration, set_clock, told, until,
};
use chrono::{Days, TimeDelta};
use consular_registration::grpc::client::answer;
use consular_registration::grpc::proto::{
    ApplicationState, DeregistrationGround, DocumentKind, ListRegistrationsRequest, RegistrationState,
};
use consular_registration::registration::form::{ApplicationForm, ApplicationType};
use std::time::{Duration, Instant};

with_each_database! {
    async fn a_change_writes_the_next_version_of_the_card(service: Service) {
        let last = in_days(100);
        let (_, opened) = register(&service, last).await;
        let mut change = until(&service, ApplicationType::Change, now(), last);
        change.card.contacts.phones = vec!["+77010000099".parse().unwrap()];
        let changed = complete(&service, &change).await;
        assert_eq!(changed.registration, opened.name);
        assert!(ended_with(&service, &changed.name).await.is_empty(), "a change is an entry in the register");
        let now_stands = registration(&service, &opened.name).await;
        assert_eq!((now_stands.card_version, now_stands.state()), (2, RegistrationState::Active));
        assert_eq!((now_stands.number, now_stands.valid_until), (opened.number, last.to_string()));
        let steps = history(&service, &opened.name).await;
        let steps: Vec<_> = steps.iter().map(|step| (step.event.as_str(), step.card_version)).collect();
        assert_eq!(steps, [("registration.opened", 1), ("registration.changed", 2)]);

        // Out of the district it is a transfer, and a longer stay is an extension.
        let mut moved = until(&service, ApplicationType::Change, now(), last);
        moved.card.stay.host_address.as_mut().unwrap().subdivision = Some("DE-HE".parse().unwrap());
        let moved = file(&service, &moved).await.unwrap();
        assert_eq!(reasons(&service.reaches(&moved.name, ApplicationState::Returned).await), ["TRANSFER_REQUIRED"]);
        let longer = file(&service, &until(&service, ApplicationType::Change, now(), in_days(101))).await.unwrap();
        assert_eq!(reasons(&service.reaches(&longer.name, ApplicationState::Returned).await), ["STAY_PERIOD_INVALID"]);
    }

    async fn an_extension_moves_the_end_and_brings_an_overdue_registration_back(service: Service) {
        let last = in_days(20);
        let (_, opened) = register(&service, last).await;
        let same = file(&service, &until(&service, ApplicationType::Extend, now(), last)).await.unwrap();
        assert_eq!(reasons(&service.reaches(&same.name, ApplicationState::Returned).await), ["STAY_PERIOD_INVALID"]);

        set_clock(&service, noon(last, 1)).await;
        becomes(&service, &opened.name, RegistrationState::Overdue).await;
        let later = last + Days::new(90);
        let extended = complete(&service, &until(&service, ApplicationType::Extend, noon(last, 1), later)).await;
        assert_eq!(ended_with(&service, &extended.name).await, [DocumentKind::NoticeOfTemporaryRegistration]);
        let stands = registration(&service, &opened.name).await;
        assert_eq!((stands.state(), stands.valid_until), (RegistrationState::Active, later.to_string()));

        // What was scheduled for the former stay does nothing any more: the grace period of it passes.
        set_clock(&service, noon(last, 40)).await;
        told(&service, &extended.name, "STAY_ENDING", 1).await;
        assert_eq!(registration(&service, &opened.name).await.state(), RegistrationState::Active);
        let steps = ["registration.opened", "registration.overdue", "registration.extended"];
        assert_eq!(events(&service, &opened.name).await, steps);
    }

    async fn a_stay_ends_with_reminders_and_without_an_extension_the_registration_ends_too(service: Service) {
        let last = in_days(90);
        let (application, opened) = register(&service, last).await;
        for (before, reminders) in [(60, 1), (30, 2), (7, 3), (0, 4)] {
            set_clock(&service, noon(last, -before)).await;
            told(&service, &application.name, "STAY_ENDING", reminders).await;
        }
        assert_eq!(registration(&service, &opened.name).await.state(), RegistrationState::Active);
        set_clock(&service, noon(last, 1)).await;
        becomes(&service, &opened.name, RegistrationState::Overdue).await;
        told(&service, &application.name, "STAY_ENDED", 1).await;
        set_clock(&service, noon(last, 30)).await;
        let certificate = file(&service, &form(&service, ApplicationType::Certificate, noon(last, 30))).await.unwrap();
        let returned = service.reaches(&certificate.name, ApplicationState::Returned).await;
        assert_eq!(reasons(&returned), ["STAY_PERIOD_INVALID"], "an overdue registration is extended first");
        set_clock(&service, noon(last, 31)).await;
        let ended = becomes(&service, &opened.name, RegistrationState::Deregistered).await;
        assert_eq!(ended.deregistration_ground(), DeregistrationGround::StayExpired);
        told(&service, &application.name, "REGISTRATION_DEREGISTERED", 1).await;
        told(&service, &application.name, "STAY_ENDING", 4).await;
        noticed(&service, &application.name).await;

        // The person may register anew.
        let anew = until(&service, ApplicationType::Register, noon(last, 31), last + Days::new(200));
        assert_ne!(complete(&service, &anew).await.registration, opened.name);
    }

    async fn what_was_missed_while_the_service_stood_still_happens_once_in_order(service: Service) {
        let last = in_days(90);
        let (application, opened) = register(&service, last).await;
        set_clock(&service, noon(last, 60)).await;
        becomes(&service, &opened.name, RegistrationState::Deregistered).await;
        let steps = ["registration.opened", "registration.overdue", "registration.deregistered"];
        assert_eq!(events(&service, &opened.name).await, steps);
        told(&service, &application.name, "STAY_ENDING", 0).await;
    }

    async fn a_transfer_opens_there_and_ends_here_and_both_sides_see_it(service: Service) {
        let (first, at_berlin) = register(&service, in_days(100)).await;
        let same_place = file(&service, &form(&service, ApplicationType::Transfer, now())).await.unwrap();
        let waiting = service.reaches(&same_place.name, ApplicationState::InReview).await;
        assert_eq!(reasons(&waiting), ["ALREADY_REGISTERED"]);

        let transfer: ApplicationForm =
            serde_json::from_slice(&std::fs::read(service.sandbox.file("forms/transfer.json")).unwrap()).unwrap();
        let moved = complete(&service, &transfer).await;
        let at_istanbul = registration(&service, &moved.registration).await;
        assert_eq!((at_istanbul.mission.as_str(), at_istanbul.state()), ("KZ-TR-IST", RegistrationState::Active));
        assert!(at_istanbul.number.starts_with("KZ-TR-IST/R/"), "{}", at_istanbul.number);
        let ended = registration(&service, &at_berlin.name).await;
        assert_eq!(ended.state(), RegistrationState::Deregistered);
        assert_eq!(ended.deregistration_ground(), DeregistrationGround::RegisteredElsewhere);
        assert_eq!(history(&service, &at_berlin.name).await[1].application, moved.name);
        told(&service, &first.name, "REGISTRATION_DEREGISTERED", 1).await;
        assert_eq!(ended_with(&service, &moved.name).await, [DocumentKind::NoticeOfTemporaryRegistration]);

        let list = async |request: ListRegistrationsRequest| {
            answer(service.client.registrations().list_registrations(request)).await.unwrap()
        };
        let open = ListRegistrationsRequest { state: RegistrationState::Active.into(), ..Default::default() };
        assert_eq!(list(open).await.registrations, [at_istanbul]);
        let berlin = ListRegistrationsRequest { mission: "KZ-DE-BER".into(), ..Default::default() };
        assert_eq!(list(berlin).await.registrations, [ended]);
        let first = list(ListRegistrationsRequest { page_size: 1, ..Default::default() }).await;
        let rest = ListRegistrationsRequest { page_token: first.next_page_token.clone(), ..Default::default() };
        let rest = list(rest).await;
        assert_eq!((first.registrations.len(), rest.registrations.len()), (1, 1));
        assert_eq!(rest.next_page_token, "");
    }

    async fn a_certificate_is_issued_to_who_is_registered(service: Service) {
        let early = file(&service, &form(&service, ApplicationType::Certificate, now())).await.unwrap();
        let waiting = service.reaches(&early.name, ApplicationState::InReview).await;
        assert_eq!(reasons(&waiting), ["NO_REGISTRATION"]);
        let (_, opened) = register(&service, in_days(100)).await;
        let certified = complete(&service, &form(&service, ApplicationType::Certificate, now())).await;
        assert_eq!(ended_with(&service, &certified.name).await, [DocumentKind::CertificateOfRegistration]);
        assert_eq!(certified.registration, opened.name);
        assert_eq!(registration(&service, &opened.name).await.etag, opened.etag, "a certificate changes nothing");
    }

    async fn an_annulled_registration_makes_room_for_another(service: Service) {
        let (application, opened) = register(&service, in_days(100)).await;
        let foreign = annul(&service, "istanbul-officer", &opened).await.unwrap_err();
        assert_eq!(reason(&foreign), ("PERMISSION_DENIED", "OUT_OF_JURISDICTION"));
        let annulled = annul(&service, "berlin-supervisor", &opened).await.unwrap();
        assert_eq!(annulled.state(), RegistrationState::Annulled);
        assert!(annulled.close_time.is_some());
        told(&service, &application.name, "REGISTRATION_ANNULLED", 1).await;
        register(&service, in_days(50)).await;
    }

    async fn a_card_that_has_not_changed_for_a_year_is_asked_about(service: Service) {
        let (application, _) = register(&service, in_days(500)).await;
        set_clock(&service, now() + TimeDelta::days(360)).await;
        told(&service, &application.name, "RECONFIRMATION_DUE", 0).await;
        set_clock(&service, now() + TimeDelta::days(370)).await;
        told(&service, &application.name, "RECONFIRMATION_DUE", 1).await;
    }

    async fn a_thousand_filings_for_one_person_leave_one_open_registration(service: Service) {
        let service = std::sync::Arc::new(service);
        let signed: Vec<Vec<u8>> = (0..1000)
            .map(|_| service.sandbox.signed("assel", &form(&service, ApplicationType::Register, now())))
            .collect();
        let mut calls = tokio::task::JoinSet::new();
        for message in signed {
            let service = std::sync::Arc::clone(&service);
            calls.spawn(async move {
                loop {
                    match service.submit(message.clone()).await {
                        Err(refused) if refused.code == "UNAVAILABLE" => {
                            tokio::time::sleep(Duration::from_millis(50)).await;
                        }
                        other => return other,
                    }
                }
            });
        }
        let (mut accepted, mut refused) = (Vec::new(), 0);
        for outcome in calls.join_all().await {
            match outcome {
                Ok(application) => accepted.push(application.name),
                Err(told) => {
                    assert_eq!(told.reason, "ALREADY_REGISTERED", "{told:?}");
                    refused += 1;
                }
            }
        }
        assert_eq!(accepted.len() + refused, 1000);
        let begin = Instant::now();
        let mut completed = 0;
        for name in &accepted {
            let state = loop {
                let found = super::super::support::service::application(&service.client, name).await.unwrap();
                if !matches!(found.state(), ApplicationState::Accepted) {
                    break found.state();
                }
                assert!(begin.elapsed() < 5 * PATIENCE, "{name} is not decided");
                tokio::time::sleep(Duration::from_millis(50)).await;
            };
            completed += usize::from(state == ApplicationState::Completed);
        }
        let open = ListRegistrationsRequest { page_size: 200, ..Default::default() };
        let open = answer(service.client.registrations().list_registrations(open)).await.unwrap().registrations;
        assert_eq!((completed, open.len()), (1, 1));
    }
}
