//! The quick look at a message: nearly every one arrives as DER and need not be planned anew.

use super::{CONSTRUCTED_OCTET_STRING, MAX_DEPTH, MAX_ELEMENTS};

/// Whether one look says that this is one element in DER within the bounds, as nearly every message is. What is rare (high tag numbers,
/// lengths of three octets and more) or not DER is for [`super::Plan`] to judge.
pub(super) fn is_plainly_der(input: &[u8]) -> bool {
    // Where the elements end that are open, outermost first.
    let mut ends = [0; MAX_DEPTH];
    let (mut at, mut depth, mut end) = (0, 0, input.len());
    for _ in 0..MAX_ELEMENTS {
        let (identifier, length, content) = match input.get(at..end) {
            Some([identifier, length, ..]) if *length < 0x80 => (*identifier, usize::from(*length), at + 2),
            Some([identifier, 0x81, length, ..]) if *length >= 0x80 => (*identifier, usize::from(*length), at + 3),
            Some([identifier, 0x82, high, low, ..]) if *high > 0 => {
                (*identifier, usize::from(*high) << 8 | usize::from(*low), at + 4)
            }
            _ => return false,
        };
        let is_foreign =
            identifier & 0xc0 == 0 && (identifier == CONSTRUCTED_OCTET_STRING || is_constructed_string(identifier));
        if identifier == 0 || identifier & 0x1f == 0x1f || is_foreign || length > end - content {
            return false;
        }
        if identifier & 0x20 == 0 {
            at = content + length;
        } else {
            let Some(open) = ends.get_mut(depth) else { return false };
            *open = end;
            (at, end, depth) = (content, content + length, depth + 1);
        }
        while at == end {
            if depth == 0 {
                return true;
            }
            depth -= 1;
            end = ends.get(depth).copied().unwrap_or_default();
            if depth == 0 {
                // The outermost element has ended, and nothing may stand behind it.
                return at == end;
            }
        }
        if depth == 0 {
            return false;
        }
    }
    false
}

/// A universal string type other than OCTET STRING, in constructed form.
pub(super) const fn is_constructed_string(identifier: u8) -> bool {
    identifier & 0x20 != 0 && matches!(identifier & 0x1f, 0x03 | 0x0c | 0x12..=0x16 | 0x19..=0x1c | 0x1e)
}

#[cfg(test)]
mod tests {
    use super::super::Plan;
    use super::is_plainly_der;

    #[test]
    fn the_quick_look_knows_der_and_leaves_everything_else_to_the_plan() {
        let long = [&[0x30, 0x82, 0x01, 0x04, 0x04, 0x82, 0x01, 0x00][..], &[7; 256]].concat();
        let middle = [&[0x04, 0x81, 0x80][..], &[7; 128]].concat();
        let nested: Vec<u8> = (0..40).rev().flat_map(|rest| [0x30, 2 * rest]).collect();
        for der in [
            &[0x02, 0x01, 0x05][..],
            &[0x30, 0x00],
            &[0x30, 0x05, 0x31, 0x00, 0x02, 0x01, 0x05],
            &long,
            &middle,
            &nested,
        ] {
            assert!(is_plainly_der(der), "{der:x?}");
            assert!(!Plan::of(der).unwrap().rewrite);
        }
        let too_deep: Vec<u8> = (0..60).rev().flat_map(|rest| [0x30, 2 * rest]).collect();
        for other in [
            &[][..],
            &[0x30],
            &[0x00, 0x00],
            &[0x30, 0x00, 0x30, 0x00],
            &[0x02, 0x01, 0x05, 0x00],
            &[0x30, 0x80, 0x00, 0x00],
            &[0x30, 0x81, 0x02, 0x05, 0x00],
            &[0x30, 0x03, 0x02, 0x02, 0x05],
            &[0x30, 0x02, 0x02, 0x01, 0x05],
            &[0x24, 0x03, 0x04, 0x01, 0x05],
            &[0x30, 0x04, 0x2c, 0x02, 0x0c, 0x00],
            &too_deep,
        ] {
            assert!(!is_plainly_der(other), "{other:x?}");
        }
    }
}
