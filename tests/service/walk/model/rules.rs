//! What the law asks of an application, as conditions.

use chrono::NaiveDate;
use consular_registration::registration::DeregistrationGround;
use consular_registration::registration::form::{ApplicationType, Kind};

use super::{ADDRESSES, Fact, Model, Registration};

impl Model {
    pub(super) fn deficiencies(&self, at: usize) -> Vec<&'static str> {
        let application = &self.applications[at];
        let filing = &application.filing;
        let today = self.today(application.mission);
        let present = self.registered(at);
        let stay_ends = present.and_then(|open| open.until);
        let has_ended = |last: Option<NaiveDate>| last.is_some_and(|last| last < today);
        let (what, ground) = (filing.what, filing.ground.unwrap_or(DeregistrationGround::OwnApplication));
        let removes = what == ApplicationType::Deregister;
        let stays = matches!(what, ApplicationType::Change | ApplicationType::Extend);
        let competent = ADDRESSES[filing.address].2 == Some(application.mission);
        let mut found = Vec::new();
        let mut unless = |holds: bool, code| {
            if !holds {
                found.push(code);
            }
        };
        unless(!writes_card(what) || filing.is_complete, "CARD_INCOMPLETE");
        let is_temporary = writes_card(what) && filing.kind == Kind::Temporary;
        unless(!(is_temporary && has_ended(filing.until)), "STAY_PERIOD_INVALID");
        unless(!writes_card(what) || filing.purpose_fits, "PURPOSE_INVALID");
        unless(filing.has_consent, "CONSENT_MISSING");
        unless(!stays || competent, "TRANSFER_REQUIRED");
        let needs_running = matches!(what, ApplicationType::Change | ApplicationType::Certificate);
        unless(!(needs_running && has_ended(stay_ends)), "STAY_PERIOD_INVALID");
        if present.is_some() && what == ApplicationType::Change {
            unless(filing.until == stay_ends, "STAY_PERIOD_INVALID");
        }
        if present.is_some() && what == ApplicationType::Extend {
            let later = filing.until.is_some_and(|until| stay_ends.is_some_and(|last| until > last) && until >= today);
            unless(later, "STAY_PERIOD_INVALID");
        }
        unless(!(removes && filing.is_back && application.is_paper), "OUT_OF_JURISDICTION");
        if removes {
            unless(
                match ground {
                    DeregistrationGround::StayExpired => present.is_none() || has_ended(stay_ends),
                    DeregistrationGround::DeathOrCourtDecision => application.is_paper,
                    _ => true,
                },
                "DEREG_GROUND_INVALID",
            );
            unless(!is_proved_by_paper(ground) || filing.has_proof || application.is_paper, "EVIDENCE_REQUIRED");
        }
        found
    }

    pub(super) fn unmet(&self, at: usize) -> Vec<&'static str> {
        let application = &self.applications[at];
        let (filing, facts) = (&application.filing, application.facts);
        let what = filing.what;
        let comes = matches!(what, ApplicationType::Register | ApplicationType::Transfer);
        let first_permanent = what == ApplicationType::Register && filing.kind == Kind::Permanent;
        let competent = ADDRESSES[filing.address].2 == Some(application.mission);
        let ground = filing.ground.unwrap_or(DeregistrationGround::OwnApplication);
        // Nobody is told of the register who may not be the applicant.
        let may_know = facts.identity == Fact::True;
        let open = self.open_registration(filing.citizen).filter(|_| may_know).map(|open| &self.registrations[open]);
        let is_here = |open: &Registration| open.mission == application.mission && open.kind == filing.kind;
        let mut found = Vec::new();
        let mut unless = |holds: bool, code| {
            if !holds {
                found.push(code);
            }
        };
        unless(!writes_card(what) || facts.citizenship == Fact::True, "NOT_RK_CITIZEN");
        unless(facts.identity == Fact::True, "IDENTITY_NOT_VERIFIED");
        unless(!first_permanent || filing.names_departure, "EXIT_DECISION_REQUIRED");
        let is_verified = facts.departure == Fact::True;
        unless(!(first_permanent && filing.names_departure) || is_verified, "EXIT_DECISION_NOT_VERIFIED");
        unless(!comes || competent, "WRONG_CONSULAR_DISTRICT");
        unless(!(what == ApplicationType::Register && open.is_some_and(|open| !is_here(open))), "TRANSFER_REQUIRED");
        unless(!(comes && open.is_some_and(is_here)), "ALREADY_REGISTERED");
        let claims = what == ApplicationType::Deregister && is_proved_by_paper(ground);
        unless(!claims || facts.ground == Fact::True, "DEREG_GROUND_NOT_VERIFIED");
        if what != ApplicationType::Register && may_know {
            unless(open.is_some_and(|open| open.kind == filing.kind), "NO_REGISTRATION");
            let elsewhere = open.is_some_and(|open| open.mission != application.mission);
            unless(what == ApplicationType::Transfer || !elsewhere, "WRONG_CONSULAR_DISTRICT");
        }
        found
    }

    /// The registration that the application is about, as far as it may be told.
    pub(super) fn registered(&self, at: usize) -> Option<&Registration> {
        let application = &self.applications[at];
        let may_know = application.facts.identity == Fact::True && application.filing.what != ApplicationType::Register;
        self.open_registration(application.filing.citizen).filter(|_| may_know).map(|open| &self.registrations[open])
    }
}

fn writes_card(what: ApplicationType) -> bool {
    !matches!(what, ApplicationType::Deregister | ApplicationType::Certificate)
}

pub(super) fn is_proved_by_paper(ground: DeregistrationGround) -> bool {
    !matches!(ground, DeregistrationGround::OwnApplication | DeregistrationGround::StayExpired)
}
