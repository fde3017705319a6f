//! Officers' acts: signed by the officer, bound to one version of one application.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

use super::decide::Case;
use super::officers::Duty;
use super::verify::Presented;
use super::{ApplicationView, Caller, Refusal, ResourceKind, Workflow};
use crate::pki::sha256;
use crate::pki::trust::Purpose;
use crate::registration::act::{self, Act, OfficerAct};
use crate::registration::decision::unmet;
use crate::registration::event::EventName;
use crate::registration::rules::Finding;
use crate::registration::{FieldViolation, ViolationCode};
use crate::store::{RequestKey, StoreError, Unique};

/// A clock may run ahead of ours by so much.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// The act that an RPC is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActKind {
    /// VerifyEvidence.
    VerifyEvidence,
    /// ApproveApplication.
    Approve,
}

impl ActKind {
    const fn method(self) -> &'static str {
        match self {
            Self::VerifyEvidence => "VerifyEvidence",
            Self::Approve => "ApproveApplication",
        }
    }

    const fn duty(self) -> Duty {
        match self {
            Self::VerifyEvidence => Duty::VerifyEvidence,
            Self::Approve => Duty::Approve,
        }
    }
}

impl Workflow {
    /// Carries out an officer's signed act.
    ///
    /// # Errors
    /// See [`Refusal`]; the report on the signature is stored in any case, and nothing else when refused.
    pub async fn act(
        &self,
        caller: &Caller,
        kind: ActKind,
        request_id: Option<String>,
        signed_act: Vec<u8>,
    ) -> Result<ApplicationView, Refusal> {
        let key = request_id.map(|request_id| RequestKey {
            caller: caller.id.clone(),
            method: kind.method().to_owned(),
            request_id,
            digest: sha256(&signed_act),
        });
        if let Some(answer) = self.repeated(caller, key.as_ref()).await? {
            return Ok(answer);
        }
        match self.act_once(caller, kind, key.as_ref(), signed_act).await {
            Ok(view) => Ok(view),
            // The same call made twice at once: whatever kept this one from coming first, it is answered like the other.
            Err(refusal) => self.repeated(caller, key.as_ref()).await?.ok_or(refusal),
        }
    }

    /// What a call of that request_id came to, if it was made before with the same content.
    async fn repeated(&self, caller: &Caller, key: Option<&RequestKey>) -> Result<Option<ApplicationView>, Refusal> {
        let Some(key) = key else { return Ok(None) };
        match self.store.request(key).await? {
            Some((digest, subject)) if digest == key.digest => self.application(caller, subject).await.map(Some),
            Some(_) => Err(Refusal::RequestIdReused),
            None => Ok(None),
        }
    }

    async fn act_once(
        &self,
        caller: &Caller,
        kind: ActKind,
        key: Option<&RequestKey>,
        signed_act: Vec<u8>,
    ) -> Result<ApplicationView, Refusal> {
        let now = self.clock.now();
        let presented = Arc::new(Presented::attached("signed_act", signed_act));
        let judged = self.judge(&presented, Purpose::Officers, caller, now).await?;
        let verdict = judged.verdict();
        self.store.record_report(judged.stored).await?;
        let Some(verified) = judged.verified else { return Err(Refusal::Signature(verdict)) };
        let [signer] = verified.signers() else { return Err(Refusal::SeveralSigners(verdict)) };
        let act = act::decode(verified.bytes()).map_err(Refusal::Fields)?;
        let meaning = fitting(kind, &act, now)?;
        let id = subject(&act)?;

        let record = self.store.application(id).await?.filter(|record| caller.may_see(record));
        let record = record.ok_or(Refusal::NotFound(ResourceKind::Application))?;
        let mission = self.mission_of_officer(signer, kind.duty()).ok_or(Refusal::SignerNotOfficer)?;
        if mission.as_str() != record.mission {
            return Err(Refusal::OutOfJurisdiction);
        }
        let mut case = self.case(id).await?;
        if act.etag.as_str() != case.record.version.to_string() {
            return Err(Refusal::VersionConflict { current: case.record.version.to_string() });
        }
        let officer = Officer { certificate: hex::encode(signer.certificate().sha256()), report: judged.id };
        self.carry_out(&mut case, meaning, &officer, key, now).await?;
        self.application(caller, id).await
    }

