//! The messages in Kazakh.

use chrono::NaiveDateTime;

use super::MissionNotice;
use crate::notify::Message;

fn written(time: NaiveDateTime) -> String {
    time.format("%d.%m.%Y %H:%M").to_string()
}

pub(super) fn message(notice: &MissionNotice) -> Message {
    match notice {
        MissionNotice::DueSoon { application, due } => Message {
            subject: format!("№ {application} өтінішті қарау мерзімі аяқталып келеді"),
            body: format!(
                "№ {application} өтініш бойынша шешім {} дейін қабылдануы тиіс (мекеменің жергілікті уақыты).",
                written(*due),
            ),
        },
        MissionNotice::Overdue { application, due } => Message {
            subject: format!("№ {application} өтінішті қарау мерзімі өтіп кетті"),
            body: format!(
                "№ {application} өтінішті қарау мерзімі {} аяқталды, шешім қабылданған жоқ.\n\
                 Шешімді кідіріссіз қабылдаңыз. Хабарлама лауазымды адамдарға және басшыға жіберілді.",
                written(*due),
            ),
        },
        MissionNotice::Transferred { former, from, registration, to } => Message {
            subject: format!("№ {former} консулдық есеп басқа мекемеге ауыстырылды"),
            body: format!(
                "№ {former} тіркеу ({from}) тоқтатылды.\n\
                 Азамат № {registration} бойынша есепке қойылды ({to}).",
                from = from.kk,
                to = to.kk,
            ),
        },
    }
}
