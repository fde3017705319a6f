//! Withdrawing the consent to processing personal data: the applicant's own signed act on any application of the person's.
//!
//! One transaction ends the person's open applications, keeps the withdrawal, and tells of it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::decide::Case;
use super::facts::Filing;
use super::verify::Presented;
use super::{ApplicationView, Caller, Refusal, ResourceKind, Workflow};
use crate::registration::act::ActName;
use crate::registration::calendar::local_day;
use crate::registration::consent::WithdrawalConsequences;
use crate::registration::event::{EventName, NotificationKind};
use crate::registration::form::RepresentativeKind;
use crate::registration::rules::Verification;
use crate::registration::text::Text;
use crate::signature::VerifiedSigner;
use crate::store::{ConsentWithdrawalRecord, IinHash, RequestKey, Tx, id_at};

/// What withdrawing a consent led to.
#[derive(Debug, Clone)]
pub struct ConsentWithdrawal {
    /// The application that the act names, as it is now.
    pub application: ApplicationView,
    /// The applications that ended with it, of those that the caller may see.
    pub ended: Vec<Uuid>,
    /// What follows, as sentences.
    pub consequences: Text,
    /// The act that this comes from.
    pub citation: Text,
    /// When the consent was withdrawn.
    pub time: DateTime<Utc>,
}

impl Workflow {
    /// Carries out an applicant's signed act WITHDRAW_CONSENT.
    ///
    /// # Errors
    /// See [`Refusal`]; the report on the signature is stored in any case, and nothing else when refused.
    pub async fn withdraw_consent(
        &self,
        caller: &Caller,
        request_id: Option<String>,
        signed_act: Vec<u8>,
    ) -> Result<ConsentWithdrawal, Refusal> {
        let now = self.clock.now();
        let (presented, key) = Self::present_act(caller, "WithdrawConsent", request_id, signed_act);
        if let Some(subject) = self.repeated_subject(key.as_ref()).await? {
            return self.consent_withdrawal(caller, subject).await;
        }
        match self.withdraw_consent_once(&presented, caller, key.as_ref(), now).await {
            Ok(subject) => self.consent_withdrawal(caller, subject).await,
            // The same call made twice at once: whatever kept this one from coming first, it is answered like the other.
            Err(refusal) => match self.repeated_subject(key.as_ref()).await? {
                Some(subject) => self.consent_withdrawal(caller, subject).await,
                None => Err(refusal),
            },
        }
    }

    /// Whether the signer may withdraw the applicant's consent, which ends everything open of the person: the applicant, or a representative
    /// whose right has been verified and holds today. Whoever a form merely names has none.
    fn may_withdraw_consent(&self, case: &Case, signer: &VerifiedSigner, now: DateTime<Utc>) -> bool {
        let (person, form) = (self.signer(signer), &case.form);
        let filing = Filing { signer: person.clone(), channel: case.channel, evidence: case.detail.evidence };
        let facts = self.facts(form, &case.mission, filing, None, now);
        let Some(right) = &form.representative else { return person.is_applicant(form) };
        let is_ward = facts.is_minor() || right.kind == RepresentativeKind::Guardian;
        let acts_for = is_ward || right.kind == RepresentativeKind::Trustee;
        let is_proved = case.detail.evidence.representation == Verification::Verified
            && right.valid_until.is_none_or(|last| facts.today <= last);
        let is_representative = person.is_individual() && person.iin.as_deref() == Some(right.iin.as_str());
        (person.is_applicant(form) && !is_ward) || (is_representative && is_proved && acts_for)
    }

