//! Withdrawal of the consent to processing personal data: what follows from it, as dated data.

use super::event::NotificationKind;
use super::parameters::Period;
use super::rules::{CITATIONS, Citation, Source};
use super::text::Text;
use chrono::NaiveDate;

/// What follows from withdrawing a consent, while in force.
#[derive(Debug)]
pub struct WithdrawalConsequences {
    /// The days it is in force.
    pub in_force: Period,
    /// The consequences as sentences.
    pub statement: Text,
    /// The act they come from.
    pub citation: &'static Citation,
    /// How well they are known.
    pub source: Source,
    /// Whether the person's open applications end, WITHDRAWN.
    pub ends_open_applications: bool,
    /// Notices of the service's own that stop; those about the person's rights and terms do not.
    pub stopped_notices: &'static [NotificationKind],
}

impl WithdrawalConsequences {
    /// The consequences of a withdrawal on `day`.
    pub fn on(day: NaiveDate) -> &'static Self {
        TABLE.iter().rev().find(|row| row.in_force.contains(day)).unwrap_or(&TABLE[0])
    }

    /// Whether notices of that kind stop.
    pub fn stops(&self, kind: NotificationKind) -> bool {
        self.stopped_notices.contains(&kind)
    }
}

/// One row per period, the newest last.
///
/// The law lets a person withdraw a consent, unless that contradicts the laws: the state register that consular registration is, is kept by
/// law. So what has not been decided ends, what is registered stays for as long as the retention policy says, and nobody is written to
/// beyond what the law demands.
static TABLE: [WithdrawalConsequences; 1] = [WithdrawalConsequences {
    in_force: Period::ALWAYS,
    statement: Text::fixed(
        "Ашық өтініштерді қарау тоқтатылады. Есеп туралы жазба заңда көзделген мерзім бойы сақталады: есептен шығу үшін жеке өтініш \
         беріңіз. Міндетті емес хабарламалар тоқтатылады. Жаңа өтініш жаңа келісіммен беріледі.",
        "Рассмотрение открытых заявлений прекращается. Запись об учёте хранится в течение срока, предусмотренного законом: для снятия с \
         учёта подайте отдельное заявление. Необязательные уведомления прекращаются. Новое заявление подаётся с новым согласием.",
        "Open applications are no longer processed. A registration is kept for as long as the law provides: to be removed from the register, \
         apply for it. Notices that are not mandatory stop. A new application comes with a new consent.",
    ),
    citation: &CITATIONS.personal_data,
    source: Source::OwnDesign,
    ends_open_applications: true,
    stopped_notices: &[NotificationKind::ReconfirmationDue],
}];
