//! The From header names more than one author.

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "from-multiple",
    area: Area::Content,
    title: "the From header names more than one author",
    severity: Severity::High,
    why: "\
        Google refuses mail with more than one From address, and DMARC receivers may refuse \
        mail whose authors differ in domain.",
    fix: "Name one author in From; put the others in Reply-To or Cc.",
    references: &[
        Reference::Rfc { number: 5322, section: "3.6.2" },
        Reference::Rfc { number: 9989, section: "" },
        pages::GOOGLE_SMTP_ERRORS,
    ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some(field) = message.first("From") else {
        return Ok(Verdict::NotApplicable("no From header, see from-missing"));
    };
    let Some(from) = message.from().filter(|from| from.mailboxes.len() > 1) else {
        return Ok(Verdict::Pass);
    };
    // An unquoted comma in the display name splits one author into two; say so.
    let halves = from
        .mailboxes
        .iter()
        .filter(|mailbox| mailbox.address.is_none() || mailbox.domain().is_none())
        .count();
    let shown = plain(field.text(), Width::Line);
    let (summary, fix) = if halves > 0 && from.mailboxes.len() - halves <= 1 {
        (
            format!(
                "From is {shown:?}: the comma splits the name, so the field holds {} addresses",
                from.mailboxes.len()
            ),
            "put the display name in double quotes: From: \"Doe, Jane\" <jane@example.com>".to_owned(),
        )
    } else {
        let first = from.first().and_then(|mailbox| mailbox.address.clone()).unwrap_or_default();
        (
            format!("From names {} addresses; Google refuses such mail", from.mailboxes.len()),
            format!("keep one: From: {}", plain(&first, Width::Name)),
        )
    };
    Ok(Verdict::Fail(vec![
        Problem::at(message.header_subject(field), summary)
            .proof(format!("From: {shown}"))
            .fix(fix)
            .located(message.location(field.line)),
    ]))
}
