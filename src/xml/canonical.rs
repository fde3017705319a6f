//! Canonical XML 1.0 (W3C, 2001) and Exclusive XML Canonicalization 1.0 (W3C, 2002) of one subtree or of the whole
//! document, from which whole elements may be left out.
//!
//! That is all of the two recommendations which the listed transforms can ask for: no node set with holes other than
//! missing subtrees ever arises, so that an element that is written has all its ancestors written up to the apex.

use roxmltree::{Document, Node, NodeId};

use super::document::{self, XML_NAMESPACE};
use super::{MAX_CANONICAL, XmlError};

/// A canonicalization method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canonicalization {
    /// Comments are written too.
    pub with_comments: bool,
    /// `None`: inclusive. Otherwise exclusive, with the prefixes of the InclusiveNamespaces list; the default namespace
    /// stands in it as the empty prefix.
    pub exclusive: Option<Vec<String>>,
}

impl Canonicalization {
    /// Canonical XML 1.0 without comments: what octets are made by where no method is named (XML Signature §4.4.3.2).
    pub const INCLUSIVE: Self = Self { with_comments: false, exclusive: None };

    /// The method of this identifier, with an empty prefix list.
    pub fn from_uri(uri: &str) -> Option<Self> {
        let (with_comments, exclusive) = match uri {
            "http://www.w3.org/TR/2001/REC-xml-c14n-20010315" => (false, None),
            "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments" => (true, None),
            "http://www.w3.org/2001/10/xml-exc-c14n#" => (false, Some(Vec::new())),
            "http://www.w3.org/2001/10/xml-exc-c14n#WithComments" => (true, Some(Vec::new())),
            _ => return None,
        };
        Some(Self { with_comments, exclusive })
    }
}

/// What canonicalization of one document may still cost.
#[derive(Debug)]
pub(super) struct Budget(usize);

impl Budget {
    pub(super) fn new() -> Self {
        Self(MAX_CANONICAL)
    }

    fn spend(&mut self, cost: usize) -> Result<(), XmlError> {
        self.0 = self.0.checked_sub(cost).ok_or(XmlError::TooComplex("octets to canonicalize"))?;
        Ok(())
    }
}

/// The canonical form of a whole document.
///
/// # Errors
/// [`XmlError`], when it is not a document that this room reads.
pub fn canonicalize(document: &[u8], method: &Canonicalization) -> Result<Vec<u8>, XmlError> {
    let text = document::text(document)?;
    let tree = document::parse(&text)?;
    subtree(tree.root(), &[], method, &mut Budget::new())
}

/// The canonical form of `apex` and everything below it, without the elements `left_out`.
pub(super) fn subtree(
    apex: Node<'_, '_>,
    left_out: &[NodeId],
    method: &Canonicalization,
    budget: &mut Budget,
) -> Result<Vec<u8>, XmlError> {
    let mut writer =
        Writer { document: apex.document(), left_out, method, budget, octets: Vec::new(), rendered: Vec::new() };
    if apex.is_root() {
        writer.document(apex)?;
    } else {
        writer.node(apex, true)?;
    }
    Ok(writer.octets)
}

/// A namespace declaration: prefix (empty for the default namespace) and namespace name.
type Declaration<'a> = (&'a str, &'a str);

struct Writer<'a, 'input, 'b> {
    document: &'a Document<'input>,
    left_out: &'b [NodeId],
    method: &'b Canonicalization,
    budget: &'b mut Budget,
    octets: Vec<u8>,
    /// What the elements around the present place have declared in the output; one entry a prefix.
    rendered: Vec<Declaration<'a>>,
}

