//! Lists on sealed sheets: numbered, laid out and handed out piece by piece, whatever is on them.
//!
//! Nothing of a list is kept but its number and that it was handed out. Two lists are made at a time, each of a bounded size, and its
//! volumes are laid out one after the other, so that memory does not grow with the register. That a list is handed out is on record before
//! its first octet is.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Datelike, FixedOffset, Utc};
use serde::Serialize;
use serde_json::json;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::{Caller, Refusal, Workflow};
use crate::documents::{Cell, DocumentError, ListHeader, ListVolume, VerificationLink};
use crate::pki::sha256;
use crate::registration::calendar::local_day;
use crate::registration::event::EventName;
use crate::registration::list::ListKind;
use crate::registration::mission::Mission;
use crate::registration::numbers::Series;
use crate::registration::{FieldViolation, ViolationCode};
use crate::store::{ListKey, ListRecord, NewEvent, NumberSeries, id_at};

/// Rows of one volume.
const VOLUME: usize = 500;
/// The most entries of a list that no law limits.
pub(super) const MOST_ENTRIES: usize = 50_000;
/// Octets of one piece of a file.
const PIECE: usize = 64 << 10;
/// Pieces that wait for a slow reader.
const BUFFER: usize = 4;
/// How long a reader may take for one piece: others wait for their lists.
const PATIENCE: Duration = Duration::from_secs(30);

/// A file of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListFile {
    /// Number of the document.
    pub number: String,
    /// Media type of the content.
    pub media_type: &'static str,
    /// Octets of the content.
    pub size: u64,
    /// SHA-256 of the content.
    pub sha256: [u8; 32],
    /// Place of the first entry in it, from 1; 0 when there is none.
    pub first: usize,
    /// How many entries are in it.
    pub entries: usize,
}

/// One part of what is handed out, in this order: the list, then for each file its description, its content and its seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListPart<L> {
    /// What list it is.
    List(Box<L>),
    /// A file begins.
    File(ListFile),
    /// The next octets of its content.
    Content(Vec<u8>),
    /// The next octets of its seal.
    Seal(Vec<u8>),
}

/// Where the parts go.
pub(super) struct Reader<L>(mpsc::Sender<Result<ListPart<L>, Refusal>>);

/// Why no more is told.
pub(super) enum Told {
    /// Nobody listens any more: nobody is told.
    Gone,
    /// It cannot be made.
    Refused(Refusal),
}

impl<E: Into<Refusal>> From<E> for Told {
    fn from(error: E) -> Self {
        Self::Refused(error.into())
    }
}

/// A list that is about to be numbered.
pub(super) struct Asked<'a, E> {
    pub kind: ListKind,
    pub mission: &'a Mission,
    /// What else was asked for, in a spelling of its own.
    pub matter: String,
    /// Who or what is on it. The same matter with the same entries has the same number: no number stands for two contents.
    pub entries: &'a [E],
}

/// How many volumes a list of so many entries has.
pub(super) fn volumes_of(entries: usize) -> usize {
    entries.div_ceil(VOLUME)
}

impl Workflow {
    /// Has `make` hand a list out, once it is its turn.
    pub(super) fn in_turn<L, M, F>(self: &Arc<Self>, make: M) -> ReceiverStream<Result<ListPart<L>, Refusal>>
    where
        L: Send + 'static,
        M: FnOnce(Arc<Self>, Reader<L>) -> F + Send + 'static,
        F: Future<Output = Result<(), Told>> + Send,
    {
        let (sender, receiver) = mpsc::channel(BUFFER);
        let workflow = Arc::clone(self);
        tokio::spawn(async move {
            // Not begun for whoever has left while waiting for the list before.
            let begun = tokio::select! {
                place = Arc::clone(&workflow.lists).acquire_owned() => place,
                () = sender.closed() => return,
            };
            let ended = match begun {
                Ok(_place) => make(workflow, Reader(sender.clone())).await,
                Err(error) => Err(Told::Refused(internal(error))),
            };
            if let Err(Told::Refused(refusal)) = ended {
                let _ = sender.send(Err(refusal)).await;
            }
        });
        ReceiverStream::new(receiver)
    }

    /// The mission whose list a caller asks for; what is wrong with the code is noted.
    pub(super) fn mission_of_list(
        &self,
        caller: &Caller,
        code: &str,
        violations: &mut Vec<FieldViolation>,
    ) -> Result<Option<Arc<Mission>>, Refusal> {
        if caller.own_mission().is_some_and(|own| own != code) {
            return Err(Refusal::OutOfJurisdiction);
        }
        // Of a mission that is no more there are registers and lists as well.
        let mission = self.missions().known(code).map(Arc::clone);
        if mission.is_none() {
            let description = "there is no mission of this code";
            violations.push(FieldViolation::new("mission", ViolationCode::UnknownValue, description));
        }
        Ok(mission)
    }

