//! The Date header is missing.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "date-missing",
    area: Area::Content,
    title: "the Date header is missing",
    severity: Severity::Medium,
    why: "\
        RFC 5322 requires exactly one Date. Without it filters add points, and clients sort \
        the message by the time of arrival or at the very end.",
    fix: "\
        Have the mailer write Date when it makes the message: `Date: Mon, 23 Nov 2026 \
        12:00:00 +0000`.",
    references: &[Reference::Rfc { number: 5322, section: "3.6.1" }],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    Ok(match message.first("Date") {
        Some(_) => Verdict::Pass,
        None => Verdict::Fail(vec![
            Problem::at(Subject::Message, "no Date header; filters hold that against the mail")
                .fix("write the time of sending, such as: Date: Mon, 23 Nov 2026 12:00:00 +0000"),
        ]),
    })
}
