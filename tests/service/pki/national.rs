//! The national certificates and lists, as they are.
