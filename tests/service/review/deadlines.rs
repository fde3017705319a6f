//! The term of an application by the sandbox's clock: who is told when it is about to end, over, paused, or another mission's.

use std::time::{Duration, Instant};

use consular_registration::grpc::client::{answer, next};
use consular_registration::grpc::proto::{
    AcknowledgeNotificationRequest, ApplicationState, ListNotificationsRequest, ListQueueRequest, Notification,
    NotificationAudience, Urgency, WatchNotificationsRequest,
};
use consular_registration::registration::form::Kind;
use prost_types::Timestamp;
use serde_json::json;

use super::super::support::service::Service;
use super::{OFFICER, announce, approve, forward, in_review, intention, resubmit, revised, set_clock, verify};

async fn inbox(service: &Service, mission: &str) -> Vec<Notification> {
    let request = ListNotificationsRequest { parent: format!("missions/{mission}"), ..Default::default() };
    answer(service.client.notifications().list_notifications(request)).await.unwrap().notifications
}

/// The first thing that the mission's officers have not acknowledged.
async fn first_unread(service: &Service, mission: &str) -> Notification {
    let request = WatchNotificationsRequest { parent: format!("missions/{mission}"), ..Default::default() };
    let mut stream = answer(service.client.notifications().watch_notifications(request)).await.unwrap();
    next(&mut stream).await.unwrap().expect("the stream goes on").notification.unwrap()
}

