//! The rules: one row each, with its statement, citation and period, and what it refuses with.
//!
//! A rule not met is a result, stored and cited, not a failure. [`assess`] returns a finding for every rule in force; what follows
//! from them is for the caller ([admissibility](Stage::Admissibility)) or the [decision policy](crate::registration::decision).

mod acts;
mod admissibility;
mod citation;
mod decision;
mod deficiency;
mod facts;
mod register;
mod words;

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::parameters::Period;
use super::text::Text;

pub use citation::{CITATIONS, Citation, Source};
pub use facts::{
    ActFacts, Channel, District, EvidenceFacts, Facts, OpenRegistration, ROLE_INDIVIDUAL, Signer, Verification,
};

/// When a rule is asked, and what its not being met leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Stage {
    /// Not met: the call fails and nothing is opened.
    Admissibility,
    /// Not met: the application is opened and returned with remarks.
    Deficiency,
    /// Not met: recorded; an officer has to look, or the decision is a refusal.
    Decision,
    /// Not met: an officer's act fails.
    Act,
}

impl Stage {
    /// As shown, such as `ADMISSIBILITY`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admissibility => "ADMISSIBILITY",
            Self::Deficiency => "DEFICIENCY",
            Self::Decision => "DECISION",
            Self::Act => "ACT",
        }
    }
}

/// What a rule that is not met refuses with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RefusalCode {
    /// The signature is not TOTAL-PASSED.
    SignatureInvalid,
    /// The signer may not sign this application.
    SignerMismatch,
    /// The form is malformed, of another version or audience, or expired.
    FormInvalid,
    /// The IIN is no identification number.
    IinInvalid,
    /// The IIN contradicts birth date or sex.
    IinBirthdateMismatch,
    /// A minor without a representative.
    RepresentativeRequired,
    /// An open registration at the same mission and of the same kind.
    AlreadyRegistered,
    /// Items of the card are missing.
    CardIncomplete,
    /// The period of stay is no period, or is over.
    StayPeriodInvalid,
    /// The purpose does not fit the kind of registration.
    PurposeInvalid,
    /// No full consent to processing personal data.
    ConsentMissing,
    /// Not established to be a citizen of Kazakhstan.
    NotRkCitizen,
    /// Identity not established.
    IdentityNotVerified,
    /// No departure decision named.
    ExitDecisionRequired,
    /// The departure decision is not verified.
    ExitDecisionNotVerified,
    /// Another mission is competent, or it is not established which.
    WrongConsularDistrict,
    /// An open registration elsewhere or of the other kind has to be closed first.
    TransferRequired,
    /// That the representative may act for the applicant is not established.
    RepresentationNotVerified,
    /// An officer found something to mend.
    OfficersRemark,
    /// No ground for refusal of the list.
    RefusalGroundInvalid,
    /// A refusal without reasons in Kazakh and Russian.
    ReasonRequired,
    /// A refusal that was not announced.
    HearingRequired,
    /// The applicant may still object.
    ObjectionPeriodOpen,
    /// Items of the protocol of the hearing are missing.
    ProtocolIncomplete,
    /// The same officer may not announce a refusal and decide it.
    OtherOfficerRequired,
    /// No open registration of that kind.
    NoRegistration,
    /// The ground of de-registration is none for this citizen and channel.
    DeregGroundInvalid,
    /// That the ground of de-registration holds is not established.
    DeregGroundNotVerified,
    /// A document that has to show something is not there.
    EvidenceRequired,
    /// Not for this mission to do.
    OutOfJurisdiction,
    /// Not the document that such an application ends with.
    DocumentNotApplicable,
}

