//! The messages in Kazakh.

use super::{Message, MessageData, listed};
use crate::registration::hearing::APPEAL;
use crate::registration::{ApplicationType, Language, Text};

pub(super) fn message(data: &MessageData) -> Message {
    match data {
        MessageData::ApplicationInReview { application, mission, due_on } => Message {
            subject: format!("№ {application} өтініш қаралуда"),
            body: format!(
                "Консулдық есеп жөніндегі № {application} өтінішіңіз қабылданды және қаралуда.\n\
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
                "Консулдық есеп жөніндегі № {application} өтінішіңіз мынадай ескертулермен қайтарылды:\n\
                 {remarks}\
                 Ескертулерді түзетіп, өтінішке ЭЦҚ-мен қайта қол қойып, жіберіңіз.\n\
                 Өтінішті қарау мерзімі тоқтатылмайды. Шешім қабылдау мерзімі: {due_on}.",
                remarks = listed(remarks, Language::Kk),
                due_on = due_on.format("%d.%m.%Y"),
            ),
        },
        MessageData::RefusalAnnounced { application, reason, hearing, place, objection_until } => Message {
            subject: format!("№ {application} өтініш: бас тарту туралы алдын ала шешім және тыңдау"),
            body: format!(
                "№ {application} өтінішіңіз бойынша бас тарту көзделуде.\n\
                 Себептері: {reason}\n\
                 Сіз {objection_until} дейін қарсылық білдіре аласыз. Тыңдау: {hearing}, {place} (мекеменің жергілікті уақыты).\n\
                 Оған дейін қарау мерзімі тоқтатыла тұрады.",
                reason = reason.kk,
                hearing = hearing.format("%d.%m.%Y %H:%M"),
                objection_until = objection_until.format("%d.%m.%Y %H:%M"),
            ),
        },
        MessageData::HearingReminder { application, hearing, place, objection_until } => Message {
            subject: format!("№ {application} өтініш: тыңдау туралы еске салу"),
            body: format!(
                "№ {application} өтінішіңіз бойынша бас тарту көзделуде.\n\
                 Тыңдау: {hearing}, {place} (мекеменің жергілікті уақыты).\n\
                 Сіз {objection_until} дейін қарсылық білдіре аласыз.",
                hearing = hearing.format("%d.%m.%Y %H:%M"),
                objection_until = objection_until.format("%d.%m.%Y %H:%M"),
            ),
        },
        MessageData::Heard { application, due_on } => Message {
            subject: format!("№ {application} өтініш: Сіз тыңдалдыңыз"),
            body: format!(
                "№ {application} өтінішіңіз бойынша тыңдау хаттамаланды. Қарау мерзімі қайта жүреді.\n\
                 Шешім қабылдау мерзімі: {due_on}.",
                due_on = due_on.format("%d.%m.%Y"),
            ),
        },
        MessageData::Refused { application, reason } => Message {
            subject: format!("№ {application} өтініш бойынша бас тартылды"),
            body: format!(
                "№ {application} өтінішіңіз бойынша бас тарту туралы шешім қабылданды.\n\
                 Себептері: {reason}\n\
                 {appeal} Себебі жойылған соң қайта жүгіне аласыз.",
                reason = reason.kk,
                appeal = APPEAL.kk,
            ),
        },
        MessageData::Forwarded { application, mission } => Message {
            subject: format!("№ {application} өтініш басқа шетелдегі мекемеге берілді"),
            body: format!(
                "Мекенжайыңыз басқа консулдық округке жатады. № {application} өтініш берілді, Сізден ештеңе талап етілмейді.\n\
                 Қарайтын мекеме: {mission}.",
                mission = mission.kk,
            ),
        },
        MessageData::Withdrawn { application } => Message {
            subject: format!("№ {application} өтініш кері қайтарып алынды"),
            body: format!(
                "№ {application} өтініш Сіздің қалауыңыз бойынша кері қайтарып алынды. Кез келген уақытта қайта жүгіне аласыз."
            ),
        },
        MessageData::ConsentWithdrawn { application, consequences } => consent_withdrawn(application, consequences),
        MessageData::ApplicationCompleted { application_type, application, registration, document } => {
            completed(*application_type, application, registration, document.as_ref())
        }
    }
}

fn completed(
    application_type: ApplicationType,
    application: &str,
    registration: &str,
    document: Option<&(Text, String)>,
) -> Message {
    let ready = document.map_or_else(String::new, |(title, document)| {
        format!(
            "\nҚұжат дайын: «{title}», № {document}. Оны жеке кабинетіңізден жүктеп алуға болады.\n\
             Құжаттың түпнұсқалығын кез келген адам ондағы QR-код арқылы тексере алады.",
            title = title.kk,
        )
    });
    let (subject, done) = match application_type {
        ApplicationType::Register => ("Сіз консулдық есепке қойылдыңыз", "Сіз консулдық есепке қойылдыңыз"),
        ApplicationType::Change => ("Тіркеу карточкаңыз өзгертілді", "тіркеу карточкаңыз өзгертілді"),
        ApplicationType::Extend => ("Болу мерзіміңіз ұзартылды", "есеп бойынша болу мерзіміңіз ұзартылды"),
        ApplicationType::Transfer => ("Консулдық есебіңіз ауыстырылды", "консулдық есебіңіз ауыстырылды"),
        ApplicationType::Deregister => ("Сіз консулдық есептен шығарылдыңыз", "Сіз консулдық есептен шығарылдыңыз"),
        ApplicationType::Certificate => ("Анықтамаңыз дайын", "консулдық есеп туралы анықтамаңыз дайын"),
    };
    Message {
        subject: subject.to_owned(),
        body: format!(
            "№ {application} өтінішіңіз бойынша оң шешім қабылданды: {done}.\n\
             Тіркеу нөмірі: {registration}.{ready}",
        ),
    }
}

fn consent_withdrawn(application: &str, consequences: &Text) -> Message {
    Message {
        subject: "Дербес деректерді өңдеуге келісіміңіз кері қайтарып алынды".to_owned(),
        body: format!(
            "№ {application} өтініш бойынша жасалған әрекетіңіз қабылданды: дербес деректерді өңдеуге келісім кері қайтарып алынды.\n{consequences}",
            consequences = consequences.kk,
        ),
    }
}
