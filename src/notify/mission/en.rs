//! The messages in English.

use chrono::NaiveDateTime;

use super::MissionNotice;
use crate::notify::Message;

fn written(time: NaiveDateTime) -> String {
    time.format("%-d %B %Y, %H:%M").to_string()
}

pub(super) fn message(notice: &MissionNotice) -> Message {
    match notice {
        MissionNotice::DueSoon { application, due } => Message {
            subject: format!("The term of application {application} is about to end"),
            body: format!(
                "Application {application} has to be decided by {} (local time of the mission).",
                written(*due),
            ),
        },
        MissionNotice::Overdue { application, due } => Message {
            subject: format!("The term of application {application} is over"),
            body: format!(
                "The term of application {application} ended on {}, and it is not decided.\n\
                 Decide it without delay. This message goes to the officers and to their supervisor.",
                written(*due),
            ),
        },
        MissionNotice::Transferred { former, from, registration, to } => Message {
            subject: format!("Consular registration {former} was transferred to another mission"),
            body: format!(
                "Registration {former} has ended ({from}).\n\
                 The citizen is registered under {registration} ({to}).",
                from = from.en,
                to = to.en,
            ),
        },
    }
}
