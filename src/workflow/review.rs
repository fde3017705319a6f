//! Officers' acts on an application: signed by the officer, bound to one version of it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::acts::SignedAct;
use super::deadline::{watch_hearing, watch_term};
use super::decide::{Case, is_undecided};
use super::detail::{Announced, OfficerMark};
use super::facts::{Filing, mission_calendar};
use super::officers::Duty;
use super::papers::{reserve_of_step, signer_name};
use super::{ApplicationView, Caller, Refusal, ResourceKind, Workflow};
use crate::pki::trust::Purpose;
use crate::registration::act::{Act, ActName, OfficerRemark};
use crate::registration::calendar::{due_time, local_day};
use crate::registration::decision::{remarks, unmet};
use crate::registration::event::{EventName, NotificationKind};
use crate::registration::hearing::{Grounds, HearingNotice, PausedClock, PreliminaryDecision};
use crate::registration::parameters::Parameters;
use crate::registration::rules::{ActFacts, Finding, Remark, Signer, Stage, assess};
use crate::registration::{Application, FieldViolation, MissionCode, Text, ViolationCode};
use crate::store::{RegistrationRecord, RequestKey, Tx};

/// The RPC that an act is for.
pub(super) const fn method(name: ActName) -> &'static str {
    match name {
        ActName::VerifyEvidence => "VerifyEvidence",
        ActName::Approve => "ApproveApplication",
        ActName::Claim => "ClaimApplication",
        ActName::Return => "ReturnApplication",
        ActName::PreliminaryRefusal => "IssuePreliminaryRefusal",
        ActName::RecordHearing => "RecordHearing",
        ActName::Refuse => "RefuseApplication",
        ActName::Forward => "ForwardApplication",
        ActName::Withdraw => "WithdrawApplication",
        ActName::Deregister => "DeregisterRegistration",
        ActName::Annul => "AnnulRegistration",
        ActName::OpenCrisis => "OpenCrisis",
        ActName::BroadcastCrisis => "BroadcastCrisis",
        ActName::RecordCrisisReply => "RecordCrisisReply",
        ActName::CloseCrisis => "CloseCrisis",
        ActName::AnnounceElection => "AnnounceElection",
        ActName::WithdrawConsent => "WithdrawConsent",
    }
}

impl Workflow {
    /// Carries out a signed act on an application: an officer's, or the applicant's own WITHDRAW.
    ///
    /// # Errors
    /// See [`Refusal`]; the report on the signature is stored in any case, and nothing else when refused.
    pub async fn act(
        &self,
        caller: &Caller,
        name: ActName,
        request_id: Option<String>,
        signed_act: Vec<u8>,
    ) -> Result<ApplicationView, Refusal> {
        let now = self.clock.now();
        let (presented, key) = Self::present_act(caller, method(name), request_id, signed_act);
        if let Some(answer) = self.repeated(key.as_ref()).await? {
            return Ok(answer);
        }
        let done = match name {
            ActName::Withdraw => self.withdraw(&presented, caller, key.as_ref(), now).await,
            _ => {
                let judged = self.judge(&presented, Purpose::Officers, caller, now).await?;
                let (act, verdict) = self.read_act(judged, name, now).await?;
                self.act_of_officer(caller, &act, &verdict, key.as_ref(), now).await
            }
        };
        match done {
            Ok(view) => Ok(view),
            // The same call made twice at once: whatever kept this one from coming first, it is answered like the other.
            Err(refusal) => self.repeated(key.as_ref()).await?.ok_or(refusal),
        }
    }

