//! Situations of the law as data: one file a rule, with the edges at which it turns. A lawyer reads and writes them; every rule of the
//! table has to have one that meets it and one that does not.
//!
//! Each situation is a complete application for a temporary stay in Berlin, filed through the portal by the applicant on 20 March 2026, with what
//! differs from that. What must follow is the outcome of the file's rule and the fields it remarks on; `with` names the codes of
//! other rules that are not met then.

mod terms;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use chrono::{DateTime, NaiveDate, Utc};
use consular_registration::registration::act::OfficerAct;
use consular_registration::registration::application::ApplicationState;
use consular_registration::registration::form::{ApplicationForm, Kind, SANDBOX_AUDIENCE, decode, header_violations};
use consular_registration::registration::hearing::PreliminaryDecision;
use consular_registration::registration::mission::Missions;
use consular_registration::registration::person::IdentifierPolicy;
use consular_registration::registration::rules::{
    ActFacts, Channel, District, EvidenceFacts, Facts, Finding, OpenRegistration, ROLE_INDIVIDUAL, Rule, Signer, Stage,
    Verification, all, assess,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{form_tree, permanent_tree};

/// Rules that no facts fail: facts are gathered only about a form that came out of a valid signature. What is refused before is seen
/// through the whole service.
const ASKED_BEFORE: [&str; 1] = ["ADM-SIGNATURE"];

/// The situations of one rule.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rule: String,
    situation: Vec<Situation>,
}

/// An application with what differs from the usual, and what must follow.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Situation {
    title: String,
    /// The outcome of the rule: `MET`, `NOT_MET` or `NOT_APPLICABLE`.
    expect: String,
    /// The fields that are remarked on.
    #[serde(default)]
    fields: Vec<String>,
    /// Codes of other rules that are not met, in their order; not looked at when absent.
    with: Option<Vec<String>>,
    /// The day in the mission's time zone.
    today: Option<toml::value::Datetime>,
    #[serde(default = "temporary")]
    kind: Kind,
    /// Fields of the form, over a complete one.
    #[serde(default)]
    form: toml::Table,
    /// Paths that are left out of it.
    #[serde(default)]
    without: Vec<String>,
    #[serde(default)]
    signer: SignerFacts,
    /// What has been verified since; otherwise what the signature alone proves.
    #[serde(default)]
    verified: BTreeMap<String, Verification>,
    /// The mission that has the application now.
    mission: Option<String>,
    open: Option<Open>,
    act: Option<Act>,
    /// Whether the national authority's test numbers are taken for real ones.
    #[serde(default)]
    test_identifiers: bool,
}

const fn temporary() -> Kind {
    Kind::Temporary
}

/// Who signs; the applicant with a personal key unless said otherwise.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SignerFacts {
    iin: Option<String>,
    bin: Option<String>,
    roles: Option<Vec<String>>,
    officer_of: Option<String>,
    /// The certificate names nobody.
    anonymous: bool,
}

/// An open registration of the applicant.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Open {
    mission: String,
    #[serde(default = "temporary")]
    kind: Kind,
    valid_until: Option<toml::value::Datetime>,
}

/// What an officer is about to do.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Act {
    name: String,
    decision: toml::Table,
    state: ApplicationState,
    now: DateTime<Utc>,
    announced: Option<Announced>,
    #[serde(default)]
    objection_upheld: bool,
    #[serde(default)]
    by_who_announced: bool,
}

/// A refusal that was announced.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Announced {
    ground: String,
    hearing: DateTime<Utc>,
    objection_until: DateTime<Utc>,
}

/// What a rule said, or why nothing could be asked.
struct Said {
    outcome: &'static str,
    fields: Vec<String>,
    /// Codes of the other rules that are not met.
    with: Vec<String>,
}

