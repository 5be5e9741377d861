//! What came of handing a message over: one verdict a recipient, and what the
//! relay's "250" does not prove.

use super::cause::Cause;
use super::reply::{Queue, ReplyVerdict, Setting, Who, classify_in};
use crate::facts::transport::servers::{Broken, Content, Exchange, Handover, Trouble};
use crate::parse::log::record::queued_as;
use crate::parse::smtp::reply::Stage;

/// What the relay said of the whole message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Accepted,
    /// For some recipients.
    Partly,
    /// For none, and some of the refusals are temporary.
    Deferred,
    Rejected,
    /// The relay did not say.
    Unknown,
}

impl Outcome {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Outcome::Accepted => "accepted",
            Outcome::Partly => "partly",
            Outcome::Deferred => "deferred",
            Outcome::Rejected => "rejected",
            Outcome::Unknown => "unknown",
        }
    }
}

/// What came of one recipient's copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// The relay has it; the recipient's server has not yet.
    Accepted,
    Deferred,
    Rejected,
    /// The message did not reach the relay whole.
    NotSent,
    /// All of it was sent and no reply came: the relay may have it.
    Unknown,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Status::Accepted => "accepted",
            Status::Deferred => "deferred",
            Status::Rejected => "rejected",
            Status::NotSent => "not-sent",
            Status::Unknown => "unknown",
        }
    }
}

/// One recipient and the reply that decided.
#[derive(Clone, Debug)]
pub(crate) struct Recipient {
    pub address: String,
    pub status: Status,
    /// The reply that decided, or why there is none. Hostile text.
    pub said: String,
    /// What `said` means; `None` where it is no reply but our own refusal, or nothing is known.
    pub meaning: Option<ReplyVerdict>,
    pub who: Who,
    pub action: Vec<String>,
}

impl Recipient {
    /// The cause of a failure; an accepted copy has none.
    pub(crate) fn cause(&self) -> Option<Cause> {
        self.meaning.as_ref().map(|meaning| meaning.cause).filter(|_| self.status != Status::Accepted)
    }
}

/// A hand-over, judged.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub outcome: Outcome,
    pub recipients: Vec<Recipient>,
    /// The id the relay gave the message.
    pub queue_id: Option<String>,
    /// Why it did not come to a verdict, in words.
    pub problem: Option<String>,
}

/// Judges what was said. `relay` is the host's name, which shows its provider.
pub(crate) fn judge(handover: &Handover, relay: &str) -> Judged {
    let recipients: Vec<Recipient> = handover
        .recipients
        .iter()
        .map(|(address, reply)| recipient(address, reply.as_ref(), handover, relay))
        .collect();
    let verdict = handover.verdict.as_ref().filter(|reply| reply.is_accepted());
    let problem = handover.unfit.clone().or_else(|| handover.broken.as_ref().map(ToString::to_string));
    Judged {
        outcome: outcome(&recipients, handover),
        queue_id: verdict.and_then(|reply| queued_as(&reply.text()).map(str::to_owned)),
        recipients,
        problem,
    }
}

fn outcome(recipients: &[Recipient], handover: &Handover) -> Outcome {
    let count = |status: Status| recipients.iter().filter(|one| one.status == status).count();
    let accepted = count(Status::Accepted);
    if accepted > 0 {
        return if accepted == recipients.len() { Outcome::Accepted } else { Outcome::Partly };
    }
    if count(Status::Unknown) > 0 {
        return Outcome::Unknown;
    }
    match count(Status::NotSent) > 0 {
        true if handover.unfit.is_some() => Outcome::Rejected,
        true => Outcome::Unknown,
        false if count(Status::Deferred) > 0 => Outcome::Deferred,
        false => Outcome::Rejected,
    }
}

