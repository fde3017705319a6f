//! The two state machines as one would explain them on paper, walked beside the real ones: plain values and plain conditions, nothing of
//! the service's own rules, states or calendar but their names.

mod acts;
mod register;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};
use consular_registration::registration::form::{ApplicationType, EvidenceKind, Kind};
use consular_registration::registration::{ApplicationState, DeregistrationGround, RegistrationState};
use uuid::Uuid;

use super::calendar::{PLACES, Place};
use super::world::{OFFICERS, Signer};

/// Steps that a document tells of.
static DOCUMENTED: [&str; 4] =
    ["application.returned", "application.refusal_announced", "application.heard", "application.refused"];

/// Addresses, each with the mission that is competent there, by its place in [`PLACES`].
pub static ADDRESSES: [(&str, Option<&str>, Option<usize>); 6] = [
    ("DE", Some("DE-BE"), Some(0)),
    ("DE", Some("DE-HE"), Some(1)),
    ("TR", Some("TR-34"), Some(2)),
    ("US", Some("US-NY"), Some(3)),
    // Divided between two missions, and the part is not named.
    ("TR", None, None),
    // Nobody's.
    ("FR", None, None),
];

/// Days after the end of a stay on which the citizen may still extend it.
const GRACE: i64 = 30;
/// Hours before the end of a term from which on it is near.
const DUE_SOON: i64 = 4;

/// A form as far as the procedure looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each says whether one thing stands in the form")]
pub struct Filing {
    pub application_id: Uuid,
    pub revision: u32,
    pub previous: Option<String>,
    pub issued: DateTime<Utc>,
    pub what: ApplicationType,
    pub kind: Kind,
    pub mission: usize,
    pub citizen: usize,
    pub address: usize,
    pub until: Option<NaiveDate>,
    pub is_complete: bool,
    pub has_consent: bool,
    pub purpose_fits: bool,
    pub shows_citizenship: bool,
    pub names_departure: bool,
    pub ground: Option<DeregistrationGround>,
    pub has_proof: bool,
    pub is_back: bool,
}

/// What has become of verifying one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fact {
    Open,
    True,
    Untrue,
}

#[derive(Debug, Clone, Copy)]
struct Facts {
    identity: Fact,
    citizenship: Fact,
    departure: Fact,
    ground: Fact,
}

#[derive(Debug, Clone)]
pub struct Announced {
    pub ground: &'static str,
    by: usize,
    pub hearing: DateTime<Utc>,
    pub objection_until: DateTime<Utc>,
    due: DateTime<Utc>,
    left: Option<u32>,
}

#[derive(Debug, Clone)]
pub struct Application {
    pub id: Uuid,
    pub filing: Filing,
    pub is_paper: bool,
    pub state: ApplicationState,
    pub version: i64,
    pub number: String,
    /// Where it is now.
    pub mission: usize,
    pub accepted: DateTime<Utc>,
    pub due: Option<DateTime<Utc>>,
    pub changed: DateTime<Utc>,
    pub findings: Vec<&'static str>,
    pub announced: Option<Announced>,
    pub is_upheld: Option<bool>,
    pub registration: Option<usize>,
    is_examined: bool,
    facts: Facts,
}

#[derive(Debug, Clone)]
pub struct Registration {
    /// Known once the application that opened it was looked up.
    pub id: Option<Uuid>,
    /// The application that opened it.
    pub origin: usize,
    pub number: String,
    pub citizen: usize,
    pub kind: Kind,
    pub mission: usize,
    pub state: RegistrationState,
    pub version: i64,
    pub card_version: u32,
    pub until: Option<NaiveDate>,
    pub ground: Option<DeregistrationGround>,
    pub closed: Option<DateTime<Utc>>,
}

impl Registration {
    pub fn is_open(&self) -> bool {
        matches!(self.state, RegistrationState::Active | RegistrationState::Overdue)
    }
}

/// What an officer does to an application.
#[derive(Debug, Clone)]
pub enum Act {
    Claim,
    Return,
    Verify { what: EvidenceKind, holds: bool },
    Approve,
    Announce { ground: &'static str, reasons: bool, hearing: DateTime<Utc> },
    Hear { begin: DateTime<Utc>, end: DateTime<Utc>, is_whole: bool, upheld: bool },
    Refuse { ground: &'static str, reasons: bool },
    Forward { to: Option<usize> },
}

/// The grounds there are; the last one is none of the list.
pub static GROUNDS: [&str; 4] =
    ["UNRELIABLE_DOCUMENTS_OR_DATA", "NON_COMPLIANCE_WITH_RULES", "NO_PERSONAL_DATA_CONSENT", "TOO_MUCH_WORK"];

/// What an event is about. Documents are told by number only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Application(usize),
    Registration(usize),
    Document,
}

/// What a call comes to: nothing or the reason of its refusal.
pub type Told = Result<(), &'static str>;

/// Everything there is, as it should be.
pub struct Model {
    pub now: DateTime<Utc>,
    pub applications: Vec<Application>,
    pub registrations: Vec<Registration>,
    /// What has happened since it was last taken, in its order.
    pub events: Vec<(Subject, &'static str)>,
    numbers: BTreeMap<(String, i32), u32>,
    watches: Vec<Watch>,
    /// Of which application in which version it was told that its term ends soon, or is over.
    reminded: BTreeSet<(usize, bool, i64)>,
}

/// A term that is looked at when it is about to end, and when it ends.
#[derive(Debug, Clone, Copy)]
struct Watch {
    at: DateTime<Utc>,
    application: usize,
    due: DateTime<Utc>,
    mission: usize,
}

impl Model {
    pub fn new(now: DateTime<Utc>) -> Self {
        let (applications, registrations, events) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            now,
            applications,
            registrations,
            events,
            numbers: BTreeMap::new(),
            watches: Vec::new(),
            reminded: BTreeSet::new(),
        }
    }

