//! Parses, calls `cli::run`, returns its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    mailvet::cli::run(std::env::args_os()).into()
}
