//! Streams of responses that end: with the service, or at their greatest age. They hold the call's place as long as they live, and
//! hand out one item at a time, only when the connection takes it, so that a slow reader costs one item of memory.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio_stream::Stream;
use tonic::Status;

use super::call::Call;
use super::failure::Failure;

/// A stream of responses as the generated service traits want it.
pub type Responses<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// See [`Call::interruption`].
pub(super) type Interruption = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Call {
    /// Bounds `items`; an interrupted stream ends with UNAVAILABLE, and its reader goes on with the last resume token.
    pub fn bounded<T, S>(self, items: S) -> Responses<T>
    where
        T: Send + 'static,
        S: Stream<Item = Result<T, Failure>> + Send + 'static,
    {
        Box::pin(Bounded { items: Some(Box::pin(items)), interrupted: self.interruption(), call: self })
    }

    /// Completes when a stream of this call has to end.
    pub(super) fn interruption(&self) -> Interruption {
        let (age, mut stopping) = (self.stream_age, self.stopping.clone());
        Box::pin(async move {
            // Every outcome means the end: told to stop, the server gone, or the greatest age reached.
            let _ = tokio::time::timeout(age, stopping.wait_for(|stopping| *stopping)).await;
        })
    }
}

struct Bounded<S> {
    /// Absent once the stream has ended.
    items: Option<Pin<Box<S>>>,
    interrupted: Interruption,
    call: Call,
}

impl<T, S> Stream for Bounded<S>
where
    S: Stream<Item = Result<T, Failure>>,
{
    type Item = Result<T, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let Some(items) = &mut this.items else { return Poll::Ready(None) };
        let failure = if this.interrupted.as_mut().poll(context).is_ready() {
            Failure::Interrupted
        } else {
            match std::task::ready!(items.as_mut().poll_next(context)) {
                Some(Ok(item)) => return Poll::Ready(Some(Ok(item))),
                Some(Err(failure)) => failure,
                None => {
                    this.items = None;
                    return Poll::Ready(None);
                }
            }
        };
        this.items = None;
        Poll::Ready(Some(Err(this.call.status(&failure))))
    }
}
