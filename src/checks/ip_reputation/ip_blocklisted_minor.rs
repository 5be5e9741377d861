//! Addresses the mail leaves from, on lists that few receivers act on.

use super::listing_problem::{ADDRESSES, by_weight, judge, need_addresses};
use crate::check::{Check, Reference, Verdict};
use crate::data::blocklists::{About, Weight};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "ip-blocklisted-minor",
    area: Area::IpReputation,
    title: "a sending address is on a blocklist that few receivers act on",
    severity: Severity::Low,
    why: "\
        A small list costs mail to its few users only, yet it is an early sign: the same trap hits \
        reach the large lists later.",
    fix: "Find what the list saw, stop it, and let the entry lapse or ask for its removal.",
    references: &[
        Reference::Rfc { number: 5782, section: "2.1" },
        Reference::Rfc { number: 6471, section: "2.2" },
    ],
    needs: &[Topic::Blocklists],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    need_addresses(facts)?;
    judge(facts, ADDRESSES, |about, weight| about == About::Address && weight == Weight::Low, by_weight)
}
