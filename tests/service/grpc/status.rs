//! What callers are told when a call fails: a snapshot of every failure's status.

use std::fmt::Write;
use std::time::Duration;

use consular_registration::grpc::failure::Failure;
use consular_registration::grpc::reason::Reason;
use consular_registration::grpc::status;
use consular_registration::registration::decision::Awaiting;
use consular_registration::registration::rules::{Finding, Outcome, RefusalCode, Remark, Source, Stage};
use consular_registration::registration::{ApplicationState, FieldViolation, RegistrationState, Text, ViolationCode};
use consular_registration::signature::{Conclusion, FailedReason, IndeterminateReason};
use consular_registration::workflow::{Refusal, ResourceKind, TrustReason, Unusable, Verdict};
use tonic_types::StatusExt;
use uuid::Uuid;

use super::super::support::status::{localized, shown};

const REQUEST: Uuid = Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001);
const REPORT: Uuid = Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0002);

fn violations() -> Vec<FieldViolation> {
    vec![
        FieldViolation::new("card.stay.until", ViolationCode::BadFormat, "has to be a date"),
        FieldViolation::new("nickname", ViolationCode::UnknownField, "this version has no such field"),
    ]
}

fn finding(rule: &str, code: RefusalCode, remarks: &[&str]) -> Finding {
    let text = |text: &'static str| Text::fixed(text, text, text);
    Finding {
        rule: rule.to_owned(),
        stage: Stage::Admissibility,
        code,
        outcome: Outcome::NotMet(remarks.iter().map(|field| Remark::new(*field, text("wrong here"))).collect()),
        statement: text("the rule as a sentence"),
        citation: text("Act of 2016"),
        source: Source::OfficialPage,
    }
}

fn verdict(conclusion: Conclusion) -> Verdict {
    Verdict { report: REPORT, conclusion, trust_store_revision: 7 }
}

/// One of every kind; a new variant of [`Refusal`] or [`Failure`] has its place in the exhaustive match of the room itself.
fn failures() -> Vec<Failure> {
    let refusals = [
        Refusal::Fields(violations()),
        Refusal::FormNotCurrent(vec![FieldViolation::new(
            "audience",
            ViolationCode::WrongAudience,
            "this service is x",
        )]),
        Refusal::Signature(verdict(FailedReason::HashFailure.into())),
        Refusal::Signature(verdict(FailedReason::FormatFailure.into())),
        Refusal::Signature(verdict(FailedReason::SigCryptoFailure.into())),
        Refusal::Signature(verdict(IndeterminateReason::RevokedNoPoe.into())),
        Refusal::Signature(verdict(IndeterminateReason::TryLater.into())),
        Refusal::SeveralSigners(verdict(Conclusion::TotalPassed)),
        Refusal::NotAdmissible(vec![
            finding("ADM-SIGNER", RefusalCode::SignerMismatch, &[]),
            finding(
                "ADM-IIN-BIRTH",
                RefusalCode::IinBirthdateMismatch,
                &["card.identity.birth_date", "card.identity.sex"],
            ),
        ]),
        Refusal::SignerNotOfficer,
        Refusal::OutOfJurisdiction,
        Refusal::ActUnfit { code: RefusalCode::EvidenceRequired, explanation: "a document has to be named" },
        Refusal::WrongState { act: "approve", state: "COMPLETED".to_owned() },
        Refusal::StillAwaiting(vec![Awaiting::DepartureDecision, Awaiting::Identity]),
        Refusal::VersionConflict { current: "4".to_owned() },
        Refusal::Overtaken,
        Refusal::ApplicationIdReused,
        Refusal::RequestIdReused,
        Refusal::TrustEntryExists,
        Refusal::TrustChange { reason: TrustReason::CrlOlder, explanation: "the list held is newer".to_owned() },
        Refusal::EvidenceIncomplete(vec![
            Unusable { kind: "SIGNATURE", sha256: [1; 32], fault: "EVIDENCE_MISSING" },
            Unusable { kind: "POLICY", sha256: [2; 32], fault: "EVIDENCE_ALTERED" },
        ]),
        Refusal::ListTooLarge { most: 50_000 },
        Refusal::NotFound(ResourceKind::Application),
        Refusal::NotFound(ResourceKind::TrustAnchor),
        Refusal::BadToken,
        Refusal::NotSandbox,
        Refusal::Unavailable { what: "the database", retry_after: Duration::from_secs(2) },
        Refusal::JobAlreadyDone,
        Refusal::Internal("the secret text of a fault".to_owned()),
    ];
    let own = [
        Failure::Request(vec![FieldViolation::new("name", ViolationCode::BadFormat, "has to be applications/{uuid}")]),
        Failure::MethodUnknown,
        Failure::CallerUnknown,
        Failure::CallerNotAllowed,
        Failure::Overloaded,
        Failure::OutOfTime,
        Failure::MessageTooLarge,
        Failure::MessageMalformed,
        Failure::UploadTooLarge(1 << 26),
        Failure::UploadBroken,
        Failure::Interrupted,
        Failure::ExchangeInterrupted,
    ];
    refusals.into_iter().map(Failure::from).chain(own).collect()
}

