//! `mailvet zone fix`: what `zone check` finds and a text can settle, as a diff or written back.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::{Args, ValueEnum};
use serde::Serialize;

use super::files::{Disk, Reading, Store, ZoneInput};
use super::gathering::{self, Answers, Frozen};
use super::judging::{self, Terms};
use super::places::Places;
use super::{check, ignores, served, unified};
use crate::cli::auditing;
use crate::cli::exit::Exit;
use crate::cli::global_args::GlobalArgs;
use crate::cli::output;
use crate::cli::session::Session;
use crate::gather::zonefile::split_origin;
use crate::judge::zone::ZoneResult;
use crate::model::untrusted::Width;
use crate::model::{Location, Severity, Target, untrusted};
use crate::parse::zone::foreign::{self, Format};
use crate::remedy::zone_edit::{self, Fix};
use crate::render::json;

/// Each round makes what the one before revealed; a file that is never settled ends here.
const ROUNDS: usize = 8;
/// Each takes as many doubts as the reader lists, a thousand.
const ROUNDS_OF_DOUBTS: usize = 64;
/// Fixes tried one by one where they do not hold together.
const MOST_TRIED: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum FixFormat {
    /// The diff on standard output, what it settles on standard error.
    Terminal,
    Json,
}

/// Zone files to mend.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Prints a unified diff for `git apply` or `patch -p1`; all bytes outside it stay as
they are. Made are the remedies that `zone check` shows as records, each proven by
judging again, and what a text alone settles: a final dot, quotes, a record that
stands twice. Each edit is kept only where the file, read again, holds exactly the
records meant. The SOA serial is left to you.

Written are master files (BIND, Cloudflare exports, Windows DNS). Of any other
format the file is made by a program or says more than its records: nothing is
written, edit it by what `zone check` says.

Exit codes: 0 nothing is left to do, or all of it was written; 1 a diff was printed,
or a finding at or above --fail-on is left that no edit settles; 2 usage, a path that
cannot be read or a format that is not written; 3 no zone.

Examples:
  mailvet zone fix zones/ --offline
  mailvet zone fix zones/ --write
  mailvet zone fix example.com=db.example | git apply")]
pub(super) struct FixArgs {
    /// Zone files and folders; ORIGIN=FILE where a file does not name its zone
    #[arg(value_name = "[ORIGIN=]PATH", required = true)]
    paths: Vec<String>,
    /// Write the files instead of printing a diff
    #[arg(long)]
    write: bool,
    /// Make those too that may cost somebody something; read what they say first
    #[arg(long)]
    r#unsafe: bool,
    /// The folder that paths are shown relative to; default: the git repository's, else this one
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// The format of the files, where it is not told rightly
    #[arg(long, value_name = "FORMAT", value_parser = Format::ALL.map(Format::name))]
    input: Option<String>,
    /// An address that the mail leaves from; may be repeated
    #[arg(long, value_name = "IP")]
    ip: Vec<String>,
    /// The name the sending system gives in HELO or EHLO
    #[arg(long, value_name = "NAME")]
    helo: Option<String>,
}

/// Files as they are edited so far, over those of the disk.
struct Overlay {
    disk: Disk,
    changed: RefCell<BTreeMap<PathBuf, Vec<u8>>>,
}

impl Store for Overlay {
    fn read(&self, path: &Path) -> anyhow::Result<Vec<u8>> {
        match self.changed.borrow().get(path) {
            Some(bytes) => Ok(bytes.clone()),
            None => self.disk.read(path),
        }
    }

    fn below(&self, path: &Path) -> anyhow::Result<Option<Vec<PathBuf>>> {
        self.disk.below(path)
    }

    fn shown(&self, path: &Path) -> String {
        self.disk.shown(path)
    }
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    written: bool,
    files: Vec<FileView>,
    /// In the order they were made.
    fixes: Vec<FixView>,
    /// Left undone, and why.
    left: Vec<FixView>,
}

#[derive(Serialize)]
struct FileView {
    path: String,
    diff: String,
}

#[derive(Clone, Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct FixView {
    file: String,
    line: u32,
    codes: Vec<String>,
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
}

