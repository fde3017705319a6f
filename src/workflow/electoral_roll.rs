//! Electoral rolls: made from the register as it stood at the cut-off, put in order, sealed and handed out piece by piece.
//!
//! Nothing of a roll is kept but its number and that it was handed out: the register gives the same roll again. Two rolls are made at a time, each of
//! at most so many electors as the law's row says, and its volumes are laid out one after the other, so that memory does not grow with
//! the register. That a roll is handed out is on record before its first octet is.

use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::Serialize;
use serde_json::json;
use tokio::sync::mpsc;
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;

use super::{Caller, Refusal, Workflow};
use crate::documents::{DocumentError, ElectoralVolume, VerificationLink};
use crate::pki::sha256;
use crate::registration::calendar::local_day;
use crate::registration::crisis::is_in_area;
use crate::registration::electoral::{Elector, ElectoralLaw, in_order};
use crate::registration::event::EventName;
use crate::registration::form::Card;
use crate::registration::mission::Mission;
use crate::registration::numbers::Series;
use crate::registration::value::{CountryCode, SubdivisionCode};
use crate::registration::{FieldViolation, Text, ViolationCode};
use crate::store::{ElectoralRollKey, NewEvent, NumberSeries, id_at};

/// Registrations read at one time.
const PAGE: u64 = 200;
/// Electors in one volume.
const VOLUME: usize = 500;
/// Octets of one piece of a file.
const PIECE: usize = 64 << 10;
/// Pieces that wait for a slow reader.
const BUFFER: usize = 4;

/// Which roll is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollRequest {
    /// Code of the mission.
    pub mission: String,
    /// The voting day.
    pub voting_day: NaiveDate,
    /// Who was registered then.
    pub cut_off: DateTime<Utc>,
    /// Only those who live in this country.
    pub country: Option<CountryCode>,
    /// Only those who live in these parts of it.
    pub subdivisions: Vec<SubdivisionCode>,
}

/// A roll as it is handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollView {
    /// What was asked for; the parts of the country in alphabetical order.
    pub request: RollRequest,
    /// Number of the roll.
    pub number: String,
    /// How many are on it.
    pub electors: usize,
    /// When it was first asked for.
    pub issue_time: DateTime<Utc>,
    /// The acts that it is made under.
    pub citations: Vec<Text>,
}

/// A file of a roll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollFile {
    /// Number of the document.
    pub number: String,
    /// Media type of the content.
    pub media_type: &'static str,
    /// Octets of the content.
    pub size: u64,
    /// SHA-256 of the content.
    pub sha256: [u8; 32],
    /// Place of the first elector in it, from 1; 0 when there is none.
    pub first: usize,
    /// How many electors are in it.
    pub electors: usize,
}

/// One part of what is handed out, in this order: the roll, then for each file its description, its content and its seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RollPart {
    /// The roll.
    Roll(Box<RollView>),
    /// A file begins.
    File(RollFile),
    /// The next octets of its content.
    Content(Vec<u8>),
    /// The next octets of its seal.
    Seal(Vec<u8>),
}

/// The whole list for machines.
#[derive(Serialize)]
struct List<'a> {
    number: &'a str,
    mission: &'a str,
    voting_day: NaiveDate,
    cut_off_time: DateTime<Utc>,
    country: Option<&'a str>,
    subdivisions: &'a [SubdivisionCode],
    issue_time: DateTime<Utc>,
    citations: &'a [Text],
    electors: &'a [Elector],
}

type Sender = mpsc::Sender<Result<RollPart, Refusal>>;

/// How many volumes a roll of so many electors has.
pub(super) fn volumes_of(electors: usize) -> usize {
    electors.div_ceil(VOLUME)
}

/// The reader went away: nobody is told.
struct Gone;

impl Workflow {
    /// Hands out an electoral roll.
    ///
    /// # Errors
    /// A mission that is not there or not the caller's, a cut-off that lies ahead; what goes wrong later comes as the last item.
    pub fn electoral_roll(
        self: &Arc<Self>,
        caller: &Caller,
        mut request: RollRequest,
    ) -> Result<impl Stream<Item = Result<RollPart, Refusal>> + Send + use<>, Refusal> {
        let mission = self.roll_mission(caller, &request)?;
        request.subdivisions.sort_unstable();
        request.subdivisions.dedup();
        let (sender, receiver) = mpsc::channel(BUFFER);
        let (workflow, caller) = (Arc::clone(self), caller.clone());
        tokio::spawn(async move {
            // Not begun for whoever has left while waiting for the roll before.
            let begun = tokio::select! {
                place = Arc::clone(&workflow.rolls).acquire_owned() => place,
                () = sender.closed() => return,
            };
            let handed_out = match begun {
                Ok(_place) => workflow.hand_out(&caller, &mission, request, &sender).await,
                Err(error) => Err(Refusal::Internal(error.to_string())),
            };
            if let Err(refusal) = handed_out {
                let _ = sender.send(Err(refusal)).await;
            }
        });
        Ok(ReceiverStream::new(receiver))
    }

