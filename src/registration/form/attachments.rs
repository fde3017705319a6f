//! What goes with the card: the consent, the representative, the evidence.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::registration::value::{Digest, Line, MediaType};

/// Consent to collecting and processing personal data (Law of 21.05.2013 № 94-V on personal data and their protection). A
/// missing item is returned as a remark.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Consent {
    /// Name of the operator who collects the data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator_name: Option<Line>,
    /// Business identification number of the operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator_bin: Option<Line>,
    /// Full name of the person whose data they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<Line>,
    /// For how long the consent holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<ConsentPeriod>,
    /// Whether the operator may hand the data to third parties.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub third_party_transfer: Option<bool>,
    /// Whether the data may cross the border.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cross_border_transfer: Option<bool>,
    /// Whether the data may be spread in public sources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_sources: Option<bool>,
    /// The data the consent is about, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub data: Vec<Line>,
}

/// For how long a consent holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentPeriod {
    /// First day.
    pub from: NaiveDate,
    /// Last day; absent when the consent holds until it is withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
}

/// Who acts for a minor or an incapable person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Representative {
    /// In what right the person acts.
    pub kind: RepresentativeKind,
    /// Individual identification number of the representative, who signs the form.
    pub iin: Line,
    /// Name.
    pub name: Line,
    /// The document that proves the right.
    pub proof: Proof,
    /// Last day of the right, where it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<NaiveDate>,
}

/// In what right a representative acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RepresentativeKind {
    /// Mother or father.
    Parent,
    /// Adoptive parent.
    AdoptiveParent,
    /// Guardian of a minor or of an incapable person.
    Guardian,
    /// Trustee of a minor of 14 to 18 years.
    Trustee,
}

/// A document that proves a right, such as a birth certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// What document it is.
    pub title: Line,
    /// Its number.
    pub number: Line,
    /// The authority that issued it.
    pub issuer: Line,
    /// Date of issue.
    pub issued_on: NaiveDate,
}

/// A document that goes with the application. Its bytes travel apart; here is what they are and their digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// What the document shows.
    pub kind: EvidenceKind,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Media type of its bytes.
    pub media_type: MediaType,
}

/// What a document shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EvidenceKind {
    /// Who the citizen is.
    IdentityDocument,
    /// That departure for permanent residence was decided.
    DepartureDecision,
    /// That a representative may act.
    RepresentationProof,
    /// That the ground of de-registration holds, such as a death certificate.
    DeregistrationProof,
}

impl EvidenceKind {
    /// As written, such as `DEPARTURE_DECISION`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IdentityDocument => "IDENTITY_DOCUMENT",
            Self::DepartureDecision => "DEPARTURE_DECISION",
            Self::RepresentationProof => "REPRESENTATION_PROOF",
            Self::DeregistrationProof => "DEREGISTRATION_PROOF",
        }
    }
}
