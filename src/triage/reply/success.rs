//! What a reply of success says to a person who asks about it by itself: that the
//! next server has the message where it ends DATA, and of other commands nothing.

use super::{ReplyVerdict, advice, classify};
use crate::model::speaker::{Speaker, Stage};
use crate::triage::cause::Cause;
use crate::triage::custody::{Kept, kept_by};
use crate::triage::reply::Who;

/// Words of a message that was taken, wherever to.
const STORED: &[&str] =
    &["saved", "delivered to mailbox", "delivered to maildir", "delivered to command", "stored in"];

/// Words of a message that went into a mailbox.
const IN_MAILBOX: &[&str] =
    &["delivered to mailbox", "delivered to maildir", "delivered to command", "stored in mailbox"];

/// True where the words say that the message is in the mailbox: in plain words, or in the shape of an LMTP
/// server's `<bob@example.org> TOKEN Saved`. What is saved otherwise lies in a spool.
fn is_in_mailbox(text: &str, lower: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().take(4).collect();
    let lmtp = matches!(words[..], [to, _, saved] if to.starts_with('<') && to.ends_with('>')
        && saved.eq_ignore_ascii_case("saved"));
    lmtp || IN_MAILBOX.iter().any(|words| lower.contains(words))
}

/// Words that answer another command than DATA: capabilities and greetings of EHLO,
/// MAIL, RCPT and RSET.
const OF_COMMAND: &[&str] = &[
    "8bitmime",
    "pipelining",
    "starttls",
    "enhancedstatuscodes",
    "smtputf8",
    "hello",
    "sender ok",
    "recipient ok",
    "reset",
    "flushed",
];

/// As [`classify`], for a person who asks about one reply by itself: a relay's
/// "250 queued" is no delivery, and "250 2.1.5 Ok" is about the recipient alone.
pub fn explain(text: &str, mx: Option<&str>) -> ReplyVerdict {
    let mut verdict = classify(text, mx);
    if verdict.reply_code.is_none()
        && let Some(code) = intermediate(text)
    {
        verdict.reply_code = Some(code);
        verdict.speaker = Speaker::Receiver;
        return of_a_command(verdict);
    }
    if verdict.cause != Cause::Delivered {
        return verdict;
    }
    let lower = verdict.text.to_lowercase();
    if !may_end_data(&verdict, &lower) {
        return of_a_command(verdict);
    }
    let holds = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    // What has a queue id waits in a queue, whatever else is said of it.
    let elsewhere = advice::queue_id(&verdict.text).is_some() || holds(&["quarantin", "discard", "later"]);
    if elsewhere || !is_in_mailbox(&verdict.text, &lower) {
        taken(&mut verdict, mx);
    }
    verdict
}

/// Whether the reply may be the one to the end of DATA, the only one that takes the
/// message (RFC 5321 section 4.3.2). 2.1.0 answers MAIL, 2.1.5 RCPT, 2.7.0 AUTH, and so
/// do some words, as long as nothing else in them is about a message.
fn may_end_data(verdict: &ReplyVerdict, lower: &str) -> bool {
    let by_code =
        verdict.enhanced_code.is_some_and(|code| matches!((code.subject, code.detail), (1, 0 | 5) | (7, 0)));
    let of_command = by_code || OF_COMMAND.iter().any(|words| lower.contains(words));
    let of_message = || {
        advice::queue_id(&verdict.text).is_some()
            || STORED.iter().chain(&["quarantin", "discard"]).any(|words| lower.contains(words))
    };
    match verdict.stage {
        Some(Stage::Data | Stage::After) => verdict.reply_code.is_none_or(|code| code == 250),
        Some(_) => false,
        None => verdict.reply_code.is_none_or(|code| code == 250) && (!of_command || of_message()),
    }
}

/// `354 End data with ...`: a reply that asks for more (RFC 5321 section 4.2.1).
fn intermediate(text: &str) -> Option<u16> {
    let said = text.rsplit_once(" said: ").map_or(text, |(_, said)| said).trim_start();
    let code: u16 = said.get(..3)?.parse().ok()?;
    let ends = said.get(3..)?.chars().next().is_none_or(|next| matches!(next, ' ' | '-' | '\r' | '\n'));
    (ends && (300..400).contains(&code)).then_some(code)
}

fn of_a_command(verdict: ReplyVerdict) -> ReplyVerdict {
    ReplyVerdict {
        cause: Cause::Undetermined,
        who: Who::Nobody,
        permanent: None,
        limit: None,
        page: None,
        playbook: None,
        action: vec![
            "the server answers a command of the dialogue, which delivers nothing: give the reply to the end of DATA, the last one before QUIT"
                .to_owned(),
        ],
        ..verdict
    }
}

