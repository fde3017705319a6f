//! State registers: which is asked about which application, what it is asked, and what follows from its answer.
//!
//! A register confirms, contradicts or holds nothing: no data come back, so nothing is learnt from it but what was stated already. How it is
//! reached is not known here.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::form::{ApplicationForm, ApplicationType, DocumentType, Kind};
use super::parameters::Parameters;
use super::rules::{Channel, EvidenceFacts, Verification};
use super::text::Text;

/// A register outside of this service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StateRegister {
    /// The state register of the population.
    Population,
    /// The register of identity documents.
    Documents,
    /// The register of migration decisions.
    Migration,
}

impl StateRegister {
    /// Every register.
    pub const ALL: [Self; 3] = [Self::Population, Self::Documents, Self::Migration];

    /// As stored and shown, such as `POPULATION`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Population => "POPULATION",
            Self::Documents => "DOCUMENTS",
            Self::Migration => "MIGRATION",
        }
    }

    /// Its name within a sentence.
    pub const fn text(self) -> Text {
        match self {
            Self::Population => Text::fixed(
                "халықтың мемлекеттік тізілімі",
                "государственный реестр населения",
                "the state register of the population",
            ),
            Self::Documents => Text::fixed(
                "жеке басты куәландыратын құжаттар тізілімі",
                "реестр документов, удостоверяющих личность",
                "the register of identity documents",
            ),
            Self::Migration => Text::fixed(
                "көші-қон шешімдерінің тізілімі",
                "реестр миграционных решений",
                "the register of migration decisions",
            ),
        }
    }
}

/// A row of the dated parameters: a register, and the applications that it is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Inquiry {
    /// The register.
    pub register: StateRegister,
    /// What is applied for.
    pub application_types: &'static [ApplicationType],
    /// Kinds of registration.
    pub kinds: &'static [Kind],
    /// How the application was filed.
    pub channels: &'static [Channel],
}

/// What a register may speak about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Fact {
    /// That the applicant is who the form says.
    Identity,
    /// Citizenship of Kazakhstan.
    Citizenship,
    /// The decision on departure for permanent residence.
    DepartureDecision,
}

impl Fact {
    /// As shown, such as `DEPARTURE_DECISION`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "IDENTITY",
            Self::Citizenship => "CITIZENSHIP",
            Self::DepartureDecision => "DEPARTURE_DECISION",
        }
    }
}

/// What a register says about one fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Statement {
    /// It holds the matter, and it is as stated.
    Confirmed,
    /// It holds the matter, and it is otherwise.
    Contradicted,
    /// It holds nothing about it.
    NotHeld,
}

impl Statement {
    /// As shown, such as `NOT_HELD`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "CONFIRMED",
            Self::Contradicted => "CONTRADICTED",
            Self::NotHeld => "NOT_HELD",
        }
    }
}

/// An answer of a register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterAnswer {
    /// Which register answered.
    pub register: StateRegister,
    /// Its own reference of the answer: 1 to 128 printable ASCII characters.
    pub reference: String,
    /// When it answered, by its own clock.
    pub time: DateTime<Utc>,
    /// What it says.
    pub statements: Vec<(Fact, Statement)>,
}

/// A person as an application states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonQuestion {
    /// Individual identification number.
    pub iin: String,
    /// Surname in Cyrillic letters.
    pub surname: String,
    /// Given name in Cyrillic letters.
    pub given_name: String,
    /// Patronymic in Cyrillic letters, where there is one.
    pub patronymic: Option<String>,
    /// Date of birth.
    pub birth_date: NaiveDate,
}

/// An identity document as an application states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DocumentQuestion {
    /// Individual identification number of the holder.
    pub iin: String,
    /// What document it is.
    pub document_type: DocumentType,
    /// Its number.
    pub number: String,
    /// Date of issue.
    pub issued_on: NaiveDate,
    /// Last day of validity, where one is stated.
    pub valid_until: Option<NaiveDate>,
}

/// A decision on departure as an application states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DepartureDecisionQuestion {
    /// Individual identification number of the person.
    pub iin: String,
    /// The body that decided.
    pub authority: String,
    /// Number of the decision.
    pub number: String,
    /// Date of the decision.
    pub date: NaiveDate,
}

