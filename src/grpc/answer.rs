//! An error in the making: what it says, and the google.rpc details (AIP-193) that say it, in three languages.
//!
//! All details and the message stay under 8 KiB as they go over the wire, base64 and percent-encoded, so that they fit into the header lists
//! that clients accept. Lists are cut and say how much was left out: first the list of google.rpc gets its room, then its words in the
//! other languages what remains.

use std::collections::HashMap;
use std::time::Duration;

use prost::Message;
use prost_types::Any;
use tonic::Code;
use tonic_types::pb;
use tonic_types::{BadRequest, ErrorInfo, LocalizedMessage, PreconditionFailure, RequestInfo, RetryInfo};
use uuid::Uuid;

use super::convert;
use super::proto;
use super::reason::Reason;
use crate::registration::text::{Language, Text};

/// ErrorInfo.domain of every error of this service.
const DOMAIN: &str = "consular.registration.v1";

/// Octets of all details together, before base64.
const DETAIL_OCTETS: usize = 5000;
/// Octets that the entries of the list of google.rpc may take of them.
const LIST_OCTETS: usize = 2400;
/// Octets of one text inside the details, or of the message.
const TEXT_OCTETS: usize = 400;
/// Octets of what an error means in one language; a letter of Kazakh and Russian takes two.
const WORDS_OCTETS: usize = 600;

/// An error in the making.
pub(super) struct Answer {
    pub code: Code,
    pub message: String,
    reason: Reason,
    metadata: HashMap<String, String>,
    retry: Option<Duration>,
    violations: Option<(List, Vec<Violation>)>,
}

/// Which detail of google.rpc lists the violations.
#[derive(Clone, Copy)]
pub(super) enum List {
    /// BadRequest: the argument is wrong.
    Fields,
    /// PreconditionFailure: the argument is right, but not here and now.
    Preconditions,
}

/// One thing that is wrong.
pub(super) struct Violation {
    /// The field, or what it is about.
    pub subject: String,
    /// Why, for programs.
    pub reason: String,
    /// What is wrong, in English.
    pub description: String,
    /// The same for whoever has to mend it, where it is for a person to mend.
    pub text: Option<Text>,
}

impl Answer {
    pub fn new(code: Code, reason: Reason, message: &str) -> Self {
        let message = cut(message, TEXT_OCTETS);
        Self { code, message, reason, metadata: HashMap::new(), retry: None, violations: None }
    }

    pub fn with(mut self, key: &str, value: impl std::fmt::Display) -> Self {
        self.metadata.insert(key.to_owned(), cut(&value.to_string(), TEXT_OCTETS));
        self
    }

    pub fn retry(mut self, after: Duration) -> Self {
        self.retry = Some(after);
        self
    }

    pub fn listing(mut self, list: List, violations: impl Iterator<Item = Violation>) -> Self {
        self.violations = Some((list, violations.collect()));
        self
    }

    /// google.rpc.Status with all details, as it travels in the trailer.
    pub fn into_details(self, request_id: Uuid) -> Vec<u8> {
        let info = pb::ErrorInfo {
            reason: self.reason.as_str().to_owned(),
            domain: DOMAIN.to_owned(),
            metadata: self.metadata,
        };
        let request = pb::RequestInfo { request_id: request_id.to_string(), serving_data: String::new() };
        let mut status = pb::Status {
            code: self.code.into(),
            message: self.message,
            details: vec![any(ErrorInfo::TYPE_URL, &info), any(RequestInfo::TYPE_URL, &request)],
        };
        if let Some(after) = self.retry {
            let retry = pb::RetryInfo { retry_delay: after.try_into().ok() };
            status.details.push(any(RetryInfo::TYPE_URL, &retry));
        }
        // English comes last: a client that knows of one message only keeps the last.
        let words = self.reason.words().together();
        for language in [Language::Kk, Language::Ru, Language::En] {
            let message = pb::LocalizedMessage {
                locale: language.as_str().to_owned(),
                message: cut(words.in_language(language), WORDS_OCTETS),
            };
            status.details.push(any(LocalizedMessage::TYPE_URL, &message));
        }
        if let Some((list, violations)) = self.violations {
            status.details.push(listed(list, &violations));
            status.details.extend(localized(&violations, DETAIL_OCTETS.saturating_sub(status.encoded_len())));
        }
        status.encode_to_vec()
    }
}

