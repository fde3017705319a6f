//! Items that come over one stream and are answered over another, each as it is ready.
//!
//! Nothing drives the work but the connection that takes the answers: an item is read only when a place for it is free, and a place
//! becomes free only when an answer is taken. So a reader that is slow stops the intake, and one stream costs a handful of items.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::task::JoinSet;
use tokio_stream::Stream;
use tonic::Status;

use super::call::Call;
use super::failure::Failure;
use super::streams::{Interruption, Responses};
use crate::workflow::Refusal;

/// Items of one stream that are worked on at a time.
const AT_A_TIME: usize = 4;

impl Call {
    /// Answers each of `items` by `work`, as the answers are ready. When the items end, or the stream has to (the service stops, its
    /// greatest age is reached, an item cannot be read), the items read so far are answered first. Whoever goes away takes along what
    /// still waits to be worked on.
    pub fn exchange<R, T, F>(
        self,
        items: impl Stream<Item = Result<R, Status>> + Send + 'static,
        work: impl Fn(R) -> F + Send + 'static,
    ) -> Responses<T>
    where
        R: 'static,
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        Box::pin(Exchange {
            items: Box::pin(items),
            work: Box::new(work),
            under_way: JoinSet::new(),
            interrupted: self.interruption(),
            intake: Intake::Open,
            call: self,
        })
    }
}

struct Exchange<R, T, F> {
    items: Pin<Box<dyn Stream<Item = Result<R, Status>> + Send>>,
    work: Box<dyn Fn(R) -> F + Send>,
    under_way: JoinSet<T>,
    interrupted: Interruption,
    intake: Intake,
    call: Call,
}

/// Whether more items are read.
enum Intake {
    Open,
    /// No more, and what the stream ends with when the last answer is given.
    Closed(Option<Failure>),
}

impl<R, T, F> Exchange<R, T, F>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    fn take_in(&mut self, context: &mut Context<'_>) {
        if matches!(self.intake, Intake::Open) && self.interrupted.as_mut().poll(context).is_ready() {
            self.intake = Intake::Closed(Some(Failure::ExchangeInterrupted));
        }
        while matches!(self.intake, Intake::Open) && self.under_way.len() < AT_A_TIME {
            match self.items.as_mut().poll_next(context) {
                Poll::Ready(Some(Ok(item))) => {
                    self.under_way.spawn((self.work)(item));
                }
                Poll::Ready(Some(Err(status))) => {
                    let failure = Failure::of_wire(status.code()).unwrap_or(Failure::UploadBroken);
                    self.intake = Intake::Closed(Some(failure));
                }
                Poll::Ready(None) => self.intake = Intake::Closed(None),
                Poll::Pending => return,
            }
        }
    }
}

impl<R, T, F> Stream for Exchange<R, T, F>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    type Item = Result<T, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        this.take_in(context);
        match this.under_way.poll_join_next(context) {
            Poll::Ready(Some(Ok(answer))) => Poll::Ready(Some(Ok(answer))),
            // The work panicked: what was asked is not known any more.
            Poll::Ready(Some(Err(error))) => {
                this.under_way.abort_all();
                this.intake = Intake::Closed(None);
                let fault = Failure::from(Refusal::Internal(error.to_string()));
                Poll::Ready(Some(Err(this.call.status(&fault))))
            }
            Poll::Ready(None) => match &mut this.intake {
                Intake::Open => Poll::Pending,
                Intake::Closed(failure) => Poll::Ready(failure.take().map(|failure| Err(this.call.status(&failure)))),
            },
            Poll::Pending => Poll::Pending,
        }
    }
}
