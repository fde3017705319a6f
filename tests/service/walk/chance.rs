//! Which call comes next: mostly one that makes sense, so that the walk gets far, and often enough one that does not.

use chrono::{DateTime, Days, Duration, TimeDelta, Utc};
use consular_registration::registration::form::{ApplicationType, EvidenceKind, Kind};
use consular_registration::registration::{ApplicationState, DeregistrationGround};
use uuid::Uuid;

use super::calendar::PLACES;
use super::dice::Dice;
use super::form::content;
use super::model::{ADDRESSES, Act, Application, Filing, GROUNDS, Model};
use super::world::{CITIZENS, OFFICERS, Signer};

/// After this the working days are not written out any more.
const LAST: &str = "2028-01-15T00:00:00Z";

/// The outbox looks at the clock every two seconds: one that moves by less and stands still again shows it nothing.
const LOOK: TimeDelta = TimeDelta::seconds(3);

const EVIDENCE: [EvidenceKind; 3] =
    [EvidenceKind::IdentityDocument, EvidenceKind::DepartureDecision, EvidenceKind::DeregistrationProof];

/// One step of the walk.
#[derive(Debug, Clone)]
pub enum Call {
    /// The clock moves.
    Wait(DateTime<Utc>),
    File {
        filing: Filing,
        signer: Signer,
    },
    Resubmit {
        at: usize,
        filing: Filing,
        signer: Signer,
    },
    /// `repeats`: the call has a request_id and comes twice.
    Act {
        at: usize,
        signer: Signer,
        is_current: bool,
        act: Act,
        repeats: bool,
    },
    Withdraw {
        at: usize,
        signer: Signer,
        is_current: bool,
    },
    /// Without a ground it is an annulment.
    Close {
        at: usize,
        signer: Signer,
        is_current: bool,
        ground: Option<DeregistrationGround>,
        has_proof: bool,
    },
    /// Another system tries an act on what is not its own.
    Strange {
        at: usize,
    },
}

pub fn call(model: &Model, dice: &mut Dice) -> Call {
    let (applications, registrations) = (model.applications.len(), model.registrations.len());
    match dice.below(100) {
        0..=19 => Call::Wait(later(model, dice)),
        52..=59 if applications > 0 => resubmit(model, dice),
        60..=89 if applications > 0 => act(model, dice),
        90..=92 if applications > 0 => {
            let at = application(model, dice, |application| application.state.is_open());
            let own = Signer::Citizen(model.applications[at].filing.citizen);
            let signer = if dice.percent(70) { own } else { anybody(dice) };
            Call::Withdraw { at, signer, is_current: dice.percent(93) }
        }
        93..=98 if registrations > 0 => close(model, dice),
        99 if applications > 0 => Call::Strange { at: dice.below(applications) },
        _ => file(model, dice),
    }
}

/// Some time on: minutes, days, or exactly when something ends, a second before it or after it.
fn later(model: &Model, dice: &mut Dice) -> DateTime<Utc> {
    let now = model.now;
    let last: DateTime<Utc> = LAST.parse().unwrap();
    let time = match dice.below(100) {
        0..=39 => now + TimeDelta::minutes(dice.between(1, 240)),
        40..=54 => now + TimeDelta::hours(dice.between(3, 40)),
        55..=91 => match moments(model).as_slice() {
            [] => now + TimeDelta::minutes(5),
            moments => dice.pick(moments) + TimeDelta::seconds(dice.between(-1, 1)),
        },
        _ => now + TimeDelta::minutes(dice.between(24 * 60, 12 * 24 * 60)),
    };
    if time > last { now } else { time.max(now + LOOK) }
}

/// When something ends within a fortnight.
fn moments(model: &Model) -> Vec<DateTime<Utc>> {
    let mut moments = Vec::new();
    for application in model.applications.iter().filter(|application| application.state.is_open()) {
        moments.extend(application.due);
        if let Some(announced) = &application.announced {
            moments.extend([announced.objection_until, announced.hearing + TimeDelta::minutes(40)]);
        }
    }
    for registration in model.registrations.iter().filter(|registration| registration.is_open()) {
        let place = &PLACES[registration.mission];
        let ends = registration.until.into_iter().flat_map(|until| [until + Days::new(1), until + Days::new(31)]);
        moments.extend(ends.map(|day| place.moment(day, 0)));
    }
    moments.extend(PLACES.iter().map(|place| place.closing(place.today(model.now))));
    moments.retain(|moment| *moment > model.now && *moment < model.now + Duration::days(14));
    moments
}

