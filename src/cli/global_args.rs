//! The flags every command shares, as typed, nothing resolved. Every command imports
//! this file; it knows none of them.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::server_args::ServerArgs;
use crate::model::Severity;

/// Flags of every command.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct GlobalArgs {
    /// Output format: terminal or json; more where a command says so. FORMAT=FILE writes to a file; may be repeated
    #[arg(long, value_name = "FORMAT[=FILE]", global = true)]
    pub format: Vec<String>,
    /// Write there instead of to standard output
    #[arg(long, value_name = "FILE", global = true)]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub servers: ServerArgs,
    /// Bound on one question, in seconds
    #[arg(
        long,
        value_name = "SECS",
        default_value_t = 5.0,
        global = true,
        allow_negative_numbers = true,
        value_parser = seconds
    )]
    pub timeout: f64,
    /// Bound on the whole run, in seconds; default 60 for questions, and none for lists of subjects. Where given,
    /// reading and judging end 10 s after it, with exit code 3
    #[arg(long, value_name = "SECS", global = true, allow_negative_numbers = true, value_parser = seconds)]
    pub deadline: Option<f64>,
    /// Answer from this zone file before the network; ORIGIN=FILE where it has no $ORIGIN
    #[arg(long, value_name = "[ORIGIN=]FILE", global = true)]
    pub zone: Vec<String>,
    /// Save all questions and answers
    #[arg(long, value_name = "FILE", global = true)]
    pub record: Option<PathBuf>,
    /// Rerun from a recording; nothing is asked
    #[arg(long, value_name = "FILE", global = true, conflicts_with_all = ["record", "resolver", "dot", "doh"])]
    pub replay: Option<PathBuf>,
    /// Mask the local part of addresses, and tokens in links, in what is printed and recorded
    #[arg(long, global = true)]
    pub redact: bool,
    /// Ask no network at all
    #[arg(long, global = true)]
    pub offline: bool,
    /// Judge only these, and so ask only for them; may be repeated
    #[arg(long, value_name = "AREA|TOPIC|CODE", global = true)]
    pub only: Vec<String>,
    /// Leave these out; may be repeated
    #[arg(long, value_name = "AREA|TOPIC|CODE", global = true)]
    pub skip: Vec<String>,
    /// The clock to judge by, such as 2026-11-23T12:00:00Z
    #[arg(long, value_name = "RFC3339", global = true)]
    pub now: Option<String>,
    /// Settings; default: mailvet.toml in this or a parent folder
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// Lowest severity that makes the exit code 1
    #[arg(long, value_name = "SEVERITY", global = true)]
    pub fail_on: Option<FailOn>,
    /// Whether a check that got no answer makes the exit code 3; default ignore, but never for what a score rests on
    #[arg(long, value_name = "WHAT", global = true)]
    pub on_unknown: Option<OnUnknown>,
    /// Colour the terminal output
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = ColorWhen::Auto, global = true)]
    pub color: ColorWhen,
    /// Print less: only the answer
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print more: what passed and what was asked too
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Worker threads; default: one per core
    #[arg(long, value_name = "N", global = true, allow_negative_numbers = true, value_parser = threads)]
    pub jobs: Option<usize>,
}

impl GlobalArgs {
    /// Threads of one run: `--jobs`, else one per core; at most `most`, since each takes memory and time to begin.
    pub fn threads(&self, most: usize) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        self.jobs.unwrap_or_else(cores).clamp(1, most)
    }
}

/// A bound in seconds. Refused here, so that no command takes a wrong one in silence, whether it asks or not.
fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value <= 86_400.0 => Ok(value),
        _ => Err("give seconds, more than 0 and at most 86400".to_owned()),
    }
}

/// A number of threads. Nought is refused rather than read as "as many as there are".
fn threads(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err("give a number of threads, 1 or more".to_owned()),
    }
}

/// What fails the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    Info,
    Low,
    Medium,
    High,
    Critical,
    Never,
}

impl FailOn {
    /// The lowest severity that fails the run; `None`: none does.
    pub fn severity(self) -> Option<Severity> {
        match self {
            FailOn::Info => Some(Severity::Info),
            FailOn::Low => Some(Severity::Low),
            FailOn::Medium => Some(Severity::Medium),
            FailOn::High => Some(Severity::High),
            FailOn::Critical => Some(Severity::Critical),
            FailOn::Never => None,
        }
    }
}

/// What a question without an answer does to the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnUnknown {
    Ignore,
    Fail,
}

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    #[default]
    Auto,
    Always,
    Never,
}
