//! What officers do by signing that is about no single application or registration: in a crisis, before an election. Who acts, that it is done
//! once, and who carries it out.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::acts::SignedAct;
use super::officers::Duty;
use super::review::method;
use super::{Caller, Refusal, Verdict, Workflow};
use crate::pki::trust::Purpose;
use crate::registration::MissionCode;
use crate::registration::act::{Act, ActName};
use crate::registration::event::EventName;
use crate::store::{NewEvent, RequestKey};

/// The officer who acts.
pub(super) struct Officer {
    /// Code of the officer's mission.
    pub mission: MissionCode,
    /// SHA-256 of the certificate that the act was signed with, hexadecimal.
    pub certificate: String,
    /// The report on the signature.
    pub report: Uuid,
}

impl Officer {
    /// That the officer did something.
    pub fn event(
        &self,
        subject_type: &'static str,
        subject: Uuid,
        name: EventName,
        time: DateTime<Utc>,
        mut references: Value,
    ) -> NewEvent {
        references["validation_report"] = json!(self.report);
        let (kind, actor) = (name.as_str().to_owned(), self.certificate.clone());
        NewEvent { subject_type, subject, kind, actor, time, references }
    }
}

impl Workflow {
    /// Carries out an officer's signed act once, and gives what it was about.
    pub(super) async fn acted(
        &self,
        caller: &Caller,
        name: ActName,
        request_id: Option<String>,
        signed_act: Vec<u8>,
    ) -> Result<Uuid, Refusal> {
        let now = self.clock.now();
        let (presented, key) = Self::present_act(caller, method(name), request_id, signed_act);
        if let Some(subject) = self.repeated_subject(key.as_ref()).await? {
            return Ok(subject);
        }
        let judged = self.judge(&presented, Purpose::Officers, caller, now).await?;
        let (act, verdict) = self.read_act(judged, name, now).await?;
        match self.carry_out_once(caller, &act, &verdict, key.as_ref(), now).await {
            Ok(id) => Ok(id),
            // The same call made twice at once: whatever kept this one from coming first, it is answered like the other.
            Err(refusal) => self.repeated_subject(key.as_ref()).await?.ok_or(refusal),
        }
    }

    async fn carry_out_once(
        &self,
        caller: &Caller,
        act: &SignedAct,
        verdict: &Verdict,
        key: Option<&RequestKey>,
        now: DateTime<Utc>,
    ) -> Result<Uuid, Refusal> {
        let signer = act.signer(verdict)?;
        let mission = self.mission_of_officer(signer, Duty::Act(act.meaning.name()));
        let mission = mission.ok_or(Refusal::SignerNotOfficer)?;
        if caller.own_mission().is_some_and(|own| own != mission.as_str()) {
            return Err(Refusal::OutOfJurisdiction);
        }
        let officer = Officer { mission, certificate: self.mark(signer).certificate, report: act.report };
        match &act.meaning {
            Act::OpenCrisis { area } => self.open_crisis(act, area, &officer, key, now).await,
            Act::BroadcastCrisis { message } => self.broadcast_crisis(caller, act, message, &officer, key, now).await,
            Act::CloseCrisis => self.close_crisis(caller, act, &officer, key, now).await,
            Act::RecordCrisisReply { status, walk_in, includes_family } => {
                let said = (*status, walk_in.as_ref(), *includes_family);
                self.reply_of_officer(caller, act, said, &officer, key, now).await
            }
            Act::AnnounceElection { election } => self.keep_election(act, election, &officer, key, now).await,
            _ => Err(Refusal::Internal("an act on one application or registration reached those on many".to_owned())),
        }
    }
}
