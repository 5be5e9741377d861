//! `mailvet portfolio`: a list of domains, each audited as `audit` does it, with what
//! they have in common asked once.

mod format;
mod list;
mod resume;
pub(super) mod schedule;

use std::collections::BTreeSet;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use clap::{Args, ValueEnum};
use tokio::time::Instant;

use super::auditing;
use super::exit::Exit;
use super::global_args::GlobalArgs;
use super::output::{self, Output, Stream};
use super::progress::Count;
use super::session::Session;
use crate::config;
use crate::evidence::Evidence;
use crate::facts::Prepared;
use crate::gather::Ended;
use crate::gather::portfolio::Portfolio;
use crate::judge::report::{Questions, Report};
use crate::model::untrusted::Shown as _;
use crate::model::{Name, Scope, Severity, Target};
use crate::policy::Policy;
use crate::render::portfolio::{self as render, Row, Summary};
use crate::render::portfolio_formats::ManyFormat;

use format::Format;
use list::{List, Places, Shard};

/// Formats of many reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PortfolioFormat {
    Ndjson,
    Json,
    Csv,
    Terminal,
    Github,
    Sarif,
    Junit,
    Gitlab,
    Markdown,
}

/// Lines of the list that are refused by name; a file of another kind has millions.
const MOST_REFUSALS: usize = 1000;
/// A run without a deadline; long, and no clock overflows.
const NO_DEADLINE: Duration = Duration::from_secs(365 * 86_400);

#[derive(Clone, Debug, Args)]
#[command(after_help = "\
The list has one domain a line; blank lines, and what follows a #, are left out. A
domain that stands twice is judged once. Lines that are no domain are told with their
number, the others are judged, and the exit code is 2.

Asks DNS for each domain what audit asks without --probe; no host is spoken to. A
question that several domains share (an include, a name server, the health of a list)
is asked once. At most 150 questions are in flight, and at most 512 domains under way,
where many are slow. Blocklists bound what may be asked for free: for many thousand domains
give --skip ip-reputation, or --list with a list of your own. With --offline nothing is
asked.

Standard output has one report a line (NDJSON), the object of audit --format json, in
the order of the list, each as soon as it is ready; json is one object around them, csv
and terminal have one row a domain. github, sarif, junit, gitlab and markdown are one
file of all findings; one without a line of its own stands at the domain's line of the
list. The summary goes to standard error. There is no
bound on the whole run unless --deadline gives one: domains that it keeps from being
judged get no line and are named.

--output FILE is written as the run goes. --resume leaves out domains that have a line
in FILE, cuts off a line that a killed run left unfinished, and appends; summary and
exit code are of what this run judges. --shard I/N judges every N-th domain from the
I-th on (each counted once, lines that are no domain not at all): N runs, with I from 1
to N, judge each domain of the list once.

Exit codes: 2 where a line is no domain; else 1 for findings at or above --fail-on;
else 3 where no domain had enough evidence, or some were not judged.

Examples:
  mailvet portfolio domains.txt > reports.ndjson
  mailvet portfolio --format csv --only authentication domains.txt
  mailvet portfolio --resume --output reports.ndjson domains.txt
  mailvet portfolio --shard 2/4 --output part2.ndjson domains.txt
  zone-list | mailvet portfolio --selector s1 --ip 192.0.2.25 -")]
pub struct PortfolioArgs {
    /// A file of domains, one a line; - reads standard input
    #[arg(value_name = "FILE|-")]
    pub domains: PathBuf,
    /// Go on with the file that --output names
    #[arg(long)]
    pub resume: bool,
    /// Judge this part of the list only
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
    /// An address that mail of all these domains leaves from; may be repeated
    #[arg(long, value_name = "IP")]
    pub ip: Vec<String>,
    /// The name the sending system gives in HELO or EHLO
    #[arg(long, value_name = "NAME")]
    pub helo: Option<String>,
    /// A DKIM selector that these domains use; may be repeated
    #[arg(long, value_name = "S")]
    pub selector: Vec<String>,
    #[command(flatten)]
    pub authoritative: super::authoritative_args::AuthoritativeArgs,
    /// A blocklist zone to ask instead of the catalogue's; may be repeated
    #[arg(long, value_name = "ZONE")]
    pub list: Vec<String>,
}

