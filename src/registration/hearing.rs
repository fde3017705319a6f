//! Refusing: the grounds there are, the preliminary decision that announces it, and the hearing in between.
//!
//! Administrative Procedural Code, articles 73 (hearing) and 74 (its protocol); the grounds are those of the public service's standard.

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calendar::{WorkingCalendar, end_of_day};
use super::parameters::OfficeHours;
use super::rules::CITATIONS;
use super::text::Text;
use super::value::Line;

/// Where a refusal may be complained about (Administrative Procedural Code, article 91).
pub const APPEAL: Text = Text::fixed(
    "Шешімге көрсетілетін қызметті берушіге (шетелдегі мекемеге) немесе мемлекеттік қызметтер көрсету сапасын бағалау және бақылау \
     жөніндегі уәкілетті органға, содан кейін сотқа шағымдануға болады (Әкімшілік рәсімдік-процестік кодекстің 91-бабы).",
    "Решение можно обжаловать услугодателю (загранучреждению) или в уполномоченный орган по оценке и контролю за качеством \
     оказания государственных услуг, затем в суд (статья 91 Административного процедурно-процессуального кодекса).",
    "A complaint may be made to the provider (the mission) or to the body that assesses the quality of public services, then to a \
     court (article 91 of the Administrative Procedural Code).",
);

/// The article on hearings, with its act.
pub fn hearing_article() -> Text {
    article(73)
}

/// The article on complaints, with its act.
pub fn appeal_article() -> Text {
    article(91)
}

fn article(number: u32) -> Text {
    let act = CITATIONS.administrative_procedure.text();
    Text::composed(
        format!("{}, {number}-бап", act.kk),
        format!("{}, статья {number}", act.ru),
        format!("{}, article {number}", act.en),
    )
}

/// A ground on which an application may be refused; there are no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RefusalGround {
    /// The documents or the data in them are not reliable.
    UnreliableDocumentsOrData,
    /// The applicant or what was submitted does not meet the requirements of the Rules.
    NonComplianceWithRules,
    /// There is no consent to processing personal data.
    NoPersonalDataConsent,
}

impl RefusalGround {
    /// Every ground.
    pub const ALL: [Self; 3] =
        [Self::UnreliableDocumentsOrData, Self::NonComplianceWithRules, Self::NoPersonalDataConsent];

    /// As written in an act, such as `UNRELIABLE_DOCUMENTS_OR_DATA`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnreliableDocumentsOrData => "UNRELIABLE_DOCUMENTS_OR_DATA",
            Self::NonComplianceWithRules => "NON_COMPLIANCE_WITH_RULES",
            Self::NoPersonalDataConsent => "NO_PERSONAL_DATA_CONSENT",
        }
    }

    /// The ground of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ground| ground.as_str() == name)
    }

    /// The acts that the ground comes from.
    pub fn acts(self) -> Vec<Text> {
        match self {
            Self::UnreliableDocumentsOrData | Self::NonComplianceWithRules => {
                vec![CITATIONS.registration_rules.text()]
            }
            Self::NoPersonalDataConsent => {
                vec![CITATIONS.registration_rules.text(), CITATIONS.personal_data.text()]
            }
        }
    }

    /// The ground as a sentence.
    pub const fn text(self) -> Text {
        match self {
            Self::UnreliableDocumentsOrData => Text::fixed(
                "Ұсынылған құжаттардың және (немесе) олардағы деректердің дұрыс еместігі анықталды.",
                "Установлена недостоверность представленных документов и (или) содержащихся в них данных.",
                "The documents submitted, or the data in them, were found to be unreliable.",
            ),
            Self::NonComplianceWithRules => Text::fixed(
                "Өтініш берушінің және (немесе) ұсынылған материалдардың қағидалардың талаптарына сәйкес еместігі анықталды.",
                "Установлено несоответствие заявителя и (или) представленных материалов требованиям правил.",
                "The applicant, or what was submitted, was found not to meet the requirements of the rules.",
            ),
            Self::NoPersonalDataConsent => Text::fixed(
                "Дербес деректерге қол жеткізуге заңда талап етілетін келісім жоқ.",
                "Отсутствует требуемое законом согласие на доступ к персональным данным.",
                "The consent to access to personal data that the law requires is absent.",
            ),
        }
    }
}