/// A question to one register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Question {
    /// To the register of the population.
    Person(PersonQuestion),
    /// To the register of identity documents.
    Document(DocumentQuestion),
    /// To the register of migration decisions.
    DepartureDecision(DepartureDecisionQuestion),
}

impl Question {
    /// The register that it goes to.
    pub const fn register(&self) -> StateRegister {
        match self {
            Self::Person(_) => StateRegister::Population,
            Self::Document(_) => StateRegister::Documents,
            Self::DepartureDecision(_) => StateRegister::Migration,
        }
    }

    /// The facts that an answer speaks about.
    pub const fn facts(&self) -> &'static [Fact] {
        match self {
            Self::Person(_) => &[Fact::Identity, Fact::Citizenship],
            Self::Document(_) => &[Fact::Identity],
            Self::DepartureDecision(_) => &[Fact::DepartureDecision],
        }
    }

    /// The statements of an answer that confirms everything.
    pub fn confirmed(&self) -> impl Iterator<Item = (Fact, Statement)> {
        self.facts().iter().map(|fact| (*fact, Statement::Confirmed))
    }

    fn of(register: StateRegister, form: &ApplicationForm) -> Option<Self> {
        let (iin, card) = (form.applicant.iin.to_string(), &form.card);
        match register {
            StateRegister::Population => {
                let name = card.identity.name.as_ref()?;
                Some(Self::Person(PersonQuestion {
                    iin,
                    surname: name.surname.as_ref()?.to_string(),
                    given_name: name.given.as_ref()?.to_string(),
                    patronymic: name.patronymic.as_ref().map(ToString::to_string),
                    birth_date: card.identity.birth_date?,
                }))
            }
            StateRegister::Documents => {
                let document = card.identity.document.as_ref()?;
                Some(Self::Document(DocumentQuestion {
                    iin,
                    document_type: document.document_type?,
                    number: document.number.as_ref()?.to_string(),
                    issued_on: document.issued_on?,
                    valid_until: document.valid_until,
                }))
            }
            StateRegister::Migration => {
                let decision = card.departure_decision.as_ref()?;
                Some(Self::DepartureDecision(DepartureDecisionQuestion {
                    iin,
                    authority: decision.authority.as_ref()?.to_string(),
                    number: decision.number.as_ref()?.to_string(),
                    date: decision.date?,
                }))
            }
        }
    }
}

/// What the registers are asked about an application, by the parameters of the day. What the form does not state is not asked: rules of
/// deficiency and decision see to it.
pub fn questions(form: &ApplicationForm, channel: Channel, parameters: &Parameters) -> Vec<Question> {
    let concerns = |inquiry: &&Inquiry| {
        inquiry.application_types.contains(&form.application_type)
            && inquiry.kinds.contains(&form.kind)
            && inquiry.channels.contains(&channel)
    };
    let inquiries = parameters.inquiries.iter().filter(concerns);
    inquiries.filter_map(|inquiry| Question::of(inquiry.register, form)).collect()
}

/// What is verified once the registers have spoken. What was refuted stays so; one contradiction refutes; what a register holds nothing about is
/// an officer's to verify; otherwise a confirmation verifies.
pub fn settled(evidence: EvidenceFacts, statements: impl IntoIterator<Item = (Fact, Statement)>) -> EvidenceFacts {
    let mut settled = evidence;
    let (mut refuted, mut unknown) = (Vec::new(), Vec::new());
    for (fact, statement) in statements {
        match statement {
            Statement::Confirmed => set(&mut settled, fact, Verification::Verified),
            Statement::NotHeld => unknown.push(fact),
            Statement::Contradicted => refuted.push(fact),
        }
    }
    for fact in unknown {
        set(&mut settled, fact, Verification::Pending);
    }
    for fact in refuted {
        set(&mut settled, fact, Verification::Refuted);
    }
    settled
}

/// Says what became of verifying a fact, unless it is refuted already.
fn set(evidence: &mut EvidenceFacts, fact: Fact, result: Verification) {
    let place = match fact {
        Fact::Identity => &mut evidence.identity,
        Fact::Citizenship => &mut evidence.citizenship,
        Fact::DepartureDecision => &mut evidence.departure_decision,
    };
    if *place != Verification::Refuted {
        *place = result;
    }
}
