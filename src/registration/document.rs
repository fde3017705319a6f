//! The documents of the procedure: which there are, and which an application ends with, by what was applied for, kind of registration
//! and channel.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::form::{ApplicationType, Kind};
use super::rules::Channel;
use super::text::Text;

/// Kind of an electronic document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DocumentKind {
    /// Notice of (permanent) registration, through the portal.
    NoticeOfRegistration,
    /// Notice of temporary registration, through the portal.
    NoticeOfTemporaryRegistration,
    /// Insert to the passport, at a mission.
    PassportInsert,
    /// Certificate of registration, on request.
    CertificateOfRegistration,
    /// Notice of removal from the register, through the portal.
    NoticeOfDeregistration,
    /// Note of removal from the register, at a mission.
    NoteOfDeregistration,
    /// Receipt of an accepted application; bears the application's own number.
    Receipt,
    /// Notice that an application is returned with remarks.
    ReturnNotice,
    /// Preliminary decision to refuse, with the notice of the hearing.
    PreliminaryDecision,
    /// Protocol of the hearing.
    HearingProtocol,
    /// Reasoned refusal.
    Refusal,
    /// Notice to the former mission that it has to remove a citizen who is registered elsewhere.
    TransferNotice,
}

impl DocumentKind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::NoticeOfRegistration,
        Self::NoticeOfTemporaryRegistration,
        Self::PassportInsert,
        Self::CertificateOfRegistration,
        Self::NoticeOfDeregistration,
        Self::NoteOfDeregistration,
        Self::Receipt,
        Self::ReturnNotice,
        Self::PreliminaryDecision,
        Self::HearingProtocol,
        Self::Refusal,
        Self::TransferNotice,
    ];

    /// The document that completes an application, if there is one: a temporary registration at a mission is an entry in the register
    /// and nothing else, a certificate is the same everywhere (procedure table of the official page). An extension gives a notice with
    /// the new term; a change is an entry in the register.
    pub const fn on_completion(application_type: ApplicationType, kind: Kind, channel: Channel) -> Option<Self> {
        match (application_type, kind, channel) {
            (ApplicationType::Certificate, ..) => Some(Self::CertificateOfRegistration),
            (ApplicationType::Deregister, _, channel) => Some(Self::on_removal(channel)),
            (ApplicationType::Change, ..)
            | (ApplicationType::Extend, _, Channel::Mission)
            | (ApplicationType::Register | ApplicationType::Transfer, Kind::Temporary, Channel::Mission) => None,
            (ApplicationType::Register | ApplicationType::Transfer, Kind::Permanent, Channel::Mission) => {
                Some(Self::PassportInsert)
            }
            (
                ApplicationType::Register | ApplicationType::Transfer | ApplicationType::Extend,
                Kind::Permanent,
                Channel::Portal,
            ) => Some(Self::NoticeOfRegistration),
            (
                ApplicationType::Register | ApplicationType::Transfer | ApplicationType::Extend,
                Kind::Temporary,
                Channel::Portal,
            ) => Some(Self::NoticeOfTemporaryRegistration),
        }
    }

    /// The document of a removal from the register: a notice through the portal, a note at a mission.
    pub const fn on_removal(channel: Channel) -> Self {
        match channel {
            Channel::Portal => Self::NoticeOfDeregistration,
            Channel::Mission => Self::NoteOfDeregistration,
        }
    }

    /// Whether it tells of a removal from the register.
    pub const fn is_of_removal(self) -> bool {
        matches!(self, Self::NoticeOfDeregistration | Self::NoteOfDeregistration)
    }

    /// Whether it is made when it is first asked for. Every application has a receipt, most of which nobody ever opens; all other documents
    /// are made as soon as their step is done.
    pub const fn is_made_on_demand(self) -> bool {
        matches!(self, Self::Receipt)
    }

    /// As stored and shown, such as `NOTICE_OF_TEMPORARY_REGISTRATION`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoticeOfRegistration => "NOTICE_OF_REGISTRATION",
            Self::NoticeOfTemporaryRegistration => "NOTICE_OF_TEMPORARY_REGISTRATION",
            Self::PassportInsert => "PASSPORT_INSERT",
            Self::CertificateOfRegistration => "CERTIFICATE_OF_REGISTRATION",
            Self::NoticeOfDeregistration => "NOTICE_OF_DEREGISTRATION",
            Self::NoteOfDeregistration => "NOTE_OF_DEREGISTRATION",
            Self::Receipt => "RECEIPT",
            Self::ReturnNotice => "RETURN_NOTICE",
            Self::PreliminaryDecision => "PRELIMINARY_DECISION",
            Self::HearingProtocol => "HEARING_PROTOCOL",
            Self::Refusal => "REFUSAL",
            Self::TransferNotice => "TRANSFER_NOTICE",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The title printed on the document.
    pub const fn title(self) -> Text {
        match self {
            Self::NoticeOfRegistration => Text::fixed(
                "Консулдық есепке алу туралы хабарлама",
                "Уведомление о постановке на консульский учёт",
                "Notice of consular registration",
            ),
            Self::NoticeOfTemporaryRegistration => Text::fixed(
                "Уақытша консулдық есепке алу туралы хабарлама",
                "Уведомление о постановке на временный консульский учёт",
                "Notice of temporary consular registration",
            ),
            Self::PassportInsert => Text::fixed(
                "Консулдық есепке алу туралы паспортқа қосымша бет",
                "Вкладыш в паспорт о постановке на консульский учёт",
                "Insert to the passport on consular registration",
            ),
            Self::CertificateOfRegistration => Text::fixed(
                "Консулдық есепте тұрғаны туралы анықтама",
                "Справка о постановке на консульский учёт",
                "Certificate of consular registration",
            ),
            Self::NoticeOfDeregistration => Text::fixed(
                "Консулдық есептен шығару туралы хабарлама",
                "Уведомление о снятии с консульского учёта",
                "Notice of consular de-registration",
            ),
            Self::NoteOfDeregistration => Text::fixed(
                "Консулдық есептен шығару туралы белгі",
                "Отметка о снятии с консульского учёта",
                "Note of consular de-registration",
            ),
            Self::Receipt => Text::fixed(
                "Өтініштің қабылданғаны туралы қолхат",
                "Расписка о приёме заявления",
                "Receipt of an application",
            ),
            Self::ReturnNotice => Text::fixed(
                "Өтінішті пысықтауға қайтару туралы хабарлама",
                "Уведомление о возврате заявления на доработку",
                "Notice of return of an application",
            ),
            Self::PreliminaryDecision => Text::fixed(
                "Бас тарту туралы алдын ала шешім және тыңдау туралы хабарлама",
                "Предварительное решение об отказе и уведомление о заслушивании",
                "Preliminary decision to refuse and notice of the hearing",
            ),
            Self::HearingProtocol => {
                Text::fixed("Тыңдау хаттамасы", "Протокол заслушивания", "Protocol of the hearing")
            }
            Self::Refusal => Text::fixed(
                "Мемлекеттік қызметті көрсетуден дәлелді бас тарту",
                "Мотивированный отказ в оказании государственной услуги",
                "Reasoned refusal of the public service",
            ),
            Self::TransferNotice => Text::fixed(
                "Басқа шетелдегі мекемеде консулдық есепке алу туралы хабарлама",
                "Уведомление о постановке на консульский учёт в другом загранучреждении",
                "Notice of consular registration at another mission",
            ),
        }
    }
}
