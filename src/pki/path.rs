//! Certification paths: building them, and validating them by RFC 5280 §6.
//!
//! Building walks from the leaf up, along names and key identifiers, verifying each signature as it goes and paying for it
//! from a [`PathBudget`]; validation runs from the anchor down over whatever reached an anchor. So "no path" means that no
//! chain of valid signatures reaches an anchor, and a broken constraint is reported only on a chain that does.
//!
//! Decisions.
//! - The anchor's own validity period, `basicConstraints`, `keyUsage` and constraints are checked like any other
//!   certificate's (RFC 5937): a decision to trust does not outlive the certificate, and a period of trust can only narrow
//!   its validity. [`PathRules`] can take the anchor as a bare name and key instead, which RFC 5280 allows.
//! - Of what RFC 5937 would have an anchor narrow, one thing is left out: the certificate policies that its certificate names. Which
//!   policies are acceptable is said by the validation policy alone (RFC 5280 §6.1.1 (c)); a root names those it was made under, and
//!   others may be issued below it.
//! - An anchor need not be self-signed: who is trusted is decided in the trust store, not by a signature. Its own signature
//!   is never judged.
//! - An end entity whose very certificate is an anchor is valid by that decision: a path of no certificates, which neither
//!   needs an issuer nor has a revocation status, since trust in it is revoked in the trust store.
//! - Validity periods need not nest (national CAs begin before their roots). An issuer whose key identifier contradicts the
//!   one the child names is not a candidate. Extended key usages are looked at only where one is demanded.

mod constraints;
mod defect;
mod policy;
mod rules;
mod validate;

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::Oid;
use super::algorithm::{AlgorithmError, CryptographicConstraints, PublicKey};
use super::certificate::Certificate;
use super::trust::{EntryKind, Purpose, TrustEntry, TrustStore};
pub use defect::{Defect, Fault, PathError};
pub use rules::{AnchorCheck, PathRules};

/// Certificates below the anchor that a path may have.
const MAX_DEPTH: usize = 8;

/// What a path search may spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathBudget {
    /// Signature verifications left. Links remembered by the trust store are free.
    pub signature_checks: u32,
    /// Certificates that may still be stepped on, verified or not.
    pub steps: u32,
}

impl Default for PathBudget {
    /// 100 signature checks and 1,000 steps: a national path takes three of each.
    fn default() -> Self {
        Self { signature_checks: 100, steps: 1_000 }
    }
}

/// What a path is asked for.
#[derive(Debug, Clone, Copy)]
pub struct PathRequest<'a> {
    /// The end entity's certificate.
    pub leaf: &'a Certificate,
    /// Certificates that came along, in any order, junk included; never trusted by themselves.
    pub candidates: &'a [Certificate],
    /// The anchors, and intermediates at hand.
    pub store: &'a TrustStore,
    /// For which purpose the anchor must be trusted.
    pub purpose: Purpose,
    /// The time the path must be valid at.
    pub time: DateTime<Utc>,
    /// Which algorithms count as reliable in it.
    pub algorithms: &'a CryptographicConstraints,
    /// Which certificate policies are demanded; the default demands none.
    pub policies: InitialPolicies<'a>,
}

/// The policy inputs of RFC 5280 §6.1.1 (c), (e), (f), (g).
#[derive(Debug, Clone, Copy, Default)]
pub struct InitialPolicies<'a> {
    /// `user-initial-policy-set`; `None` is anyPolicy.
    pub acceptable: Option<&'a [Oid]>,
    /// `initial-explicit-policy`: the path must be valid for an acceptable policy.
    pub require_explicit_policy: bool,
    /// `initial-policy-mapping-inhibit`.
    pub inhibit_policy_mapping: bool,
    /// `initial-any-policy-inhibit`.
    pub inhibit_any_policy: bool,
}

/// A certification path: the leaf, its issuers, and the anchor above the last of them. A leaf that is an anchor itself has a
/// path of nothing but the anchor.
#[derive(Debug, Clone)]
pub struct CertificationPath {
    certificates: Vec<Certificate>,
    anchor: TrustEntry,
}

impl CertificationPath {
    /// The end entity.
    pub fn leaf(&self) -> Option<&Certificate> {
        self.certificates.first().or(Some(&self.anchor.certificate))
    }

    /// The certificates from the leaf (index 0) up, without the anchor.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The anchor the path ends at.
    pub fn anchor(&self) -> &TrustEntry {
        &self.anchor
    }

