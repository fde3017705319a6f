//! The messages in Russian.

use super::{Message, MessageData, listed};
use crate::registration::Language;

pub(super) fn message(data: &MessageData) -> Message {
    match data {
        MessageData::ApplicationInReview { application, mission, due_on } => Message {
            subject: format!("Заявление № {application} на рассмотрении"),
            body: format!(
                "Ваше заявление № {application} о постановке на консульский учёт принято и находится на рассмотрении.\n\
                 Рассматривает: {mission}.\n\
                 Срок принятия решения: {due_on}.\n\
                 О результате мы сообщим в Вашем личном кабинете.",
                mission = mission.ru,
                due_on = due_on.format("%d.%m.%Y"),
            ),
        },
        MessageData::ApplicationReturned { application, remarks, due_on } => Message {
            subject: format!("Заявление № {application} возвращено на доработку"),
            body: format!(
                "Ваше заявление № {application} о постановке на консульский учёт возвращено с замечаниями:\n\
                 {remarks}\
                 Устраните замечания, подпишите заявление ЭЦП и отправьте его повторно.\n\
                 Срок рассмотрения не приостанавливается. Срок принятия решения: {due_on}.",
                remarks = listed(remarks, Language::Ru),
                due_on = due_on.format("%d.%m.%Y"),
            ),
        },
        MessageData::ApplicationCompleted { application, registration, document } => {
            let ready = document.as_ref().map_or_else(String::new, |(title, document)| {
                format!(
                    "\nДокумент готов: «{title}», № {document}. Его можно скачать в личном кабинете.\n\
                     Подлинность документа может проверить любой по QR-коду на нём.",
                    title = title.ru,
                )
            });
            Message {
                subject: "Вы поставлены на консульский учёт".to_owned(),
                body: format!(
                    "По Вашему заявлению № {application} принято положительное решение: Вы поставлены на консульский учёт.\n\
                     Регистрационный номер: {registration}.{ready}",
                ),
            }
        }
    }
}
