//! Revocation status of the certificates of a path from all that is at hand: lists (RFC 5280 §6.3) and OCSP (RFC 6960).
//!
//! Two times are apart here. The status is asked for at the time that is proved for the signature; what is believed must be
//! dated no later than now. Evidence counts when it was in force at that time, or was issued after it and before now: a
//! later word only says more. A final revocation outweighs any "good", however fresh; of the rest the freshest decides.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::report::RevocationSource;
use crate::pki::crl::{CertificateRevocationList, Reason, RevokedEntry};
use crate::pki::ocsp::{Freshness, Ignored, OcspResponse, Question, Responder, Standing};
use crate::pki::path::{self, CertificationPath, InitialPolicies, PathBudget, PathRequest};
use crate::pki::revocation::{self, RevocationRequest, RevocationStatus, UnknownReason};
use crate::pki::trust::{Purpose, TrustStore};
use crate::pki::{Certificate, CryptographicConstraints, PublicKey};

/// Times at which lists are asked: each costs a signature check at the most.
const MAX_TIMES: usize = 8;

/// Revocation material that came along.
#[derive(Debug, Clone, Copy)]
pub(super) struct Material<'a> {
    pub lists: &'a [Arc<CertificateRevocationList>],
    pub responses: &'a [Arc<OcspResponse>],
    /// Certificates among which an issuer's separate key for lists, or a responder's, may be.
    pub candidates: &'a [Certificate],
}

/// What is asked about a path.
#[derive(Debug, Clone, Copy)]
pub(super) struct StatusRequest<'a> {
    pub path: &'a CertificationPath,
    pub store: &'a TrustStore,
    pub purpose: Purpose,
    pub material: Material<'a>,
    /// The time whose status is asked for.
    pub time: DateTime<Utc>,
    /// The time of judgement; not before `time`.
    pub now: DateTime<Utc>,
    /// Which algorithms count as reliable.
    pub algorithms: &'a CryptographicConstraints,
    pub freshness: Freshness,
}

/// The status of one certificate.
#[derive(Debug, Clone)]
pub(super) enum Status {
    /// Told by a source.
    Known { standing: Standing, source: Source },
    /// By none, and what kept the most promising one from counting.
    Unknown { lists: UnknownReason, responses: Option<Ignored> },
}

/// Where a status is known from.
#[derive(Debug, Clone)]
pub(super) enum Source {
    List {
        /// The one that decided.
        list: Arc<CertificateRevocationList>,
        /// What the answer rests on besides: the base of a delta, lists for other reasons.
        beside: Vec<Arc<CertificateRevocationList>>,
    },
    Response {
        response: Arc<OcspResponse>,
        this_update: DateTime<Utc>,
        next_update: Option<DateTime<Utc>>,
        responder: Certificate,
    },
}

impl Source {
    pub(super) fn kind(&self) -> RevocationSource {
        match self {
            Self::List { .. } => RevocationSource::Crl,
            Self::Response { .. } => RevocationSource::Ocsp,
        }
    }

    pub(super) fn sha256(&self) -> &[u8; 32] {
        match self {
            Self::List { list, .. } => list.sha256(),
            Self::Response { response, .. } => response.sha256(),
        }
    }

    pub(super) fn this_update(&self) -> DateTime<Utc> {
        match self {
            Self::List { list, .. } => list.this_update(),
            Self::Response { this_update, .. } => *this_update,
        }
    }

    pub(super) fn next_update(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::List { list, .. } => list.next_update(),
            Self::Response { next_update, .. } => *next_update,
        }
    }

    pub(super) fn responder(&self) -> Option<&Certificate> {
        match self {
            Self::List { .. } => None,
            Self::Response { responder, .. } => Some(responder),
        }
    }
}

/// What became of each response that came along: used, or the most telling reason why not.
#[derive(Debug, Default)]
pub(super) struct Usage(Vec<([u8; 32], Option<Ignored>)>);

