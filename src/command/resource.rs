//! How the resources of the service are shown: as JSON with the field names of the proto files, and as text for people.

use std::io;

use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::output::{Output, Painted, Tone};
use crate::grpc::client::instant;
use crate::grpc::proto::{
    Application, ApplicationState, AwaitedFrom, CertificateRevocationList, Document, Finding, FindingOutcome,
    LocalizedText, Refusal, RegisterAnswer, RegisterStatement, TrustAnchor, TrustEntryState,
};
use crate::registration::text::{Language, Text};

const MEANS: Text = Text::fixed("мағынасы", "что это значит", "means");
const APPLICATION: Text = Text::fixed("өтініш", "заявление", "application");
const APPLIED_FOR: Text = Text::fixed("сұралғаны", "что запрошено", "applied for");
const MISSION: Text = Text::fixed("мекеме", "загранучреждение", "mission");
const FILED_BY: Text = Text::fixed("берген жүйе", "кем подано", "filed by");
const ACCEPTED: Text = Text::fixed("қабылданды", "принято", "accepted");
const DUE: Text = Text::fixed("жауап мерзімі", "ответить до", "answer due by");
const ENDED: Text = Text::fixed("аяқталды", "завершено", "ended");
const AWAITING: Text = Text::fixed("күтілуде", "ожидается", "awaiting");
const FROM: Text = Text::fixed("кімнен", "от кого", "from");
const UNTIL: Text = Text::fixed("қашанға дейін", "до", "until");
const REFUSAL: Text = Text::fixed("бас тарту", "отказ", "refusal");
const APPEAL: Text = Text::fixed("шағымдану", "обжалование", "appeal");
const REGISTRATION: Text = Text::fixed("тіркеу", "регистрация", "registration");
const REPORT: Text = Text::fixed("қолтаңба есебі", "отчёт о подписи", "signature report");
const ETAG: Text = Text::fixed("нұсқа (etag)", "версия (etag)", "etag");
const REGISTERS: Text = Text::fixed("Мемлекеттік тізілімдер", "Государственные регистры", "State registers");
const REGISTER: Text = Text::fixed("тізілім", "регистр", "register");
const SAYS: Text = Text::fixed("жауабы", "ответ", "says");
const REFERENCE: Text = Text::fixed("сілтемесі мен уақыты", "ссылка и время", "reference and time");
const NOT_MET: Text = Text::fixed("Орындалмаған қағидалар", "Невыполненные правила", "Rules not met");
const REASON: Text = Text::fixed("себебі", "причина", "reason");
const RULE: Text = Text::fixed("қағида және ескертулер", "правило и замечания", "rule and remarks");
const SOURCE: Text = Text::fixed("дереккөз", "источник", "source");

/// RFC 3339 in UTC, as fine as the time is.
pub fn rfc3339(time: Option<DateTime<Utc>>) -> Option<String> {
    time.map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

/// As people read it.
pub fn moment(time: Option<DateTime<Utc>>) -> String {
    time.map(|time| time.format("%Y-%m-%d %H:%M:%S UTC").to_string()).unwrap_or_default()
}

/// The last part of an enum's name on the wire: `APPLICATION_STATE_ACCEPTED` is `ACCEPTED`.
pub fn short(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix).unwrap_or(name).to_owned()
}

/// The text in the language of the person at the terminal.
pub fn localized(text: Option<&LocalizedText>, language: Language) -> String {
    let Some(text) = text else { return String::new() };
    match language {
        Language::Kk => text.kk.clone(),
        Language::Ru => text.ru.clone(),
        Language::En => text.en.clone(),
    }
}

/// The text in all its languages, as JSON.
pub fn localized_json(text: Option<&LocalizedText>) -> Value {
    text.map_or(Value::Null, |text| json!({ "kk": text.kk, "ru": text.ru, "en": text.en }))
}

/// The state as procedure texts write it.
pub fn state(application: &Application) -> String {
    short(application.state().as_str_name(), "APPLICATION_STATE_")
}

