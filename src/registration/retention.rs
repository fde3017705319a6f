//! How long personal data are kept, a class of records at a time, as dated data.

use chrono::{DateTime, Months, NaiveDate, Utc};

use super::parameters::Period;
use super::rules::{CITATIONS, Citation, Source};
use super::text::Text;

/// A class of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordClass {
    /// Applications that ended without a registration.
    EndedApplication,
    /// Registrations, with the applications that led to them and changed them.
    Registration,
    /// Those on the rolls of crises who were not registered.
    WalkIn,
    /// Reports on signatures that no application names.
    ValidationReport,
    /// What happened, and who was shown what.
    AuditTrail,
}

impl RecordClass {
    /// As stored and shown, such as `ENDED_APPLICATION`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EndedApplication => "ENDED_APPLICATION",
            Self::Registration => "REGISTRATION",
            Self::WalkIn => "WALK_IN",
            Self::ValidationReport => "VALIDATION_REPORT",
            Self::AuditTrail => "AUDIT_TRAIL",
        }
    }
}

/// How long the records of one class are kept.
#[derive(Debug)]
pub struct RetentionRule {
    /// The class.
    pub class: RecordClass,
    /// The days the rule is in force.
    pub in_force: Period,
    /// Years after [`Self::begins`]; none: kept.
    pub years: Option<u32>,
    /// What the years are counted from.
    pub begins: Text,
    /// What is erased then.
    pub erased: Text,
    /// What stays.
    pub kept: Text,
    /// The act that a term of keeping is asked by.
    pub citation: &'static Citation,
    /// How well the term is known.
    pub source: Source,
}

impl RetentionRule {
    /// What ended before this moment has been kept for long enough `now`; none where the records are kept.
    pub fn kept_since(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        now.checked_sub_months(Months::new(12 * self.years?))
    }
}

/// The rules in force on `day`.
pub fn rules(day: NaiveDate) -> impl Iterator<Item = &'static RetentionRule> {
    TABLE.iter().filter(move |rule| rule.in_force.contains(day))
}

/// The rule of a class on `day`.
pub fn rule(class: RecordClass, day: NaiveDate) -> Option<&'static RetentionRule> {
    rules(day).find(|rule| rule.class == class)
}

/// The law on personal data has them kept for no longer than their purpose needs. The terms of keeping for consular registration could not be
/// read: the years are this service's own design until a row says better.
static TABLE: [RetentionRule; 5] = [
    RetentionRule {
        class: RecordClass::EndedApplication,
        in_force: Period::ALWAYS,
        years: Some(5),
        begins: Text::fixed(
            "өтініш бойынша бас тартылған немесе ол кері қайтарып алынған сәттен",
            "с отказа по заявлению или его отзыва",
            "from its refusal or withdrawal",
        ),
        erased: APPLICATION_DATA,
        kept: REFERENCES,
        citation: &CITATIONS.personal_data,
        source: Source::OwnDesign,
    },
    RetentionRule {
        class: RecordClass::Registration,
        in_force: Period::ALWAYS,
        years: Some(10),
        begins: Text::fixed(
            "есептен шығарылған немесе жазба жойылған сәттен",
            "со снятия с учёта или аннулирования",
            "from removal from the register or annulment",
        ),
        erased: Text::fixed(
            "карточканың барлық нұсқалары; есепке қатысты өтініштердің нысандары, қол қойылған хабарламалары мен есептері, хабарламалары, \
             құжаттары, тізілімдердің жауаптары",
            "все версии карточки; формы, подписанные сообщения и отчёты, уведомления, документы и ответы реестров по заявлениям об этом учёте",
            "all versions of the card; forms, signed messages and reports, notifications, documents and registers' answers of the \
             applications about it",
        ),
        kept: REFERENCES,
        citation: &CITATIONS.personal_data,
        source: Source::OwnDesign,
    },
    RetentionRule {
        class: RecordClass::WalkIn,
        in_force: Period::ALWAYS,
        years: Some(5),
        begins: Text::fixed(
            "төтенше жағдай жабылған сәттен; ол жабылмаса, адам тізімге енгізілген сәттен",
            "с закрытия чрезвычайной ситуации; если она не закрыта, с внесения лица в список",
            "from the closing of the crisis; where it is not closed, from when the person came on its roll",
        ),
        erased: Text::fixed(
            "жазба, жауаптар, консулдық лауазымды адамның қол қойылған актілері мен олар туралы есептер",
            "запись, ответы, подписанные акты должностных лиц и отчёты о них",
            "the entry, the replies, officers' signed acts and the reports on them",
        ),
        kept: Text::fixed("оқиғалар журналы", "журнал событий", "the journal of events"),
        citation: &CITATIONS.personal_data,
        source: Source::OwnDesign,
    },
    RetentionRule {
        class: RecordClass::ValidationReport,
        in_force: Period::ALWAYS,
        years: None,
        begins: Text::fixed("жасалған сәттен", "с составления", "from its making"),
        erased: NOTHING,
        kept: Text::fixed(
            "есеп пен оның дәлелдері шифрланған түрде",
            "отчёт и его доказательства в зашифрованном виде",
            "the report and its evidence, sealed",
        ),
        citation: &CITATIONS.electronic_signature,
        source: Source::OwnDesign,
    },
    RetentionRule {
        class: RecordClass::AuditTrail,
        in_force: Period::ALWAYS,
        years: None,
        begins: Text::fixed("жазылған сәттен", "с записи", "from its record"),
        erased: NOTHING,
        kept: Text::fixed(
            "сілтемелер ғана: дербес деректер жоқ",
            "только ссылки: персональных данных нет",
            "references only: it holds no personal data",
        ),
        citation: &CITATIONS.personal_data,
        source: Source::OwnDesign,
    },
];

const NOTHING: Text = Text::fixed("ештеңе", "ничего", "nothing");

const APPLICATION_DATA: Text = Text::fixed(
    "нысанның барлық нұсқалары, қол қойылған хабарламалар мен олар туралы есептер, хабарламалар, құжаттар, тізілімдердің жауаптары",
    "все редакции формы, подписанные сообщения и отчёты о них, уведомления, документы и ответы реестров",
    "all revisions of the form, signed messages and the reports on them, notifications, documents, registers' answers",
);

const REFERENCES: Text = Text::fixed(
    "нөмірі, түрі, мекеме, күйі, уақыты, хеш-мәндер, оқиғалар журналы, қол қою сертификаттары",
    "номер, вид, загранучреждение, состояние, время, хеш-значения, журнал событий, сертификаты подписи",
    "number, kind, mission, state, times, digests, the journal of events, certificates of signatures",
);
