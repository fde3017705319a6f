//! The score: what was judged, and where it differs from what others expect.

use std::collections::BTreeMap;

use serde::Serialize;

use super::manifest::Kind;
use super::{Case, Expected, Judged, Verdict};

/// Counts of one suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Tally {
    /// Cases, vectors counted one by one.
    pub cases: usize,
    /// Those judged as expected.
    pub agree: usize,
    /// Cases without an arguable note.
    pub core: usize,
    /// Those of the core judged as expected.
    pub core_agree: usize,
    /// Core cases called valid that are not.
    pub false_accepts: usize,
    /// Core cases not called valid that are.
    pub false_rejects: usize,
    /// Cases about algorithms that are not verified here; in no other count but `cases`.
    pub unsupported: usize,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.cases += other.cases;
        self.agree += other.agree;
        self.core += other.core;
        self.core_agree += other.core_agree;
        self.false_accepts += other.false_accepts;
        self.false_rejects += other.false_rejects;
        self.unsupported += other.unsupported;
    }
}

/// How a verdict differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Nature {
    /// Valid here, not valid for others.
    FalseAccept,
    /// Not valid here, valid for others.
    FalseReject,
    /// The case could not be judged as it asks to be.
    Failed,
    /// An algorithm that is not verified here.
    Unsupported,
}

/// One case that was not judged as expected.
#[derive(Debug, Clone, Serialize)]
pub struct Difference {
    /// The case, with the number of the vector.
    pub id: String,
    /// What it is about.
    pub kind: Kind,
    /// Its collection.
    pub suite: String,
    /// How it differs.
    pub nature: Nature,
    /// What others expect.
    pub expected: Expected,
    /// Why they do.
    pub reason: String,
    /// Why it was not found valid here; empty when it was.
    pub finding: String,
    /// Why another verdict would do as well; such differences are no faults.
    pub arguable: Option<String>,
}

/// The outcome of a run.
#[derive(Debug, Clone, Default)]
pub struct Report {
    tallies: BTreeMap<(Kind, String), Tally>,
    differences: Vec<Difference>,
}

impl Report {
    /// Counts of each suite, by kind and name.
    pub fn tallies(&self) -> impl Iterator<Item = (Kind, &str, &Tally)> {
        self.tallies.iter().map(|((kind, suite), tally)| (*kind, suite.as_str(), tally))
    }

    /// Sum of the suites of some kinds.
    pub fn total(&self, kinds: &[Kind]) -> Tally {
        let mut total = Tally::default();
        for (_, _, tally) in self.tallies().filter(|(kind, _, _)| kinds.contains(kind)) {
            total.add(tally);
        }
        total
    }

    /// Every case not judged as expected, in the order of the manifest.
    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }

    /// Whether every core case agrees, and nothing is called valid that is not. Cases of algorithms that are not verified here
    /// are no faults.
    pub fn holds(&self) -> bool {
        self.tallies.values().all(|tally| tally.core_agree == tally.core && tally.false_accepts == 0)
    }

    pub(super) fn count(&mut self, case: &Case, judged: Judged) {
        let tally = self.tallies.entry((case.kind, case.suite.clone())).or_default();
        tally.cases += 1;
        let is_core = judged.arguable.is_none();
        let is_valid = judged.expected == Expected::Valid;
        let difference = match &judged.verdict {
            Verdict::Unsupported(_) => Some(Nature::Unsupported),
            Verdict::Failed(_) => Some(Nature::Failed),
            Verdict::Valid if !is_valid => Some(Nature::FalseAccept),
            Verdict::NotValid(_) if is_valid => Some(Nature::FalseReject),
            Verdict::Valid | Verdict::NotValid(_) => None,
        };
        match difference {
            Some(Nature::Unsupported) => tally.unsupported += 1,
            _ => {
                tally.core += usize::from(is_core);
                tally.agree += usize::from(difference.is_none());
                tally.core_agree += usize::from(is_core && difference.is_none());
                tally.false_accepts += usize::from(is_core && difference == Some(Nature::FalseAccept));
                tally.false_rejects += usize::from(is_core && difference == Some(Nature::FalseReject));
            }
        }
        let Some(nature) = difference else { return };
        let finding = match judged.verdict {
            Verdict::Valid => String::new(),
            Verdict::NotValid(text) | Verdict::Failed(text) | Verdict::Unsupported(text) => text,
        };
        self.differences.push(Difference {
            id: judged.id,
            kind: case.kind,
            suite: case.suite.clone(),
            nature,
            expected: judged.expected,
            reason: judged.reason,
            finding,
            arguable: judged.arguable,
        });
    }
}