pub(super) fn run(args: &PortfolioArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    if global.record.is_some() || global.replay.is_some() {
        bail!("a recording holds one domain's answers; --record and --replay are for mailvet audit DOMAIN");
    }
    let outputs = output::outputs(global)?;
    resumable(args, &outputs)?;
    let session = Session::new(global)?;
    let list = list::read(&args.domains)?;
    refuse(&list, &args.domains)?;
    if list.repeated > 0 {
        session.note(&format!("{} lines name a domain again; each is judged once", list.repeated));
    }
    let misspelt = !list.refusals.is_empty();
    let exit = judge_all(args, &session, &outputs, list)?;
    Ok(if misspelt { Exit::Usage } else { exit })
}

/// Judges the domains of the list in turn, and writes each report as soon as it is ready.
fn judge_all(
    args: &PortfolioArgs,
    session: &Session,
    outputs: &[Output<PortfolioFormat>],
    list: List,
) -> anyhow::Result<Exit> {
    let global = session.global;
    let (policy, scope, target) = asked(args, session)?;
    let started = Instant::now();
    let (runtime, sources, limits) = session.connect_threads(global.threads(256))?;
    let places = list.places;
    let mut names = of_shard(list.names, args.shard);
    let mut summary = Summary::default();
    let mut sinks = Vec::new();
    for output in outputs {
        sinks.push(Sink::open(output, args, global, &mut names, &mut summary)?);
    }
    let deadline = started + if global.deadline.is_some() { limits.run } else { NO_DEADLINE };
    let formats = sinks.iter().map(|sink| sink.format).collect();
    let portfolio = Portfolio::new(sources, limits);
    let fail_on = session.fail_on();
    let work = Arc::new(Work { portfolio, policy, scope, target, formats, deadline, places, fail_on });
    let shown = outputs.iter().any(|output| output.file.is_none()) && std::io::stdout().is_terminal();
    let count = Count::new("domains", global.quiet || shown, names.len());
    let begin = |at: usize| {
        let (work, name, now) = (work.clone(), names[at].clone(), session.clock().as_second());
        async move { work.judge(name, now).await }
    };
    let room = || work.portfolio.has_room();
    let mut done = |at: usize, judged: Judged| {
        for (sink, text) in sinks.iter_mut().zip(&judged.texts) {
            sink.add(text)?;
            sink.note(&judged.row);
        }
        summary.add(&judged.row);
        count.update(at + 1);
        anyhow::Ok(())
    };
    let mut unreached = Vec::new();
    let begun =
        runtime.block_on(schedule::in_turn(
            names.len(),
            deadline,
            room,
            begin,
            |at, outcome| match outcome {
                Ok(Some(judged)) => done(at, judged),
                Ok(None) => {
                    unreached.push(at);
                    Ok(())
                }
                Err(words) => done(at, work.failed(&names[at], session.clock().as_second(), &words)),
            },
        ))?;
    unreached.extend(begun..names.len());
    // Sockets of abandoned questions must not hold the exit back.
    runtime.shutdown_background();
    drop(count);
    for at in &unreached {
        let left = work.failed(&names[*at], session.clock().as_second(), "the deadline came first");
        for (sink, text) in sinks.iter_mut().zip(&left.texts) {
            sink.leave(text, &left.row)?;
        }
    }
    for (sink, output) in sinks.into_iter().zip(outputs) {
        sink.close(output)?;
    }
    unreached.iter().for_each(|at| summary.unreached.add(names[*at].as_str()));
    summary.questions = work.portfolio.questions();
    summary.seconds = started.elapsed().as_secs_f64();
    session.note(render::summary(&summary, global.verbose).trim_end());
    Ok(match session.exit(summary.worst)? {
        Exit::Clean if summary.tells_too_little() => Exit::Unknown,
        exit => exit,
    })
}

/// How to judge, what may be asked, and what all the domains have in common.
fn asked(args: &PortfolioArgs, session: &Session) -> anyhow::Result<(Policy, Scope, Target)> {
    let policy = session.policy()?;
    let mut scope = auditing::scope(&policy, &args.list)?;
    args.authoritative.apply(&mut scope);
    scope.list_changes = config::list_changes(&session.settings)?;
    let target = Target {
        ips: auditing::addresses(&args.ip)?,
        helo: args.helo.clone(),
        selectors: args.selector.clone(),
        ..Target::default()
    };
    Ok((policy, scope, target))
}

