//! A validation report for people. The simple form: the verdict, what to do and whose side it is on, who signed and when. The detailed
//! form adds everything that the verdict rests on.

mod detailed;
mod words;

use super::failure::CommandError;
use super::output::{Output, Painted, Tone};
use super::resource::moment;
use crate::pki::TrustStore;
use crate::registration::person::{Bin, IdentifierError, IdentifierPolicy, Iin};
use crate::registration::text::{Language, Text};
use crate::signature::{self, Conclusion, Explanation, RevocationMode, Side, SignerReport, ValidationReport};

pub use words::without_anchor;

const JUDGED_AT: Text = Text::fixed("тексеру сәті", "на момент", "judged at");
const POLICY: Text = Text::fixed("саясат", "политика", "policy");
const ANCHORS: Text = Text::fixed("сенім зәкірлері", "якорей доверия", "trust anchors");
const LISTS: Text = Text::fixed("қайтару тізімдері", "списков отзыва", "revocation lists");
const CONTENT: Text = Text::fixed("мазмұны", "содержимое", "content");
const REMEDY: Text = Text::fixed("не істеу керек", "что делать", "what to do");
const SIDE: Text = Text::fixed("кімнің тарапында", "на чьей стороне", "whose side it is on");
const SIGNER: Text = Text::fixed("Қол қоюшы", "Подписант", "Signer");
const CERTIFICATE: Text = Text::fixed("Сертификат", "Сертификат", "Certificate");
const SUBJECT: Text = Text::fixed("субъект", "субъект", "subject");
const IIN: Text = Text::fixed("ЖСН", "ИИН", "IIN");
const BIN: Text = Text::fixed("БСН", "БИН", "BIN");
const ALGORITHM: Text = Text::fixed("алгоритм", "алгоритм", "algorithm");
const CLAIMED: Text = Text::fixed("мәлімделген уақыт", "заявленное время", "claims signing at");
const PROVED: Text = Text::fixed("уақыт белгісі бойынша", "по метке времени", "time stamp proves");
const ANCHOR: Text = Text::fixed("сенім зәкірі", "якорь доверия", "trust anchor");
const PATH: Text = Text::fixed("сертификаттар тізбегі", "цепочка сертификатов", "certification path");
const REVOCATION: Text = Text::fixed("кері қайтару", "отзыв", "revocation");
const SOURCE: Text = Text::fixed("дереккөз", "источник", "known from");
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

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The verdict, who signed and when, and what to do.
    Simple,
    /// Everything that the verdict rests on too.
    Detailed,
}

/// What a report was made by.
#[derive(Debug, Clone, Copy)]
pub struct Grounds<'a> {
    /// The demand on revocation information.
    pub revocation: RevocationMode,
    /// What was trusted.
    pub store: &'a TrustStore,
}

/// Shows the report on `what`.
///
/// # Errors
/// Only those of writing.
pub fn show(
    (what, name): (Subject, &str),
    report: &ValidationReport,
    form: Form,
    grounds: Grounds<'_>,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let verdict = paint_conclusion(report.conclusion, output);
    output.line(format_args!("{verdict}  {}", output.paint(Tone::Strong, name)))?;
    let words = words::of(report.conclusion, what, grounds);
    output.line(format_args!("  {}", output.paint(Tone::Plain, in_language(&words.explanation, output.language()))))?;
    output.gap()?;
    let mut facts = facts_of_remedy(report.conclusion, &words, output);
    let spelled = spelled(grounds.revocation);
    facts.extend([
        (JUDGED_AT, moment(Some(report.validation_time)).into()),
        (POLICY, format!("{} {}, {spelled}", report.policy.id, report.policy.version).into()),
    ]);
    if form == Form::Detailed {
        let content = report.content_digest.as_ref().map(|digest| format!("SHA-256 {digest}")).unwrap_or_default();
        facts.extend([
            (ANCHORS, Painted::from(grounds.store.entries().len().to_string())),
            (LISTS, grounds.store.crls().len().to_string().into()),
            (CONTENT, Painted::new(Tone::Quiet, content)),
        ]);
    }
    output.named_facts(facts)?;
    let several = report.signers.len() > 1;
    for (index, signer) in report.signers.iter().enumerate() {
        let title = match what {
            Subject::Signature => format!("{} {}/{}", output.say(&SIGNER), index + 1, report.signers.len()),
            Subject::Certificate => output.say(&CERTIFICATE).to_owned(),
        };
        let conclusion =
            if several { format!("  {}", paint_conclusion(signer.conclusion, output)) } else { String::new() };
        output.line(format_args!("\n{}{conclusion}", output.paint(Tone::Strong, &title)))?;
        match form {
            Form::Simple => {
                let mut facts = facts_of_identity(signer, output);
                if several {
                    let words = words::of(signer.conclusion, what, grounds);
                    facts.extend(facts_of_remedy(signer.conclusion, &words, output));
                }
                output.named_facts(facts)?;
            }
            Form::Detailed => detailed::show_signer(signer, grounds.store, output)?,
        }
    }
    if !report.warnings.is_empty() {
        output.gap()?;
        let warnings: Vec<_> =
            report.warnings.iter().map(|warning| (WARNINGS, Painted::new(Tone::Doubtful, warning.as_str()))).collect();
        output.named_facts(warnings)?;
    }
    Ok(())
}

/// What can be done, and by whom; nothing where all is well.
fn facts_of_remedy(conclusion: Conclusion, words: &Explanation, output: &Output<'_>) -> Vec<(Text, Painted)> {
    if conclusion.is_passed() {
        return Vec::new();
    }
    let side = match words.side {
        Side::Signer => Text::fixed("қол қоюшы", "подписант", "the signer"),
        Side::Authority => Text::fixed("куәландырушы орталық", "удостоверяющий центр", "the certification authority"),
        Side::Service => Text::fixed("осы қызмет", "этот сервис", "this service"),
    };
    vec![
        (REMEDY, Painted::from(in_language(&words.remedy, output.language()))),
        (SIDE, Painted::from(output.say(&side))),
    ]
}

/// Who signed, and when.
fn facts_of_identity(signer: &SignerReport, output: &Output<'_>) -> Vec<(Text, Painted)> {
    let numbered = |number: Option<&String>, holds: fn(&str) -> Result<(), IdentifierError>| match number {
        None => Painted::from(""),
        Some(number) if holds(number).is_ok() => Painted::new(Tone::Strong, number.as_str()),
        Some(number) => Painted::new(Tone::Doubtful, format!("{number}  ({})", output.say(&NOT_AN_IDENTIFIER))),
    };
    let subject = signer.certificate.as_ref().map(|certificate| certificate.subject.as_str());
    vec![
        (SUBJECT, Painted::from(subject.unwrap_or_default())),
        (IIN, numbered(signer.iin.as_ref(), iin_holds)),
        (BIN, numbered(signer.bin.as_ref(), bin_holds)),
        (CLAIMED, moment(signer.claimed_signing_time).into()),
        (PROVED, moment(signer.proved_time).into()),
    ]
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
