//! `consular document verify`: whether a document at hand was issued by the service, and still holds.

use std::path::Path;

use ring::digest::{SHA256, digest};
use serde_json::json;

use crate::command::connection::Connection;
use crate::command::failure::{CommandError, Exit, read};
use crate::command::output::{Format, Output, Painted, Tone};
use crate::command::resource::{localized, moment, rfc3339, short};
use crate::grpc::client::{answer, instant};
use crate::grpc::proto::verify_document_request::Document;
use crate::grpc::proto::{DocumentContent, DocumentStatus, VerifiedDocument, VerifyDocumentRequest};
use crate::registration::Text;
use crate::registration::list::ListKind;
use crate::registration::numbers::{PrintedNumber, Series};

const DOCUMENT: Text = Text::fixed("құжат", "документ", "document");
const STATUS: Text = Text::fixed("мәртебесі", "статус", "status");
const CONTENT: Text = Text::fixed("мазмұны", "содержимое", "content");
const NAME: Text = Text::fixed("аты-жөні", "имя", "name");
const MISSION: Text = Text::fixed("мекеме", "загранучреждение", "mission");
const ISSUED: Text = Text::fixed("берілді", "выдан", "issued");
const REGISTERED: Text = Text::fixed("тіркелген күні", "дата регистрации", "registered on");
const VALID_UNTIL: Text = Text::fixed("жарамдылық мерзімі", "действителен до", "valid until");
const NOT_COMPARED: Text = Text::fixed(
    "Тек нөмірі бойынша қаралды: мазмұнын салыстыру үшін PDF файлын атаңыз.",
    "Проверен только номер: укажите файл PDF, чтобы сравнить содержимое.",
    "Only the number was looked up: name the PDF file to have its content compared.",
);
const DIFFERS: Text = Text::fixed(
    "Бұл файл осы нөмірмен берілген құжат емес.",
    "Этот файл — не тот документ, что выдан под этим номером.",
    "This file is not the document that was issued under this number.",
);
const NOT_KEPT: Text = Text::fixed(
    "Қызмет тізімнің салыстыратын көшірмесін сақтамайды: файлдың түпнұсқалығын оның мөрі көрсетеді.",
    "Сервис не хранит копию списка для сравнения: подлинность файла подтверждает его печать.",
    "The service keeps no copy of a list to compare with: whether this file is genuine its seal tells.",
);

/// Arguments of `document verify`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The number on the document, the address in its QR code, or the PDF file
    #[arg(value_name = "NUMBER|FILE")]
    document: String,
    /// The number, for a PDF that does not tell it
    #[arg(long, value_name = "NUMBER")]
    number: Option<String>,
}

/// Asks the service, and shows what anybody may know. Exit 0 only for a document that holds and is the one that was issued.
pub fn run(arguments: &Arguments, connection: &Connection, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    let request = request(arguments)?;
    let has_file = !request.sha256.is_empty();
    let found =
        connection.with_client(async |client| Ok(answer(client.documents().verify_document(request)).await?))?;
    let document = found.document.unwrap_or_default();
    show(&document, output)?;
    let is_genuine = match document.content() {
        DocumentContent::Same => true,
        DocumentContent::NotCompared => {
            output.note(output.say(&NOT_COMPARED))?;
            !has_file
        }
        DocumentContent::Differs => {
            output.note(output.say(&DIFFERS))?;
            false
        }
        DocumentContent::NotKept if has_file => {
            output.note(output.say(&NOT_KEPT))?;
            false
        }
        _ => false,
    };
    Ok(if is_genuine && document.status() == DocumentStatus::Valid { Exit::Done } else { Exit::Refused })
}

fn request(arguments: &Arguments) -> Result<VerifyDocumentRequest, CommandError> {
    let text = &arguments.document;
    if text.starts_with("http://") || text.starts_with("https://") {
        let document = Some(Document::Address(text.clone()));
        return Ok(VerifyDocumentRequest { document, sha256: String::new() });
    }
    let path = Path::new(text);
    if text.parse::<PrintedNumber>().is_ok() && !path.exists() {
        let document = Some(Document::Number(text.clone()));
        return Ok(VerifyDocumentRequest { document, sha256: String::new() });
    }
    if !path.exists() {
        return Err(CommandError::Usage(format!(
            "{text} is neither a file nor a number, such as KZ-DE-BER/D/2026/000001"
        )));
    }
    let pdf = read(path)?;
    let number = arguments.number.clone().or_else(|| number_in(&pdf)).ok_or_else(|| {
        CommandError::Usage(format!("{text} does not tell its number: read it off the document and add --number"))
    })?;
    let sha256 = hex::encode(digest(&SHA256, &pdf));
    Ok(VerifyDocumentRequest { document: Some(Document::Number(number)), sha256 })
}