    /// Gives a list its number, or finds it, and records that the caller has it.
    pub(super) async fn numbered<E: Serialize>(
        &self,
        caller: &Caller,
        asked: Asked<'_, E>,
    ) -> Result<ListRecord, Refusal> {
        let now = self.clock.now();
        let Asked { kind, mission, matter, entries } = asked;
        let matter = format!("{matter} {}", hex::encode(sha256(&machine_readable(&entries)?)));
        let entries = entries.len();
        let key = ListKey { kind: kind.as_str(), mission: mission.code.to_string(), matter };
        let year = local_day(now, mission.time_zone).year();
        let series = NumberSeries { series: Series::List(kind).prefix(&mission.code), year };
        let mut tx = self.store.begin().await?;
        let count = i64::try_from(entries).map_err(internal)?;
        let reserved = tx.reserve_list(id_at(now), &key, &series, count, now).await?;
        let name = match kind {
            ListKind::ElectoralRoll => EventName::ElectoralRollExported,
            ListKind::CrisisRoll => EventName::CrisisRollExported,
            ListKind::RegisterJournal => EventName::RegisterJournalExported,
        };
        tx.append_event(&NewEvent {
            subject_type: kind.as_str(),
            subject: reserved.id,
            kind: name.as_str().to_owned(),
            actor: caller.id.clone(),
            time: now,
            references: json!({ "number": reserved.number, "mission": key.mission, "entries": entries }),
        });
        tx.commit().await?;
        Ok(reserved)
    }

    /// Hands a numbered list out: the whole of it for machines, then its volumes on paper, `row` by row.
    pub(super) async fn hand_out<L, E>(
        &self,
        list: L,
        sheets: Sheets<'_, E, impl Fn(&E) -> Vec<Cell>>,
        reader: &Reader<L>,
    ) -> Result<(), Told> {
        let Sheets { mut header, machine, entries, row } = sheets;
        reader.tell(ListPart::List(Box::new(list))).await?;
        let digest = sha256(&machine);
        header.list_sha256 = hex::encode(digest);
        let issued = header.issued_at.to_utc();
        let whole = ListFile {
            number: header.number.clone(),
            media_type: "application/json",
            size: machine.len() as u64,
            sha256: digest,
            first: usize::from(!entries.is_empty()),
            entries: entries.len(),
        };
        let seal = self.sealed(machine.clone(), issued).await?;
        reader.tell_file(whole, &machine, &seal).await?;
        let (header, volumes) = (Arc::new(header), volumes_of(entries.len()));
        for (place, part) in entries.chunks(VOLUME).enumerate() {
            let first = place * VOLUME + 1;
            let number = format!("{}/{}", header.number, place + 1);
            let token = self.verification_token(&number);
            let volume = ListVolume {
                header: Arc::clone(&header),
                verification: VerificationLink::new(&self.verification_url, &number, &token).map_err(internal)?,
                number: number.clone(),
                place: place + 1,
                volumes,
                first,
                rows: part.iter().map(&row).collect(),
            };
            let renderer = Arc::clone(&self.renderer);
            let pdf = aside(move || renderer.render_list_volume(&volume)).await?;
            let seal = self.sealed(pdf.clone(), issued).await?;
            let (size, sha256) = (pdf.len() as u64, sha256(&pdf));
            let file = ListFile { number, media_type: "application/pdf", size, sha256, first, entries: part.len() };
            reader.tell_file(file, &pdf, &seal).await?;
        }
        Ok(())
    }

    async fn sealed(&self, content: Vec<u8>, time: DateTime<Utc>) -> Result<Vec<u8>, Refusal> {
        let seal = Arc::clone(&self.seal);
        aside(move || seal.seal(&content, time)).await
    }
}

/// What is handed out.
pub(super) struct Sheets<'a, E, R> {
    /// What every volume says; the digest of the list is filled in.
    pub header: ListHeader,
    /// The whole list for machines.
    pub machine: Vec<u8>,
    /// Who or what is on it.
    pub entries: &'a [E],
    /// An entry on paper.
    pub row: R,
}

impl<L> Reader<L> {
    async fn tell(&self, part: ListPart<L>) -> Result<(), Told> {
        let slow = Refusal::Unavailable { what: "a reader that takes what it asked for", retry_after: Duration::ZERO };
        match tokio::time::timeout(PATIENCE, self.0.send(Ok(part))).await {
            Ok(sent) => sent.map_err(|_| Told::Gone),
            Err(_) => Err(Told::Refused(slow)),
        }
    }

    async fn tell_file(&self, file: ListFile, content: &[u8], seal: &[u8]) -> Result<(), Told> {
        self.tell(ListPart::File(file)).await?;
        for piece in content.chunks(PIECE) {
            self.tell(ListPart::Content(piece.to_vec())).await?;
        }
        for piece in seal.chunks(PIECE) {
            self.tell(ListPart::Seal(piece.to_vec())).await?;
        }
        Ok(())
    }
}

/// The list for machines.
pub(super) fn machine_readable(list: &impl Serialize) -> Result<Vec<u8>, Refusal> {
    serde_json::to_vec(list).map_err(internal)
}

/// A time as the mission's clock shows it.
pub(super) fn at(time: DateTime<Utc>, mission: &Mission) -> DateTime<FixedOffset> {
    time.with_timezone(&mission.time_zone).fixed_offset()
}

/// Runs work for a processor on a thread of its own.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, DocumentError> + Send + 'static,
) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work).await.map_err(internal)?.map_err(internal)
}

fn internal(error: impl std::fmt::Display) -> Refusal {
    Refusal::Internal(error.to_string())
}