#[test]
fn every_situation_ends_as_the_law_says() {
    let mut wrong = Vec::new();
    for (file, File { rule, situation }) in files() {
        assert!(all().any(|known| known.id == rule), "{file}: there is no rule {rule}");
        for situation in situation {
            let said = situation.ask(&rule);
            let mut expected = (situation.expect.as_str(), situation.fields.clone());
            let mut fields = said.fields.clone();
            expected.1.sort();
            fields.sort();
            if (said.outcome, &fields) != (expected.0, &expected.1) {
                wrong.push(format!("{file}: {}: {} {fields:?} instead of {expected:?}", situation.title, said.outcome));
            }
            if let Some(with) = situation.with.as_ref().filter(|with| **with != said.with) {
                wrong.push(format!("{file}: {}: with {:?} instead of {with:?}", situation.title, said.with));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_a_situation_that_meets_it_and_one_that_does_not() {
    let mut outcomes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, file) in files() {
        let of_rule = outcomes.entry(file.rule).or_default();
        of_rule.extend(file.situation.into_iter().map(|situation| situation.expect));
    }
    let lacking: Vec<_> = all()
        .filter(|rule| !ASKED_BEFORE.contains(&rule.id))
        .filter(|rule| {
            let seen = outcomes.get(rule.id);
            !seen.is_some_and(|seen| seen.contains("MET") && seen.contains("NOT_MET"))
        })
        .map(|rule| rule.id)
        .collect();
    assert!(
        lacking.is_empty(),
        "no situation meets and fails {lacking:?}; write tests/service/registration/situations/RULE.toml"
    );
}

fn files() -> Vec<(String, File)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/service/registration/situations");
    let mut found: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    found.sort();
    let read = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let file = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, file)
    };
    found.iter().map(read).collect()
}

impl Situation {
    fn ask(&self, rule: &str) -> Said {
        let rule = all().find(|known| known.id == rule).unwrap();
        let now = self.today().and_hms_opt(9, 0, 0).unwrap().and_utc();
        let read = decode(self.tree().to_string().as_bytes());
        let violations = match &read {
            Ok(form) => header_violations(form, SANDBOX_AUDIENCE, now),
            Err(violations) => violations.clone(),
        };
        let is_form = rule.id == "ADM-FORM";
        if is_form && !violations.is_empty() {
            let fields = violations.into_iter().map(|violation| violation.field).collect();
            return Said { outcome: "NOT_MET", fields, with: Vec::new() };
        }
        let form = read.unwrap_or_else(|violations| panic!("{}: {violations:?}", self.title));
        assert!(is_form || violations.is_empty(), "{}: {violations:?}", self.title);
        self.asked(rule, &form)
    }

    fn asked(&self, rule: &Rule, form: &ApplicationForm) -> Said {
        let act = self.act.as_ref().map(Act::meaning);
        let announced = self.act.as_ref().and_then(|act| act.announced.as_ref()).map(Announced::decision);
        let mut facts = self.facts(form);
        facts.act = self.act.as_ref().zip(act.as_ref()).map(|(facts, act)| ActFacts {
            act,
            state: facts.state,
            now: facts.now,
            announced: announced.as_ref(),
            is_objection_upheld: facts.objection_upheld,
            is_by_who_announced: facts.by_who_announced,
        });
        let stages = [Stage::Admissibility, Stage::Deficiency, Stage::Decision, Stage::Act];
        let findings: Vec<Finding> = stages.iter().flat_map(|stage| assess(*stage, &facts, facts.today)).collect();
        let own = findings.iter().find(|finding| finding.rule == rule.id).expect("the rule is in force");
        let outcome = match &own.outcome {
            outcome if own.is_not_met() => {
                assert_eq!(own.code, rule.refused_with, "{outcome:?}");
                "NOT_MET"
            }
            outcome if serde_json::to_value(outcome).unwrap()["result"] == "MET" => "MET",
            _ => "NOT_APPLICABLE",
        };
        let others = findings.iter().filter(|finding| finding.is_not_met() && finding.rule != rule.id);
        Said {
            outcome,
            fields: own.remarks().iter().map(|remark| remark.field.clone()).collect(),
            with: others.map(|finding| finding.code.to_string()).collect(),
        }
    }

