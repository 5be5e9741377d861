//! Bounces, delays and complaints for a terminal and for a ticket: the answer
//! first, a line a recipient.

use std::collections::BTreeMap;

use super::escape;
use super::style::{Look, wrap};
use crate::model::untrusted::Width;
use crate::parse::bounce::dsn::Action;
use crate::triage::bounce::{BounceVerdict, Kind, Other, Recipient};
use crate::triage::cause::Cause;

/// Of several recipients those that the answer is about: a failure names nobody who
/// was served, a success first whom its code denies it.
fn about(verdict: &BounceVerdict) -> Vec<&Recipient> {
    let all: Vec<&Recipient> = verdict.recipients.iter().collect();
    let of = |fits: &dyn Fn(Cause) -> bool| -> Vec<&Recipient> {
        all.iter().copied().filter(|recipient| fits(recipient.cause)).collect()
    };
    let some = match verdict.kind {
        Kind::Bounce | Kind::Delay => {
            of(&|cause| !matches!(cause, Cause::Delivered | Cause::AcceptedByRelay))
        }
        Kind::Relayed => of(&|cause| cause != Cause::Delivered),
        Kind::Delivered => of(&|cause| cause == Cause::Undetermined),
        Kind::Complaint | Kind::AutoReply | Kind::None => Vec::new(),
    };
    if some.is_empty() { all } else { some }
}

/// The cause in words, by who told it and who must act.
fn title(recipient: &Recipient) -> &'static str {
    let heard = recipient.verdict.as_ref().filter(|verdict| verdict.cause == recipient.cause);
    heard.map_or(recipient.cause.title(), |verdict| verdict.title())
}

/// What the message is, in one sentence.
pub(crate) fn answer(verdict: &BounceVerdict) -> String {
    let about = about(verdict);
    let first = about.first().copied();
    let address = |r: &Recipient| {
        if r.address.is_empty() { "an unnamed recipient".to_owned() } else { r.address.clone() }
    };
    let more = match about.len() {
        0 | 1 => String::new(),
        n => format!(" (and {} more)", n - 1),
    };
    match (verdict.kind, first) {
        (Kind::Bounce, Some(r)) => {
            let end = match (r.permanent, r.action) {
                (Some(false), Some(Action::Delayed)) => "The failure is called temporary.",
                (Some(false), _) => "The last answer was temporary, but the server has given up.",
                _ => "The failure is final.",
            };
            format!("Not delivered to {}{more}: {}. {end}", address(r), title(r))
        }
        (Kind::Bounce, None) => "Not delivered; the notice names no recipient.".to_owned(),
        (Kind::Delay, Some(r)) if r.cause == Cause::QueueExpired => {
            format!("Delayed for {}{more}: not delivered so far. The server goes on trying.", address(r))
        }
        (Kind::Delay, Some(r)) => {
            format!("Delayed for {}{more}: {}. The server goes on trying.", address(r), title(r))
        }
        (Kind::Delay, None) => "Delayed; the server goes on trying.".to_owned(),
        (Kind::Complaint, _) if verdict.feedback_type.as_deref() == Some("auth-failure") => {
            "A receiver reports that SPF, DKIM or DMARC of a message did not pass: no complaint; see mailvet reports."
                .to_owned()
        }
        (Kind::Complaint, Some(r)) if r.address.is_empty() => {
            "A recipient whom the receiver does not name marked the message as spam: find the address by the Message-ID in the logs."
                .to_owned()
        }
        (Kind::Complaint, Some(r)) => {
            format!("{} marked the message as spam{more}: take the address off the list.", address(r))
        }
        (Kind::Complaint, None) => "A recipient marked the message as spam.".to_owned(),
        (Kind::AutoReply | Kind::None, _) if verdict.other.is_some() => other(verdict.other.as_ref()),
        (Kind::AutoReply, Some(r)) if r.cause == Cause::PolicyRejected => format!(
            "An automatic reply, not a bounce: {} holds the message until a moderator of the list lets it through.",
            address(r)
        ),
        (Kind::AutoReply, Some(r)) if r.cause == Cause::RecipientFiltered => format!(
            "An automatic reply, not a bounce: {} holds the message until the sender answers the question it asks.",
            address(r)
        ),
        (Kind::AutoReply, _) => {
            "An automatic reply, not a bounce: a program answered the message, and does not say who reads it."
                .to_owned()
        }
        (Kind::Relayed, Some(r)) => format!(
            "Passed on for {}{more}, says the report: not proven delivered, and no further report is sent.",
            address(r)
        ),
        (Kind::Relayed, None) => "Passed on, says the report: not proven delivered.".to_owned(),
        (Kind::Delivered, Some(r)) if r.cause == Cause::Undetermined => format!(
            "The report calls it a success for {}{more}, and its own code a failure: what became of it is not known.",
            address(r)
        ),
        (Kind::Delivered, Some(r)) => format!("Delivered to {}{more}, says the report.", address(r)),
        (Kind::Delivered, None) => "Delivered, says the report.".to_owned(),
        (Kind::None, _) if verdict.feedback_type.as_deref() == Some("not-spam") => {
            "A recipient took the message out of the spam folder: no complaint.".to_owned()
        }
        (Kind::None, _) => "No message about a delivery.".to_owned(),
    }
}

