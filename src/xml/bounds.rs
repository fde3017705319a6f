//! Bounds, counted before anything is built from a document: the tree costs many times the octets it is made from.
//!
//! The scan sees what a well-formed document has. On a document that is not, it may count wrongly — but only behind the
//! first fault, where the parser stops.

use super::{MAX_ATTRIBUTES, MAX_DEPTH, MAX_DOCUMENT, MAX_MARKUP, MAX_PREFIXES, XmlError};

/// What was counted so far.
#[derive(Default)]
struct Count<'a> {
    markup: usize,
    depth: usize,
    prefixes: Vec<&'a [u8]>,
}

/// Refuses a document that is too large, too deep or made of too many pieces.
pub(super) fn check(text: &str) -> Result<(), XmlError> {
    if text.len() > MAX_DOCUMENT {
        return Err(XmlError::TooLarge);
    }
    // The parser reserves room for a node per `<` and an attribute per `=` before it looks at what they are.
    let times = |octet: u8| text.bytes().filter(|each| *each == octet).count();
    if times(b'<') > 2 * MAX_MARKUP || times(b'=') > 2 * MAX_MARKUP {
        return Err(XmlError::TooComplex("elements"));
    }
    let mut rest = text.as_bytes();
    let mut count = Count::default();
    while let Some(at) = rest.iter().position(|octet| *octet == b'<') {
        count.markup += 1;
        if count.markup > MAX_MARKUP {
            return Err(XmlError::TooComplex("elements"));
        }
        rest = &rest[at..];
        rest = if rest.starts_with(b"<!--") {
            behind(&rest[4..], b"-->")
        } else if rest.starts_with(b"<![CDATA[") {
            behind(rest, b"]]>")
        } else if rest.starts_with(b"<?") {
            behind(rest, b"?>")
        } else if rest.starts_with(b"</") {
            count.depth = count.depth.saturating_sub(1);
            behind(rest, b">")
        } else {
            count.start_tag(&rest[1..])?
        };
    }
    Ok(())
}

/// What follows the first `end`; nothing when there is none.
fn behind<'a>(octets: &'a [u8], end: &[u8]) -> &'a [u8] {
    octets.windows(end.len()).position(|window| window == end).map_or(&[], |at| &octets[at + end.len()..])
}

impl<'a> Count<'a> {
    /// Counts one start tag, given from behind its `<`, and returns what follows it.
    fn start_tag(&mut self, tag: &'a [u8]) -> Result<&'a [u8], XmlError> {
        let mut attributes = 0;
        let mut quote = None;
        let mut word = 0;
        for (at, octet) in tag.iter().copied().enumerate() {
            match (quote, octet) {
                (Some(open), _) => quote = (octet != open).then_some(open),
                (None, b'"' | b'\'') => quote = Some(octet),
                (None, b' ' | b'\t' | b'\n' | b'\r') if tag.get(at + 1).is_some_and(|next| is_name(*next)) => {
                    word = at + 1;
                }
                (None, b'=') => {
                    attributes += 1;
                    if attributes > MAX_ATTRIBUTES {
                        return Err(XmlError::TooComplex("attributes"));
                    }
                    self.declaration(tag.get(word..at).unwrap_or_default().trim_ascii_end())?;
                }
                (None, b'>') => {
                    if at == 0 || tag[at - 1] != b'/' {
                        self.depth += 1;
                    }
                    if self.depth > MAX_DEPTH {
                        return Err(XmlError::TooComplex("levels"));
                    }
                    return Ok(&tag[at + 1..]);
                }
                (None, _) => {}
            }
        }
        Ok(&[])
    }

    /// Remembers the prefix that an attribute of this name declares, if it declares one.
    fn declaration(&mut self, name: &'a [u8]) -> Result<(), XmlError> {
        let Some(prefix) = name.strip_prefix(b"xmlns") else { return Ok(()) };
        if self.prefixes.contains(&prefix) {
            return Ok(());
        }
        if self.prefixes.len() == MAX_PREFIXES {
            return Err(XmlError::TooComplex("namespace prefixes"));
        }
        self.prefixes.push(prefix);
        Ok(())
    }
}

fn is_name(octet: u8) -> bool {
    !octet.is_ascii_whitespace() && !matches!(octet, b'=' | b'>' | b'/' | b'"' | b'\'')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_refused_before_it_is_built() {
        let deep = |levels: usize| "<a>".repeat(levels) + &"</a>".repeat(levels);
        assert_eq!(check(&deep(MAX_DEPTH)), Ok(()));
        assert_eq!(check(&deep(MAX_DEPTH + 1)), Err(XmlError::TooComplex("levels")));
        let wide = |count: usize| format!("<a>{}</a>", "<b/>".repeat(count));
        assert_eq!(check(&wide(MAX_MARKUP - 2)), Ok(()));
        assert_eq!(check(&wide(MAX_MARKUP - 1)), Err(XmlError::TooComplex("elements")));
        let attributes = |count: usize| (0..count).map(|n| format!(" a{n}='>=<!--'")).collect::<String>();
        assert_eq!(check(&format!("<a{}/>", attributes(MAX_ATTRIBUTES))), Ok(()));
        assert_eq!(check(&format!("<a{}/>", attributes(MAX_ATTRIBUTES + 1))), Err(XmlError::TooComplex("attributes")));
        let prefixes = |count: usize| (0..count).map(|n| format!("<b xmlns:p{n} = 'urn:a'/>")).collect::<String>();
        assert_eq!(check(&prefixes(MAX_PREFIXES)), Ok(()));
        assert_eq!(check(&prefixes(MAX_PREFIXES + 1)), Err(XmlError::TooComplex("namespace prefixes")));
        assert_eq!(check(&" ".repeat(MAX_DOCUMENT + 1)), Err(XmlError::TooLarge));
    }

    #[test]
    fn comments_and_sections_count_as_one_piece() {
        let quiet = "<a/>".repeat(MAX_MARKUP / 2);
        assert_eq!(check(&format!("<a><!-- {quiet} --><![CDATA[{quiet}]]><?p {quiet}?></a>")), Ok(()));
        assert_eq!(check(&format!("<a><!--{}--></a>", quiet.repeat(5))), Err(XmlError::TooComplex("elements")));
    }
}
