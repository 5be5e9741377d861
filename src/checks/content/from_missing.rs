//! The message has no usable From address.

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "from-missing",
    area: Area::Content,
    title: "the message has no usable From address",
    severity: Severity::Critical,
    why: "\
        Every receiver needs one author address: DMARC is judged by it, readers decide by \
        it, and Google, Yahoo and Microsoft refuse mail without it.",
    fix: "\
        Set one From header with one address at your own domain: `From: Name \
        <user@example.com>`.",
    references: &[Reference::Rfc { number: 5322, section: "3.6.2" }, pages::GOOGLE_SMTP_ERRORS],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some(field) = message.first("From") else {
        return Ok(Verdict::Fail(vec![
            Problem::at(Subject::Message, "no From header; large receivers refuse the mail")
                .fix("add a line such as: From: Example Shop <news@example.com>"),
        ]));
    };
    let addresses = message.from().map(|from| from.mailboxes.as_slice()).unwrap_or_default();
    if addresses
        .iter()
        .any(|mailbox| mailbox.domain().is_some() && mailbox.local_part().is_some_and(|l| !l.is_empty()))
    {
        return Ok(Verdict::Pass);
    }
    let shown = plain(field.text(), Width::Name);
    Ok(Verdict::Fail(vec![
        Problem::at(
            message.header_subject(field),
            format!("From is {shown:?}, which holds no address of the form local@domain"),
        )
        .proof(format!("From: {shown}"))
        .fix("write: From: Example Shop <news@example.com>")
        .located(message.location(field.line)),
    ]))
}