fn resumable(args: &PortfolioArgs, outputs: &[Output<PortfolioFormat>]) -> anyhow::Result<()> {
    match outputs {
        _ if !args.resume => Ok(()),
        [Output { format: PortfolioFormat::Ndjson, file: Some(_), .. }] => Ok(()),
        _ => bail!("--resume goes on with one file of reports (ndjson); name it with --output FILE"),
    }
}

/// Prints what is no domain; also with `-q`, since it is left out.
fn refuse(list: &List, path: &Path) -> anyhow::Result<()> {
    let mut text = String::new();
    for refusal in list.refusals.iter().take(MOST_REFUSALS) {
        text.push_str(&format!("error: {refusal}\n"));
    }
    if list.refusals.len() > MOST_REFUSALS {
        let more = list.refusals.len() - MOST_REFUSALS;
        text.push_str(&format!("error: {more} more lines are no domain; is it the right file?\n"));
    }
    output::say(&text);
    if list.names.is_empty() {
        bail!("{} holds no domain; write one a line, such as example.com", path.shown());
    }
    Ok(())
}

fn of_shard(names: Vec<Name>, shard: Option<Shard>) -> Vec<Name> {
    let Some(shard) = shard else { return names };
    names.into_iter().enumerate().filter(|(place, _)| shard.holds(*place)).map(|(_, name)| name).collect()
}

/// One output of the run.
struct Sink {
    format: Format,
    stream: Stream,
    /// True once a domain is written.
    begun: bool,
    /// Of all findings written.
    codes: BTreeSet<&'static str>,
    /// Domains without a report, and why.
    errors: Vec<String>,
}

impl Sink {
    /// Opens the output; with `--resume` takes out of `names` what it holds already.
    fn open(
        output: &Output<PortfolioFormat>,
        args: &PortfolioArgs,
        global: &GlobalArgs,
        names: &mut Vec<Name>,
        summary: &mut Summary,
    ) -> anyhow::Result<Sink> {
        let format = match output.format {
            PortfolioFormat::Json => Format::Json,
            PortfolioFormat::Csv => Format::Csv,
            PortfolioFormat::Terminal => Format::Terminal(output::look(global, output)),
            PortfolioFormat::Ndjson => Format::Ndjson,
            PortfolioFormat::Github => Format::Many(ManyFormat::Github),
            PortfolioFormat::Sarif => Format::Many(ManyFormat::Sarif),
            PortfolioFormat::Junit => Format::Many(ManyFormat::Junit),
            PortfolioFormat::Gitlab => Format::Many(ManyFormat::Gitlab),
            PortfolioFormat::Markdown => Format::Many(ManyFormat::Markdown),
        };
        let mut stream = match &output.file {
            // A device or pipe is no file to go on with.
            Some(path) if path.is_file() || !path.exists() => {
                if let (Ok(list), Ok(path)) = (args.domains.canonicalize(), path.canonicalize())
                    && list == path
                {
                    bail!("--output {} is the list itself; name another file", path.shown());
                }
                let mut target = resume::Target::open(path)?;
                if args.resume {
                    let done = target.done()?;
                    let all = names.len();
                    names.retain(|name| !done.contains(name));
                    summary.resumed = all - names.len();
                }
                Stream::in_place(output, target.into_file()?)
            }
            Some(path) if args.resume => {
                bail!("--resume needs a file to go on with, and {} is none", path.shown())
            }
            _ => Stream::open(output)?,
        };
        stream.write(&format.head())?;
        Ok(Sink { format, stream, begun: false, codes: BTreeSet::new(), errors: Vec::new() })
    }

    /// Writes one domain, and no later than now.
    fn add(&mut self, text: &str) -> anyhow::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        if std::mem::replace(&mut self.begun, true) {
            self.stream.write(match self.format {
                Format::Json => ",\n",
                Format::Many(many) => many.between(),
                _ => "",
            })?;
        }
        self.stream.write(text)?;
        self.stream.flush()
    }

    /// Remembers what the end of the file tells of the domain.
    fn note(&mut self, row: &Row) {
        self.codes.extend(row.codes.iter().map(|(_, code)| *code));
        self.codes.extend(row.ignored.iter().copied());
        self.errors.extend(row.error.iter().map(|why| format!("{} was not judged: {why}", row.domain)));
    }

    /// A domain that the deadline left. Formats that other programs take for the whole say so; a list of
    /// reports stays as it is, for `--resume` to go on with.
    fn leave(&mut self, text: &str, row: &Row) -> anyhow::Result<()> {
        if let Format::Many(_) = self.format {
            self.add(text)?;
            self.note(row);
        }
        Ok(())
    }

    fn close(mut self, output: &Output<PortfolioFormat>) -> anyhow::Result<()> {
        match self.format {
            Format::Json => self.stream.write("\n]\n}\n")?,
            Format::Many(many) => self.stream.write(&many.foot(&self.codes, &self.errors))?,
            _ => {}
        }
        self.stream.close(output)
    }
}

