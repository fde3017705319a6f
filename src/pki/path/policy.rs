//! Certificate policies along a path (RFC 5280 §6.1, with the linear-size graph of RFC 9618 in place of the tree).
//!
//! Of the graph only what later steps ask for is kept: each level's nodes with the policies expected below them, and for
//! each node whether it hangs on anyPolicy, that is, whether its policy was asserted in the anchor's own terms.

use std::collections::{BTreeSet, HashMap};

use super::InitialPolicies;
use crate::pki::Oid;
use crate::pki::certificate::Certificate;

const ANY_POLICY: Oid = Oid::new(&[2, 5, 29, 32, 0]);

/// No acceptable policy where one is demanded, or a mapping from or to anyPolicy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoAcceptablePolicy;

/// A node: the policies expected in the next certificate, and the anchor-side policies it stands for.
#[derive(Debug, Clone, Default)]
struct Node {
    expected: BTreeSet<Oid>,
    /// Policies, in the anchor's terms, from which this node descends; anyPolicy for one that is not narrowed yet.
    origins: BTreeSet<Oid>,
}

/// The state variables of §6.1.2 that concern policies.
#[derive(Debug)]
pub(super) struct PolicyState {
    /// The nodes of the last level; empty is the NULL graph.
    level: HashMap<Oid, Node>,
    explicit_policy: usize,
    policy_mapping: usize,
    inhibit_any_policy: usize,
}

impl PolicyState {
    /// The state before the first of `length` certificates.
    pub(super) fn new(initial: &InitialPolicies<'_>, length: usize) -> Self {
        let counter = |set: bool| if set { 0 } else { length + 1 };
        let root = Node { expected: BTreeSet::from([ANY_POLICY]), origins: BTreeSet::from([ANY_POLICY]) };
        Self {
            level: HashMap::from([(ANY_POLICY, root)]),
            explicit_policy: counter(initial.require_explicit_policy),
            policy_mapping: counter(initial.inhibit_policy_mapping),
            inhibit_any_policy: counter(initial.inhibit_any_policy),
        }
    }

    /// §6.1.3 (d), (e), (f).
    pub(super) fn process(&mut self, certificate: &Certificate, is_leaf: bool) -> Result<(), NoAcceptablePolicy> {
        self.level = match certificate.policies() {
            Some(policies) if !self.level.is_empty() => self.next_level(policies, certificate, is_leaf),
            _ => HashMap::new(),
        };
        if self.explicit_policy == 0 && self.level.is_empty() { Err(NoAcceptablePolicy) } else { Ok(()) }
    }

    fn next_level(&self, policies: &[Oid], certificate: &Certificate, is_leaf: bool) -> HashMap<Oid, Node> {
        // For each policy expected here, what the nodes that expect it descend from.
        let mut expected: HashMap<Oid, BTreeSet<Oid>> = HashMap::new();
        for (valid, node) in &self.level {
            for policy in &node.expected {
                let origins = expected.entry(*policy).or_default();
                // A policy below anyPolicy is asserted here for the first time: it is its own origin.
                if *valid == ANY_POLICY && *policy != ANY_POLICY {
                    origins.insert(*policy);
                } else {
                    origins.extend(&node.origins);
                }
            }
        }
        let any_above = self.level.contains_key(&ANY_POLICY);
        let mut level = HashMap::new();
        for policy in policies.iter().filter(|policy| **policy != ANY_POLICY) {
            let origins = match expected.get(policy) {
                Some(origins) => origins.clone(),
                None if any_above => BTreeSet::from([*policy]),
                None => continue,
            };
            level.insert(*policy, Node { expected: BTreeSet::from([*policy]), origins });
        }
        let any_counts = self.inhibit_any_policy > 0 || !is_leaf && certificate.is_self_issued();
        if any_counts && policies.contains(&ANY_POLICY) {
            for (policy, origins) in expected {
                level.entry(policy).or_insert_with(|| Node { expected: BTreeSet::from([policy]), origins });
            }
        }
        level
    }

    /// §6.1.4 (a), (b), (h), (i), (j): what an authority sets for the certificates below it.
    pub(super) fn prepare(&mut self, authority: &Certificate) -> Result<(), NoAcceptablePolicy> {
        let mut mappings: HashMap<Oid, BTreeSet<Oid>> = HashMap::new();
        for (issuer, subject) in authority.policy_mappings() {
            if *issuer == ANY_POLICY || *subject == ANY_POLICY {
                return Err(NoAcceptablePolicy);
            }
            mappings.entry(*issuer).or_default().insert(*subject);
        }
        let any_here = self.level.contains_key(&ANY_POLICY);
        for (policy, expected) in mappings {
            if self.policy_mapping == 0 {
                self.level.remove(&policy);
            } else if let Some(node) = self.level.get_mut(&policy) {
                node.expected = expected;
            } else if any_here {
                self.level.insert(policy, Node { expected, origins: BTreeSet::from([policy]) });
            }
        }
        if !authority.is_self_issued() {
            self.count_down();
        }
        if let Some(constraints) = authority.policy_constraints() {
            limit(&mut self.explicit_policy, constraints.require_explicit_policy);
            limit(&mut self.policy_mapping, constraints.inhibit_policy_mapping);
        }
        limit(&mut self.inhibit_any_policy, authority.inhibit_any_policy());
        Ok(())
    }

    /// What an anchor's own certificate demands for the path below it.
    pub(super) fn constrain_by_anchor(&mut self, anchor: &Certificate) {
        if let Some(constraints) = anchor.policy_constraints() {
            limit(&mut self.explicit_policy, constraints.require_explicit_policy);
            limit(&mut self.policy_mapping, constraints.inhibit_policy_mapping);
        }
        limit(&mut self.inhibit_any_policy, anchor.inhibit_any_policy());
    }

    /// §6.1.5 (a), (b), (g).
    pub(super) fn finish(
        mut self,
        leaf: &Certificate,
        initial: &InitialPolicies<'_>,
    ) -> Result<(), NoAcceptablePolicy> {
        self.explicit_policy = self.explicit_policy.saturating_sub(1);
        if leaf.policy_constraints().and_then(|constraints| constraints.require_explicit_policy) == Some(0) {
            self.explicit_policy = 0;
        }
        let acceptable = match initial.acceptable {
            None => !self.level.is_empty(),
            Some(wanted) => self
                .level
                .values()
                .flat_map(|node| &node.origins)
                .any(|origin| *origin == ANY_POLICY || wanted.contains(origin)),
        };
        if self.explicit_policy > 0 || acceptable { Ok(()) } else { Err(NoAcceptablePolicy) }
    }

    fn count_down(&mut self) {
        for counter in [&mut self.explicit_policy, &mut self.policy_mapping, &mut self.inhibit_any_policy] {
            *counter = counter.saturating_sub(1);
        }
    }
}

fn limit(counter: &mut usize, value: Option<u32>) {
    if let Some(value) = value {
        *counter = (*counter).min(value as usize);
    }
}