    /// The certificate above `index`: the next one, or the anchor's. `None` beyond the path.
    pub fn issuer(&self, index: usize) -> Option<&Certificate> {
        if index >= self.certificates.len() {
            return None;
        }
        Some(self.certificates.get(index + 1).unwrap_or(&self.anchor.certificate))
    }
}

/// Builds a path for the request and validates it (RFC 5280 §6.1), by the default [`PathRules`].
///
/// Errors: see [`PathError`]; the budget is spent whatever the outcome.
pub fn build(request: &PathRequest<'_>, budget: &mut PathBudget) -> Result<CertificationPath, PathError> {
    build_by(request, &PathRules::default(), budget)
}

/// Builds a path for the request and validates it by `rules`.
///
/// Errors: as of [`build`].
pub fn build_by(
    request: &PathRequest<'_>,
    rules: &PathRules<'_>,
    budget: &mut PathBudget,
) -> Result<CertificationPath, PathError> {
    let leaf = request.leaf;
    if request.store.is_distrusted(leaf) {
        return Err(PathError::NotFound { closest: Some(Fault::new(0, leaf, Defect::Distrusted)) });
    }
    let mut search = Search {
        request,
        rules,
        budget,
        chain: vec![leaf.clone()],
        links: HashMap::new(),
        closest: None,
        invalid: None,
    };
    let itself = request.store.entry(leaf.sha256());
    if let Some(entry) = itself.filter(|entry| entry.is_anchor_for(request.purpose))
        && let Some(path) = search.end_with(entry, Vec::new())
    {
        return Ok(path);
    }
    match search.extend() {
        Ok(Some(path)) => Ok(path),
        Err(BudgetExhausted) => Err(PathError::BudgetExhausted),
        Ok(None) => Err(match search.invalid {
            Some((fault, path)) => PathError::Invalid { fault, path: Box::new(path) },
            None => PathError::NotFound { closest: search.closest },
        }),
    }
}

struct BudgetExhausted;

/// SHA-256 of an issuer's key and of the certificate it may have signed.
type Link = ([u8; 32], [u8; 32]);

struct Search<'a> {
    request: &'a PathRequest<'a>,
    rules: &'a PathRules<'a>,
    budget: &'a mut PathBudget,
    /// Leaf first.
    chain: Vec<Certificate>,
    /// Links tried in this search, which the store's memory need not know: it remembers good ones of paths that reached an anchor.
    links: HashMap<Link, Result<(), AlgorithmError>>,
    closest: Option<Fault>,
    invalid: Option<(Fault, CertificationPath)>,
}

