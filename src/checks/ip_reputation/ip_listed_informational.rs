//! Lists that are worth knowing of and cost nothing.

use super::listing_problem::{ADDRESSES, judge, need_addresses};
use crate::check::{Check, Reference, Verdict};
use crate::data::blocklists::{About, Weight};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "ip-listed-informational",
    area: Area::IpReputation,
    title: "a sending address is on a list that hardly any receiver asks",
    severity: Severity::Info,
    why: "\
        Check sites count every list alike and alarm people over lists without users. These cost no \
        points here; they may still tell what somebody saw.",
    fix: "Nothing has to be done; look at the list's page if you want to know what it saw.",
    references: &[Reference::Rfc { number: 6471, section: "1.1" }],
    needs: &[Topic::Blocklists],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    need_addresses(facts)?;
    let wanted = |about, weight| matches!(about, About::Address | About::Policy) && weight == Weight::None;
    judge(facts, ADDRESSES, wanted, |_| Severity::Info)
}
