//! What several tests stand on: test data in place, and a PKI minted with faults.

pub mod data;
pub mod forge;
pub mod ocsp;
pub mod openssl;
pub mod pki;
pub mod postgres;
pub mod service;
pub mod status;
pub mod time_stamp;
pub mod xml;