    async fn act_of_officer(
        &self,
        caller: &Caller,
        act: &SignedAct,
        verdict: &super::Verdict,
        key: Option<&RequestKey>,
        now: DateTime<Utc>,
    ) -> Result<ApplicationView, Refusal> {
        let signer = act.signer(verdict)?;
        let id = act.subject("applications")?;
        self.visible(caller, id).await?;
        // Read once: what is checked is what is acted on.
        let mut case = self.case(id).await?;
        if !caller.may_see(&case.record) {
            return Err(Refusal::NotFound(ResourceKind::Application));
        }
        let duty = Duty::Act(act.meaning.name());
        let mission = self.mission_of_officer(signer, duty).ok_or(Refusal::SignerNotOfficer)?;
        if mission != case.mission.code {
            return Err(Refusal::OutOfJurisdiction);
        }
        act.expects(case.record.version)?;
        if case.record.registration_id.is_some() {
            // Granted: what remains is to end it, and nobody decides on it any more.
            let act = "be acted on after its approval";
            return Err(Refusal::WrongState { act, state: case.record.state.clone() });
        }
        if is_undecided(&case.application()?) {
            // The rules have not been asked about what was filed or mended: the job that asks them comes first.
            return Err(Refusal::Overtaken);
        }
        let open = self.store.open_registration(case.record.iin_hash).await?;
        let officer = Officer { mark: self.mark(signer), name: signer_name(signer), report: act.report };
        self.permitted(&case, &act.meaning, &officer, now)?;

        let mut tx = self.store.begin().await?;
        tx.insert_request_key(key, id, now).await?;
        let step = Step { tx: &mut tx, open: open.as_ref(), officer: &officer, now };
        self.carry_out(step, &mut case, &act.meaning).await?;
        tx.commit().await?;
        // Not looked up as the caller's: it may be another mission's by this very act.
        let record = self.store.application(id).await?.ok_or(Refusal::NotFound(ResourceKind::Application))?;
        self.view(record)
    }

    /// Asks the rules of acts.
    fn permitted(&self, case: &Case, act: &Act, officer: &Officer, now: DateTime<Utc>) -> Result<(), Refusal> {
        let announced = case.detail.announced.as_ref();
        let filing = Filing { signer: Signer::default(), channel: case.channel, evidence: case.detail.evidence };
        let mut facts = self.facts(&case.form, &case.mission, filing, None, now);
        facts.act = Some(ActFacts {
            act,
            state: case.application()?.state(),
            now,
            announced: announced.map(|announced| &announced.decision),
            is_objection_upheld: case.detail.objection_upheld == Some(true),
            is_by_who_announced: announced.is_some_and(|announced| announced.by.person == officer.mark.person),
        });
        let mut findings = assess(Stage::Act, &facts, facts.today);
        findings.retain(Finding::is_not_met);
        if findings.is_empty() { Ok(()) } else { Err(Refusal::ActNotAllowed(findings)) }
    }

    async fn carry_out(&self, step: Step<'_>, case: &mut Case, act: &Act) -> Result<(), Refusal> {
        let application = case.application()?;
        match act {
            Act::VerifyEvidence { evidence, result } => {
                let verified = application.verify_evidence(*evidence, *result)?;
                self.reassess(step, case, verified, EventName::ApplicationEvidenceVerified, json!({})).await
            }
            Act::Approve { .. } => self.approve(step, case, application).await,
            Act::Claim => {
                let claimed = application.claim()?;
                case.detail.examined_by = Some(step.officer.mark.clone());
                step.record(self, case, &claimed, EventName::ApplicationClaimed, json!({})).await
            }
            Act::Return { remarks } => self.send_back(step, case, application, remarks).await,
            Act::PreliminaryRefusal { grounds, hearing } => {
                self.announce_refusal(step, case, application, (grounds, hearing)).await
            }
            Act::RecordHearing { protocol, upheld } => {
                let heard = application.hear(due_after_pause(case, step.now))?;
                case.detail.protocol = Some(protocol.clone());
                case.detail.objection_upheld = Some(*upheld);
                case.record.due_at = heard.docket().map(|docket| docket.due_time);
                self.reassess(step, case, heard, EventName::ApplicationHeard, json!({ "upheld": upheld })).await
            }
            Act::Refuse { grounds } => {
                let refused = application.refuse()?;
                case.detail.refused = Some(grounds.clone());
                case.detail.awaiting.clear();
                let references = json!({ "ground": grounds.ground });
                step.record(self, case, &refused, EventName::ApplicationRefused, references).await
            }
            Act::Forward { mission } => self.forward(step, case, application, mission).await,
            // See `withdraw`: it is not an officer's. And what is done to a registration, in a crisis or before an election is not done to an application.
            Act::Withdraw
            | Act::WithdrawConsent
            | Act::Deregister { .. }
            | Act::Annul { .. }
            | Act::OpenCrisis { .. }
            | Act::BroadcastCrisis { .. }
            | Act::RecordCrisisReply { .. }
            | Act::CloseCrisis
            | Act::AnnounceElection { .. } => Err(Refusal::SignerNotOfficer),
        }
    }

