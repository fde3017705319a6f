//! The gate that every call passes: who calls (by TLS certificate only), whether the table allows it, whether there is room, how
//! long it may take — and one log line about how it went.
//!
//! An answer is DEBUG; a refusal by business is INFO: the service works. Overload and broken limits are WARN, faults of the service ERROR. Paths come
//! into the log only when the table knows them, so that nothing a stranger writes gets there.

use std::collections::HashMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Instant;
use tonic::body::Body;
use tonic::codegen::http::{HeaderMap, HeaderValue, Request, Response};
use tonic::{Code, Status};
use tower::{Layer, Service};
use tracing::Instrument;
use uuid::Uuid;

use super::bounded::Bounded;
use super::call::Call;
use super::callers::SharedCallers;
use super::failure::Failure;
use super::limits::Limits;
use super::methods::{Access, Flow, Method, access};
use super::peer::Peer;
use super::personal_reads::{PERSONAL_READS, SharedTrail, Shown};
use super::status;
use crate::workflow::{Caller, Read, Scope};

/// Identifier of the caller that a plaintext connection of the sandbox is.
pub const SANDBOX_CALLER: &str = "sandbox";
/// Response metadata that carries the request's id.
pub const REQUEST_ID_HEADER: &str = "x-request-id";

/// Wraps the services of one server.
#[derive(Clone)]
pub(super) struct GateLayer {
    gate: Arc<Gate>,
}

struct Gate {
    callers: SharedCallers,
    stopping: watch::Receiver<bool>,
    calls: Arc<Semaphore>,
    streams: Arc<Semaphore>,
    streams_by_caller: Mutex<HashMap<String, Arc<Semaphore>>>,
    open: Arc<Semaphore>,
    trail: SharedTrail,
    limits: Limits,
}

impl GateLayer {
    pub(super) fn new(
        callers: SharedCallers,
        trail: SharedTrail,
        limits: &Limits,
        stopping: watch::Receiver<bool>,
    ) -> Self {
        let calls = Arc::new(Semaphore::new(limits.concurrent_calls));
        let streams = Arc::new(Semaphore::new(limits.concurrent_streams));
        let open = Arc::new(Semaphore::new(limits.open_calls));
        let streams_by_caller = Mutex::default();
        let limits = limits.clone();
        Self { gate: Arc::new(Gate { callers, stopping, calls, streams, streams_by_caller, open, trail, limits }) }
    }
}

impl<S> Layer<S> for GateLayer {
    type Service = GateService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        GateService { inner, gate: Arc::clone(&self.gate) }
    }
}

/// What the gate says to a call.
enum Decision {
    Open { place: OwnedSemaphorePermit },
    Admitted { call: Call, method: &'static Method },
}

impl Gate {
    fn decide(&self, request: &Request<Body>, request_id: Uuid) -> Result<Decision, Failure> {
        let method = match access(request.uri().path()) {
            Access::Open => return Ok(Decision::Open { place: place_in(&self.open)? }),
            Access::Denied => return Err(Failure::MethodUnknown),
            Access::Restricted(method) => method,
        };
        let caller = self.caller(request.extensions().get::<Peer>(), method)?;
        let places = match method.flow {
            Flow::Unary => vec![place_in(&self.calls)?],
            Flow::Upload | Flow::Stream => vec![place_in(&self.streams_of(&caller))?, place_in(&self.streams)?],
            Flow::Exchange => vec![places_in(&self.streams_of(&caller), self.exchange())?, place_in(&self.streams)?],
        };
        let call = Call {
            caller,
            request_id,
            shown: Shown::default(),
            stopping: self.stopping.clone(),
            stream_age: self.limits.stream_age,
            _places: Arc::new(places),
        };
        Ok(Decision::Admitted { call, method })
    }

    /// How many of a caller's places for streams an exchange takes, so that a caller has at most eight: they are work for processors
    /// all the time, and one caller's batches may not stand in the way of everybody's filing.
    fn exchange(&self) -> u32 {
        u32::try_from(self.limits.streams_per_caller / 8).unwrap_or(u32::MAX).max(1)
    }

