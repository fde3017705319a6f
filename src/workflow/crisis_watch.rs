//! Following a crisis: its counts at once, then after each commit that brought something about it.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;
use uuid::Uuid;

use super::crisis_views::CrisisChange;
use super::watch::{BATCH, BUFFER};
use super::{Caller, Refusal, Workflow};

impl Workflow {
    /// Follows a crisis for as long as somebody listens. What happens while the reader is busy is told together.
    ///
    /// # Errors
    /// Not found, or a resume token that was not made for this caller and this crisis.
    pub async fn watch_crisis(
        self: &Arc<Self>,
        caller: &Caller,
        id: Uuid,
        resume_token: Option<&str>,
    ) -> Result<impl Stream<Item = Result<CrisisChange, Refusal>> + Send + use<>, Refusal> {
        self.visible_crisis(caller, id).await?;
        let after = resume_token.map(|token| self.sequence(caller, id, token)).transpose()?;
        let (sender, receiver) = mpsc::channel(BUFFER);
        let (workflow, caller) = (Arc::clone(self), caller.clone());
        tokio::spawn(async move {
            if let Err(refusal) = workflow.follow_crisis(&caller, id, after, &sender).await {
                // The reader may be gone, which is what ends most streams.
                let _ = sender.send(Err(refusal)).await;
            }
        });
        Ok(ReceiverStream::new(receiver))
    }

    async fn follow_crisis(
        &self,
        caller: &Caller,
        id: Uuid,
        after: Option<i64>,
        sender: &mpsc::Sender<Result<CrisisChange, Refusal>>,
    ) -> Result<(), Refusal> {
        let mut commits = self.store.commits_of(id);
        let mut seen = match after {
            Some(sequence) => sequence,
            None => {
                // The events first: what comes between the two reads is then told twice rather than never.
                let sequence = self.store.latest_event_of(id).await?;
                let crisis = self.crisis(caller, id).await?;
                let resume_token = self.token(caller, id, sequence);
                let change = CrisisChange { crisis, event: None, time: self.clock.now(), events: 0, resume_token };
                if sender.send(Ok(change)).await.is_err() {
                    return Ok(());
                }
                sequence
            }
        };
        loop {
            commits.mark_seen();
            let events = self.store.events(Some(id), seen, BATCH).await?;
            let Some(last) = events.last() else {
                if self.wait(&mut commits, sender).await.is_break() {
                    return Ok(());
                }
                continue;
            };
            seen = last.sequence;
            let change = CrisisChange {
                crisis: self.crisis(caller, id).await?,
                event: Some(last.kind.clone()),
                time: last.time,
                events: u32::try_from(events.len()).unwrap_or(u32::MAX),
                resume_token: self.token(caller, id, seen),
            };
            if sender.send(Ok(change)).await.is_err() {
                return Ok(());
            }
        }
    }
}