impl RefusalCode {
    /// Every code.
    pub const ALL: [Self; 31] = [
        Self::SignatureInvalid,
        Self::SignerMismatch,
        Self::FormInvalid,
        Self::IinInvalid,
        Self::IinBirthdateMismatch,
        Self::RepresentativeRequired,
        Self::AlreadyRegistered,
        Self::CardIncomplete,
        Self::StayPeriodInvalid,
        Self::PurposeInvalid,
        Self::ConsentMissing,
        Self::NotRkCitizen,
        Self::IdentityNotVerified,
        Self::ExitDecisionRequired,
        Self::ExitDecisionNotVerified,
        Self::WrongConsularDistrict,
        Self::TransferRequired,
        Self::RepresentationNotVerified,
        Self::OfficersRemark,
        Self::RefusalGroundInvalid,
        Self::ReasonRequired,
        Self::HearingRequired,
        Self::ObjectionPeriodOpen,
        Self::ProtocolIncomplete,
        Self::OtherOfficerRequired,
        Self::NoRegistration,
        Self::DeregGroundInvalid,
        Self::DeregGroundNotVerified,
        Self::EvidenceRequired,
        Self::OutOfJurisdiction,
        Self::DocumentNotApplicable,
    ];

    /// The code as shown, such as `SIGNER_MISMATCH`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignatureInvalid => "SIGNATURE_INVALID",
            Self::SignerMismatch => "SIGNER_MISMATCH",
            Self::FormInvalid => "FORM_INVALID",
            Self::IinInvalid => "IIN_INVALID",
            Self::IinBirthdateMismatch => "IIN_BIRTHDATE_MISMATCH",
            Self::RepresentativeRequired => "REPRESENTATIVE_REQUIRED",
            Self::AlreadyRegistered => "ALREADY_REGISTERED",
            Self::CardIncomplete => "CARD_INCOMPLETE",
            Self::StayPeriodInvalid => "STAY_PERIOD_INVALID",
            Self::PurposeInvalid => "PURPOSE_INVALID",
            Self::ConsentMissing => "CONSENT_MISSING",
            Self::NotRkCitizen => "NOT_RK_CITIZEN",
            Self::IdentityNotVerified => "IDENTITY_NOT_VERIFIED",
            Self::ExitDecisionRequired => "EXIT_DECISION_REQUIRED",
            Self::ExitDecisionNotVerified => "EXIT_DECISION_NOT_VERIFIED",
            Self::WrongConsularDistrict => "WRONG_CONSULAR_DISTRICT",
            Self::TransferRequired => "TRANSFER_REQUIRED",
            Self::RepresentationNotVerified => "REPRESENTATION_NOT_VERIFIED",
            Self::OfficersRemark => "OFFICERS_REMARK",
            Self::RefusalGroundInvalid => "REFUSAL_GROUND_INVALID",
            Self::ReasonRequired => "REASON_REQUIRED",
            Self::HearingRequired => "HEARING_REQUIRED",
            Self::ObjectionPeriodOpen => "OBJECTION_PERIOD_OPEN",
            Self::ProtocolIncomplete => "PROTOCOL_INCOMPLETE",
            Self::OtherOfficerRequired => "OTHER_OFFICER_REQUIRED",
            Self::NoRegistration => "NO_REGISTRATION",
            Self::DeregGroundInvalid => "DEREG_GROUND_INVALID",
            Self::DeregGroundNotVerified => "DEREG_GROUND_NOT_VERIFIED",
            Self::EvidenceRequired => "EVIDENCE_REQUIRED",
            Self::OutOfJurisdiction => "OUT_OF_JURISDICTION",
            Self::DocumentNotApplicable => "DOCUMENT_NOT_APPLICABLE",
        }
    }
}

impl fmt::Display for RefusalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Lasting name, such as `ADM-IIN-FORMAT`.
    pub id: &'static str,
    /// When it is asked.
    pub stage: Stage,
    /// The rule as a sentence.
    pub statement: Text,
    /// The act it comes from.
    pub citation: &'static Citation,
    /// How well the rule is known.
    pub source: Source,
    /// The days on which it is in force.
    pub in_force: Period,
    /// What it refuses with.
    pub refused_with: RefusalCode,
    /// Whether it concerns such an application at all.
    pub applies: fn(&Facts<'_>) -> bool,
    /// Whether it is met.
    pub check: fn(&Facts<'_>) -> Outcome,
}

/// What asking one rule gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", tag = "result", content = "remarks")]
pub enum Outcome {
    /// The rule is met.
    Met,
    /// The rule is not met, and where.
    NotMet(Vec<Remark>),
    /// The rule does not concern this application.
    NotApplicable,
}

/// One place at which a rule is not met. Quotes no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// Path of the field in the form, such as `card.stay.until`; empty when no single field is meant.
    pub field: String,
    /// What is wrong there.
    pub text: Text,
}