/// What is named though nothing failed.
fn other(what: Option<&Other>) -> String {
    let whose = |recipient: &Option<String>| recipient.as_deref().unwrap_or("the reader").to_owned();
    match what {
        Some(Other::Receipt(done, by)) if done == "displayed" => format!(
            "A read receipt, not a bounce: the mail program of {} displayed the message, which does not prove that anybody read it.",
            whose(by)
        ),
        Some(Other::Receipt(done, by)) if done == "deleted" => {
            format!("A receipt, not a bounce: the message reached {} and was deleted, mostly unread.", whose(by))
        }
        Some(Other::Receipt(done, by)) => {
            format!("A receipt, not a bounce: the mail program of {} reports \"{done}\".", whose(by))
        }
        Some(Other::VirusNotice) => {
            "A virus scanner's notice, not a bounce: the scanner found malware in a message and does not say that the message was stopped; where the message is yours, look at the machine that wrote it, else somebody forged the address.".to_owned()
        }
        Some(Other::CommandReply) => {
            "An automatic reply, not a bounce: a list server read the message as commands; write to the list's own address to reach its members.".to_owned()
        }
        None => "No message about a delivery.".to_owned(),
    }
}

/// One message in full.
pub(crate) fn one(file: &str, verdict: &BounceVerdict, look: Look) -> String {
    let mut out = wrap(&look.bold(&escape::terminal(&answer(verdict))), look.width, "", "");
    if look.quiet {
        return out;
    }
    let original = &verdict.original;
    out.push('\n');
    let mut row = |name: &str, value: &str| {
        let value = escape::terminal(value);
        out.push_str(&wrap(&value, look.width, &format!("{name:<11}"), "           "));
    };
    row("File", file);
    row("Kind", verdict.kind.name());
    for (name, value) in
        [("Message-ID", &original.message_id), ("From", &original.from), ("Subject", &original.subject)]
    {
        if let Some(value) = value {
            row(name, value);
        }
    }
    for recipient in &verdict.recipients {
        out.push('\n');
        out.push_str(&self::recipient(recipient, look));
    }
    out
}

fn recipient(recipient: &Recipient, look: Look) -> String {
    let mut out = String::new();
    let mut row = |name: &str, value: &str| {
        let value = escape::terminal(value);
        out.push_str(&wrap(&value, look.width, &format!("{name:<11}"), "           "));
    };
    row("Recipient", if recipient.address.is_empty() { "(not named)" } else { &recipient.address });
    if let Some(original) = &recipient.original_address {
        row("Sent to", original);
    }
    row("Cause", recipient.cause.name());
    let codes: Vec<String> = recipient
        .reply_code
        .map(|c| c.to_string())
        .into_iter()
        .chain(recipient.enhanced_code.map(|c| c.to_string()))
        .collect();
    if !codes.is_empty() {
        row("Codes", &codes.join(" "));
    }
    if let Some(remote) = &recipient.remote_mta {
        row("Remote", remote);
    }
    if let Some(reply) = recipient.reply.as_ref().filter(|_| recipient.cause != Cause::Delivered) {
        let width = if look.verbose { Width::Block } else { Width::Record };
        row("Reply", &crate::model::untrusted::plain(reply, width));
    }
    if let Some(verdict) = &recipient.verdict {
        row("Who acts", verdict.who.title());
        for (index, step) in verdict.action.iter().enumerate() {
            row(&format!("  {}.", index + 1), step);
        }
        if let Some(page) = &verdict.page {
            row("Page", page);
        }
    }
    out
}

