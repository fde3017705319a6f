//! Registrations, documents, notifications, trust: one aggregate at a time.

use chrono::TimeDelta;
use consular_registration::registration::RegistrationState;
use consular_registration::store::{
    ApplicationRecord, CardRecord, DocumentContent, DocumentNumber, DocumentState, EvidenceItem, EvidenceKind,
    NewDocument, NewNotification, NewRegistration, NumberSeries, RegistrationRecord, Store, StoreError, TrustCrlRecord,
    TrustEntryRecord, TrustJournalRecord, Unique,
};

use super::{IIN, NAME, TestDatabase, accepted, next_id, noon, on_both_databases};

fn notification(application: &ApplicationRecord, kind: &str, caller: &str) -> NewNotification {
    NewNotification {
        id: next_id(),
        caller: caller.to_owned(),
        application: application.id,
        kind: kind.to_owned(),
        version: 1,
        language: "kk".to_owned(),
        created_at: noon(),
        message: format!("Құрметті {NAME}").into_bytes(),
    }
}

fn document(application: &ApplicationRecord) -> NewDocument {
    NewDocument {
        id: next_id(),
        application: application.id,
        registration: None,
        kind: "E_NOTICE".to_owned(),
        version: 1,
        number: DocumentNumber::Next(NumberSeries { series: "NOTICE-KZ-DE-BER".to_owned(), year: 2026 }),
        reserved_at: noon(),
        facts: NAME.as_bytes().to_vec(),
    }
}

fn pdf() -> DocumentContent {
    DocumentContent { pdf: format!("%PDF {NAME} {IIN}").into_bytes(), seal: b"seal".to_vec() }
}

