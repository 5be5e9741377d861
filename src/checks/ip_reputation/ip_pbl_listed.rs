//! Addresses of a kind that should not send mail by itself.

use super::listing_problem::{ADDRESSES, judge, need_addresses};
use crate::check::{Check, Reference, Verdict, pages};
use crate::data::blocklists::{About, Weight};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "ip-pbl-listed",
    area: Area::IpReputation,
    title: "a sending address belongs to a range that must not send mail directly",
    severity: Severity::High,
    why: "\
        Policy lists such as the Spamhaus PBL hold dynamic, residential and unassigned ranges. Nobody \
        accuses the sender, but receivers take no mail straight from there.",
    fix: "Send through the provider's relay, or have the provider take a static address with its own \
          PTR name out of the range.",
    references: &[Reference::Rfc { number: 5782, section: "2.1" }, pages::SPAMHAUS_PBL],
    needs: &[Topic::Blocklists],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    need_addresses(facts)?;
    let wanted = |about, weight| about == About::Policy && weight > Weight::None;
    judge(facts, ADDRESSES, wanted, |hit| match hit.weight {
        Weight::High => Severity::High,
        Weight::Medium => Severity::Medium,
        _ => Severity::Low,
    })
}
