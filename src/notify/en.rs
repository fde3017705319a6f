//! The messages in English.

use super::{Message, MessageData, listed};
use crate::registration::Language;

pub(super) fn message(data: &MessageData) -> Message {
    match data {
        MessageData::ApplicationInReview { application, mission, due_on } => Message {
            subject: format!("Application {application} is being examined"),
            body: format!(
                "Your application {application} for consular registration has been accepted and is being examined.\n\
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
                "Your application {application} for consular registration was returned with these remarks:\n\
                 {remarks}\
                 Please correct them, sign the application again with your EDS and send it once more.\n\
                 The term for the decision is not suspended. Decision due by: {due_on}.",
                remarks = listed(remarks, Language::En),
                due_on = due_on.format("%-d %B %Y"),
            ),
        },
        MessageData::ApplicationCompleted { application, registration, document } => {
            let ready = document.as_ref().map_or_else(String::new, |(title, document)| {
                format!(
                    "\nYour document is ready: “{title}”, No. {document}. You can download it from your personal account.\n\
                     Anyone can check the document by the QR code on it.",
                    title = title.en,
                )
            });
            Message {
                subject: "You have been entered in the consular register".to_owned(),
                body: format!(
                    "Your application {application} was granted: you have been entered in the consular register.\n\
                     Registration number: {registration}.{ready}",
                ),
            }
        }
    }
}
