//! Accounts, a caller's own and those of missions: following the notifications that come into them, and noting which were seen.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;
use uuid::Uuid;

use super::watch::{BATCH, BUFFER};
use super::{Caller, NotificationView, Refusal, ResourceKind, Scope, Workflow};
use crate::notify::Message;
use crate::pki::sha256;
use crate::registration::Language;
use crate::registration::event::{Audience, NotificationKind};
use crate::store::NotificationRecord;

/// What the accounts of missions begin with.
const MISSIONS: &str = "missions/";

/// A notification that came into a watched account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationArrival {
    /// The notification.
    pub notification: NotificationView,
    /// Go on after it.
    pub resume_token: String,
}

type Sender = mpsc::Sender<Result<NotificationArrival, Refusal>>;

impl Workflow {
    /// Follows an account, the caller's own where no `mission` is named, for as long as somebody listens: what was not acknowledged, then
    /// what comes.
    ///
    /// # Errors
    /// Another mission's account, and a resume token that was not made for this caller.
    pub fn watch_notifications(
        self: &Arc<Self>,
        caller: &Caller,
        mission: Option<&str>,
        resume_token: Option<&str>,
    ) -> Result<impl Stream<Item = Result<NotificationArrival, Refusal>> + Send + use<>, Refusal> {
        let account = mission.map_or_else(|| caller.id.clone(), account_of);
        if !caller.may_open(&account) {
            return Err(Refusal::OutOfJurisdiction);
        }
        let after = resume_token.map(|token| self.sequence(caller, place_of(&account), token)).transpose()?;
        let (sender, receiver) = mpsc::channel(BUFFER);
        let (workflow, caller) = (Arc::clone(self), caller.clone());
        tokio::spawn(async move {
            if let Err(refusal) = workflow.follow_account(&caller, &account, after, &sender).await {
                // The reader may be gone, which is what ends most streams.
                let _ = sender.send(Err(refusal)).await;
            }
        });
        Ok(ReceiverStream::new(receiver))
    }

    async fn follow_account(
        &self,
        caller: &Caller,
        account: &str,
        after: Option<i64>,
        sender: &Sender,
    ) -> Result<(), Refusal> {
        let mut commits = self.store.commits_for(account);
        let mut seen = match after {
            Some(sequence) => sequence,
            None => match self.tell_unread(caller, account, sender).await? {
                Some(latest) => latest,
                None => return Ok(()),
            },
        };
        loop {
            commits.mark_seen();
            let arrived = self.store.notifications(account, None, seen, BATCH).await?;
            let Some(last) = arrived.last().map(|record| record.sequence) else {
                if self.wait(&mut commits, sender).await.is_break() {
                    return Ok(());
                }
                continue;
            };
            if !self.arrive(caller, account, arrived, sender).await? {
                return Ok(());
            }
            seen = last;
        }
    }

    /// Tells what nobody has acknowledged, and gives the place in the account up to which that is; none when nobody listens any more.
    async fn tell_unread(&self, caller: &Caller, account: &str, sender: &Sender) -> Result<Option<i64>, Refusal> {
        let latest = self.store.latest_notification(account).await?;
        let mut seen = 0;
        loop {
            let unread = self.store.unread_notifications(account, seen, latest, BATCH).await?;
            let Some(last) = unread.last().map(|record| record.sequence) else { return Ok(Some(latest)) };
            if !self.arrive(caller, account, unread, sender).await? {
                return Ok(None);
            }
            seen = last;
        }
    }

    /// Whether somebody still listens after these were told.
    async fn arrive(
        &self,
        caller: &Caller,
        account: &str,
        records: Vec<NotificationRecord>,
        sender: &Sender,
    ) -> Result<bool, Refusal> {
        for record in records {
            let resume_token = self.token(caller, place_of(account), record.sequence);
            let arrival = NotificationArrival { notification: NotificationView::of(record)?, resume_token };
            if sender.send(Ok(arrival)).await.is_err() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Notes that the reader has seen a notification of the caller's own account or of a mission's; the first time stays.
    ///
    /// # Errors
    /// No account that the caller may open has such a notification.
    pub async fn acknowledge_notification(&self, caller: &Caller, id: Uuid) -> Result<NotificationView, Refusal> {
        let not_found = || Refusal::NotFound(ResourceKind::Notification);
        let found = self.store.notification(id).await?.ok_or_else(not_found)?;
        if !caller.may_open(&found.caller) {
            return Err(not_found());
        }
        let mut tx = self.store.begin().await?;
        tx.acknowledge_notification(id, self.clock.now()).await?;
        tx.commit().await?;
        NotificationView::of(self.store.notification(id).await?.ok_or_else(not_found)?)
    }
}

/// The account of a mission; no identifier of a caller has a slash.
pub(super) fn account_of(mission: &str) -> String {
    format!("{MISSIONS}{mission}")
}

/// What a resume token of an account is about.
fn place_of(account: &str) -> Uuid {
    let digest = sha256(account.as_bytes());
    let (octets, _) = digest.split_at(16);
    Uuid::from_slice(octets).unwrap_or_default()
}

impl Caller {
    /// Whether an account is the caller's own, or that of a mission whose officers it serves.
    pub(super) fn may_open(&self, account: &str) -> bool {
        match (account.strip_prefix(MISSIONS), &self.scope) {
            (None, _) => account == self.id,
            (Some(_), Scope::Own) => false,
            (Some(mission), Scope::Mission(own)) => mission == own,
            (Some(_), Scope::All) => true,
        }
    }
}

impl NotificationView {
    pub(super) fn of(record: NotificationRecord) -> Result<Self, Refusal> {
        let message: Message =
            serde_json::from_slice(&record.message).map_err(|error| Refusal::Internal(format!("message: {error}")))?;
        Ok(Self {
            id: record.id,
            application: record.application,
            audience: NotificationKind::from_name(&record.kind).map_or(Audience::Applicant, NotificationKind::audience),
            kind: record.kind,
            language: Language::from_code(&record.language).unwrap_or(Language::Kk),
            subject: message.subject,
            body: message.body,
            create_time: record.created_at,
            crisis: record.crisis,
            acknowledge_time: record.acknowledged_at,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_opened_by_whom_it_is_and_a_missions_by_whoever_serves_its_officers() {
        let caller = |scope| Caller { id: "portal".to_owned(), scope };
        let own = [Scope::Own, Scope::Mission("KZ-DE-BER".to_owned()), Scope::All].map(caller);
        assert!(own.iter().all(|caller| caller.may_open("portal") && !caller.may_open("another")));
        assert_eq!(own.each_ref().map(|caller| caller.may_open("missions/KZ-DE-BER")), [false, true, true]);
        assert_eq!(own.each_ref().map(|caller| caller.may_open("missions/KZ-TR-IST")), [false, false, true]);
        assert_ne!(place_of("missions/KZ-DE-BER"), place_of("missions/KZ-TR-IST"));
    }
}