fn file(model: &Model, dice: &mut Dice) -> Call {
    let first: Vec<&Application> =
        model.applications.iter().filter(|application| application.filing.revision == 1).collect();
    if !first.is_empty() && dice.percent(8) {
        // The same again, or another content under the same name.
        let known = first[dice.below(first.len())];
        let mut filing = known.filing.clone();
        if dice.percent(40) {
            filing.issued += TimeDelta::seconds(1);
        }
        return Call::File { signer: own(&filing, known.is_paper, dice), filing };
    }
    let filing = filing(model, dice);
    let is_paper = dice.percent(25);
    let signer = if dice.percent(94) { own(&filing, is_paper, dice) } else { anybody(dice) };
    Call::File { filing, signer }
}

fn filing(model: &Model, dice: &mut Dice) -> Filing {
    let citizen = dice.below(CITIZENS);
    let open = model.open_registration(citizen).map(|open| &model.registrations[open]);
    let what = match open {
        _ if dice.percent(10) => dice.pick(&ApplicationType::ALL),
        None => ApplicationType::Register,
        Some(_) => dice.pick(&ApplicationType::ALL[1..]),
    };
    let mut kind = if dice.percent(25) { Kind::Permanent } else { Kind::Temporary };
    let mut mission = dice.below(PLACES.len());
    if let Some(open) = open.filter(|_| dice.percent(90)) {
        kind = open.kind;
        if what != ApplicationType::Transfer {
            mission = open.mission;
        }
    }
    let address = if dice.percent(85) { mission } else { dice.below(ADDRESSES.len()) };
    let today = PLACES[mission].today(model.now);
    let present = open.and_then(|open| open.until);
    let until = match (what, present) {
        (ApplicationType::Extend, Some(last)) => last + Duration::days(dice.between(-1, 60)),
        (ApplicationType::Change, Some(last)) if dice.percent(85) => last,
        _ => today + Duration::days(dice.between(-1, 70)),
    };
    let removes = what == ApplicationType::Deregister;
    let ground = (removes && dice.percent(60)).then(|| dice.pick(&DeregistrationGround::ALL));
    let minutes = if dice.percent(2) { 31 * 24 * 60 } else { dice.between(0, 3 * 24 * 60) };
    Filing {
        application_id: Uuid::from_u64_pair(dice.throw(), dice.throw()),
        revision: 1,
        previous: None,
        issued: model.now - TimeDelta::minutes(minutes),
        what,
        kind,
        mission,
        citizen,
        address,
        until: (kind == Kind::Temporary).then_some(until),
        is_complete: dice.percent(95),
        has_consent: dice.percent(95),
        purpose_fits: dice.percent(96),
        shows_citizenship: dice.percent(90),
        names_departure: kind == Kind::Temporary || dice.percent(90),
        ground,
        has_proof: ground.is_some() && dice.percent(70),
        is_back: ground.is_some() && dice.percent(15),
    }
}

fn resubmit(model: &Model, dice: &mut Dice) -> Call {
    let at = application(model, dice, |application| application.state == ApplicationState::Returned);
    let application = &model.applications[at];
    let before = &application.filing;
    let mut filing = Filing { revision: before.revision + 1, previous: Some(content(before).1), ..before.clone() };
    match dice.below(20) {
        0 => filing.revision += 1,
        1 => filing.citizen = before.citizen,
        2 => filing = before.clone(),
        _ => {}
    }
    if filing.revision > before.revision {
        filing.issued = model.now - TimeDelta::minutes(dice.between(0, 60));
        let mut mend = |flaw: &mut bool| *flaw |= dice.percent(85);
        mend(&mut filing.is_complete);
        mend(&mut filing.has_consent);
        mend(&mut filing.purpose_fits);
        mend(&mut filing.names_departure);
        if dice.percent(50) {
            filing.shows_citizenship = true;
        }
        if dice.percent(50) {
            filing.address = filing.mission;
        }
        if filing.until.is_some() {
            let today = PLACES[filing.mission].today(model.now);
            filing.until = Some(today + Duration::days(dice.between(0, 70)));
        }
        filing.has_proof |= filing.ground.is_some() && dice.percent(80);
        filing.is_back &= dice.percent(30);
    }
    let signer = if dice.percent(94) { own(&filing, application.is_paper, dice) } else { anybody(dice) };
    Call::Resubmit { at, filing, signer }
}

fn act(model: &Model, dice: &mut Dice) -> Call {
    let examinable = |application: &Application| {
        use ApplicationState::{Heard, InReview, PreliminaryRefusal};
        matches!(application.state, InReview | Heard | PreliminaryRefusal)
    };
    let at = application(model, dice, examinable);
    let application = &model.applications[at];
    let signer = if dice.percent(92) { officer_of(application.mission, dice) } else { anybody(dice) };
    let act = if dice.percent(85) { sensible(model, application, dice) } else { any_act(model, dice) };
    Call::Act { at, signer, is_current: dice.percent(94), act, repeats: dice.percent(15) }
}

