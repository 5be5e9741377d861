//! What was typed, nothing resolved: the flags every command shares, and the commands.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

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
    pub global: GlobalArgs,
    #[command(subcommand)]
    pub command: Command,
}

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
    pub servers: super::server_args::ServerArgs,
    /// Bound on one question, in seconds
    #[arg(long, value_name = "SECS", default_value_t = 5.0, global = true, allow_negative_numbers = true)]
    pub timeout: f64,
    /// Bound on the whole run, in seconds; default 60, and none for lists of subjects
    #[arg(long, value_name = "SECS", global = true, allow_negative_numbers = true)]
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
    #[arg(long, value_name = "AREA|CODE", global = true)]
    pub only: Vec<String>,
    /// Leave these out; may be repeated
    #[arg(long, value_name = "AREA|CODE", global = true)]
    pub skip: Vec<String>,
    /// The clock to judge by, such as 2026-11-23T12:00:00Z
    #[arg(long, value_name = "RFC3339", global = true)]
    pub now: Option<String>,
    /// Settings; default: mailvet.toml in this or a parent folder
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// Lowest severity that makes the exit code 1: info, low, medium, high, critical or never
    #[arg(long, value_name = "SEVERITY", global = true)]
    pub fail_on: Option<String>,
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
    #[arg(long, value_name = "N", global = true)]
    pub jobs: Option<usize>,
}

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    #[default]
    Auto,
    Always,
    Never,
}

/// The commands; each has its file.
#[allow(clippy::large_enum_variant, reason = "one value in the life of the process")]
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Audit a sender: one scored report over nine areas
    Audit(super::audit::AuditArgs),
    /// Audit a list of domains, each shared question asked once; one report a line
    Portfolio(super::portfolio::PortfolioArgs),
    /// Check DKIM keys, verify a message's signatures, make a key pair
    Dkim(super::dkim::DkimArgs),
    /// Find the DMARC policy that applies, judge a message or a sender by it
    Dmarc(super::dmarc::DmarcArgs),
    /// Judge a brand indicator (BIMI): record, logo and mark certificate
    Bimi(super::bimi::BimiArgs),
    /// Explain an SMTP reply: the cause, who must act and how
    Reply(super::reply::ReplyArgs),
    /// Read bounces, delays, complaints and automatic replies
    Bounce(super::bounce::BounceArgs),
    /// Judge messages by themselves: structure, content, unsubscribe, links, attachments
    Lint(super::lint::LintArgs),
    /// Judge SPF: the verdict, what each term costs, who may send, the record to publish
    Spf(super::spf::SpfArgs),
    /// Judge reverse DNS: PTR names, whether they lead back, HELO, who must publish what
    Ptr(super::ptr::PtrArgs),
    /// Look addresses and domains up on DNS blocklists, the lists' health first
    Blocklist(super::blocklist::BlocklistArgs),
    /// Show who takes a domain's mail; --probe talks to them
    Mx(super::mx::MxArgs),
    /// Judge how mail to a domain is protected on its way: MTA-STS, DANE, STARTTLS
    Transport(super::transport::TransportArgs),
    /// Try whether mail can be handed to a relay from here; no mail is sent
    Relay(super::relay::RelayArgs),
    /// SENDS MAIL: hand one message over to a relay, and show the dialogue and the queue id
    Send(super::send::SendArgs),
    /// Receive mail and audit it as a receiver would; none is delivered
    Listen(super::listen::ListenArgs),
    /// Plan how to raise the volume of a new address, and compare a log with the plan
    Warmup(super::warmup::WarmupArgs),
    /// Sent but not received: what became of a message, from the logs of every hop
    Triage(super::triage::TriageArgs),
    /// Sum up mail logs: how much was sent, to whom, and how it ended
    Traffic(super::traffic::TrafficArgs),
    /// Read DMARC, TLS and feedback reports: who sends as the domain, and how it fares
    Reports(super::reports::ReportsArgs),
    /// Explain a check: what it finds, why it matters, how to fix it
    Explain(super::explain::ExplainArgs),
    /// Print a completion script for your shell
    Completions(super::completions::CompletionsArgs),
    /// Print the manual page (roff)
    Man,
}
