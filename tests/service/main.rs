//! Behaviour of the rooms and of the whole service, through their public surfaces; one binary, one module a room.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod architecture;
mod cms;
mod command;
mod conformance;
mod documents;
mod filing;
mod grpc;
mod kill;
mod main_job;
mod mutual_tls;
mod notify;
mod pki;
mod registration;
mod sandbox;
mod signature;
mod store;
mod support;
mod trust;
mod xml;
