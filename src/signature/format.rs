//! Format checking (EN 319 102-1 §5.2.2): the signed attributes are there, are DER, say what they must and belong to this content.

use super::conclusion::FailedReason;
use super::judgement::Judgement;
use super::policy::{Level, Presence, ValidationPolicy, level};
use crate::cms::signed_data::DATA;
use crate::cms::{AttributeError, SignedAttributes, SignedData, SignerInfo};
use crate::pki::AlgorithmIdentifier;
use crate::pki::der::{Reader, Tag};

/// The signed attributes of a signer as they were found.
pub(super) type Attributes<'a> = Result<Option<SignedAttributes<'a>>, AttributeError>;

/// Judges the form of one signer. `content` is what was or would have been signed, wherever it came from.
pub(super) fn judge(
    signer: &SignerInfo<'_>,
    attributes: &Attributes<'_>,
    message: &SignedData<'_>,
    content: Option<&[u8]>,
    policy: &ValidationPolicy,
    judgement: &mut Judgement,
) {
    const ATTRIBUTES: &str = level::SIGNED_ATTRIBUTES;
    let attributes = match attributes {
        Err(error) => return judgement.fails(ATTRIBUTES, error.to_string(), FailedReason::FormatFailure),
        Ok(None) => return judge_absence(message, content, policy, judgement),
        Ok(Some(attributes)) => attributes,
    };
    judgement.holds(ATTRIBUTES, "present, DER, each once");
    if attributes.content_type == Some(message.content_type) {
        judgement.holds("format.content-type", message.content_type.to_string());
    } else {
        let stated = attributes.content_type.map(|kind| kind.to_string()).unwrap_or_default();
        let detail = format!("signed as {stated}, carried as {}", message.content_type);
        judgement.fails("format.content-type", detail, FailedReason::FormatFailure);
    }
    judge_protection(signer, attributes, judgement);
}

/// Judges whether the algorithms are those that were signed, where the signer says so (RFC 6211).
pub(super) fn judge_protection(signer: &SignerInfo<'_>, attributes: &SignedAttributes<'_>, judgement: &mut Judgement) {
    if let Some(protection) = attributes.algorithm_protection {
        let same = |content, stated: &AlgorithmIdentifier| {
            AlgorithmIdentifier::read_content(Reader::new(content)).as_ref() == Ok(stated)
        };
        let holds = same(protection.digest, &signer.digest_algorithm)
            && protection.signature.is_some_and(|signature| same(signature, &signer.signature_algorithm));
        if holds {
            judgement.holds("format.algorithm-protection", "as stated");
        } else {
            judgement.fails(
                "format.algorithm-protection",
                "other algorithms were signed than are stated",
                FailedReason::FormatFailure,
            );
        }
    }
}

/// Without signed attributes the signature is over the content itself, and a forger may pass the attributes of another
/// signature off as content (RFC 5652 §5.3, §11; Strenzke, "ForgedAttributes").
fn judge_absence(
    message: &SignedData<'_>,
    content: Option<&[u8]>,
    policy: &ValidationPolicy,
    judgement: &mut Judgement,
) {
    const ID: &str = level::SIGNED_ATTRIBUTES;
    let level = policy.levels.level(ID);
    if policy.signed_attributes == Presence::Required && level == Level::Fail {
        judgement.fails(ID, "absent, and required", FailedReason::FormatFailure);
    } else if message.content_type != DATA {
        judgement.fails(ID, "absent, though the content is not plain data", FailedReason::FormatFailure);
    } else if content.is_some_and(is_attributes) {
        judgement.fails(ID, "absent, and the content is itself a set of attributes", FailedReason::FormatFailure);
    } else if policy.signed_attributes == Presence::Required {
        judgement.violates(level, ID, "absent, and required", FailedReason::FormatFailure);
    } else {
        judgement.holds(ID, "absent, which the policy accepts");
    }
}

/// Whether octets could be a SET OF Attribute. Loose on purpose: what merely resembles one is refused too.
fn is_attributes(content: &[u8]) -> bool {
    content.first() == Some(&Tag::SET.0)
        && crate::pki::der::single(content).is_ok_and(|set| {
            set.reader()
                .sequence()
                .is_ok_and(|mut attribute| attribute.oid().is_ok() && attribute.peek() == Some(Tag::SET))
        })
}
