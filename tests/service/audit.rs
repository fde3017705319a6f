//! The audit trail through gRPC, on both databases: reads recorded before they are answered, transitions, and who may look.

use consular_registration::grpc::client::{answer, next};
use consular_registration::grpc::methods::METHODS;
use consular_registration::grpc::personal_reads::{IMPERSONAL_READS, PERSONAL_READS};
use consular_registration::grpc::proto::{
    ApplicationState, AuditEvent, AuditEventKind, GetApplicationRequest, ListApplicationsRequest,
    ListAuditEventsRequest, WatchNotificationsRequest,
};
use consular_registration::registration::form::Kind;
use consular_registration::store::{NewRead, Store, StoreKeys, StoreOptions};
use sea_orm::{ConnectionTrait, Database};
use tempfile::TempDir;
use uuid::Uuid;

use super::support::postgres;
use super::support::service::{Service, now, refusal};

async fn trail(service: &Service, kind: AuditEventKind, subject: &str) -> Vec<AuditEvent> {
    let mut all = Vec::new();
    let mut page_token = String::new();
    loop {
        let (kind, subject) = (kind.into(), subject.to_owned());
        let request = ListAuditEventsRequest { kind, subject, page_size: 3, page_token };
        let page = answer(service.client.audit().list_audit_events(request)).await.unwrap();
        all.extend(page.events);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return all;
        }
    }
}

fn actions(trail: &[AuditEvent]) -> Vec<&str> {
    trail.iter().map(|event| event.action.rsplit('/').next().unwrap()).collect()
}

with_each_database! {
    async fn a_read_stands_in_the_trail_with_who_what_and_which_call(service: Service) {
        let form = service.sandbox.form("assel", Kind::Temporary);
        let accepted = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
        let request = GetApplicationRequest { name: accepted.name.clone() };
        let response = service.client.applications().get_application(request).await.unwrap();
        let request_id = response.metadata().get("x-request-id").unwrap().to_str().unwrap().to_owned();
        let reads = trail(&service, AuditEventKind::Read, &accepted.name).await;
        let read = reads.iter().find(|read| read.request_id == request_id).expect("the read is recorded");
        assert_eq!(read.action, "/consular.registration.v1.ApplicationService/GetApplication");
        assert_eq!((read.actor.as_str(), &read.subjects), ("sandbox", &vec![accepted.name.clone()]));
        assert!(read.event_time.is_some());

        let missing = GetApplicationRequest { name: format!("applications/{}", Uuid::nil()) };
        service.client.applications().get_application(missing).await.unwrap_err();
        let nobody = trail(&service, AuditEventKind::Read, &format!("applications/{}", Uuid::nil())).await;
        assert!(nobody.is_empty(), "what was not shown is no read: {nobody:?}");
    }

    async fn a_list_shows_whom_it_lists_and_the_trail_has_no_gaps(service: Service) {
        let mut names = Vec::new();
        for citizen in ["assel", "student"] {
            let form = service.sandbox.form(citizen, Kind::Temporary);
            names.push(service.submit(service.sandbox.signed(citizen, &form)).await.unwrap().name);
        }
        answer(service.client.applications().list_applications(ListApplicationsRequest::default())).await.unwrap();
        trail(&service, AuditEventKind::Read, "").await;
        let reads = trail(&service, AuditEventKind::Read, "").await;
        let list = reads.iter().find(|read| read.action.ends_with("/ListApplications")).unwrap();
        let mut shown = list.subjects.clone();
        shown.sort();
        names.sort();
        assert_eq!(shown, names);
        assert!(actions(&reads).contains(&"ListAuditEvents"), "who reads the trail is in it");
        assert!(reads.iter().zip(1..).all(|(read, sequence)| read.sequence == sequence), "{reads:?}");
        let iin = service.sandbox.person("assel").iin;
        assert!(!format!("{reads:?}").contains(&iin));
    }

    async fn what_a_stream_shows_stands_in_the_trail_as_it_is_told(service: Service) {
        let form = service.sandbox.form("assel", Kind::Temporary);
        let accepted = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
        service.reaches(&accepted.name, ApplicationState::Completed).await;
        let request = WatchNotificationsRequest::default();
        let mut stream = answer(service.client.notifications().watch_notifications(request)).await.unwrap();
        let told = next(&mut stream).await.unwrap().unwrap().notification.unwrap();
        assert_eq!(told.application, accepted.name);
        let reads = trail(&service, AuditEventKind::Read, &accepted.name).await;
        assert!(actions(&reads).contains(&"WatchNotifications"), "{reads:?}");
    }

    async fn transitions_stand_in_the_trail_with_who_brought_them_about(service: Service) {
        let form = service.sandbox.form("assel", Kind::Temporary);
        let accepted = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
        service.reaches(&accepted.name, ApplicationState::Completed).await;
        let transitions = trail(&service, AuditEventKind::Transition, &accepted.name).await;
        assert_eq!(actions(&transitions), ["application.accepted", "application.completed"]);
        assert_eq!(transitions[0].actor, "sandbox");
        assert!(transitions[0].references.contains("validation_report"), "{transitions:?}");
    }

    async fn a_trail_has_to_be_named(service: Service) {
        let unnamed = answer(service.client.audit().list_audit_events(ListAuditEventsRequest::default())).await;
        assert_eq!(refusal(unnamed.unwrap_err()).fields[0].field, "kind");
        let kind = AuditEventKind::Read.into();
        let foreign = ListAuditEventsRequest { kind, subject: "trustAnchors/1".to_owned(), ..Default::default() };
        let foreign = answer(service.client.audit().list_audit_events(foreign)).await;
        assert_eq!(refusal(foreign.unwrap_err()).fields[0].field, "subject");
    }
}

