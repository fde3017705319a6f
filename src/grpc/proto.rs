//! What the proto compiler made of `proto/consular/registration/v1`: messages, server traits and clients.
//!
//! Nothing is written by hand here. The comments of the items are those of the proto files.

#![allow(
    missing_docs,
    clippy::pedantic,
    clippy::large_enum_variant,
    clippy::allow_attributes,
    reason = "generated; its words come from the proto files, which have a lint of their own"
)]

tonic::include_proto!("consular.registration.v1");

/// The compiled descriptors with all imports and comments, as `google.protobuf.FileDescriptorSet`; reflection answers from it.
pub const FILE_DESCRIPTOR_SET: &[u8] = tonic::include_file_descriptor_set!("descriptors");
