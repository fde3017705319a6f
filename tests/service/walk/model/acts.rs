//! What people do to applications and registrations by signing.

use consular_registration::registration::form::EvidenceKind;
use consular_registration::registration::{ApplicationState, DeregistrationGround, RegistrationState};

use super::super::calendar::PLACES;
use super::super::world::{OFFICERS, Signer};
use super::rules::is_proved_by_paper;
use super::{Act, Announced, Fact, GROUNDS, Model, Subject, Told};

impl Model {
    /// An act on the application by whoever signed it; `is_current` when the version named is the present one.
    pub fn act(&mut self, at: usize, signer: Signer, is_current: bool, act: &Act) -> Told {
        let application = &self.applications[at];
        let Signer::Officer(officer) = signer else { return Err("SIGNER_NOT_OFFICER") };
        if OFFICERS[officer] != application.mission {
            return Err("OUT_OF_JURISDICTION");
        }
        if !is_current {
            return Err("VERSION_CONFLICT");
        }
        if application.registration.is_some() {
            return Err("WRONG_STATE");
        }
        self.permitted(at, officer, act)?;
        let state = self.applications[at].state;
        let in_review = state == ApplicationState::InReview;
        let examinable = in_review || state == ApplicationState::Heard;
        let is_possible = match act {
            Act::Claim | Act::Return | Act::Announce { .. } => in_review,
            Act::Forward { to } => {
                let unfit = to.is_none_or(|to| to == self.applications[at].mission);
                if unfit {
                    return Err("FORM_INVALID");
                }
                in_review
            }
            Act::Verify { .. } | Act::Approve => examinable,
            Act::Hear { .. } => state == ApplicationState::PreliminaryRefusal,
            Act::Refuse { .. } => true,
        };
        if !is_possible {
            return Err("WRONG_STATE");
        }
        self.carry_out(at, officer, act)
    }

    fn permitted(&self, at: usize, officer: usize, act: &Act) -> Told {
        let application = &self.applications[at];
        if let Act::Announce { ground, reasons, .. } | Act::Refuse { ground, reasons } = act {
            if *ground == GROUNDS[3] {
                return Err("REFUSAL_GROUND_INVALID");
            }
            if !reasons {
                return Err("REASON_REQUIRED");
            }
        }
        match act {
            Act::Announce { hearing, .. } if *hearing <= self.now => Err("HEARING_REQUIRED"),
            Act::Refuse { ground, .. } => {
                let state = application.state;
                let was_told = matches!(state, ApplicationState::PreliminaryRefusal | ApplicationState::Heard);
                let Some(announced) = application.announced.as_ref().filter(|_| was_told) else {
                    return Err("HEARING_REQUIRED");
                };
                if announced.ground != *ground || application.is_upheld == Some(true) {
                    return Err("HEARING_REQUIRED");
                }
                if self.now <= announced.objection_until {
                    return Err("OBJECTION_PERIOD_OPEN");
                }
                if announced.by == officer { Err("OTHER_OFFICER_REQUIRED") } else { Ok(()) }
            }
            Act::Hear { begin, end, is_whole, .. } => {
                let too_early = application.announced.as_ref().is_some_and(|announced| *begin < announced.hearing);
                let holds = *is_whole && !too_early && begin <= end && *end <= self.now;
                if holds { Ok(()) } else { Err("PROTOCOL_INCOMPLETE") }
            }
            _ => Ok(()),
        }
    }

