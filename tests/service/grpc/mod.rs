//! The gRPC room from outside: over loopback, with certificates minted for the test and services that only show what reached them.

mod access;
mod bounds;
mod introspection;
mod net;
mod status;
mod stopping;
mod tls;
