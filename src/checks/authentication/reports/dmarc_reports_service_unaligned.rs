//! Do the reports show services that send as the domain without being aligned?

use std::collections::BTreeMap;

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::dmarc::sources::Relation;
use crate::model::reports::percent;
use crate::model::{Area, Confidence, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dmarc-reports-service-unaligned",
    area: Area::Authentication,
    title: "a service sends as the domain and passes only for its own",
    severity: Severity::Medium,
    why: "\
        A newsletter, invoice or ticket service that signs with its own domain is no one DMARC can \
        tell from a forger: its mail is lost as soon as the policy is enforced.",
    fix: "Set up the service's custom DKIM domain and bounce domain, or tell those who use it to stop.",
    references: &[Reference::Rfc { number: 9989, section: "4.4" }],
    needs: &[Topic::Dmarc, Topic::Spf],
    since: "0.1.0",
    run,
};

/// A service worth naming, in percent of all reported mail and in messages.
const SHARE: u64 = 1;
const LEAST: u64 = 5;
const NAMED: usize = 10;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let reported = facts.reported()?;
    // One service sends from many addresses.
    let mut services: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for source in reported.failing(Relation::Service) {
        for (name, messages) in &source.tally.passes_as {
            let sum = services.entry((name, &source.from)).or_default();
            *sum = sum.saturating_add(*messages);
        }
    }
    let mut worst: Vec<_> = services
        .into_iter()
        .filter(|(_, messages)| *messages >= LEAST && percent(*messages, reported.total.messages) >= SHARE)
        .collect();
    worst.sort_by_key(|(names, messages)| (std::cmp::Reverse(*messages), *names));
    let problems = worst.into_iter().take(NAMED).map(|((name, from), messages)| {
        Problem::at(
            facts.domain_subject(),
            format!(
                "{messages} of {} messages From {from} passed SPF or DKIM as {name}, which is not aligned: \
                 DMARC fails",
                reported.total.messages
            ),
        )
        .fix(format!(
            "If the service behind {name} is yours: let it sign with d={from} and use a MAIL FROM in {from}. \
             If not, enforcing the policy stops it"
        ))
        .confidence(Confidence::Tentative)
    });
    Ok(Verdict::from_problems(problems.collect()))
}
