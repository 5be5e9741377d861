//! `mailvet zone`: zone files as teams keep them, before they go live.

mod against;
pub(super) mod check;
mod files;
pub(super) mod fix;
mod gathering;
mod ignores;
mod judging;
mod pairs;
mod places;
mod records;
mod served;
mod split;
mod unified;

use clap::{Args, Subcommand};

use super::exit::Exit;
use super::global_args::GlobalArgs;

/// Zone files.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  mailvet zone check zones/ --against origin/main --format github
  mailvet zone fix zones/ | git apply
  mailvet zone records example.com.yaml --format json")]
pub struct ZoneArgs {
    #[command(subcommand)]
    command: ZoneCommand,
}

#[derive(Clone, Debug, Subcommand)]
enum ZoneCommand {
    /// Judge zone files: every name with mail by its role, every entry, and what a change breaks
    Check(check::CheckArgs),
    /// Print a diff that settles what a record or the text alone can settle, or write it
    Fix(fix::FixArgs),
    /// Show the records of a file in any format that is read
    Records(records::RecordsArgs),
}

pub(super) fn run(args: &ZoneArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    match &args.command {
        ZoneCommand::Check(args) => check::run(args, global),
        ZoneCommand::Fix(args) => fix::run(args, global),
        ZoneCommand::Records(args) => records::run(args, global),
    }
}
