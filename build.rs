//! Compiles the proto files without `protoc` and keeps their descriptors, comments included, for reflection.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=proto");
    compile("proto/consular/registration/v1", "descriptors.bin")?;
    compile("proto/consular/registers/v1", "register_descriptors.bin")
}

/// Compiles the package in `folder`; each has descriptors of its own, since each is served by a server of its own.
#[expect(clippy::disallowed_methods, reason = "cargo tells a build script by the environment where to write")]
fn compile(folder: &str, descriptors: &str) -> Result<(), Box<dyn Error>> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|file| file.path())).collect::<Result<_, _>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "proto"));
    files.sort();

    let mut compiler = protox::Compiler::new(["proto"])?;
    compiler.include_imports(true).include_source_info(true).open_files(&files)?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join(descriptors), compiler.encode_file_descriptor_set())?;
    tonic_prost_build::configure().compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}
