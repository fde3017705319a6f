//! The end of a crisis: an officer closes it. Its roll stays readable; nothing is sent to those on it any more, nobody comes on it, and no
//! reply is recorded. Jobs that were under way leave off where they are.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::acts::SignedAct;
use super::decide::corrupt;
use super::officer_acts::Officer;
use super::{Caller, Refusal, Workflow};
use crate::registration::event::EventName;
use crate::store::{CrisisRecord, RequestKey, Tx};

/// The state of a crisis in which nothing is done about it any more.
const CLOSED: &str = "CLOSED";

/// Whether something may be done about a crisis.
///
/// # Errors
/// The crisis is closed; `act` is what it cannot do any more.
pub(super) fn has_to_be_open(crisis: &CrisisRecord, act: &'static str) -> Result<(), Refusal> {
    match crisis.closed_at {
        None => Ok(()),
        Some(_) => Err(Refusal::WrongState { act, state: CLOSED.to_owned() }),
    }
}

/// Whether a crisis is closed, as a transaction sees it; until its end nobody closes it.
pub(super) async fn is_closed(tx: &Tx, crisis: Uuid) -> Result<bool, Refusal> {
    let crisis = tx.crisis(crisis).await?.ok_or_else(|| corrupt("crisis"))?;
    Ok(crisis.closed_at.is_some())
}

impl Workflow {
    /// Closes the crisis.
    pub(super) async fn close_crisis(
        &self,
        caller: &Caller,
        act: &SignedAct,
        officer: &Officer,
        key: Option<&RequestKey>,
        now: DateTime<Utc>,
    ) -> Result<Uuid, Refusal> {
        let crisis = self.crisis_to_act_on(caller, act, officer, "be closed").await?;
        let mut tx = self.store.begin().await?;
        tx.insert_request_key(key, crisis.id, now).await?;
        tx.close_crisis(&crisis, &officer.certificate, now).await?;
        tx.append_event(&officer.event("CRISIS", crisis.id, EventName::CrisisClosed, now, json!({})));
        tx.commit().await?;
        Ok(crisis.id)
    }
}