pub(super) fn run(args: &FixArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let outputs = output::outputs::<FixFormat>(global)?;
    let session = Session::new(global)?;
    if args.paths.iter().any(|path| split_origin(path).1 == "-") {
        bail!("standard input cannot be written back; name the file");
    }
    let store = Overlay { disk: Disk::at(args.root.as_deref())?, changed: RefCell::default() };
    let mut mender = Mender {
        args,
        session: &session,
        terms: terms(args, &session)?,
        reading: Reading {
            store: &store,
            format: args.input.as_deref().and_then(Format::from_name),
            path_as: "-",
            is_earlier: false,
        },
        store: &store,
        answers: Answers::new(),
        made: Vec::new(),
        left: BTreeSet::new(),
    };
    let first = mender.read()?;
    if first.is_empty() {
        session.note("error: no zone was found in the paths given");
        return Ok(Exit::Unknown);
    }
    mender.mend(first)?;
    let is_failing = mender.leave()?;
    let view = mender.view(args.write)?;
    for output in &outputs {
        match output.format {
            FixFormat::Json => output::write(output, &json::text(&view))?,
            // Applied by its bytes.
            FixFormat::Terminal => {
                let diff: String = view.files.iter().map(|file| file.diff.as_str()).collect();
                output::write_verbatim(output, &diff)?;
            }
        }
    }
    tell(&session, &view);
    if args.write {
        for (path, bytes) in store.changed.borrow().iter() {
            output::replace_file(path, bytes)?;
        }
    }
    let is_done = args.write || view.files.is_empty();
    Ok(if is_done && !is_failing { Exit::Clean } else { Exit::Findings })
}

fn terms(args: &FixArgs, session: &Session) -> anyhow::Result<Terms> {
    let target = Target { ips: auditing::addresses(&args.ip)?, helo: args.helo.clone(), ..Target::default() };
    Ok(Terms::new(session.policy()?, target, session))
}

/// One line a fix on standard error, so that standard output is a diff and nothing else.
fn tell(session: &Session, view: &View) {
    for fix in &view.fixes {
        session.note(&format!("fixed: {}", line_of(fix)));
    }
    for fix in &view.left {
        session.note(&format!("left: {} ({})", line_of(fix), fix.why.unwrap_or_default()));
    }
}

fn line_of(fix: &FixView) -> String {
    let text = format!("{}:{}: {}: {}", fix.file, fix.line, fix.codes.join(", "), fix.what);
    untrusted::plain(&text, Width::Block)
}

/// The doubts of one zone that are findings which nobody set aside.
fn doubts(result: &ZoneResult, zone: &ZoneInput) -> Vec<Fix> {
    let remarks = ignores::Remarks::of(&zone.parsed);
    let told: BTreeSet<(&str, &Location)> = result
        .results
        .iter()
        .flat_map(|result| result.findings().iter().map(|finding| (result.check.code, finding)))
        .filter_map(|(code, finding)| Some((code, finding.problem.location.as_ref()?)))
        .collect();
    let mut doubts = zone_edit::doubts(&zone.parsed);
    doubts.retain(|fix| {
        fix.codes.iter().any(|code| {
            told.contains(&(code.as_str(), &fix.location)) && remarks.reason(&fix.location, code).is_none()
        })
    });
    doubts
}

/// The remedies of one zone that settle a finding which nobody set aside, and those that would
/// change besides what a remark wants as written.
fn remedies(result: &ZoneResult, zone: &ZoneInput) -> (Vec<Fix>, Vec<Fix>) {
    let remarks = ignores::Remarks::of(&zone.parsed);
    let mut remedies = zone_edit::remedies(&zone.parsed, result.names.iter().flat_map(|name| &name.remedies));
    let mut set_aside = BTreeSet::new();
    for fix in &mut remedies {
        let settled = result.names.iter().flat_map(|name| &name.results).filter(|result| {
            result.findings().iter().any(|finding| finding.remedy.as_deref() == Some(&*fix.remedy))
        });
        let (aside, open): (BTreeSet<&str>, BTreeSet<&str>) = settled
            .map(|result| result.check.code)
            .partition(|code| remarks.reason(&fix.location, code).is_some());
        if !aside.is_empty() {
            set_aside.insert(fix.remedy.clone());
        }
        fix.codes = open.into_iter().map(str::to_owned).collect();
    }
    remedies.retain(|fix| !fix.codes.is_empty());
    remedies.into_iter().partition(|fix| !set_aside.contains(&fix.remedy))
}

