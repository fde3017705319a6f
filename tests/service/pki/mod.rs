//! Behaviour of the `pki` room.

mod algorithms;
mod anchors;
mod certificates;
mod distribution;
mod gost;
mod lists;
mod national;
mod octets;
mod paths;
mod responses;