fn recipient(address: &str, reply: Option<&Exchange>, handover: &Handover, relay: &str) -> Recipient {
    let refused_alone = reply.filter(|reply| !reply.is_accepted());
    if let Some(reply) = refused_alone.or(handover.refusal.as_ref()).or(handover.verdict.as_ref()) {
        return by_reply(address, reply, relay);
    }
    if let Some(why) = &handover.unfit {
        return Recipient {
            address: address.to_owned(),
            status: Status::NotSent,
            said: why.clone(),
            meaning: None,
            who: Who::Sender,
            action: Vec::new(),
        };
    }
    let said = handover.broken.as_ref().map(ToString::to_string).unwrap_or_default();
    if handover.content == Content::Whole {
        return Recipient {
            address: address.to_owned(),
            status: Status::Unknown,
            said,
            meaning: None,
            who: Who::Sender,
            action: vec![
                "Look for the message in the relay's log before you send it again: it may have been taken."
                    .to_owned(),
            ],
        };
    }
    let setting = Setting { hosts: &[relay], queue: Queue::Reported, ..Setting::default() };
    let meaning = handover.broken.as_ref().and_then(in_words).map(|text| classify_in(text, &setting));
    // The engine's steps speak of the recipient's server; this is the one before it.
    let step = match handover.broken.as_ref().map(|broken| broken.stage.as_str()) {
        Some("handshake") => "Mend TLS at the relay, or send in clear with --tls never.",
        Some("DNS") => "Give the relay's name as DNS knows it, or its address.",
        _ => "Check that the relay runs and can be reached from here (firewall, route); then send again.",
    };
    Recipient {
        address: address.to_owned(),
        status: Status::NotSent,
        said,
        who: meaning.as_ref().map_or(Who::Network, |meaning| meaning.who),
        action: vec![step.to_owned()],
        meaning,
    }
}

fn by_reply(address: &str, reply: &Exchange, relay: &str) -> Recipient {
    let said = reply.text();
    if matches!(reply.code(), Some(200..=399)) && !(reply.sent == "." && reply.is_accepted()) {
        return out_of_turn(address, reply);
    }
    let setting =
        Setting { stage: stage(&reply.sent), hosts: &[relay], queue: Queue::Reported, ..Setting::default() };
    let meaning = classify_in(&said, &setting);
    let status = match reply.code() {
        _ if reply.sent == "." && reply.is_accepted() => Status::Accepted,
        Some(400..=499) => Status::Deferred,
        // A success that this stage does not know, or lines of different codes, decide nothing: behind
        // the final dot the relay may have the message, before it the relay has not.
        Some(200..=399) | None if reply.sent == "." => Status::Unknown,
        Some(200..=399) => Status::NotSent,
        _ => Status::Rejected,
    };
    Recipient {
        address: address.to_owned(),
        status,
        said,
        who: meaning.who,
        action: meaning.action.clone(),
        meaning: Some(meaning),
    }
}

/// A reply that means success elsewhere, and nothing at its stage.
fn out_of_turn(address: &str, reply: &Exchange) -> Recipient {
    let at = match reply.sent.as_str() {
        "." => "the final dot",
        "" => "the connection",
        sent => sent,
    };
    let (status, step) = match reply.sent == "." {
        true => (
            Status::Unknown,
            "Look for the message in the relay's log before you send it again: it may have been taken.",
        ),
        false => {
            (Status::NotSent, "Have the relay's operator look at the dialogue: its reply breaks RFC 5321.")
        }
    };
    Recipient {
        address: address.to_owned(),
        status,
        said: format!(
            "{} in answer to {at}, where that code means nothing (RFC 5321 section 4.3.2)",
            reply.text()
        ),
        meaning: None,
        who: Who::Sender,
        action: vec![step.to_owned()],
    }
}

