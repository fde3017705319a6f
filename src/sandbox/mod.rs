//! An imitation national certification authority, for trying and testing. Nothing it signs is ever trusted unless asked.
//!
//! Here live: keys and certificates with the national profile (RSA; the GOST-2015 algorithm joins as a second [`Family`]
//! beside it), citizens, officers, callers, CRLs and revocation, ready application forms, many certificates over one key
//! for load. Not here: validation of anything (`pki`, `signature`), signing of CMS (`cms`), any clock (time is an argument).
//! Follows RFC 5280 and the national certificate profile as observed on the authority's own test certificates.
//!
//! # The folder
//!
//! ```text
//! DIR/
//!   authority.toml              the register: what was issued and revoked, CRL numbers (private to this room)
//!   trust.toml                  what a service trusts in this sandbox, see `tables::TrustTable`
//!   callers.toml                which client certificate is which caller, see `tables::CallerTable`
//!   officers.toml               who may act for which mission, see `tables::OfficerTable`
//!   roots/                      rsa.{crt,key} tls.{crt,key}       self-signed, trusted through trust.toml
//!   intermediates/              rsa.{crt,key} rsa-load.{crt,key}  issuing authorities under roots/rsa
//!   crls/                       root-rsa.crl rsa.crl rsa-load.crl tls.crl (DER)
//!   citizens/NAME.{crt,key,p12} assel daniyar student minor revoked expired authentication-only test-iin outsider
//!   officers/NAME.{crt,key,p12} berlin-officer berlin-supervisor istanbul-officer new-york-officer
//!   callers/NAME.{crt,key}      portal berlin istanbul new-york ministry state-system trust-administrator auditor
//!                               (TLS client, ECDSA P-256)
//!   tls/server.{crt,key}        for localhost, 127.0.0.1 and ::1 under roots/tls
//!   storage.key                 master key of what the service stores here
//!   seal/seal.{crt,key}         the service's electronic seal (information system of a legal entity)
//!   tsa/tsa.{crt,key}           a time-stamping unit
//!   registers/                  what the imitated state registers hold, see `SandboxRegisters`:
//!     population.toml documents.toml decisions.toml behaviour.toml
//!   untrusted/outsider.{crt,key}  the root of citizens/outsider, in no trust table
//!   forms/NAME.json             application forms ready to sign, good for 30 days:
//!     temporary (assel) permanent (daniyar) study (student) minor (represented by assel, who signs), which are complete;
//!     change extend transfer deregister certificate (assel), about the registration that temporary leads to;
//!     incomplete without-consent wrong-audience other-version out-of-date (assel) minor-unrepresented (minor), which are not;
//!     revoked expired authentication-only test-iin outsider, for the citizen of that name
//! ```
//!
//! Certificates are PEM, keys are PKCS#8 PEM readable by their owner only (0600), p12 files open with [`P12_PASSWORD`].

mod authority;
mod cast;
mod errors;
mod folder;
mod forms;
mod gost;
mod keys;
mod load;
mod minting;
mod people;
mod pkcs12;
mod profile;
mod register;
mod state_registers;
pub mod tables;
mod transport;

pub use authority::{Authority, CRL_VALIDITY, Family, ROOT_CRL_VALIDITY, Strength};
pub use cast::{Holder, NewOfficer, Standing};
pub use errors::SandboxError;
pub use forms::Form;
pub use keys::Progress;
pub use load::{LoadBatch, LoadCitizen, LoadIssuer};
pub use people::{Person, iin};
pub use pkcs12::P12_PASSWORD;
pub use state_registers::{Behaviour, SandboxRegisters};