    /// Asks the rules anew and stores what the application waits for now.
    async fn reassess(
        &self,
        step: Step<'_>,
        case: &mut Case,
        application: Application,
        event: EventName,
        references: Value,
    ) -> Result<(), Refusal> {
        if let Some(docket) = application.docket() {
            case.detail.evidence = docket.evidence;
        }
        let findings = self.findings(case, step.open, step.now);
        let application = application.await_instead(unmet(&findings))?;
        case.detail.awaiting = application.awaiting().to_vec();
        case.detail.findings = findings.into_iter().filter(Finding::is_not_met).collect();
        step.record(self, case, &application, event, references).await
    }

    async fn approve(&self, step: Step<'_>, case: &mut Case, application: Application) -> Result<(), Refusal> {
        // The rules are asked anew: what was true at the last look may have changed.
        let findings = self.findings(case, step.open, step.now);
        application.await_instead(unmet(&findings))?.approve(step.now)?;
        let is_deficiency = |finding: &Finding| finding.stage == Stage::Deficiency && finding.is_not_met();
        let deficiencies: Vec<Finding> = findings.into_iter().filter(is_deficiency).collect();
        if !deficiencies.is_empty() {
            // It has to be returned, not approved.
            return Err(Refusal::ActNotAllowed(deficiencies));
        }
        let Step { tx, open, officer, now } = step;
        let references = json!({ "validation_report": officer.report });
        tx.append_event(&case.event(EventName::ApplicationApproved, &officer.mark.certificate, now, references));
        // Overtaken: the same act, sent again, is told what the review waits for now.
        self.grant(tx, case, open, &officer.mark.certificate, now).await
    }

    async fn send_back(
        &self,
        step: Step<'_>,
        case: &mut Case,
        application: Application,
        officers: &[OfficerRemark],
    ) -> Result<(), Refusal> {
        let finding = Finding::of_officer(officers.iter().map(remark).collect());
        case.detail.findings = vec![finding];
        case.detail.awaiting.clear();
        // What an officer has looked at goes back to an officer.
        case.detail.examined_by = Some(step.officer.mark.clone());
        let returned = application.send_back(remarks(&case.detail.findings, Stage::Deficiency))?;
        step.record(self, case, &returned, EventName::ApplicationReturned, json!({})).await
    }

    async fn announce_refusal(
        &self,
        step: Step<'_>,
        case: &mut Case,
        application: Application,
        (grounds, hearing): (&Grounds, &HearingNotice),
    ) -> Result<(), Refusal> {
        let (mission, now) = (Arc::clone(&case.mission), step.now);
        let today = local_day(now, mission.time_zone);
        let parameters = Parameters::on(today);
        let calendar = mission_calendar(&mission);
        let due = case.record.due_at.unwrap_or(now);
        let hours = parameters.office_hours;
        let decision = PreliminaryDecision {
            grounds: grounds.clone(),
            hearing: hearing.clone(),
            announced_time: now,
            objection_until: due_time(now, parameters.objection_term, &calendar, mission.time_zone, hours),
            clock: PausedClock::stop(due, local_day(due, mission.time_zone), today, &calendar),
        };
        let announced = application.announce_refusal(decision.clone())?;
        case.detail.announced = Some(Announced { decision, by: step.officer.mark.clone() });
        case.detail.awaiting.clear();
        case.record.due_at = None;
        let references = json!({ "ground": grounds.ground });
        step.record(self, case, &announced, EventName::ApplicationRefusalAnnounced, references).await
    }

