//! The messages in English.

use chrono::NaiveDate;

use super::RegistrationNotice;
use crate::notify::Message;

fn written(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

pub(super) fn message(notice: &RegistrationNotice) -> Message {
    match notice {
        RegistrationNotice::StayEnding { registration, valid_until } => Message {
            subject: format!("Your stay abroad ends on {}", written(*valid_until)),
            body: format!(
                "By the consular register (No. {registration}) your stay ends on {}.\n\
                 If you stay longer, apply for an extension; if you leave, apply for de-registration.",
                written(*valid_until),
            ),
        },
        RegistrationNotice::StayEnded { registration, valid_until, removed_on } => Message {
            subject: "Your registered stay has ended".to_owned(),
            body: format!(
                "By the consular register (No. {registration}) your stay ended on {}.\n\
                 Unless it is extended, you are removed from the register on {}.",
                written(*valid_until),
                written(*removed_on),
            ),
        },
        RegistrationNotice::Deregistered { registration, ground, on } => Message {
            subject: "You have been removed from the consular register".to_owned(),
            body: format!("Registration No. {registration} ended on {}.\nGround: {}.", written(*on), ground.en),
        },
        RegistrationNotice::Annulled { registration, reason, on } => Message {
            subject: "Your consular registration was annulled".to_owned(),
            body: format!("Registration No. {registration} was annulled on {}.\nReason: {}", written(*on), reason.en),
        },
        RegistrationNotice::PassportExpiring { registration, on } => Message {
            subject: format!("Your passport is valid until {}", written(*on)),
            body: format!(
                "The passport on the card of your consular registration No. {registration} is valid until {}.\n\
                 Once you have a new one, apply for a change of the card.",
                written(*on),
            ),
        },
        RegistrationNotice::ReconfirmationDue { registration } => Message {
            subject: "Is your registration card still true?".to_owned(),
            body: format!(
                "The card of your consular registration No. {registration} has not changed for a year.\n\
                 If your address, contacts or circumstances have changed, apply for a change of the card.",
            ),
        },
        RegistrationNotice::CrisisBroadcast { title, message, phone } => Message {
            subject: title.en.to_string(),
            body: format!(
                "{message}\n\
                 Tell us how you are: answer \"Safe\" or \"Need help\" in your personal account.\n\
                 If you need help at once, call the mission: {phone}.",
                message = message.en,
            ),
        },
        RegistrationNotice::ElectionListCheck { title, voting_day, registration, check_until, phone } => Message {
            subject: format!("{}: check your particulars", title.en),
            body: format!(
                "Voting day: {voting_day}.\n\
                 The list of electors is made from the consular register; the number of your registration is {registration}.\n\
                 Check the particulars on your card. If they have changed, apply for a change of the card by {check_until} at the latest.\n\
                 If you have questions, call the mission: {phone}.",
                voting_day = written(*voting_day),
                check_until = written(*check_until),
            ),
        },
    }
}
