//! `mailvet lint`: judges messages by themselves, offline, one or a hundred thousand.

use std::num::NonZero;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;

use super::auditing::{self, KindArg};
use super::exit::Exit;
use super::following::{self, FollowArgs, Follower};
use super::global_args::GlobalArgs;
use super::in_order::in_order;
use super::output::SeriesFormat;
use super::session::Session;
use super::{input, mailbox, output, progress};
use crate::config;
use crate::evidence::{Evidence, MessageEvidence};
use crate::facts::links::chains::LinkChains;
use crate::facts::spam_score::SpamScore;
use crate::facts::{Facts, Prepared};
use crate::gather::scanners::Job;
use crate::judge::forecast::Posture;
use crate::judge::judge;
use crate::judge::report::{Questions, Report};
use crate::model::{Question, Scope, Severity, Target, Topic};
use crate::parse::message::plausible;
use crate::policy::Policy;
use crate::render::style::Look;
use crate::render::{json, lint as render};

#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Nothing is fetched, and nothing asked but the scanner engines you name: the message
alone is judged. Only with --follow-links are links asked with HEAD (http and https,
at most 30 of a message and 1000 of a run, 10 redirects each) where they lead; links
that may unsubscribe are left out. Give the message as it is handed to the relay, or as
\"show original\" saves it. A folder is read with all its subfolders, an mbox file
message by message. Of several messages json is one object, ndjson one a line.

Examples:
  mailvet lint quote.eml
  mailvet lint --format ndjson outbox/ > findings.ndjson
  mailvet lint --follow-links --record links.json newsletter.eml
  sendmail-preview | mailvet lint --kind bulk -")]
pub struct LintArgs {
    /// A message, an mbox, or a folder of messages; - reads standard input
    #[arg(required = true, value_name = "FILE|DIR|-")]
    pub paths: Vec<PathBuf>,
    /// What the messages are, where it does not show: bulk or transactional
    #[arg(long, value_name = "KIND")]
    pub kind: Option<KindArg>,
    #[command(flatten)]
    pub scanners: super::scanner_args::ScannerArgs,
    #[command(flatten)]
    pub following: FollowArgs,
}

/// What came of one message.
pub(super) struct Linted {
    pub file: String,
    pub outcome: Result<Report, String>,
    pub spam: Option<SpamScore>,
    /// Where the links lead, with `--follow-links`.
    pub followed: Option<LinkChains>,
}

impl Linted {
    /// A file that could not be judged.
    fn refused(file: String, why: String) -> Linted {
        Linted { file, outcome: Err(why), spam: None, followed: None }
    }
}

pub(super) fn run(args: &LintArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let outputs = output::outputs::<SeriesFormat>(global)?;
    let [output] = outputs.as_slice() else { bail!("lint writes one format a run; give one --format") };
    let session = Session::new(global)?;
    let mut policy = session.policy()?;
    policy.kind = auditing::kind(args.kind);
    let recorded = session.evidence(Target::default())?;
    let now = recorded.taken_at;
    let replays = global.replay.is_some();
    // A recording without followed links is replayed as the message alone.
    let followed = recorded.transcripts.keys().any(|question| matches!(question, Question::Head { .. }));
    let follows = (args.following.follow_links && !replays) || followed;
    by_message_alone(&mut policy, !args.scanners.specs().is_empty(), follows);
    config::narrow(&mut policy, "a message alone", |_| true)?;
    let mut scope = scope(args.scanners.specs(), follows);
    let needed = |topic: &Topic| {
        let mut selected = crate::judge::catalog::all().filter(|check| policy.selected.contains(check.code));
        *topic == Topic::Message || selected.any(|check| check.needs.contains(topic))
    };
    scope.topics.retain(needed);
    scope.list_changes = config::list_changes(&session.settings)?;
    args.following.reach.apply(&session, &mut scope)?;
    let follower = Follower::new(&args.following, &session, recorded)?;
    let timeout = std::time::Duration::from_secs_f64(global.timeout.clamp(0.1, 86_400.0));
    let work = Work { policy, scope, now, offline: global.offline, replays, timeout, follower };
    let files = files(&args.paths)?;
    let threads = global.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, NonZero::get));
    let alone = files.len() == 1 && args.paths.iter().all(|path| !path.is_dir());
    let look = output::look(global, output);
    let mut writer = Writer::new(output, alone, look)?;
    let total =
        work.all(&files, threads, &mut writer, &progress::Count::new("files", global.quiet, files.len()))?;
    writer.finish(&total)?;
    if let Some(follower) = work.follower {
        follower.finish(global, now)?;
    }
    if total.read == 0 {
        if let (true, Some(refusal)) = (alone && output.format == SeriesFormat::Terminal, total.refusal) {
            bail!("{refusal}");
        }
        return Ok(Exit::Usage);
    }
    match session.exit(total.worst)? {
        Exit::Clean if total.open => Ok(Exit::Unknown),
        exit => Ok(exit),
    }
}

