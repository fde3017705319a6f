//! Where an application belongs when it was made to another mission than the competent one: it is forwarded, not refused.

use super::form::ApplicationType;
use super::rules::{District, Facts};
use super::value::MissionCode;

/// The mission that an application belongs to, where exactly one is known and it is another than the one that has it: the mission competent
/// for the address, or the one that keeps the registration that the application is about.
pub fn belongs_to(facts: &Facts<'_>) -> Option<MissionCode> {
    match facts.form.application_type {
        ApplicationType::Register | ApplicationType::Transfer => match &facts.district {
            District::Other(mission) => Some(mission.clone()),
            District::Competent | District::Undetermined => None,
        },
        ApplicationType::Change
        | ApplicationType::Extend
        | ApplicationType::Deregister
        | ApplicationType::Certificate => {
            // Who may not learn of the register does not learn from the way of the application either.
            let open = facts.open_registration.as_ref().filter(|_| facts.may_tell_of_register())?;
            (open.mission != facts.mission).then(|| open.mission.clone())
        }
    }
}
