//! The Precedence header has a value that works against the mail.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::{MailKind, Policy};

pub(super) static CHECK: Check = Check {
    code: "precedence-misused",
    area: Area::Subscription,
    title: "the Precedence header has a value that works against the mail",
    severity: Severity::Low,
    why: "\
        Receivers know `bulk`, `list` and `junk`, all of which lower the priority; other \
        values do nothing, and `junk` says it itself.",
    fix: "Write `Precedence: bulk` for mailings and leave it out elsewhere.",
    references: &[
        Reference::Rfc { number: 3834, section: "3.1.8" },
        Reference::Rfc { number: 2076, section: "3.9" },
    ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, policy: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some(field) = message.first("Precedence") else {
        return Ok(Verdict::NotApplicable("no Precedence header"));
    };
    let text = field.text().trim().to_ascii_lowercase();
    let fault = match text.as_str() {
        "bulk" | "list" if policy.kind == MailKind::Transactional => "marks transactional mail as a mailing",
        "bulk" | "list" | "normal" | "first-class" | "special-delivery" => return Ok(Verdict::Pass),
        "junk" => "calls the mail junk",
        _ => "is no value that anyone knows",
    };
    Ok(Verdict::Fail(vec![
        Problem::at(
            message.header_subject(field),
            format!("Precedence: {} {fault}", plain(&text, Width::Word)),
        )
        .fix("write Precedence: bulk for mailings; remove the header elsewhere")
        .located(message.location(field.line)),
    ]))
}
