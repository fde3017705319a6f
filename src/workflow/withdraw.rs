//! Taking an application back: the applicant's own act, or, for one filed on paper, that of an officer of the mission it was filed at.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::decide::Case;
use super::facts::Filing;
use super::officers::Duty;
use super::verify::Presented;
use super::{ApplicationView, Caller, Refusal, ResourceKind, Workflow};
use crate::registration::act::ActName;
use crate::registration::event::{EventName, NotificationKind};
use crate::registration::form::RepresentativeKind;
use crate::registration::rules::{Channel, Verification};
use crate::signature::VerifiedSigner;
use crate::store::RequestKey;

impl Workflow {
    pub(super) async fn withdraw(
        &self,
        presented: &Arc<Presented>,
        caller: &Caller,
        key: Option<&RequestKey>,
        now: DateTime<Utc>,
    ) -> Result<ApplicationView, Refusal> {
        let judged = self.judge_filing(presented, caller, now).await?;
        let (act, verdict) = self.read_act(judged, ActName::Withdraw, now).await?;
        let signer = act.signer(&verdict)?;
        let id = act.subject("applications")?;
        self.visible(caller, id).await?;
        let mut case = self.case(id).await?;
        if !self.may_withdraw(&case, signer, now) {
            return Err(Refusal::SignerNotApplicant);
        }
        act.expects(case.record.version)?;
        if case.record.registration_id.is_some() {
            let act = "be withdrawn after it was granted";
            return Err(Refusal::WrongState { act, state: case.record.state.clone() });
        }
        let withdrawn = case.application()?.withdraw()?;
        case.detail.awaiting.clear();
        case.detail.findings.clear();
        case.record.due_at = None;

        let mut tx = self.store.begin().await?;
        tx.insert_request_key(key, id, now).await?;
        self.change(&mut tx, &mut case, &withdrawn, now).await?;
        let references = json!({ "validation_report": act.report });
        let actor = self.mark(signer).certificate;
        tx.append_event(&case.event(EventName::ApplicationWithdrawn, &actor, now, references));
        self.notify(&mut tx, &case, NotificationKind::ApplicationWithdrawn, None, now).await?;
        tx.commit().await?;
        let record = self.store.application(id).await?.ok_or(Refusal::NotFound(ResourceKind::Application))?;
        self.view(record)
    }

    /// Whether the signer may take back what is the applicant's.
    pub(super) fn may_withdraw(&self, case: &Case, signer: &VerifiedSigner, now: DateTime<Utc>) -> bool {
        let (person, form) = (self.signer(signer), &case.form);
        let filing = Filing { signer: person.clone(), channel: case.channel, evidence: case.detail.evidence };
        let facts = self.facts(form, &case.mission, filing, None, now);
        let representative = form.representative.as_ref();
        // Who needs a representative does not act alone.
        let is_ward =
            representative.is_some_and(|right| facts.is_minor() || right.kind == RepresentativeKind::Guardian);
        let is_applicant = person.is_applicant(form) && !is_ward;
        let is_representative = representative.is_some_and(|right| {
            let holds = right.valid_until.is_none_or(|last| facts.today <= last)
                && case.detail.evidence.representation != Verification::Refuted;
            holds && person.is_individual() && person.iin.as_deref() == Some(right.iin.as_str())
        });
        let is_officer = case.channel == Channel::Mission
            && self.mission_of_officer(signer, Duty::Act(ActName::Withdraw)).as_ref() == Some(&case.mission.code);
        is_applicant || is_representative || is_officer
    }
}