    fn carry_out(&mut self, at: usize, officer: usize, act: &Act) -> Told {
        let now = self.now;
        match act {
            Act::Claim => {
                self.applications[at].is_examined = true;
                self.step(at, "application.claimed");
            }
            Act::Return => {
                let application = &mut self.applications[at];
                application.is_examined = true;
                application.state = ApplicationState::Returned;
                application.findings = vec!["OFFICERS_REMARK"];
                self.step(at, "application.returned");
            }
            Act::Verify { what, holds } => {
                let facts = &mut self.applications[at].facts;
                let fact = if *holds { Fact::True } else { Fact::Untrue };
                match what {
                    EvidenceKind::DepartureDecision => facts.departure = fact,
                    EvidenceKind::IdentityDocument => {
                        facts.identity = fact;
                        facts.citizenship = if facts.citizenship == Fact::Untrue { Fact::Untrue } else { fact };
                    }
                    EvidenceKind::DeregistrationProof => facts.ground = fact,
                    EvidenceKind::RepresentationProof => {}
                }
                self.assess(at);
                self.step(at, "application.evidence_verified");
            }
            Act::Approve => {
                if !self.unmet(at).is_empty() {
                    return Err("STILL_AWAITING");
                }
                if let Some(first) = self.deficiencies(at).first() {
                    return Err(first);
                }
                self.happens(Subject::Application(at), "application.approved");
                self.grant(at);
            }
            Act::Announce { ground, hearing, .. } => {
                let application = &mut self.applications[at];
                let place = &PLACES[application.mission];
                let due = application.due.unwrap();
                let (left, objection_until) = (place.left(now, due), place.term(now, 2));
                application.announced =
                    Some(Announced { ground, by: officer, hearing: *hearing, objection_until, due, left });
                application.state = ApplicationState::PreliminaryRefusal;
                application.due = None;
                self.step(at, "application.refusal_announced");
            }
            Act::Hear { upheld, .. } => {
                let application = &mut self.applications[at];
                let announced = application.announced.as_ref().unwrap();
                let place = &PLACES[application.mission];
                application.due = Some(place.resumed(now, announced.due, announced.left));
                application.state = ApplicationState::Heard;
                application.is_upheld = Some(*upheld);
                self.assess(at);
                self.step(at, "application.heard");
                self.watch(at);
            }
            Act::Refuse { .. } => {
                self.applications[at].state = ApplicationState::Refused;
                self.step(at, "application.refused");
            }
            Act::Forward { to } => {
                let application = &mut self.applications[at];
                application.mission = to.unwrap();
                application.is_examined = false;
                self.assess(at);
                self.step(at, "application.forwarded");
                self.watch(at);
            }
        }
        self.remind();
        Ok(())
    }

    fn assess(&mut self, at: usize) {
        self.applications[at].findings = [self.deficiencies(at), self.unmet(at)].concat();
    }

    /// The application is taken back.
    pub fn withdraw(&mut self, at: usize, signer: Signer, is_current: bool) -> Told {
        let application = &self.applications[at];
        let may = match signer {
            Signer::Citizen(citizen) => citizen == application.filing.citizen,
            Signer::Officer(officer) => application.is_paper && OFFICERS[officer] == application.mission,
        };
        if !may {
            return Err("SIGNER_MISMATCH");
        }
        if !is_current {
            return Err("VERSION_CONFLICT");
        }
        let over = [ApplicationState::Completed, ApplicationState::Refused, ApplicationState::Withdrawn];
        if over.contains(&application.state) {
            return Err("WRONG_STATE");
        }
        let application = &mut self.applications[at];
        application.state = ApplicationState::Withdrawn;
        application.due = None;
        application.findings.clear();
        self.step(at, "application.withdrawn");
        Ok(())
    }

    /// An officer removes a citizen from the register on `ground`, or annuls the registration.
    pub fn close(
        &mut self,
        at: usize,
        signer: Signer,
        is_current: bool,
        ground: Option<DeregistrationGround>,
        has_proof: bool,
    ) -> Told {
        let registration = &self.registrations[at];
        let Signer::Officer(officer) = signer else { return Err("SIGNER_NOT_OFFICER") };
        if OFFICERS[officer] != registration.mission {
            return Err("OUT_OF_JURISDICTION");
        }
        if !is_current {
            return Err("VERSION_CONFLICT");
        }
        match ground {
            Some(DeregistrationGround::OwnApplication) => return Err("DEREG_GROUND_INVALID"),
            Some(ground) if is_proved_by_paper(ground) && !has_proof => return Err("EVIDENCE_REQUIRED"),
            Some(DeregistrationGround::StayExpired) if registration.state == RegistrationState::Active => {
                return Err("DEREG_GROUND_INVALID");
            }
            _ => {}
        }
        if !registration.is_open() {
            return Err("WRONG_STATE");
        }
        let Some(ground) = ground else {
            let registration = &mut self.registrations[at];
            registration.state = RegistrationState::Annulled;
            registration.closed = Some(self.now);
            registration.version += 1;
            self.happens(Subject::Registration(at), "registration.annulled");
            return Ok(());
        };
        self.remove(at, ground, true);
        Ok(())
    }
}
