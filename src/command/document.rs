//! `consular document get | verify`: saves electronic documents with their seals, and verifies what somebody has at hand.

mod verify;

use std::path::{Path, PathBuf};

use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::application::name_of;
use super::connection::Connection;
use super::failure::{CommandError, Exit, write};
use super::output::{Format, Output, Painted, Tone};
use super::resource::{self, moment};
use crate::grpc::client::{Client, answer, instant, next};
use crate::grpc::proto::download_document_response::Part;
use crate::grpc::proto::{Document, DocumentKind, DownloadDocumentRequest, ListDocumentsRequest};
use crate::registration::numbers::{PrintedNumber, Series};

/// Arguments of `document`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Save a document, or all documents of an application, each as PDF with its seal
    Get(Get),
    /// Say whether a document at hand was issued by the service, and still holds
    Verify(verify::Arguments),
}

#[derive(Debug, clap::Args)]
struct Get {
    /// documents/UUID, or the application: applications/UUID, the UUID or the number
    name: String,
    /// Folder to save into; made when absent
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// Root certificate of the seal's authority, for the command printed
    #[arg(long, value_name = "FILE")]
    root: Option<PathBuf>,
}

/// A document on the disk.
pub struct Saved {
    /// Its description.
    pub document: Document,
    /// The PDF's file.
    pub pdf: PathBuf,
    /// The seal's file.
    pub seal: PathBuf,
}

/// Runs the subcommand.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Exit, CommandError> {
    let get = match &arguments.command {
        Command::Get(get) => get,
        Command::Verify(verified) => return verify::run(verified, &arguments.connection, output),
    };
    std::fs::create_dir_all(&get.out).map_err(|cause| CommandError::Unwritable { path: get.out.clone(), cause })?;
    let saved = arguments.connection.with_client(async |client| fetch(&client, &get.name, &get.out).await)?;
    if saved.is_empty() {
        let name = &get.name;
        return Err(CommandError::Failed(format!(
            "{name} has no documents yet; `consular application get {name}` says what it waits for, `consular application watch {name}` waits with it"
        )));
    }
    if output.format() == Format::Json {
        output.json(&Value::Array(saved.iter().map(|saved| to_json(saved, get.root.as_deref())).collect()))?;
    } else {
        for document in &saved {
            show(document, get.root.as_deref(), output)?;
        }
        if saved.iter().all(|saved| saved.document.kind() == DocumentKind::Receipt) {
            let name = &get.name;
            output.note(&format!(
                "Only the receipt so far: other documents follow what is decided. Wait for it: consular application watch {name}"
            ))?;
        }
    }
    Ok(Exit::Done)
}

/// Saves one document, or all documents of an application, into `folder`.
///
/// # Errors
/// The service refused, or a file cannot be written.
pub async fn fetch(client: &Client, name: &str, folder: &Path) -> Result<Vec<Saved>, CommandError> {
    if name.parse::<PrintedNumber>().is_ok_and(|printed| printed.number.series != Series::Application) {
        return Err(CommandError::Usage(format!(
            "{name} is not an application's number; name the application or documents/UUID, or look the number up: \
             consular document verify {name}"
        )));
    }
    let names = if name.starts_with("documents/") {
        vec![name.to_owned()]
    } else {
        listed(client, name).await?.into_iter().map(|document| document.name).collect()
    };
    let mut saved = Vec::with_capacity(names.len());
    for name in names {
        saved.push(download(client, name, folder).await?);
    }
    Ok(saved)
}

/// The documents of an application.
///
/// # Errors
/// What the service answered instead.
pub async fn listed(client: &Client, name: &str) -> Result<Vec<Document>, CommandError> {
    let parent = name_of(client, name).await?;
    let mut documents = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListDocumentsRequest { parent: parent.clone(), page_size: 200, page_token };
        let response = answer(client.documents().list_documents(request)).await?;
        documents.extend(response.documents);
        page_token = response.next_page_token;
        if page_token.is_empty() {
            return Ok(documents);
        }
    }
}

