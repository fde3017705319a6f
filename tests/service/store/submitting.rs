//! Submissions: what is stored, and what a repeated one gets.

use consular_registration::store::{
    ApplicationFilter, EvidenceItem, EvidenceKind, NewReport, ReportRecord, StoreError, SubmitOutcome, Unique,
};
use uuid::Uuid;

use super::{
    IIN, NAME, TestDatabase, accepted, accepted_of, fresh, new_report, noon, on_both_databases, running, submission,
};

on_both_databases! {
    async fn an_accepted_submission_is_read_back_whole(database: TestDatabase) {
        let store = &database.store;
        let mut committed = store.committed();
        committed.mark_unchanged();
        let new = fresh(store);
        let record = accepted_of(store.submit(new.clone()).await.unwrap());
        assert!(committed.has_changed().unwrap());

        assert_eq!(record.number, "KZ-DE-BER/2026/000001");
        assert_eq!((record.version, record.revision), (1, 1));
        assert_eq!(store.application(record.id).await.unwrap().as_ref(), Some(&record));
        assert_eq!(record.state_detail, new.application.state_detail);
        let form = store.application_form(record.id).await.unwrap().unwrap();
        assert_eq!((form.form, form.content_digest), (new.application.form, record.content_digest));
        assert_eq!(store.report(record.report_id).await.unwrap().unwrap(), new.report);

        let links = store.report_evidence(record.report_id).await.unwrap();
        assert_eq!(links.len(), 4);
        for (kind, digest) in links {
            let stored = store.evidence(&digest).await.unwrap();
            match kind {
                EvidenceKind::TrustStore => assert!(stored.is_none()),
                EvidenceKind::Policy => assert_eq!(stored.unwrap().content, b"the policy"),
                _ => assert!(!stored.unwrap().content.is_empty()),
            }
        }
        let events = store.events(Some(record.id), 0, 10).await.unwrap();
        assert_eq!(events.iter().map(|event| event.kind.as_str()).collect::<Vec<_>>(), ["ACCEPTED"]);
        assert_eq!(store.outbox_depth(noon()).await.unwrap().due, 1);
    }

    async fn lists_page_by_cursor_and_keep_to_their_filter(database: TestDatabase) {
        let store = &database.store;
        for _ in 0..5 {
            accepted(store).await;
        }
        let mut other = fresh(store);
        other.application.caller = "mission".to_owned();
        other.application.mission = "KZ-TR-IST".to_owned();
        accepted_of(store.submit(other).await.unwrap());

        let portal = ApplicationFilter { caller: Some("portal".to_owned()), ..ApplicationFilter::default() };
        let first = store.applications(&portal, None, 3).await.unwrap();
        let rest = store.applications(&portal, first.last().map(|record| record.id), 3).await.unwrap();
        assert_eq!((first.len(), rest.len()), (3, 2));
        assert!(first.last().unwrap().id < rest.first().unwrap().id);
        let istanbul = ApplicationFilter {
            mission: Some("KZ-TR-IST".to_owned()),
            states: vec!["ACCEPTED".to_owned()],
            ..ApplicationFilter::default()
        };
        assert_eq!(store.applications(&istanbul, None, 10).await.unwrap().len(), 1);
    }

    async fn the_same_content_again_is_the_original_result(database: TestDatabase) {
        let store = &database.store;
        let application_id = Uuid::new_v4();
        let mut first = submission(store, application_id, "content");
        first.request_id = Some("r1".to_owned());
        let record = accepted_of(store.submit(first).await.unwrap());

        for request_id in [None, Some("r1"), Some("r2")] {
            let mut again = submission(store, application_id, "content");
            again.request_id = request_id.map(str::to_owned);
            assert_eq!(store.submit(again).await.unwrap(), SubmitOutcome::Replayed(record.clone()));
        }
        assert_eq!(store.latest_event().await.unwrap(), 1, "a replay adds nothing");

        // The replay under r2 made r2 stand for that content.
        let mut other = fresh(store);
        other.request_id = Some("r2".to_owned());
        assert_eq!(store.submit(other).await.unwrap(), SubmitOutcome::RequestIdReused);
    }

    async fn other_content_under_the_same_keys_is_refused(database: TestDatabase) {
        let store = &database.store;
        let application_id = Uuid::new_v4();
        let mut first = submission(store, application_id, "content");
        first.request_id = Some("r1".to_owned());
        accepted_of(store.submit(first).await.unwrap());

        let other = submission(store, application_id, "other content");
        assert_eq!(store.submit(other).await.unwrap(), SubmitOutcome::ApplicationIdReused);
        let mut other = fresh(store);
        other.request_id = Some("r1".to_owned());
        assert_eq!(store.submit(other.clone()).await.unwrap(), SubmitOutcome::RequestIdReused);

        // Keys are a caller's own: another caller learns nothing and is not hindered.
        other.application.caller = "other".to_owned();
        accepted_of(store.submit(other).await.unwrap());
        let mut same_key = submission(store, application_id, "content of another");
        same_key.application.caller = "other".to_owned();
        let record = accepted_of(store.submit(same_key).await.unwrap());
        assert_eq!(running(&record.number), 3, "refused submissions take no number");
    }

    async fn content_that_one_caller_has_filed_no_other_caller_files_again(database: TestDatabase) {
        let store = &database.store;
        let application_id = Uuid::new_v4();
        let record = accepted_of(store.submit(submission(store, application_id, "content")).await.unwrap());
        let mut copied = submission(store, application_id, "content");
        copied.application.caller = "other".to_owned();
        assert_eq!(store.submit(copied.clone()).await.unwrap(), SubmitOutcome::FiledByAnother);
        assert!(store.is_filed_by_another("other", &record.content_digest).await.unwrap());
        assert!(!store.is_filed_by_another("portal", &record.content_digest).await.unwrap());

        // Also at once, in one group or in several.
        let application_id = Uuid::new_v4();
        let mut calls = tokio::task::JoinSet::new();
        for n in 0..40 {
            let mut new = submission(store, application_id, "content");
            new.application.caller = format!("caller-{n}");
            let store = store.clone();
            calls.spawn(async move { store.submit(new).await.unwrap() });
        }
        let outcomes = calls.join_all().await;
        let refused = outcomes.iter().filter(|outcome| **outcome == SubmitOutcome::FiledByAnother).count();
        let accepted = outcomes.iter().filter(|outcome| matches!(outcome, SubmitOutcome::Accepted(_))).count();
        assert_eq!((accepted, refused), (1, 39));
    }

    async fn one_submission_that_cannot_be_stored_fails_alone(database: TestDatabase) {
        let store = &database.store;
        let taken = accepted(store).await.report_id;
        let mut calls = tokio::task::JoinSet::new();
        for n in 0..40 {
            let mut new = fresh(store);
            if n % 10 == 0 {
                new.report.id = taken;
            }
            let store = store.clone();
            calls.spawn(async move { store.submit(new).await });
        }
        let mut numbers = Vec::new();
        let mut failures = 0;
        for outcome in calls.join_all().await {
            match outcome {
                Ok(outcome) => numbers.push(running(&accepted_of(outcome).number)),
                Err(StoreError::AlreadyExists(Unique::Other)) => failures += 1,
                Err(other) => panic!("{other}"),
            }
        }
        numbers.sort_unstable();
        assert_eq!(failures, 4);
        assert_eq!(numbers, (2..=37).collect::<Vec<_>>(), "no number is lost with a failure");
    }

    async fn a_report_on_its_own_is_stored_without_an_application(database: TestDatabase) {
        let store = &database.store;
        let mut report = new_report();
        report.indication = "TOTAL-FAILED".to_owned();
        report.sub_indication = Some("HASH_FAILURE".to_owned());
        let new = NewReport { report: report.clone(), evidence: Vec::new(), events: Vec::new() };
        store.record_report(new).await.unwrap();
        assert_eq!(store.report(report.id).await.unwrap(), Some(report));
    }

    async fn what_another_callers_report_rests_on_outlives_the_erased_one(database: TestDatabase) {
        let store = &database.store;
        let message = |text: &str| EvidenceItem::new(EvidenceKind::Signature, text.as_bytes().to_vec());
        let record = async |caller: &str, text: &str| {
            let report = ReportRecord { requested_by: caller.to_owned(), ..new_report() };
            let new = NewReport { report: report.clone(), evidence: vec![message(text)], events: Vec::new() };
            store.record_report(new).await.unwrap();
            report.id
        };
        let (filed, tried) = (record("portal", "one message").await, record("portal", "one message").await);
        let (judged, apart) = (record("court", "one message").await, record("portal", "another").await);
        let erase = async |report| {
            let mut tx = store.begin().await.unwrap();
            tx.erase_reports(vec![report]).await.unwrap();
            tx.commit().await.unwrap();
        };
        let is_kept = async |report| store.report(report).await.unwrap().is_some();
        let is_there = async |text| store.evidence(message(text).digest()).await.unwrap().is_some();
        erase(filed).await;
        assert!(!is_kept(filed).await && !is_kept(tried).await, "a trial by the same caller is the same affair");
        assert!(is_kept(judged).await && is_there("one message").await);
        assert!(is_kept(apart).await && is_there("another").await);
        erase(judged).await;
        assert!(!is_there("one message").await, "nobody needs it any more");
    }
}

#[tokio::test]
async fn the_database_file_holds_no_plaintext_of_a_person() {
    let database = TestDatabase::sqlite().await;
    let store = &database.store;
    let record = accepted(store).await;
    super::aggregates::fill(store, &record).await;
    store.close().await.unwrap();
    let folder = database.folder.as_ref().unwrap().path();
    let mut bytes = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        bytes.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("KZ-DE-BER/2026/000001"), "the search finds what is in the open");
    assert!(!holds(IIN));
    assert!(!holds(NAME));
    assert!(!holds("%PDF"));
}
