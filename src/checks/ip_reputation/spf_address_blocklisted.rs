//! Addresses the SPF record lets send, on lists that receivers act on.

use super::listing_problem::judge;
use crate::check::{Check, Reference, Verdict};
use crate::data::blocklists::{About, Weight};
use crate::facts::Facts;
use crate::facts::listings::Part;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-address-blocklisted",
    area: Area::IpReputation,
    title: "an address that the SPF record authorises is on a blocklist",
    severity: Severity::Medium,
    why: "\
        Whoever holds an authorised address sends in the domain's name with SPF pass. One that is \
        listed is either a host of yours in trouble or one that is no longer yours.",
    fix: "Take the address out of the SPF record if it no longer sends for you; else clear it as a \
          sending address of yours.",
    references: &[
        Reference::Rfc { number: 7208, section: "11.4" },
        Reference::Rfc { number: 5782, section: "2.1" },
    ],
    needs: &[Topic::Blocklists, Topic::Spf],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    facts.domain()?;
    let wanted = |about, weight| about == About::Address && weight >= Weight::Medium;
    judge(facts, &[Part::SpfIp], wanted, |hit| match hit.weight {
        Weight::High => Severity::Medium,
        _ => Severity::Low,
    })
}
