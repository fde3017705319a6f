//! The messages in Kazakh.

use chrono::NaiveDate;

use super::RegistrationNotice;
use crate::notify::Message;

fn written(day: NaiveDate) -> String {
    day.format("%d.%m.%Y").to_string()
}

pub(super) fn message(notice: &RegistrationNotice) -> Message {
    match notice {
        RegistrationNotice::StayEnding { registration, valid_until } => Message {
            subject: format!("Шетелде болу мерзіміңіз {} күні аяқталады", written(*valid_until)),
            body: format!(
                "Консулдық есеп бойынша (№ {registration}) болу мерзіміңіз {} күні аяқталады.\n\
                 Ұзағырақ қалсаңыз, мерзімді ұзарту туралы, кетсеңіз, есептен шығару туралы өтініш беріңіз.",
                written(*valid_until),
            ),
        },
        RegistrationNotice::StayEnded { registration, valid_until, removed_on } => Message {
            subject: "Есеп бойынша болу мерзіміңіз аяқталды".to_owned(),
            body: format!(
                "Консулдық есеп бойынша (№ {registration}) болу мерзіміңіз {} күні аяқталды.\n\
                 Мерзім ұзартылмаса, Сіз {} күні есептен шығарыласыз.",
                written(*valid_until),
                written(*removed_on),
            ),
        },
        RegistrationNotice::Deregistered { registration, ground, on } => Message {
            subject: "Сіз консулдық есептен шығарылдыңыз".to_owned(),
            body: format!("№ {registration} тіркеу {} күні аяқталды.\nНегізі: {}.", written(*on), ground.kk),
        },
        RegistrationNotice::Annulled { registration, reason, on } => Message {
            subject: "Консулдық тіркеуіңіздің күші жойылды".to_owned(),
            body: format!("№ {registration} тіркеудің күші {} күні жойылды.\nСебебі: {}", written(*on), reason.kk),
        },
        RegistrationNotice::PassportExpiring { registration, on } => Message {
            subject: format!("Паспортыңыздың мерзімі {} күні аяқталады", written(*on)),
            body: format!(
                "Консулдық тіркеуіңіздің (№ {registration}) карточкасындағы паспорттың мерзімі {} күні аяқталады.\n\
                 Жаңа паспорт алған соң, карточканы өзгерту туралы өтініш беріңіз.",
                written(*on),
            ),
        },
        RegistrationNotice::ReconfirmationDue { registration } => Message {
            subject: "Тіркеу карточкаңыздың деректері әлі дұрыс па?".to_owned(),
            body: format!(
                "№ {registration} консулдық тіркеуіңіздің карточкасы бір жыл бойы өзгерген жоқ.\n\
                 Мекенжайыңыз, байланыс деректеріңіз немесе жағдайыңыз өзгерсе, карточканы өзгерту туралы өтініш беріңіз.",
            ),
        },
        RegistrationNotice::CrisisBroadcast { title, message, phone } => Message {
            subject: title.kk.to_string(),
            body: format!(
                "{message}\n\
                 Жағдайыңызды хабарлаңыз: жеке кабинетіңізде «Қауіпсіздемін» немесе «Көмек керек» деп жауап беріңіз.\n\
                 Шұғыл көмек қажет болса, шетелдегі мекемеге қоңырау шалыңыз: {phone}.",
                message = message.kk,
            ),
        },
        RegistrationNotice::ElectionListCheck { title, voting_day, registration, check_until, phone } => Message {
            subject: format!("{}: деректеріңізді тексеріңіз", title.kk),
            body: format!(
                "Дауыс беру күні: {voting_day}.\n\
                 Сайлаушылар тізімі консулдық есеп деректері бойынша жасалады; тіркеу нөміріңіз: {registration}.\n\
                 Карточкаңыздағы деректерді тексеріңіз. Олар өзгерген болса, карточканы өзгерту туралы өтініш беріңіз; соңғы күні: {check_until}.\n\
                 Сұрақтарыңыз болса, шетелдегі мекемеге қоңырау шалыңыз: {phone}.",
                voting_day = written(*voting_day),
                check_until = written(*check_until),
            ),
        },
    }
}
