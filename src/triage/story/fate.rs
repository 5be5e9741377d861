//! Fates that no other server decided: held, deleted, discarded, kept in
//! quarantine.

use super::{Recipient, Status};
use crate::model::untrusted::{Width, plain};
use crate::parse::log::Kind;
use crate::parse::log::postfix::amavis;
use crate::parse::log::record::LogEvent;
use crate::triage::cause::Cause;
use crate::triage::custody::{self, Kept};
use crate::triage::queue_commands;
use crate::triage::reply::Who;

/// What a filter or rule says it found: words to causes.
const FOUND: &[(&[&str], Cause)] = &[
    (&["infected", "virus", "malware", "trojan", "eicar"], Cause::Virus),
    (&["spam", "phish"], Cause::SpamContent),
    (&["banned", "attachment", "bad-header", "bad header"], Cause::ContentRejected),
];

/// Whether a rule of a machine decided it and not the reply of a server.
pub(super) fn is_own(status: Status, event: &LogEvent) -> bool {
    match status {
        Status::Discarded | Status::Quarantined | Status::Held | Status::Deleted => true,
        Status::Bounced => {
            is_sieve(event) || is_moderated(event) || custody::kept(event) == Some(Kept::Bounced)
        }
        _ => false,
    }
}

/// A rule that the recipient wrote.
pub(super) fn is_sieve(event: &LogEvent) -> bool {
    event.agent == "dovecot"
}

/// Exchange asked people whether the message may pass.
fn is_moderated(event: &LogEvent) -> bool {
    event.dialect == "exchange-tracking" && event.reply.starts_with("MODERAT")
}

/// Cause, who must act and the steps, of mail that stays on the sender's side.
pub(super) fn explain(recipient: &mut Recipient, event: &LogEvent) {
    let text = event.reply.to_ascii_lowercase();
    let found = FOUND.iter().find(|(words, _)| words.iter().any(|word| text.contains(word)));
    recipient.cause = Some(found.map_or(Cause::PolicyRejected, |(_, cause)| *cause));
    recipient.who = Who::Sender;
    if is_sieve(event) {
        return by_sieve(recipient, event);
    }
    if is_moderated(event) {
        // Moderators keep the address.
        recipient.who = Who::Recipient;
    }
    let command = |what: &str| {
        let mut known = queue_commands::commands(event.system(), &event.id, true).into_iter();
        known.find(|(name, _)| *name == what).map(|(_, command)| format!(" ({command})")).unwrap_or_default()
    };
    let trace = event.dialect == "microsoft-365-trace";
    if trace && recipient.status == Status::Quarantined {
        // The organisation that keeps the quarantine is the recipient's, where mail comes in.
        recipient.who = Who::Receiver;
    }
    recipient.advice = match recipient.status {
        Status::Bounced if is_moderated(event) => vec![
            "Ask the moderators of this address: they refused the message, did not answer in time or could not be asked."
                .to_owned(),
        ],
        Status::Bounced => vec![
            "Look in the filter's log for the id that it names, and for what it found.".to_owned(),
            "Mend that, and send the message again: the filter sent it back.".to_owned(),
        ],
        Status::Held => vec![
            format!(
                "Read the message{} and see why a rule or a person held it{}.",
                command("read"),
                command("its log")
            ),
            format!(
                "Release it if it is good{}; else delete it and tell the sender.",
                command("release")
            ),
        ],
        Status::Deleted => {
            vec!["Ask who runs the sending server why it was taken out of the queue; then send the message again.".to_owned()]
        }
        Status::Quarantined if trace => vec![
            "Look at it in the quarantine (security.microsoft.com/quarantine) and release it there if it is good.".to_owned(),
            "Mend what made it look bad before the next one is sent.".to_owned(),
        ],
        Status::Quarantined if event.agent == "amavis" => vec![
            format!(
                "Look at the message in the quarantine of amavis and release it if it is good{}.",
                amavis::kept_as(&event.line).map(|name| format!(": amavisd-release {name}")).unwrap_or_default()
            ),
            "Mend what the filter found before the next one is sent.".to_owned(),
        ],
        Status::Quarantined => vec![
            "Find the message in the filter's quarantine by its id, and release it if it is good.".to_owned(),
            "Mend what the filter found before the next one is sent.".to_owned(),
        ],
        _ => vec![
            "Find the rule or filter that threw it away (the evidence names it), and change the rule if the message was good.".to_owned(),
            "Send the message again afterwards: no copy is left in the queue.".to_owned(),
        ],
    };
    recipient.named = match (event.kind, recipient.status) {
        (Kind::Redirected, _) => in_its_place(event),
        (_, Status::Deleted) => "somebody took it out of the queue by hand".to_owned(),
        _ if text.is_empty() => String::new(),
        _ => format!("\"{}\"", plain(&event.reply, Width::Line)),
    };
}

/// What the recipient's own Sieve rules did.
fn by_sieve(recipient: &mut Recipient, event: &LogEvent) {
    recipient.cause = Some(Cause::RecipientFiltered);
    recipient.who = Who::Recipient;
    recipient.named = format!("\"{}\"", plain(&event.reply, Width::Line));
    recipient.advice = vec![
        "Ask the recipient, or who keeps their mailbox, to look at its Sieve rules: one of them decided this."
            .to_owned(),
    ];
}

/// The recipient's own rule sent the message on and kept no copy.
pub(super) fn sent_on(recipient: &mut Recipient, event: &LogEvent) {
    recipient.named = in_its_place(event);
    recipient.advice = vec![
        format!(
            "Look in the log of the mailbox server for the copy that went to {}: it has a queue id of its own, and its end is the message's.",
            plain(target(&event.line), Width::Line)
        ),
        "Ask the recipient to look there: the rule is one of the mailbox's own Sieve rules.".to_owned(),
    ];
}

/// How the answer begins where a rule chose another address.
pub(super) const IN_ITS_PLACE: &str = "a rule sent it to ";

fn in_its_place(event: &LogEvent) -> String {
    format!("{IN_ITS_PLACE}{} in its place", plain(target(&event.line), Width::Line))
}

/// `...; from=<> to=<> proto=ESMTP helo=<h>: review@example.org`,
/// `...: Recipient address triggers REDIRECT review@example.org; from=<>`,
/// `...: redirect action: forwarded to <review@example.org>`
fn target(line: &str) -> &str {
    const RULE: &str = " triggers REDIRECT ";
    let by_rule = line.find(RULE).map(|at| &line[at + RULE.len()..]);
    let target = by_rule
        .and_then(|rest| rest.split([';', ' ']).next())
        .or_else(|| line.rsplit_once(": ").map(|(_, target)| target.trim()))
        .unwrap_or("another address");
    let target = target.strip_prefix("forwarded to ").unwrap_or(target);
    target.strip_prefix('<').and_then(|target| target.strip_suffix('>')).unwrap_or(target)
}