/// Why an officer refuses or means to refuse, as the officer writes it. What has to be there is for the rules to say, so that all that
/// is missing is told at once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grounds {
    /// One of UNRELIABLE_DOCUMENTS_OR_DATA, NON_COMPLIANCE_WITH_RULES, NO_PERSONAL_DATA_CONSENT.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground: Option<Line>,
    /// The facts and reasons in Kazakh.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_kk: Option<Line>,
    /// The facts and reasons in Russian.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_ru: Option<Line>,
}

impl Grounds {
    /// The ground, where it is one of the list.
    pub fn listed(&self) -> Option<RefusalGround> {
        self.ground.as_ref().and_then(|name| RefusalGround::from_name(name))
    }
}

/// Where and when the applicant is heard, as announced with the preliminary decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HearingNotice {
    /// When.
    pub time: DateTime<Utc>,
    /// Where, or by which means.
    pub place: Line,
}

/// The protocol of a hearing (Administrative Procedural Code, article 74). Every item is demanded by a rule, not by the syntax.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Protocol {
    /// Where the hearing was held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Line>,
    /// When it began; the date of the hearing is its day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begin: Option<DateTime<Utc>>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<DateTime<Utc>>,
    /// The administrative body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Line>,
    /// The official who chaired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub official: Option<Line>,
    /// The secretary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secretary: Option<Line>,
    /// Who was heard, or that nobody came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participant: Option<Line>,
    /// The question that was considered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Line>,
    /// What was explained and objected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanations: Option<Line>,
    /// Whether the one who chaired signed the protocol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_by_chair: Option<bool>,
    /// Whether the secretary signed the protocol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_by_secretary: Option<bool>,
}

impl Protocol {
    /// The items that are not there, by their names in the act.
    pub fn missing(&self) -> Vec<&'static str> {
        let items = [
            ("place", self.place.is_some()),
            ("begin", self.begin.is_some()),
            ("end", self.end.is_some_and(|end| self.begin.is_none_or(|begin| begin <= end))),
            ("body", self.body.is_some()),
            ("official", self.official.is_some()),
            ("secretary", self.secretary.is_some()),
            ("participant", self.participant.is_some()),
            ("question", self.question.is_some()),
            ("explanations", self.explanations.is_some()),
            ("signed_by_chair", self.signed_by_chair == Some(true)),
            ("signed_by_secretary", self.signed_by_secretary == Some(true)),
        ];
        items.into_iter().filter(|(_, is_there)| !is_there).map(|(item, _)| item).collect()
    }
}

/// A refusal that was announced, until it is decided on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreliminaryDecision {
    /// The ground, with its reasons.
    pub grounds: Grounds,
    /// Where and when the applicant is heard.
    pub hearing: HearingNotice,
    /// When the applicant was told.
    pub announced_time: DateTime<Utc>,
    /// Until when the applicant may object.
    pub objection_until: DateTime<Utc>,
    /// The legal term, stopped.
    pub clock: PausedClock,
}

/// A legal term that stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PausedClock {
    /// When the term would have ended.
    pub due_time: DateTime<Utc>,
    /// Working days of it that were left, the day of the pause not counted; none when the term had passed already.
    pub working_days_left: Option<u32>,
}

impl PausedClock {
    /// Stops a term that ends at `due_time`, on the local day `today`; `due_day` is the local day of its end.
    pub fn stop(
        due_time: DateTime<Utc>,
        due_day: NaiveDate,
        today: NaiveDate,
        calendar: &impl WorkingCalendar,
    ) -> Self {
        let days = (today <= due_day).then(|| calendar.working_days_between(today, due_day));
        Self { due_time, working_days_left: days }
    }

    /// When the term ends once it runs again from the local day `today`: after as many working days as were left, at the closing
    /// time; on the day itself, or the next working day, when none was left. A term that had passed stays passed.
    pub fn resume(
        &self,
        today: NaiveDate,
        calendar: &impl WorkingCalendar,
        zone: chrono_tz::Tz,
        hours: OfficeHours,
    ) -> DateTime<Utc> {
        let Some(days) = self.working_days_left else { return self.due_time };
        let last = match days {
            0 if calendar.is_working_day(today) => today,
            0 => calendar.working_day_after(today),
            days => calendar.last_day_of_term(today, days),
        };
        end_of_day(last, zone, hours)
    }
}
