//! What a granted application does to the register, and how a registration ends.

use consular_registration::registration::form::{ApplicationType, Kind};
use consular_registration::registration::{ApplicationState, DeregistrationGround, RegistrationState};

use super::super::calendar::PLACES;
use super::{Model, Registration, Subject};

impl Model {
    pub(super) fn grant(&mut self, at: usize) {
        let filing = self.applications[at].filing.clone();
        let open = self.open_registration(filing.citizen);
        let registration = match filing.what {
            ApplicationType::Register => self.open(at),
            ApplicationType::Transfer => {
                // With the notice to the former mission.
                self.remove(open.unwrap(), DeregistrationGround::RegisteredElsewhere, true);
                self.happens(Subject::Document, "document.issued");
                self.open(at)
            }
            ApplicationType::Change | ApplicationType::Extend => {
                let open = open.unwrap();
                let registration = &mut self.registrations[open];
                registration.until = filing.until;
                registration.card_version += 1;
                registration.version += 1;
                registration.state = RegistrationState::Active;
                let is_change = filing.what == ApplicationType::Change;
                let event = if is_change { "registration.changed" } else { "registration.extended" };
                self.happens(Subject::Registration(open), event);
                open
            }
            ApplicationType::Deregister => {
                let ground = filing.ground.unwrap_or(DeregistrationGround::OwnApplication);
                self.remove(open.unwrap(), ground, false);
                open.unwrap()
            }
            ApplicationType::Certificate => {
                self.happens(Subject::Registration(open.unwrap()), "registration.certified");
                open.unwrap()
            }
        };
        let application = &mut self.applications[at];
        application.registration = Some(registration);
        application.state = ApplicationState::Completed;
        application.findings.clear();
        // Once when it is granted, and once when it ends.
        application.version += 1;
        let has_document = match filing.what {
            ApplicationType::Certificate | ApplicationType::Deregister => true,
            ApplicationType::Change => false,
            ApplicationType::Extend => !application.is_paper,
            // A temporary registration at a mission is an entry and nothing else.
            ApplicationType::Register | ApplicationType::Transfer => {
                !application.is_paper || filing.kind == Kind::Permanent
            }
        };
        if has_document {
            self.happens(Subject::Document, "document.issued");
        }
        self.step(at, "application.completed");
    }

    pub(super) fn open(&mut self, at: usize) -> usize {
        let application = self.applications[at].clone();
        let number = self.number(&PLACES[application.mission], "/R");
        self.registrations.push(Registration {
            id: None,
            origin: at,
            number,
            citizen: application.filing.citizen,
            kind: application.filing.kind,
            mission: application.mission,
            state: RegistrationState::Active,
            version: 1,
            card_version: 1,
            until: application.filing.until,
            ground: None,
            closed: None,
        });
        let registration = self.registrations.len() - 1;
        self.happens(Subject::Registration(registration), "registration.opened");
        registration
    }

    /// Removal from the register, with a notice or a note unless an application for it brings one.
    pub(super) fn remove(&mut self, at: usize, ground: DeregistrationGround, with_notice: bool) {
        let registration = &mut self.registrations[at];
        registration.state = RegistrationState::Deregistered;
        registration.ground = Some(ground);
        registration.closed = Some(self.now);
        registration.version += 1;
        self.happens(Subject::Registration(at), "registration.deregistered");
        if with_notice {
            self.happens(Subject::Document, "document.issued");
        }
    }
}