    pub fn open_registration(&self, citizen: usize) -> Option<usize> {
        self.registrations.iter().position(|registration| registration.citizen == citizen && registration.is_open())
    }

    fn today(&self, place: usize) -> NaiveDate {
        PLACES[place].today(self.now)
    }

    fn number(&mut self, place: &Place, letter: &str) -> String {
        let series = format!("{}{letter}", place.code);
        let year = place.today(self.now).year();
        let next = self.numbers.entry((series.clone(), year)).or_default();
        *next += 1;
        format!("{series}/{year}/{next:06}")
    }

    fn happens(&mut self, subject: Subject, event: &'static str) {
        self.events.push((subject, event));
    }

    /// The application changes by one step; some steps bring a document.
    fn step(&mut self, at: usize, event: &'static str) {
        self.applications[at].version += 1;
        self.applications[at].changed = self.now;
        self.happens(Subject::Application(at), event);
        if DOCUMENTED.contains(&event) {
            self.happens(Subject::Document, "document.issued");
        }
    }

    // Filing.

    /// A form is filed for the first time: why it is not, or the application that it opens.
    pub fn file(&mut self, filing: &Filing, signer: Signer) -> Result<usize, &'static str> {
        let known = self.applications.iter().position(|one| one.filing.application_id == filing.application_id);
        if let Some(known) = known {
            let is_same = self.applications[known].filing == *filing;
            return if is_same { Ok(known) } else { Err("APPLICATION_ID_REUSED") };
        }
        let is_paper = matches!(signer, Signer::Officer(_));
        self.admissible(filing, filing.mission, is_paper, signer, true)?;
        let place = &PLACES[filing.mission];
        let number = self.number(place, "");
        let at = self.applications.len();
        self.applications.push(Application {
            id: Uuid::nil(),
            filing: filing.clone(),
            is_paper,
            state: ApplicationState::Accepted,
            version: 1,
            number,
            mission: filing.mission,
            accepted: self.now,
            due: Some(place.term(self.now, if is_paper { 2 } else { 1 })),
            changed: self.now,
            findings: Vec::new(),
            announced: None,
            is_upheld: None,
            registration: None,
            is_examined: false,
            facts: at_filing(filing, is_paper),
        });
        self.happens(Subject::Application(at), "application.accepted");
        self.decide(at);
        Ok(at)
    }

    /// `may_know`: whether the applicant may be told what the register holds.
    fn admissible(&self, filing: &Filing, mission: usize, is_paper: bool, signer: Signer, may_know: bool) -> Told {
        if self.now >= filing.issued + Duration::days(30) {
            return Err("FORM_INVALID");
        }
        let may_sign = match signer {
            Signer::Citizen(citizen) => !is_paper && citizen == filing.citizen,
            Signer::Officer(officer) => is_paper && OFFICERS[officer] == filing.mission,
        };
        if !may_sign {
            return Err("SIGNER_MISMATCH");
        }
        let is_here = |at: usize| {
            let open = &self.registrations[at];
            open.mission == mission && open.kind == filing.kind
        };
        if may_know
            && filing.what == ApplicationType::Register
            && self.open_registration(filing.citizen).is_some_and(is_here)
        {
            return Err("ALREADY_REGISTERED");
        }
        Ok(())
    }

    /// A mended form of a returned application.
    pub fn resubmit(&mut self, at: usize, filing: &Filing, signer: Signer) -> Told {
        let application = &self.applications[at];
        if application.filing == *filing {
            return Ok(());
        }
        let before = &application.filing;
        let follows = filing.revision == before.revision + 1
            && (filing.what, filing.kind, filing.mission) == (before.what, before.kind, before.mission);
        if !follows {
            return Err("FORM_INVALID");
        }
        if application.state != ApplicationState::Returned {
            return Err("WRONG_STATE");
        }
        // What was found untrue stays untrue as long as the form rests on the same.
        let mut facts = at_filing(filing, application.is_paper);
        let mut keep = |is_same: bool, was: Fact, is: fn(&mut Facts) -> &mut Fact| {
            if is_same && was == Fact::Untrue {
                *is(&mut facts) = Fact::Untrue;
            }
        };
        let same_document = shown_document(before) == shown_document(filing);
        keep(same_document, application.facts.identity, |facts| &mut facts.identity);
        keep(same_document, application.facts.citizenship, |facts| &mut facts.citizenship);
        let same_decision = before.names_departure == filing.names_departure;
        keep(same_decision, application.facts.departure, |facts| &mut facts.departure);
        let may_know = facts.identity == Fact::True;
        self.admissible(filing, application.mission, application.is_paper, signer, may_know)?;
        let application = &mut self.applications[at];
        application.filing = filing.clone();
        application.facts = facts;
        self.step(at, "application.resubmitted");
        self.decide(at);
        Ok(())
    }