    fn facts<'a>(&self, form: &'a ApplicationForm) -> Facts<'a> {
        let signer = self.signer.signer(form);
        let mut evidence = EvidenceFacts::at_filing(form, &signer);
        for (what, result) in &self.verified {
            *match what.as_str() {
                "departure_decision" => &mut evidence.departure_decision,
                "citizenship" => &mut evidence.citizenship,
                "identity" => &mut evidence.identity,
                "representation" => &mut evidence.representation,
                "deregistration_ground" => &mut evidence.deregistration_ground,
                other => panic!("{}: nothing called {other} is verified", self.title),
            } = *result;
        }
        let mission = self.mission.as_ref().map_or_else(|| form.mission.clone(), |code| code.parse().unwrap());
        let stay = &form.card.stay;
        let part = stay.host_address.as_ref().and_then(|address| address.subdivision.as_ref());
        let district = stay.host_country.as_ref().map_or(District::Undetermined, |country| {
            District::of(&mission, &Missions::sample().competent_for(country, part, self.today()))
        });
        let identifiers =
            if self.test_identifiers { IdentifierPolicy::AcceptNationalTest } else { IdentifierPolicy::Strict };
        Facts {
            form,
            mission,
            channel: Channel::of(&signer),
            signer,
            identifiers,
            today: self.today(),
            open_registration: self.open.as_ref().map(Open::registration),
            evidence,
            district,
            act: None,
        }
    }

    fn today(&self) -> NaiveDate {
        self.today.map_or_else(|| "2026-03-20".parse().unwrap(), |day| day.to_string().parse().unwrap())
    }

    fn tree(&self) -> Value {
        let mut tree = match self.kind {
            Kind::Temporary => form_tree(),
            Kind::Permanent => permanent_tree(),
        };
        // The form is made on the day, with the consent, and speaks of a stay that runs then.
        let today = self.today();
        tree["issued_at"] = json!(format!("{today}T08:00:00Z"));
        tree["expires_at"] = json!(format!("{}T08:00:00Z", today + chrono::Days::new(30)));
        merge(&mut tree, &self.form);
        for path in &self.without {
            let (parent, field) = path.rsplit_once('.').unwrap_or(("", path));
            let pointer = if parent.is_empty() { String::new() } else { format!("/{}", parent.replace('.', "/")) };
            let parent = tree.pointer_mut(&pointer).and_then(Value::as_object_mut);
            let removed = parent.and_then(|parent| parent.remove(field));
            assert!(removed.is_some(), "{}: the form has no {path}", self.title);
        }
        tree
    }
}

/// Tables are merged; dates are texts.
fn merge(tree: &mut Value, changes: &toml::Table) {
    for (key, change) in changes {
        match change {
            toml::Value::Table(change) if tree[key].is_object() => merge(&mut tree[key], change),
            change => tree[key.as_str()] = json_of(change),
        }
    }
}

fn json_of(value: &toml::Value) -> Value {
    match value {
        toml::Value::Datetime(time) => json!(time.to_string()),
        toml::Value::Array(items) => items.iter().map(json_of).collect(),
        toml::Value::Table(table) => table.iter().map(|(key, value)| (key.clone(), json_of(value))).collect(),
        other => serde_json::to_value(other).unwrap(),
    }
}

impl SignerFacts {
    fn signer(&self, form: &ApplicationForm) -> Signer {
        let is_officer = self.officer_of.is_some();
        let employee = "1.2.398.3.3.4.1.2.5";
        let role = if is_officer { employee } else { ROLE_INDIVIDUAL };
        let own = if is_officer { "900101300811" } else { form.applicant.iin.as_str() };
        Signer {
            iin: (!self.anonymous).then(|| self.iin.clone().unwrap_or_else(|| own.to_owned())),
            bin: self.bin.clone().or_else(|| (is_officer && self.roles.is_none()).then(|| "040940001235".to_owned())),
            roles: self.roles.clone().unwrap_or_else(|| vec![role.to_owned()]),
            officer_of: self.officer_of.as_ref().map(|code| code.parse().unwrap()),
        }
    }
}

impl Open {
    fn registration(&self) -> OpenRegistration {
        OpenRegistration {
            number: format!("{}/R/2025/000007", self.mission),
            mission: self.mission.parse().unwrap(),
            kind: self.kind,
            valid_until: self.valid_until.map(|day| day.to_string().parse().unwrap()),
        }
    }
}

impl Act {
    fn meaning(&self) -> consular_registration::registration::act::Act {
        let mut decision = json!({});
        merge(&mut decision, &self.decision);
        let act: OfficerAct = serde_json::from_value(json!({
            "act": self.name, "subject": "applications/1", "etag": "1", "decision": decision, "time": self.now,
        }))
        .unwrap();
        act.meaning().unwrap()
    }
}

impl Announced {
    fn decision(&self) -> PreliminaryDecision {
        serde_json::from_value(json!({
            "grounds": { "ground": self.ground, "reason_kk": "Себебі бар.", "reason_ru": "Причина есть." },
            "hearing": { "time": self.hearing, "place": "Berlin" },
            "announced_time": "2026-03-20T09:00:00Z",
            "objection_until": self.objection_until,
            "clock": { "due_time": "2026-03-26T17:00:00Z", "working_days_left": 1 },
        }))
        .unwrap()
    }
}
