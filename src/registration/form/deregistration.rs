//! Why the citizen is to be removed from the register, where it is not the own wish.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::registration::record::DeregistrationGround;

/// What an application for de-registration says beside the card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deregistration {
    /// On what ground.
    pub ground: DeregistrationGround,
    /// Day of the return to Kazakhstan, where the citizen is back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned_on: Option<NaiveDate>,
}
