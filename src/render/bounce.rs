//! Bounces, delays and complaints for a terminal and for a ticket: the answer
//! first, a line a recipient.

use std::collections::BTreeMap;

use super::escape;
use super::style::{Look, wrap};
use crate::model::untrusted::Width;
use crate::parse::bounce::dsn::Action;
use crate::triage::bounce::{BounceVerdict, Kind, Recipient};
use crate::triage::cause::Cause;

/// What the message is, in one sentence.
pub(crate) fn answer(verdict: &BounceVerdict) -> String {
    let first = verdict.recipients.first();
    let address = |r: &Recipient| {
        if r.address.is_empty() { "an unnamed recipient".to_owned() } else { r.address.clone() }
    };
    let more = match verdict.recipients.len() {
        0 | 1 => String::new(),
        n => format!(" (and {} more)", n - 1),
    };
    match (verdict.kind, first) {
        (Kind::Bounce, Some(r)) => {
            let end = match (r.permanent, r.action) {
                (Some(false), Some(Action::Failed)) => {
                    "The last answer was temporary, but the server has given up."
                }
                (Some(false), _) => "The failure is called temporary.",
                _ => "The failure is final.",
            };
            format!("Not delivered to {}{more}: {}. {end}", address(r), r.cause.title())
        }
        (Kind::Bounce, None) => "Not delivered; the notice names no recipient.".to_owned(),
        (Kind::Delay, Some(r)) if r.cause == Cause::QueueExpired => {
            format!("Delayed for {}{more}: not delivered so far. The server goes on trying.", address(r))
        }
        (Kind::Delay, Some(r)) => {
            format!("Delayed for {}{more}: {}. The server goes on trying.", address(r), r.cause.title())
        }
        (Kind::Delay, None) => "Delayed; the server goes on trying.".to_owned(),
        (Kind::Complaint, Some(r)) => {
            format!("{} marked the message as spam{more}: take the address off the list.", address(r))
        }
        (Kind::Complaint, None) => "A recipient marked the message as spam.".to_owned(),
        (Kind::AutoReply, _) => "An automatic reply, not a bounce: the message arrived.".to_owned(),
        (Kind::Delivered, Some(r)) => format!("Delivered to {}{more}, says the report.", address(r)),
        (Kind::Delivered, None) => "Delivered, says the report.".to_owned(),
        (Kind::None, _) => "No message about a delivery.".to_owned(),
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
