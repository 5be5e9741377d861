//! Lists that hold whole allocations or autonomous systems.

use super::listing_problem::{ADDRESSES, judge, need_addresses};
use crate::check::{Check, Reference, Verdict};
use crate::data::blocklists::{About, Weight};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "ip-neighbourhood-listed",
    area: Area::IpReputation,
    title: "the network around a sending address is on a blocklist",
    severity: Severity::Low,
    why: "\
        Some lists hold whole ranges for what neighbours send. The sender can do little about it and \
        few receivers refuse for it, but a bad neighbourhood also weighs on reputation systems that \
        show nothing in the DNS.",
    fix: "Ask the provider to act on the neighbours, or for an address in a range that is kept clean.",
    references: &[Reference::Rfc { number: 6471, section: "2.2.5" }],
    needs: &[Topic::Blocklists],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    need_addresses(facts)?;
    let wanted = |about, weight| about == About::Network && weight < Weight::High;
    judge(facts, ADDRESSES, wanted, |hit| match hit.weight {
        // Never points for what informational lists say.
        Weight::None => Severity::Info,
        _ => Severity::Low,
    })
}