    /// What the policy does with what was filed or mended.
    fn decide(&mut self, at: usize) {
        let is_forwarded = self.send_where_it_belongs(at);
        let (deficient, unmet) = (self.deficiencies(at), self.unmet(at));
        let application = &mut self.applications[at];
        application.findings = [deficient.clone(), unmet.clone()].concat();
        let permanent_transfer =
            (application.filing.what, application.filing.kind) == (ApplicationType::Transfer, Kind::Permanent);
        let needs_officer = application.is_paper || application.is_examined || permanent_transfer || is_forwarded;
        if !deficient.is_empty() {
            application.state = ApplicationState::Returned;
            self.step(at, "application.returned");
            self.watch_anew(at, is_forwarded);
        } else if unmet.is_empty() && !needs_officer {
            self.grant(at);
        } else {
            application.state = ApplicationState::InReview;
            self.step(at, "application.in_review");
            self.watch_anew(at, is_forwarded);
        }
        self.remind();
    }

    /// What no officer has looked at goes to the mission competent for the address, or the one that keeps the registration.
    fn send_where_it_belongs(&mut self, at: usize) -> bool {
        let application = &self.applications[at];
        let comes = matches!(application.filing.what, ApplicationType::Register | ApplicationType::Transfer);
        let belongs =
            if comes { ADDRESSES[application.filing.address].2 } else { self.registered(at).map(|open| open.mission) };
        let Some(belongs) = belongs.filter(|mission| *mission != application.mission && !application.is_examined)
        else {
            return false;
        };
        self.applications[at].mission = belongs;
        self.happens(Subject::Application(at), "application.forwarded");
        true
    }

    // The term.

    /// The term is watched from the first decision on, and by the mission that is to keep it.
    fn watch_anew(&mut self, at: usize, is_forwarded: bool) {
        if self.applications[at].filing.revision == 1 || is_forwarded {
            self.watch(at);
        }
    }

    fn watch(&mut self, application: usize) {
        let Application { due, mission, .. } = self.applications[application];
        if let Some(due) = due {
            let at = (due - Duration::hours(DUE_SOON)).max(self.now);
            self.watches.push(Watch { at, application, due, mission });
        }
    }

    /// Terms that are about to end and terms that are over: told once in every version of an application.
    fn remind(&mut self) {
        while let Some(first) = self.watches.iter().position(|watch| watch.at <= self.now) {
            let watch = self.watches.swap_remove(first);
            let application = &self.applications[watch.application];
            let is_the_same = application.due == Some(watch.due) && application.mission == watch.mission;
            if !application.state.is_open() || !is_the_same {
                continue;
            }
            let is_over = self.now >= watch.due;
            if self.reminded.insert((watch.application, is_over, application.version)) {
                let event = if is_over { "application.overdue" } else { "application.due_soon" };
                self.happens(Subject::Application(watch.application), event);
            }
            if !is_over {
                self.watches.push(Watch { at: watch.due, ..watch });
            }
        }
    }

    // Time.

    /// Time has come to `now`: stays end, and what nobody extended within the grace period is removed.
    pub fn pass(&mut self, now: DateTime<Utc>) {
        self.now = now;
        for at in 0..self.registrations.len() {
            let registration = &self.registrations[at];
            let Some(until) = registration.until else { continue };
            let today = self.today(registration.mission);
            if registration.state == RegistrationState::Active && until < today {
                self.registrations[at].state = RegistrationState::Overdue;
                self.registrations[at].version += 1;
                self.happens(Subject::Registration(at), "registration.overdue");
            }
            if self.registrations[at].state == RegistrationState::Overdue && today > until + Duration::days(GRACE) {
                self.remove(at, DeregistrationGround::StayExpired, true);
            }
        }
        self.remind();
    }
}

/// What the signature alone shows: that the applicant signed, or that an officer saw the papers.
fn at_filing(filing: &Filing, is_paper: bool) -> Facts {
    let citizenship = match shown_document(filing) {
        None => Fact::Open,
        Some(true) => Fact::True,
        Some(false) => Fact::Untrue,
    };
    let ground = if is_paper && filing.ground.is_some() { Fact::True } else { Fact::Open };
    Facts { identity: Fact::True, citizenship, departure: Fact::Open, ground }
}

/// Whether the identity document is one of citizens; a card that is not complete names none.
fn shown_document(filing: &Filing) -> Option<bool> {
    filing.is_complete.then_some(filing.shows_citizenship)
}
