//! The command line: arguments in, exit code out. Only here and in `gather` is
//! anything read, asked or printed.

mod asking;
mod audit;
mod auditing;
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
pub(crate) mod exit;
mod explain;
mod following;
mod global_args;
mod help;
mod in_order;
mod input;
mod lint;
mod lint_text;
mod listen;
mod log_args;
mod log_zone;
mod mailbox;
mod mx;
mod offers;
mod output;
mod pasted_record;
mod portfolio;
mod probe_args;
mod progress;
mod ptr;
mod queue;
mod reading;
mod relay;
mod remedied;
mod reply;
mod report_files;
mod reports;
mod scanner_args;
mod schema;
mod send;
mod server_args;
mod session;
mod spf;
mod suppress;
mod traffic;
mod transport;
mod triage;
mod warmup;
mod watchdog;
mod zone;

use std::ffi::OsString;

use clap::{FromArgMatches as _, Parser, Subcommand};

use exit::Exit;
use global_args::GlobalArgs;
use help::Shape;

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "mailvet",
    version,
    about = "Audits outbound mail: why it will not arrive, why it did not, and who must act",
    after_help = "Start with: mailvet audit --demo\n\nExit codes: 0 nothing at or above --fail-on; \
                  1 findings; 2 usage or configuration; 3 too little evidence to judge",
    propagate_version = true,
    arg_required_else_help = true,
    max_term_width = 96
)]
pub struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands; each has its file.
#[allow(clippy::large_enum_variant, reason = "one value in the life of the process")]
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Audit a sender: one scored report over nine areas
    Audit(audit::AuditArgs),
    /// Audit a list of domains, each shared question asked once; one report a line
    Portfolio(portfolio::PortfolioArgs),
    /// Check DKIM keys, verify a message's signatures, make a key pair
    Dkim(dkim::DkimArgs),
    /// Find the DMARC policy that applies, judge a message or a sender by it
    Dmarc(dmarc::DmarcArgs),
    /// Judge a brand indicator (BIMI): record, logo and mark certificate
    Bimi(bimi::BimiArgs),
    /// Explain an SMTP reply: the cause, who must act and how
    Reply(reply::ReplyArgs),
    /// Read bounces, delays, complaints and automatic replies
    Bounce(bounce::BounceArgs),
    /// Judge messages by themselves: structure, content, unsubscribe, links, attachments
    Lint(lint::LintArgs),
    /// Judge SPF: the verdict, what each term costs, who may send, the record to publish
    Spf(spf::SpfArgs),
    /// Judge reverse DNS: PTR names, whether they lead back, HELO, who must publish what
    Ptr(ptr::PtrArgs),
    /// Look addresses and domains up on DNS blocklists, the lists' health first
    Blocklist(blocklist::BlocklistArgs),
    /// Show who takes a domain's mail; --probe talks to them
    Mx(mx::MxArgs),
    /// Judge how mail to a domain is protected on its way: MTA-STS, DANE, STARTTLS
    Transport(transport::TransportArgs),
    /// Try whether mail can be handed to a relay from here; no mail is sent
    Relay(relay::RelayArgs),
    /// SENDS MAIL: hand one message over to a relay, and show the dialogue and the queue id
    Send(send::SendArgs),
    /// Receive mail and audit it as a receiver would; none is delivered
    Listen(listen::ListenArgs),
    /// Plan how to raise the volume of a new address, and compare a log with the plan
    Warmup(warmup::WarmupArgs),
    /// Sent but not received: what became of a message, from the logs of every hop
    Triage(triage::TriageArgs),
    /// What is stuck in a queue, by cause and receiver, and who must act: postqueue -j | mailvet queue
    Queue(queue::QueueArgs),
    /// List the addresses to stop mailing, from logs, bounces and complaints
    Suppress(suppress::SuppressArgs),
    /// Sum up mail logs: how much was sent, to whom, and how it ended
    Traffic(traffic::TrafficArgs),
    /// Judge zone files before they go live: names, entries, and what a change breaks
    Zone(zone::ZoneArgs),
    /// Read DMARC, TLS and feedback reports: who sends as the domain, and how it fares
    Reports(reports::ReportsArgs),
    /// Explain a check: what it finds, why it matters, how to fix it
    Explain(explain::ExplainArgs),
    /// Print the schema of mailvet.toml, for editors and checks
    Schema(schema::SchemaArgs),
    /// Print a completion script for your shell
    Completions(completions::CompletionsArgs),
    /// Print a manual page (roff), or write one a command
    Man(completions::ManArgs),
}

impl Command {
    fn run(&self, global: &GlobalArgs) -> anyhow::Result<Exit> {
        match self {
            Command::Audit(args) => audit::run(args, global),
            Command::Portfolio(args) => portfolio::run(args, global),
            Command::Dkim(args) => dkim::run(args, global),
            Command::Dmarc(args) => dmarc::run(args, global),
            Command::Reply(args) => reply::run(args, global),
            Command::Bounce(args) => bounce::run(args, global),
            Command::Lint(args) => lint::run(args, global),
            Command::Spf(args) => spf::run(args, global),
            Command::Ptr(args) => ptr::run(args, global),
            Command::Blocklist(args) => blocklist::run(args, global),
            Command::Mx(args) => mx::run(args, global),
            Command::Transport(args) => transport::run(args, global),
            Command::Relay(args) => relay::run(args, global),
            Command::Listen(args) => listen::run(args, global),
            Command::Send(args) => send::run(args, global),
            Command::Warmup(args) => warmup::run(args, global),
            Command::Triage(args) => triage::run(args, global),
            Command::Queue(args) => queue::run(args, global),
            Command::Suppress(args) => suppress::run(args, global),
            Command::Traffic(args) => traffic::run(args, global),
            Command::Bimi(args) => bimi::run(args, global),
            Command::Zone(args) => zone::run(args, global),
            Command::Reports(args) => reports::run(args, global),
            Command::Explain(args) => explain::run(args, global),
            Command::Schema(args) => schema::run(args, global),
            Command::Completions(args) => completions::run(args, help::command(Shape::Completion), global),
            Command::Man(args) => completions::man(args, help::command(Shape::Whole), global),
        }
    }
}

/// The command line, of which no flag would do nothing.
fn parsed(args: &[OsString]) -> Result<Cli, clap::Error> {
    let matches = help::command(Shape::of(args)).try_get_matches_from(args)?;
    match offers::refusal(&matches) {
        Some(text) => Err(clap::Error::raw(clap::error::ErrorKind::ArgumentConflict, format!("{text}\n"))),
        None => Cli::from_arg_matches(&matches),
    }
}

/// Runs mailvet with these arguments, program name first.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Exit {
    let args: Vec<OsString> = args.into_iter().collect();
    let cli = match parsed(&args) {
        Ok(cli) => cli,
        Err(error) => {
            let usage = error.use_stderr();
            match usage && !std::io::IsTerminal::is_terminal(&std::io::stderr()) {
                // It quotes arguments, and a shell's pattern makes arguments of file names.
                true => output::say(&error.render().to_string()),
                // A closed pipe on --help is nobody's error.
                false => drop(error.print()),
            }
            return if usage { Exit::Usage } else { Exit::Clean };
        }
    };
    output::mask_what_is_said(cli.global.redact);
    watchdog::watch(&cli.command, cli.global.deadline);
    let result = cli.command.run(&cli.global);
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
            output::say(&text);
            Exit::Usage
        }
    }
}
