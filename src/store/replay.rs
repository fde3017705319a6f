//! The replay check of a group of submissions: two questions to the database for all of them.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::StoreError;
use super::entity::{application, application_form, request_key};
use super::insert::padded;
use super::submit::{METHOD, Prepared, PreparedApplication};

/// What is to be done with one submission of a group.
pub(super) enum Verdict {
    /// Store it.
    New,
    /// This application was made of the same content.
    Replay(Box<application::Model>),
    /// The submission at this position of the same group has the same content.
    ReplayInGroup(usize),
    /// Other content stands under the application_id.
    ApplicationIdReused,
    /// Other content stands under the request_id.
    RequestIdReused,
    /// Another caller's application was made of the same content.
    FiledByAnother,
}

impl Verdict {
    pub(super) fn is_new(&self) -> bool {
        matches!(self, Self::New)
    }

    pub(super) fn is_replay(&self) -> bool {
        matches!(self, Self::Replay(_) | Self::ReplayInGroup(_))
    }
}

/// What stood before the group.
struct Standing {
    applications: HashMap<(String, Uuid), application::Model>,
    contents: HashSet<(Uuid, Vec<u8>)>,
    requests: HashSet<(String, String)>,
}

/// What the group itself has brought so far.
#[derive(Default)]
struct Seen<'a> {
    applications: HashMap<(&'a str, Uuid), (usize, &'a [u8])>,
    contents: HashSet<&'a [u8]>,
    requests: HashSet<(&'a str, &'a str)>,
}

/// One verdict for each submission, in the order of the group: an earlier one counts as stored for a later one.
pub(super) async fn judge(db: &DatabaseTransaction, group: &[Prepared]) -> Result<Vec<Verdict>, StoreError> {
    let standing = look_up(db, group).await?;
    let mut seen = Seen::default();
    let verdicts = group.iter().enumerate().map(|(position, item)| match &item.application {
        Some(item) => judge_one(position, item, &standing, &mut seen),
        None => Verdict::New,
    });
    Ok(verdicts.collect())
}

fn judge_one<'a>(position: usize, item: &'a PreparedApplication, standing: &Standing, seen: &mut Seen<'a>) -> Verdict {
    let row = &item.standing;
    let content = row.content_digest.as_slice();
    if let Some(present) = standing.applications.get(&(row.caller.clone(), row.application_id)) {
        if !standing.contents.contains(&(present.id, row.content_digest.clone())) {
            return Verdict::ApplicationIdReused;
        }
        return Verdict::Replay(Box::new(present.clone()));
    }
    if let Some((first, present)) = seen.applications.get(&(row.caller.as_str(), row.application_id)) {
        return if *present == content { Verdict::ReplayInGroup(*first) } else { Verdict::ApplicationIdReused };
    }
    // Signed content names its application_id, so that whoever has filed it before is among the applications looked up by that.
    let is_anothers = standing.contents.iter().any(|(_, digest)| digest.as_slice() == content);
    if is_anothers || seen.contents.contains(content) {
        return Verdict::FiledByAnother;
    }
    if let Some(request) = &item.request {
        // The content is new, so whatever stands under this request_id is other content.
        let before = standing.requests.contains(&(request.caller.clone(), request.request_id.clone()));
        if before || !seen.requests.insert((&request.caller, &request.request_id)) {
            return Verdict::RequestIdReused;
        }
    }
    seen.applications.insert((&row.caller, row.application_id), (position, content));
    seen.contents.insert(content);
    Verdict::New
}

async fn look_up(db: &DatabaseTransaction, group: &[Prepared]) -> Result<Standing, StoreError> {
    let mut standing = Standing { applications: HashMap::new(), contents: HashSet::new(), requests: HashSet::new() };
    let items = || group.iter().filter_map(|item| item.application.as_ref());
    let ids: Vec<Uuid> = items().map(|item| item.standing.application_id).collect();
    if ids.is_empty() {
        return Ok(standing);
    }
    let rows =
        application::Entity::find().filter(application::Column::ApplicationId.is_in(padded(ids))).all(db).await?;
    if !rows.is_empty() {
        let found = padded(rows.iter().map(|row| row.id).collect());
        let forms =
            application_form::Entity::find().filter(application_form::Column::Application.is_in(found)).all(db).await?;
        standing.contents.extend(forms.into_iter().map(|form| (form.application, form.content_digest)));
    }
    standing.applications.extend(rows.into_iter().map(|row| ((row.caller.clone(), row.application_id), row)));

    let requests: Vec<String> =
        items().filter_map(|item| item.request.as_ref()).map(|key| key.request_id.clone()).collect();
    if requests.is_empty() {
        return Ok(standing);
    }
    let rows = request_key::Entity::find()
        .filter(request_key::Column::RequestId.is_in(padded(requests)))
        .filter(request_key::Column::Method.eq(METHOD))
        .all(db)
        .await?;
    standing.requests.extend(rows.into_iter().map(|key| (key.caller, key.request_id)));
    Ok(standing)
}
