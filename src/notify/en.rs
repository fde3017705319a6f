//! The messages in English.

use super::{Message, MessageData, listed};
use crate::registration::hearing::APPEAL;
use crate::registration::{ApplicationType, Language, Text};

pub(super) fn message(data: &MessageData) -> Message {
    match data {
        MessageData::ApplicationInReview { application, mission, due_on } => Message {
            subject: format!("Application {application} is being examined"),
            body: format!(
                "Your application {application} on consular registration has been accepted and is being examined.\n\
                 Examined by: {mission}.\n\
                 Decision due by: {due_on}.\n\
                 You will find the result in your personal account.",
                mission = mission.en,
                due_on = due_on.format("%-d %B %Y"),
            ),
        },
        MessageData::ApplicationReturned { application, remarks, due_on } => Message {
            subject: format!("Application {application} was returned for correction"),
            body: format!(
                "Your application {application} on consular registration was returned with these remarks:\n\
                 {remarks}\
                 Please correct them, sign the application again with your EDS and send it once more.\n\
                 The term for the decision is not suspended. Decision due by: {due_on}.",
                remarks = listed(remarks, Language::En),
                due_on = due_on.format("%-d %B %Y"),
            ),
        },
        MessageData::RefusalAnnounced { application, reason, hearing, place, objection_until } => Message {
            subject: format!("Application {application}: refusal intended, you are invited to be heard"),
            body: format!(
                "It is intended to refuse your application {application}.\n\
                 Reasons: {reason}\n\
                 You may object until {objection_until}. You are heard on {hearing}, {place} (local time of the mission).\n\
                 The term for the decision stands still until then.",
                reason = reason.en,
                hearing = hearing.format("%-d %B %Y, %H:%M"),
                objection_until = objection_until.format("%-d %B %Y, %H:%M"),
            ),
        },
        MessageData::HearingReminder { application, hearing, place, objection_until } => Message {
            subject: format!("Application {application}: reminder of the hearing"),
            body: format!(
                "It is intended to refuse your application {application}.\n\
                 You are heard on {hearing}, {place} (local time of the mission).\n\
                 You may object until {objection_until}.",
                hearing = hearing.format("%-d %B %Y, %H:%M"),
                objection_until = objection_until.format("%-d %B %Y, %H:%M"),
            ),
        },
        MessageData::Heard { application, due_on } => Message {
            subject: format!("Application {application}: you have been heard"),
            body: format!(
                "The hearing on your application {application} has been recorded. The term runs again.\n\
                 Decision due by: {due_on}.",
                due_on = due_on.format("%-d %B %Y"),
            ),
        },
        MessageData::Refused { application, reason } => Message {
            subject: format!("Application {application} was refused"),
            body: format!(
                "Your application {application} was refused.\n\
                 Reasons: {reason}\n\
                 {appeal} Once the cause is removed you may apply again.",
                reason = reason.en,
                appeal = APPEAL.en,
            ),
        },
        MessageData::Forwarded { application, mission } => Message {
            subject: format!("Application {application} was passed to another mission"),
            body: format!(
                "Your address belongs to another consular district. Your application {application} was passed on; you need not \
                 do anything.\n\
                 Examined by: {mission}.",
                mission = mission.en,
            ),
        },
        MessageData::Withdrawn { application } => withdrawn(application),
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
            "\nYour document is ready: “{title}”, No. {document}. You can download it from your personal account.\n\
             Anyone can check the document by the QR code on it.",
            title = title.en,
        )
    });
    let (subject, done) = match application_type {
        ApplicationType::Register => {
            ("You have been entered in the consular register", "you have been entered in the consular register")
        }
        ApplicationType::Change => ("Your card was changed", "your registration card was changed"),
        ApplicationType::Extend => ("Your stay was extended", "your registered stay was extended"),
        ApplicationType::Transfer => ("Your registration was transferred", "your registration was transferred"),
        ApplicationType::Deregister => {
            ("You have been removed from the consular register", "you have been removed from the consular register")
        }
        ApplicationType::Certificate => ("Your certificate is ready", "your certificate of registration is ready"),
    };
    Message {
        subject: subject.to_owned(),
        body: format!(
            "Your application {application} was granted: {done}.\n\
             Registration number: {registration}.{ready}",
        ),
    }
}

fn withdrawn(application: &str) -> Message {
    Message {
        subject: format!("Application {application} was withdrawn"),
        body: format!("Your application {application} was taken back as you wished. You may apply again at any time."),
    }
}

fn consent_withdrawn(application: &str, consequences: &Text) -> Message {
    Message {
        subject: "Your consent to processing personal data is withdrawn".to_owned(),
        body: format!(
            "Your act on application {application} was accepted: the consent to processing personal data is withdrawn.\n{consequences}",
            consequences = consequences.en,
        ),
    }
}
