//! Replies would not reach anyone.

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::message::Addresses;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "reply-to-unusable",
    area: Area::Content,
    title: "replies would not reach anyone",
    severity: Severity::Medium,
    why: "\
        Microsoft asks bulk senders for a From or Reply-To that can take replies; a broken \
        one loses answers and opt-outs, and filters score a malformed address.",
    fix: "\
        Set Reply-To to a mailbox that somebody reads, or remove it so that replies go to \
        From.",
    references: &[Reference::Rfc { number: 5322, section: "3.6.2" }, pages::MICROSOFT_SENDERS],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some(field) = message.first("Reply-To") else {
        return Ok(Verdict::NotApplicable("no Reply-To header; replies go to From"));
    };
    let reply_to = Addresses::read(field);
    let broken = reply_to.mailboxes.iter().find(|mailbox| {
        mailbox.domain().is_none_or(|domain| !domain.contains('.') && !domain.starts_with('['))
    });
    let fault = match (reply_to.mailboxes.is_empty(), broken) {
        (true, _) => "it holds no address".to_owned(),
        (false, Some(mailbox)) => {
            let shown = mailbox.address.as_deref().or(mailbox.name.as_deref()).unwrap_or_default();
            format!("{:?} is no address that can be reached", plain(shown, Width::Name))
        }
        (false, None) => return Ok(Verdict::Pass),
    };
    Ok(Verdict::Fail(vec![
        Problem::at(
            message.header_subject(field),
            format!("Reply-To is {:?}: {fault}", plain(field.text(), Width::Name)),
        )
        .proof(format!("Reply-To: {}", plain(field.text(), Width::Line)))
        .fix("write: Reply-To: support@example.com, or remove the header")
        .located(message.location(field.line)),
    ]))
}