impl Remark {
    /// A remark on `field`.
    pub fn new(field: impl Into<String>, text: Text) -> Self {
        Self { field: field.into(), text }
    }
}

/// What one rule says about one application; complete in itself, so that it can be read years later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's name, such as `ADM-IIN-FORMAT`.
    pub rule: String,
    /// When the rule is asked.
    pub stage: Stage,
    /// What the rule refuses with when it is not met.
    pub code: RefusalCode,
    /// Met, not met, or not applicable.
    pub outcome: Outcome,
    /// The rule as a sentence.
    pub statement: Text,
    /// The act the rule comes from: name, number and date.
    pub citation: Text,
    /// How well the rule is known.
    pub source: Source,
}

impl Finding {
    /// What an officer found at the window and no rule of the table asks: to be mended like a deficiency.
    pub fn of_officer(remarks: Vec<Remark>) -> Self {
        Self {
            rule: "OFFICER-REMARK".to_owned(),
            stage: Stage::Deficiency,
            code: RefusalCode::OfficersRemark,
            outcome: Outcome::NotMet(remarks),
            statement: Text::fixed(
                "Консулдық лауазымды адам ескертулерді жоюды сұрайды.",
                "Консульское должностное лицо просит устранить замечания.",
                "A consular officer asks to mend what is remarked.",
            ),
            citation: CITATIONS.registration_rules.text(),
            source: Source::OfficialPage,
        }
    }

    /// Whether the rule concerns the application and is not met.
    pub fn is_not_met(&self) -> bool {
        matches!(self.outcome, Outcome::NotMet(_))
    }

    /// Where the rule is not met; nothing otherwise.
    pub fn remarks(&self) -> &[Remark] {
        match &self.outcome {
            Outcome::NotMet(remarks) => remarks,
            Outcome::Met | Outcome::NotApplicable => &[],
        }
    }
}

/// All rules, in the order in which they are asked.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    let rules = admissibility::RULES.iter().chain(deficiency::RULES).chain(decision::RULES);
    rules.chain(acts::RULES).chain(register::RULES)
}

/// Asks every rule of `stage` that is in force `on` that day.
pub fn assess(stage: Stage, facts: &Facts<'_>, on: NaiveDate) -> Vec<Finding> {
    all().filter(|rule| rule.stage == stage && rule.in_force.contains(on)).map(|rule| ask(rule, facts)).collect()
}

fn ask(rule: &Rule, facts: &Facts<'_>) -> Finding {
    let outcome = if (rule.applies)(facts) { (rule.check)(facts) } else { Outcome::NotApplicable };
    Finding {
        rule: rule.id.to_owned(),
        stage: rule.stage,
        code: rule.refused_with,
        outcome,
        statement: rule.statement.clone(),
        citation: rule.citation.text(),
        source: rule.source,
    }
}

/// Met when there is nothing to remark.
fn met_without(remarks: Vec<Remark>) -> Outcome {
    if remarks.is_empty() { Outcome::Met } else { Outcome::NotMet(remarks) }
}

/// Met when `holds`, otherwise not met with one remark on `field`.
fn met_if(holds: bool, field: &str, text: &Text) -> Outcome {
    if holds { Outcome::Met } else { Outcome::NotMet(vec![Remark::new(field, text.clone())]) }
}

/// The card of the form goes to the register; see [`ApplicationType::writes_card`](crate::registration::ApplicationType::writes_card).
fn writes_card(facts: &Facts<'_>) -> bool {
    facts.form.application_type.writes_card()
}

fn always(_: &Facts<'_>) -> bool {
    true
}
