//! What the rules are asked about: facts gathered first, judged second.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::registration::ApplicationState;
use crate::registration::act::Act;
use crate::registration::form::{ApplicationForm, DepartureDecision, Kind};
use crate::registration::hearing::PreliminaryDecision;
use crate::registration::mission::Competence;
use crate::registration::parameters::Parameters;
use crate::registration::person::{IdentifierPolicy, Iin, age_on};
use crate::registration::value::MissionCode;

/// Extended key usage that marks the certificate of an individual (registry of the National Certification Authority).
pub const ROLE_INDIVIDUAL: &str = "1.2.398.3.3.4.1.1";

/// The facts of one application at one moment.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// The form, decoded from verified bytes.
    pub form: &'a ApplicationForm,
    /// The mission that has the application now: the one applied to, unless it was forwarded.
    pub mission: MissionCode,
    /// Who signed it, by the certificate that verified.
    pub signer: Signer,
    /// Whether test identifiers are taken for real ones.
    pub identifiers: IdentifierPolicy,
    /// How it was filed.
    pub channel: Channel,
    /// Today in the mission's time zone.
    pub today: NaiveDate,
    /// The applicant's open registration anywhere in the world, if there is one.
    pub open_registration: Option<OpenRegistration>,
    /// What has been verified.
    pub evidence: EvidenceFacts,
    /// Whether the mission applied to is competent for the host address.
    pub district: District,
    /// What an officer is about to do with it; asked by the rules of acts alone.
    pub act: Option<ActFacts<'a>>,
}

/// The facts of one act of an officer.
#[derive(Debug, Clone, Copy)]
pub struct ActFacts<'a> {
    /// What is done.
    pub act: &'a Act,
    /// The state that the application is in.
    pub state: ApplicationState,
    /// The moment of the act.
    pub now: DateTime<Utc>,
    /// The refusal that was announced.
    pub announced: Option<&'a PreliminaryDecision>,
    /// Whether the applicant was heard and convinced.
    pub is_objection_upheld: bool,
    /// Whether the same person announced the refusal.
    pub is_by_who_announced: bool,
}

impl Facts<'_> {
    /// The applicant's IIN, if it is one.
    pub fn applicant(&self) -> Option<Iin> {
        Iin::parse(&self.form.applicant.iin, self.identifiers).ok()
    }

    /// The applicant's date of birth: by the IIN, or by the card where the digits of a test IIN mean nothing.
    pub fn birth_date(&self) -> Option<NaiveDate> {
        self.applicant().and_then(|iin| iin.birth_date()).or(self.form.card.identity.birth_date)
    }

    /// Whether the applicant has not reached full age.
    pub fn is_minor(&self) -> bool {
        self.is_under(Parameters::on(self.today).full_age)
    }

    /// Whether the applicant is known to be younger than `age` full years.
    pub fn is_under(&self, age: i32) -> bool {
        self.birth_date().is_some_and(|birth| age_on(birth, self.today) < age)
    }

    /// Whether those who read the findings may learn what the register holds about the applicant: only once it is established that it
    /// is the applicant who asks, or somebody whose right to act for the applicant is proved. An IIN alone opens nothing.
    pub fn may_tell_of_register(&self) -> bool {
        let is_represented_rightly =
            self.form.representative.is_none() || self.evidence.representation == Verification::Verified;
        self.evidence.identity == Verification::Verified && is_represented_rightly
    }
}

/// Who signed, by the certificate that verified. `roles` are the extended key usages as dotted OIDs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signer {
    /// Individual identification number, where the certificate has one.
    pub iin: Option<String>,
    /// Business identification number, where the certificate has one.
    pub bin: Option<String>,
    /// Extended key usages as dotted OIDs.
    pub roles: Vec<String>,
    /// The mission this person is an officer of, by the officer table on that day.
    pub officer_of: Option<MissionCode>,
}

impl Signer {
    /// Whether the certificate is that of an individual acting for nobody else.
    pub fn is_individual(&self) -> bool {
        self.bin.is_none() && self.roles.iter().any(|role| role == ROLE_INDIVIDUAL)
    }

    /// Whether the applicant signed, with a personal key.
    pub fn is_applicant(&self, form: &ApplicationForm) -> bool {
        self.is_individual() && self.iin.as_deref() == Some(form.applicant.iin.as_str())
    }
}

