//! The meaning of words in a notice: not the code of an earlier success, and of a warning the reply it waits for.

use crate::parse::smtp::reply::Reply;
use crate::triage::cause::Cause;
use crate::triage::reply::{ReplyVerdict, Setting, classify_in};

/// Most lines of a warning that are read: the transcript stands at its beginning.
const MOST_LINES: usize = 200;

/// The meaning of `words`; `None` where they tell of a success that the notice denies.
pub(super) fn meaning(words: &str, setting: Setting<'_>, waits: bool, failed: bool) -> Option<ReplyVerdict> {
    let verdict = classify_in(words, &setting);
    match verdict.cause {
        // Of a failure, the success code of an earlier hop says nothing.
        Cause::Delivered if failed => after_success(words, setting),
        // A warning says of itself that time passes; what it waits for stands in its transcript.
        Cause::QueueExpired if waits => Some(by_transcript(words, &setting).unwrap_or(verdict)),
        _ => Some(verdict),
    }
}

/// Without the sentences that a system writes into each of its notices: they are about no recipient.
pub(super) fn without_forms(text: &str) -> String {
    const FORMS: &[&str] = &[
        "i've given up. sorry it didn't work out",
        "this message was created automatically by mail delivery software",
        "--- session transcript ---",
        "--- end transcript ---",
    ];
    let is_form = |line: &&str| {
        let lower = line.to_ascii_lowercase();
        FORMS.iter().any(|words| lower.contains(words)) || is_of_dialogue(&lower)
    };
    text.split_inclusive('\n').filter(|line| !is_form(line)).collect()
}

/// A command of MDaemon's transcript, or an answer that went on with it: neither says why anything failed.
fn is_of_dialogue(line: &str) -> bool {
    line.contains(": --> ") || line.contains(": <-- 2") || line.contains(": <-- 3")
}

/// What stands behind a label of a reason.
fn labelled(line: &str) -> Option<&str> {
    const LABELS: &[&str] = &["reason:", "the error was:", "last error:", "grund:", "motif :", "motivo:"];
    let line = line.trim_start();
    let label =
        LABELS.iter().find(|label| line.get(..label.len()).is_some_and(|t| t.eq_ignore_ascii_case(label)))?;
    line.get(label.len()..)
}

/// The meaning of the last quoted reply of failure that says more than that time passes.
fn by_transcript(words: &str, setting: &Setting<'_>) -> Option<ReplyVerdict> {
    let quoted = |line: &&str| {
        let line = line.trim_start().trim_start_matches("... ").trim_start_matches("<<< ");
        line.starts_with(['4', '5']) && Reply::read(line).code.is_some()
    };
    let mut lines: Vec<&str> = words.lines().take(MOST_LINES).filter_map(labelled).collect();
    lines.extend(words.lines().take(MOST_LINES).filter(quoted));
    lines.into_iter().rev().map(|line| classify_in(line, setting)).find(|verdict| {
        !matches!(verdict.cause, Cause::QueueExpired | Cause::Undetermined | Cause::Delivered)
    })
}

/// The meaning of `words` without the lines that hold a code of success.
fn after_success(words: &str, setting: Setting<'_>) -> Option<ReplyVerdict> {
    let succeeds = |line: &&str| {
        let read = Reply::read(line);
        read.code.is_some_and(|code| code < 400) || read.enhanced.is_some_and(|code| code.class == 2)
    };
    let rest: Vec<&str> = words.lines().filter(|line| !succeeds(line)).collect();
    let rest = rest.join("\n");
    if rest.trim().is_empty() {
        return None;
    }
    let status = setting.status.filter(|code| code.class != 2);
    let verdict = classify_in(&rest, &Setting { status, ..setting });
    (verdict.cause != Cause::Delivered).then_some(verdict)
}
