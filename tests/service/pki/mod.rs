//! Behaviour of the `pki` room.

mod national;
mod suites;
