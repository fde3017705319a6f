//! The messages in Russian.

use super::{Message, MessageData, listed};
use crate::registration::hearing::APPEAL;
use crate::registration::{ApplicationType, Language, Text};

pub(super) fn message(data: &MessageData) -> Message {
    match data {
        MessageData::ApplicationInReview { application, mission, due_on } => Message {
            subject: format!("Заявление № {application} на рассмотрении"),
            body: format!(
                "Ваше заявление № {application} по консульскому учёту принято и находится на рассмотрении.\n\
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
                "Ваше заявление № {application} по консульскому учёту возвращено с замечаниями:\n\
                 {remarks}\
                 Устраните замечания, подпишите заявление ЭЦП и отправьте его повторно.\n\
                 Срок рассмотрения не приостанавливается. Срок принятия решения: {due_on}.",
                remarks = listed(remarks, Language::Ru),
                due_on = due_on.format("%d.%m.%Y"),
            ),
        },
        MessageData::RefusalAnnounced { application, reason, hearing, place, objection_until } => Message {
            subject: format!("Заявление № {application}: предварительное решение об отказе и заслушивание"),
            body: format!(
                "По Вашему заявлению № {application} предполагается отказ.\n\
                 Причины: {reason}\n\
                 Вы вправе возразить до {objection_until}. Заслушивание: {hearing}, {place} (местное время загранучреждения).\n\
                 До этого срок рассмотрения приостановлен.",
                reason = reason.ru,
                hearing = hearing.format("%d.%m.%Y %H:%M"),
                objection_until = objection_until.format("%d.%m.%Y %H:%M"),
            ),
        },
        MessageData::HearingReminder { application, hearing, place, objection_until } => Message {
            subject: format!("Заявление № {application}: напоминание о заслушивании"),
            body: format!(
                "По Вашему заявлению № {application} предполагается отказ.\n\
                 Заслушивание: {hearing}, {place} (местное время загранучреждения).\n\
                 Вы вправе возразить до {objection_until}.",
                hearing = hearing.format("%d.%m.%Y %H:%M"),
                objection_until = objection_until.format("%d.%m.%Y %H:%M"),
            ),
        },
        MessageData::Heard { application, due_on } => Message {
            subject: format!("Заявление № {application}: Вы заслушаны"),
            body: format!(
                "Заслушивание по Вашему заявлению № {application} запротоколировано. Срок рассмотрения возобновлён.\n\
                 Срок принятия решения: {due_on}.",
                due_on = due_on.format("%d.%m.%Y"),
            ),
        },
        MessageData::Refused { application, reason } => Message {
            subject: format!("По заявлению № {application} отказано"),
            body: format!(
                "По Вашему заявлению № {application} принято решение об отказе.\n\
                 Причины: {reason}\n\
                 {appeal} Устранив причину, Вы можете обратиться снова.",
                reason = reason.ru,
                appeal = APPEAL.ru,
            ),
        },
        MessageData::Forwarded { application, mission } => Message {
            subject: format!("Заявление № {application} передано в другое загранучреждение"),
            body: format!(
                "Ваш адрес относится к другому консульскому округу. Заявление № {application} передано, от Вас ничего не \
                 требуется.\n\
                 Рассматривает: {mission}.",
                mission = mission.ru,
            ),
        },
        MessageData::Withdrawn { application } => Message {
            subject: format!("Заявление № {application} отозвано"),
            body: format!(
                "Заявление № {application} отозвано по Вашему желанию. Вы можете обратиться снова в любое время."
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
            "\nДокумент готов: «{title}», № {document}. Его можно скачать в личном кабинете.\n\
             Подлинность документа может проверить любой по QR-коду на нём.",
            title = title.ru,
        )
    });
    let (subject, done) = match application_type {
        ApplicationType::Register => ("Вы поставлены на консульский учёт", "Вы поставлены на консульский учёт"),
        ApplicationType::Change => ("Ваша карточка изменена", "Ваша регистрационная карточка изменена"),
        ApplicationType::Extend => ("Срок Вашего пребывания продлён", "срок Вашего пребывания по учёту продлён"),
        ApplicationType::Transfer => ("Ваш консульский учёт переведён", "Ваш консульский учёт переведён"),
        ApplicationType::Deregister => ("Вы сняты с консульского учёта", "Вы сняты с консульского учёта"),
        ApplicationType::Certificate => ("Ваша справка готова", "справка о консульском учёте готова"),
    };
    Message {
        subject: subject.to_owned(),
        body: format!(
            "По Вашему заявлению № {application} принято положительное решение: {done}.\n\
             Регистрационный номер: {registration}.{ready}",
        ),
    }
}

fn consent_withdrawn(application: &str, consequences: &Text) -> Message {
    Message {
        subject: "Ваше согласие на обработку персональных данных отозвано".to_owned(),
        body: format!(
            "Ваше действие по заявлению № {application} принято: согласие на обработку персональных данных отозвано.\n{consequences}",
            consequences = consequences.ru,
        ),
    }
}
