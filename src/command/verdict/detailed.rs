//! The detailed form: over which path, what is known of revocation, and every check by building block.

use chrono::{DateTime, Utc};

use super::{ALGORITHM, ANCHOR, PATH, REVOCATION, SOURCE, facts_of_identity, paint_conclusion};
use crate::command::failure::CommandError;
use crate::command::output::{Output, Painted, Tone};
use crate::command::resource::moment;
use crate::pki::TrustStore;
use crate::registration::text::{Language, Text};
use crate::signature::{
    BuildingBlock, Constraint, ConstraintStatus, Level, PathEntry, RevocationSource, RevocationStatusName,
    SignerReport, TimeStampReport,
};

const ISSUER: Text = Text::fixed("шығарушы", "издатель", "issuer");
const SERIAL: Text = Text::fixed("сериялық нөмірі", "серийный номер", "serial number");
const VALID: Text = Text::fixed("жарамдылық мерзімі", "срок действия", "valid");
const ROLES: Text = Text::fixed("рөлдер", "роли", "roles");
const CHECK: Text = Text::fixed("тексеру", "проверка", "check");
const RESULT: Text = Text::fixed("нәтижесі", "результат", "result");
const FOUND: Text = Text::fixed("анықталғаны", "что найдено", "what was found");
const TIME_STAMP: Text = Text::fixed("Уақыт белгісі", "Метка времени", "Time stamp");
const COUNTER_SIGNATURE: Text = Text::fixed("Куәландыратын қолтаңба", "Заверяющая подпись", "Counter-signature");

/// Everything about one signer.
pub(super) fn show_signer(
    signer: &SignerReport,
    store: &TrustStore,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let mut facts = facts_of_identity(signer, output);
    if let Some(certificate) = &signer.certificate {
        let valid = format!("{} – {}", moment(Some(certificate.not_before)), moment(Some(certificate.not_after)));
        facts.extend([
            (ISSUER, Painted::from(certificate.issuer.as_str())),
            (SERIAL, certificate.serial.as_str().into()),
            (VALID, valid.into()),
        ]);
    }
    let roles = signer
        .roles
        .iter()
        .map(|role| role.name.as_ref().map_or_else(|| role.oid.clone(), |name| format!("{name} ({})", role.oid)));
    facts.extend([
        (ROLES, roles.collect::<Vec<_>>().join("\n").into()),
        (ALGORITHM, signer.signature_algorithm.as_str().into()),
    ]);
    output.named_facts(facts)?;
    show_path(&signer.path, signer.trust_anchor.as_deref(), store, output)?;
    show_checks(&signer.constraints, output)?;
    for stamp in &signer.time_stamps {
        show_time_stamp(stamp, store, output)?;
    }
    for counter in &signer.counter_signatures {
        let title = output.paint(Tone::Strong, output.say(&COUNTER_SIGNATURE));
        let conclusion = paint_conclusion(counter.conclusion, output);
        output.line(format_args!("\n{title}  {conclusion}"))?;
        show_signer(counter, store, output)?;
    }
    Ok(())
}

fn show_time_stamp(stamp: &TimeStampReport, store: &TrustStore, output: &mut Output<'_>) -> Result<(), CommandError> {
    let title = output.paint(Tone::Strong, output.say(&TIME_STAMP));
    let conclusion = paint_conclusion(stamp.conclusion, output);
    output.line(format_args!("\n{title}  {conclusion}  {}", moment(stamp.time)))?;
    if let Some(authority) = &stamp.authority {
        output.named_facts([(super::SUBJECT, Painted::from(authority.subject.as_str()))])?;
    }
    show_path(&stamp.path, stamp.trust_anchor.as_deref(), store, output)?;
    show_checks(&stamp.constraints, output)
}

fn show_path(
    path: &[PathEntry],
    trust_anchor: Option<&str>,
    store: &TrustStore,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    if path.is_empty() {
        return Ok(());
    }
    output.gap()?;
    let mut rows: Vec<_> = path.iter().map(|entry| path_row(entry, output.language())).collect();
    rows.extend(
        trust_anchor
            .map(|sha256| anchor(sha256, store))
            .map(|subject| [subject.into(), Painted::new(Tone::Quiet, output.say(&ANCHOR)), "".into()]),
    );
    output.list([output.say(&PATH), output.say(&REVOCATION), output.say(&SOURCE)], rows)?;
    Ok(())
}

/// Every check, building block by building block.
fn show_checks(constraints: &[Constraint], output: &mut Output<'_>) -> Result<(), CommandError> {
    let language = output.language();
    let blocks = BuildingBlock::of(constraints);
    let rows = blocks.iter().flat_map(|block| &block.constraints).map(|each| {
        let (tone, result) = spelled(each, language);
        [Painted::from(&*each.id), Painted::new(tone, result), (&*each.detail).into()]
    });
    output.gap()?;
    output.list([output.say(&CHECK), output.say(&RESULT), output.say(&FOUND)], rows.collect())?;
    Ok(())
}

fn spelled(constraint: &Constraint, language: Language) -> (Tone, String) {
    let (tone, word) = match constraint.status {
        ConstraintStatus::Passed => (Tone::Good, Text::fixed("орындалды", "выполнено", "passed")),
        ConstraintStatus::Failed => (Tone::Bad, Text::fixed("орындалмады", "не выполнено", "failed")),
        ConstraintStatus::Warning => (Tone::Doubtful, Text::fixed("ескерту", "предупреждение", "warning")),
        ConstraintStatus::Information => (Tone::Plain, Text::fixed("мәлімет", "сведение", "information")),
        ConstraintStatus::NotChecked => (Tone::Quiet, Text::fixed("тексерілмеді", "не проверялось", "not checked")),
    };
    let level = match constraint.level {
        Level::Fail => "",
        Level::Warn => " (WARN)",
        Level::Inform => " (INFORM)",
        Level::Ignore => " (IGNORE)",
    };
    (tone, format!("{}{level}", word.in_language(language)))
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
fn anchor(sha256: &str, store: &TrustStore) -> String {
    let entry = store.entries().iter().find(|entry| hex::encode(entry.certificate.sha256()) == sha256);
    entry.map_or_else(|| sha256.to_owned(), |entry| entry.certificate.subject_display())
}

fn day(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d").to_string()
}