/// Waits until the last thing that the mission was told is of that kind, and gives all kinds.
async fn told(service: &Service, mission: &str, kind: &str) -> Vec<String> {
    let begin = Instant::now();
    loop {
        let kinds: Vec<String> = inbox(service, mission).await.into_iter().map(|told| told.kind).collect();
        if kinds.last().is_some_and(|last| last == kind) {
            return kinds;
        }
        assert!(begin.elapsed() < Duration::from_mins(1), "{kinds:?} instead of {kind}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn reminded(service: &Service, application: &str) -> Notification {
    let begin = Instant::now();
    loop {
        let told = service.notifications(application).await;
        if let Some(reminder) = told.into_iter().find(|told| told.kind == "APPLICATION_HEARING_REMINDER") {
            return reminder;
        }
        assert!(begin.elapsed() < Duration::from_mins(1), "no reminder");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn later(time: Timestamp, seconds: i64) -> Timestamp {
    Timestamp { seconds: time.seconds + seconds, ..time }
}

const HOUR: i64 = 3600;

with_each_database! {
    async fn a_mission_is_told_before_a_term_ends_and_when_it_is_over(service: Service) {
        let (_, waiting) = in_review(&service).await;
        let due = waiting.due_time.unwrap();
        assert!(inbox(&service, "KZ-DE-BER").await.is_empty());
        set_clock(&service, later(due, -4 * HOUR)).await;
        assert_eq!(told(&service, "KZ-DE-BER", "APPLICATION_DUE_SOON").await.len(), 1);
        let request = ListQueueRequest { mission: "KZ-DE-BER".to_owned(), ..Default::default() };
        let queue = answer(service.client.reviews().list_queue(request)).await.unwrap();
        assert_eq!(queue.entries[0].urgency(), Urgency::DueSoon);

        set_clock(&service, later(due, 1)).await;
        assert_eq!(told(&service, "KZ-DE-BER", "APPLICATION_OVERDUE").await.len(), 2);
        let all = inbox(&service, "KZ-DE-BER").await;
        let audiences: Vec<_> = all.iter().map(Notification::audience).collect();
        assert_eq!(audiences, [NotificationAudience::Officers, NotificationAudience::OfficersAndSupervisor]);
        assert!(all.iter().all(|told| told.application == waiting.name && told.body.contains(&waiting.number)));
        let first = first_unread(&service, "KZ-DE-BER").await;
        assert_eq!(first, all[0]);
        let request = AcknowledgeNotificationRequest { name: first.name };
        answer(service.client.notifications().acknowledge_notification(request)).await.unwrap();
        assert_eq!(first_unread(&service, "KZ-DE-BER").await, all[1]);
        assert!(inbox(&service, "KZ-TR-IST").await.is_empty());
        let own = service.notifications(&waiting.name).await;
        assert!(own.iter().all(|told| told.audience() == NotificationAudience::Applicant), "{own:?}");
    }

    async fn a_term_that_stands_still_does_not_run_out_and_the_applicant_is_reminded_of_the_hearing(service: Service) {
        let (_, waiting) = in_review(&service).await;
        let announced = announce(&service, OFFICER, &waiting, intention()).await.unwrap();
        let until = announced.refusal.unwrap().objection_until.unwrap();
        set_clock(&service, later(until, -HOUR)).await;
        let reminder = reminded(&service, &waiting.name).await;
        assert!(reminder.body.contains("Nordendstraße 14"), "{}", reminder.body);
        // The jobs of the term were due before that of the hearing, and had nothing to tell.
        assert!(waiting.due_time.unwrap().seconds < until.seconds - HOUR);
        assert!(inbox(&service, "KZ-DE-BER").await.is_empty());
    }

    async fn the_term_of_what_was_forwarded_is_the_other_missions_to_keep(service: Service) {
        let (_, waiting) = in_review(&service).await;
        let istanbul = json!({ "result": "FORWARDED", "mission": "KZ-TR-IST" });
        let forwarded = forward(&service, OFFICER, &waiting, istanbul).await.unwrap();
        set_clock(&service, later(forwarded.due_time.unwrap(), 1)).await;
        assert_eq!(told(&service, "KZ-TR-IST", "APPLICATION_OVERDUE").await, ["APPLICATION_OVERDUE"]);
        assert!(inbox(&service, "KZ-DE-BER").await.is_empty());
    }

    async fn the_term_of_what_goes_elsewhere_once_it_is_mended_is_the_other_missions_to_keep(service: Service) {
        let mut form = service.sandbox.form("assel", Kind::Temporary);
        form.card.identity.birth_place = None;
        let accepted = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
        service.reaches(&accepted.name, ApplicationState::Returned).await;
        let mut form = revised(&form);
        form.card.identity.birth_place = service.sandbox.form("assel", Kind::Temporary).card.identity.birth_place;
        form.card.stay.host_country = Some("TR".parse().unwrap());
        form.card.stay.host_address.as_mut().unwrap().subdivision = Some("TR-34".parse().unwrap());
        resubmit(&service, "assel", &form).await.unwrap();
        let forwarded = service.watched(&accepted.name, |application| application.mission == "KZ-TR-IST").await;
        set_clock(&service, later(forwarded.due_time.unwrap(), 1)).await;
        told(&service, "KZ-TR-IST", "APPLICATION_OVERDUE").await;
        assert!(inbox(&service, "KZ-DE-BER").await.is_empty());
    }

    async fn nobody_is_told_of_the_term_of_what_is_decided(service: Service) {
        let officer = "officers/new-york-officer";
        let decided = service.sandbox.form("daniyar", Kind::Permanent);
        let decided = service.submit(service.sandbox.signed("daniyar", &decided)).await.unwrap();
        let waiting = service.reaches(&decided.name, ApplicationState::InReview).await;
        let verified = json!({ "result": "VERIFIED", "evidence": "DEPARTURE_DECISION" });
        let ready = verify(&service, officer, &waiting, verified).await.unwrap();
        approve(&service, officer, &ready, json!({ "result": "APPROVED" })).await.unwrap();
        service.reaches(&decided.name, ApplicationState::Completed).await;
        // Another one at another mission, whose term ends at that time or earlier, shows that the jobs ran.
        let (_, undecided) = in_review(&service).await;
        let due = undecided.due_time.unwrap().seconds.max(waiting.due_time.unwrap().seconds);
        set_clock(&service, Timestamp { seconds: due + 1, nanos: 0 }).await;
        told(&service, "KZ-DE-BER", "APPLICATION_OVERDUE").await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(inbox(&service, "KZ-US-NYC").await.is_empty());
    }
}