impl Search<'_> {
    /// Tries to complete the chain upwards. `None`: no way from here, with the reasons noted.
    fn extend(&mut self) -> Result<Option<CertificationPath>, BudgetExhausted> {
        let Some(child) = self.chain.last().cloned() else {
            return Ok(None);
        };
        let index = self.chain.len() - 1;
        let store = self.request.store;
        for entry in store.issuers_of(&child) {
            if entry.is_anchor_for(self.request.purpose)
                && may_issue(&entry.certificate, &child)
                && let Some(path) = self.end_at(entry, index, &child)?
            {
                return Ok(Some(path));
            }
        }
        // A chain of the leaf and so many intermediates is full.
        let most = self.rules.max_intermediates.map_or(MAX_DEPTH, |most| most.saturating_add(1).min(MAX_DEPTH));
        if self.chain.len() >= most {
            return Ok(None);
        }
        for issuer in self.intermediates(&child) {
            if !self.link(&issuer, index, &child)? {
                continue;
            }
            if store.is_distrusted(&issuer) {
                self.note(Fault::new(index + 1, &issuer, Defect::Distrusted));
                continue;
            }
            if !store.permits(&issuer, self.request.purpose, self.request.time) {
                self.note(Fault::new(index + 1, &issuer, Defect::NotPermitted));
                continue;
            }
            self.chain.push(issuer);
            let found = self.extend()?;
            self.chain.pop();
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Intermediates of the store, then those that came along; within each, matching key identifiers first.
    fn intermediates(&self, child: &Certificate) -> Vec<Certificate> {
        let at_hand = self.request.store.issuers_of(child).filter(|entry| {
            entry.kind == EntryKind::Intermediate
                && entry.purposes.contains(self.request.purpose)
                && entry.supports(self.request.time)
        });
        let came_along = self.request.candidates.iter().filter(|candidate| child.is_named_issuer(candidate));
        let mut issuers: Vec<Certificate> = Vec::new();
        for issuer in at_hand.map(|entry| &entry.certificate).chain(came_along) {
            if may_issue(issuer, child) && !self.is_in_chain(issuer) && !issuers.contains(issuer) {
                issuers.push(issuer.clone());
            }
        }
        let named = child.authority_key_identifier();
        issuers.sort_by_key(|issuer| named.is_none() || issuer.subject_key_identifier() != named);
        issuers
    }

    /// The same name with the same key would only walk in circles.
    fn is_in_chain(&self, issuer: &Certificate) -> bool {
        self.chain.iter().any(|known| known.spki() == issuer.spki() && known.subject_raw() == issuer.subject_raw())
    }

    fn end_at(
        &mut self,
        entry: &TrustEntry,
        index: usize,
        child: &Certificate,
    ) -> Result<Option<CertificationPath>, BudgetExhausted> {
        if !self.link(&entry.certificate, index, child)? {
            return Ok(None);
        }
        Ok(self.end_with(entry, self.chain.clone()))
    }

    /// The path of `certificates` below the anchor, if it holds; otherwise the reason is noted.
    fn end_with(&mut self, entry: &TrustEntry, certificates: Vec<Certificate>) -> Option<CertificationPath> {
        if !entry.supports(self.request.time) {
            self.note(Fault::new(certificates.len(), &entry.certificate, Defect::AnchorNotTrusted));
            return None;
        }
        let path = CertificationPath { certificates, anchor: entry.clone() };
        self.remember(&path);
        match validate::validate(&path, self.request, self.rules) {
            Ok(()) => {
                self.remember_leaf(&path);
                return Some(path);
            }
            Err(fault) => {
                if self.invalid.as_ref().is_none_or(|(known, _)| known.defect.rank() < fault.defect.rank()) {
                    self.invalid = Some((fault, path));
                }
            }
        }
        None
    }

    /// Whether the key of `issuer` signed `child`, which stands at `index`.
    fn link(&mut self, issuer: &Certificate, index: usize, child: &Certificate) -> Result<bool, BudgetExhausted> {
        self.budget.steps = self.budget.steps.checked_sub(1).ok_or(BudgetExhausted)?;
        if self.request.store.knows_link(issuer, child) {
            return Ok(true);
        }
        let key = (*issuer.spki_sha256(), *child.sha256());
        if !self.links.contains_key(&key) {
            let cost = issuer.public_key().map_or(1, PublicKey::verification_cost);
            self.budget.signature_checks = self.budget.signature_checks.checked_sub(cost).ok_or(BudgetExhausted)?;
            self.links.insert(key, child.verify_signed_by(issuer));
        }
        match self.links.get(&key) {
            Some(Ok(())) => Ok(true),
            Some(Err(error)) => {
                let fault = Fault::new(index, child, error.clone().into());
                self.note(fault);
                Ok(false)
            }
            None => Ok(false),
        }
    }

    fn note(&mut self, fault: Fault) {
        if self.closest.as_ref().is_none_or(|known| known.defect.rank() < fault.defect.rank()) {
            self.closest = Some(fault);
        }
    }

    /// Lets the store remember the end entity of a valid path, if this search had to verify its signature.
    fn remember_leaf(&self, path: &CertificationPath) {
        if let Some((leaf, issuer)) = path.certificates.first().zip(path.issuer(0))
            && !leaf.is_ca()
            && self.links.contains_key(&(*issuer.spki_sha256(), *leaf.sha256()))
        {
            self.request.store.remember_link(issuer, leaf);
        }
    }

    /// Lets the store remember the links between authorities of a chain that reached an anchor; others could fill its memory.
    fn remember(&self, path: &CertificationPath) {
        for (index, certificate) in path.certificates.iter().enumerate().skip(1) {
            if let Some(issuer) = path
                .issuer(index)
                .filter(|issuer| certificate.is_ca() && !self.request.store.knows_link(issuer, certificate))
            {
                self.request.store.remember_link(issuer, certificate);
            }
        }
    }
}

/// Whether the key identifiers, where both are named, agree (RFC 5280 §4.2.1.1).
fn may_issue(issuer: &Certificate, child: &Certificate) -> bool {
    let named = child.authority_key_identifier().zip(issuer.subject_key_identifier());
    named.is_none_or(|(authority, subject)| authority == subject)
}