/// An application as JSON.
pub fn application_json(application: &Application) -> Value {
    json!({
        "name": application.name,
        "application_id": application.application_id,
        "revision": application.revision,
        "number": application.number,
        "state": state(application),
        "type": short(application.r#type().as_str_name(), "APPLICATION_TYPE_"),
        "kind": short(application.kind().as_str_name(), "REGISTRATION_KIND_"),
        "channel": short(application.channel().as_str_name(), "CHANNEL_"),
        "mission": application.mission,
        "language": application.language,
        "submitted_by": application.submitted_by,
        "accept_time": rfc3339(instant(application.accept_time.as_ref())),
        "due_time": rfc3339(instant(application.due_time.as_ref())),
        "complete_time": rfc3339(instant(application.complete_time.as_ref())),
        "validation_report": application.validation_report,
        "findings": application.findings.iter().map(finding_json).collect::<Vec<_>>(),
        "state_text": localized_json(application.state_text.as_ref()),
        "awaiting": localized_json(application.awaiting.as_ref()),
        "awaiting_from": awaited_from(application),
        "awaiting_until": rfc3339(instant(application.awaiting_until.as_ref())),
        "refusal": application.refusal.as_ref().map(refusal_json),
        "register_answers": application.register_answers.iter().map(register_answer_json).collect::<Vec<_>>(),
        "registration": application.registration,
        "etag": application.etag,
        "update_time": rfc3339(instant(application.update_time.as_ref())),
    })
}

fn awaited_from(application: &Application) -> Option<String> {
    let from = application.awaiting_from();
    (from != AwaitedFrom::Unspecified).then(|| short(from.as_str_name(), "AWAITED_FROM_"))
}

fn refusal_json(refusal: &Refusal) -> Value {
    json!({
        "ground": refusal.ground,
        "reason": localized_json(refusal.reason.as_ref()),
        "appeal": localized_json(refusal.appeal.as_ref()),
        "hearing_time": rfc3339(instant(refusal.hearing_time.as_ref())),
        "hearing_place": refusal.hearing_place,
        "objection_until": rfc3339(instant(refusal.objection_until.as_ref())),
        "objection_upheld": refusal.objection_upheld,
    })
}

fn register_answer_json(answer: &RegisterAnswer) -> Value {
    let statement = |said: &RegisterStatement| json!({ "fact": said.fact, "statement": said.statement });
    json!({
        "register": answer.register,
        "reference": answer.reference,
        "answer_time": rfc3339(instant(answer.answer_time.as_ref())),
        "statements": answer.statements.iter().map(statement).collect::<Vec<_>>(),
        "evidence": answer.evidence,
    })
}

fn finding_json(finding: &Finding) -> Value {
    json!({
        "rule": finding.rule,
        "reason": finding.reason,
        "outcome": short(finding.outcome().as_str_name(), "FINDING_OUTCOME_"),
        "statement": localized_json(finding.statement.as_ref()),
        "citation": localized_json(finding.citation.as_ref()),
        "remarks": finding.remarks.iter()
            .map(|remark| json!({ "field": remark.field, "text": localized_json(remark.text.as_ref()) }))
            .collect::<Vec<_>>(),
        "advice": localized_json(finding.advice.as_ref()),
    })
}

/// An application for people.
pub fn show_application(application: &Application, output: &mut Output<'_>) -> io::Result<()> {
    let language = output.language();
    headline(application, output)?;
    let refusal = application.refusal.as_ref();
    let what = json!([
        short(application.r#type().as_str_name(), "APPLICATION_TYPE_"),
        short(application.kind().as_str_name(), "REGISTRATION_KIND_"),
        short(application.channel().as_str_name(), "CHANNEL_"),
    ]);
    let what = what.as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join(" · ");
    output.named_facts([
        (MEANS, Painted::from(localized(application.state_text.as_ref(), language))),
        (APPLICATION, Painted::from(application.name.as_str())),
        (APPLIED_FOR, what.into()),
        (MISSION, application.mission.as_str().into()),
        (FILED_BY, application.submitted_by.as_str().into()),
        (ACCEPTED, moment(instant(application.accept_time.as_ref())).into()),
        (DUE, moment(instant(application.due_time.as_ref())).into()),
        (ENDED, moment(instant(application.complete_time.as_ref())).into()),
        (AWAITING, localized(application.awaiting.as_ref(), language).into()),
        (FROM, awaited_from(application).unwrap_or_default().into()),
        (UNTIL, moment(instant(application.awaiting_until.as_ref())).into()),
        (REFUSAL, localized(refusal.and_then(|refusal| refusal.reason.as_ref()), language).into()),
        (APPEAL, localized(refusal.and_then(|refusal| refusal.appeal.as_ref()), language).into()),
        (REGISTRATION, application.registration.as_str().into()),
        (REPORT, application.validation_report.as_str().into()),
        (ETAG, application.etag.as_str().into()),
    ])?;
    if !application.register_answers.is_empty() {
        output.heading(output.say(&REGISTERS))?;
        let rows = application.register_answers.iter().map(|answer| {
            let said = answer.statements.iter().map(|said| format!("{} {}", said.fact, said.statement));
            let source = format!("{}\n{}", answer.reference, moment(instant(answer.answer_time.as_ref())));
            [
                Painted::new(Tone::Strong, answer.register.as_str()),
                said.collect::<Vec<_>>().join("\n").into(),
                Painted::new(Tone::Quiet, source),
            ]
        });
        output.list([output.say(&REGISTER), output.say(&SAYS), output.say(&REFERENCE)], rows.collect())?;
    }
    let not_met: Vec<_> =
        application.findings.iter().filter(|finding| finding.outcome() == FindingOutcome::NotMet).collect();
    if !not_met.is_empty() {
        output.heading(output.say(&NOT_MET))?;
        let rows = not_met.iter().map(|finding| {
            let mut lines = vec![localized(finding.statement.as_ref(), language)];
            lines.extend(
                finding
                    .remarks
                    .iter()
                    .map(|remark| format!("· {}  {}", remark.field, localized(remark.text.as_ref(), language))),
            );
            let advice = localized(finding.advice.as_ref(), language);
            lines.extend(Some(format!("→ {advice}")).filter(|_| !advice.is_empty()));
            let citation = localized(finding.citation.as_ref(), language);
            [
                Painted::new(Tone::Doubtful, finding.reason.as_str()),
                lines.join("\n").into(),
                Painted::new(Tone::Quiet, citation),
            ]
        });
        output.list([output.say(&REASON), output.say(&RULE), output.say(&SOURCE)], rows.collect())?;
    }
    Ok(())
}

/// State and number on one line.
pub fn headline(application: &Application, output: &mut Output<'_>) -> io::Result<()> {
    let (mark, tone) = match application.state() {
        ApplicationState::Completed => ("✔", Tone::Good),
        ApplicationState::Accepted | ApplicationState::Submitted => ("●", Tone::Good),
        ApplicationState::Refused | ApplicationState::Withdrawn => ("✘", Tone::Bad),
        _ => ("●", Tone::Doubtful),
    };
    let state = output.paint(tone, &format!("{mark} {}", state(application)));
    let number = output.paint(Tone::Strong, &application.number);
    output.line(format_args!("{state}  {number}"))
}

/// A document's description as JSON.
pub fn document_json(document: &Document) -> Value {
    json!({
        "name": document.name,
        "application": document.application,
        "kind": document_kind(document),
        "version": document.version,
        "number": document.number,
        "issue_time": rfc3339(instant(document.issue_time.as_ref())),
        "size_bytes": document.size_bytes,
        "sha256": document.sha256,
    })
}

/// What a document is.
pub fn document_kind(document: &Document) -> String {
    short(document.kind().as_str_name(), "DOCUMENT_KIND_")
}

/// An entry of the trust store as JSON; the certificate itself is left out.
pub fn anchor_json(anchor: &TrustAnchor) -> Value {
    json!({
        "name": anchor.name,
        "kind": anchor_kind(anchor),
        "purposes": purposes(anchor.purposes()),
        "state": anchor_state(anchor),
        "subject": anchor.subject,
        "issuer": anchor.issuer,
        "serial_number": anchor.serial_number,
        "not_before_time": rfc3339(instant(anchor.not_before_time.as_ref())),
        "not_after_time": rfc3339(instant(anchor.not_after_time.as_ref())),
        "trusted_from_time": rfc3339(instant(anchor.trusted_from_time.as_ref())),
        "trusted_until_time": rfc3339(instant(anchor.trusted_until_time.as_ref())),
        "etag": anchor.etag,
        "update_time": rfc3339(instant(anchor.update_time.as_ref())),
    })
}

/// `ANCHOR` or `INTERMEDIATE`.
pub fn anchor_kind(anchor: &TrustAnchor) -> String {
    short(anchor.kind().as_str_name(), "TRUST_ENTRY_KIND_")
}

/// `PREPARED`, `ACTIVE`, `RETIRED` or `DISTRUSTED`.
pub fn anchor_state(anchor: &TrustAnchor) -> String {
    short(anchor.state().as_str_name(), "TRUST_ENTRY_STATE_")
}

/// The state in its colour.
pub fn painted_state(anchor: &TrustAnchor) -> Painted {
    let tone = match anchor.state() {
        TrustEntryState::Active => Tone::Good,
        TrustEntryState::Prepared => Tone::Doubtful,
        TrustEntryState::Distrusted => Tone::Bad,
        _ => Tone::Quiet,
    };
    Painted::new(tone, anchor_state(anchor))
}

/// Purposes by their short names.
pub fn purposes(purposes: impl Iterator<Item = crate::grpc::proto::TrustPurpose>) -> Vec<String> {
    purposes.map(|purpose| short(purpose.as_str_name(), "TRUST_PURPOSE_")).collect()
}

/// A revocation list as JSON.
pub fn crl_json(crl: &CertificateRevocationList) -> Value {
    json!({
        "issuer": crl.issuer,
        "number": crl.number,
        "this_update_time": rfc3339(instant(crl.this_update_time.as_ref())),
        "next_update_time": rfc3339(instant(crl.next_update_time.as_ref())),
        "entry_count": crl.entry_count,
        "sha256": crl.sha256,
        "purposes": purposes(crl.purposes()),
        "state": crl.state,
    })
}

/// A moment as it is given on the command line: RFC 3339, or a day for its beginning in UTC.
pub fn instant_of(text: &str) -> Result<DateTime<Utc>, String> {
    let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    text.parse().or_else(|_| text.parse().map(midnight)).map_err(|_| "neither RFC 3339 nor YYYY-MM-DD".to_owned())
}