/// Keeps the checks that need the message and nothing else, or an engine where one is
/// named, or where links lead where that is asked.
pub(super) fn by_message_alone(policy: &mut Policy, scanners: bool, follows: bool) {
    let known = |topic: &Topic| {
        *topic == Topic::Message
            || (scanners && *topic == Topic::Scanners)
            || (follows && following::TOPICS.contains(topic))
    };
    // The lists are asked about links only, not about a sender nobody named.
    let alone = |code: &str| {
        crate::judge::catalog::find(code).is_some_and(|check| {
            check.needs.iter().all(known) && (check.needs != [Topic::Blocklists].as_slice())
        })
    };
    policy.selected.retain(|code| alone(code));
}

fn scope(scanners: Vec<String>, follows: bool) -> Scope {
    let mut topics: std::collections::BTreeSet<Topic> = [Topic::Message].into_iter().collect();
    if !scanners.is_empty() {
        topics.insert(Topic::Scanners);
    }
    if follows {
        topics.extend(following::TOPICS);
    }
    Scope { topics, scanners, list_links_only: true, ..Scope::everything() }
}

/// All files named, folders with their subfolders, sorted; each with its size.
fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<(PathBuf, u64)>> {
    let mut files = Vec::new();
    for path in paths {
        if path == Path::new("-") {
            files.push((path.clone(), 0));
            continue;
        }
        let metadata = std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
        if metadata.is_dir() {
            let before = files.len();
            below(path, &mut files, 0)?;
            files[before..].sort();
            if files.len() == before {
                bail!("the folder {} holds no file", path.display());
            }
        } else {
            files.push((path.clone(), metadata.len()));
        }
    }
    Ok(files)
}

/// Regular files below a folder; links to folders are not followed, so there is no loop.
fn below(folder: &Path, files: &mut Vec<(PathBuf, u64)>, depth: usize) -> anyhow::Result<()> {
    if depth > 64 {
        return Ok(());
    }
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot read the folder {}", folder.display()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot read the folder {}", folder.display()))?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            below(&entry.path(), files, depth + 1)?;
        } else if let Ok(metadata) = std::fs::metadata(entry.path())
            && metadata.is_file()
        {
            files.push((entry.path(), metadata.len()));
        }
    }
    Ok(())
}

/// Sums over a run.
#[derive(Default)]
pub(super) struct Total {
    /// Messages that could be read.
    pub read: usize,
    /// Files that are no mail or cannot be read.
    pub refused: usize,
    pub worst: Option<Severity>,
    /// Why the first refused file was refused.
    pub refusal: Option<String>,
    /// Of one at least too little is known.
    open: bool,
}

struct Work {
    policy: Policy,
    scope: Scope,
    now: i64,
    offline: bool,
    /// From a recording: no engine is asked either.
    replays: bool,
    /// Bound on one engine's answer.
    timeout: std::time::Duration,
    follower: Option<Follower>,
}

