//! `mailvet lint`: judges messages by themselves, offline, one or a hundred thousand.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;

use super::auditing::{self, KindArg};
use super::exit::Exit;
use super::following::{self, FollowArgs, Follower};
use super::global_args::GlobalArgs;
use super::in_order::in_order;
use super::lint_text::{Format, Linted, Total, Writer, rendered};
use super::output::SeriesFormat;
use super::session::Session;
use super::{input, mailbox, output, progress};
use crate::config;
use crate::evidence::{Evidence, MessageEvidence};
use crate::facts::links::chains::LinkChains;
use crate::facts::message::kind::Duty;
use crate::facts::spam_score::SpamScore;
use crate::facts::{Facts, Prepared};
use crate::gather::scanners::Job;
use crate::judge::forecast::Posture;
use crate::judge::judge;
use crate::judge::report::{Questions, Report};
use crate::model::untrusted::Shown as _;
use crate::model::{Question, Scope, Target, Topic};
use crate::parse::message::plausible;
use crate::policy::Policy;

#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Nothing is fetched, and nothing asked but the scanner engines you name: the message
alone is judged. Only with --follow-links are links asked with HEAD (http and https,
at most 30 of a message and 1000 of a run, 10 redirects each) where they lead; links
that may unsubscribe are left out. Give the message as it is handed to the relay, or as
\"show original\" saves it. A folder is read with all its subfolders, an mbox file
message by message. Of several messages json is one object, ndjson one a line.

Exit codes: 0 nothing at or above --fail-on; 1 findings; 2 a file that is no mail or
cannot be read, whatever the others hold; 3 too little evidence, such as a scanner
named that did not answer.

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
    let timeout = session.limits().question;
    let work = Work { policy, scope, now, offline: global.offline, replays, timeout, follower };
    let files = files(&args.paths)?;
    let threads = global.threads(256);
    let alone = files.len() == 1 && args.paths.iter().all(|path| !path.is_dir());
    let look = output::look(global, output);
    let mut writer = Writer::new(output, alone, look)?;
    let total =
        work.all(&files, threads, &mut writer, &progress::Count::new("files", global.quiet, files.len()))?;
    if let (0, true, Some(refusal)) =
        (total.read, alone && output.format == SeriesFormat::Terminal, &total.refusal)
    {
        // An older report is worth more than an empty one.
        bail!("{refusal}");
    }
    writer.finish(&total)?;
    if let Some(follower) = work.follower {
        follower.finish(global, now)?;
    }
    // What was not judged may be the worst of all.
    if total.refused > 0 {
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
    policy.selected.retain(|code| shows_alone(code, scanners, follows));
}

/// The same of a message that was sent: what is not signed now was never signed.
pub(super) fn by_message_as_sent(policy: &mut Policy) {
    policy.selected.retain(|code| shows_alone(code, false, false) || *code == "dkim-signature-missing");
}

fn shows_alone(code: &str, scanners: bool, follows: bool) -> bool {
    let known = |topic: &Topic| {
        *topic == Topic::Message
            || (scanners && *topic == Topic::Scanners)
            || (follows && following::TOPICS.contains(topic))
    };
    // The lists are asked about links only, not about a sender nobody named.
    crate::judge::catalog::find(code)
        .is_some_and(|check| check.needs.iter().all(known) && (check.needs != [Topic::Blocklists].as_slice()))
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

/// All files named, folders with their subfolders; each with its size, which what cannot be read does not have.
fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<(PathBuf, u64)>> {
    let sized = |path: PathBuf| {
        let size = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
        (path, size)
    };
    Ok(input::named(paths)?.into_iter().map(sized).collect())
}

/// A file from this size on is judged message by message, in case that it is a mailbox.
const LARGE: u64 = 1 << 20;

/// Standard input has no size before it is read.
fn is_large(path: &Path, size: u64) -> bool {
    size >= LARGE || path == Path::new("-")
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
    /// Judges all files, several at a time, writing in the order given while others are judged. A large
    /// file may hold many messages: those are judged and written one by one, like files.
    fn all(
        &self,
        files: &[(PathBuf, u64)],
        threads: usize,
        writer: &mut Writer<'_>,
        count: &progress::Count,
    ) -> anyhow::Result<Total> {
        let mut total = Total::default();
        let mut done = 0;
        if files.len() > 1 && threads > 1 {
            std::thread::spawn(crate::facts::message::lists::make_ready);
        }
        for batch in files.chunk_by(|a, b| !is_large(&a.0, a.1) && !is_large(&b.0, b.1)) {
            match batch {
                [(path, size)] if is_large(path, *size) => {
                    self.mailbox(path, threads, writer, &mut total)?;
                    done += 1;
                    count.update(done);
                }
                _ => {
                    let sizes: Vec<u64> = batch.iter().map(|(_, size)| *size).collect();
                    let format = writer.format;
                    let judge = |at: usize| self.file(&batch[at].0, format);
                    in_order(&sizes, threads, judge, |(text, seen), last| {
                        writer.take(&text, seen, last, &mut total)?;
                        done += 1;
                        count.update(done);
                        anyhow::Ok(())
                    })?;
                }
            }
        }
        Ok(total)
    }

    /// The messages of one large file, each written as soon as those before it are.
    fn mailbox(
        &self,
        path: &Path,
        threads: usize,
        writer: &mut Writer<'_>,
        total: &mut Total,
    ) -> anyhow::Result<()> {
        let shown = path.shown();
        let raw = match input::read(path, "message", input::MAX_MESSAGE) {
            Ok(raw) => raw,
            Err(error) => {
                let (text, seen) = rendered([Linted::refused(shown, format!("{error:#}"))], writer.format);
                return writer.take(&text, seen, true, total);
            }
        };
        let messages = mailbox::messages(&raw);
        if messages.len() > 1 {
            writer.format = writer.format.of_many();
        }
        let (format, count) = (writer.format, messages.len());
        let sizes: Vec<u64> = messages.iter().map(|range| range.len() as u64).collect();
        let judge = |at: usize| {
            let text = raw.get(messages[at].clone()).unwrap_or_default().to_vec();
            rendered([self.message(mailbox::name(&shown, at, count), text)], format)
        };
        in_order(&sizes, threads, judge, |(text, seen), last| writer.take(&text, seen, last, total))
    }

    /// One file's messages, rendered.
    fn file(&self, path: &Path, format: Format) -> (String, Total) {
        let shown = path.shown();
        let raw = match input::read(path, "message", input::MAX_MESSAGE) {
            Ok(raw) => raw,
            Err(error) => return rendered([Linted::refused(shown, format!("{error:#}"))], format),
        };
        let messages = mailbox::messages(&raw);
        let count = messages.len();
        let format = if count > 1 { format.of_many() } else { format };
        let judged = messages.into_iter().enumerate().map(|(at, range)| {
            let text = raw.get(range).unwrap_or_default().to_vec();
            self.message(mailbox::name(&shown, at, count), text)
        });
        rendered(judged, format)
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
            // What bulk mail needs first of all, and no message shows.
            blind_spots: match facts.duty(self.policy.kind) {
                Ok(Duty::Bulk | Duty::LikelyBulk) => vec![auditing::CONSENT],
                _ => Vec::new(),
            },
        };
        let followed = match scope.topics.contains(&Topic::Links) {
            true => facts.link_chains().ok().cloned(),
            false => None,
        };
        (report, facts.spam_score().ok().cloned(), followed)
    }
}
