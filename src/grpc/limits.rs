//! Every bound that this room keeps, in one place. The configuration sets them; the defaults suit one replica.

use std::time::Duration;

/// Bounds on connections, messages, calls and streams.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Octets of one request message, also after decompression; over it the call ends RESOURCE_EXHAUSTED before anything is allocated.
    pub message_octets: usize,
    /// Octets of one revocation list over all pieces of its upload.
    pub revocation_list_octets: usize,
    /// Unary calls worked on at a time over all connections; the next is turned away with UNAVAILABLE.
    pub concurrent_calls: usize,
    /// Streams and uploads open at a time over all connections.
    pub concurrent_streams: usize,
    /// Of those, the ones of one caller.
    pub streams_per_caller: usize,
    /// Calls of health and reflection at a time, which anybody past the handshake may make; each ends at [`Self::stream_age`].
    pub open_calls: usize,
    /// HTTP/2 streams on one connection (RFC 9113 §5.1.2).
    pub streams_per_connection: u32,
    /// A unary call is given up after so long.
    pub call_time: Duration,
    /// An upload is given up after so long.
    pub upload_time: Duration,
    /// A stream is ended after so long; the caller goes on with its resume token.
    pub stream_age: Duration,
    /// Connections of known callers open at a time; more wait as long as a handshake may take.
    pub connections: usize,
    /// Handshakes under way at a time: nobody is known yet. More wait in the kernel's queue.
    pub handshakes: usize,
    /// Of those, the ones from one address; more are closed.
    pub handshakes_per_address: usize,
    /// A TLS handshake is given up after so long, and so is waiting for a place after it.
    pub handshake_time: Duration,
    /// Connections at a time whose certificate is verified but belongs to no caller in the table.
    pub strangers: usize,
    /// Such a connection is closed after so long: time enough to be told so.
    pub stranger_time: Duration,
    /// A connection is asked to close (GOAWAY) at this age, so that every caller is verified anew from time to time.
    pub connection_age: Duration,
    /// After being asked, a connection may finish its calls for so long and is then cut.
    pub connection_grace: Duration,
    /// A silent connection is pinged after so long (RFC 9113 §6.7).
    pub keepalive_interval: Duration,
    /// A ping is to be answered within this time.
    pub keepalive_time: Duration,
    /// When stopping: how long health says NOT_SERVING before the listener closes, so that balancers look elsewhere.
    pub stop_notice: Duration,
    /// When stopping: how long calls in flight may take after the listener has closed.
    pub drain_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_octets: 4 << 20,
            revocation_list_octets: 64 << 20,
            concurrent_calls: 1024,
            concurrent_streams: 1024,
            streams_per_caller: 256,
            open_calls: 128,
            streams_per_connection: 256,
            call_time: Duration::from_secs(30),
            upload_time: Duration::from_mins(5),
            stream_age: Duration::from_mins(30),
            connections: 1024,
            handshakes: 256,
            handshakes_per_address: 64,
            handshake_time: Duration::from_secs(5),
            strangers: 32,
            stranger_time: Duration::from_secs(10),
            connection_age: Duration::from_hours(1),
            connection_grace: Duration::from_secs(30),
            keepalive_interval: Duration::from_secs(30),
            keepalive_time: Duration::from_secs(20),
            stop_notice: Duration::ZERO,
            drain_time: Duration::from_secs(25),
        }
    }
}
