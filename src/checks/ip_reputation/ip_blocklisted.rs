//! Addresses the mail leaves from, on lists that receivers act on.

use super::listing_problem::{ADDRESSES, by_weight, judge, need_addresses};
use crate::check::{Check, Reference, Verdict, pages};
use crate::data::blocklists::{About, Weight};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "ip-blocklisted",
    area: Area::IpReputation,
    title: "a sending address is on a blocklist that receivers act on",
    severity: Severity::Critical,
    why: "\
        Receivers ask DNS lists about the connecting address before they take a message. On a list \
        that many use, such as Spamhaus ZEN, mail is refused whatever it says; on others it starts \
        with spam points.",
    fix: "Stop the cause, then follow the list's removal steps in the order the finding gives.",
    references: &[
        Reference::Rfc { number: 5782, section: "2.1" },
        Reference::Rfc { number: 6471, section: "2" },
        pages::SPAMHAUS_ZONES,
    ],
    needs: &[Topic::Blocklists],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    need_addresses(facts)?;
    let wanted = |about, weight| match about {
        About::Address => weight >= Weight::Medium,
        // A whole network that is dropped refuses this address too.
        About::Network => weight == Weight::High,
        _ => false,
    };
    judge(facts, ADDRESSES, wanted, by_weight)
}
