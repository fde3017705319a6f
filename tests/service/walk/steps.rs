//! Makes one call on the service and on the model, and compares what came of it.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::fmt;
use std::ops::AddAssign;

use chrono::{DateTime, Utc};
use consular_registration::grpc::failure::Failure;
use consular_registration::registration::act::ActName;
use consular_registration::registration::event::EventName;
use consular_registration::registration::rules::Channel;
use consular_registration::registration::{ApplicationState, RegistrationState};
use consular_registration::workflow::{
    ApplicationQuery, ApplicationView, Caller, Page, Refusal, RegistrationQuery, RegistrationView, Scope, Signed,
    Submission,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::calendar::PLACES;
use super::chance::{Call, call};
use super::dice::Dice;
use super::form::content;
use super::model::{Act, Application, Model, Registration, Subject, Told};
use super::world::{Signer, World, reason};

/// After so many steps everything is compared, and not only what was touched.
const EVERYTHING: usize = 100;
/// Calls that are told when the two disagree.
const REMEMBERED: usize = 30;

/// What a walk went through.
#[derive(Default)]
pub struct Counts(BTreeMap<String, usize>);

impl Counts {
    fn count(&mut self, what: impl Into<String>) {
        *self.0.entry(what.into()).or_default() += 1;
    }

    /// Every event of the two state machines, and every state that an application or a registration rests in.
    pub fn reached_everything(&self) -> bool {
        // Crises, elections, rolls, state registers, consent and erasure are walked elsewhere.
        let is_walked = |event: &&str| {
            let elsewhere = [
                "crisis.",
                "election.",
                "electoral_roll.",
                "crisis_roll.",
                "register_journal.",
                "consent.",
                "application.register_",
            ];
            !elsewhere.iter().any(|part| event.starts_with(part)) && !event.ends_with(".erased")
        };
        let events = EventName::ALL.into_iter().map(EventName::as_str).filter(is_walked);
        let resting = ApplicationState::ALL.into_iter().skip(2).map(ApplicationState::as_str);
        let states = resting.chain(RegistrationState::ALL.into_iter().map(RegistrationState::as_str));
        events.chain(states).all(|name| self.0.contains_key(name))
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        for (what, count) in other.0 {
            *self.0.entry(what).or_default() += count;
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts: Vec<String> = self.0.iter().map(|(what, count)| format!("{what} {count}")).collect();
        f.write_str(&counts.join(", "))
    }
}

/// The two side by side.
pub struct Walk {
    name: String,
    world: World,
    model: Model,
    dice: Dice,
    /// Sequence of the last event seen.
    sequence: i64,
    /// Whose an identifier is.
    subjects: HashMap<Uuid, Subject>,
    last: VecDeque<String>,
    steps: usize,
    counts: Counts,
}

impl Walk {
    pub async fn begin(name: String, dice: Dice, now: DateTime<Utc>) -> Self {
        let (world, model) = (World::new(now).await, Model::new(now));
        let (subjects, last, counts) = (HashMap::new(), VecDeque::new(), Counts::default());
        Self { name, world, model, dice, sequence: 0, subjects, last, steps: 0, counts }
    }

    pub async fn step(&mut self) {
        self.steps += 1;
        let call = call(&self.model, &mut self.dice);
        if self.last.len() == REMEMBERED {
            self.last.pop_front();
        }
        self.last.push_back(format!("{} {}: {call:?}", self.steps, self.model.now));
        self.make(&call).await;
        self.world.settle().await;
        self.compare_events().await;
        if self.steps.is_multiple_of(EVERYTHING) {
            self.compare_everything().await;
        }
    }

    pub async fn end(mut self) -> Counts {
        self.compare_everything().await;
        self.world.stop();
        for application in &self.model.applications {
            self.counts.count(application.state.as_str());
        }
        for registration in &self.model.registrations {
            self.counts.count(registration.state.as_str());
        }
        self.counts
    }

    async fn make(&mut self, call: &Call) {
        match call {
            Call::Wait(time) => {
                self.model.pass(*time);
                self.world.set(*time).await;
            }
            Call::File { filing, signer } => {
                let signed = self.world.sign(*signer, &content(filing).0);
                let submission =
                    Submission { request_id: None, validate_only: false, signed: Signed::Attached(signed) };
                let view = self.world.workflow.submit(&self.world.caller, submission).await;
                let opened = self.model.file(filing, *signer);
                let (id, view) = match view {
                    Ok(view) => (view.id, Ok(())),
                    Err(refusal) => (None, Err(refusal)),
                };
                self.agree("file", &opened.map(drop), view);
                if let (Ok(at), Some(id)) = (opened, id) {
                    self.subjects.insert(id, Subject::Application(at));
                    let known = self.model.applications[at].id;
                    self.check(known.is_nil() || known == id, &format!("{id} is {known} filed again"));
                    self.model.applications[at].id = id;
                }
            }
            Call::Resubmit { at, filing, signer } => {
                let signed = Signed::Attached(self.world.sign(*signer, &content(filing).0));
                let view = self.world.workflow.resubmit(&self.world.caller, None, signed).await;
                let told = self.model.resubmit(*at, filing, *signer);
                self.agree("resubmit", &told, view.map(drop));
            }
            Call::Act { at, signer, is_current, act, repeats } => {
                self.act(*at, *signer, *is_current, act, *repeats).await;
            }
            Call::Withdraw { at, signer, is_current } => {
                let decision = json!({ "result": "WITHDRAWN" });
                let signed = self.signed_act(*at, *signer, *is_current, ActName::Withdraw, &decision);
                let view = self.world.workflow.act(&self.world.caller, ActName::Withdraw, None, signed).await;
                let told = self.model.withdraw(*at, *signer, *is_current);
                self.agree("withdraw", &told, view.map(drop));
            }
            Call::Close { at, signer, is_current, ground, has_proof } => {
                let registration = &self.model.registrations[*at];
                let (name, mut decision) = match ground {
                    Some(ground) => {
                        (ActName::Deregister, json!({ "result": "DEREGISTERED", "ground": ground.as_str() }))
                    }
                    None => (
                        ActName::Annul,
                        json!({ "result": "ANNULLED", "reason": { "kk": "Қате жазба.", "ru": "Ошибочная запись." } }),
                    ),
                };
                if *has_proof {
                    decision["proof"] =
                        json!({ "title": "Куәлік", "number": "1", "issuer": "Сот", "issued_on": "2024-01-31" });
                }
                let subject = format!("registrations/{}", registration.id.expect("a registration that was found"));
                let version = registration.version - i64::from(!is_current);
                let signed = self.sign(*signer, &subject, version, name, &decision);
                let view = self.world.workflow.act_on_registration(&self.world.caller, name, None, signed).await;
                let told = self.model.close(*at, *signer, *is_current, *ground, *has_proof);
                self.agree(name.as_str(), &told, view.map(drop));
            }
            Call::Strange { at } => {
                let stranger = Caller { id: "stranger".to_owned(), scope: Scope::Own };
                let decision = Act::Claim.decision();
                let signed = self.signed_act(*at, Signer::Officer(0), true, ActName::Claim, &decision);
                let view = self.world.workflow.act(&stranger, ActName::Claim, None, signed).await;
                self.agree("act of a stranger", &Err("NOT_FOUND"), view.map(drop));
            }
        }
    }

    async fn act(&mut self, at: usize, signer: Signer, is_current: bool, act: &Act, repeats: bool) {
        let message = self.signed_act(at, signer, is_current, act.name(), &act.decision());
        let request_id = repeats.then(|| format!("step {}", self.steps));
        let (workflow, caller) = (&self.world.workflow, &self.world.caller);
        let view = workflow.act(caller, act.name(), request_id.clone(), message.clone()).await;
        let told = self.model.act(at, signer, is_current, act);
        let is_done = view.is_ok();
        self.agree(act.name().as_str(), &told, view.map(drop));
        if !repeats || !is_done {
            return;
        }
        // The same call again is answered alike and does nothing; with another content it is refused.
        self.world.settle().await;
        let (workflow, caller) = (&self.world.workflow, &self.world.caller);
        let again = workflow.act(caller, act.name(), request_id.clone(), message).await;
        self.agree("the same again", &Ok(()), again.map(drop));
        let other = self.signed_act(at, Signer::Citizen(0), is_current, act.name(), &act.decision());
        let (workflow, caller) = (&self.world.workflow, &self.world.caller);
        let other = workflow.act(caller, act.name(), request_id, other).await;
        self.agree("another content", &Err("REQUEST_ID_REUSED"), other.map(drop));
    }

    fn signed_act(&self, at: usize, signer: Signer, is_current: bool, name: ActName, decision: &Value) -> Vec<u8> {
        let application = &self.model.applications[at];
        let version = application.version - i64::from(!is_current);
        self.sign(signer, &format!("applications/{}", application.id), version, name, decision)
    }

    fn sign(&self, signer: Signer, subject: &str, version: i64, name: ActName, decision: &Value) -> Vec<u8> {
        let time = self.world.now().to_rfc3339();
        let etag = version.to_string();
        let act = json!({ "act": name, "subject": subject, "etag": etag, "decision": decision, "time": time });
        self.world.sign(signer, &serde_json::to_vec(&act).unwrap())
    }

    /// Both did it, or both refused it for the same reason.
    fn agree(&mut self, what: &str, expected: &Told, seen: Result<(), Refusal>) {
        let seen = seen.map_err(|refusal| (refusal.to_string(), reason(&Failure::from(refusal))));
        let agree = match (expected, &seen) {
            (Ok(()), Ok(())) => true,
            (Err(expected), Err((_, reason))) => expected == reason,
            _ => false,
        };
        self.check(agree, &format!("{what}: {expected:?} expected, {seen:?} seen"));
        self.counts.count(expected.err().unwrap_or("done"));
    }

    /// Every new event, by subject and in order, without a gap; and what it was about.
    async fn compare_events(&mut self) {
        let new = self.world.store.events(None, self.sequence, 10_000).await.unwrap();
        let mut seen: BTreeMap<Subject, Vec<String>> = BTreeMap::new();
        self.find_registrations().await;
        for event in new {
            self.sequence += 1;
            self.check(event.sequence == self.sequence, &format!("{event:?} is not number {}", self.sequence));
            self.check(event.time == self.model.now, &format!("{event:?} is not of {}", self.model.now));
            let subject = match event.subject_type.as_str() {
                "DOCUMENT" => Subject::Document,
                _ => self.subjects.get(&event.subject).copied().unwrap_or_else(|| self.fail(&format!("{event:?}"))),
            };
            self.counts.count(event.kind.as_str());
            seen.entry(subject).or_default().push(event.kind);
        }
        let mut expected: BTreeMap<Subject, Vec<String>> = BTreeMap::new();
        for (subject, kind) in std::mem::take(&mut self.model.events) {
            expected.entry(subject).or_default().push(kind.to_owned());
        }
        self.check(seen == expected, &format!("events: {expected:?} expected, {seen:?} seen"));
        for subject in expected.into_keys() {
            self.compare(subject).await;
        }
    }

    /// Learns the identifiers of registrations that were opened.
    async fn find_registrations(&mut self) {
        for at in 0..self.model.registrations.len() {
            if self.model.registrations[at].id.is_some() {
                continue;
            }
            let origin = self.model.applications[self.model.registrations[at].origin].id;
            let view = self.world.workflow.application(&self.world.caller, origin).await.unwrap();
            let id = view.registration.unwrap_or_else(|| self.fail("an application led to no registration"));
            self.model.registrations[at].id = Some(id);
            self.subjects.insert(id, Subject::Registration(at));
        }
    }

    async fn compare(&self, subject: Subject) {
        match subject {
            Subject::Document => {}
            Subject::Application(at) => {
                let expected = &self.model.applications[at];
                let view = self.world.workflow.application(&self.world.caller, expected.id).await.unwrap();
                self.compare_application(expected, &view);
            }
            Subject::Registration(at) => {
                let expected = &self.model.registrations[at];
                let id = expected.id.expect("a registration that was found");
                let view = self.world.workflow.registration(&self.world.caller, id).await.unwrap();
                self.compare_registration(expected, &view);
            }
        }
    }

    fn compare_application(&self, expected: &Application, seen: &ApplicationView) {
        let channel = if expected.is_paper { Channel::Mission } else { Channel::Portal };
        self.equal("state", &Some(expected.state), &seen.state);
        self.equal("version", &expected.version, &seen.version);
        self.equal("number", &Some(expected.number.clone()), &seen.number);
        self.equal("mission", &PLACES[expected.mission].code, &seen.mission.as_str());
        self.equal("channel", &channel, &seen.channel);
        self.equal("revision", &expected.filing.revision, &seen.revision);
        self.equal("accept_time", &Some(expected.accepted), &seen.accept_time);
        self.equal("due_time", &expected.due, &seen.due_time);
        self.equal("update_time", &Some(expected.changed), &seen.update_time);
        self.equal("complete_time", &(!expected.state.is_open()).then_some(expected.changed), &seen.complete_time);
        let objection = expected.announced.as_ref().map(|announced| announced.objection_until);
        self.equal("objection_until", &objection, &seen.refusal.as_ref().and_then(|refusal| refusal.objection_until));
        let registration = expected.registration.and_then(|at| self.model.registrations[at].id);
        self.equal("registration", &registration, &seen.registration);
        let mut expected = expected.findings.clone();
        let mut seen: Vec<&str> = seen.findings.iter().map(|finding| finding.code.as_str()).collect();
        expected.sort_unstable();
        seen.sort_unstable();
        self.equal("findings", &expected, &seen);
    }

    fn compare_registration(&self, expected: &Registration, seen: &RegistrationView) {
        self.equal("state", &expected.state, &seen.state);
        self.equal("version", &expected.version, &seen.version);
        self.equal("number", &expected.number, &seen.number);
        self.equal("mission", &PLACES[expected.mission].code, &seen.mission.as_str());
        self.equal("kind", &expected.kind, &seen.kind);
        self.equal("card_version", &expected.card_version, &seen.card_version);
        self.equal("valid_until", &expected.until, &seen.valid_until);
        self.equal("ground", &expected.ground, &seen.ground);
        self.equal("close_time", &expected.closed, &seen.close_time);
    }

    /// Everything there is: nothing changed that was not touched, nothing is there that should not be, no job stumbled.
    async fn compare_everything(&self) {
        for at in 0..self.model.applications.len() {
            self.compare(Subject::Application(at)).await;
        }
        for at in 0..self.model.registrations.len() {
            self.compare(Subject::Registration(at)).await;
        }
        let (workflow, caller) = (&self.world.workflow, &self.world.caller);
        let mut page = Page { size: 50, token: None };
        let mut listed = BTreeSet::new();
        loop {
            let applications = workflow.applications(caller, ApplicationQuery::default(), &page).await.unwrap();
            listed.extend(applications.items.into_iter().filter_map(|view| view.id));
            page.token = applications.next;
            if page.token.is_none() {
                break;
            }
        }
        self.equal("applications", &self.model.applications.iter().map(|one| one.id).collect(), &listed);
        let mut listed = BTreeSet::new();
        loop {
            let registrations = workflow.registrations(caller, &RegistrationQuery::default(), &page).await.unwrap();
            listed.extend(registrations.items.into_iter().map(|view| view.id));
            page.token = registrations.next;
            if page.token.is_none() {
                break;
            }
        }
        self.equal("registrations", &self.model.registrations.iter().filter_map(|one| one.id).collect(), &listed);
        self.equal("jobs that stumbled", &0, &self.world.stumbles().await);
    }

    fn equal<T: PartialEq + fmt::Debug>(&self, what: &str, expected: &T, seen: &T) {
        self.check(expected == seen, &format!("{what}: {expected:?} expected, {seen:?} seen"));
    }

    fn check(&self, holds: bool, what: &str) {
        if !holds {
            self.fail(what);
        }
    }

    fn fail(&self, what: &str) -> ! {
        let last: Vec<&str> = self.last.iter().map(String::as_str).collect();
        panic!("{}, step {}: {what}\n{}", self.name, self.steps, last.join("\n"));
    }
}