    async fn withdraw_consent_once(
        &self,
        presented: &Arc<Presented>,
        caller: &Caller,
        key: Option<&RequestKey>,
        now: DateTime<Utc>,
    ) -> Result<Uuid, Refusal> {
        let judged = self.judge_filing(presented, caller, now).await?;
        let (act, verdict) = self.read_act(judged, ActName::WithdrawConsent, now).await?;
        let signer = act.signer(&verdict)?;
        let id = act.subject("applications")?;
        self.visible(caller, id).await?;
        let mut named = self.case(id).await?;
        if !self.may_withdraw_consent(&named, signer, now) {
            return Err(Refusal::SignerNotApplicant);
        }
        act.expects(named.record.version)?;
        let (person, actor) = (named.record.iin_hash, self.mark(signer).certificate);
        let consequences = WithdrawalConsequences::on(local_day(now, named.mission.time_zone));

        let mut tx = self.store.begin().await?;
        tx.insert_request_key(key, id, now).await?;
        let open = if consequences.ends_open_applications { tx.open_applications(person).await? } else { Vec::new() };
        let mut ended = Vec::new();
        for open in open {
            let mut another = if open == id { None } else { Some(self.case(open).await?) };
            let case = another.as_mut().unwrap_or(&mut named);
            if self.end_without_consent(&mut tx, case, (&actor, act.report), now).await? {
                ended.push(open);
            }
        }
        let references = json!({ "validation_report": act.report, "applications": ended });
        tx.append_event(&named.event(EventName::ConsentWithdrawn, &actor, now, references));
        // The message tells the consequences of this day.
        named.record.updated_at = now;
        self.notify(&mut tx, &named, NotificationKind::ConsentWithdrawn, None, now).await?;
        tx.insert_consent_withdrawal(&ConsentWithdrawalRecord {
            id: id_at(now),
            iin_hash: person,
            application: id,
            report_id: act.report,
            withdrawn_at: now,
            applications: ended,
        })
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Ends one application; `false` for one that was granted already and only waits for its document.
    async fn end_without_consent(
        &self,
        tx: &mut Tx,
        case: &mut Case,
        (actor, report): (&str, Uuid),
        now: DateTime<Utc>,
    ) -> Result<bool, Refusal> {
        if case.record.registration_id.is_some() {
            return Ok(false);
        }
        let withdrawn = case.application()?.withdraw()?;
        case.detail.awaiting.clear();
        case.detail.findings.clear();
        case.record.due_at = None;
        self.change(tx, case, &withdrawn, now).await?;
        let references = json!({ "validation_report": report, "consent": "WITHDRAWN" });
        tx.append_event(&case.event(EventName::ApplicationWithdrawn, actor, now, references));
        self.notify(tx, case, NotificationKind::ApplicationWithdrawn, None, now).await?;
        Ok(true)
    }

    async fn consent_withdrawal(&self, caller: &Caller, id: Uuid) -> Result<ConsentWithdrawal, Refusal> {
        let not_found = || Refusal::NotFound(ResourceKind::Application);
        let record = self.store.application(id).await?.ok_or_else(not_found)?;
        let withdrawal = self.store.consent_withdrawal(record.iin_hash).await?.ok_or_else(not_found)?;
        let mut ended = Vec::new();
        for application in withdrawal.applications {
            if self.visible(caller, application).await.is_ok() {
                ended.push(application);
            }
        }
        let mission = self.known_mission(&record.mission)?;
        let consequences = WithdrawalConsequences::on(local_day(withdrawal.withdrawn_at, mission.time_zone));
        Ok(ConsentWithdrawal {
            application: self.view(record)?,
            ended,
            consequences: consequences.statement.clone(),
            citation: consequences.citation.text(),
            time: withdrawal.withdrawn_at,
        })
    }

    /// Whether notices of that kind have stopped for a person whose present card was recorded then: a card that came with a later consent
    /// starts them again.
    pub(super) async fn is_stopped(
        &self,
        kind: NotificationKind,
        person: IinHash,
        recorded: DateTime<Utc>,
    ) -> Result<bool, Refusal> {
        let withdrawal = self.store.consent_withdrawal(person).await?;
        Ok(withdrawal.is_some_and(|withdrawal| {
            let consequences = WithdrawalConsequences::on(withdrawal.withdrawn_at.date_naive());
            withdrawal.withdrawn_at >= recorded && consequences.stops(kind)
        }))
    }
}