/// How an application is filed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Channel {
    /// By the applicant, signed with the applicant's EDS.
    Portal,
    /// On paper at a mission, entered and signed by an officer.
    Mission,
}

impl Channel {
    /// As shown: `PORTAL` or `MISSION`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Portal => "PORTAL",
            Self::Mission => "MISSION",
        }
    }

    /// The channel of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Portal, Self::Mission].into_iter().find(|channel| channel.as_str() == name)
    }

    /// By who signed: an officer's signature makes it an application on paper, anybody else's one through the portal. An officer
    /// who signs with a personal key is anybody else.
    pub fn of(signer: &Signer) -> Self {
        if signer.officer_of.is_some() && !signer.is_individual() { Self::Mission } else { Self::Portal }
    }
}

/// An open (ACTIVE or OVERDUE) registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenRegistration {
    /// Its number.
    pub number: String,
    /// The mission that keeps it.
    pub mission: MissionCode,
    /// Its kind.
    pub kind: Kind,
    /// Last day of the stay by the register.
    pub valid_until: Option<NaiveDate>,
}

/// What became of verifying one thing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verification {
    /// Nobody has verified it yet.
    #[default]
    Pending,
    /// Verified and found true.
    Verified,
    /// Verified and found untrue.
    Refuted,
}

impl Verification {
    /// As shown, such as `VERIFIED`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Verified => "VERIFIED",
            Self::Refuted => "REFUTED",
        }
    }
}

/// What has been verified about an application. Serializable, so that it can be kept with the application.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceFacts {
    /// The decision on departure for permanent residence.
    pub departure_decision: Verification,
    /// Citizenship of Kazakhstan.
    pub citizenship: Verification,
    /// That the applicant is who the form says.
    pub identity: Verification,
    /// That the representative may act for the applicant.
    #[serde(default)]
    pub representation: Verification,
    /// That the ground of de-registration holds.
    #[serde(default)]
    pub deregistration_ground: Verification,
}

impl EvidenceFacts {
    /// What is verified by the certified signature alone, at filing.
    ///
    /// Identity: the applicant's own certificate names the IIN, or an officer saw the document. Citizenship: until the state
    /// register of persons is asked, an identity document that Kazakhstan issues to its citizens only stands for it, once the identity is
    /// verified; a document of a foreigner refutes it. Representation and the ground of de-registration: an officer saw the proof; a
    /// form only claims it.
    pub fn at_filing(form: &ApplicationForm, signer: &Signer) -> Self {
        let is_identified = signer.is_applicant(form) || Channel::of(signer) == Channel::Mission;
        let identity = if is_identified { Verification::Verified } else { Verification::Pending };
        let document = form.card.identity.document.as_ref().and_then(|document| document.document_type);
        let citizenship = match document {
            Some(document) if !document.is_of_citizen() => Verification::Refuted,
            Some(_) if is_identified => Verification::Verified,
            Some(_) | None => Verification::Pending,
        };
        let representation = match (&form.representative, Channel::of(signer)) {
            (Some(_), Channel::Mission) => Verification::Verified,
            (Some(_), Channel::Portal) | (None, _) => Verification::Pending,
        };
        let deregistration_ground = match (&form.deregistration, Channel::of(signer)) {
            (Some(_), Channel::Mission) => Verification::Verified,
            (Some(_), Channel::Portal) | (None, _) => Verification::Pending,
        };
        let departure_decision = Verification::Pending;
        Self { departure_decision, citizenship, identity, representation, deregistration_ground }
    }
}

/// Whether the mission applied to is competent for the host address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum District {
    /// It is.
    Competent,
    /// Another mission is.
    Other(MissionCode),
    /// The address does not say, or no mission is known for it.
    Undetermined,
}

impl District {
    /// Compares the mission applied to with the competent one.
    pub fn of(applied_to: &MissionCode, competence: &Competence<'_>) -> Self {
        match competence {
            Competence::Mission(mission) if mission.code == *applied_to => Self::Competent,
            Competence::Mission(mission) => Self::Other(mission.code.clone()),
            Competence::SubdivisionNeeded | Competence::Nobody => Self::Undetermined,
        }
    }
}

/// Whether every item of a departure decision is there.
pub(super) fn is_complete(decision: &DepartureDecision) -> bool {
    decision.authority.is_some() && decision.number.is_some() && decision.date.is_some()
}
