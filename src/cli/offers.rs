//! What each command takes of the flags that all commands share, and the formats it writes: for its help, for
//! the shell's completion, and for refusing what would do nothing.

use clap::ArgMatches;
use clap::parser::ValueSource;

use super::output::{AnswerFormat, SeriesFormat, TableFormat, TicketFormat, offered};
use super::{auditing, blocklist, bounce, portfolio, reports, schema, suppress, warmup, zone};

/// Shared flags that go together: who uses one uses all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    /// Whom to ask, and for how long.
    Servers,
    /// Answers out of zone files.
    Zone,
    /// Saving the questions and answers, or answering out of what was saved.
    Recording,
    /// Which checks are judged, and what their unknowns mean.
    Judging,
    /// From which severity on the run fails.
    Failing,
}

use Group::{Failing, Judging, Recording, Servers, Zone};

impl Group {
    const ALL: [Group; 5] = [Servers, Zone, Recording, Judging, Failing];

    /// The flags, by clap's names.
    fn flags(self) -> &'static [&'static str] {
        match self {
            Servers => &["resolver", "dot", "doh", "ca", "root_hints", "trust_anchor", "timeout"],
            Zone => &["zone"],
            Recording => &["record", "replay"],
            Judging => &["only", "skip", "on_unknown"],
            Failing => &["fail_on"],
        }
    }

    /// Why the flags do nothing where a command does without them.
    fn reason(self) -> &'static str {
        match self {
            Servers | Zone => "asks no name server",
            Recording => "has no questions and answers to keep or to repeat",
            Judging => "judges by no check that could be chosen",
            Failing => "ends with the same exit code whatever is found",
        }
    }
}

/// One command: its name as typed, its formats, the groups it takes.
struct Offer {
    command: &'static str,
    formats: fn() -> Vec<String>,
    takes: &'static [Group],
}

/// A command that writes no format but its own.
fn plain() -> Vec<String> {
    Vec::new()
}

const ALL: &[Group] = &Group::ALL;

/// Every command that does something by itself.
const OFFERS: &[Offer] = &[
    Offer { command: "audit", formats: offered::<auditing::ReportFormat>, takes: ALL },
    Offer { command: "portfolio", formats: offered::<portfolio::PortfolioFormat>, takes: ALL },
    Offer { command: "dkim", formats: offered::<AnswerFormat>, takes: ALL },
    Offer { command: "dkim keygen", formats: offered::<AnswerFormat>, takes: &[] },
    Offer { command: "dmarc", formats: offered::<AnswerFormat>, takes: ALL },
    Offer { command: "bimi", formats: offered::<AnswerFormat>, takes: ALL },
    Offer { command: "reply", formats: offered::<TicketFormat>, takes: &[Servers, Zone, Recording] },
    Offer { command: "bounce", formats: offered::<bounce::BounceFormat>, takes: &[] },
    Offer { command: "lint", formats: offered::<SeriesFormat>, takes: ALL },
    Offer { command: "spf", formats: offered::<AnswerFormat>, takes: ALL },
    Offer { command: "ptr", formats: offered::<AnswerFormat>, takes: ALL },
    Offer {
        command: "blocklist",
        formats: offered::<blocklist::ListingFormat>,
        takes: &[Servers, Zone, Recording, Failing],
    },
    Offer { command: "mx", formats: offered::<AnswerFormat>, takes: ALL },
    Offer { command: "transport", formats: offered::<AnswerFormat>, takes: ALL },
    Offer { command: "relay", formats: offered::<AnswerFormat>, takes: ALL },
    // These two say why they keep no recording.
    Offer { command: "send", formats: offered::<AnswerFormat>, takes: &[Servers, Zone, Recording] },
    Offer { command: "listen", formats: offered::<SeriesFormat>, takes: ALL },
    Offer { command: "warmup", formats: offered::<warmup::PlanFormat>, takes: &[Failing] },
    Offer {
        command: "triage",
        formats: offered::<TicketFormat>,
        takes: &[Servers, Zone, Recording, Failing],
    },
    Offer { command: "queue", formats: offered::<AnswerFormat>, takes: &[Failing] },
    Offer { command: "suppress", formats: offered::<suppress::ListFormat>, takes: &[] },
    Offer { command: "traffic", formats: offered::<TableFormat>, takes: &[] },
    Offer {
        command: "zone check",
        formats: offered::<zone::check::ReportFormat>,
        takes: &[Servers, Zone, Judging, Failing],
    },
    Offer {
        command: "zone fix",
        formats: offered::<zone::fix::FixFormat>,
        takes: &[Servers, Zone, Judging, Failing],
    },
    Offer { command: "zone records", formats: offered::<AnswerFormat>, takes: &[] },
    Offer { command: "reports", formats: offered::<reports::ReportsFormat>, takes: &[] },
    Offer { command: "explain", formats: offered::<AnswerFormat>, takes: &[] },
    Offer { command: "schema", formats: offered::<schema::SchemaFormat>, takes: &[] },
    Offer { command: "completions", formats: plain, takes: &[] },
    Offer { command: "man", formats: plain, takes: &[] },
];

fn offer(command: &str) -> Option<&'static Offer> {
    OFFERS.iter().find(|offer| offer.command == command)
}

/// The formats that the command writes, its default first; none where it writes no format but its own.
pub(super) fn formats(command: &str) -> Vec<String> {
    offer(command).map_or_else(Vec::new, |offer| (offer.formats)())
}

/// The shared flags that do nothing for the command, by clap's names.
pub(super) fn idle(command: &str) -> Vec<&'static str> {
    let Some(offer) = offer(command) else { return Vec::new() };
    let groups = Group::ALL.into_iter().filter(|group| !offer.takes.contains(group));
    let mut idle: Vec<&str> = groups.flat_map(Group::flags).copied().collect();
    if (offer.formats)().is_empty() {
        idle.push("format");
    }
    idle
}

/// A flag that was given and would do nothing, said so that its giver sees why.
pub(super) fn refusal(matches: &ArgMatches) -> Option<String> {
    let mut words = Vec::new();
    let mut deepest = matches;
    while let Some((name, below)) = deepest.subcommand() {
        words.push(name);
        deepest = below;
    }
    let command = words.join(" ");
    let given =
        |flag: &str| deepest.value_source(flag).is_some_and(|source| source == ValueSource::CommandLine);
    let typed = |flag: &str| format!("--{}", flag.replace('_', "-"));
    if let Some(flag) = idle(&command).into_iter().find(|flag| given(flag)) {
        let group = Group::ALL.into_iter().find(|group| group.flags().contains(&flag));
        let reason = group.map_or("writes one format", Group::reason);
        return Some(format!(
            "{} does nothing for mailvet {command}: it {reason}; leave the flag out",
            typed(flag)
        ));
    }
    if command != "lint" {
        return None;
    }
    // A message alone is judged without a question; only where its links lead is asked.
    let asks = [Servers, Zone].into_iter().flat_map(Group::flags).chain(&["record"]);
    // A scanner that is named is waited for.
    let waits = ["clamd", "rspamd", "spamd"].into_iter().any(given);
    let asks = asks.copied().filter(|flag| !(waits && *flag == "timeout"));
    let idle = asks.into_iter().find(|flag| given(flag)).filter(|_| !given("follow_links"));
    idle.map(|flag| {
        format!(
            "{} does nothing for mailvet lint without --follow-links: a message alone is judged without a question; \
             leave the flag out, or add --follow-links",
            typed(flag)
        )
    })
}
