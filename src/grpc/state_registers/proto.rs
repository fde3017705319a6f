//! What the proto compiler made of `proto/consular/registers/v1`. Nothing is written by hand here.

#![allow(
    missing_docs,
    clippy::pedantic,
    clippy::large_enum_variant,
    clippy::allow_attributes,
    reason = "generated; its words come from the proto files, which have a lint of their own"
)]

tonic::include_proto!("consular.registers.v1");

/// The compiled descriptors with all imports and comments, as `google.protobuf.FileDescriptorSet`.
pub const FILE_DESCRIPTOR_SET: &[u8] = tonic::include_file_descriptor_set!("register_descriptors");
