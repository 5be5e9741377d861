//! The Sender header is not one address.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::message::{Addresses, Mailbox};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "sender-malformed",
    area: Area::Content,
    title: "the Sender header is not one address",
    severity: Severity::Medium,
    why: "\
        Sender names the one agent that submitted the mail. Google refuses several or none; \
        Outlook shows it as `on behalf of`.",
    fix: "Write one address in Sender, or leave the header out where it equals From.",
    references: &[Reference::Rfc { number: 5322, section: "3.6.2" }],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some(field) = message.first("Sender") else {
        return Ok(Verdict::NotApplicable("no Sender header"));
    };
    let sender = Addresses::read(field);
    let sound = |mailbox: &Mailbox| mailbox.domain().is_some();
    let fault = match sender.mailboxes.as_slice() {
        [one] if sound(one) => return Ok(Verdict::Pass),
        [] | [_] => "holds no address of the form local@domain",
        _ => "names more than one address",
    };
    Ok(Verdict::Fail(vec![
        Problem::at(
            message.header_subject(field),
            format!("Sender is {:?}: it {fault}", plain(field.text(), Width::Name)),
        )
        .proof(format!("Sender: {}", plain(field.text(), Width::Line)))
        .fix("write one address (Sender: bounces@example.com), or remove the header where it equals From")
        .located(message.location(field.line)),
    ]))
}
