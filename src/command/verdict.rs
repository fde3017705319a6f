//! A validation report for people: the verdict first, then who signed, over which path, and what is known of revocation.

use chrono::{DateTime, Utc};

use super::failure::CommandError;
use super::output::{Output, Painted, Tone};
use super::resource::moment;
use crate::pki::TrustStore;
use crate::registration::person::{Bin, IdentifierError, IdentifierPolicy, Iin};
use crate::registration::text::{Language, Text};
use crate::signature::{
    self, Conclusion, Constraint, ConstraintStatus, PathEntry, RevocationMode, RevocationSource, RevocationStatusName,
    SignerReport, ValidationReport,
};

const JUDGED_AT: Text = Text::fixed("тексеру сәті", "на момент", "judged at");
const POLICY: Text = Text::fixed("саясат", "политика", "policy");
const ANCHORS: Text = Text::fixed("сенім зәкірлері", "якорей доверия", "trust anchors");
const LISTS: Text = Text::fixed("қайтару тізімдері", "списков отзыва", "revocation lists");
const CONTENT: Text = Text::fixed("мазмұны", "содержимое", "content");
const REMEDY: Text = Text::fixed("не істеу керек", "что делать", "what to do");
const SIGNER: Text = Text::fixed("Қол қоюшы", "Подписант", "Signer");
const CERTIFICATE: Text = Text::fixed("Сертификат", "Сертификат", "Certificate");
const SUBJECT: Text = Text::fixed("субъект", "субъект", "subject");
const ISSUER: Text = Text::fixed("шығарушы", "издатель", "issuer");
const SERIAL: Text = Text::fixed("сериялық нөмірі", "серийный номер", "serial number");
const VALID: Text = Text::fixed("жарамдылық мерзімі", "срок действия", "valid");
const IIN: Text = Text::fixed("ЖСН", "ИИН", "IIN");
const BIN: Text = Text::fixed("БСН", "БИН", "BIN");
const ROLES: Text = Text::fixed("рөлдер", "роли", "roles");
const ALGORITHM: Text = Text::fixed("алгоритм", "алгоритм", "algorithm");
const CLAIMED: Text = Text::fixed("мәлімделген уақыт", "заявленное время", "claims signing at");
const PROVED: Text = Text::fixed("уақыт белгісі бойынша", "по метке времени", "time stamp proves");
const ANCHOR: Text = Text::fixed("сенім зәкірі", "якорь доверия", "trust anchor");
const PATH: Text = Text::fixed("сертификаттар тізбегі", "цепочка сертификатов", "certification path");
const REVOCATION: Text = Text::fixed("кері қайтару", "отзыв", "revocation");
const SOURCE: Text = Text::fixed("дереккөз", "источник", "known from");
const CHECK: Text = Text::fixed("орындалмаған тексеру", "непройденная проверка", "check that did not hold");
const FOUND: Text = Text::fixed("анықталғаны", "что найдено", "what was found");
const WARNINGS: Text = Text::fixed("Назар аударыңыз", "Обратите внимание", "Mind");
const NOT_AN_IDENTIFIER: Text = Text::fixed("сандары сәйкес келмейді", "цифры не сходятся", "its digits do not add up");

/// Whether the digits of an individual identification number add up.
pub fn iin_holds(iin: &str) -> Result<(), IdentifierError> {
    Iin::parse(iin, IdentifierPolicy::Strict).map(drop)
}

/// Whether the digits of a business identification number add up.
pub fn bin_holds(bin: &str) -> Result<(), IdentifierError> {
    Bin::parse(bin, IdentifierPolicy::Strict).map(drop)
}

/// What was judged, for the headline of each of its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A message with signers.
    Signature,
    /// A certificate alone.
    Certificate,
}