/// What came of one domain.
struct Judged {
    row: Row,
    /// For each output.
    texts: Vec<String>,
}

impl schedule::Outcome for Option<Judged> {
    fn weight(&self) -> usize {
        self.as_ref().map_or(0, |judged| judged.texts.iter().map(String::len).sum())
    }
}

/// What the audits of all domains share.
struct Work {
    portfolio: Portfolio,
    policy: Policy,
    scope: Scope,
    /// All but the domain.
    target: Target,
    formats: Vec<Format>,
    deadline: Instant,
    places: Places,
    fail_on: Option<Severity>,
}

impl Work {
    /// One domain; `None` where the deadline came first.
    async fn judge(&self, name: Name, now: i64) -> Option<Judged> {
        let mut evidence = self.evidence(name, now);
        let prepared = Prepared::new(&evidence);
        let ended = self.portfolio.gather(&mut evidence, &self.scope, &prepared, self.deadline).await;
        if ended == Ended::Deadline {
            return None;
        }
        let report = auditing::report(&evidence, &self.scope, &prepared, &self.policy);
        Some(self.rendered(&report, None))
    }

    /// A domain whose audit ended unexpectedly.
    fn failed(&self, name: &Name, now: i64, words: &str) -> Judged {
        let evidence = self.evidence(name.clone(), now);
        let report = Report {
            remedies: Vec::new(),
            after: None,
            target: evidence.target,
            taken_at: now,
            role: None,
            unknown_fails: false,
            score: crate::judge::score::Score::withheld(words),
            results: Vec::new(),
            receivers: Vec::new(),
            questions: Questions::default(),
            blind_spots: Vec::new(),
        };
        self.rendered(&report, Some(words))
    }

    fn evidence(&self, name: Name, now: i64) -> Evidence {
        let target = Target { domain: Some(name), ..self.target.clone() };
        Evidence { target, taken_at: now, ..Evidence::default() }
    }

    fn rendered(&self, report: &Report, error: Option<&str>) -> Judged {
        let row = Row::of(report, error);
        let texts =
            self.formats.iter().map(|format| format.text(report, &row, &self.places, self.fail_on)).collect();
        Judged { row, texts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gather::{Limits, Sources, zonefile::ZoneFiles};
    use crate::render::json;
    use crate::render::style::Look;

    #[tokio::test]
    async fn a_domain_that_cannot_be_judged_has_a_line_that_says_so() {
        let sources = Sources { zones: ZoneFiles::default(), dns: None };
        let work = Work {
            portfolio: Portfolio::new(sources, Limits::default()),
            policy: Policy::default(),
            scope: Scope::everything(),
            target: Target::default(),
            places: Places::default(),
            fail_on: None,
            formats: vec![Format::Ndjson, Format::Csv, Format::Terminal(Look::plain())],
            deadline: Instant::now() + NO_DEADLINE,
        };
        let name = Name::parse("example.com").unwrap();
        let failed = work.failed(&name, 0, "the audit ended unexpectedly: =1+1");
        let line: serde_json::Value = serde_json::from_str(&failed.texts[0]).unwrap();
        assert_eq!(line["schema"], json::v1::AUDIT);
        assert_eq!(line["target"]["domain"], "example.com");
        assert_eq!(line["error"], "the audit ended unexpectedly: =1+1");
        assert_eq!(
            (&line["score"]["total"], &line["score"]["grade"]),
            (&serde_json::Value::Null, &serde_json::Value::Null)
        );
        assert!(failed.texts[1].starts_with("\"example.com\",\"\",\"none\","), "{}", failed.texts[1]);
        assert!(failed.texts[2].contains("not judged: the audit ended"), "{}", failed.texts[2]);
        let judged = work.judge(name, 0).await.unwrap();
        assert!(judged.row.error.is_none() && judged.row.says_nothing);
        assert!(!judged.texts[0].contains("\"error\":"), "only a failure has an error");
    }
}
