//! Behaviour of the `cms` room: encodings, bounds, and signatures that other programs accept.

mod encodings;
mod signing;
