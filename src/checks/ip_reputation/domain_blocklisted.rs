//! The names the mail is sent by, on lists of names.

use super::listing_problem::{any_of, by_weight, judge};
use crate::check::{Check, Reference, Verdict};
use crate::data::blocklists::{About, Weight};
use crate::facts::Facts;
use crate::facts::listings::Part;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "domain-blocklisted",
    area: Area::IpReputation,
    title: "a domain of the sender is on a blocklist of names",
    severity: Severity::Critical,
    why: "\
        Receivers look the From, MAIL FROM and DKIM domains up as well as the address. A listed name \
        takes its trouble along to every new address and relay.",
    fix: "Find what was sent or hosted under the name, end it, then ask the list for removal.",
    references: &[Reference::Rfc { number: 5782, section: "4" }],
    needs: &[Topic::Blocklists],
    since: "0.1.0",
    run,
};

const PARTS: &[Part] = &[Part::From, Part::MailFrom, Part::DkimDomain];

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    if !any_of(facts, PARTS) {
        facts.domain()?;
    }
    judge(facts, PARTS, |about, weight| about == About::Name && weight > Weight::None, by_weight)
}
