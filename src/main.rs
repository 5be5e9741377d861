//! Parses, calls `cli::run`, returns its exit code.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    mailvet::cli::run(std::env::args_os()).into()
}
