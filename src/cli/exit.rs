//! The exit codes of the contract.

use std::process::ExitCode;

use crate::render::listing::NagiosState;

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

/// A monitoring plugin's codes are its own (Monitoring Plugins guidelines).
impl From<NagiosState> for Exit {
    fn from(state: NagiosState) -> Exit {
        match state {
            NagiosState::Ok => Exit::Clean,
            NagiosState::Warning => Exit::Findings,
            NagiosState::Critical => Exit::Usage,
            NagiosState::Unknown => Exit::Unknown,
        }
    }
}
