//! The messages in Russian.

use chrono::NaiveDate;

use super::RegistrationNotice;
use crate::notify::Message;

fn written(day: NaiveDate) -> String {
    day.format("%d.%m.%Y").to_string()
}

pub(super) fn message(notice: &RegistrationNotice) -> Message {
    match notice {
        RegistrationNotice::StayEnding { registration, valid_until } => Message {
            subject: format!("Срок Вашего пребывания за рубежом истекает {}", written(*valid_until)),
            body: format!(
                "По консульскому учёту (№ {registration}) срок Вашего пребывания истекает {}.\n\
                 Если Вы остаётесь дольше, подайте заявление о продлении; если уезжаете — о снятии с учёта.",
                written(*valid_until),
            ),
        },
        RegistrationNotice::StayEnded { registration, valid_until, removed_on } => Message {
            subject: "Срок Вашего пребывания по учёту истёк".to_owned(),
            body: format!(
                "По консульскому учёту (№ {registration}) срок Вашего пребывания истёк {}.\n\
                 Если он не будет продлён, {} Вы будете сняты с учёта.",
                written(*valid_until),
                written(*removed_on),
            ),
        },
        RegistrationNotice::Deregistered { registration, ground, on } => Message {
            subject: "Вы сняты с консульского учёта".to_owned(),
            body: format!("Учёт № {registration} прекращён {}.\nОснование: {}.", written(*on), ground.ru),
        },
        RegistrationNotice::Annulled { registration, reason, on } => Message {
            subject: "Ваш консульский учёт аннулирован".to_owned(),
            body: format!("Учёт № {registration} аннулирован {}.\nПричина: {}", written(*on), reason.ru),
        },
        RegistrationNotice::PassportExpiring { registration, on } => Message {
            subject: format!("Срок действия Вашего паспорта истекает {}", written(*on)),
            body: format!(
                "Срок действия паспорта, указанного в карточке консульского учёта № {registration}, истекает {}.\n\
                 Получив новый паспорт, подайте заявление об изменении карточки.",
                written(*on),
            ),
        },
        RegistrationNotice::ReconfirmationDue { registration } => Message {
            subject: "Верны ли ещё данные Вашей регистрационной карточки?".to_owned(),
            body: format!(
                "Карточка Вашего консульского учёта № {registration} не менялась в течение года.\n\
                 Если изменились адрес, контакты или обстоятельства, подайте заявление об изменении карточки.",
            ),
        },
        RegistrationNotice::CrisisBroadcast { title, message, phone } => Message {
            subject: title.ru.to_string(),
            body: format!(
                "{message}\n\
                 Сообщите о себе: ответьте в личном кабинете «В безопасности» или «Нужна помощь».\n\
                 Если помощь нужна срочно, позвоните в загранучреждение: {phone}.",
                message = message.ru,
            ),
        },
        RegistrationNotice::ElectionListCheck { title, voting_day, registration, check_until, phone } => Message {
            subject: format!("{}: проверьте свои данные", title.ru),
            body: format!(
                "День голосования: {voting_day}.\n\
                 Список избирателей составляется по данным консульского учёта; Ваш регистрационный номер: {registration}.\n\
                 Проверьте данные своей карточки. Если они изменились, подайте заявление об изменении карточки не позднее {check_until}.\n\
                 Если есть вопросы, позвоните в загранучреждение: {phone}.",
                voting_day = written(*voting_day),
                check_until = written(*check_until),
            ),
        },
    }
}
