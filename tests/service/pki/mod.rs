//! Behaviour of the `pki` room.

mod algorithms;
mod certificates;
mod gost;
mod lists;
mod national;
mod paths;
mod responses;
mod suites;
