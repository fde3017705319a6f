//! The messages in Russian.

use chrono::NaiveDateTime;

use super::MissionNotice;
use crate::notify::Message;

fn written(time: NaiveDateTime) -> String {
    time.format("%d.%m.%Y %H:%M").to_string()
}

pub(super) fn message(notice: &MissionNotice) -> Message {
    match notice {
        MissionNotice::DueSoon { application, due } => Message {
            subject: format!("Истекает срок рассмотрения заявления № {application}"),
            body: format!(
                "Решение по заявлению № {application} должно быть принято до {} (местное время загранучреждения).",
                written(*due),
            ),
        },
        MissionNotice::Overdue { application, due } => Message {
            subject: format!("Срок рассмотрения заявления № {application} истёк"),
            body: format!(
                "Срок рассмотрения заявления № {application} истёк {}, решение не принято.\n\
                 Примите решение безотлагательно. Сообщение направлено должностным лицам и руководителю.",
                written(*due),
            ),
        },
        MissionNotice::Transferred { former, from, registration, to } => Message {
            subject: format!("Консульский учёт № {former} переведён в другое загранучреждение"),
            body: format!(
                "Учёт № {former} прекращён ({from}).\n\
                 Гражданин поставлен на учёт под № {registration} ({to}).",
                from = from.ru,
                to = to.ru,
            ),
        },
    }
}
