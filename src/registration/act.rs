//! An officer's act: the small JSON document that an officer signs with the officer's own EDS.
//!
//! Who acts, for which mission and in what role comes from the certificate that verified and from the officer table; the
//! document says only what is done to what.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::form::EvidenceKind;
use super::rules::Verification;
use super::strict::{FieldViolation, Strict, ViolationCode};
use super::value::Line;

/// An officer's act, as signed. `subject` and `etag` bind it to one state of one resource, so that it can neither be used twice
/// nor against what the officer did not see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OfficerAct {
    /// What is done.
    pub act: ActName,
    /// Resource name of what it is done to, such as `applications/0192…`.
    pub subject: Line,
    /// The resource's etag as the officer saw it.
    pub etag: Line,
    /// The decision.
    pub decision: ActDecision,
    /// When the officer acted.
    pub time: DateTime<Utc>,
}

/// What an officer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ActName {
    /// Verifies one piece of evidence; the decision names it and the result.
    VerifyEvidence,
    /// Approves the application.
    Approve,
}

impl ActName {
    /// As written, such as `VERIFY_EVIDENCE`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEvidence => "VERIFY_EVIDENCE",
            Self::Approve => "APPROVE",
        }
    }
}

/// The decision within an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActDecision {
    /// What was decided.
    pub result: ActResult,
    /// Which evidence was verified; with VERIFY_EVIDENCE only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<EvidenceKind>,
    /// The officer's note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Line>,
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ActResult {
    /// VERIFY_EVIDENCE: the evidence is true.
    Verified,
    /// VERIFY_EVIDENCE: the evidence is not true.
    Refuted,
    /// APPROVE: the application is approved.
    Approved,
}

/// What an act does, once its parts are known to fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// One piece of evidence is verified or refuted.
    VerifyEvidence {
        /// Which.
        evidence: EvidenceKind,
        /// With what result; never pending.
        result: Verification,
    },
    /// The application is approved.
    Approve,
}

impl OfficerAct {
    /// What the act does.
    ///
    /// # Errors
    /// When its decision belongs to another act.
    pub fn meaning(&self) -> Result<Act, FieldViolation> {
        let unfit = |field, description| Err(FieldViolation::new(field, ViolationCode::Inconsistent, description));
        match (self.act, self.decision.result, self.decision.evidence) {
            (ActName::VerifyEvidence, ActResult::Verified, Some(evidence)) => {
                Ok(Act::VerifyEvidence { evidence, result: Verification::Verified })
            }
            (ActName::VerifyEvidence, ActResult::Refuted, Some(evidence)) => {
                Ok(Act::VerifyEvidence { evidence, result: Verification::Refuted })
            }
            (ActName::VerifyEvidence, _, None) => unfit("decision.evidence", "VERIFY_EVIDENCE names the evidence"),
            (ActName::VerifyEvidence, ActResult::Approved, Some(_)) => {
                unfit("decision.result", "VERIFY_EVIDENCE decides VERIFIED or REFUTED")
            }
            (ActName::Approve, ActResult::Approved, None) => Ok(Act::Approve),
            (ActName::Approve, _, Some(_)) => unfit("decision.evidence", "APPROVE names no evidence"),
            (ActName::Approve, _, None) => unfit("decision.result", "APPROVE decides APPROVED"),
        }
    }
}

static READER: LazyLock<Strict<OfficerAct>> = LazyLock::new(Strict::new);

/// Reads an act from the signed bytes.
///
/// # Errors
/// Every violation that can be told at once.
pub fn decode(content: &[u8]) -> Result<OfficerAct, Vec<FieldViolation>> {
    let act = READER.decode(content)?;
    match act.meaning() {
        Ok(_) => Ok(act),
        Err(violation) => Err(vec![violation]),
    }
}

/// The JSON Schema (draft 2020-12) of an officer's act.
pub fn schema() -> Value {
    READER.schema().clone()
}
