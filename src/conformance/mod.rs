//! Third-party conformance cases as an opposing side: a manifest of files, settings and expected verdicts, judged by this
//! program through one adapter for each kind of case, and counted.
//!
//! Lives here: reading a manifest of the format `suites-manifest/1`, what its settings mean for the rooms below, and the
//! score. May not live here: any rule of validation, and any case by its name. A setting that no adapter knows fails the
//! case, because ignoring it would judge something else than was asked.
//!
//! Agreement is on "valid or not": which reason is given for a refusal is not compared. Cases with an `arguable` note may
//! go either way and are counted apart; the others are the core. Vectors of signature algorithms are cases of their own.

mod cms;
mod crl;
mod freshness;
mod manifest;
mod ocsp;
mod path;
mod report;
mod settings;
mod sig;
mod tsp;

use std::path::Path;
use std::time::{Duration, Instant};

pub use manifest::{Case, Expected, Kind, ManifestError, Suites};
pub use report::{Difference, Nature, Report, Tally};

/// What one case may take.
const LONGEST: Duration = Duration::from_secs(10);

/// What became of one case, or of one vector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Valid, good, verified.
    Valid,
    /// Anything else, with the reason.
    NotValid(String),
    /// The case could not be judged as it asks to be: it agrees with nothing.
    Failed(String),
    /// The case is about an algorithm that is not verified here.
    Unsupported(String),
}

impl Verdict {
    fn of(result: Result<(), String>) -> Self {
        result.map_or_else(Self::NotValid, |()| Self::Valid)
    }
}

/// A verdict with what it is compared with: the case itself, or one of its vectors.
#[derive(Debug, Clone)]
struct Judged {
    id: String,
    expected: Expected,
    /// Why either verdict would do.
    arguable: Option<String>,
    reason: String,
    verdict: Verdict,
}

/// Judges every case of the manifest. `progress` is told before each case how many were judged, of how many, and which is next.
///
/// # Errors
/// [`ManifestError`] when the manifest cannot be read; a case that cannot be read fails alone.
pub fn run(manifest: &Path, mut progress: impl FnMut(usize, usize, &str)) -> Result<Report, ManifestError> {
    let suites = Suites::open(manifest)?;
    let mut report = Report::default();
    for (done, case) in suites.cases().iter().enumerate() {
        progress(done, suites.cases().len(), &case.id);
        for judged in judge(&suites, case) {
            report.count(case, judged);
        }
    }
    Ok(report)
}

fn judge(suites: &Suites, case: &Case) -> Vec<Judged> {
    let start = Instant::now();
    let verdict = match case.kind {
        Kind::Sig => match sig::judge(suites, case) {
            Ok(vectors) => return vectors,
            Err(error) => Verdict::Failed(error),
        },
        Kind::Path if case.names_setting("freshness") => freshness::judge(suites, case),
        Kind::Path => path::judge(suites, case),
        Kind::Crl => crl::judge(suites, case),
        Kind::Cms => cms::judge(suites, case),
        Kind::Ocsp => ocsp::judge(suites, case),
        Kind::Tsp => tsp::judge(suites, case),
    };
    let elapsed = start.elapsed();
    let verdict = if elapsed > LONGEST { Verdict::Failed(format!("it took {} s", elapsed.as_secs())) } else { verdict };
    vec![Judged {
        id: case.id.clone(),
        expected: case.expected,
        arguable: case.arguable.clone(),
        reason: case.reason.clone(),
        verdict,
    }]
}