impl Work {
    /// Judges all files, several at a time, writing in the order given while others are judged.
    fn all(
        &self,
        files: &[(PathBuf, u64)],
        threads: usize,
        writer: &mut Writer<'_>,
        count: &progress::Count,
    ) -> anyhow::Result<Total> {
        let format = writer.format;
        let mut total = Total::default();
        let mut done = 0;
        let sizes: Vec<u64> = files.iter().map(|(_, size)| *size).collect();
        let judge = |at: usize| self.file(&files[at].0, format);
        if files.len() > 1 && threads > 1 {
            std::thread::spawn(crate::facts::message::lists::make_ready);
        }
        in_order(&sizes, threads, judge, |(text, seen), last| {
            writer.write(&text, seen.read + seen.refused)?;
            // What is judged is shown, however long the rest takes.
            if last {
                writer.flush()?;
            }
            total.read += seen.read;
            total.refused += seen.refused;
            total.worst = total.worst.max(seen.worst);
            total.refusal = total.refusal.take().or(seen.refusal);
            done += 1;
            count.update(done);
            anyhow::Ok(())
        })?;
        Ok(total)
    }

    /// One file's messages, rendered.
    fn file(&self, path: &Path, format: Format) -> (String, Total) {
        let mut total = Total::default();
        let shown = path.display().to_string();
        let mut text = String::new();
        let mut add = |linted: Linted, format: Format| {
            match &linted.outcome {
                Ok(report) => {
                    total.read += 1;
                    total.worst = total.worst.max(report.worst());
                    total.open |= report.says_too_little();
                }
                Err(error) => {
                    total.refused += 1;
                    total.refusal.get_or_insert_with(|| error.clone());
                }
            }
            let rendered = format.render(&linted);
            match text.is_empty() {
                true => text = rendered,
                false => {
                    text.push_str(format.between());
                    text.push_str(&rendered);
                }
            }
        };
        match input::read(path, "message", input::MAX_MESSAGE) {
            Err(error) => add(Linted::refused(shown, format!("{error:#}")), format),
            Ok(raw) => {
                let messages = mailbox::messages(&shown, raw);
                let format = if messages.len() > 1 { format.of_many() } else { format };
                for (name, raw) in messages {
                    add(self.message(name, raw), format);
                }
            }
        }
        (text, total)
    }

    fn message(&self, file: String, raw: Vec<u8>) -> Linted {
        if let Err(error) = plausible(&raw) {
            let error = format!("{file}: {error}");
            return Linted::refused(file, error);
        }
        let mut evidence = Evidence {
            taken_at: self.now,
            message: Some(MessageEvidence { file: file.clone(), raw: raw.into() }),
            ..Evidence::default()
        };
        if !self.scope.scanners.is_empty() && !self.replays {
            match Job::of(&evidence, &self.scope, self.offline).ask_all(self.timeout) {
                Ok(answers) => evidence.transcripts.extend(answers),
                Err(error) => {
                    let error = format!("{file}: {error}");
                    return Linted::refused(file, error);
                }
            }
        }
        let prepared = Prepared::new(&evidence);
        let judged = |evidence: &Evidence, scope: &Scope| self.judged(evidence, scope, &prepared);
        let (report, spam, followed) = match &self.follower {
            Some(follower) => follower.with_answers(&mut evidence, &self.scope, &prepared, judged),
            None => judged(&evidence, &self.scope),
        };
        Linted { file, outcome: Ok(report), spam, followed }
    }

    fn judged(
        &self,
        evidence: &Evidence,
        scope: &Scope,
        prepared: &Prepared,
    ) -> (Report, Option<SpamScore>, Option<LinkChains>) {
        let facts = Facts::build(evidence, scope, prepared);
        let results = judge(&facts, &self.policy);
        let score =
            crate::judge::score::score(&facts, &results, &Posture { sends: true, ..Posture::default() });
        let report = Report {
            remedies: Vec::new(),
            after: None,
            // One message alone says nothing of its sender.
            receivers: Vec::new(),
            target: Target::default(),
            taken_at: self.now,
            role: None,
            unknown_fails: self.policy.unknown_fails,
            score,
            results,
            questions: Questions::default(),
            blind_spots: Vec::new(),
        };
        let followed = match scope.topics.contains(&Topic::Links) {
            true => facts.link_chains().ok().cloned(),
            false => None,
        };
        (report, facts.spam_score().ok().cloned(), followed)
    }
}

