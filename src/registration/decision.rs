//! The decision policy: what follows from the findings, by dated parameters.

use serde::{Deserialize, Serialize};

use super::form::{ApplicationType, Kind};
use super::parameters::Parameters;
use super::rules::{Channel, Finding, RefusalCode, Remark, Stage};
use super::text::Text;

/// What becomes of an accepted application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Every rule is met by verified facts, and the policy needs no officer.
    StraightThrough,
    /// An officer has to look.
    Review {
        /// What is awaited; never empty.
        awaiting: Vec<Awaiting>,
    },
    /// It goes back to the applicant.
    Return {
        /// What has to be mended; never empty.
        remarks: Vec<CodedRemark>,
    },
}

/// What an application under review waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Awaiting {
    /// Citizenship has to be established.
    Citizenship,
    /// Identity has to be established.
    Identity,
    /// The departure decision has to be named or verified.
    DepartureDecision,
    /// The competent mission has to be found, or the application forwarded to it.
    District,
    /// A registration elsewhere or of the other kind has to be closed.
    OtherRegistration,
    /// The citizen is registered here already, by another application.
    PresentRegistration,
    /// That the representative may act for the applicant has to be established.
    Representation,
    /// Nothing but an officer's approval.
    Approval,
    /// There is no registration of that kind that the application could be about.
    Registration,
    /// That the ground of de-registration holds has to be established.
    DeregistrationGround,
    /// A state register did not answer in time: an officer verifies instead.
    SilentRegister,
}

impl Awaiting {
    /// As shown, such as `DEPARTURE_DECISION`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Citizenship => "CITIZENSHIP",
            Self::Identity => "IDENTITY",
            Self::DepartureDecision => "DEPARTURE_DECISION",
            Self::District => "DISTRICT",
            Self::OtherRegistration => "OTHER_REGISTRATION",
            Self::PresentRegistration => "PRESENT_REGISTRATION",
            Self::Representation => "REPRESENTATION",
            Self::Approval => "APPROVAL",
            Self::Registration => "REGISTRATION",
            Self::DeregistrationGround => "DEREGISTRATION_GROUND",
            Self::SilentRegister => "SILENT_REGISTER",
        }
    }

    /// What is awaited and from whom, as a sentence.
    pub const fn text(self) -> Text {
        match self {
            Self::Citizenship => Text::fixed(
                "Консулдық лауазымды адамның Қазақстан Республикасының азаматтығын растауы күтілуде.",
                "Ожидается подтверждение гражданства Республики Казахстан консульским должностным лицом.",
                "A consular officer has to establish the citizenship of Kazakhstan.",
            ),
            Self::Identity => Text::fixed(
                "Консулдық лауазымды адамның өтініш берушінің жеке басын растауы күтілуде.",
                "Ожидается подтверждение личности заявителя консульским должностным лицом.",
                "A consular officer has to establish the applicant's identity.",
            ),
            Self::DepartureDecision => Text::fixed(
                "Консулдық лауазымды адамның тұрақты тұруға кетуді ресімдеу туралы шешімді тексеруі күтілуде.",
                "Ожидается проверка решения об оформлении выезда на постоянное жительство консульским должностным лицом.",
                "A consular officer has to verify the decision on departure for permanent residence.",
            ),
            Self::District => Text::fixed(
                "Өтінішті құзыретті шетелдегі мекемеге беру күтілуде.",
                "Ожидается передача заявления в компетентное загранучреждение.",
                "The application has to be passed to the competent mission.",
            ),
            Self::OtherRegistration => Text::fixed(
                "Бұрынғы консулдық есептен шығару күтілуде.",
                "Ожидается снятие с прежнего консульского учёта.",
                "The registration held elsewhere or of the other kind has to be closed first.",
            ),
            Self::PresentRegistration => Text::fixed(
                "Азамат осы мекемеде есепте тұр: консулдық лауазымды адам бұрынғы тіркеуді қарайды.",
                "Гражданин уже состоит на учёте в этом загранучреждении: консульское должностное лицо рассматривает прежнюю запись.",
                "The citizen is registered at this mission already: a consular officer looks at the present registration.",
            ),
            Self::Representation => Text::fixed(
                "Консулдық лауазымды адамның өкілдің құқығын растауы күтілуде.",
                "Ожидается подтверждение права представителя консульским должностным лицом.",
                "A consular officer has to establish the representative's right to act.",
            ),
            Self::Approval => Text::fixed(
                "Консулдық лауазымды адамның шешімі күтілуде.",
                "Ожидается решение консульского должностного лица.",
                "A consular officer has to decide.",
            ),
            Self::Registration => Text::fixed(
                "Азаматтың ашық консулдық есебі табылмады: консулдық лауазымды адам қарайды.",
                "Открытый консульский учёт гражданина не найден: рассматривает консульское должностное лицо.",
                "No open registration of the citizen was found: a consular officer looks into it.",
            ),
            Self::DeregistrationGround => Text::fixed(
                "Консулдық лауазымды адамның есептен шығару негізін растауы күтілуде.",
                "Ожидается подтверждение основания снятия с учёта консульским должностным лицом.",
                "A consular officer has to establish the ground of de-registration.",
            ),
            Self::SilentRegister => Text::fixed(
                "Мемлекеттік тізілім уақытында жауап бермеді: деректерді консулдық лауазымды адам тексереді.",
                "Государственный реестр не ответил вовремя: сведения проверяет консульское должностное лицо.",
                "A state register did not answer in time: a consular officer verifies and decides.",
            ),
        }
    }

    fn of(code: RefusalCode) -> Self {
        match code {
            RefusalCode::NotRkCitizen => Self::Citizenship,
            RefusalCode::IdentityNotVerified => Self::Identity,
            RefusalCode::ExitDecisionRequired | RefusalCode::ExitDecisionNotVerified => Self::DepartureDecision,
            RefusalCode::WrongConsularDistrict => Self::District,
            RefusalCode::TransferRequired => Self::OtherRegistration,
            RefusalCode::AlreadyRegistered => Self::PresentRegistration,
            RefusalCode::RepresentationNotVerified => Self::Representation,
            RefusalCode::NoRegistration => Self::Registration,
            RefusalCode::DeregGroundNotVerified => Self::DeregistrationGround,
            // Codes of other stages decide nothing by themselves; an officer looks.
            RefusalCode::SignatureInvalid
            | RefusalCode::SignerMismatch
            | RefusalCode::FormInvalid
            | RefusalCode::IinInvalid
            | RefusalCode::IinBirthdateMismatch
            | RefusalCode::RepresentativeRequired
            | RefusalCode::CardIncomplete
            | RefusalCode::StayPeriodInvalid
            | RefusalCode::PurposeInvalid
            | RefusalCode::ConsentMissing
            | RefusalCode::OfficersRemark
            | RefusalCode::RefusalGroundInvalid
            | RefusalCode::ReasonRequired
            | RefusalCode::HearingRequired
            | RefusalCode::ObjectionPeriodOpen
            | RefusalCode::ProtocolIncomplete
            | RefusalCode::OtherOfficerRequired
            | RefusalCode::DeregGroundInvalid
            | RefusalCode::EvidenceRequired
            | RefusalCode::OutOfJurisdiction
            | RefusalCode::DocumentNotApplicable => Self::Approval,
        }
    }
}

