//! Settings that several kinds of cases share.

use serde::Deserialize;

use crate::pki::Oid;
use crate::pki::path::InitialPolicies;
use crate::signature::{CertificatePolicies, RevocationMode};

const ANY_POLICY: Oid = Oid::new(&[2, 5, 29, 32, 0]);

/// Whether revocation is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Revocation {
    #[default]
    None,
    /// Where the case brings lists.
    RequireIfCrl,
    /// No data is not valid.
    RequireAll,
}

impl From<Revocation> for RevocationMode {
    fn from(revocation: Revocation) -> Self {
        match revocation {
            Revocation::None => Self::None,
            Revocation::RequireIfCrl => Self::IfPresent,
            Revocation::RequireAll => Self::RequireAll,
        }
    }
}

/// An object identifier in dotted form.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Dotted(pub(super) Oid);

impl TryFrom<String> for Dotted {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let named = match text.as_str() {
            "serverAuth" => "1.3.6.1.5.5.7.3.1",
            "clientAuth" => "1.3.6.1.5.5.7.3.2",
            "codeSigning" => "1.3.6.1.5.5.7.3.3",
            "emailProtection" => "1.3.6.1.5.5.7.3.4",
            "timeStamping" => "1.3.6.1.5.5.7.3.8",
            "OCSPSigning" => "1.3.6.1.5.5.7.3.9",
            dotted => dotted,
        };
        named.parse().map(Self).map_err(|_| format!("{text} is no object identifier"))
    }
}

/// `initial_policy_set`: `None` where anyPolicy is in it.
pub(super) fn acceptable(set: Option<Vec<Dotted>>) -> Option<Vec<Oid>> {
    let set: Vec<Oid> = set.unwrap_or_default().into_iter().map(|dotted| dotted.0).collect();
    (!set.is_empty() && !set.contains(&ANY_POLICY)).then_some(set)
}

/// The policy inputs of a path.
pub(super) fn initial(policies: &CertificatePolicies) -> InitialPolicies<'_> {
    InitialPolicies {
        acceptable: policies.acceptable.as_deref(),
        require_explicit_policy: policies.require_explicit_policy,
        inhibit_policy_mapping: policies.inhibit_policy_mapping,
        inhibit_any_policy: policies.inhibit_any_policy,
    }
}
