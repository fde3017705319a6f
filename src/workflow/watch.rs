//! Following one application: its present state, then every event in the order of commits.

use std::ops::ControlFlow;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use ring::hmac;
use tokio::sync::mpsc;
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;
use uuid::Uuid;

use super::{ApplicationChange, Caller, Refusal, Workflow};
use crate::clock::sleep_until;
use crate::store::SubjectCommits;

/// Responses that wait for a slow reader.
pub(super) const BUFFER: usize = 8;
/// Events read at one time.
pub(super) const BATCH: u64 = 64;
/// How often to look without being woken: other processes may share the database.
const LOOK: TimeDelta = TimeDelta::seconds(2);

impl Workflow {
    /// Follows one application until it has ended.
    ///
    /// # Errors
    /// Not found, or a resume token that was not made for this caller and this application.
    pub async fn watch(
        self: &Arc<Self>,
        caller: &Caller,
        id: Uuid,
        resume_token: Option<&str>,
    ) -> Result<impl Stream<Item = Result<ApplicationChange, Refusal>> + Send + use<>, Refusal> {
        self.visible(caller, id).await?;
        let after = resume_token.map(|token| self.sequence(caller, id, token)).transpose()?;
        let (sender, receiver) = mpsc::channel(BUFFER);
        let (workflow, caller) = (Arc::clone(self), caller.clone());
        tokio::spawn(async move {
            if let Err(refusal) = workflow.follow(&caller, id, after, &sender).await {
                // The reader may be gone, which is what ends most streams.
                let _ = sender.send(Err(refusal)).await;
            }
        });
        Ok(ReceiverStream::new(receiver))
    }

    async fn follow(
        &self,
        caller: &Caller,
        id: Uuid,
        after: Option<i64>,
        sender: &mpsc::Sender<Result<ApplicationChange, Refusal>>,
    ) -> Result<(), Refusal> {
        let mut commits = self.store.commits_of(id);
        let mut seen = match after {
            Some(sequence) => sequence,
            None => {
                // The events first: what comes between the two reads is then told twice rather than never.
                let sequence = self.store.latest_event_of(id).await?;
                let application = self.application(caller, id).await?;
                let time = application.update_time.unwrap_or_else(|| self.clock.now());
                let resume_token = self.token(caller, id, sequence);
                let change = ApplicationChange { application, event: None, time, resume_token };
                if sender.send(Ok(change)).await.is_err() {
                    return Ok(());
                }
                sequence
            }
        };
        let mut is_first_look = true;
        loop {
            commits.mark_seen();
            let events = self.store.events(Some(id), seen, BATCH).await?;
            let is_more = u64::try_from(events.len()).is_ok_and(|count| count >= BATCH);
            if events.is_empty() && !is_first_look {
                if self.wait(&mut commits, sender).await.is_break() {
                    return Ok(());
                }
                continue;
            }
            is_first_look = false;
            let application = self.application(caller, id).await?;
            let ended = application.complete_time.is_some() && !is_more;
            for event in events {
                seen = event.sequence;
                let resume_token = self.token(caller, id, seen);
                let application = application.clone();
                let change = ApplicationChange { application, event: Some(event.kind), time: event.time, resume_token };
                if sender.send(Ok(change)).await.is_err() {
                    return Ok(());
                }
            }
            if ended {
                return Ok(());
            }
            if !is_more && self.wait(&mut commits, sender).await.is_break() {
                return Ok(());
            }
        }
    }

    /// Waits until there may be something new to tell; breaks when nobody listens any more.
    pub(super) async fn wait<T>(
        &self,
        commits: &mut SubjectCommits,
        sender: &mpsc::Sender<Result<T, Refusal>>,
    ) -> ControlFlow<()> {
        let look_again = self.clock.now() + LOOK;
        tokio::select! {
            () = commits.changed() => ControlFlow::Continue(()),
            () = sender.closed() => ControlFlow::Break(()),
            () = sleep_until(self.clock.as_ref(), look_again) => ControlFlow::Continue(()),
        }
    }

    /// A place in the order of events, bound to the caller and to what is followed.
    pub(super) fn token(&self, caller: &Caller, id: Uuid, sequence: i64) -> String {
        let tag = hmac::sign(&self.verification_key, &token_text(caller, id, sequence));
        URL_SAFE_NO_PAD.encode([&sequence.to_be_bytes()[..], &tag.as_ref()[..16]].concat())
    }

    /// The place that a token of [`Self::token`] names.
    pub(super) fn sequence(&self, caller: &Caller, id: Uuid, token: &str) -> Result<i64, Refusal> {
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| Refusal::BadToken)?;
        let (sequence, _) = bytes.split_first_chunk::<8>().ok_or(Refusal::BadToken)?;
        let sequence = i64::from_be_bytes(*sequence);
        // Not compared in constant time: whoever guesses a token learns a place in the order of the caller's own events.
        if self.token(caller, id, sequence) == token { Ok(sequence) } else { Err(Refusal::BadToken) }
    }
}

fn token_text(caller: &Caller, id: Uuid, sequence: i64) -> Vec<u8> {
    [b"watch".as_slice(), caller.id.as_bytes(), id.as_bytes(), &sequence.to_be_bytes()].concat()
}