/// The number that a PDF tells of itself in its metadata; that of a receipt is an application's.
fn number_in(pdf: &[u8]) -> Option<String> {
    let is_part = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'/');
    let numbers = pdf.windows(3).enumerate().filter(|(_, begin)| *begin == b"KZ-").filter_map(|(at, _)| {
        let text: Vec<u8> = pdf[at..].iter().copied().take(64).take_while(|octet| is_part(octet)).collect();
        let text = String::from_utf8(text).ok()?;
        let series = text.parse::<PrintedNumber>().ok()?.number.series;
        Some((series, text))
    });
    let numbers: Vec<(Series, String)> = numbers.collect();
    let of = |series| numbers.iter().find(|(of, _)| *of == series).map(|(_, number)| number.clone());
    let listed = || ListKind::ALL.into_iter().find_map(|kind| of(Series::List(kind)));
    of(Series::Document).or_else(listed).or_else(|| of(Series::Application))
}

fn show(document: &VerifiedDocument, output: &mut Output<'_>) -> Result<(), CommandError> {
    let status = short(document.status().as_str_name(), "DOCUMENT_STATUS_");
    let content = short(document.content().as_str_name(), "DOCUMENT_CONTENT_");
    let issued = instant(document.issue_time.as_ref());
    if output.format() == Format::Json {
        let text = |text: Option<&crate::grpc::proto::LocalizedText>| {
            text.map(|text| json!({ "kk": text.kk, "ru": text.ru, "en": text.en }))
        };
        output.json(&json!({
            "number": document.number,
            "kind": short(document.kind().as_str_name(), "DOCUMENT_KIND_"),
            "title": text(document.title.as_ref()),
            "status": status,
            "content": content,
            "masked_name": document.masked_name,
            "mission": document.mission,
            "mission_name": text(document.mission_name.as_ref()),
            "issue_time": rfc3339(issued),
            "registered_on": document.registered_on,
            "valid_until": document.valid_until,
        }))?;
        return Ok(());
    }
    let language = output.language();
    let status_tone = if document.status() == DocumentStatus::Valid { Tone::Good } else { Tone::Bad };
    let content_tone = match document.content() {
        DocumentContent::Same => Tone::Good,
        DocumentContent::Differs => Tone::Bad,
        _ => Tone::Quiet,
    };
    output.line(output.paint(Tone::Strong, &document.number))?;
    output.named_facts([
        (DOCUMENT, Painted::from(localized(document.title.as_ref(), language))),
        (STATUS, Painted::new(status_tone, status)),
        (CONTENT, Painted::new(content_tone, content)),
        (NAME, document.masked_name.as_str().into()),
        (MISSION, localized(document.mission_name.as_ref(), language).into()),
        (ISSUED, moment(issued).into()),
        (REGISTERED, document.registered_on.as_str().into()),
        (VALID_UNTIL, document.valid_until.as_str().into()),
    ])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_tells_the_number_of_the_document_before_that_of_an_application() {
        let told = b"<dc>KZ-DE-BER/R/2026/000001 KZ-DE-BER/2026/000007 x KZ-DE-BER/D/2026/000042</dc>";
        assert_eq!(number_in(told).as_deref(), Some("KZ-DE-BER/D/2026/000042"));
        assert_eq!(number_in(b"KZ-DE-BER/2026/000007<").as_deref(), Some("KZ-DE-BER/2026/000007"));
        assert_eq!(number_in(b"(KZ-DE-BER/E/2026/000001/2)").as_deref(), Some("KZ-DE-BER/E/2026/000001/2"));
        assert_eq!(number_in(b"%PDF KZ-DE-BER/D/2026/42"), None);
    }
}
