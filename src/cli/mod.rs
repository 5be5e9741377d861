//! The command line: arguments in, exit code out. Only here and in `gather` is
//! anything read, asked or printed.

pub mod args;
mod audit;
mod authoritative_args;
mod before_args;
mod bimi;
mod blocklist;
mod bounce;
mod completions;
mod confirm;
mod demo;
mod dkim;
mod dkim_keygen;
mod dmarc;
pub mod exit;
mod explain;
mod following;
mod in_order;
pub mod input;
mod lint;
mod listen;
mod mailbox;
mod mx;
pub mod output;
mod portfolio;
mod probe_args;
mod progress;
mod ptr;
mod reading;
mod relay;
mod reply;
mod report_files;
mod reports;
mod scanner_args;
mod send;
mod server_args;
pub mod session;
mod spf;
mod traffic;
mod transport;
mod triage;
mod warmup;

use std::ffi::OsString;
use std::io::Write as _;

use clap::Parser as _;

use args::{Cli, Command};
use exit::Exit;

/// Runs mailvet with these arguments, program name first.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            let usage = error.use_stderr();
            // A closed pipe on --help is nobody's error.
            let _ = error.print();
            return if usage { Exit::Usage } else { Exit::Clean };
        }
    };
    let result = match &cli.command {
        Command::Audit(args) => audit::run(args, &cli.global),
        Command::Portfolio(args) => portfolio::run(args, &cli.global),
        Command::Dkim(args) => dkim::run(args, &cli.global),
        Command::Dmarc(args) => dmarc::run(args, &cli.global),
        Command::Reply(args) => reply::run(args, &cli.global),
        Command::Bounce(args) => bounce::run(args, &cli.global),
        Command::Lint(args) => lint::run(args, &cli.global),
        Command::Spf(args) => spf::run(args, &cli.global),
        Command::Ptr(args) => ptr::run(args, &cli.global),
        Command::Blocklist(args) => blocklist::run(args, &cli.global),
        Command::Mx(args) => mx::run(args, &cli.global),
        Command::Transport(args) => transport::run(args, &cli.global),
        Command::Relay(args) => relay::run(args, &cli.global),
        Command::Listen(args) => listen::run(args, &cli.global),
        Command::Send(args) => send::run(args, &cli.global),
        Command::Warmup(args) => warmup::run(args, &cli.global),
        Command::Triage(args) => triage::run(args, &cli.global),
        Command::Traffic(args) => traffic::run(args, &cli.global),
        Command::Bimi(args) => bimi::run(args, &cli.global),
        Command::Reports(args) => reports::run(args, &cli.global),
        Command::Explain(args) => explain::run(args, &cli.global),
        Command::Completions(args) => completions::run(args, &cli.global),
        Command::Man => completions::man(&cli.global),
    };
    match result {
        Ok(exit) => exit,
        Err(error) if output::is_broken_pipe(&error) => Exit::Clean,
        Err(error) => {
            let mut text = String::new();
            for (depth, cause) in error.chain().enumerate() {
                let cause = cause.to_string();
                // Some errors say their cause in their own words already.
                if !text.contains(&cause) {
                    text.push_str(if depth == 0 { "error: " } else { "\n  because: " });
                    text.push_str(&cause);
                }
            }
            let _ = writeln!(std::io::stderr(), "{text}");
            Exit::Usage
        }
    }
}