#[test]
fn every_method_that_is_called_like_a_read_is_said_to_show_personal_data_or_none() {
    let is_read = |path: &str| {
        let name = path.rsplit('/').next().unwrap();
        ["Get", "List", "Watch", "Download", "Export", "Revalidate"].iter().any(|verb| name.starts_with(verb))
    };
    for method in METHODS.iter().filter(|method| is_read(method.path)) {
        let said = [PERSONAL_READS, IMPERSONAL_READS].iter().filter(|paths| paths.contains(&method.path)).count();
        assert_eq!(said, 1, "{} has to be in exactly one list of personal_reads.rs", method.path);
    }
    for path in PERSONAL_READS.iter().chain(IMPERSONAL_READS) {
        assert!(METHODS.iter().any(|method| method.path == *path), "{path} is no method");
    }
}

/// A stored read, and an attempt to change or remove it by SQL.
async fn is_only_added_to(url: &str) {
    let store =
        Store::open(url, &StoreKeys { sealing: [7; 32], index: [8; 32] }, &StoreOptions::default()).await.unwrap();
    store.migrate().await.unwrap();
    let subject = Uuid::new_v4();
    let read = NewRead {
        time: now(),
        caller: "portal".to_owned(),
        method: "/Get".to_owned(),
        request_id: Uuid::new_v4(),
        subjects: vec![("APPLICATION", subject), ("APPLICATION", subject)],
    };
    store.record_read(read).await.unwrap();
    let database = Database::connect(url).await.unwrap();
    for table in ["audit_reads", "audit_read_subjects"] {
        for statement in [format!("UPDATE {table} SET sequence = 9"), format!("DELETE FROM {table}")] {
            let refused = database.execute_unprepared(&statement).await.unwrap_err().to_string();
            assert!(refused.contains("the audit trail is only added to"), "{refused}");
        }
    }
    let kept = store.reads(Some(subject), 0, 10).await.unwrap();
    assert_eq!((kept.len(), kept[0].sequence, kept[0].subjects.len()), (1, 1, 1));
}

#[tokio::test]
async fn nobody_changes_the_trail_by_sql_on_sqlite() {
    let folder = TempDir::new().unwrap();
    is_only_added_to(&format!("sqlite://{}/trail.sqlite", folder.path().display())).await;
}

#[tokio::test]
async fn nobody_changes_the_trail_by_sql_on_postgres() {
    is_only_added_to(&postgres::new_database().await).await;
}
