//! `mailvet blocklist`: addresses and names against the DNS lists, each list's
//! health first. Many subjects go through in windows, so memory stays bounded.

mod cache;
mod pass;
mod watch;

use std::collections::BTreeSet;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::global_args::GlobalArgs;
use super::session::Session;
use super::{input, output};
use crate::config;
use crate::data::blocklists::{Weight, catalogue};
use crate::facts::listings::{Identity, asked};
use crate::model::scope::ListChanges;
use crate::model::untrusted::{Width, plain};
use crate::model::{Name, Scope, Severity};
use crate::render::json;
use crate::render::listing::{self, Format, Nagios, Row, Summary};
use crate::render::style::Look;

use pass::Pass;

/// Questions a second to one operator, unless --rate says otherwise. Free use
/// ends at some 100,000 to 300,000 questions a day at most operators.
const RATE: f64 = 100.0;

#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Each list must first show that it works now and from here (RFC 5782 test points);
one that refuses, lists the world, is empty or silent gives unknown, never clean
and never listed. With one subject a line, # starts a comment.

Exit codes: 0 not listed; 1 listed (informational lists aside; --fail-on sets the
weight: low, medium, critical); 3 a subject of which no list could tell. With --format nagios those
of a monitoring plugin: 0 OK, 1 warning, 2 critical, 3 unknown.

Examples:
  mailvet blocklist 192.0.2.25 example.com
  mailvet blocklist --list bl.example.net 192.0.2.25
  mailvet blocklist --all --format csv - <addresses.txt >report.csv
  mailvet blocklist --watch 30m 192.0.2.25")]
pub struct BlocklistArgs {
    /// Addresses and domains; - or nothing reads them from standard input
    #[arg(value_name = "IP|DOMAIN")]
    pub subjects: Vec<String>,
    /// Ask this list instead of the catalogue's; may be repeated
    #[arg(long, value_name = "ZONE")]
    pub list: Vec<String>,
    /// Ask every list of the catalogue that answers without a key
    #[arg(long)]
    pub all: bool,
    /// Print the catalogue: who runs each list, codes, weight, removal, sources
    #[arg(long, conflicts_with_all = ["subjects", "watch"])]
    pub lists: bool,
    /// Repeat at this interval, such as 30m, and report only changes
    #[arg(long, value_name = "INTERVAL")]
    pub watch: Option<String>,
    /// End --watch after so many passes
    #[arg(long, value_name = "N", requires = "watch", hide_short_help = true)]
    pub passes: Option<u64>,
    /// Keep what is known of the lists' health in this file, for as long as their answers live
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub cache: Option<PathBuf>,
    /// Questions a second to one operator at most
    #[arg(long, value_name = "N", default_value_t = RATE, hide_short_help = true)]
    pub rate: f64,
}

/// Formats of what lists say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ListingFormat {
    Terminal,
    Json,
    Csv,
    Nagios,
    Prometheus,
}

/// Formats of the catalogue of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CatalogueFormat {
    Terminal,
    Json,
    Csv,
}

pub(super) fn run(args: &BlocklistArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    if args.lists {
        return print_catalogue(global);
    }
    let outputs = output::outputs::<ListingFormat>(global)?;
    let session = Session::new(global)?;
    if !(args.rate.is_finite() && args.rate > 0.0 && args.rate <= 100_000.0) {
        bail!("--rate {}: give questions a second, more than 0 and at most 100000", args.rate);
    }
    let subjects = subjects(&args.subjects)?;
    let lists = asked::lists(&scope(args, config::list_changes(&session.settings)?)?);
    let mut pass = Pass::new(&session, lists, args.rate, args.cache.as_deref())?;
    if let Some(interval) = &args.watch {
        return watch::watch(&mut pass, &subjects, watch::interval(interval)?, args.passes, &outputs);
    }
    let mut sinks: Vec<(Sink, output::Stream, &output::Output<ListingFormat>)> = Vec::new();
    for out in &outputs {
        let look = output::look(global, out);
        let mut stream = output::Stream::open(out)?;
        let mut sink = Sink::new(out.format, look);
        stream.write(&sink.format().head())?;
        sinks.push((sink, stream, out));
    }
    let mut heaviest = None;
    let summary = pass.run(&subjects, &mut |rows| {
        heaviest = heaviest.max(worst(rows));
        for (sink, stream, _) in &mut sinks {
            stream.write(&sink.format().rows(rows))?;
        }
        Ok(())
    })?;
    let mut plugin = None;
    for (mut sink, mut stream, out) in sinks {
        stream.write(&sink.format().tail(&summary))?;
        stream.close(out)?;
        if let Sink::Nagios(nagios) = &sink {
            plugin = Some(nagios.state(&summary));
        }
    }
    Ok(match plugin {
        Some(state) => state.into(),
        None => exit(&session, heaviest, &summary)?,
    })
}

enum Sink {
    Terminal(listing::Terminal),
    Json(listing::Json),
    Csv(listing::Csv),
    Nagios(Nagios),
    Prometheus(listing::Prometheus),
}

