//! The messages in Kazakh.

use super::{Message, MessageData, listed};
use crate::registration::Language;

pub(super) fn message(data: &MessageData) -> Message {
    match data {
        MessageData::ApplicationInReview { application, mission, due_on } => Message {
            subject: format!("№ {application} өтініш қаралуда"),
            body: format!(
                "Консулдық есепке қою туралы № {application} өтінішіңіз қабылданды және қаралуда.\n\
                 Қарайтын мекеме: {mission}.\n\
                 Шешім қабылдау мерзімі: {due_on}.\n\
                 Нәтижесі туралы жеке кабинетіңізде хабарлаймыз.",
                mission = mission.kk,
                due_on = due_on.format("%d.%m.%Y"),
            ),
        },
        MessageData::ApplicationReturned { application, remarks, due_on } => Message {
            subject: format!("№ {application} өтініш пысықтауға қайтарылды"),
            body: format!(
                "Консулдық есепке қою туралы № {application} өтінішіңіз мынадай ескертулермен қайтарылды:\n\
                 {remarks}\
                 Ескертулерді түзетіп, өтінішке ЭЦҚ-мен қайта қол қойып, жіберіңіз.\n\
                 Өтінішті қарау мерзімі тоқтатылмайды. Шешім қабылдау мерзімі: {due_on}.",
                remarks = listed(remarks, Language::Kk),
                due_on = due_on.format("%d.%m.%Y"),
            ),
        },
        MessageData::ApplicationCompleted { application, registration, document } => {
            let ready = document.as_ref().map_or_else(String::new, |(title, document)| {
                format!(
                    "\nҚұжат дайын: «{title}», № {document}. Оны жеке кабинетіңізден жүктеп алуға болады.\n\
                     Құжаттың түпнұсқалығын кез келген адам ондағы QR-код арқылы тексере алады.",
                    title = title.kk,
                )
            });
            Message {
                subject: "Сіз консулдық есепке қойылдыңыз".to_owned(),
                body: format!(
                    "№ {application} өтінішіңіз бойынша оң шешім қабылданды: Сіз консулдық есепке қойылдыңыз.\n\
                     Тіркеу нөмірі: {registration}.{ready}",
                ),
            }
        }
    }
}