/// Several messages: the counts, worst first, then a line a recipient.
pub(crate) fn many(verdicts: &[(String, BounceVerdict)], look: Look) -> String {
    let mut kinds: BTreeMap<Kind, usize> = BTreeMap::new();
    let mut causes: BTreeMap<Cause, usize> = BTreeMap::new();
    for (_, verdict) in verdicts {
        *kinds.entry(verdict.kind).or_default() += 1;
        for recipient in &verdict.recipients {
            *causes.entry(recipient.cause).or_default() += 1;
        }
    }
    let counted: Vec<String> = kinds.iter().map(|(kind, count)| format!("{count} {}", kind.name())).collect();
    let mut out = wrap(
        &look.bold(&format!("{} messages: {}.", verdicts.len(), counted.join(", "))),
        look.width,
        "",
        "",
    );
    let mut causes: Vec<(Cause, usize)> = causes.into_iter().collect();
    causes.sort_by_key(|(cause, count)| (std::cmp::Reverse(*count), *cause));
    for (cause, count) in causes {
        out.push_str(&format!("{count:>7}  {:<22} {}\n", cause.name(), cause.title()));
    }
    if look.quiet {
        return out;
    }
    out.push('\n');
    for (file, verdict) in verdicts {
        if verdict.recipients.is_empty() {
            out.push_str(&format!("{}: {}\n", escape::terminal(file), verdict.kind.name()));
        }
        for recipient in &verdict.recipients {
            let address = if recipient.address.is_empty() { "-" } else { &recipient.address };
            let line = format!("{file}: {}: {address}: {}", verdict.kind.name(), recipient.cause.name());
            out.push_str(&escape::terminal(&line));
            out.push('\n');
        }
    }
    out
}

/// For a ticket.
pub(crate) fn markdown(file: &str, verdict: &BounceVerdict) -> String {
    let mut out = format!("**{}**\n\n", escape::markdown(&answer(verdict)));
    let mut row = |name: &str, value: &str| out.push_str(&format!("- {name}: {}\n", escape::markdown(value)));
    row("File", file);
    if let Some(id) = &verdict.original.message_id {
        row("Message-ID", id);
    }
    for recipient in &verdict.recipients {
        row("Recipient", &recipient.address);
        if let Some(original) = &recipient.original_address {
            row("Sent to", original);
        }
        row("Cause", recipient.cause.name());
        if let Some(reply) = &recipient.reply {
            row("Reply", reply);
        }
        if let Some(verdict) = &recipient.verdict {
            row("Who acts", verdict.who.title());
            row("What to do", &verdict.action.join("; "));
            if let Some(page) = &verdict.page {
                row("Page", page);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::bounce::judge;

    fn told(recipients: &[(&str, &str, &str)]) -> String {
        let fields: String = recipients
            .iter()
            .map(|(address, action, status)| {
                format!("Final-Recipient: rfc822; {address}\nAction: {action}\nStatus: {status}\n\n")
            })
            .collect();
        let raw = format!(
            "From: MAILER-DAEMON@example.com\nSubject: Delivery report\nContent-Type: multipart/report; \
             report-type=delivery-status; boundary=x\n\n--x\nContent-Type: text/plain\n\nA report.\n--x\n\
             Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.com\n\n{fields}--x--\n"
        );
        answer(&judge(raw.as_bytes()).unwrap())
    }

    #[test]
    fn the_answer_names_whom_it_is_about() {
        let (a, b) = ("a@example.net", "b@example.net");
        let mixed = told(&[(a, "delivered", "2.0.0"), (b, "failed", "5.1.1")]);
        assert!(mixed.starts_with("Not delivered to b@example.net:"), "{mixed}");
        let relayed = told(&[(a, "delivered", "2.0.0"), (b, "relayed", "2.0.0")]);
        assert!(relayed.starts_with("Passed on for b@example.net,"), "{relayed}");
        assert!(relayed.contains("not proven delivered"), "{relayed}");
        let denied = told(&[(a, "delivered", "2.0.0"), (b, "delivered", "5.1.1")]);
        assert!(denied.contains("a success for b@example.net, and its own code a failure"), "{denied}");
        assert!(told(&[(a, "delivered", "2.0.0")]).starts_with("Delivered to a@example.net"));
    }
}