    fn roll_mission(&self, caller: &Caller, request: &RollRequest) -> Result<Arc<Mission>, Refusal> {
        if caller.own_mission().is_some_and(|own| own != request.mission) {
            return Err(Refusal::OutOfJurisdiction);
        }
        let mut violations = Vec::new();
        let mut violation = |field: &str, code, text: &str| violations.push(FieldViolation::new(field, code, text));
        let missions = self.missions();
        let mission = missions.find(&request.mission);
        if mission.is_none() {
            violation("mission", ViolationCode::UnknownValue, "there is no mission of this code");
        }
        if request.cut_off > self.clock.now() {
            violation(
                "cut_off_time",
                ViolationCode::OutOfRange,
                "lies ahead: who will be registered then is not known",
            );
        }
        match &request.country {
            None if !request.subdivisions.is_empty() => {
                violation("subdivisions", ViolationCode::Inconsistent, "goes with country only");
            }
            Some(country) if request.subdivisions.iter().any(|part| part.get(..2) != Some(country.as_str())) => {
                violation("subdivisions", ViolationCode::Inconsistent, "has a part of another country");
            }
            _ => {}
        }
        match mission {
            Some(mission) if violations.is_empty() => Ok(Arc::clone(mission)),
            _ => Err(Refusal::Fields(violations)),
        }
    }

    async fn hand_out(
        &self,
        caller: &Caller,
        mission: &Mission,
        request: RollRequest,
        sender: &Sender,
    ) -> Result<(), Refusal> {
        let electors = self.electors(&request).await?;
        let roll = self.numbered(caller, mission, request, electors.len()).await?;
        let list = serde_json::to_vec(&List::of(&roll, &electors)).map_err(internal)?;
        let told = async {
            tell(sender, RollPart::Roll(Box::new(roll.clone()))).await?;
            let whole = RollFile {
                number: roll.number.clone(),
                media_type: "application/json",
                size: list.len() as u64,
                sha256: sha256(&list),
                first: usize::from(!electors.is_empty()),
                electors: electors.len(),
            };
            let list_sha256 = hex::encode(whole.sha256);
            let seal = self.sealed(list.clone(), roll.issue_time).await?;
            tell_file(sender, whole, &list, &seal).await?;
            let volumes = volumes_of(electors.len());
            for (place, part) in electors.chunks(VOLUME).enumerate() {
                let first = place * VOLUME + 1;
                let volume = self.volume(mission, &roll, (place + 1, volumes), (first, part), &list_sha256)?;
                let (number, electors) = (volume.number.clone(), part.len());
                let pdf = self.laid_out(volume).await?;
                let seal = self.sealed(pdf.clone(), roll.issue_time).await?;
                let (size, sha256) = (pdf.len() as u64, sha256(&pdf));
                let file = RollFile { number, media_type: "application/pdf", size, sha256, first, electors };
                tell_file(sender, file, &pdf, &seal).await?;
            }
            Ok::<(), Told>(())
        };
        match told.await {
            Ok(()) | Err(Told::Gone) => Ok(()),
            Err(Told::Refused(refusal)) => Err(refusal),
        }
    }

    /// Those who may vote, in the order of the roll.
    async fn electors(&self, request: &RollRequest) -> Result<Vec<Elector>, Refusal> {
        let law = ElectoralLaw::on(request.voting_day);
        let parts: Vec<String> = request.subdivisions.iter().map(ToString::to_string).collect();
        let is_asked_for =
            |card: &Card| request.country.as_ref().is_none_or(|country| is_in_area(&card.stay, country, &parts));
        let mut electors = Vec::new();
        let mut after = None;
        loop {
            let page = self.store.registrations_standing(&request.mission, request.cut_off, after, PAGE).await?;
            let found = self.electors_among(&page, request.cut_off, request.voting_day, is_asked_for).await?;
            electors.extend(found.into_iter().map(|(_, elector)| elector));
            if electors.len() > law.most_electors {
                return Err(Refusal::RollTooLarge { most: law.most_electors });
            }
            after = page.last().map(|last| last.id);
            if u64::try_from(page.len()).is_ok_and(|count| count < PAGE) {
                break;
            }
        }
        in_order(&mut electors);
        Ok(electors)
    }

