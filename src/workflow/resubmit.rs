//! Mending a returned application: a new revision of the form, signed anew, over the one before.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::acts::request_key;
use super::decide::Case;
use super::facts::Filing;
use super::outbox::job;
use super::verify::Presented;
use super::{ApplicationView, Caller, Refusal, ResourceKind, Signed, Workflow};
use crate::pki::sha256;
use crate::registration::event::EventName;
use crate::registration::form::{self, ApplicationForm};
use crate::registration::rules::{EvidenceFacts, Verification};
use crate::registration::{FieldViolation, Text, ViolationCode};
use crate::store::{ApplicationRecord, FormRecord, RequestKey};

impl Workflow {
    /// Takes the mended form of a returned application, and asks all rules again.
    ///
    /// # Errors
    /// See [`Refusal`]; whatever it is, nothing but the validation report is stored.
    pub async fn resubmit(
        &self,
        caller: &Caller,
        request_id: Option<String>,
        signed: Signed,
    ) -> Result<ApplicationView, Refusal> {
        let now = self.clock.now();
        let digest = match &signed {
            Signed::Attached(message) => sha256(message),
            Signed::Detached { content, signature } => sha256(&[&sha256(content)[..], &sha256(signature)[..]].concat()),
        };
        let key = request_key(caller, "ResubmitApplication", request_id, digest);
        if let Some(answer) = self.repeated(key.as_ref()).await? {
            return Ok(answer);
        }
        match self.resubmit_once(caller, key.as_ref(), signed, now).await {
            Ok(view) => Ok(view),
            Err(refusal) => self.repeated(key.as_ref()).await?.ok_or(refusal),
        }
    }

    async fn resubmit_once(
        &self,
        caller: &Caller,
        key: Option<&RequestKey>,
        form: Signed,
        now: DateTime<Utc>,
    ) -> Result<ApplicationView, Refusal> {
        let judged = self.judge_filing(&Presented::form(form).into(), caller, now).await?;
        let (signer, verdict, report) = (self.only_signer(&judged), judged.verdict(), judged.id);
        self.store.record_report(judged.stored).await?;
        let Some(verified) = judged.verified else { return Err(Refusal::Signature(verdict)) };
        let signer = signer.ok_or(Refusal::SeveralSigners(verdict))?;
        let form = form::decode(verified.bytes()).map_err(Refusal::of_form)?;
        let record = self.store.application_of(&caller.id, form.application_id).await?;
        let record = record.ok_or(Refusal::NotFound(ResourceKind::Application))?;
        let content_digest = sha256(verified.bytes());
        if record.content_digest == content_digest {
            return self.view(record);
        }
        let mut case = self.case(record.id).await?;
        let violations = unfit(&case.record, &case.form, &form);
        if !violations.is_empty() {
            return Err(Refusal::Fields(violations));
        }
        let evidence = EvidenceFacts::at_filing(&form, &signer);
        let evidence = still_refuted(evidence, &case, &form);
        let resubmitted = case.application()?.resubmit(evidence)?;
        let open = self.store.open_registration(record.iin_hash).await?;
        let filing = Filing { signer, channel: case.channel, evidence };
        let facts = self.facts(&form, &case.mission, filing, open.as_ref(), now);
        if let Some(refusal) = self.inadmissible(&facts, now) {
            return Err(refusal);
        }
        case.detail.findings.clear();
        case.detail.awaiting.clear();
        // What the registers said of the form before stays in the evidence; they are asked about this one.
        case.detail.consultation = None;
        case.record.revision += 1;
        case.record.content_digest = content_digest;
        case.record.report_id = report;

        let mut tx = self.store.begin().await?;
        tx.insert_request_key(key, record.id, now).await?;
        // First, so that of two at once the later one is told that it was overtaken.
        self.change(&mut tx, &mut case, &resubmitted, now).await?;
        tx.insert_form(FormRecord {
            application: record.id,
            revision: case.record.revision,
            content_digest,
            report_id: report,
            received_at: now,
            form: verified.bytes().to_vec(),
        })
        .await?;
        let references = json!({ "validation_report": report, "revision": case.record.revision });
        tx.append_event(&case.event(EventName::ApplicationResubmitted, &caller.id, now, references));
        tx.enqueue(vec![job::decide(record.id, now)]).await?;
        tx.commit().await?;
        // Not looked up as the caller's: it may have been forwarded to another mission.
        let record = self.store.application(record.id).await?;
        self.view(record.ok_or(Refusal::NotFound(ResourceKind::Application))?)
    }
}

/// What was refuted stays refuted, as long as the form rests it on the same.
fn still_refuted(evidence: EvidenceFacts, case: &Case, form: &ApplicationForm) -> EvidenceFacts {
    let (before, after) = (&case.form.card, &form.card);
    let keep = |was: Verification, is: Verification, same: bool| {
        if same && was == Verification::Refuted { was } else { is }
    };
    let was = case.detail.evidence;
    let same_document = before.identity.document == after.identity.document;
    EvidenceFacts {
        identity: keep(was.identity, evidence.identity, same_document),
        citizenship: keep(was.citizenship, evidence.citizenship, same_document),
        deregistration_ground: evidence.deregistration_ground,
        departure_decision: keep(
            was.departure_decision,
            evidence.departure_decision,
            before.departure_decision == after.departure_decision,
        ),
        representation: keep(
            was.representation,
            evidence.representation,
            case.form.representative == form.representative,
        ),
    }
}

/// In what the form is not the next revision of the one before.
fn unfit(record: &ApplicationRecord, before: &ApplicationForm, form: &ApplicationForm) -> Vec<FieldViolation> {
    const ANOTHER: Text = Text::fixed(
        "Өзгертуге болмайды: басқа өтініш беріңіз.",
        "Изменить нельзя: подайте другое заявление.",
        "cannot change: file another application",
    );
    let mut violations = Vec::new();
    let mut unless = |fits: bool, field: &str, description: Text| {
        if !fits {
            violations.push(FieldViolation::worded(field, ViolationCode::Inconsistent, description));
        }
    };
    let next = u32::try_from(record.revision).ok().and_then(|revision| revision.checked_add(1));
    let one_more = Text::fixed(
        "Алдыңғы нысанның нөмірінен бірге артық болуы тиіс.",
        "Должно быть на единицу больше, чем в предыдущей редакции.",
        "has to be one more than that of the form before",
    );
    unless(Some(form.revision) == next, "revision", one_more);
    let previous = form.previous_digest.as_ref().map(ToString::to_string);
    let is_previous = previous == Some(hex::encode(record.content_digest));
    let digest = Text::fixed(
        "Алдыңғы нысанның қол қойылған мазмұнының SHA-256 хеші болуы тиіс.",
        "Должен быть SHA-256 подписанного содержания предыдущей редакции.",
        "has to be the SHA-256 of the signed content of the revision before",
    );
    unless(is_previous, "previous_digest", digest);
    unless(form.application_type == before.application_type, "type", ANOTHER);
    unless(form.kind == before.kind, "kind", ANOTHER);
    let forwarded = Text::fixed(
        "Өзгертуге болмайды: өтінішті тиісті мекемеге мекеменің өзі береді.",
        "Изменить нельзя: заявление передаёт по принадлежности само загранучреждение.",
        "cannot change: the mission forwards it where it belongs",
    );
    unless(form.mission == before.mission, "mission", forwarded);
    unless(form.applicant == before.applicant, "applicant.iin", ANOTHER);
    let who = |form: &ApplicationForm| form.representative.as_ref().map(|person| (person.iin.clone(), person.kind));
    unless(who(form) == who(before), "representative", ANOTHER);
    violations
}
