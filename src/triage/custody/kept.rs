//! Replies that take a message and say that it ends there: thrown away, kept apart,
//! sent back. Read word by word, since addresses, ids and host names in a reply are
//! named as people please.

use crate::parse::log::record::LogEvent;

/// What a filter did with a message it took and did not hand back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    Discarded,
    Quarantined,
    /// Answered with a notice to the sender.
    Bounced,
}

/// Words that say it of themselves.
const APART: &[&str] = &["quarantine", "quarantined"];
const GONE: &[&str] = &["discard", "discarded", "blackhole", "blackholed"];
/// Words that say it where they follow a word for the message or nothing.
const GONE_IF_MESSAGE: &[&str] = &["dropped", "deleted"];
const MESSAGE: &[&str] = &["message", "mail", "email", "e-mail", "spam", "ok", "virus"];
/// Words that may stand between the message and its fate.
const BETWEEN: &[&str] = &["was", "is", "has", "been", "being", "will", "be", "silently", "and", "it"];
const NOT: &[&str] = &["not", "never", "no", "without", "isn't", "wasn't", "won't"];
/// Why somebody looks at what is held.
const LOOKED_AT: &[&str] = &["review", "moderation", "approval", "inspection"];

/// Whether a positive reply says that the message ends here.
pub(crate) fn kept(event: &LogEvent) -> Option<Kept> {
    kept_by(&event.reply)
}

/// As [`kept`], of the reply by itself.
pub(crate) fn kept_by(reply: &str) -> Option<Kept> {
    // The words of a command are those of who wrote it, and say nothing of the message.
    if reply.starts_with("delivered to command: ") {
        return None;
    }
    let words = words(reply);
    if is_sent_back(reply) {
        return Some(Kept::Bounced);
    }
    let says = |is: &dyn Fn(usize) -> bool| (0..words.len()).any(|at| is(at) && !is_denied(&words, at));
    let apart = |at: usize| {
        APART.contains(&words[at].as_str())
            || words[at] == "held"
                && words.get(at + 1).is_some_and(|next| next == "for")
                && words[at + 2..].iter().take(2).any(|word| LOOKED_AT.contains(&word.as_str()))
    };
    let gone = |at: usize| {
        GONE.contains(&words[at].as_str())
            || words[at] == "/dev/null"
            || words[at] == "thrown" && words.get(at + 1).is_some_and(|next| next == "away")
            || GONE_IF_MESSAGE.contains(&words[at].as_str()) && is_of_message(&words[..at])
    };
    if says(&apart) {
        return Some(Kept::Quarantined);
    }
    says(&gone).then_some(Kept::Discarded)
}

/// amavis answers `250 2.5.0 Ok, id=12345-01, BOUNCE` where it tells the sender itself.
fn is_sent_back(reply: &str) -> bool {
    reply.starts_with("250 ")
        && reply.contains(", id=")
        && reply.split(", ").any(|part| part.split([' ', ':']).next() == Some("BOUNCE"))
}

/// The words of a reply in small letters: without what is in angle brackets, links,
/// host names, `key=value` and numbers.
fn words(reply: &str) -> Vec<String> {
    const WORDS_BOUND: usize = 200;
    let mut out = Vec::new();
    let mut rest = reply;
    while let Some(open) = rest.find('<') {
        out.extend(pieces(&rest[..open]));
        rest = rest[open..].find('>').map_or("", |close| &rest[open + close + 1..]);
    }
    out.extend(pieces(rest));
    out.truncate(WORDS_BOUND);
    out
}

fn pieces(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(char::is_whitespace).filter_map(|word| {
        let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '/');
        let inner = ["://", "=", "@"].iter().any(|mark| word.contains(mark));
        let host =
            word.split_once('.').is_some_and(|(_, after)| after.starts_with(|c: char| c.is_alphanumeric()));
        let code = !word.bytes().any(|b| b.is_ascii_alphabetic());
        (!(inner || host || code)).then(|| word.to_ascii_lowercase())
    })
}

/// "will not be discarded", but not "was not delivered, message discarded".
fn is_denied(words: &[String], at: usize) -> bool {
    let before = words[..at].iter().rev().find(|word| !BETWEEN.contains(&word.as_str()));
    before.is_some_and(|word| NOT.contains(&word.as_str()))
}

/// "message was dropped", "Ok: spam, deleted", but not "attachment deleted".
fn is_of_message(before: &[String]) -> bool {
    let told = before.iter().rev().find(|word| !BETWEEN.contains(&word.as_str()));
    told.is_none_or(|word| MESSAGE.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Location;
    use crate::parse::log::Event;

    fn of(reply: &str) -> Option<Kept> {
        let event = Event { reply: reply.as_bytes(), ..Event::default() };
        kept(&LogEvent::of(&event, Location { file: "l".into(), line: 1 }, "postfix"))
    }

    /// What is said of the message counts, wherever it stands; names do not.
    #[test]
    fn a_fate_is_read_by_words() {
        let gone = Some(Kept::Discarded);
        for reply in [
            "250 2.7.0 Ok, discarded, id=1-2 - spam",
            "250 2.0.0 Ok: spam, message dropped",
            "250 Message silently dropped",
            "250 mail has been deleted: virus found",
            "250 OK :blackhole:",
            "delivered to file: /dev/null",
            "250 thrown away",
            "250 was not delivered, message discarded",
        ] {
            assert_eq!(of(reply), gone, "{reply}");
        }
        let apart = Some(Kept::Quarantined);
        for reply in
            ["250 2.6.0 Message quarantined", "250 held for the review", "250 Ok, being held for moderation"]
        {
            assert_eq!(of(reply), apart, "{reply}");
        }
        assert_eq!(of("250 2.5.0 Ok, id=1-2, BOUNCE"), Some(Kept::Bounced));
        for reply in [
            "250 2.6.0 <1@quarantine.example.com> Queued mail",
            "250 OK https://quarantine.example.com/discarded ok",
            "250 quarantine.example.net took it",
            "250 OK, will not be discarded",
            "250 never quarantined",
            "250 2 attachments deleted, message taken",
            "250 Ok: queued as BOUNCE",
            "delivered to command: /usr/bin/ticket >/dev/null",
            "250 <discarded",
        ] {
            assert_eq!(of(reply), None, "{reply}");
        }
    }
}