/// The next server has the message, and nothing shows that it is in a mailbox.
fn taken(verdict: &mut ReplyVerdict, mx: Option<&str>) {
    verdict.cause = Cause::AcceptedByRelay;
    // Who is asked without a name is most often the sender's own relay.
    if verdict.provider.is_none() && mx.is_none() && verdict.speaker != Speaker::OwnFilter {
        verdict.speaker = Speaker::OwnRelay;
    }
    let id = advice::queue_id(&verdict.text);
    let by = match &id {
        Some(id) => format!("the queue id {id}"),
        None => "its queue id".to_owned(),
    };
    let kept = kept_by(&verdict.text);
    let step = if kept == Some(Kept::Quarantined) {
        format!(
            "the server keeps the message in quarantine: look for {by} there, and release it if it is good"
        )
    } else if kept == Some(Kept::Discarded) {
        format!(
            "the server threw the message away and tells nobody: look for {by} in its log, mend what its filter found, and send again"
        )
    } else if verdict.speaker == Speaker::Receiver {
        let by = id.map_or_else(|| "the time of this reply".to_owned(), |id| format!("the queue id {id}"));
        format!(
            "the next server has taken the message, and does not say that it is in the mailbox: ask the recipient to look in the spam folder; whoever runs that server finds the message by {by}"
        )
    } else {
        format!(
            "the message was taken by the relay and is not yet delivered: look for {by} in the log of that relay, then for the answer of the server after it"
        )
    };
    verdict.action = vec![step];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_succeeds_delivers_nothing() {
        for text in [
            "220 mx.example.net ESMTP",
            "221 2.0.0 Bye",
            "235 2.7.0 Authentication successful",
            "354 End data with <CR><LF>.<CR><LF>",
            "host mx.example.net[192.0.2.1] said: 354 go ahead",
            "250 2.1.0 Ok",
            "250-mx.example.net Hello app.example.com [192.0.2.1] 250-SIZE 52428800 250 PIPELINING",
            "250 <a@example.net>... Recipient ok",
            "250 2.0.0 Flushed",
            "250 2.1.5 Ok",
            "250 2.7.0 Authentication successful",
            "251 2.1.5 User not local; will forward",
            "host mx.example.net[192.0.2.1] said: 250 Ok (in reply to RCPT TO command)",
        ] {
            let verdict = explain(text, None);
            assert_eq!((verdict.cause, verdict.permanent), (Cause::Undetermined, None), "{text}");
            assert!(verdict.action[0].contains("reply to the end of DATA"), "{text}: {:?}", verdict.action);
            assert!(verdict.reply_code.is_some_and(|code| code < 400), "{text}");
        }
    }

    #[test]
    fn what_waits_elsewhere_is_not_delivered() {
        for (text, step) in [
            ("250 2.0.0 Message stored in queue, queued as 4ABC123", "queue id 4ABC123"),
            ("250 2.0.0 saved, queue id 4ABC123", "queue id 4ABC123"),
            ("250 2.7.0 Ok, discarded, id=1-2 - INFECTED: Eicar", "threw the message away"),
            ("250 2.0.0 saved to quarantine", "in quarantine"),
            ("250 2.6.0 Message saved for later delivery", "not yet delivered"),
            ("250 2.6.0 Ok, message saved <Message-ID: 1@example.com>", "not yet delivered"),
            ("250 Mail saved in spool", "not yet delivered"),
            ("250 Message stored in the spool", "not yet delivered"),
            ("250 OK, message silently dropped", "threw the message away"),
            ("250 message blackholed", "threw the message away"),
        ] {
            let verdict = explain(text, None);
            assert_eq!(verdict.cause, Cause::AcceptedByRelay, "{text}");
            assert!(verdict.action[0].contains(step), "{text}: {:?}", verdict.action);
        }
        assert_eq!(explain("250 2.0.0 <a@example.net> x1Yz Saved", None).cause, Cause::Delivered);
    }

    #[test]
    fn only_a_server_nobody_knows_is_the_own_relay() {
        let text = "250 2.0.0 Ok: queued as 4ABC123";
        assert_eq!(explain(text, None).speaker, Speaker::OwnRelay);
        let named = explain(text, Some("mx.example.net"));
        assert_eq!((named.cause, named.speaker), (Cause::AcceptedByRelay, Speaker::Receiver));
        assert!(!named.action[0].contains("the relay") && named.action[0].contains("4ABC123"));
        let google = explain("250 2.0.0 OK  1709460000 x-20020a05 - gsmtp", None);
        assert!(google.provider.is_some());
        assert_eq!((google.cause, google.speaker), (Cause::AcceptedByRelay, Speaker::Receiver));
    }
}
