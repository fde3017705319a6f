//! The missions in force: one immutable list, swapped whole. A list is imported as a revision; what began at a mission of a former list is
//! ended there, so that a mission that is still needed cannot vanish.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};
use tokio::sync::watch;

use super::decide::corrupt;
use super::{OfficerTable, Refusal, Workflow};
use crate::registration::mission::{Mission, MissionError, Missions};
use crate::registration::{ApplicationState, MissionCode, RegistrationState};
use crate::store::{MissionListRecord, OpenAtMission, Store, StoreError};

/// How often the database is asked for a newer list.
const LOOK_INTERVAL: Duration = Duration::from_secs(2);

/// The missions in force; replaced as a whole.
pub type SharedMissions = Arc<ArcSwap<Missions>>;

/// A mission that a list would make vanish although it is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeededMission {
    /// The mission.
    pub code: MissionCode,
    /// What is open there.
    pub open: OpenAtMission,
    /// How many of its officers the table of officers names.
    pub officers: usize,
}

/// Why a list of missions was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum MissionRefusal {
    /// The list contradicts itself, or is none: everything that is wrong with it.
    #[error("{}", joined(.0))]
    Unusable(Vec<MissionError>),
    /// Missions would vanish at which something is open or officers work.
    #[error("{}", needs(.0))]
    StillNeeded(Vec<NeededMission>),
    /// The database cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A list in the database cannot be read.
    #[error("{0}")]
    Internal(String),
}

/// What an import came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissionImport {
    /// The revision in force afterwards.
    pub revision: u64,
    /// Whether it is a new one; the very list that is in force already makes none.
    pub is_new: bool,
    /// Missions of the list before that are not in this one.
    pub gone: Vec<MissionCode>,
    /// Missions that the list before did not have.
    pub added: Vec<MissionCode>,
}

/// The missions in force by the database; the first start takes in the sample set shipped with the program.
///
/// # Errors
/// When the database cannot be used or holds what is no list.
pub async fn seed_missions(store: &Store, now: DateTime<Utc>) -> Result<Missions, MissionRefusal> {
    if store.mission_revision().await? == 0 {
        let sample = MissionListRecord {
            revision: 1,
            content: Missions::sample_toml().to_owned(),
            is_sample: true,
            note: "the sample set shipped with the program".to_owned(),
            imported_at: now,
        };
        let mut tx = store.begin().await?;
        match tx.append_mission_list(&sample).await {
            Ok(()) => tx.commit().await?,
            // Another process was first.
            Err(StoreError::VersionConflict) => drop(tx),
            Err(error) => return Err(error.into()),
        }
    }
    missions_in_force(store).await
}

/// The missions in force by the database.
///
/// # Errors
/// When the database cannot be read or holds what is no list.
pub async fn missions_in_force(store: &Store) -> Result<Missions, MissionRefusal> {
    let mut lists = Vec::new();
    for record in store.mission_lists().await? {
        let list = Missions::parse(&record.content).map_err(|_| unreadable(record.revision))?;
        lists.push((u64::try_from(record.revision).unwrap_or(0), list));
    }
    let (revision, latest) = lists.pop().ok_or_else(|| unreadable(0))?;
    Ok(latest.in_force(revision, lists.into_iter().map(|(_, list)| list)))
}

/// Takes in a list of missions as the next revision.
///
/// # Errors
/// See [`MissionRefusal`]; nothing is changed then.
pub async fn import_missions(
    store: &Store,
    officers: &OfficerTable,
    toml: &str,
    note: &str,
    now: DateTime<Utc>,
) -> Result<MissionImport, MissionRefusal> {
    let list = Missions::parse(toml).map_err(MissionRefusal::Unusable)?;
    let present = seed_missions(store, now).await?;
    let codes = |from: &Missions, missing_in: &Missions| {
        let missing = from.iter().filter(|mission| missing_in.find(&mission.code).is_none());
        missing.map(|mission| mission.code.clone()).collect::<Vec<_>>()
    };
    let (gone, added) = (codes(&present, &list), codes(&list, &present));
    if present.iter().eq(list.iter()) {
        return Ok(MissionImport { revision: present.revision(), is_new: false, gone, added });
    }
    let applications = ApplicationState::ALL.into_iter().filter(|state| state.is_open());
    let applications: Vec<&str> = applications.map(ApplicationState::as_str).collect();
    let registrations = RegistrationState::ALL.into_iter().filter(|state| state.is_open());
    let registrations: Vec<&str> = registrations.map(RegistrationState::as_str).collect();

    let mut tx = store.begin().await?;
    let mut needed = Vec::new();
    for code in &gone {
        let open = tx.open_at_mission(code, &applications, &registrations).await?;
        let officers = officers.of_mission(code);
        if open.applications + open.registrations > 0 || officers > 0 {
            needed.push(NeededMission { code: code.clone(), open, officers });
        }
    }
    if !needed.is_empty() {
        return Err(MissionRefusal::StillNeeded(needed));
    }
    let revision = present.revision() + 1;
    tx.append_mission_list(&MissionListRecord {
        revision: i64::try_from(revision).unwrap_or(i64::MAX),
        content: toml.to_owned(),
        is_sample: false,
        note: note.to_owned(),
        imported_at: now,
    })
    .await?;
    tx.commit().await?;
    Ok(MissionImport { revision, is_new: true, gone, added })
}

/// Takes over lists that are imported meanwhile, until `stop` turns true.
pub async fn follow_missions(store: Store, shared: SharedMissions, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            () = tokio::time::sleep(LOOK_INTERVAL) => {}
        }
        let newest = match store.mission_revision().await {
            Ok(revision) => u64::try_from(revision).unwrap_or(0),
            Err(error) => {
                tracing::warn!(%error, "the revision of the missions cannot be read");
                continue;
            }
        };
        if newest <= shared.load().revision() {
            continue;
        }
        match missions_in_force(&store).await {
            Ok(missions) => {
                tracing::info!(revision = missions.revision(), "missions taken over");
                shared.store(Arc::new(missions));
            }
            Err(error) => tracing::error!(%error, "the missions cannot be read; the former list stays in force"),
        }
    }
}

impl Workflow {
    /// The missions in force now.
    pub(super) fn missions(&self) -> Arc<Missions> {
        self.missions.load_full()
    }

    /// The mission of something that is there: in force, or as it stood last.
    pub(super) fn known_mission(&self, code: &str) -> Result<Arc<Mission>, Refusal> {
        self.missions.load().known(code).cloned().ok_or_else(|| corrupt("mission"))
    }
}

fn unreadable(revision: i64) -> MissionRefusal {
    MissionRefusal::Internal(format!("revision {revision} of the missions cannot be read"))
}

fn joined(errors: &[MissionError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn needs(missions: &[NeededMission]) -> String {
    let one = |needed: &NeededMission| {
        let OpenAtMission { applications, registrations, numbers } = &needed.open;
        let numbers = numbers.join(", ");
        let numbers = if numbers.is_empty() { numbers } else { format!(" (such as {numbers})") };
        format!(
            "{} has {applications} open applications, {registrations} open registrations{numbers} and {} officers",
            needed.code, needed.officers
        )
    };
    let list = missions.iter().map(one).collect::<Vec<_>>().join("; ");
    format!(
        "missions that are still needed would vanish: {list}. Keep each in the list, with `districts = []` once it takes nothing new"
    )
}
