//! The accept loop: sockets in, ready connections out.
//!
//! Own, because the transport's built-in TLS cannot be changed while it runs. Every handshake happens in a task with a time limit and
//! takes the configuration of that moment, so a swap needs no restart and a silent peer holds up nobody: whoever has not shown a certificate
//! takes a place among the handshakes only, for a short time and few per address, and never one of the callers' connections.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Sleep;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_stream::Stream;
use tonic::transport::server::Connected;
use tracing::{debug, warn};

use super::callers::SharedCallers;
use super::limits::Limits;
use super::peer::{Peer, PeerCertificate};
use super::tls::SharedTls;

/// After a failed `accept` (no file descriptors left) the loop rests so long instead of spinning.
const ACCEPT_REST: Duration = Duration::from_millis(100);

/// How connections are protected.
#[derive(Debug, Clone)]
pub enum Security {
    /// Not at all: on loopback in the sandbox, where every caller is the sandbox itself.
    PlaintextSandbox,
    /// TLS with client certificates; the configuration may be replaced at any time.
    Tls(SharedTls),
}

/// Why the service cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenerError {
    /// Plaintext would be open to the network.
    #[error("plaintext is for loopback only, and {0} is not; configure TLS")]
    PlaintextBeyondLoopback(SocketAddr),
    /// The operating system refuses.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
}

/// A bound socket that has not accepted anything yet.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    security: Security,
}

impl Listener {
    /// Binds `address`; port 0 lets the system choose.
    pub async fn bind(address: SocketAddr, security: Security) -> Result<Self, ListenerError> {
        if matches!(security, Security::PlaintextSandbox) && !address.ip().is_loopback() {
            return Err(ListenerError::PlaintextBeyondLoopback(address));
        }
        let bind = |source| ListenerError::Bind { address, source };
        let socket = TcpListener::bind(address).await.map_err(bind)?;
        let address = socket.local_addr().map_err(bind)?;
        Ok(Self { socket, address, security })
    }

    /// The address really listened on.
    pub fn local_address(&self) -> SocketAddr {
        self.address
    }

    /// Whether this listener speaks plaintext, which only the sandbox may.
    pub fn is_plaintext(&self) -> bool {
        matches!(self.security, Security::PlaintextSandbox)
    }

    /// Starts accepting. Dropping the stream closes the socket and gives up unfinished handshakes; connections handed out live on.
    pub(super) fn incoming(self, limits: &Limits, callers: SharedCallers) -> Incoming {
        let (ready, connections) = mpsc::channel(64);
        let loop_task = tokio::spawn(accept_loop(self, limits.clone(), callers, ready));
        Incoming { connections, accept_loop: loop_task.abort_handle() }
    }
}

/// The stream of ready connections.
#[derive(Debug)]
pub(super) struct Incoming {
    connections: mpsc::Receiver<Connection>,
    accept_loop: AbortHandle,
}

impl Stream for Incoming {
    type Item = Result<Connection, io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.connections.poll_recv(context).map(|connection| connection.map(Ok))
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        self.accept_loop.abort();
    }
}

/// The places that connections take, from the first octet on.
struct Places {
    handshakes: Arc<Semaphore>,
    callers: Arc<Semaphore>,
    strangers: Arc<Semaphore>,
    /// Handshakes under way by address.
    addresses: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Places {
    fn new(limits: &Limits) -> Self {
        let places = |count| Arc::new(Semaphore::new(count));
        Self {
            handshakes: places(limits.handshakes),
            callers: places(limits.connections),
            strangers: places(limits.strangers),
            addresses: Arc::default(),
        }
    }

    /// None when `most` handshakes from this address are under way already.
    fn visit(&self, address: IpAddr, most: usize) -> Option<Visit> {
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let count = addresses.entry(address).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Visit { address, addresses: Arc::clone(&self.addresses) })
    }
}

/// A handshake under way, counted until it is dropped.
struct Visit {
    address: IpAddr,
    addresses: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut entry) = addresses.entry(self.address) {
            *entry.get_mut() -= 1;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }
}

