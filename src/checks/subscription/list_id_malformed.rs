//! The List-Id header is malformed.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "list-id-malformed",
    area: Area::Subscription,
    title: "the List-Id header is malformed",
    severity: Severity::Low,
    why: "Receivers and filters group a list's mail by it; a malformed one is ignored.",
    fix: "\
        Write a name in angle brackets that looks like a domain of yours: `List-Id: News \
        <news.example.com>`.",
    references: &[
        Reference::Rfc { number: 2919, section: "2" },
        Reference::Rfc { number: 2919, section: "3" },
    ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some(field) = message.first("List-Id") else {
        return Ok(Verdict::NotApplicable("no List-Id header"));
    };
    let text = field.unfolded();
    let inside =
        text.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(inside, _)| inside.trim());
    let fault = match inside {
        None => "no identifier stands in angle brackets",
        Some("") => "the identifier is empty",
        Some(id) if id.len() > 255 => "the identifier has more than 255 characters",
        Some(id) if id.contains(char::is_whitespace) || id.contains('@') => {
            "the identifier holds white space or @"
        }
        Some(_) => return Ok(Verdict::Pass),
    };
    let domain = message.from_domain().unwrap_or_else(|| "example.com".to_owned());
    Ok(Verdict::Fail(vec![
        Problem::at(
            message.header_subject(field),
            format!("List-Id is {:?}: {fault}", plain(&text, Width::Name)),
        )
        .fix(format!("write: List-Id: News <news.{}>", plain(&domain, Width::Name)))
        .located(message.location(field.line)),
    ]))
}
