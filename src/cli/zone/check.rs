//! `mailvet zone check`: the change before it is merged.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use super::against::{self, Earlier};
use super::files::{Disk, Reading, ZoneInput};
use super::gathering::{self, Frozen};
use super::ignores;
use super::judging::{self, Terms};
use super::places::Places;
use super::{pairs, served};
use crate::cli::auditing;
use crate::cli::exit::Exit;
use crate::cli::global_args::{FailOn, GlobalArgs, OnUnknown};
use crate::cli::input;
use crate::cli::output::{self, Output};
use crate::cli::reading;
use crate::cli::report_files;
use crate::cli::session::Session;
use crate::gather::logs;
use crate::judge::report::date_of;
use crate::judge::zone::{Row, State, ZoneReport, ZoneResult};
use crate::model::untrusted::Shown as _;
use crate::model::{Severity, Target};
use crate::parse::zone::Parsed;
use crate::parse::zone::foreign::Format;
use crate::policy::Ignore;
use crate::render::{json, zone as render};

/// Formats of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ReportFormat {
    Terminal,
    Json,
    Github,
    Sarif,
    Junit,
    Gitlab,
    Markdown,
}

/// Zone files and how to judge them.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Looks at every name that publishes MX, SPF, DKIM, DMARC, MTA-STS, TLS-RPT or BIMI
records, by its role: a mail domain, parked, reverse, or none. What stands in the
files is answered from them; the rest is asked, with --offline it stays unknown.

With --against only what is new or worse fails the run; what the change does to
mail comes first: addresses that stop passing SPF, selectors that are gone, policies
that ask less, names handed to other servers.

Formats: terminal, json, github (annotations, ten a level), sarif, junit, gitlab
(code quality), markdown.

Exit codes: 1 findings at or above --fail-on (with --against: new or worse ones);
2 usage, a path that cannot be read, or a file that name servers refuse where
--fail-on lets findings pass; 3 no zone found, or a check is unknown because a
question failed (--on-unknown ignore: 0).

Examples:
  mailvet zone check zones/
  mailvet zone check zones/ --against origin/main --format github
  mailvet zone check example.com=db.example --offline --format sarif=zone.sarif
  terraform show -json plan > plan.json; mailvet zone check plan.json --against plan.json")]