/// The list of google.rpc, cut to its room; a last entry tells of what is left out.
fn listed(list: List, violations: &[Violation]) -> Any {
    let texts = |violation: &Violation| {
        [&violation.subject, &violation.reason, &violation.description].map(|text| cut(text, TEXT_OCTETS))
    };
    let entries = violations.iter().map(texts);
    let (mut shown, left_out) = fitting(entries, LIST_OCTETS, |texts| texts.iter().map(String::len).sum());
    if left_out > 0 {
        let kind = match list {
            List::Fields => "",
            List::Preconditions => "MORE",
        };
        shown.push([String::new(), kind.to_owned(), format!("and {left_out} more")]);
    }
    match list {
        List::Fields => {
            let field_violations = shown
                .into_iter()
                .map(|[field, reason, description]| pb::bad_request::FieldViolation {
                    field,
                    description,
                    reason,
                    localized_message: None,
                })
                .collect();
            any(BadRequest::TYPE_URL, &pb::BadRequest { field_violations })
        }
        List::Preconditions => {
            let violations = shown
                .into_iter()
                .map(|[subject, kind, description]| pb::precondition_failure::Violation {
                    r#type: kind,
                    subject,
                    description,
                })
                .collect();
            any(PreconditionFailure::TYPE_URL, &pb::PreconditionFailure { violations })
        }
    }
}

/// The violations in the languages of the service, as many as fit into `room` octets; none where none is for a person to mend.
fn localized(violations: &[Violation], room: usize) -> Option<Any> {
    /// The type's address and the lengths around the list.
    const FRAMING: usize = 100;
    let entries = violations.iter().filter_map(|violation| {
        let text = violation.text.as_ref()?;
        Some(proto::LocalizedViolation {
            field: cut(&violation.subject, TEXT_OCTETS),
            reason: violation.reason.clone(),
            text: Some(convert::text(&Text::composed(
                cut(&text.kk, WORDS_OCTETS),
                cut(&text.ru, WORDS_OCTETS),
                cut(&text.en, TEXT_OCTETS),
            ))),
        })
    });
    let (violations, left_out) = fitting(entries, room.saturating_sub(FRAMING), Message::encoded_len);
    if violations.is_empty() && left_out == 0 {
        return None;
    }
    let list = proto::LocalizedViolations { violations, left_out: u32::try_from(left_out).unwrap_or(u32::MAX) };
    Some(any("type.googleapis.com/consular.registration.v1.LocalizedViolations", &list))
}

/// As many entries from the front as fit into `room` octets, and how many do not.
fn fitting<T>(entries: impl Iterator<Item = T>, room: usize, octets: impl Fn(&T) -> usize) -> (Vec<T>, usize) {
    /// Tags and lengths around an entry's texts.
    const FRAMING: usize = 12;
    let (mut shown, mut taken, mut left_out) = (Vec::new(), 0, 0_usize);
    for entry in entries {
        taken += octets(&entry) + FRAMING;
        if taken <= room {
            shown.push(entry);
        } else {
            left_out += 1;
        }
    }
    (shown, left_out)
}

fn any(type_url: &str, message: &impl Message) -> Any {
    Any { type_url: type_url.to_owned(), value: message.encode_to_vec() }
}

/// At most `octets` of a text, cut between characters.
fn cut(text: &str, octets: usize) -> String {
    if text.len() <= octets {
        return text.to_owned();
    }
    let mut end = octets;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &text[..end])
}
