//! Object identifiers (X.660), kept as their DER content octets in a small copyable value.

use std::fmt;
use std::str::FromStr;

use super::der::DerError;

/// Longest accepted encoding, in octets. A UUID-based identifier takes 20, the
/// longest in use some 40; whatever is longer is an attack on memory.
const MAX_OCTETS: usize = 47;

/// An object identifier: at most 47 content octets, each arc minimally encoded (X.690 §8.19).
///
/// Copyable and comparable without allocation. `Display` prints the dotted form.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid {
    octets: [u8; MAX_OCTETS],
    length: u8,
}

impl Oid {
    /// Builds an identifier from its arcs; meant for constants, evaluated by the compiler.
    ///
    /// # Panics
    /// In constant evaluation, when there are fewer than two arcs, the first two are out of range, or the encoding is
    /// longer than 47 octets.
    pub const fn new(arcs: &[u64]) -> Self {
        assert!(arcs.len() >= 2, "an object identifier has at least two arcs");
        assert!(arcs[0] <= 2 && (arcs[0] == 2 || arcs[1] < 40), "first arcs out of range");
        let mut octets = [0; MAX_OCTETS];
        let mut length = 0;
        let mut index = 1;
        while index < arcs.len() {
            let arc = if index == 1 { arcs[0] * 40 + arcs[1] } else { arcs[index] };
            let mut groups = 1;
            while groups < 10 && arc >> (7 * groups) != 0 {
                groups += 1;
            }
            while groups > 0 {
                groups -= 1;
                let continued = if groups > 0 { 0x80 } else { 0 };
                octets[length] = ((arc >> (7 * groups)) & 0x7f) as u8 | continued;
                length += 1;
            }
            index += 1;
        }
        #[expect(clippy::cast_possible_truncation, reason = "the array index above has bounded it by 47")]
        Self { octets, length: length as u8 }
    }

    /// Reads the content octets of an OBJECT IDENTIFIER.
    ///
    /// Errors: [`DerError::ObjectIdentifier`] when empty, longer than 47 octets, cut within an arc, or not minimal.
    pub fn from_content(content: &[u8]) -> Result<Self, DerError> {
        let last = *content.last().ok_or(DerError::ObjectIdentifier)?;
        if content.len() > MAX_OCTETS || last & 0x80 != 0 {
            return Err(DerError::ObjectIdentifier);
        }
        let mut starts_arc = true;
        for &octet in content {
            if starts_arc && octet == 0x80 {
                return Err(DerError::ObjectIdentifier);
            }
            starts_arc = octet & 0x80 == 0;
        }
        let mut octets = [0; MAX_OCTETS];
        octets[..content.len()].copy_from_slice(content);
        let length = u8::try_from(content.len()).map_err(|_| DerError::ObjectIdentifier)?;
        Ok(Self { octets, length })
    }

    /// The DER content octets, without tag and length.
    pub fn as_bytes(&self) -> &[u8] {
        &self.octets[..usize::from(self.length)]
    }

    /// Whether this identifier lies under `parent` in the tree (or is `parent` itself).
    pub fn is_under(&self, parent: &Self) -> bool {
        self.as_bytes().starts_with(parent.as_bytes())
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut arc: u128 = 0;
        let mut overflown = false;
        let mut first = true;
        for &octet in self.as_bytes() {
            overflown |= arc >> 121 != 0;
            arc = (arc << 7) | u128::from(octet & 0x7f);
            if octet & 0x80 != 0 {
                continue;
            }
            if !first {
                f.write_str(".")?;
            }
            if first && !overflown {
                let root = (arc / 40).min(2);
                f.write_str(["0.", "1.", "2."][root as usize])?;
                arc -= root * 40;
            }
            match u64::try_from(arc) {
                // An arc of more than 128 bits exists only in hostile input: shown, but not computed with.
                _ if overflown => f.write_str("?")?,
                // Wide numbers are slow to write.
                Ok(usual) => fmt::Display::fmt(&usual, f)?,
                Err(_) => fmt::Display::fmt(&arc, f)?,
            }
            (arc, overflown, first) = (0, false, false);
        }
        Ok(())
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Oid({self})")
    }
}

impl FromStr for Oid {
    type Err = DerError;

    /// Reads the dotted form; arcs up to 2^64 − 81, no leading zeros, 2 to 32 arcs.
    fn from_str(text: &str) -> Result<Self, DerError> {
        let mut arcs = Vec::with_capacity(16);
        for part in text.split('.') {
            let canonical =
                !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()) && (part == "0" || !part.starts_with('0'));
            let arc = part.parse::<u64>().ok().filter(|arc| canonical && *arc < u64::MAX - 80);
            arcs.push(arc.ok_or(DerError::ObjectIdentifier)?);
            if arcs.len() > 32 {
                return Err(DerError::ObjectIdentifier);
            }
        }
        let (first, second) = match arcs[..] {
            [first, second, ..] if first < 2 && second < 40 || first == 2 => (first, second),
            _ => return Err(DerError::ObjectIdentifier),
        };
        let mut content = Vec::with_capacity(MAX_OCTETS);
        for arc in std::iter::once(first * 40 + second).chain(arcs.into_iter().skip(2)) {
            let groups = (64 - arc.leading_zeros()).div_ceil(7).max(1);
            for group in (0..groups).rev() {
                let continued = if group > 0 { 0x80 } else { 0 };
                content.push(u8::try_from((arc >> (7 * group)) & 0x7f).unwrap_or(0) | continued);
            }
        }
        Self::from_content(&content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotted_form_and_content_octets_agree() {
        const RSA: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 1, 1]);
        assert_eq!(RSA.as_bytes(), [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]);
        for text in [
            "1.2.840.113549.1.1.1",
            "2.5.29.15",
            "1.2.398.3.10.1.1.2.3.2",
            "0.9.2342.19200300.100.1.1",
            "2.999.0",
            "2.25.18446744073709551000",
        ] {
            let oid: Oid = text.parse().unwrap();
            assert_eq!(oid.to_string(), text);
            assert_eq!(Oid::from_content(oid.as_bytes()).unwrap(), oid);
        }
    }

    #[test]
    fn malformed_identifiers_are_refused() {
        for content in [&[][..], &[0x80, 0x01], &[0x2a, 0x80, 0x01], &[0x2a, 0x86], &[0x2a; 64]] {
            assert_eq!(Oid::from_content(content), Err(DerError::ObjectIdentifier));
        }
        for text in ["", "1", "1.40", "3.1", "1.2.", "1.02", "1.2.-3", "1.2.18446744073709551616"] {
            assert!(text.parse::<Oid>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_arc_beyond_128_bits_prints_without_a_panic() {
        let mut content = vec![0x2a];
        content.extend([0xff; 40]);
        content.push(0x7f);
        assert_eq!(Oid::from_content(&content).unwrap().to_string(), "1.2.?");
    }
}
