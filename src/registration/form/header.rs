//! Whether a form is meant for this service, version and moment.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{ApplicationForm, FORM_NAME, FORM_VERSION};
use crate::registration::parameters::Parameters;
use crate::registration::strict::{FieldViolation, ViolationCode};
use crate::registration::text::Text;

/// What is wrong with the header of a form first received `now` by the service of `audience`. Empty when nothing is.
///
/// Every code here [`is_precondition`](ViolationCode::is_precondition): the signature is good, but not for this place or time.
pub fn header_violations(form: &ApplicationForm, audience: &str, now: DateTime<Utc>) -> Vec<FieldViolation> {
    let parameters = Parameters::on(now.date_naive());
    let mut violations = foreign_header(Some(&form.form), Some(u64::from(form.version)));
    if form.audience.as_str() != audience {
        let description = Text::composed(
            format!("Өтінішке басқа қызмет үшін қол қойылған; бұл қызмет — {audience}."),
            format!("Заявление подписано для другого сервиса; этот сервис — {audience}."),
            format!("this service is {audience}"),
        );
        violations.push(FieldViolation::worded("audience", ViolationCode::WrongAudience, description));
    }
    if form.issued_at > now + parameters.clock_tolerance {
        let description = "the form was issued later than now";
        violations.push(FieldViolation::new("issued_at", ViolationCode::IssuedInFuture, description));
    }
    if form.expires_at <= now {
        let description = "the form was not filed before its expiry";
        violations.push(FieldViolation::new("expires_at", ViolationCode::Expired, description));
    }
    if form.expires_at - form.issued_at > parameters.longest_form_validity {
        let days = parameters.longest_form_validity.num_days();
        let description = Text::composed(
            format!("Нысан ең көбі {days} күн жарамды."),
            format!("Форма действительна не более {days} дней."),
            format!("a form is valid for at most {days} days"),
        );
        violations.push(FieldViolation::worded("expires_at", ViolationCode::ExpiryTooFar, description));
    }
    violations
}

/// The violation of a form that names a mission which does not exist.
pub fn unknown_mission() -> FieldViolation {
    let description = Text::fixed(
        "Мұндай кодты шетелдегі мекеме жоқ: кодты мекемелер тізімінен таңдаңыз.",
        "Загранучреждения с таким кодом нет: выберите код из списка загранучреждений.",
        "there is no mission of this code",
    );
    FieldViolation::worded("mission", ViolationCode::UnknownValue, description)
}

/// Whether a tree is a form of another name or version. A tree without the two fields is left to the schema.
pub(super) fn foreign(tree: &Value) -> Vec<FieldViolation> {
    let name = tree.get("form").and_then(Value::as_str);
    let version = tree.get("version").and_then(Value::as_u64);
    foreign_header(name, version)
}

fn foreign_header(name: Option<&str>, version: Option<u64>) -> Vec<FieldViolation> {
    let mut violations = Vec::new();
    if name.is_some_and(|name| name != FORM_NAME) {
        let description = format!("must be {FORM_NAME}");
        violations.push(FieldViolation::new("form", ViolationCode::WrongForm, description));
    }
    if version.is_some_and(|version| version != u64::from(FORM_VERSION)) {
        let description = format!("this service reads version {FORM_VERSION}");
        violations.push(FieldViolation::new("version", ViolationCode::WrongVersion, description));
    }
    violations
}