/// The stage that a command belongs to.
fn stage(sent: &str) -> Option<Stage> {
    let verb = sent.split([' ', ':']).next().unwrap_or_default();
    Some(match verb {
        "" => Stage::Connect,
        "EHLO" | "HELO" => Stage::Hello,
        "STARTTLS" => Stage::StartTls,
        "AUTH" | "(user" | "(password)" => Stage::Auth,
        "MAIL" => Stage::Mail,
        "RCPT" => Stage::Rcpt,
        _ => Stage::Data,
    })
}

/// A symptom as mail servers log it.
fn in_words(broken: &Broken) -> Option<&'static str> {
    Some(match (broken.stage.as_str(), broken.trouble) {
        ("handshake", _) => "TLS handshake failed",
        (_, Trouble::Refused) => "Connection refused",
        (_, Trouble::Timeout) => "Connection timed out",
        (_, Trouble::Unreachable | Trouble::Forbidden) => "No route to host",
        (_, Trouble::Reset) => "Connection reset by peer",
        (_, Trouble::Closed) => "lost connection",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(sent: &str, reply: &str) -> Exchange {
        Exchange { sent: sent.to_owned(), reply: vec![reply.to_owned()], ..Exchange::default() }
    }

    fn of(replies: &[&str], verdict: Option<&str>) -> Handover {
        let one =
            |reply: &&str| ("u@example.net".to_owned(), Some(exchange("RCPT TO:<u@example.net>", reply)));
        Handover {
            recipients: replies.iter().map(one).collect(),
            verdict: verdict.map(|reply| exchange(".", reply)),
            content: if verdict.is_some() { Content::Whole } else { Content::Nothing },
            ..Handover::default()
        }
    }

    #[test]
    fn outcomes() {
        let ok = "250 2.1.5 Ok";
        let unknown = "550 5.1.1 User unknown";
        let later = "450 4.2.0 Greylisted, try again later";
        let queued = Some("250 2.0.0 Ok: queued as 4AbCdE12345");
        for (replies, verdict, outcome) in [
            (vec![ok, ok], queued, Outcome::Accepted),
            (vec![ok, unknown], queued, Outcome::Partly),
            (vec![unknown, unknown], None, Outcome::Rejected),
            (vec![unknown, later], None, Outcome::Deferred),
            (vec![ok, ok], Some("552 5.3.4 Message too big"), Outcome::Rejected),
            (vec![ok, unknown], Some("451 4.3.0 Try again later"), Outcome::Deferred),
        ] {
            let judged = judge(&of(&replies, verdict), "relay.example.com");
            assert_eq!(judged.outcome, outcome, "{replies:?} {verdict:?}");
            assert_eq!(judged.queue_id.is_some(), verdict == queued);
        }
        let judged = judge(&of(&[ok, unknown], queued), "relay.example.com");
        assert_eq!(judged.recipients[0].cause(), None);
        assert_eq!(judged.recipients[1].cause(), Some(Cause::UnknownUser));
    }

    #[test]
    fn a_lost_reply_is_unknown_and_a_lost_connection_before_it_is_not() {
        let broken = Broken { stage: ".".to_owned(), trouble: Trouble::Closed, detail: String::new() };
        for (content, status) in [
            (Content::Whole, Status::Unknown),
            (Content::Part, Status::NotSent),
            (Content::Nothing, Status::NotSent),
        ] {
            let lost =
                Handover { content, broken: Some(broken.clone()), ..of(&["250 ok", "550 5.1.1 no"], None) };
            let judged = judge(&lost, "relay.example.com");
            assert_eq!((judged.outcome, judged.recipients[0].status), (Outcome::Unknown, status));
            assert_eq!(judged.recipients[1].status, Status::Rejected);
        }
        let refused =
            Broken { stage: "connect".to_owned(), trouble: Trouble::Refused, detail: String::new() };
        let judged = judge(
            &Handover {
                broken: Some(refused),
                recipients: vec![("u@x".to_owned(), None)],
                ..Handover::default()
            },
            "x",
        );
        assert_eq!(judged.recipients[0].cause(), Some(Cause::NetworkFailure));
    }
}
