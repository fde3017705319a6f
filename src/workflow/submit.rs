//! Filing: judge the signature, read the form from the verified bytes, ask the rules of admissibility, store, answer.

use std::sync::Arc;

use chrono::{DateTime, Datelike, Utc};
use serde_json::json;

use super::detail::StateDetail;
use super::facts::{Filing, due};
use super::outbox::job;
use super::papers::signer_name;
use super::verify::{Judged, Presented};
use super::{ApplicationView, Caller, Refusal, ResourceKind, Scope, Submission, Workflow};
use crate::pki::sha256;
use crate::pki::trust::Purpose;
use crate::registration::calendar::local_day;
use crate::registration::event::EventName;
use crate::registration::form::{self, ApplicationForm, header_violations, unknown_mission};
use crate::registration::mission::Mission;
use crate::registration::numbers::Series;
use crate::registration::rules::{Channel, EvidenceFacts, Facts, Finding, Signer, Stage, assess};
use crate::registration::{ApplicationState, FieldViolation, ViolationCode};
use crate::signature::Conclusion;
use crate::store::{NewApplication, NewEvent, NewSubmission, NumberSeries, SubmitOutcome, id_at};

/// Content that another caller has filed: told as if there were nothing, so that nobody learns of others' applications.
const ANOTHERS: Refusal = Refusal::NotFound(ResourceKind::Application);

impl Workflow {
    /// Files one signed application.
    ///
    /// # Errors
    /// See [`Refusal`]; whatever it is, nothing but the validation report is stored.
    pub async fn submit(&self, caller: &Caller, submission: Submission) -> Result<ApplicationView, Refusal> {
        let now = self.clock.now();
        let Submission { request_id, validate_only, signed } = submission;
        let judged = self.judge_filing(&Arc::new(Presented::form(signed)), caller, now).await?;
        let signer = self.only_signer(&judged);
        let Some(verified) = &judged.verified else {
            return self.not_passed(caller, judged).await;
        };
        let Some(signer) = signer else {
            let verdict = judged.verdict();
            self.store.record_report(judged.stored).await?;
            return Err(Refusal::SeveralSigners(verdict));
        };

        // Only here does a form come into being: from bytes that were verified.
        let form = match form::decode(verified.bytes()) {
            Ok(form) => form,
            Err(violations) => {
                self.store.record_report(judged.stored).await?;
                return Err(Refusal::of_form(violations));
            }
        };
        if form.revision != 1 {
            self.store.record_report(judged.stored).await?;
            let description = "a first filing has revision 1";
            return Err(Refusal::Fields(vec![FieldViolation::new("revision", ViolationCode::OutOfRange, description)]));
        }
        let content_digest = sha256(verified.bytes());
        let Some(mission) = self.missions().find(form.mission.as_str()).cloned() else {
            self.store.record_report(judged.stored).await?;
            return Err(Refusal::Fields(vec![unknown_mission()]));
        };
        if matches!(&caller.scope, Scope::Mission(own) if *own != form.mission.as_str()) {
            // A mission's system files for that mission, and could not see what it filed for another one.
            self.store.record_report(judged.stored).await?;
            return Err(Refusal::OutOfJurisdiction);
        }

        let iin_hash = self.store.iin_hash(&form.applicant.iin);
        let open = self.store.open_registration(iin_hash).await?;
        let channel = Channel::of(&signer);
        let entered_by = verified.signers().first().filter(|_| channel == Channel::Mission).and_then(signer_name);
        let evidence = EvidenceFacts::at_filing(&form, &signer);
        let facts = self.facts(&form, &mission, Filing { signer, channel, evidence }, open.as_ref(), now);
        if let Some(refusal) = self.inadmissible(&facts, now) {
            // What was filed in time stays filed: its repetition is answered although it could not be filed today.
            if let Some(original) = self.original(caller, &form, content_digest).await? {
                return Ok(original);
            }
            let anothers = self.store.is_filed_by_another(&caller.id, &content_digest).await?;
            self.store.record_report(judged.stored).await?;
            return Err(if anothers { ANOTHERS } else { refusal });
        }
        if validate_only {
            if self.store.is_filed_by_another(&caller.id, &content_digest).await? {
                self.store.record_report(judged.stored).await?;
                return Err(ANOTHERS);
            }
            let findings =
                [Stage::Deficiency, Stage::Decision].into_iter().flat_map(|stage| assess(stage, &facts, facts.today));
            let findings: Vec<Finding> = findings.filter(Finding::is_not_met).collect();
            let report = judged.id;
            self.store.record_report(judged.stored).await?;
            return Ok(ApplicationView::preview(&form, channel, caller, report, findings));
        }
        let form_bytes = verified.bytes().to_vec();
        let new = Filed {
            caller,
            form: &form,
            mission: &mission,
            channel,
            entered_by,
            evidence,
            content_digest,
            form_bytes,
            iin_hash,
            now,
        };
        let outcome = self.store.submit(new.submission(judged, request_id)?).await?;
        match outcome {
            SubmitOutcome::Accepted(record) | SubmitOutcome::Replayed(record) => self.view(record),
            SubmitOutcome::ApplicationIdReused => Err(Refusal::ApplicationIdReused),
            SubmitOutcome::RequestIdReused => Err(Refusal::RequestIdReused),
            SubmitOutcome::FiledByAnother => Err(ANOTHERS),
        }
    }

