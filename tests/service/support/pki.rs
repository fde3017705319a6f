//! A PKI minted for tests, with faults on request.
