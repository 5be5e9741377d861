//! Does From name exactly one domain?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::checks::authentication::dkim::message;
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dmarc-from-ambiguous",
    area: Area::Authentication,
    title: "the From field does not name exactly one author domain",
    severity: Severity::High,
    why: "\
        DMARC needs one domain to judge by. Mail with several From fields, several domains in From, or \
        none is refused by Google and others, because readers cannot tell whom they see.",
    fix: "Send with one From field that names one address.",
    references: &[
        Reference::Rfc { number: 9989, section: "4.6" },
        Reference::Rfc { number: 5322, section: "3.6.2" },
    ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = message(facts)?;
    let line = message.header.all("From").next().map(|field| field.line);
    let subject = Subject::Header { name: "From".to_owned(), line };
    let names: Vec<String> = message.author_domains.iter().map(ToString::to_string).collect();
    let summary = match (message.from_fields.len(), names.as_slice()) {
        (0, _) => "there is no From field".to_owned(),
        (1, []) => "From holds no address with a domain".to_owned(),
        (1, [_]) => return Ok(Verdict::Pass),
        (1, many) => format!("From names {} domains: {}", many.len(), many.join(", ")),
        (count, _) => format!("there are {count} From fields"),
    };
    let fix = match names.first() {
        Some(first) => format!("Send one From field with one address, such as the one at {first}"),
        None => "Send one From field with one address".to_owned(),
    };
    Ok(Verdict::Fail(vec![Problem::at(subject, summary).fix(fix)]))
}
