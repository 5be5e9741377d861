//! The exit codes of the contract.

use std::process::ExitCode;

/// What a script branches on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing at or above `--fail-on`.
    Clean = 0,
    /// Findings.
    Findings = 1,
    /// Usage or configuration, or input that cannot be read.
    Usage = 2,
    /// Too little evidence to judge.
    Unknown = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}
