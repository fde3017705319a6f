//! The response of a call that anybody may make: it holds its place until it ends, and it ends at its greatest age.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body::Frame;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Sleep;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::http::header::CONTENT_TYPE;
use uuid::Uuid;

use super::failure::Failure;
use super::status;

/// A bounded body.
pub(super) struct Bounded {
    body: Body,
    end: Pin<Box<Sleep>>,
    is_over: bool,
    request_id: Uuid,
    _place: OwnedSemaphorePermit,
}

impl Bounded {
    pub(super) fn new(body: Body, age: Duration, request_id: Uuid, place: OwnedSemaphorePermit) -> Self {
        Self { body, end: Box::pin(tokio::time::sleep(age)), is_over: false, request_id, _place: place }
    }
}

impl http_body::Body for Bounded {
    type Data = <Body as http_body::Body>::Data;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Status>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        if self.end.as_mut().poll(context).is_ready() {
            self.is_over = true;
            let (mut parts, ()) = status::of(&Failure::Interrupted, self.request_id).into_http::<()>().into_parts();
            parts.headers.remove(CONTENT_TYPE);
            return Poll::Ready(Some(Ok(Frame::trailers(parts.headers))));
        }
        Pin::new(&mut self.body).poll_frame(context)
    }
}
