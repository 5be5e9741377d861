//! The List-Unsubscribe header holds an unfilled merge field.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::subscription::unsubscribe::placeholder;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "list-unsubscribe-placeholder",
    area: Area::Subscription,
    title: "the List-Unsubscribe header holds an unfilled merge field",
    severity: Severity::High,
    why: "\
        The button in Gmail or Yahoo leads nowhere, so readers who want to leave complain \
        instead.",
    fix: "\
        Fill the field when the message is built, and refuse to send when the value is \
        empty.",
    references: &[
        Reference::Rfc { number: 2369, section: "3.2" },
        Reference::Rfc { number: 8058, section: "3.1" },
    ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some(unsubscribe) = facts.unsubscribe()? else {
        return Ok(Verdict::NotApplicable("no List-Unsubscribe header, see list-unsubscribe-missing"));
    };

    let mut problems = Vec::new();
    if let Some(field) = placeholder(&unsubscribe.text) {
        problems.push(format!("{:?} was never replaced", plain(field, Width::Name)));
    }
    const SAMPLE: [&str; 4] = ["localhost", "yourdomain.com", "your-domain.com", "domain.tld"];
    for target in &unsubscribe.targets {
        if let Some(host) = target.host.as_deref().filter(|host| SAMPLE.contains(host)) {
            problems.push(format!("the host {host} stands in for yours"));
        }
    }
    Ok(Verdict::from_problems(
        problems
            .into_iter()
            .map(|what| {
                Problem::at(message.header_subject(unsubscribe.field), format!("List-Unsubscribe: {what}"))
                    .proof(format!("List-Unsubscribe: {}", plain(&unsubscribe.text, Width::Line)))
                    .fix("fill in the recipient's own address: <https://example.com/u/TOKEN>")
                    .located(message.location(unsubscribe.field.line))
            })
            .collect(),
    ))
}
