//! gRPC: the wire in front of the use cases.
//!
//! Lives here: everything that names tonic or prost. Handlers, one file per service, are thin: take the request apart, call one use
//! case, give the result the form of the wire. Who may call what is one table ([`methods`]), looked up by the TLS certificate of the
//! peer ([`callers`], [`peer`]) and kept by one gate. Only [`status`] makes a status.
//!
//! May not live here: rules, order of steps, SQL, time, or any trust in metadata.
//!
//! Sources: the gRPC protocol over HTTP/2, google.rpc error model (AIP-193), RFC 8446 for TLS.

mod answer;
mod applications;
mod audit;
mod bounded;
pub mod by_name;
mod call;
pub mod callers;
pub mod client;
mod convert;
mod convert_crisis;
mod convert_document;
mod convert_election;
mod convert_list;
mod convert_registration;
mod convert_report;
mod convert_statistics;
mod convert_time;
mod convert_trust;
mod convert_validation;
mod documents;
mod exchange;
pub mod failure;
mod gate;
mod health;
mod limits;
mod listener;
pub mod methods;
pub mod names;
mod notifications;
mod peer;
pub mod personal_reads;
pub mod proto;
pub mod reason;
mod registrations;
mod reviews;
mod sandbox;
mod server;
mod services;
pub mod state_registers;
pub mod status;
mod streams;
pub mod tls;
mod transcoding;
mod trust_anchors;
mod validation;
mod words;
mod words_trust;

pub use call::Call;
pub use gate::{REQUEST_ID_HEADER, SANDBOX_CALLER};
pub use health::{Anchors, Health};
pub use limits::Limits;
pub use listener::{Listener, ListenerError, Security};
pub use peer::{Peer, PeerCertificate};
pub use server::{Conditions, ServeError, run};
pub use services::{introspectable, serve};
