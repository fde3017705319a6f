//! What may be demanded of a path beyond the inputs of RFC 5280 §6.1.1.

use crate::pki::Oid;

/// Whether something that an anchor's certificate says of itself is held against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AnchorCheck {
    /// It is, as of any other certificate.
    #[default]
    Enforced,
    /// It is not: the anchor is a name and a key (§6.1.1 (d)), trusted by decision alone.
    Ignored,
}

/// Demands on a path. The default is what [`build`](super::build) applies.
#[derive(Debug, Clone, Copy, Default)]
pub struct PathRules<'a> {
    /// The anchor certificate's validity period.
    pub anchor_validity: AnchorCheck,
    /// What the anchor's certificate constrains below it (RFC 5937): `basicConstraints`, `keyUsage`, name and policy
    /// constraints, unknown critical extensions.
    pub anchor_constraints: AnchorCheck,
    /// Most certificates between the end entity and the anchor; `None` leaves it at seven.
    pub max_intermediates: Option<usize>,
    /// Purposes that every certificate below the anchor must allow, where it names any (§4.2.1.12); the anchor's too, where
    /// its constraints are enforced.
    pub extended_key_usages: &'a [Oid],
}