/// Takes an application through registration, document and notification.
pub async fn fill(store: &Store, application: &ApplicationRecord) -> RegistrationRecord {
    let mut tx = store.begin().await.unwrap();
    let number = tx.allocate_number(&NumberSeries { series: "R".to_owned(), year: 2026 }).await.unwrap();
    let registration = tx
        .insert_registration(NewRegistration {
            id: next_id(),
            number,
            iin_hash: application.iin_hash,
            kind: "TEMPORARY".to_owned(),
            mission: application.mission.clone(),
            application: application.id,
            registered_at: noon(),
            valid_until: "2027-08-28".parse().ok(),
            card: format!(r#"{{"name":"{NAME}","iin":"{IIN}"}}"#).into_bytes(),
        })
        .await
        .unwrap();
    let reserved = tx.reserve_document(document(application)).await.unwrap();
    tx.issue_document(reserved.id, [5; 32], &pdf(), noon()).await.unwrap();
    assert!(tx.insert_notification(notification(application, "DECIDED", "portal")).await.unwrap());
    tx.commit().await.unwrap();
    registration
}

fn entry() -> TrustEntryRecord {
    TrustEntryRecord {
        sha256: [1; 32],
        kind: "ANCHOR".to_owned(),
        purposes: vec!["APPLICANTS".to_owned(), "OFFICERS".to_owned()],
        state: "PREPARED".to_owned(),
        trusted_from: noon(),
        trusted_until: None,
        certificate: vec![0x30, 0],
        created_at: noon(),
        updated_at: noon(),
        version: 1,
    }
}

fn journal(revision: i64) -> TrustJournalRecord {
    TrustJournalRecord {
        revision,
        action: "IMPORT".to_owned(),
        entry: Some([1; 32]),
        kind: Some("ANCHOR".to_owned()),
        purposes: vec!["APPLICANTS".to_owned()],
        state: Some("PREPARED".to_owned()),
        actor: "administrator".to_owned(),
        time: noon(),
        note: "first start".to_owned(),
    }
}

on_both_databases! {
    async fn a_registration_is_found_by_its_person_until_it_ends(database: TestDatabase) {
        let store = &database.store;
        let application = accepted(store).await;
        let mut registration = fill(store, &application).await;
        let person = store.iin_hash(IIN);
        assert_eq!(store.open_registration(person).await.unwrap().as_ref(), Some(&registration));
        assert_eq!(store.registration_cards(registration.id).await.unwrap().len(), 1);

        registration.card_version = 2;
        registration.state = RegistrationState::Deregistered;
        registration.closed_at = Some(noon());
        registration.closing_ground = Some("OWN_APPLICATION".to_owned());
        let mut tx = store.begin().await.unwrap();
        let card = CardRecord {
            registration: registration.id,
            card_version: 2,
            application: application.id,
            recorded_at: noon(),
            card: b"{}".to_vec(),
        };
        tx.insert_card(card.clone()).await.unwrap();
        registration.version = tx.update_registration(&registration).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.open_registration(person).await.unwrap(), None);
        assert_eq!(store.registration(registration.id).await.unwrap(), Some(registration.clone()));
        assert_eq!(store.registration_card(registration.id, 2).await.unwrap(), Some(card));

        // The person may be registered again, once.
        let again = fill(store, &accepted(store).await).await;
        registration.state = RegistrationState::Active;
        let mut tx = store.begin().await.unwrap();
        let reopened = tx.update_registration(&registration).await;
        assert!(matches!(reopened, Err(StoreError::AlreadyExists(Unique::OpenRegistration))));
        drop(tx);
        assert_eq!(store.open_registration(person).await.unwrap(), Some(again));
    }

    async fn a_change_over_an_older_version_is_refused(database: TestDatabase) {
        let store = &database.store;
        let mut application = accepted(store).await;
        let stale = application.clone();
        application.state = "IN_REVIEW".to_owned();
        application.state_detail = None;
        application.updated_at = noon() + TimeDelta::seconds(5);
        let mut tx = store.begin().await.unwrap();
        application.version = tx.update_application(&application).await.unwrap();
        assert_eq!(tx.application(application.id).await.unwrap().as_ref(), Some(&application));
        tx.commit().await.unwrap();
        assert_eq!(application.version, 2);
        assert_eq!(store.application(application.id).await.unwrap(), Some(application));
        let mut tx = store.begin().await.unwrap();
        assert!(matches!(tx.update_application(&stale).await, Err(StoreError::VersionConflict)));
    }

    async fn a_document_keeps_its_number_and_is_issued_once(database: TestDatabase) {
        let store = &database.store;
        let application = accepted(store).await;
        let mut tx = store.begin().await.unwrap();
        let reserved = tx.reserve_document(document(&application)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((reserved.number.as_str(), reserved.state), ("NOTICE-KZ-DE-BER/2026/000001", DocumentState::Reserved));
        assert_eq!(store.document_content(reserved.id).await.unwrap(), None);
        assert_eq!(store.document_facts(reserved.id).await.unwrap(), Some(NAME.as_bytes().to_vec()));

        // The renderer died; the job runs again.
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.reserve_document(document(&application)).await.unwrap(), reserved);
        let issued = tx.issue_document(reserved.id, [5; 32], &pdf(), noon()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(issued.state, DocumentState::Issued);
        assert_eq!(issued.pdf_length, Some(pdf().pdf.len() as u64));
        assert_eq!(store.document_content(reserved.id).await.unwrap(), Some(pdf()));
        assert_eq!(store.document_by_number(&reserved.number).await.unwrap(), Some(issued.clone()));

        let mut tx = store.begin().await.unwrap();
        let later = noon() + TimeDelta::days(1);
        assert_eq!(tx.issue_document(reserved.id, [5; 32], &pdf(), later).await.unwrap(), issued);
        let other = tx.issue_document(reserved.id, [6; 32], &pdf(), later).await;
        assert!(matches!(other, Err(StoreError::DocumentIssued)));
        let none = tx.issue_document(next_id(), [6; 32], &pdf(), later).await;
        assert!(matches!(none, Err(StoreError::NotFound(_))));
        let given = DocumentNumber::Given(application.number.clone());
        let receipt = NewDocument { kind: "RECEIPT".to_owned(), number: given, ..document(&application) };
        assert_eq!(tx.reserve_document(receipt).await.unwrap().number, application.number);
    }

    async fn a_notification_is_made_once_and_read_by_its_caller_only(database: TestDatabase) {
        let store = &database.store;
        let application = accepted(store).await;
        for kind in ["ACCEPTED", "DECIDED"] {
            let mut tx = store.begin().await.unwrap();
            assert!(tx.insert_notification(notification(&application, kind, "portal")).await.unwrap());
            assert!(!tx.insert_notification(notification(&application, kind, "portal")).await.unwrap());
            tx.commit().await.unwrap();
            let mut tx = store.begin().await.unwrap();
            assert!(!tx.insert_notification(notification(&application, kind, "portal")).await.unwrap());
        }
        let all = store.notifications("portal", None, 0, 10).await.unwrap();
        assert_eq!(all.iter().map(|one| one.sequence).collect::<Vec<_>>(), [1, 2]);
        assert!(String::from_utf8_lossy(&all[0].message).contains(NAME));
        let rest = store.notifications("portal", Some(application.id), 1, 10).await.unwrap();
        assert_eq!(rest, all[1..]);
        assert!(store.notifications("other", None, 0, 10).await.unwrap().is_empty());
        assert_eq!(store.notification(all[0].id).await.unwrap().unwrap(), all[0]);

        let mut tx = store.begin().await.unwrap();
        tx.acknowledge_notification(all[0].id, noon()).await.unwrap();
        tx.acknowledge_notification(all[0].id, noon() + TimeDelta::days(1)).await.unwrap();
        tx.commit().await.unwrap();
        let read = store.notification(all[0].id).await.unwrap().unwrap();
        assert_eq!(read.acknowledged_at, Some(noon()));
    }

    async fn each_change_of_trust_is_one_revision(database: TestDatabase) {
        let store = &database.store;
        assert_eq!(store.trust_revision().await.unwrap(), 0);
        let mut entry = entry();
        let mut tx = store.begin().await.unwrap();
        tx.insert_trust_entry(&entry).await.unwrap();
        tx.append_trust_journal(&journal(1)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.trust_entries().await.unwrap(), std::slice::from_ref(&entry));

        for revision in [1, 3] {
            let mut tx = store.begin().await.unwrap();
            let refused = tx.append_trust_journal(&journal(revision)).await;
            assert!(matches!(refused, Err(StoreError::VersionConflict)));
        }
        entry.state = "ACTIVE".to_owned();
        let mut tx = store.begin().await.unwrap();
        let version = tx.update_trust_entry(&entry).await.unwrap();
        assert!(matches!(tx.update_trust_entry(&entry).await, Err(StoreError::VersionConflict)));
        tx.append_trust_journal(&journal(2)).await.unwrap();
        tx.commit().await.unwrap();
        entry.version = version;
        assert_eq!(store.trust_entry(&[1; 32]).await.unwrap(), Some(entry.clone()));
        assert_eq!(store.trust_revision().await.unwrap(), 2);
        assert_eq!(store.trust_journal(1, 10).await.unwrap(), [journal(2)]);
        let mut tx = store.begin().await.unwrap();
        assert!(matches!(tx.insert_trust_entry(&entry).await, Err(StoreError::AlreadyExists(Unique::TrustEntry))));
    }

    async fn a_large_list_is_stored_once_and_outlives_its_removal(database: TestDatabase) {
        let store = &database.store;
        let der = vec![0x5a; 21 << 20];
        let sha256 = *EvidenceItem::new(EvidenceKind::CertificateRevocationList, der.clone()).digest();
        let crl = TrustCrlRecord {
            sha256,
            issuer: "CN=CA".to_owned(),
            number: Some("0a".to_owned()),
            this_update: noon(),
            next_update: Some(noon() + TimeDelta::days(1)),
            purposes: vec!["APPLICANTS".to_owned()],
            imported_at: noon(),
        };
        let mut tx = store.begin().await.unwrap();
        tx.insert_trust_crl(&crl, der.clone()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.trust_crls().await.unwrap(), std::slice::from_ref(&crl));
        assert_eq!(store.trust_crl_der(&sha256).await.unwrap().as_ref(), Some(&der));
        let mut tx = store.begin().await.unwrap();
        tx.remove_trust_crl(&sha256).await.unwrap();
        tx.commit().await.unwrap();
        assert!(store.trust_crls().await.unwrap().is_empty());
        assert_eq!(store.evidence(&sha256).await.unwrap().unwrap().content.len(), der.len());

        let mut tx = store.begin().await.unwrap();
        let wrong = TrustCrlRecord { sha256: [0; 32], ..crl };
        assert!(matches!(tx.insert_trust_crl(&wrong, vec![1]).await, Err(StoreError::Corrupt(_))));
    }
}
