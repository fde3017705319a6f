//! Notifications as callers see them: of an application, for the portal; of a mission, for its officers.

use uuid::Uuid;

use super::account::account_of;
use super::lookup::paged;
use super::{Caller, NotificationView, Page, Paged, Refusal, Workflow};

impl Workflow {
    /// The notifications of one application.
    pub async fn notifications(
        &self,
        caller: &Caller,
        application: Uuid,
        page: &Page,
    ) -> Result<Paged<NotificationView>, Refusal> {
        let record = self.visible(caller, application).await?;
        let rows = self.store.notifications(&record.caller, Some(application), 0, 1000).await?;
        let notifications = rows.into_iter().map(NotificationView::of).collect::<Result<_, _>>()?;
        paged(notifications, page, |notification: &NotificationView| notification.id.to_string())
    }

    /// The notifications of a mission, oldest first: nothing for whom the mission is not.
    ///
    /// # Errors
    /// A page token that is not one.
    pub async fn notifications_of_mission(
        &self,
        caller: &Caller,
        mission: &str,
        page: &Page,
    ) -> Result<Paged<NotificationView>, Refusal> {
        let after = page.token.as_deref().map(|token| token.parse().map_err(|_| Refusal::BadToken)).transpose()?;
        let account = account_of(mission);
        if !caller.may_open(&account) {
            return Ok(Paged { items: Vec::new(), next: None });
        }
        let limit = u64::from(page.size) + 1;
        let mut rows = self.store.notifications(&account, None, after.unwrap_or(0), limit).await?;
        let more = rows.len() > page.size as usize;
        rows.truncate(page.size as usize);
        let next = rows.last().filter(|_| more).map(|row| row.sequence.to_string());
        Ok(Paged { items: rows.into_iter().map(NotificationView::of).collect::<Result<_, _>>()?, next })
    }
}