    /// The places for streams of one caller, so that none takes them all. As many as there are callers in the table.
    fn streams_of(&self, caller: &Caller) -> Arc<Semaphore> {
        let mut by_caller = self.streams_by_caller.lock().unwrap_or_else(PoisonError::into_inner);
        let places = by_caller.entry(caller.id.clone());
        Arc::clone(places.or_insert_with(|| Arc::new(Semaphore::new(self.limits.streams_per_caller))))
    }

    /// The table is read at every call: who was taken out of it is denied although the connection stands.
    fn caller(&self, peer: Option<&Peer>, method: &Method) -> Result<Caller, Failure> {
        match peer {
            Some(Peer::Plaintext(_)) => Ok(Caller { id: SANDBOX_CALLER.to_owned(), scope: Scope::All }),
            Some(Peer::Certificate(certificate)) => {
                let table = self.callers.load();
                let entry = table.find(certificate).ok_or(Failure::CallerUnknown)?;
                let scope = method.scope_of(entry).ok_or(Failure::CallerNotAllowed)?;
                Ok(Caller { id: entry.id.clone(), scope })
            }
            None => Err(Failure::CallerUnknown),
        }
    }

    /// The time that the caller grants, at most that of the service. Of a stream only its beginning is meant; it ends by itself at its age.
    fn time_for(&self, flow: Flow, headers: &HeaderMap) -> Duration {
        let bound = match flow {
            Flow::Unary | Flow::Stream | Flow::Exchange => self.limits.call_time,
            Flow::Upload => self.limits.upload_time,
        };
        headers
            .get("grpc-timeout")
            .and_then(|value| granted(value.to_str().ok()?))
            .map_or(bound, |time| time.min(bound))
    }
}

fn place_in(places: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Failure> {
    places_in(places, 1)
}

fn places_in(places: &Arc<Semaphore>, count: u32) -> Result<OwnedSemaphorePermit, Failure> {
    Arc::clone(places).try_acquire_many_owned(count).map_err(|_| Failure::Overloaded)
}

/// Reads `grpc-timeout` of the gRPC protocol over HTTP/2: at most eight digits and a unit.
fn granted(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.len() > 8 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_hours(count)),
        "M" => Some(Duration::from_mins(count)),
        "S" => Some(Duration::from_secs(count)),
        "m" => Some(Duration::from_millis(count)),
        "u" => Some(Duration::from_micros(count)),
        "n" => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

/// The gate in front of the services.
#[derive(Clone)]
pub(super) struct GateService<S> {
    inner: S,
    gate: Arc<Gate>,
}

impl<S> Service<Request<Body>> for GateService<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let request_id = Uuid::now_v7();
        match self.gate.decide(&request, request_id) {
            Ok(Decision::Open { place }) => {
                let (work, age) = (self.inner.call(request), self.gate.limits.stream_age);
                Box::pin(async move {
                    let response = work.await?;
                    Ok(response.map(|body| Body::new(Bounded::new(body, age, request_id, place))))
                })
            }
            Ok(Decision::Admitted { call, method }) => {
                let span = tracing::info_span!("rpc", method = method.path, caller = %call.caller.id, %request_id);
                // Counted from here, so that this answer comes before the transport's own, which has no details.
                let deadline = Instant::now() + self.gate.time_for(method.flow, request.headers());
                let recorder = Recorder::of(&self.gate, &call, method);
                request.extensions_mut().insert(call);
                let work = self.inner.call(request);
                let work = async move {
                    let response = work.await?;
                    Ok(match recorder {
                        Some(recorder) => recorder.recorded(response).await,
                        None => response,
                    })
                };
                Box::pin(observed(work, deadline, request_id).instrument(span))
            }
            Err(failure) => {
                let path = match access(request.uri().path()) {
                    Access::Restricted(method) => method.path,
                    Access::Open | Access::Denied => "unknown",
                };
                tracing::info!(method = path, %request_id, %failure, "turned away");
                let response = labelled(status::of(&failure, request_id).into_http(), request_id);
                Box::pin(std::future::ready(Ok(response)))
            }
        }
    }
}