async fn download(client: &Client, name: String, folder: &Path) -> Result<Saved, CommandError> {
    let mut stream =
        answer(client.documents().download_document(DownloadDocumentRequest { name: name.clone() })).await?;
    let (mut document, mut pdf, mut seal) = (None, Vec::new(), Vec::new());
    while let Some(response) = next(&mut stream).await? {
        match response.part {
            Some(Part::Document(description)) => document = Some(description),
            Some(Part::PdfChunk(chunk)) => pdf.extend(chunk),
            Some(Part::SealChunk(chunk)) => seal.extend(chunk),
            None => {}
        }
    }
    let document = document.ok_or_else(|| CommandError::Failed(format!("{name}: the service sent no description")))?;
    if hex::encode(digest(&SHA256, &pdf)) != document.sha256 {
        return Err(CommandError::Failed(format!("{name}: the PDF received is not the one described; try again")));
    }
    let stem = file_stem(&document);
    let saved = Saved { document, pdf: folder.join(format!("{stem}.pdf")), seal: folder.join(format!("{stem}.p7s")) };
    write(&saved.pdf, &pdf)?;
    write(&saved.seal, &seal)?;
    Ok(saved)
}

/// The document's number as a file name: what the service sends never leaves the folder.
fn file_stem(document: &Document) -> String {
    let source = if document.number.is_empty() { &document.name } else { &document.number };
    let stem: String = source
        .chars()
        .map(|each| if each.is_alphanumeric() || each == '-' || each == '_' { each } else { '-' })
        .collect();
    stem.trim_matches('-').to_owned()
}

/// The command by which anybody verifies a saved seal.
pub fn openssl_command(saved: &Saved, root: Option<&Path>) -> String {
    let root = root.map_or_else(|| "ROOT.crt".to_owned(), quoted);
    format!(
        "openssl cms -verify -binary -inform DER -in {} -content {} -CAfile {root} -purpose any -out /dev/null",
        quoted(&saved.seal),
        quoted(&saved.pdf)
    )
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    if text.chars().all(|each| each.is_alphanumeric() || "-_./".contains(each)) {
        text
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

fn to_json(saved: &Saved, root: Option<&Path>) -> Value {
    let mut value = resource::document_json(&saved.document);
    value["pdf"] = json!(saved.pdf);
    value["seal"] = json!(saved.seal);
    value["verify_command"] = json!(openssl_command(saved, root));
    value
}

fn show(saved: &Saved, root: Option<&Path>, output: &mut Output<'_>) -> Result<(), CommandError> {
    let document = &saved.document;
    output.line(format_args!("{} {}", output.paint(Tone::Good, "✔"), output.paint(Tone::Strong, &document.number)))?;
    output.facts([
        ("document", Painted::from(resource::document_kind(document))),
        ("name", document.name.as_str().into()),
        ("issued", moment(instant(document.issue_time.as_ref())).into()),
        ("PDF", format!("{} ({} octets)", saved.pdf.display(), document.size_bytes).into()),
        ("seal", saved.seal.display().to_string().into()),
        ("SHA-256", document.sha256.as_str().into()),
    ])?;
    output.note("Verify the seal with OpenSSL:")?;
    output.line(format_args!("   {}", openssl_command(saved, root)))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_cannot_leave_the_folder() {
        let document = Document { number: "../../etc/KZ-DE-BER/2026/01".to_owned(), ..Document::default() };
        assert_eq!(file_stem(&document), "etc-KZ-DE-BER-2026-01");
    }

    #[test]
    fn odd_paths_are_quoted_for_the_shell() {
        assert_eq!(quoted(Path::new("a/b.pdf")), "a/b.pdf");
        assert_eq!(quoted(Path::new("a b's.pdf")), "'a b'\\''s.pdf'");
    }
}
