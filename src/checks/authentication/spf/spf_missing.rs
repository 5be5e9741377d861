//! Does the domain publish an SPF record at all?

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::facts::spf::{Published, SpfFacts};
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Role, Severity, Topic};
use crate::parse::repair;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-missing",
    area: Area::Authentication,
    title: "the domain publishes no SPF record",
    severity: Severity::High,
    why: "\
        Without SPF a message has one proof of origin less. Gmail, Yahoo and Outlook.com demand SPF \
        or DKIM of every sender and both of bulk senders, and refuse or junk what has neither.",
    fix: "\
        Publish one TXT record that starts with `v=spf1`, names every system that sends for the \
        domain, and ends in `-all` or `~all`. A domain that sends no mail publishes `v=spf1 -all`.",
    references: &[Reference::Rfc { number: 7208, section: "3" }, pages::GOOGLE_SENDERS],
    needs: &[Topic::Spf],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let spf = facts.spf()?;
    match &spf.policy.root.published {
        Published::Unknown(gap) => return Err(gap.clone()),
        Published::Nothing(_) => {}
        _ => return Ok(Verdict::Pass),
    }
    let subject = SpfFacts::subject(&spf.policy.root, None);
    let texts = spf.texts.clone()?;
    let near = texts.iter().find_map(|text| {
        repair::spf::read(&text.strings)?;
        Some((String::from_utf8_lossy(&text.joined()).into_owned(), text.location.clone()))
    });
    let problem = match near {
        Some((text, location)) => Problem::at(
            subject,
            format!(
                "\"{}\" looks like SPF but does not start with `v=spf1` and a space, so receivers see no record",
                plain(&text, Width::Name)
            ),
        )
        .proof(plain(&text, Width::Record))
        .fix("Let the record start with v=spf1 and a space, and publish it as one string.")
        .located(location),
        None => Problem::at(subject, format!("{} has no TXT record that starts with v=spf1", spf.domain))
            .fix(start(facts)),
    };
    Ok(Verdict::Fail(vec![problem]))
}

/// How to begin, in words: a placeholder is no record.
fn start(facts: &Facts) -> &'static str {
    // No fix un-parks a name.
    if facts.role() == Ok(Role::Parked) {
        return "Publish one TXT record that says v=spf1 -all, since the name is parked.";
    }
    match facts.target().ips.is_empty() {
        true => {
            "Publish one TXT record that names each address the mail leaves from, as in v=spf1 ip4:ADDRESS \
             -all; give the addresses with --ip for the exact record. A domain that sends no mail has \
             v=spf1 -all alone."
        }
        false => {
            "Publish one TXT record that names the public address the mail leaves from, and ends in -all."
        }
    }
}
