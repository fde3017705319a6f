//! Runs services on a listener until told to stop, behind the gate and within the limits.

use std::sync::Arc;

use tokio::sync::watch;
use tonic::service::Routes;
use tonic::transport::Server;

use super::callers::SharedCallers;
use super::gate::GateLayer;
use super::health::Health;
use super::limits::Limits;
use super::listener::Listener;
use super::personal_reads::SharedTrail;

/// HTTP/2 header lists over this many octets are refused (RFC 9113 §6.5.2).
const HEADER_LIST_OCTETS: u32 = 16 << 10;
/// What a peer may send on one stream before it has to wait (RFC 9113 §6.9).
const STREAM_WINDOW: u32 = 1 << 20;
/// The same for a whole connection.
const CONNECTION_WINDOW: u32 = 4 << 20;

/// Why the server ended, or never began.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The descriptors do not serve for reflection.
    #[error("reflection cannot be set up: {0}")]
    Reflection(#[from] tonic_reflection::server::Error),
    /// The transport failed.
    #[error("the gRPC server failed: {0}")]
    Transport(#[from] tonic::transport::Error),
}

/// Who may call, within which bounds, and whom to tell how the server is.
#[derive(Debug, Clone)]
pub struct Conditions {
    /// Who may call; looked at anew for every call.
    pub callers: SharedCallers,
    /// How the server is; set from outside, and by the server itself when it stops.
    pub health: Health,
    /// Where reads of personal data are recorded.
    pub trail: SharedTrail,
    /// All bounds.
    pub limits: Limits,
}

/// Serves `routes` until `stop` completes. Then: health says NOT_SERVING, for [`Limits::stop_notice`] everything goes on, the socket
/// closes, streams are told to come back elsewhere, calls in flight finish within [`Limits::drain_time`].
pub async fn run(
    listener: Listener,
    routes: Routes,
    conditions: Conditions,
    stop: impl Future<Output = ()> + Send,
) -> Result<(), ServeError> {
    let Conditions { callers, health, trail, limits } = conditions;
    let (stopping, mut stopped) = watch::channel(false);
    let gate = GateLayer::new(Arc::clone(&callers), trail, &limits, stopped.clone());
    let closing = async move {
        // An error means that the sender is gone, which is a stop as well.
        let _ = stopped.wait_for(|stopping| *stopping).await;
    };
    let server = Server::builder()
        .http2_max_header_list_size(HEADER_LIST_OCTETS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_concurrent_streams(limits.streams_per_connection)
        .http2_keepalive_interval(Some(limits.keepalive_interval))
        .http2_keepalive_timeout(Some(limits.keepalive_time))
        .max_connection_age(limits.connection_age)
        .layer(gate)
        .add_routes(routes)
        .serve_with_incoming_shutdown(listener.incoming(&limits, Arc::clone(&callers)), closing);
    tokio::pin!(server);
    tokio::select! {
        ended = &mut server => return Ok(ended?),
        () = stop => {}
    }
    health.stopping().await;
    // Calls go on being served during the notice.
    if let Ok(ended) = tokio::time::timeout(limits.stop_notice, &mut server).await {
        return Ok(ended?);
    }
    stopping.send_replace(true);
    if let Ok(ended) = tokio::time::timeout(limits.drain_time, server).await {
        return Ok(ended?);
    }
    tracing::warn!("calls still under way after the drain time were cut");
    Ok(())
}