/// A remark with the code of the rule it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodedRemark {
    /// What the rule refuses with, such as `CARD_INCOMPLETE`.
    pub code: RefusalCode,
    /// Which field and what is wrong with it.
    #[serde(flatten)]
    pub remark: Remark,
}

/// Decides on an accepted application from its findings of deficiency and decision (others do no harm).
pub fn decide(
    parameters: &Parameters,
    application_type: ApplicationType,
    kind: Kind,
    channel: Channel,
    findings: &[Finding],
) -> Decision {
    let remarks = remarks(findings, Stage::Deficiency);
    if !remarks.is_empty() {
        return Decision::Return { remarks };
    }
    let mut awaiting = unmet(findings);
    if awaiting.is_empty() && !parameters.is_straight_through(application_type, kind, channel) {
        awaiting.push(Awaiting::Approval);
    }
    if awaiting.is_empty() { Decision::StraightThrough } else { Decision::Review { awaiting } }
}

/// What the decision rules still wait for; empty when an officer may approve.
pub fn unmet(findings: &[Finding]) -> Vec<Awaiting> {
    let mut awaiting = Vec::new();
    for finding in findings.iter().filter(|finding| finding.stage == Stage::Decision && finding.is_not_met()) {
        let item = Awaiting::of(finding.code);
        if !awaiting.contains(&item) {
            awaiting.push(item);
        }
    }
    awaiting
}

/// The remarks of all findings of `stage` that are not met.
pub fn remarks(findings: &[Finding], stage: Stage) -> Vec<CodedRemark> {
    let of_stage = findings.iter().filter(|finding| finding.stage == stage);
    let coded = |finding: &Finding| {
        let code = finding.code;
        finding.remarks().iter().map(move |remark| CodedRemark { code, remark: remark.clone() }).collect::<Vec<_>>()
    };
    of_stage.flat_map(coded).collect()
}
