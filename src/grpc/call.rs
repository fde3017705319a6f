//! One call under way: who makes it, under which id, and the place it takes.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, watch};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::failure::Failure;
use super::personal_reads::Shown;
use super::status;
use crate::workflow::{Caller, Refusal, ResourceKind};

/// What the gate knows about an admitted call; travels in the request's extensions.
#[derive(Debug, Clone)]
pub struct Call {
    /// Who calls, and how far it sees in this method.
    pub caller: Caller,
    /// Identifies the call in logs, in errors and in the response's `x-request-id`.
    pub request_id: Uuid,
    /// What the answer shows of anybody; see [`Call::shows`].
    pub(super) shown: Shown,
    /// Turns true when the service stops.
    pub(super) stopping: watch::Receiver<bool>,
    /// A stream ends after so long.
    pub(super) stream_age: Duration,
    /// Held as long as a clone of the call lives: a stream keeps its places until it ends.
    pub(super) _places: Arc<Vec<OwnedSemaphorePermit>>,
}

impl Call {
    /// Takes a request apart. A request that did not pass the gate is a fault of this room's composition.
    pub fn open<T>(mut request: Request<T>) -> Result<(Self, T), Status> {
        let call = request.extensions_mut().remove::<Self>().ok_or_else(|| {
            let fault = Refusal::Internal("a request reached its handler past the gate".to_owned());
            status::of(&fault.into(), Uuid::nil())
        })?;
        Ok((call, request.into_inner()))
    }

    /// Runs the body of a handler and gives its result the form of the wire.
    pub async fn answer<T>(&self, body: impl Future<Output = Result<T, Failure>>) -> Result<Response<T>, Status> {
        body.await.map(Response::new).map_err(|failure| self.status(&failure))
    }

    /// Notes what the answer of this call shows.
    pub(super) fn shows(&self, kind: ResourceKind, id: Uuid) {
        self.shown.note(kind, id);
    }

    /// The status of a failure of this call.
    pub fn status(&self, failure: &Failure) -> Status {
        status::of(failure, self.request_id)
    }
}