    async fn carry_out(
        &self,
        case: &mut Case<'_>,
        act: Act,
        officer: &Officer,
        key: Option<&RequestKey>,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        if case.record.registration_id.is_some() {
            // Granted: what remains is to end it, and nobody decides on it any more.
            return Err(Refusal::WrongState {
                act: "be acted on after its approval",
                state: case.record.state.clone(),
            });
        }
        let open = self.store.open_registration(case.record.iin_hash).await?;
        let application = case.application()?;
        let references = json!({ "validation_report": officer.report });
        let mut tx = self.store.begin().await?;
        if let Some(key) = key {
            tx.insert_request_key(key, case.record.id, now).await?;
        }
        match act {
            Act::VerifyEvidence { evidence, result } => {
                let verified = application.verify_evidence(evidence, result)?;
                if let Some(docket) = verified.docket() {
                    case.detail.evidence = docket.evidence;
                }
                let findings = self.findings(case, open.as_ref(), now);
                let review = verified.await_instead(unmet(&findings))?;
                if let crate::registration::Application::InReview { awaiting, .. } = &review {
                    case.detail.awaiting.clone_from(awaiting);
                }
                case.detail.findings = findings.into_iter().filter(Finding::is_not_met).collect();
                self.change(&mut tx, case, &review, now).await?;
                let event = EventName::ApplicationEvidenceVerified;
                tx.append_event(&case.event(event, &officer.certificate, now, references));
            }
            Act::Approve => {
                // The rules are asked anew: what was true at the last look may have changed.
                let findings = self.findings(case, open.as_ref(), now);
                application.await_instead(unmet(&findings))?.approve(now)?;
                tx.append_event(&case.event(EventName::ApplicationApproved, &officer.certificate, now, references));
                match self.grant(&mut tx, case, &officer.certificate, now).await {
                    // Opened meanwhile: the same act, sent again, is told what the review waits for now.
                    Err(StoreError::AlreadyExists(Unique::OpenRegistration)) => return Err(Refusal::Overtaken),
                    other => other?,
                }
            }
        }
        Ok(tx.commit().await?)
    }
}

/// The person who acts, without a name.
struct Officer {
    certificate: String,
    report: Uuid,
}

fn fitting(kind: ActKind, act: &OfficerAct, now: DateTime<Utc>) -> Result<Act, Refusal> {
    if act.time > now + CLOCK_TOLERANCE {
        let description = "the act was signed later than now";
        return Err(Refusal::FormNotCurrent(vec![FieldViolation::new(
            "time",
            ViolationCode::IssuedInFuture,
            description,
        )]));
    }
    let meaning = act.meaning().map_err(|violation| Refusal::Fields(vec![violation]))?;
    match (kind, meaning) {
        (ActKind::VerifyEvidence, Act::VerifyEvidence { .. }) | (ActKind::Approve, Act::Approve) => Ok(meaning),
        _ => {
            let description = "the signed act is for another call";
            Err(Refusal::Fields(vec![FieldViolation::new("act", ViolationCode::Inconsistent, description)]))
        }
    }
}

fn subject(act: &OfficerAct) -> Result<Uuid, Refusal> {
    let id = act.subject.as_str().strip_prefix("applications/").and_then(|id| id.parse().ok());
    id.ok_or_else(|| {
        let description = "has to be applications/{uuid}";
        Refusal::Fields(vec![FieldViolation::new("subject", ViolationCode::BadFormat, description)])
    })
}
