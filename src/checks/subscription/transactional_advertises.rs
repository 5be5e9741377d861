//! Mail stated to be transactional carries the marks of a mailing.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::{MailKind, Policy};

pub(super) static CHECK: Check = Check {
    code: "transactional-advertises",
    area: Area::Subscription,
    title: "mail stated to be transactional carries the marks of a mailing",
    severity: Severity::Low,
    why: "\
        Mixed mail is judged as bulk by Google and by law, and complaints about the \
        advertisement hurt the delivery of receipts and passwords.",
    fix: "Send advertisement as a mailing of its own, from another subdomain.",
    references: &[pages::GOOGLE_SENDERS],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, policy: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    if policy.kind != MailKind::Transactional {
        return Ok(Verdict::NotApplicable("only with --kind transactional"));
    }
    let marks = &facts.kind()?.marks;
    if marks.len() < 2 {
        return Ok(Verdict::Pass);
    }
    Ok(Verdict::Fail(vec![
        Problem::at(Subject::Message, format!("stated to be transactional, yet it has {}", marks.join(", ")))
            .fix("split receipt and advertisement into two messages")
            .confidence(Confidence::Firm)
            .located(message.location(1)),
    ]))
}
