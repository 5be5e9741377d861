//! The hosts that take the domain's mail, on lists of names.

use super::listing_problem::judge;
use crate::check::{Check, Reference, Verdict};
use crate::data::blocklists::{About, Weight};
use crate::facts::Facts;
use crate::facts::listings::Part;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "mx-host-blocklisted",
    area: Area::IpReputation,
    title: "an MX host of the domain is on a blocklist of names",
    severity: Severity::Medium,
    why: "\
        Some filters weigh the company a sender's domain keeps: its MX hosts and name servers. One \
        that is listed counts against mail that is itself clean (SpamAssassin, Rspamd).",
    fix: "Move the domain's MX to a host under a clean name, or ask the mail host to be delisted.",
    references: &[
        Reference::Rfc { number: 5782, section: "4" },
        Reference::Rfc { number: 5321, section: "5.1" },
    ],
    needs: &[Topic::Blocklists],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    facts.domain()?;
    judge(
        facts,
        &[Part::Mx],
        |about, weight| about == About::Name && weight > Weight::None,
        |hit| {
            if hit.weight == Weight::High { Severity::Medium } else { Severity::Low }
        },
    )
}