/// Shows the report on `what`.
///
/// # Errors
/// Only those of writing.
pub fn show(
    what: Subject,
    name: &str,
    report: &ValidationReport,
    revocation: RevocationMode,
    store: &TrustStore,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let verdict = paint_conclusion(report.conclusion, output);
    output.line(format_args!("{verdict}  {}", output.paint(Tone::Strong, name)))?;
    output.line(format_args!(
        "  {}",
        output.paint(Tone::Plain, in_language(&report.words.explanation, output.language()))
    ))?;
    output.gap()?;
    let remedy = if report.conclusion.is_passed() { "" } else { in_language(&report.words.remedy, output.language()) };
    let facts = [
        (REMEDY, Painted::from(remedy)),
        (JUDGED_AT, moment(Some(report.validation_time)).into()),
        (POLICY, format!("{} {}, {}", report.policy.id, report.policy.version, spelled(revocation)).into()),
        (ANCHORS, store.entries().len().to_string().into()),
        (LISTS, store.crls().len().to_string().into()),
        (
            CONTENT,
            Painted::new(
                Tone::Quiet,
                report.content_digest.as_ref().map(|digest| format!("SHA-256 {digest}")).unwrap_or_default(),
            ),
        ),
    ];
    show_facts(facts, output)?;
    for (index, signer) in report.signers.iter().enumerate() {
        let title = match what {
            Subject::Signature => format!("{} {}/{}", output.say(&SIGNER), index + 1, report.signers.len()),
            Subject::Certificate => output.say(&CERTIFICATE).to_owned(),
        };
        let conclusion = if report.signers.len() > 1 {
            format!("  {}", paint_conclusion(signer.conclusion, output))
        } else {
            String::new()
        };
        output.line(format_args!("\n{}{conclusion}", output.paint(Tone::Strong, &title)))?;
        show_signer(signer, store, output)?;
    }
    if !report.warnings.is_empty() {
        output.gap()?;
        let warnings: Vec<_> =
            report.warnings.iter().map(|warning| (WARNINGS, Painted::new(Tone::Doubtful, warning.as_str()))).collect();
        show_facts(warnings, output)?;
    }
    Ok(())
}

fn show_signer(signer: &SignerReport, store: &TrustStore, output: &mut Output<'_>) -> Result<(), CommandError> {
    let numbered =
        |number: Option<&String>, holds: fn(&str) -> Result<(), IdentifierError>, output: &Output<'_>| match number {
            None => Painted::from(""),
            Some(number) if holds(number).is_ok() => Painted::new(Tone::Strong, number.as_str()),
            Some(number) => Painted::new(Tone::Doubtful, format!("{number}  ({})", output.say(&NOT_AN_IDENTIFIER))),
        };
    let roles = signer
        .roles
        .iter()
        .map(|role| role.name.as_ref().map_or_else(|| role.oid.clone(), |name| format!("{name} ({})", role.oid)));
    let mut facts = Vec::new();
    if let Some(certificate) = &signer.certificate {
        let valid = format!("{} – {}", moment(Some(certificate.not_before)), moment(Some(certificate.not_after)));
        facts.extend([
            (SUBJECT, Painted::from(certificate.subject.as_str())),
            (ISSUER, certificate.issuer.as_str().into()),
            (SERIAL, certificate.serial.as_str().into()),
            (VALID, valid.into()),
        ]);
    }
    facts.extend([
        (IIN, numbered(signer.iin.as_ref(), iin_holds, output)),
        (BIN, numbered(signer.bin.as_ref(), bin_holds, output)),
        (ROLES, roles.collect::<Vec<_>>().join("\n").into()),
        (ALGORITHM, signer.signature_algorithm.as_str().into()),
        (CLAIMED, moment(signer.claimed_signing_time).into()),
        (PROVED, moment(signer.proved_time).into()),
    ]);
    show_facts(facts, output)?;
    if !signer.path.is_empty() {
        output.gap()?;
        let mut rows: Vec<_> = signer.path.iter().map(|entry| path_row(entry, output.language())).collect();
        rows.extend(
            anchor(signer, store)
                .map(|subject| [subject.into(), Painted::new(Tone::Quiet, output.say(&ANCHOR)), "".into()]),
        );
        let header = [output.say(&PATH).to_owned(), output.say(&REVOCATION).to_owned(), output.say(&SOURCE).to_owned()];
        output.list([&header[0], &header[1], &header[2]], rows)?;
    }
    let not_held: Vec<&Constraint> =
        signer.constraints.iter().filter(|each| each.status == ConstraintStatus::Failed).collect();
    if !not_held.is_empty() {
        output.gap()?;
        let rows = not_held.iter().map(|each| [Painted::new(Tone::Bad, &*each.id), (&*each.detail).into()]).collect();
        let header = [output.say(&CHECK).to_owned(), output.say(&FOUND).to_owned()];
        output.list([&header[0], &header[1]], rows)?;
    }
    Ok(())
}

