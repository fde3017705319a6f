//! The gRPC room from outside: over loopback, with certificates minted for the test and services that only show what reached them.

#![allow(clippy::unwrap_used, reason = "what a test stands on may fail loudly outside of test functions too")]

mod access;
mod bounds;
mod introspection;
mod net;
mod status;
mod stopping;
mod tls;
