//! Every refusal that the procedure knows, reached through gRPC, with all that the service says of it.
//!
//! A stage has a snapshot; a section of it is headed by the code that it shows. What fails a call is shown as its status with google.rpc
//! details; what is recorded instead, as the finding that the application carries. Identifiers, digests and times are redacted.

mod acts;
mod admissibility;
mod decision;
mod deficiency;
mod register;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use consular_registration::grpc::proto::submit_application_request::Signed;
use consular_registration::grpc::proto::{
    AnnulRegistrationRequest, Application, ApplicationState, ApproveApplicationRequest, ClaimApplicationRequest,
    DeregisterRegistrationRequest, Finding, ForwardApplicationRequest, IssuePreliminaryRefusalRequest, LocalizedText,
    RecordHearingRequest, RefuseApplicationRequest, ReturnApplicationRequest, SubmitApplicationRequest,
    VerifyEvidenceRequest, WithdrawApplicationRequest,
};
use consular_registration::registration::form::ApplicationForm;
use serde_json::{Value, json};
use tonic::Status;
use tonic_types::StatusExt;

use super::support::service::{Service, now};
use super::support::status;

/// The sections of one snapshot.
#[derive(Default)]
struct Told(String);

impl Told {
    /// What a refused call was told; `code` is its reason, or one of its violations.
    fn status(&mut self, code: &str, when: &str, refused: &Status) {
        let details = refused.get_error_details();
        let reason = details.error_info().map(|info| info.reason.clone()).unwrap_or_default();
        let violations = details.precondition_failure().map(|failure| failure.violations.clone()).unwrap_or_default();
        let is_told = reason == code || violations.iter().any(|violation| violation.r#type == code);
        assert!(is_told, "{code} is not told: {refused:?}");
        self.section(code, when, &status::shown(refused));
    }

    /// What the application carries under `code`.
    fn finding(&mut self, code: &str, when: &str, application: &Application) {
        let found: Vec<&Finding> = application.findings.iter().filter(|finding| finding.reason == code).collect();
        assert!(!found.is_empty(), "{code} is not found: {application:?}");
        let state = application.state().as_str_name();
        let shown: String = found.into_iter().map(shown).collect();
        self.section(code, when, &format!("{state}\n{shown}"));
    }

    fn section(&mut self, code: &str, when: &str, text: &str) {
        writeln!(self.0, "{HEAD}{code}: {when}\n{}", redacted(text)).unwrap();
    }
}

/// What the head of a section begins with.
const HEAD: &str = "== ";

fn shown(finding: &Finding) -> String {
    let text = |text: &Option<LocalizedText>, indent: &str| {
        let text = text.clone().unwrap_or_default();
        format!("{indent}kk {}\n{indent}ru {}\n{indent}en {}\n", text.kk, text.ru, text.en)
    };
    let mut shown = format!("  Finding {} {} of {}\n", finding.outcome().as_str_name(), finding.reason, finding.rule);
    shown += &text(&finding.statement, "    ");
    writeln!(shown, "    {}", finding.citation.clone().unwrap_or_default().en).unwrap();
    for remark in &finding.remarks {
        writeln!(shown, "    Remark {}", remark.field).unwrap();
        shown += &text(&remark.text, "      ");
    }
    shown
}

/// What differs from run to run, by its shape: `0` stands for a digit, `x` for a hexadecimal digit, anything else for itself.
const SHAPES: [(&str, &str); 6] = [
    ("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", "{id}"),
    ("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "{digest}"),
    ("0000-00-00 00:00", "{time}"),
    ("0000-00-00", "{day}"),
    ("/0000/", "/{year}/"),
    ("revision = 0", "revision = {revision}"),
];

fn redacted(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let fits = |at: usize, shape: &str| {
        let mut rest = letters[at..].iter();
        shape.chars().all(|expected| match (expected, rest.next()) {
            (_, None) => false,
            ('0', Some(letter)) => letter.is_ascii_digit(),
            ('x', Some(letter)) => letter.is_ascii_hexdigit(),
            (_, Some(letter)) => *letter == expected,
        })
    };
    let (mut shown, mut at) = (String::new(), 0);
    while at < letters.len() {
        match SHAPES.into_iter().find(|(shape, _)| fits(at, shape)) {
            Some((shape, name)) => {
                shown += name;
                at += shape.len();
                // A number has as many digits as it has.
                while shape.ends_with('0') && letters.get(at).is_some_and(char::is_ascii_digit) {
                    at += 1;
                }
            }
            None => {
                shown.push(letters[at]);
                at += 1;
            }
        }
    }
    shown
}

/// Files what `signer` signed and tells how the call was refused.
async fn refused(service: &Service, signer: &str, form: &ApplicationForm) -> Status {
    refused_filing(service, service.sandbox.sign(signer, &serde_json::to_vec(form).unwrap())).await
}

async fn refused_filing(service: &Service, signed: Vec<u8>) -> Status {
    let signed = Some(Signed::SignedApplication(signed));
    let request = SubmitApplicationRequest { request_id: String::new(), validate_only: false, signed };
    service.client.applications().submit_application(request).await.expect_err("a refusal")
}

/// Files what `signer` signed and waits for `state`.
async fn filed(service: &Service, signer: &str, form: &ApplicationForm, state: ApplicationState) -> Application {
    let message = service.sandbox.sign(signer, &serde_json::to_vec(form).unwrap());
    let accepted = service.submit(message).await.expect("an admissible application");
    service.reaches(&accepted.name, state).await
}

/// A signed act on a resource as it was seen, sent to the method that it is for.
async fn act(
    service: &Service,
    signer: &str,
    (subject, etag): (&str, &str),
    name: &str,
    decision: Value,
) -> Result<(), Status> {
    let time = now().to_rfc3339();
    let act = json!({ "act": name, "subject": subject, "etag": etag, "decision": decision, "time": time });
    let signed_act = service.sandbox.sign(signer, &serde_json::to_vec(&act).unwrap());
    let request_id = String::new();
    let (mut reviews, mut registrations) = (service.client.reviews(), service.client.registrations());
    match name {
        "CLAIM" => reviews.claim_application(ClaimApplicationRequest { request_id, signed_act }).await.map(drop),
        "RETURN" => reviews.return_application(ReturnApplicationRequest { request_id, signed_act }).await.map(drop),
        "VERIFY_EVIDENCE" => reviews.verify_evidence(VerifyEvidenceRequest { request_id, signed_act }).await.map(drop),
        "APPROVE" => reviews.approve_application(ApproveApplicationRequest { request_id, signed_act }).await.map(drop),
        "PRELIMINARY_REFUSAL" => {
            let request = IssuePreliminaryRefusalRequest { request_id, signed_act };
            reviews.issue_preliminary_refusal(request).await.map(drop)
        }
        "RECORD_HEARING" => reviews.record_hearing(RecordHearingRequest { request_id, signed_act }).await.map(drop),
        "REFUSE" => reviews.refuse_application(RefuseApplicationRequest { request_id, signed_act }).await.map(drop),
        "FORWARD" => reviews.forward_application(ForwardApplicationRequest { request_id, signed_act }).await.map(drop),
        "WITHDRAW" => {
            let request = WithdrawApplicationRequest { request_id, signed_act };
            service.client.applications().withdraw_application(request).await.map(drop)
        }
        "DEREGISTER" => {
            let request = DeregisterRegistrationRequest { request_id, signed_act };
            registrations.deregister_registration(request).await.map(drop)
        }
        "ANNUL" => {
            registrations.annul_registration(AnnulRegistrationRequest { request_id, signed_act }).await.map(drop)
        }
        other => panic!("no method is for {other}"),
    }
}

/// As [`act`] on an application, which is then read again.
async fn done(service: &Service, signer: &str, seen: &Application, name: &str, decision: Value) -> Application {
    act(service, signer, (&seen.name, &seen.etag), name, decision).await.expect("an act that is allowed");
    super::support::service::application(&service.client, &seen.name).await.unwrap()
}

/// As [`act`] on an application, refused.
async fn denied(service: &Service, signer: &str, seen: &Application, name: &str, decision: Value) -> Status {
    act(service, signer, (&seen.name, &seen.etag), name, decision).await.expect_err("a refusal")
}

/// The codes that head the sections of the snapshots; each snapshot is compared with what the service says by the test of its stage.
fn reached() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/service/refusals/snapshots");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    let heads: Vec<String> = files.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    let code = |line: &String| Some(line.strip_prefix(HEAD)?.split_once(':')?.0.to_owned());
    heads.iter().filter_map(code).collect()
}

/// Words in capitals with an underscore: so the document writes its codes.
fn codes(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let is_code = |word: &&str| word.contains('_') && !word.contains(|letter: char| letter.is_ascii_lowercase());
    words.filter(is_code).map(str::to_owned).collect()
}

#[test]
fn every_code_of_the_procedures_rules_is_reached() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/procedure.md");
    let Ok(text) = std::fs::read_to_string(&document) else {
        eprintln!("SKIPPED: the procedure is not described at {}", document.display());
        return;
    };
    let rules = text.split("\n## ").find(|section| section.starts_with("Rules ")).expect("a section on rules");
    let wanted = codes(rules);
    assert!(wanted.len() >= 28, "{wanted:?}");
    let missing = &wanted - &reached();
    assert!(missing.is_empty(), "never reached: {missing:?}");
}