async fn accept_loop(listener: Listener, limits: Limits, callers: SharedCallers, ready: mpsc::Sender<Connection>) {
    let places = Arc::new(Places::new(&limits));
    // In the sandbox all callers come from one address.
    let most_per_address = if listener.is_plaintext() { usize::MAX } else { limits.handshakes_per_address };
    // Aborting this loop drops the set and with it every handshake under way.
    let mut handshakes = JoinSet::new();
    loop {
        while handshakes.try_join_next().is_some() {}
        // The place comes before the socket: with all taken, further callers wait in the kernel's queue.
        let Ok(place) = Arc::clone(&places.handshakes).acquire_owned().await else { return };
        let (stream, address) = match listener.socket.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_REST).await;
                continue;
            }
        };
        let Some(visit) = places.visit(address.ip(), most_per_address) else {
            debug!(%address, "too many handshakes from one address");
            continue;
        };
        let (security, limits, ready) = (listener.security.clone(), limits.clone(), ready.clone());
        let (places, callers) = (Arc::clone(&places), Arc::clone(&callers));
        handshakes.spawn(async move {
            // Held until the connection has a place of its own.
            let _under_way = (place, visit);
            match tokio::time::timeout(limits.handshake_time, handshake(stream, address, &security)).await {
                Ok(Ok((transport, peer))) => {
                    let (slots, age) = if is_known(&peer, &callers) {
                        (&places.callers, limits.connection_age.saturating_add(limits.connection_grace))
                    } else {
                        (&places.strangers, limits.stranger_time)
                    };
                    let slot = Arc::clone(slots).acquire_owned();
                    let Ok(Ok(slot)) = tokio::time::timeout(limits.handshake_time, slot).await else {
                        debug!(%address, "no place for a further connection");
                        return;
                    };
                    // Fails only when the server has stopped taking connections.
                    let _ = ready.send(Connection::new(transport, peer, slot, age)).await;
                }
                Ok(Err(error)) => debug!(%address, %error, "handshake failed"),
                Err(_) => debug!(%address, "handshake took too long"),
            }
        });
    }
}

/// Whether the table has the peer now. Every call is looked up anew; this only decides how long the connection may stay.
fn is_known(peer: &Peer, callers: &SharedCallers) -> bool {
    match peer {
        Peer::Plaintext(_) => true,
        Peer::Certificate(certificate) => callers.load().find(certificate).is_some(),
    }
}

async fn handshake(stream: TcpStream, address: SocketAddr, security: &Security) -> io::Result<(Transport, Peer)> {
    stream.set_nodelay(true)?;
    match security {
        Security::PlaintextSandbox => Ok((Transport::Plain(stream), Peer::Plaintext(address))),
        Security::Tls(config) => {
            let stream = TlsAcceptor::from(config.load_full()).accept(stream).await?;
            let (_, connection) = stream.get_ref();
            let certificate = connection
                .peer_certificates()
                .and_then(<[_]>::first)
                .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no client certificate"))?;
            let peer = Peer::Certificate(Arc::new(PeerCertificate::read(certificate)));
            Ok((Transport::Tls(Box::new(stream)), peer))
        }
    }
}

/// One accepted connection; frees its slot when dropped, and ends itself at its greatest age.
#[derive(Debug)]
pub(super) struct Connection {
    transport: Transport,
    peer: Peer,
    // The server asks for a graceful close at `connection_age`; this timer cuts those that do not comply.
    end: Pin<Box<Sleep>>,
    _slot: OwnedSemaphorePermit,
}

#[derive(Debug)]
enum Transport {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Connection {
    fn new(transport: Transport, peer: Peer, slot: OwnedSemaphorePermit, age: Duration) -> Self {
        Self { transport, peer, end: Box::pin(tokio::time::sleep(age)), _slot: slot }
    }
}

impl Connected for Connection {
    type ConnectInfo = Peer;

    fn connect_info(&self) -> Peer {
        self.peer.clone()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.end.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "the connection reached its greatest age",
            )));
        }
        match &mut self.transport {
            Transport::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Transport::Tls(stream) => Pin::new(stream.as_mut()).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.transport {
            Transport::Plain(stream) => Pin::new(stream).poll_write(context, octets),
            Transport::Tls(stream) => Pin::new(stream.as_mut()).poll_write(context, octets),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.transport {
            Transport::Plain(stream) => Pin::new(stream).poll_write_vectored(context, slices),
            Transport::Tls(stream) => Pin::new(stream.as_mut()).poll_write_vectored(context, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.transport {
            Transport::Plain(stream) => stream.is_write_vectored(),
            Transport::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.transport {
            Transport::Plain(stream) => Pin::new(stream).poll_flush(context),
            Transport::Tls(stream) => Pin::new(stream.as_mut()).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.transport {
            Transport::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Transport::Tls(stream) => Pin::new(stream.as_mut()).poll_shutdown(context),
        }
    }
}