    /// Judges a filing by what applicants are trusted by, and an officer's by what officers are trusted by: also where an authority
    /// issues to officers only, so that nobody but a listed officer gets in by it. The report given back is the one that counts.
    pub(super) async fn judge_filing(
        &self,
        presented: &Arc<Presented>,
        caller: &Caller,
        now: DateTime<Utc>,
    ) -> Result<Judged, Refusal> {
        let by_officer = |judged: &Judged| self.only_signer(judged).is_some_and(|signer| signer.officer_of.is_some());
        let judged = self.judge(presented, Purpose::Applicants, caller, now).await?;
        if judged.verified.is_some() && !by_officer(&judged) {
            return Ok(judged);
        }
        if matches!(judged.report.conclusion, Conclusion::TotalFailed(_)) {
            // A broken signature is broken under whatever authority.
            return Ok(judged);
        }
        let as_officer = self.judge(presented, Purpose::Officers, caller, now).await?;
        Ok(if judged.verified.is_some() || by_officer(&as_officer) { as_officer } else { judged })
    }

    /// Who signed, when exactly one did.
    pub(super) fn only_signer(&self, judged: &Judged) -> Option<Signer> {
        match judged.verified.as_ref()?.signers() {
            [signer] => Some(self.signer(signer)),
            _ => None,
        }
    }

    /// The header first: a form for another service is told only that.
    pub(super) fn inadmissible(&self, facts: &Facts<'_>, now: DateTime<Utc>) -> Option<Refusal> {
        let violations = header_violations(facts.form, &self.audience, now);
        if !violations.is_empty() {
            return Some(Refusal::FormNotCurrent(violations));
        }
        let mut findings = assess(Stage::Admissibility, facts, facts.today);
        findings.retain(Finding::is_not_met);
        (!findings.is_empty()).then_some(Refusal::NotAdmissible(findings))
    }

    /// The signature does not hold now. The very message that was accepted from this caller before is still answered with the original
    /// result: a certificate revoked since then does not undo what was filed.
    async fn not_passed(&self, caller: &Caller, judged: Judged) -> Result<ApplicationView, Refusal> {
        if let Some(content_digest) = judged.report.content_digest.as_deref().and_then(decoded) {
            for record in self.store.applications_with_content(&caller.id, &content_digest).await? {
                let first = self.stored_report(record.report_id).await?;
                if first.is_some_and(|(_, first)| first.report.signature_digest == judged.report.signature_digest) {
                    return self.view(record);
                }
            }
        }
        let verdict = judged.verdict();
        self.store.record_report(judged.stored).await?;
        Err(Refusal::Signature(verdict))
    }

    async fn original(
        &self,
        caller: &Caller,
        form: &ApplicationForm,
        content_digest: [u8; 32],
    ) -> Result<Option<ApplicationView>, Refusal> {
        match self.store.application_of(&caller.id, form.application_id).await? {
            Some(record) if record.content_digest == content_digest => self.view(record).map(Some),
            Some(_) => Err(Refusal::ApplicationIdReused),
            None => Ok(None),
        }
    }
}

/// An admissible application about to be stored.
struct Filed<'a> {
    caller: &'a Caller,
    form: &'a ApplicationForm,
    mission: &'a Mission,
    channel: Channel,
    entered_by: Option<String>,
    evidence: EvidenceFacts,
    content_digest: [u8; 32],
    form_bytes: Vec<u8>,
    iin_hash: crate::store::IinHash,
    now: DateTime<Utc>,
}

impl Filed<'_> {
    fn submission(self, judged: Judged, request_id: Option<String>) -> Result<NewSubmission, Refusal> {
        let Self { caller, form, mission, channel, entered_by, evidence, content_digest, form_bytes, iin_hash, now } =
            self;
        let id = id_at(now);
        let year = local_day(now, mission.time_zone).year();
        let references = json!({ "validation_report": judged.id, "mission": mission.code, "kind": form.kind.as_str() });
        Ok(NewSubmission {
            application: NewApplication {
                id,
                caller: caller.id.clone(),
                application_id: form.application_id,
                content_digest,
                application_type: form.application_type.as_str().to_owned(),
                kind: form.kind.as_str().to_owned(),
                channel: channel.as_str().to_owned(),
                mission: mission.code.to_string(),
                language: form.language.as_str().to_owned(),
                state: ApplicationState::Accepted.as_str().to_owned(),
                state_detail: Some(StateDetail { evidence, entered_by, ..StateDetail::default() }.to_bytes()?),
                iin_hash,
                received_at: now,
                due_at: Some(due(mission, channel, now)),
                form: form_bytes,
            },
            series: NumberSeries { series: Series::Application.prefix(&mission.code), year },
            request_id,
            report: judged.stored.report,
            evidence: judged.stored.evidence,
            events: vec![NewEvent {
                subject_type: "APPLICATION",
                subject: id,
                kind: EventName::ApplicationAccepted.as_str().to_owned(),
                actor: caller.id.clone(),
                time: now,
                references,
            }],
            jobs: vec![job::decide(id, now)],
        })
    }
}

fn decoded(digest: &str) -> Option<[u8; 32]> {
    hex::decode(digest).ok()?.try_into().ok()
}