    /// Gives the roll its number, or finds it, and records that the caller has it.
    async fn numbered(
        &self,
        caller: &Caller,
        mission: &Mission,
        request: RollRequest,
        electors: usize,
    ) -> Result<RollView, Refusal> {
        let now = self.clock.now();
        let area = match &request.country {
            None => String::new(),
            Some(country) => json!([country, request.subdivisions]).to_string(),
        };
        let key = ElectoralRollKey {
            mission: request.mission.clone(),
            voting_day: request.voting_day,
            cut_off: request.cut_off,
            area,
        };
        let year = local_day(now, mission.time_zone).year();
        let series = NumberSeries { series: Series::ElectoralRoll.prefix(&mission.code), year };
        let mut tx = self.store.begin().await?;
        let reserved = tx.reserve_electoral_roll(id_at(now), &key, &series, now).await?;
        tx.append_event(&NewEvent {
            subject_type: "ELECTORAL_ROLL",
            subject: reserved.id,
            kind: EventName::ElectoralRollExported.as_str().to_owned(),
            actor: caller.id.clone(),
            time: now,
            references: json!({ "number": reserved.number, "mission": request.mission, "electors": electors }),
        });
        tx.commit().await?;
        let citations = ElectoralLaw::on(request.voting_day).citations.iter().map(|citation| citation.text()).collect();
        Ok(RollView { request, number: reserved.number, electors, issue_time: reserved.issued_at, citations })
    }

    fn volume(
        &self,
        mission: &Mission,
        roll: &RollView,
        (place, volumes): (usize, usize),
        (first, electors): (usize, &[Elector]),
        list_sha256: &str,
    ) -> Result<ElectoralVolume, Refusal> {
        let number = format!("{}/{place}", roll.number);
        let token = self.verification_token(&number);
        let local = |time: DateTime<Utc>| time.with_timezone(&mission.time_zone).fixed_offset();
        Ok(ElectoralVolume {
            verification: VerificationLink::new(&self.verification_url, &number, &token).map_err(internal)?,
            number,
            roll: roll.number.clone(),
            place,
            volumes,
            issued_at: local(roll.issue_time),
            voting_day: roll.request.voting_day,
            cut_off: local(roll.request.cut_off),
            mission: mission.name.clone(),
            country: roll.request.country.as_ref().map(ToString::to_string),
            subdivisions: roll.request.subdivisions.iter().map(ToString::to_string).collect(),
            total: roll.electors,
            first,
            electors: electors.to_vec(),
            citations: roll.citations.clone(),
            list_sha256: list_sha256.to_owned(),
            sandbox: self.sandbox.is_some(),
        })
    }

    /// Lays a volume out, off the threads that serve calls.
    async fn laid_out(&self, volume: ElectoralVolume) -> Result<Vec<u8>, Refusal> {
        let renderer = Arc::clone(&self.renderer);
        aside(move || renderer.render_electoral_volume(&volume)).await
    }

    async fn sealed(&self, content: Vec<u8>, time: DateTime<Utc>) -> Result<Vec<u8>, Refusal> {
        let seal = Arc::clone(&self.seal);
        aside(move || seal.seal(&content, time)).await
    }
}

impl<'a> List<'a> {
    fn of(roll: &'a RollView, electors: &'a [Elector]) -> Self {
        Self {
            number: &roll.number,
            mission: &roll.request.mission,
            voting_day: roll.request.voting_day,
            cut_off_time: roll.request.cut_off,
            country: roll.request.country.as_deref(),
            subdivisions: &roll.request.subdivisions,
            issue_time: roll.issue_time,
            citations: &roll.citations,
            electors,
        }
    }
}

/// Why no more is told.
enum Told {
    /// Nobody listens.
    Gone,
    /// It cannot be made.
    Refused(Refusal),
}

impl From<Gone> for Told {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

impl From<Refusal> for Told {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

async fn tell(sender: &Sender, part: RollPart) -> Result<(), Gone> {
    sender.send(Ok(part)).await.map_err(|_| Gone)
}

async fn tell_file(sender: &Sender, file: RollFile, content: &[u8], seal: &[u8]) -> Result<(), Gone> {
    tell(sender, RollPart::File(file)).await?;
    for piece in content.chunks(PIECE) {
        tell(sender, RollPart::Content(piece.to_vec())).await?;
    }
    for piece in seal.chunks(PIECE) {
        tell(sender, RollPart::Seal(piece.to_vec())).await?;
    }
    Ok(())
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