impl<'a, 'input> Writer<'a, 'input, '_> {
    /// The whole document: what stands beside the document element is set off by a line end (Canonical XML §2.3).
    fn document(&mut self, root: Node<'a, 'input>) -> Result<(), XmlError> {
        let mut is_behind = false;
        for child in root.children() {
            if child.is_element() {
                self.node(child, true)?;
                is_behind = true;
            } else if child.is_pi() || self.method.with_comments && child.is_comment() {
                if is_behind {
                    self.write("\n")?;
                }
                self.node(child, false)?;
                if !is_behind {
                    self.write("\n")?;
                }
            }
        }
        Ok(())
    }

    fn node(&mut self, node: Node<'a, 'input>, is_apex: bool) -> Result<(), XmlError> {
        if node.is_element() {
            if self.left_out.contains(&node.id()) { Ok(()) } else { self.element(node, is_apex) }
        } else if let Some(instruction) = node.pi() {
            self.write("<?")?;
            self.write(instruction.target)?;
            if let Some(value) = instruction.value {
                self.write(" ")?;
                self.write(value)?;
            }
            self.write("?>")
        } else if node.is_comment() {
            if !self.method.with_comments {
                return self.budget.spend(1);
            }
            self.write("<!--")?;
            self.write(node.text().unwrap_or_default())?;
            self.write("-->")
        } else {
            self.escaped(node.text().unwrap_or_default(), text_escape)
        }
    }

    fn element(&mut self, element: Node<'a, 'input>, is_apex: bool) -> Result<(), XmlError> {
        let (_, name) = document::qualified(self.document, element.range().start + 1);
        self.write("<")?;
        self.write(name)?;
        let declarations = self.declarations(element)?;
        for (prefix, uri) in &declarations {
            self.write(if prefix.is_empty() { " xmlns" } else { " xmlns:" })?;
            self.write(prefix)?;
            self.write("=\"")?;
            self.escaped(uri, attribute_escape)?;
            self.write("\"")?;
        }
        for (_, _, name, value) in self.attributes(element, is_apex) {
            self.write(" ")?;
            self.write(name)?;
            self.write("=\"")?;
            self.escaped(value, attribute_escape)?;
            self.write("\"")?;
        }
        self.write(">")?;
        let before = if declarations.is_empty() { None } else { Some(self.rendered.clone()) };
        for declaration in declarations {
            match self.rendered.iter_mut().find(|(prefix, _)| *prefix == declaration.0) {
                Some(known) => *known = declaration,
                None => self.rendered.push(declaration),
            }
        }
        for child in element.children() {
            self.node(child, false)?;
        }
        if let Some(before) = before {
            self.rendered = before;
        }
        self.write("</")?;
        self.write(name)?;
        self.write(">")
    }

    /// The declarations to write at an element, in their order: the default one, then by prefix (Canonical XML §2.2).
    fn declarations(&mut self, element: Node<'a, 'input>) -> Result<Vec<Declaration<'a>>, XmlError> {
        let in_scope: Vec<Declaration<'a>> =
            element.namespaces().map(|namespace| (namespace.name().unwrap_or_default(), namespace.uri())).collect();
        self.budget.spend(1 + in_scope.len())?;
        let mut declarations: Vec<Declaration<'a>> = match &self.method.exclusive {
            None => in_scope.clone(),
            Some(prefixes) => {
                let used = self.used_prefixes(element);
                let is_wanted = |prefix: &str| used.contains(&prefix) || prefixes.iter().any(|each| each == prefix);
                in_scope.iter().copied().filter(|(prefix, _)| is_wanted(prefix)).collect()
            }
        };
        // An element outside every default namespace says so where its surroundings in the output are in one.
        let is_default_wanted = match &self.method.exclusive {
            None => true,
            Some(prefixes) => prefixes.iter().any(String::is_empty) || self.used_prefixes(element).contains(&""),
        };
        if is_default_wanted && !in_scope.iter().any(|(prefix, _)| prefix.is_empty()) {
            declarations.push(("", ""));
        }
        declarations.retain(|(prefix, uri)| {
            let known = self.rendered.iter().find(|(known, _)| known == prefix).map(|(_, uri)| *uri);
            *prefix != "xml" && known.unwrap_or_default() != *uri
        });
        declarations.sort_unstable();
        Ok(declarations)
    }

    /// Prefixes visibly used by an element: its own and those of its attributes (Exclusive Canonicalization §1.1).
    fn used_prefixes(&self, element: Node<'a, 'input>) -> Vec<&'a str> {
        let own = document::qualified(self.document, element.range().start + 1).0;
        let attributes = element.attributes().map(|each| document::qualified(self.document, each.range().start).0);
        std::iter::once(own).chain(attributes.filter(|prefix| !prefix.is_empty())).collect()
    }

    /// The attributes in their order, as namespace, local name, name as written and value. Under the inclusive method
    /// the apex takes over what its ancestors say in the `xml` namespace (Canonical XML §2.4).
    fn attributes(&self, element: Node<'a, 'input>, is_apex: bool) -> Vec<(&'a str, &'a str, &'a str, &'a str)> {
        let describe = |attribute: roxmltree::Attribute<'a, 'input>| {
            let (_, name) = document::qualified(self.document, attribute.range().start);
            let local = name.split_once(':').map_or(name, |(_, local)| local);
            (attribute.namespace().unwrap_or_default(), local, name, attribute.value())
        };
        let mut attributes: Vec<_> = element.attributes().map(describe).collect();
        if is_apex && self.method.exclusive.is_none() {
            for ancestor in element.ancestors().skip(1) {
                for inherited in ancestor.attributes().map(describe).filter(|(uri, ..)| *uri == XML_NAMESPACE) {
                    if !attributes.iter().any(|known| (known.0, known.1) == (inherited.0, inherited.1)) {
                        attributes.push(inherited);
                    }
                }
            }
        }
        attributes.sort_unstable();
        attributes
    }

    fn write(&mut self, text: &str) -> Result<(), XmlError> {
        self.budget.spend(text.len())?;
        self.octets.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn escaped(&mut self, text: &str, escape: fn(u8) -> Option<&'static str>) -> Result<(), XmlError> {
        let mut rest = text;
        while let Some((at, replacement)) =
            rest.bytes().enumerate().find_map(|(at, octet)| escape(octet).map(|replacement| (at, replacement)))
        {
            self.write(&rest[..at])?;
            self.write(replacement)?;
            rest = &rest[at + 1..];
        }
        self.write(rest)
    }
}

fn text_escape(octet: u8) -> Option<&'static str> {
    match octet {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'\r' => Some("&#xD;"),
        _ => None,
    }
}

fn attribute_escape(octet: u8) -> Option<&'static str> {
    match octet {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'"' => Some("&quot;"),
        b'\t' => Some("&#x9;"),
        b'\n' => Some("&#xA;"),
        b'\r' => Some("&#xD;"),
        _ => None,
    }
}