fn show_facts(facts: impl IntoIterator<Item = (Text, Painted)>, output: &mut Output<'_>) -> Result<(), CommandError> {
    let language = output.language();
    let facts: Vec<_> = facts.into_iter().map(|(name, value)| (name.in_language(language).to_owned(), value)).collect();
    output.facts(facts.iter().map(|(name, value)| (name.as_str(), value.clone())))?;
    Ok(())
}

fn paint_conclusion(conclusion: Conclusion, output: &Output<'_>) -> String {
    let (mark, tone) = match conclusion {
        Conclusion::TotalPassed => ("✔", Tone::Good),
        Conclusion::TotalFailed(_) => ("✘", Tone::Bad),
        Conclusion::Indeterminate(_) => ("?", Tone::Doubtful),
    };
    let reason = conclusion.sub_indication().map(|reason| format!(" / {reason}")).unwrap_or_default();
    output.paint(tone, &format!("{mark} {}{reason}", conclusion.indication()))
}

fn path_row(entry: &PathEntry, language: Language) -> [Painted; 3] {
    let (tone, status) = match entry.revocation.status {
        RevocationStatusName::Good => (Tone::Good, Text::fixed("қайтарылмаған", "не отозван", "good")),
        RevocationStatusName::Revoked => (Tone::Bad, Text::fixed("қайтарылған", "отозван", "revoked")),
        RevocationStatusName::Unknown => (Tone::Doubtful, Text::fixed("белгісіз", "неизвестно", "unknown")),
        RevocationStatusName::NotChecked => (Tone::Quiet, Text::fixed("тексерілмеді", "не проверялось", "not checked")),
    };
    let mut status = status.in_language(language).to_owned();
    if let Some(date) = entry.revocation.date {
        status = format!("{status} {}", day(date));
    }
    if let Some(reason) = &entry.revocation.reason {
        status = format!("{status}\n{reason}");
    }
    let source = match (&entry.revocation.source, entry.revocation.this_update, entry.revocation.next_update) {
        (Some(source), Some(this), next) => {
            let brief: String = source.chars().take(12).collect();
            let next = next.map(|next| format!(" – {}", moment(Some(next)))).unwrap_or_default();
            let kind = match entry.revocation.source_kind {
                Some(RevocationSource::Ocsp) => "OCSP",
                Some(RevocationSource::Crl) | None => "CRL",
            };
            format!("{kind} {brief}…\n{}{next}", moment(Some(this)))
        }
        _ => String::new(),
    };
    [entry.subject.as_str().into(), Painted::new(tone, status), Painted::new(Tone::Quiet, source)]
}

/// The anchor by its subject, which the report leaves out.
fn anchor(signer: &SignerReport, store: &TrustStore) -> Option<String> {
    let sha256 = signer.trust_anchor.as_ref()?;
    let entry = store.entries().iter().find(|entry| hex::encode(entry.certificate.sha256()) == *sha256);
    Some(entry.map_or_else(|| sha256.clone(), |entry| entry.certificate.subject_display()))
}

fn day(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d").to_string()
}

/// As the command line spells it.
fn spelled(revocation: RevocationMode) -> &'static str {
    match revocation {
        RevocationMode::None => "revocation none",
        RevocationMode::IfPresent => "revocation if-present",
        RevocationMode::RequireEndEntity => "revocation require-end-entity",
        RevocationMode::RequireAll => "revocation require-all",
    }
}

fn in_language(text: &signature::Text, language: Language) -> &str {
    match language {
        Language::Kk => &text.kk,
        Language::Ru => &text.ru,
        Language::En => &text.en,
    }
}