pub(super) struct CheckArgs {
    /// Zone files and folders; ORIGIN=FILE where a file does not name its zone; - reads standard input
    #[arg(value_name = "[ORIGIN=]PATH", required = true)]
    paths: Vec<String>,
    /// The earlier state: a commit (REV or REV:PATH), a file, a folder, a recording, or live; a plan
    /// of Terraform stands for the state that it starts from
    #[arg(long, value_name = "REV[:PATH]|FILE|DIR|live|RECORDING")]
    against: Option<String>,
    /// Lowest severity of a new or worse finding that fails the run; default: --fail-on
    #[arg(long, value_name = "SEVERITY", value_enum, requires = "against")]
    fail_on_new: Option<FailOn>,
    /// The folder that paths are shown relative to; default: the git repository's, else this one
    #[arg(long, value_name = "DIR", hide_short_help = true)]
    root: Option<PathBuf>,
    /// The path to show for standard input
    #[arg(long, value_name = "NAME", default_value = "stdin", hide_short_help = true)]
    path_as: String,
    /// The format of the files, where it is not told rightly
    #[arg(long, value_name = "FORMAT", value_parser = Format::ALL.map(Format::name))]
    input: Option<String>,
    /// Findings listed in this file count as there before
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    baseline: Option<PathBuf>,
    /// Write what is found to such a file
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    write_baseline: Option<PathBuf>,
    /// Count what mailvet.toml and remarks in the files ignore too
    #[arg(long, hide_short_help = true)]
    no_ignores: bool,
    /// Add to the file of --format markdown=FILE instead of replacing it
    #[arg(long, hide_short_help = true)]
    append: bool,
    /// A mail log whose signer's lines show which DKIM keys are in use; may be repeated
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    log: Vec<PathBuf>,
    /// Reports from receivers that show which DKIM keys are in use: a file or folder; may be repeated
    #[arg(long, value_name = "PATH", hide_short_help = true)]
    reports: Vec<PathBuf>,
    /// An address that the mail leaves from; may be repeated
    #[arg(long, value_name = "IP", hide_short_help = true)]
    ip: Vec<String>,
    /// The name the sending system gives in HELO or EHLO
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    helo: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Baseline {
    schema: String,
    findings: BTreeSet<String>,
}

const BASELINE: &str = "mailvet/baseline/1";

pub(super) fn run(args: &CheckArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let outputs: Vec<Output<ReportFormat>> = output::outputs(global)?;
    if args.append && !outputs.iter().any(is_appended) {
        bail!("--append: add to which file? Give --format markdown=FILE");
    }
    let session = Session::new(global)?;
    let store = Disk::at(args.root.as_deref())?;
    let format = args.input.as_deref().and_then(Format::from_name);
    let reading = Reading { store: &store, format, path_as: &args.path_as, is_earlier: false };
    let mut inputs = reading.all(&args.paths);
    let mut earlier = args
        .against
        .as_deref()
        .map(|given| against::read(given, &args.paths, format, &store.root))
        .transpose()?;
    against::miss(&mut inputs, earlier.as_ref());
    tell(&inputs.errors);
    if inputs.zones.is_empty() {
        tell(&[
            "no zone was found in the paths given; name a zone file, or a folder that holds some".to_owned()
        ]);
        return Ok(if inputs.errors.is_empty() { Exit::Unknown } else { Exit::Usage });
    }
    let terms = terms(args, &session)?;
    served::publish(&mut inputs.zones, &terms.zones);
    if let Some(Earlier::Zones(before)) = &mut earlier {
        against::apply_batches(&mut inputs.zones, before);
        served::publish(before, &terms.zones);
    }
    let mut report = judged(&session, &terms, &inputs.zones, earlier.as_ref(), &store)?;
    if let Some(path) = &args.baseline {
        apply_baseline(&mut report, path)?;
    }
    if let Some(path) = &args.write_baseline {
        write_baseline(&report, path)?;
    }
    let fail_on = match args.fail_on_new {
        Some(new) => new.severity(),
        None => session.fail_on(),
    };
    for output in &outputs {
        write(args, global, output, &report, fail_on)?;
    }
    Ok(exit(global.on_unknown != Some(OnUnknown::Ignore), &report, fail_on, !inputs.errors.is_empty()))
}

fn tell(errors: &[String]) {
    for error in errors {
        let text = crate::render::escape::terminal(error);
        output::say(&format!("error: {text}"));
    }
}

fn terms(args: &CheckArgs, session: &Session) -> anyhow::Result<Terms> {
    let mut policy = session.policy()?;
    if args.no_ignores {
        policy.ignores.clear();
    }
    let target = Target { ips: auditing::addresses(&args.ip)?, helo: args.helo.clone(), ..Target::default() };
    let mut terms = Terms { inline_ignores: !args.no_ignores, ..Terms::new(policy, target, session) };
    if !args.log.is_empty() {
        terms.signing = Some(reading::signing(&logs::open(&args.log, None)?, &[])?);
    }
    if !args.reports.is_empty() {
        let note = |text: &str| session.note(text);
        terms.reports = Some(report_files::summary(&args.reports, session.global, &note)?);
    }
    Ok(terms)
}

/// Both states judged, compared, and every finding with its place.
fn judged(
    session: &Session,
    terms: &Terms,
    zones: &[ZoneInput],
    earlier: Option<&Earlier>,
    store: &Disk,
) -> anyhow::Result<ZoneReport> {
    let before: &[ZoneInput] = match earlier {
        Some(Earlier::Zones(zones)) => zones,
        _ => &[],
    };
    let jobs = judging::jobs(zones, before, &terms.zones);
    let mut places = Places::of(zones, store);
    let (old_jobs, old_evidences) = match earlier {
        None => (Vec::new(), Vec::new()),
        Some(Earlier::Zones(_)) => {
            let old_jobs = judging::jobs(before, &[], &terms.zones);
            let evidences = gathering::gather(session, terms, &parsed(before), &old_jobs, &Frozen::NONE)?;
            (old_jobs, evidences)
        }
        Some(Earlier::Live) => {
            let evidences = gathering::gather(session, terms, &[], &jobs, &Frozen::NONE)?;
            (jobs.clone(), evidences)
        }
        Some(Earlier::Recording(evidence)) => {
            let domain = evidence.target.domain.clone();
            let named: Vec<_> =
                jobs.iter().filter(|job| Some(&job.name) == domain.as_ref()).cloned().collect();
            let evidences = named.iter().map(|_| (**evidence).clone()).collect();
            (named, evidences)
        }
    };
    let old_zones = if before.is_empty() { zones } else { before };
    let mut old = Vec::new();
    if earlier.is_some() {
        old = judging::results(terms, old_zones, &[], &old_jobs, &old_evidences);
        if before.is_empty() {
            // What is live has no file whose entries could be the same.
            old.iter_mut().for_each(|zone| zone.results.clear());
        }
    }
    let later: Vec<Option<usize>> = match before.is_empty() {
        true => (0..zones.len()).map(Some).collect(),
        false => pairs::later_of(zones, before),
    };
    let states = gathering::earlier(&old_jobs, old_evidences, &later);
    let frozen = Frozen { earlier: &states, is_compared: true };
    let evidences = gathering::gather(session, terms, &parsed(zones), &jobs, &frozen)?;
    let mut new = judging::results(terms, zones, before, &jobs, &evidences);
    follow(&mut places, before, zones, &later);
    collect(&mut new, zones, &places, terms);
    collect(&mut old, old_zones, &places, terms);
    let mut report = ZoneReport { taken_at: terms.now, zones: new, change: None };
    if earlier.is_some() {
        report.compare(&old, &later);
    }
    Ok(report)
}

/// Learns where the lines of the earlier files went.
fn follow(places: &mut Places, before: &[ZoneInput], zones: &[ZoneInput], later: &[Option<usize>]) {
    for (zone, now) in before.iter().zip(later) {
        // What a batch leaves as it is stands in the listing.
        let stays = |now: &&ZoneInput| {
            let file = zone.parsed.sources.first().map(|source| &source.file);
            now.parsed.sources.iter().skip(1).any(|source| Some(&source.file) == file)
        };
        if let Some(now) = now.and_then(|now| zones.get(now)).filter(|now| !stays(now)) {
            places.follow(zone, now);
        }
    }
}

/// Every finding of each zone with its place, those aside that somebody set aside.
pub(super) fn collect(zones: &mut [ZoneResult], inputs: &[ZoneInput], places: &Places, terms: &Terms) {
    for (zone, input) in zones.iter_mut().zip(inputs) {
        zone.collect();
        if terms.inline_ignores {
            ignores::apply(zone, &input.parsed);
        }
        let place = places.place(&zone.place, &zone.place);
        for row in &mut zone.rows {
            row.location = places.place(&row.location, &place);
            let ignore = terms.ignores.iter().find(|ignore| covers(ignore, row, terms.now));
            if let (Some(ignore), None) = (ignore, &row.ignored) {
                row.ignored = Some(ignore.why());
            }
        }
        for line in zone.lines.values_mut().flatten() {
            *line = places.place(line, &place);
        }
        let fresh = input.parsed.zone.records().iter().filter(|record| {
            let last = record.place.data.last().map_or(record.place.line, |token| token.line);
            places.is_fresh(&record.place.file, record.place.line, last)
        });
        zone.changed = fresh.map(|record| places.place(&record.location(), &place)).collect();
        zone.place = place;
    }
}

/// Whether an ignore for certain files is about this finding.
fn covers(ignore: &Ignore, row: &Row, now: i64) -> bool {
    let subject = row.finding.problem.subject.to_string();
    ignore.is_about(row.check.code, &subject, Some(&row.location.file)) && !ignore.is_over(&date_of(now))
}

fn parsed(zones: &[ZoneInput]) -> Vec<Arc<Parsed>> {
    zones.iter().map(|zone| zone.parsed.clone()).collect()
}

fn apply_baseline(report: &mut ZoneReport, path: &Path) -> anyhow::Result<()> {
    let text = input::read_text(path, "baseline")?;
    let baseline: Baseline =
        serde_json::from_str(&text).with_context(|| format!("{} is no baseline", path.shown()))?;
    if baseline.schema != BASELINE {
        bail!("{} is no {BASELINE}; write one with --write-baseline", path.shown());
    }
    for row in report.zones.iter_mut().flat_map(|zone| &mut zone.rows) {
        if baseline.findings.contains(&row.finding.fingerprint) {
            row.state = Some(State::Same);
        }
    }
    Ok(())
}

fn write_baseline(report: &ZoneReport, path: &Path) -> anyhow::Result<()> {
    let findings =
        report.rows().filter(|row| row.ignored.is_none()).map(|row| row.finding.fingerprint.clone());
    let baseline = Baseline { schema: BASELINE.to_owned(), findings: findings.collect() };
    output::write_file(path, &json::text(&baseline))
}

fn write(
    args: &CheckArgs,
    global: &GlobalArgs,
    output: &Output<ReportFormat>,
    report: &ZoneReport,
    fail_on: Option<Severity>,
) -> anyhow::Result<()> {
    let text = match output.format {
        ReportFormat::Terminal => render::terminal::terminal(report, fail_on, output::look(global, output)),
        ReportFormat::Json => json::text(&render::json::report(report)),
        ReportFormat::Github => render::github::github(report, fail_on),
        ReportFormat::Sarif => json::text(&render::sarif::sarif(report)),
        ReportFormat::Junit => render::junit::junit(report, fail_on),
        ReportFormat::Gitlab => json::text(&render::gitlab::gitlab(report)),
        ReportFormat::Markdown => render::markdown::markdown(report, fail_on),
    };
    match is_appended(output) && args.append {
        true => output::append(output, &text),
        false => output::write(output, &text),
    }
}

/// The outputs that `--append` is about.
fn is_appended(output: &Output<ReportFormat>) -> bool {
    output.format == ReportFormat::Markdown && output.file.is_some()
}

/// Findings come first, then input that could not be read, then what could not be judged.
fn exit(unknown_fails: bool, report: &ZoneReport, fail_on: Option<Severity>, unread: bool) -> Exit {
    let failing = matches!((fail_on, report.worst()), (Some(least), Some(worst)) if worst >= least);
    let refused = report.change.is_none() && report.is_refused();
    let unknown = unknown_fails && report.zones.iter().any(|zone| !zone.failures().is_empty());
    match () {
        () if unread => Exit::Usage,
        () if failing => Exit::Findings,
        () if refused => Exit::Usage,
        () if unknown => Exit::Unknown,
        () => Exit::Clean,
    }
}