#[test]
fn every_failure_has_its_code_and_details() {
    let mut text = String::new();
    for failure in failures() {
        writeln!(text, "{}", shown(&status::of(&failure, REQUEST))).unwrap();
    }
    assert!(!text.contains("secret"));
    insta::assert_snapshot!(text);
}

#[test]
fn details_stay_small_and_say_what_they_leave_out() {
    let long = "é".repeat(3000);
    let fields = (0..5000)
        .map(|at| FieldViolation::new(format!("card.field{at}"), ViolationCode::UnknownField, &*long))
        .collect();
    let rules =
        (0..500).map(|at| finding(&format!("RULE-{at}"), RefusalCode::CardIncomplete, &["a", "b", "c"])).collect();
    let failures = [
        Refusal::Fields(fields),
        Refusal::NotAdmissible(rules),
        Refusal::WrongState { act: "approve", state: long.clone() },
        Refusal::TrustChange { reason: TrustReason::CrlOlder, explanation: long },
        Refusal::Signature(verdict(FailedReason::HashFailure.into())),
    ];
    for failure in failures.map(Failure::from) {
        let status = status::of(&failure, REQUEST);
        // As it goes over the wire: base64 of the details, percent-encoded message.
        let header = status.details().len().div_ceil(3) * 4 + 3 * status.message().len();
        assert!(header < 8 << 10, "{header} octets for {failure}");
    }
    let many = Failure::Refused(Refusal::Fields(
        (0..1000).map(|at| FieldViolation::new(format!("f{at}"), ViolationCode::UnknownField, "x")).collect(),
    ));
    let details = status::of(&many, REQUEST).get_error_details();
    let list = &details.bad_request().unwrap().field_violations;
    let left_out = 1000 - (list.len() - 1);
    assert_eq!(list.last().unwrap().description, format!("and {left_out} more"));
}

#[test]
fn whatever_has_a_code_has_words_in_three_languages() {
    let of_law = RefusalCode::ALL.map(Reason::Law);
    let of_trust = TrustReason::ALL.map(Reason::Trust);
    let of_signatures = FailedReason::ALL.map(Conclusion::from).into_iter();
    let of_signatures = of_signatures.chain(IndeterminateReason::ALL.map(Conclusion::from)).map(Reason::Signature);
    let reasons = Reason::OWN.into_iter().chain(of_law).chain(of_trust).chain(of_signatures);
    let mut texts: Vec<(String, Text)> = Vec::new();
    for reason in reasons {
        let words = reason.words();
        texts.push((format!("{reason:?}, meaning"), words.meaning));
        texts.push((format!("{reason:?}, advice"), words.advice));
    }
    let of_applications = ApplicationState::ALL.map(|state| (state.to_string(), state.words()));
    let of_registrations = RegistrationState::ALL.map(|state| (state.to_string(), state.words()));
    for (state, words) in of_applications.into_iter().chain(of_registrations) {
        texts.push((format!("{state}, meaning"), words.meaning));
        texts.push((format!("{state}, advice"), words.advice));
    }
    texts.extend(ViolationCode::ALL.map(|code| (code.to_string(), code.text())));
    for (code, text) in texts {
        for sentence in [&text.kk, &text.ru, &text.en] {
            assert!(sentence.ends_with(['.', '!']) && sentence.chars().count() > 10, "{code}: {sentence}");
        }
        assert!(text.en.is_ascii(), "{code}: {}", text.en);
        assert!(text.kk != text.ru && !text.kk.is_ascii() && !text.ru.is_ascii(), "{code}");
        // Letters that Kazakh has and Russian does not, or the other way round.
        assert!(!text.ru.contains(['ә', 'ғ', 'қ', 'ң', 'ө', 'ұ', 'ү', 'һ', 'і']), "{code}: {}", text.ru);
    }
}

#[test]
fn words_for_people_fit_beside_a_long_list_and_say_how_many_are_missing() {
    let violation = |at: usize| FieldViolation::new(format!("card.field{at}"), ViolationCode::UnknownField, "x");
    let status = status::of(&Refusal::Fields((0..200).map(violation).collect()).into(), REQUEST);
    let list = localized(&status);
    assert!(!list.violations.is_empty());
    assert_eq!(list.violations.len() + list.left_out as usize, 200);
    assert_eq!(list.violations[0].field, "card.field0");
}