/// Records what an answer shows before it is given.
struct Recorder {
    trail: SharedTrail,
    shown: Shown,
    read: Read,
}

impl Recorder {
    /// For a method that answers with personal data; none for any other.
    fn of(gate: &Gate, call: &Call, method: &Method) -> Option<Self> {
        let (trail, shown) = (gate.trail.clone(), call.shown.clone());
        let read = Read {
            caller: call.caller.id.clone(),
            method: method.path,
            request_id: call.request_id,
            subjects: Vec::new(),
        };
        PERSONAL_READS.contains(&method.path).then_some(Self { trail, shown, read })
    }

    /// The response, once the record of it is durable; what could not be recorded is not shown.
    async fn recorded(self, response: Response<Body>) -> Response<Body> {
        if code(response.headers()) != Code::Ok {
            return response;
        }
        let Self { trail, shown, read } = self;
        let request_id = read.request_id;
        match trail.record(Read { subjects: shown.take(), ..read }).await {
            Ok(()) => response,
            Err(refusal) => status::of(&refusal.into(), request_id).into_http(),
        }
    }
}

/// Runs the call until its deadline, mends what the codec says about broken messages, and logs the outcome.
async fn observed<F>(work: F, deadline: Instant, request_id: Uuid) -> Result<Response<Body>, Infallible>
where
    F: Future<Output = Result<Response<Body>, Infallible>> + Send,
{
    let begun = Instant::now();
    let response = match tokio::time::timeout_at(deadline, work).await {
        Ok(Ok(response)) => mended(response, request_id),
        Err(_) => status::of(&Failure::OutOfTime, request_id).into_http(),
    };
    log(code(response.headers()), begun.elapsed());
    Ok(labelled(response, request_id))
}

/// Statuses of this room carry details; one without comes from the codec and speaks of transport in other codes than ours.
fn mended(response: Response<Body>, request_id: Uuid) -> Response<Body> {
    let headers = response.headers();
    if headers.contains_key(Status::GRPC_STATUS_DETAILS) {
        return response;
    }
    match Failure::of_wire(code(headers)) {
        Some(failure) => status::of(&failure, request_id).into_http(),
        None => response,
    }
}

/// The code of a response that failed before its body began; OK otherwise.
fn code(headers: &HeaderMap) -> Code {
    headers.get(Status::GRPC_STATUS).map_or(Code::Ok, |value| Code::from_bytes(value.as_bytes()))
}

fn labelled(mut response: Response<Body>, request_id: Uuid) -> Response<Body> {
    if let Ok(value) = HeaderValue::from_str(&request_id.to_string()) {
        response.headers_mut().insert(REQUEST_ID_HEADER, value);
    }
    response
}

fn log(code: Code, took: Duration) {
    let microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    match code {
        Code::Internal | Code::Unknown | Code::DataLoss => tracing::error!(?code, microseconds, "answered"),
        Code::Unavailable | Code::ResourceExhausted | Code::DeadlineExceeded => {
            tracing::warn!(?code, microseconds, "answered");
        }
        Code::Ok => tracing::debug!(?code, microseconds, "answered"),
        _ => tracing::info!(?code, microseconds, "answered"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_granted_is_read_as_the_protocol_writes_it() {
        assert_eq!(granted("1m"), Some(Duration::from_millis(1)));
        assert_eq!(granted("99999999H"), Some(Duration::from_hours(99_999_999)));
        assert_eq!(granted("0n"), Some(Duration::ZERO));
        for wrong in ["", "m", "1", "1x", "-1S", "123456789S", "1é", "é"] {
            assert_eq!(granted(wrong), None, "{wrong}");
        }
    }
}
