//! Notifications in the personal account.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::entity::notification;
use super::seal::{Place, Sealer};
use super::{Store, StoreError, Tx, stored_time};

/// A notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationRecord {
    /// Its identifier.
    pub id: Uuid,
    /// Its place among all notifications; grows in the order of commits, so a stream that has seen `n` misses nothing after it.
    pub sequence: i64,
    /// The caller in whose account it appears.
    pub caller: String,
    /// The application it is about, by our identifier.
    pub application: Uuid,
    /// What it tells: ACCEPTED, DECIDED, DOCUMENT_READY …
    pub kind: String,
    /// Version of this kind within the application, from 1.
    pub version: i32,
    /// kk, ru or en.
    pub language: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When the reader confirmed it.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// The message as the caller of the store writes it. Sealed.
    pub message: Vec<u8>,
    /// The crisis that it asks about.
    pub crisis: Option<Uuid>,
}

/// A notification to be stored.
#[derive(Debug, Clone)]
pub struct NewNotification {
    /// See [`NotificationRecord::id`]; make it with [`super::id_at`].
    pub id: Uuid,
    /// See [`NotificationRecord::caller`].
    pub caller: String,
    /// See [`NotificationRecord::application`].
    pub application: Uuid,
    /// See [`NotificationRecord::kind`].
    pub kind: String,
    /// See [`NotificationRecord::version`].
    pub version: i32,
    /// See [`NotificationRecord::language`].
    pub language: String,
    /// See [`NotificationRecord::created_at`].
    pub created_at: DateTime<Utc>,
    /// See [`NotificationRecord::message`].
    pub message: Vec<u8>,
}

fn place(id: &Uuid) -> Place<'_> {
    Place::new("notifications", "message", id.as_bytes())
}

fn record(row: notification::Model, sealer: &Sealer) -> Result<NotificationRecord, StoreError> {
    Ok(NotificationRecord {
        message: sealer.open(place(&row.id), &row.message)?,
        id: row.id,
        sequence: row.sequence,
        caller: row.caller,
        application: row.application,
        kind: row.kind,
        version: row.notification_version,
        language: row.language,
        created_at: row.created_at,
        acknowledged_at: row.acknowledged_at,
        crisis: row.crisis,
    })
}

impl Store {
    /// At most `limit` notifications of a caller with a sequence above `after`, oldest first; of one application when given.
    pub async fn notifications(
        &self,
        caller: &str,
        application: Option<Uuid>,
        after: i64,
        limit: u64,
    ) -> Result<Vec<NotificationRecord>, StoreError> {
        let mut query = notification::Entity::find()
            .filter(notification::Column::Caller.eq(caller))
            .filter(notification::Column::Sequence.gt(after))
            .order_by_asc(notification::Column::Sequence)
            .limit(limit);
        if let Some(application) = application {
            query = query.filter(notification::Column::Application.eq(application));
        }
        query.all(self.reader()).await?.into_iter().map(|row| record(row, self.sealer())).collect()
    }

    /// At most `limit` notifications of a caller that nobody has acknowledged, with a sequence above `after` and up to `until`, oldest
    /// first.
    pub async fn unread_notifications(
        &self,
        caller: &str,
        after: i64,
        until: i64,
        limit: u64,
    ) -> Result<Vec<NotificationRecord>, StoreError> {
        let rows = notification::Entity::find()
            .filter(notification::Column::Caller.eq(caller))
            .filter(notification::Column::AcknowledgedAt.is_null())
            .filter(notification::Column::Sequence.gt(after))
            .filter(notification::Column::Sequence.lte(until))
            .order_by_asc(notification::Column::Sequence)
            .limit(limit)
            .all(self.reader())
            .await?;
        rows.into_iter().map(|row| record(row, self.sealer())).collect()
    }

    /// The sequence of a caller's latest notification; 0 when there is none.
    pub async fn latest_notification(&self, caller: &str) -> Result<i64, StoreError> {
        let row = notification::Entity::find()
            .filter(notification::Column::Caller.eq(caller))
            .order_by_desc(notification::Column::Sequence)
            .one(self.reader())
            .await?;
        Ok(row.map_or(0, |row| row.sequence))
    }

    /// A notification, by its identifier, in whoever's account it is.
    pub async fn notification(&self, id: Uuid) -> Result<Option<NotificationRecord>, StoreError> {
        let row = notification::Entity::find_by_id(id).one(self.reader()).await?;
        row.map(|row| record(row, self.sealer())).transpose()
    }
}

impl Tx {
    /// Puts a notification into the account, unless one of this (application, kind, version) is there: then `false`. It gets its
    /// sequence at the commit.
    pub async fn insert_notification(&mut self, new: NewNotification) -> Result<bool, StoreError> {
        self.put_notification(new, None).await
    }

    /// The same for one that asks about a crisis.
    pub async fn insert_crisis_notification(&mut self, new: NewNotification, crisis: Uuid) -> Result<bool, StoreError> {
        self.put_notification(new, Some(crisis)).await
    }

    async fn put_notification(&mut self, new: NewNotification, crisis: Option<Uuid>) -> Result<bool, StoreError> {
        let waiting = self.notifications.iter().any(|row| {
            row.application == new.application && row.kind == new.kind && row.notification_version == new.version
        });
        let present = notification::Entity::find()
            .filter(notification::Column::Application.eq(new.application))
            .filter(notification::Column::Kind.eq(new.kind.as_str()))
            .filter(notification::Column::NotificationVersion.eq(new.version))
            .count(self.db())
            .await?;
        if waiting || present > 0 {
            return Ok(false);
        }
        let message = self.sealer().seal(place(&new.id), &new.message)?;
        self.notifications.push(notification::Model {
            id: new.id,
            sequence: 0,
            caller: new.caller,
            application: new.application,
            kind: new.kind,
            notification_version: new.version,
            language: new.language,
            created_at: stored_time(new.created_at),
            acknowledged_at: None,
            message,
            crisis,
        });
        Ok(true)
    }

    /// Notes that the reader confirmed a notification; the first confirmation stays.
    pub async fn acknowledge_notification(&mut self, id: Uuid, time: DateTime<Utc>) -> Result<(), StoreError> {
        use notification::Column;
        notification::Entity::update_many()
            .col_expr(Column::AcknowledgedAt, Expr::value(stored_time(time)))
            .filter(Column::Id.eq(id))
            .filter(Column::AcknowledgedAt.is_null())
            .exec(self.db())
            .await?;
        Ok(())
    }
}