struct Mender<'a> {
    args: &'a FixArgs,
    session: &'a Session<'a>,
    terms: Terms,
    reading: Reading<'a>,
    store: &'a Overlay,
    /// What the network answered in the first round, taken by the later ones.
    answers: Answers,
    made: Vec<FixView>,
    left: BTreeSet<FixView>,
}

impl Mender<'_> {
    /// The zones as they are now; an error for what is not written back.
    fn read(&self) -> anyhow::Result<Vec<ZoneInput>> {
        let inputs = self.reading.all(&self.args.paths);
        if let Some(error) = inputs.errors.first() {
            bail!("{error}");
        }
        if let Some(other) = inputs.zones.iter().find(|zone| !zone.format.is_master()) {
            bail!(
                "{} is {}, which is not written: edit it by what `mailvet zone check` says",
                untrusted::plain(&other.file, Width::Line),
                other.format.name()
            );
        }
        let mut zones = inputs.zones;
        served::publish(&mut zones, &self.terms.zones);
        Ok(zones)
    }

    fn mend(&mut self, mut zones: Vec<ZoneInput>) -> anyhow::Result<()> {
        for _ in 0..ROUNDS {
            self.left.clear();
            zones = self.clear_doubts(zones)?;
            let mut any = false;
            for (zone, fixes) in zones.iter().zip(self.planned(&zones)?) {
                any |= self.make(zone, fixes);
            }
            if !any {
                break;
            }
            zones = self.read()?;
        }
        Ok(())
    }

    /// Makes what the reader doubts, until it doubts no more; a list of doubts has an end, so that
    /// a long file needs several.
    fn clear_doubts(&mut self, mut zones: Vec<ZoneInput>) -> anyhow::Result<Vec<ZoneInput>> {
        for _ in 0..ROUNDS_OF_DOUBTS {
            let results = judging::results(&self.terms, &zones, &[], &[], &[]);
            let mut any = false;
            for (zone, result) in zones.iter().zip(&results) {
                any |= self.make(zone, doubts(result, zone));
            }
            if !any {
                break;
            }
            zones = self.read()?;
        }
        Ok(zones)
    }

    /// For each zone the remedies, none that a remark or the settings ignore.
    fn planned(&mut self, zones: &[ZoneInput]) -> anyhow::Result<Vec<Vec<Fix>>> {
        let results = self.judged(zones)?;
        let mut planned = Vec::new();
        for (result, zone) in results.iter().zip(zones) {
            let (fixes, set_aside) = remedies(result, zone);
            for fix in set_aside {
                self.left.insert(self.shown(&fix, Some("a remark wants the record as written")));
            }
            planned.push(fixes);
        }
        Ok(planned)
    }

    fn judged(&mut self, zones: &[ZoneInput]) -> anyhow::Result<Vec<ZoneResult>> {
        let jobs = judging::jobs(zones, &[], &self.terms.zones);
        let parsed: Vec<_> = zones.iter().map(|zone| zone.parsed.clone()).collect();
        let frozen = Frozen { earlier: &self.answers, is_compared: false };
        let evidences = gathering::gather(self.session, &self.terms, &parsed, &jobs, &frozen)?;
        let results = judging::results(&self.terms, zones, &[], &jobs, &evidences);
        if self.answers.is_empty() {
            let same: Vec<Option<usize>> = (0..zones.len()).map(Some).collect();
            self.answers = gathering::earlier(&jobs, evidences, &same);
        }
        Ok(results)
    }

    /// Notes what `zone check` still finds and no edit settles, remarks left aside; true where it
    /// would fail a run.
    fn leave(&mut self) -> anyhow::Result<bool> {
        let zones = self.read()?;
        let mut results = self.judged(&zones)?;
        let places = Places::of(&zones, self.store);
        check::collect(&mut results, &zones, &places, &self.terms);
        let told: BTreeSet<(String, u32, String)> = self
            .left
            .iter()
            .flat_map(|fix| fix.codes.iter().map(|code| (fix.file.clone(), fix.line, code.clone())))
            .collect();
        let fail_on = self.session.fail_on();
        let mut is_failing = false;
        for row in results.iter().flat_map(|zone| &zone.rows).filter(|row| row.ignored.is_none()) {
            is_failing |= fail_on.is_some_and(|least| row.finding.severity >= least);
            let (file, line) = (row.location.file.clone(), row.location.line);
            let code = row.check.code.to_owned();
            if row.finding.severity == Severity::Info || told.contains(&(file.clone(), line, code.clone())) {
                continue;
            }
            let what = row.finding.problem.summary.clone();
            let why = Some("no edit of the file settles it: see `zone check`");
            self.left.insert(FixView { file, line, codes: vec![code], what, why });
        }
        Ok(is_failing)
    }

    /// Makes the fixes that hold; true where there was one.
    fn make(&mut self, zone: &ZoneInput, fixes: Vec<Fix>) -> bool {
        let (fixes, risky): (Vec<Fix>, Vec<Fix>) =
            fixes.into_iter().partition(|fix| fix.is_safe || self.args.r#unsafe);
        for fix in risky {
            let shown = self.shown(&fix, Some("it may cost somebody something: --unsafe makes it"));
            self.left.insert(shown);
        }
        let fixes = zone_edit::compatible(fixes);
        if fixes.is_empty() {
            return false;
        }
        if self.holds(zone, &fixes) {
            let shown: Vec<FixView> = fixes.iter().map(|fix| self.shown(fix, None)).collect();
            self.made.extend(shown);
            return true;
        }
        // Only one, since the places of the others are those of the file before it.
        for fix in fixes.iter().take(MOST_TRIED) {
            if self.holds(zone, std::slice::from_ref(fix)) {
                let shown = self.shown(fix, None);
                self.made.push(shown);
                return true;
            }
            let why = "the entry is written in a way that cannot be changed without changing others";
            let shown = self.shown(fix, Some(why));
            self.left.insert(shown);
        }
        false
    }

    fn shown(&self, fix: &Fix, why: Option<&'static str>) -> FixView {
        FixView {
            file: self.store.shown(Path::new(&fix.location.file)),
            line: fix.location.line,
            codes: fix.codes.clone(),
            what: fix.what.clone(),
            why,
        }
    }

    /// Edits the files, reads them again, and takes the edits back where the records are not
    /// those that were meant.
    fn holds(&self, zone: &ZoneInput, fixes: &[Fix]) -> bool {
        let before = self.store.changed.borrow().clone();
        let done = self.edit(zone, fixes).is_ok() && {
            let given = format!("{}={}", zone.origin, self.path_of(zone));
            let mut again = self.reading.all(std::slice::from_ref(&given)).zones;
            served::publish(&mut again, &self.terms.zones);
            again
                .iter()
                .any(|now| now.origin == zone.origin && zone_edit::hold(&zone.parsed, &now.parsed, fixes))
        };
        if !done {
            *self.store.changed.borrow_mut() = before;
        }
        done
    }

    fn path_of(&self, zone: &ZoneInput) -> String {
        zone.parsed.sources.first().map(|source| source.file.to_string()).unwrap_or_default()
    }

    fn edit(&self, zone: &ZoneInput, fixes: &[Fix]) -> anyhow::Result<()> {
        let edits: Vec<&zone_edit::Edit> = fixes.iter().flat_map(|fix| &fix.edits).collect();
        for source in &zone.parsed.sources {
            let own: Vec<&zone_edit::Edit> =
                edits.iter().filter(|edit| edit.file == source.file).copied().collect();
            if own.is_empty() {
                continue;
            }
            let path = PathBuf::from(&*source.file);
            let raw = self.store.read(&path)?;
            let moved: Vec<zone_edit::Edit> = own
                .iter()
                .map(|edit| {
                    let range = foreign::raw_range(zone.format, &raw, edit.range.clone());
                    zone_edit::Edit { range, ..(*edit).clone() }
                })
                .collect();
            let edited = zone_edit::edited(&raw, &moved.iter().collect::<Vec<_>>());
            self.store.changed.borrow_mut().insert(path, edited);
        }
        Ok(())
    }

    fn view(self, written: bool) -> anyhow::Result<View> {
        let mut files = Vec::new();
        for (path, bytes) in self.store.changed.borrow().iter() {
            let old = self.store.disk.read(path)?;
            let shown = self.store.shown(path);
            let diff = unified::diff(&shown, &old, bytes);
            if diff.is_none() && !written {
                bail!(
                    "{} holds control characters or bytes that are no text near the edits, which a diff cannot show safely; use --write",
                    untrusted::plain(&shown, Width::Line)
                );
            }
            files.push(FileView { path: shown, diff: diff.unwrap_or_default() });
        }
        Ok(View {
            schema: "mailvet/zone-fix/1",
            written,
            files,
            fixes: self.made,
            left: self.left.into_iter().collect(),
        })
    }
}
