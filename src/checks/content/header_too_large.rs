//! The header is larger than receivers take.

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "header-too-large",
    area: Area::Content,
    title: "the header is larger than receivers take",
    severity: Severity::High,
    why: "\
        Google answers 552 5.3.4 to oversized headers, Exchange Online and Postfix have \
        limits of their own, and long reference or recipient lists are the usual cause.",
    fix: "\
        Shorten the header: one recipient a message, few references, no data kept in X- \
        headers.",
    references: &[Reference::Rfc { number: 5322, section: "2.1.1" }, pages::GOOGLE_SMTP_ERRORS],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let size = message.header().body;
    let largest = message.fields().iter().max_by_key(|field| field.span.len());
    let Some(field) = largest.filter(|_| size > LIMIT) else { return Ok(Verdict::Pass) };
    Ok(Verdict::Fail(vec![
        Problem::at(
            message.header_subject(field),
            format!(
                "the header has {size} bytes, {} of them in {}; receivers stop at {LIMIT}",
                field.span.len(),
                plain(&field.name, Width::Word)
            ),
        )
        .fix(format!("shorten or remove {}", plain(&field.name, Width::Word)))
        .severity(if size > 2 * LIMIT { Severity::High } else { Severity::Medium })
        .located(message.location(field.line)),
    ]))
}

/// Postfix `header_size_limit` cuts at 102,400; Exchange Online refuses above 256 KB
/// in all; Google does not publish its figure.
const LIMIT: usize = 102_400;