/// How one message becomes text.
#[derive(Clone, Copy)]
enum Format {
    /// One message, in full.
    Terminal(Look),
    /// Many, a few lines each.
    Brief(Look),
    /// One message, laid out for people too.
    Json,
    /// Many, in one object: a line each, as programs read them.
    JsonMany,
    Ndjson,
}

impl Format {
    /// The same where a file turns out to hold several messages.
    fn of_many(self) -> Format {
        match self {
            Format::Json => Format::JsonMany,
            other => other,
        }
    }

    /// What stands between two messages.
    fn between(self) -> &'static str {
        match self {
            Format::Json | Format::JsonMany => ",\n",
            Format::Terminal(_) | Format::Brief(_) | Format::Ndjson => "",
        }
    }

    fn render(self, linted: &Linted) -> String {
        let Linted { file, outcome, spam, followed } = linted;
        match (self, outcome) {
            (Format::Terminal(look), Ok(report)) => {
                render::in_full(file, report, spam.as_ref(), followed.as_ref(), look)
            }
            (Format::Brief(look), Ok(report)) => render::in_brief(file, report, look),
            // Alone, it is the run's error and goes to standard error.
            (Format::Terminal(_), Err(_)) => String::new(),
            (Format::Brief(look), Err(error)) => render::refused(error, look),
            (Format::Json, Ok(report)) => {
                json::text(&json::lint::message(file, report, spam.as_ref(), followed.as_ref()))
            }
            (Format::Json, Err(error)) => json::text(&json::lint::refused(file, error)),
            (Format::JsonMany | Format::Ndjson, outcome) => {
                let mut line = match outcome {
                    Ok(report) => json::lint::line(file, report, spam.as_ref(), followed.as_ref()),
                    Err(error) => json::line(&json::lint::refused(file, error)),
                };
                if matches!(self, Format::JsonMany) {
                    line.truncate(line.trim_end().len());
                }
                line
            }
        }
    }
}

/// Where the text goes. Standard output streams; a file is complete or absent.
struct Writer<'o> {
    output: &'o output::Output<SeriesFormat>,
    format: Format,
    /// `json` of many messages is one object around them, begun with the first.
    framed: bool,
    sink: output::Stream,
}

impl<'o> Writer<'o> {
    fn new(output: &'o output::Output<SeriesFormat>, alone: bool, look: Look) -> anyhow::Result<Writer<'o>> {
        let format = match (output.format, alone) {
            (SeriesFormat::Json, true) => Format::Json,
            (SeriesFormat::Json, false) => Format::JsonMany,
            (SeriesFormat::Ndjson, _) => Format::Ndjson,
            (SeriesFormat::Terminal, true) => Format::Terminal(look),
            (SeriesFormat::Terminal, false) => Format::Brief(look),
        };
        Ok(Writer { output, format, framed: false, sink: output::Stream::open(output)? })
    }

    /// Writes what a file holds: so many messages.
    fn write(&mut self, text: &str, messages: usize) -> anyhow::Result<()> {
        let is_one_of_many =
            matches!(self.format, Format::JsonMany) || (matches!(self.format, Format::Json) && messages > 1);
        if is_one_of_many && messages > 0 {
            let before = match std::mem::replace(&mut self.framed, true) {
                true => self.format.between(),
                false => "{\n\"schema\": \"mailvet/lint-many/1\",\n\"messages\": [\n",
            };
            self.sink.write(before)?;
        }
        self.sink.write(text)
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        self.sink.flush()
    }

    fn finish(self, total: &Total) -> anyhow::Result<()> {
        let mut sink = self.sink;
        if self.framed {
            sink.write("\n]\n}\n")?;
        }
        if let Format::Brief(look) = self.format {
            sink.write(&render::total(total.read, total.refused, look))?;
        }
        sink.close(self.output)
    }
}