impl Usage {
    fn note(&mut self, response: &OcspResponse, outcome: Option<Ignored>) {
        match self.0.iter_mut().find(|(sha256, _)| sha256 == response.sha256()) {
            None => self.0.push((*response.sha256(), outcome)),
            Some((_, known)) => {
                let telling = |reason: &Option<Ignored>| reason.as_ref().map_or(u8::MAX, Ignored::rank);
                if telling(&outcome) > telling(known) {
                    *known = outcome;
                }
            }
        }
    }

    /// A line for each response that counted nowhere.
    pub(super) fn warnings(&self) -> impl Iterator<Item = String> {
        self.0.iter().filter_map(|(sha256, outcome)| {
            let reason = outcome.as_ref()?;
            Some(format!("OCSP response {} was ignored: {reason}", hex::encode(sha256)))
        })
    }
}

/// The status of each certificate of the path, from the leaf up.
pub(super) fn examine(request: &StatusRequest<'_>, budget: &mut PathBudget, usage: &mut Usage) -> Vec<Status> {
    (0..request.path.certificates().len()).map(|index| request.status(index, budget, usage)).collect()
}

impl StatusRequest<'_> {
    fn status(&self, index: usize, budget: &mut PathBudget, usage: &mut Usage) -> Status {
        let lists = self.by_lists(index, budget);
        let (mut known, responses) = self.by_responses(index, budget, usage);
        let lists = match lists {
            Ok(told) => {
                known.push(told);
                UnknownReason::NoList
            }
            Err(reason) => reason,
        };
        let deciding = known.into_iter().max_by_key(|(standing, source)| {
            let severity = u8::from(matches!(standing, Standing::Hold(_)));
            (is_final(standing), source.this_update(), severity)
        });
        match deciding {
            Some((standing, source)) => Status::Known { standing, source },
            None => Status::Unknown { lists, responses },
        }
    }

    /// Asks the lists as of now; when those say nothing about the proved time, as of each list that came along since, and
    /// as of that time itself.
    fn by_lists(&self, index: usize, budget: &mut PathBudget) -> Result<(Standing, Source), UnknownReason> {
        let Some(certificate) = self.path.certificates().get(index) else {
            return Err(UnknownReason::NoList);
        };
        // Lists of other issuers too: an indirect one speaks for this issuer under another name.
        let came_along = self.material.lists.iter();
        let mut between: Vec<DateTime<Utc>> = came_along
            .map(|list| list.this_update())
            .filter(|issued| self.time < *issued && *issued < self.now)
            .collect();
        between.sort_unstable_by(|a, b| b.cmp(a));
        between.dedup();
        between.truncate(MAX_TIMES);
        let mut times = vec![self.now];
        times.append(&mut between);
        if self.time < self.now {
            times.push(self.time);
        }
        let mut unknown = None;
        for time in times {
            let request = RevocationRequest {
                path: self.path,
                store: self.store,
                purpose: self.purpose,
                lists: self.material.lists,
                candidates: self.material.candidates,
                time,
                algorithms: self.algorithms,
            };
            let (entry, list, beside) = match revocation::check_one(&request, index, budget) {
                RevocationStatus::Unknown(reason) => {
                    unknown.get_or_insert(reason);
                    continue;
                }
                RevocationStatus::Good { list, beside, revoked_later } => (revoked_later, list, beside),
                RevocationStatus::Revoked { entry, list, beside } | RevocationStatus::Hold { entry, list, beside } => {
                    (Some(entry), list, beside)
                }
            };
            // Lists forget certificates that have expired (RFC 5280 §5): silence about such a one proves nothing.
            if entry.is_none() && list.this_update() > certificate.not_after() {
                continue;
            }
            return Ok((self.standing(entry), Source::List { list, beside }));
        }
        Err(unknown.unwrap_or(UnknownReason::NoList))
    }

    fn standing(&self, entry: Option<RevokedEntry>) -> Standing {
        match entry {
            Some(entry) if entry.revocation_date <= self.time => {
                if entry.reason == Reason::CertificateHold {
                    Standing::Hold(entry)
                } else {
                    Standing::Revoked(entry)
                }
            }
            revoked_later => Standing::Good { revoked_later },
        }
    }

    fn by_responses(
        &self,
        index: usize,
        budget: &mut PathBudget,
        usage: &mut Usage,
    ) -> (Vec<(Standing, Source)>, Option<Ignored>) {
        let mut known = Vec::new();
        let mut most_telling: Option<Ignored> = None;
        let Some((certificate, issuer)) = self.path.certificates().get(index).zip(self.path.issuer(index)) else {
            return (known, most_telling);
        };
        let question = Question {
            certificate,
            issuer,
            candidates: self.material.candidates,
            time: self.time,
            now: self.now,
            nonce: None,
            freshness: self.freshness,
            algorithms: self.algorithms,
        };
        for response in self.material.responses {
            let outcome = self.ask(response, &question, budget);
            usage.note(response, outcome.as_ref().err().cloned());
            match outcome {
                Ok(told) => known.push(told),
                Err(Ignored::OtherCertificate) => {}
                Err(reason) => {
                    if most_telling.as_ref().is_none_or(|known| known.rank() < reason.rank()) {
                        most_telling = Some(reason);
                    }
                }
            }
        }
        (known, most_telling)
    }

    fn ask(
        &self,
        response: &Arc<OcspResponse>,
        question: &Question<'_>,
        budget: &mut PathBudget,
    ) -> Result<(Standing, Source), Ignored> {
        if !response.is_about(question.certificate, question.issuer) {
            return Err(Ignored::OtherCertificate);
        }
        let cost = question.issuer.public_key().map_or(1, PublicKey::verification_cost);
        budget.signature_checks = budget.signature_checks.checked_sub(cost).ok_or(Ignored::TooMany)?;
        let answer = response.status_of(question)?;
        if let Responder::Delegate(delegate) = &answer.responder {
            self.check_delegate(delegate, response.produced_at().max(self.time), budget)?;
        }
        let source = Source::Response {
            response: Arc::clone(response),
            this_update: answer.this_update,
            next_update: answer.next_update,
            responder: answer.responder.certificate().clone(),
        };
        Ok((answer.standing, source))
    }

    /// A delegate must hang on the same anchor as the certificate it speaks about, and be on no list. Without a list it is
    /// believed, with `id-pkix-ocsp-nocheck` or without (RFC 6960 §4.2.2.2.1 leaves that to the client); a list that does
    /// name it as revoked counts in either case.
    fn check_delegate(
        &self,
        delegate: &Certificate,
        time: DateTime<Utc>,
        budget: &mut PathBudget,
    ) -> Result<(), Ignored> {
        let to_delegate = PathRequest {
            leaf: delegate,
            candidates: self.material.candidates,
            store: self.store,
            purpose: self.purpose,
            time: time.min(self.now),
            algorithms: self.algorithms,
            policies: InitialPolicies::default(),
        };
        let path = path::build(&to_delegate, budget).map_err(|_| Ignored::OtherAuthority)?;
        if path.anchor().certificate != self.path.anchor().certificate {
            return Err(Ignored::OtherAuthority);
        }
        let request = StatusRequest { path: &path, ..*self };
        match request.by_lists(0, budget) {
            Ok((Standing::Good { revoked_later: None }, _)) | Err(_) => Ok(()),
            Ok(_) => Err(Ignored::ResponderRevoked),
        }
    }
}

/// Whether a standing rests on a revocation that cannot be lifted.
fn is_final(standing: &Standing) -> bool {
    match standing {
        Standing::Revoked(_) => true,
        Standing::Good { revoked_later } => revoked_later.is_some_and(|entry| entry.reason != Reason::CertificateHold),
        Standing::Hold(_) => false,
    }
}
