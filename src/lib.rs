//! Consular registration of citizens of Kazakhstan abroad.
//!
//! The rooms by floor; a room uses lower floors only, and rooms of one floor never see each other:
//!
//! | floor | rooms |
//! |---|---|
//! | 6 | [`command`] (command line), [`server`] (composition root), [`config`], [`telemetry`] |
//! | 5 | [`grpc`]: the only room that knows the wire |
//! | 4 | [`workflow`]: the use cases |
//! | 3 | [`store`], [`documents`], [`notify`], [`sandbox`], [`conformance`] |
//! | 2 | [`signature`]: ETSI EN 319 102-1 |
//! | 1 | [`cms`]: RFC 5652 |
//! | 0 | [`pki`]: RFC 5280 · [`registration`]: the law · [`clock`] |

#![forbid(unsafe_code)]

pub mod clock;
pub mod cms;
pub mod command;
pub mod config;
pub mod conformance;
pub mod documents;
pub mod grpc;
pub mod notify;
pub mod pki;
pub mod registration;
pub mod sandbox;
pub mod server;
pub mod signature;
pub mod store;
pub mod telemetry;
pub mod workflow;
pub mod xml;