    async fn forward(
        &self,
        step: Step<'_>,
        case: &mut Case,
        application: Application,
        code: &MissionCode,
    ) -> Result<(), Refusal> {
        let unfit =
            |code, description: &str| Refusal::Fields(vec![FieldViolation::new("decision.mission", code, description)]);
        let mission = self.missions().find(code).cloned();
        let mission = mission.ok_or_else(|| unfit(ViolationCode::UnknownValue, "there is no mission of this code"))?;
        if mission.code == case.mission.code {
            return Err(unfit(ViolationCode::Inconsistent, "the application is at this mission already"));
        }
        let forwarded = application.forward()?;
        let references = json!({ "from": case.mission.code, "to": mission.code });
        case.record.mission = mission.code.to_string();
        case.mission = mission;
        case.detail.examined_by = None;
        self.reassess(step, case, forwarded, EventName::ApplicationForwarded, references).await
    }
}

/// The person who acts, the name for documents only, and the report on the signature.
struct Officer {
    mark: OfficerMark,
    name: Option<String>,
    report: Uuid,
}

/// One act being carried out.
struct Step<'a> {
    tx: &'a mut Tx,
    open: Option<&'a RegistrationRecord>,
    officer: &'a Officer,
    now: DateTime<Utc>,
}

impl Step<'_> {
    /// Writes the new state, the event, and the document and the message that belong to it.
    async fn record(
        self,
        workflow: &Workflow,
        case: &mut Case,
        application: &Application,
        event: EventName,
        mut references: Value,
    ) -> Result<(), Refusal> {
        references["validation_report"] = json!(self.officer.report);
        workflow.change(self.tx, case, application, self.now).await?;
        self.tx.append_event(&case.event(event, &self.officer.mark.certificate, self.now, references));
        reserve_of_step(self.tx, case, event, self.officer.name.as_deref(), self.now).await?;
        match event {
            // The term runs again, or is another mission's to keep.
            EventName::ApplicationHeard | EventName::ApplicationForwarded => {
                watch_term(self.tx, case, self.now).await?;
            }
            EventName::ApplicationRefusalAnnounced => watch_hearing(self.tx, case, self.now).await?,
            _ => {}
        }
        match told(event) {
            Some(kind) => workflow.notify(self.tx, case, kind, None, self.now).await,
            None => Ok(()),
        }
    }
}

/// What the applicant is told of an officer's act.
const fn told(event: EventName) -> Option<NotificationKind> {
    match event {
        EventName::ApplicationReturned => Some(NotificationKind::ApplicationReturned),
        EventName::ApplicationRefusalAnnounced => Some(NotificationKind::ApplicationRefusalAnnounced),
        EventName::ApplicationHeard => Some(NotificationKind::ApplicationHeard),
        EventName::ApplicationRefused => Some(NotificationKind::ApplicationRefused),
        EventName::ApplicationForwarded => Some(NotificationKind::ApplicationForwarded),
        _ => None,
    }
}

fn remark(officers: &OfficerRemark) -> Remark {
    let (kk, ru) = (officers.kk.to_string(), officers.ru.to_string());
    let en = officers.en.as_ref().map_or_else(|| ru.clone(), ToString::to_string);
    Remark::new(officers.field.as_str(), Text::composed(kk, ru, en))
}

/// When the stopped term ends once it runs again.
fn due_after_pause(case: &Case, now: DateTime<Utc>) -> DateTime<Utc> {
    let (mission, today) = (&case.mission, local_day(now, case.mission.time_zone));
    let hours = Parameters::on(today).office_hours;
    match &case.detail.announced {
        Some(announced) => announced.decision.clock.resume(today, &mission_calendar(mission), mission.time_zone, hours),
        None => now,
    }
}