fn sensible(model: &Model, application: &Application, dice: &mut Dice) -> Act {
    let told = application.announced.as_ref();
    match (application.state, dice.below(100)) {
        (ApplicationState::InReview, 0..=7) => Act::Claim,
        (ApplicationState::InReview, 8..=34) | (ApplicationState::Heard, 0..=29) => verify(application, dice),
        (ApplicationState::InReview, 35..=64) | (ApplicationState::Heard, 30..=64) => Act::Approve,
        (ApplicationState::InReview, 65..=84) => announce(model, dice),
        (ApplicationState::InReview, 85..=90) => Act::Return,
        (ApplicationState::InReview, _) => {
            let competent = ADDRESSES[application.filing.address].2;
            Act::Forward { to: if dice.percent(70) { competent } else { Some(dice.below(PLACES.len())) } }
        }
        (ApplicationState::PreliminaryRefusal, 0..=54) => {
            let hearing = told.map_or(model.now, |told| told.hearing);
            hear(hearing + TimeDelta::minutes(dice.between(0, 5)), dice)
        }
        _ => {
            let told = told.map_or(GROUNDS[0], |told| told.ground);
            let ground = if dice.percent(90) { told } else { dice.pick(&GROUNDS) };
            Act::Refuse { ground, reasons: dice.percent(96) }
        }
    }
}

fn any_act(model: &Model, dice: &mut Dice) -> Act {
    match dice.below(8) {
        0 => Act::Claim,
        1 => Act::Return,
        2 => Act::Verify { what: dice.pick(&EVIDENCE), holds: dice.percent(50) },
        3 => Act::Approve,
        4 => announce(model, dice),
        5 => hear(model.now - TimeDelta::minutes(dice.between(-30, 90)), dice),
        6 => Act::Refuse { ground: dice.pick(&GROUNDS), reasons: dice.percent(90) },
        _ => Act::Forward { to: if dice.percent(80) { Some(dice.below(PLACES.len())) } else { None } },
    }
}

fn verify(application: &Application, dice: &mut Dice) -> Act {
    let wanted = match application.findings.last() {
        Some(&"EXIT_DECISION_NOT_VERIFIED") => EvidenceKind::DepartureDecision,
        Some(&"DEREG_GROUND_NOT_VERIFIED") => EvidenceKind::DeregistrationProof,
        _ => dice.pick(&EVIDENCE),
    };
    Act::Verify { what: wanted, holds: dice.percent(85) }
}

fn announce(model: &Model, dice: &mut Dice) -> Act {
    let ground = if dice.percent(94) { dice.pick(&GROUNDS[..3]) } else { GROUNDS[3] };
    let hearing = model.now + TimeDelta::minutes(dice.between(-20, 3 * 24 * 60));
    Act::Announce { ground, reasons: dice.percent(94), hearing }
}

fn hear(begin: DateTime<Utc>, dice: &mut Dice) -> Act {
    let end = begin + TimeDelta::minutes(dice.between(-1, 30));
    Act::Hear { begin, end, is_whole: dice.percent(94), upheld: dice.percent(45) }
}

fn close(model: &Model, dice: &mut Dice) -> Call {
    let open: Vec<usize> = (0..model.registrations.len()).filter(|at| model.registrations[*at].is_open()).collect();
    let at = if open.is_empty() || dice.percent(20) { dice.below(model.registrations.len()) } else { dice.pick(&open) };
    let mission = model.registrations[at].mission;
    let signer = if dice.percent(85) { officer_of(mission, dice) } else { anybody(dice) };
    let ground = dice.percent(75).then(|| dice.pick(&DeregistrationGround::ALL));
    Call::Close { at, signer, is_current: dice.percent(92), ground, has_proof: ground.is_some() && dice.percent(75) }
}

/// An application, in most cases one of a kind.
fn application(model: &Model, dice: &mut Dice, wanted: impl Fn(&Application) -> bool) -> usize {
    let of_kind: Vec<usize> = (0..model.applications.len()).filter(|at| wanted(&model.applications[*at])).collect();
    if of_kind.is_empty() || dice.percent(10) { dice.below(model.applications.len()) } else { dice.pick(&of_kind) }
}

/// Whoever may sign the form.
fn own(filing: &Filing, is_paper: bool, dice: &mut Dice) -> Signer {
    if is_paper { officer_of(filing.mission, dice) } else { Signer::Citizen(filing.citizen) }
}

fn officer_of(mission: usize, dice: &mut Dice) -> Signer {
    let there: Vec<usize> = (0..OFFICERS.len()).filter(|officer| OFFICERS[*officer] == mission).collect();
    Signer::Officer(dice.pick(&there))
}

fn anybody(dice: &mut Dice) -> Signer {
    if dice.percent(60) { Signer::Officer(dice.below(OFFICERS.len())) } else { Signer::Citizen(dice.below(CITIZENS)) }
}
