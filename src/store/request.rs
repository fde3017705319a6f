//! Idempotency of calls: which content a caller's request_id stood for, and what came of it.

use chrono::{DateTime, Utc};
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::entity::request_key;
use super::error::Unique;
use super::{Digest, Store, StoreError, Tx, digest, stored_time};

/// One call of one method by one caller, told apart by the caller's request_id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    /// Who calls.
    pub caller: String,
    /// Which method.
    pub method: String,
    /// The caller's identifier of the call.
    pub request_id: String,
    /// SHA-256 of the call's content.
    pub digest: Digest,
}

impl Store {
    /// The content that this request_id stood for, and the subject it led to, if it was used.
    pub async fn request(&self, key: &RequestKey) -> Result<Option<(Digest, Uuid)>, StoreError> {
        let id = (key.request_id.clone(), key.caller.clone(), key.method.clone());
        let row = request_key::Entity::find_by_id(id).one(self.reader()).await?;
        row.map(|row| Ok((digest(row.content_digest)?, row.subject))).transpose()
    }
}

impl Tx {
    /// Remembers a call together with its effect; a call without a request_id leaves nothing to remember. [`Unique::RequestKey`] when the
    /// request_id was used meanwhile.
    pub async fn insert_request_key(
        &mut self,
        key: Option<&RequestKey>,
        subject: Uuid,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let Some(key) = key else { return Ok(()) };
        let row = request_key::Model {
            request_id: key.request_id.clone(),
            caller: key.caller.clone(),
            method: key.method.clone(),
            content_digest: key.digest.to_vec(),
            subject,
            created_at: stored_time(now),
        };
        let active: request_key::ActiveModel = row.into();
        request_key::Entity::insert(active)
            .exec_without_returning(self.db())
            .await
            .map_err(|error| StoreError::of_insert(error, Unique::RequestKey))?;
        Ok(())
    }
}
