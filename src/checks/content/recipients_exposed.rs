//! The message shows every recipient the others' addresses.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::parse::message::Addresses;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "recipients-exposed",
    area: Area::Content,
    title: "the message shows every recipient the others' addresses",
    severity: Severity::Low,
    why: "\
        A long To or Cc discloses addresses to strangers, invites reply-to-all storms, and \
        is how spam was sent before mailers.",
    fix: "Send one message to each recipient, or use a list address.",
    references: &[Reference::Rfc { number: 5322, section: "3.6.3" }],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let shown: usize = ["To", "Cc"]
        .iter()
        .filter_map(|name| message.addresses(name))
        .map(|addresses| addresses.mailboxes.iter().filter(|mailbox| mailbox.domain().is_some()).count())
        .sum();
    let mut problems = Vec::new();
    if shown > MANY {
        problems.push(
            Problem::at(Subject::Message, format!("To and Cc show {shown} addresses to every reader"))
                .fix("send one message to each recipient with only that address in To"),
        );
    }
    if let Some(field) = message.first("Bcc")
        && !Addresses::read(field).mailboxes.is_empty()
    {
        problems.push(
            Problem::at(message.header_subject(field), "the Bcc header is still in the message: its recipients are no secret")
                .severity(Severity::Medium)
                .proof(format!("Bcc: {}", plain(field.text(), Width::Name)))
                .fix("remove the Bcc header before the message is handed over; keep its recipients in the envelope")
                .located(message.location(field.line)),
        );
    }
    Ok(Verdict::from_problems(problems))
}

/// Groups of colleagues stay below it; mailings do not.
const MANY: usize = 50;
