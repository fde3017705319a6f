//! Lists beside lists: which replaces which, and which delta belongs to which base (RFC 5280 §5.2.3, §5.2.4).

use std::cmp::Ordering;

use super::CertificateRevocationList;

impl CertificateRevocationList {
    /// Whether the list alone says everything about certificates of its issuer within its scope: no delta, not indirect, not
    /// for some reasons only. Readers of less than RFC 5280 understand such lists only.
    pub fn is_plain(&self) -> bool {
        let point = self.issuing_distribution_point();
        !self.is_delta() && !point.is_indirect && point.only_some_reasons.is_none() && self.unusable.is_none()
    }

    /// Whether both speak of the same certificates, so that the newer one takes the place of the older one: same issuer, key
    /// identifier and distribution point, and both deltas or neither.
    pub fn is_of_series(&self, other: &Self) -> bool {
        self.is_delta() == other.is_delta() && self.has_scope_of(other)
    }

    fn has_scope_of(&self, other: &Self) -> bool {
        self.canonical_issuer == other.canonical_issuer
            && self.authority_key_identifier() == other.authority_key_identifier()
            && self.issuing_distribution_point() == other.issuing_distribution_point()
    }

    /// Whether this delta, added to `base`, is a full list as of the delta (§5.2.4): same scope; the base is not older than the
    /// one the delta starts from, and older than the delta.
    pub fn is_delta_to(&self, base: &Self) -> bool {
        let Some(((start, own), held)) = self.extensions.delta_base.as_deref().zip(self.number()).zip(base.number())
        else {
            return false;
        };
        self.unusable.is_none()
            && !base.is_delta()
            && self.has_scope_of(base)
            && compare_magnitudes(start, held).is_le()
            && compare_magnitudes(held, own).is_lt()
    }

    /// Compares the age of two lists of one series: by number where both have one, then by `thisUpdate`.
    ///
    /// `Less`: this list is older than `held` and must not replace it. Not an order over lists of several series.
    pub fn compare_age(&self, held: &Self) -> Ordering {
        let numbers = self.number().zip(held.number());
        let by_number = numbers.map_or(Ordering::Equal, |(own, other)| compare_magnitudes(own, other));
        by_number.then(self.this_update.cmp(&held.this_update))
    }
}

fn compare_magnitudes(a: &[u8], b: &[u8]) -> Ordering {
    a.len().cmp(&b.len()).then(a.cmp(b))
}