impl Sink {
    fn new(format: ListingFormat, look: Look) -> Sink {
        match format {
            ListingFormat::Json => Sink::Json(listing::Json::default()),
            ListingFormat::Csv => Sink::Csv(listing::Csv),
            ListingFormat::Nagios => Sink::Nagios(Nagios::default()),
            ListingFormat::Prometheus => Sink::Prometheus(listing::Prometheus),
            ListingFormat::Terminal => Sink::Terminal(listing::Terminal::new(look)),
        }
    }

    fn format(&mut self) -> &mut dyn Format {
        match self {
            Sink::Terminal(format) => format,
            Sink::Json(format) => format,
            Sink::Csv(format) => format,
            Sink::Nagios(format) => format,
            Sink::Prometheus(format) => format,
        }
    }
}

/// The heaviest listing.
fn worst(rows: &[Row]) -> Option<Weight> {
    rows.iter().filter(|row| row.outcome == "listed").map(|row| row.weighs).max()
}

/// Asked about lists alone, a listing is the finding: any that some receiver
/// acts on gives 1, unless `--fail-on` draws the line elsewhere.
fn exit(session: &Session, worst: Option<Weight>, summary: &Summary) -> anyhow::Result<Exit> {
    let severity = worst.map(|weight| match weight {
        Weight::High => Severity::Critical,
        Weight::Medium => Severity::Medium,
        Weight::Low => Severity::Low,
        Weight::None => Severity::Info,
    });
    let drawn = session.global.fail_on.is_some() || session.settings.fail_on.is_some();
    let found = match (drawn, severity) {
        (true, severity) => session.exit(severity)?,
        (false, Some(Severity::Info) | None) => Exit::Clean,
        (false, Some(_)) => Exit::Findings,
    };
    Ok(match found {
        Exit::Clean if summary.leaves_open() => Exit::Unknown,
        other => other,
    })
}

/// What is asked: the lists named, else the catalogue's.
fn scope(args: &BlocklistArgs, list_changes: ListChanges) -> anyhow::Result<Scope> {
    let mut lists: Vec<Name> = Vec::new();
    for zone in &args.list {
        let name = Name::parse(zone).with_context(|| format!("--list {:?}", plain(zone, Width::Name)))?;
        if !lists.contains(&name) {
            lists.push(name);
        }
    }
    Ok(Scope { lists, all_lists: args.all, list_changes, ..Scope::everything() })
}

/// The subjects in the order given, each once.
fn subjects(typed: &[String]) -> anyhow::Result<Vec<Identity>> {
    let mut subjects = Vec::new();
    let mut seen = BTreeSet::new();
    let mut add = |text: &str, place: &str| -> anyhow::Result<()> {
        let identity = identity(text).with_context(|| place.to_owned())?;
        if seen.insert(identity.clone()) {
            subjects.push(identity);
        }
        Ok(())
    };
    let from_stdin = typed.is_empty() || typed.iter().any(|text| text == "-");
    if typed.is_empty() && std::io::stdin().is_terminal() {
        bail!("nothing to look up: give addresses or domains, such as mailvet blocklist 192.0.2.25");
    }
    for text in typed.iter().filter(|text| *text != "-") {
        add(text, &format!("{:?} is neither an address nor a domain", plain(text, Width::Name)))?;
    }
    if from_stdin {
        let text = input::read_text(Path::new("-"), "list of subjects")?;
        for (index, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if !line.is_empty() {
                let place = format!(
                    "standard input, line {}: {:?} is neither an address nor a domain",
                    index + 1,
                    plain(line, Width::Name)
                );
                add(line, &place)?;
            }
        }
    }
    if subjects.is_empty() {
        bail!("standard input held no address and no domain; give one a line");
    }
    Ok(subjects)
}

fn identity(text: &str) -> anyhow::Result<Identity> {
    let bare = text.trim().trim_start_matches('[').trim_end_matches(']');
    let bare = bare.strip_prefix("IPv6:").unwrap_or(bare);
    if let Ok(ip) = bare.parse::<std::net::IpAddr>() {
        return Ok(Identity::Ip(ip.to_canonical()));
    }
    let name = Name::parse(text)?;
    if !name.as_str().contains('.') {
        bail!("{name} has no dot; give a whole domain such as example.com");
    }
    if name.as_str().rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit())) {
        bail!("{name} looks like an address that is not complete; write all four numbers");
    }
    Ok(Identity::Name(name))
}

fn print_catalogue(global: &GlobalArgs) -> anyhow::Result<Exit> {
    for out in &output::outputs(global)? {
        let look = output::look(global, out);
        let text = match out.format {
            CatalogueFormat::Json => json::text(&listing::catalogue_json(catalogue())),
            CatalogueFormat::Csv => listing::catalogue_csv(catalogue()),
            CatalogueFormat::Terminal => listing::catalogue_terminal(catalogue(), look),
        };
        output::write(out, &text)?;
    }
    Ok(Exit::Clean)
}
