//! The names the sending host goes by, on lists of names.

use super::listing_problem::{any_of, judge};
use crate::check::{Check, Reference, Verdict, pages};
use crate::data::blocklists::{About, Weight};
use crate::facts::Facts;
use crate::facts::listings::Part;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "helo-blocklisted",
    area: Area::IpReputation,
    title: "the HELO or PTR name of a sending host is on a blocklist of names",
    severity: Severity::High,
    why: "\
        Receivers that ask lists of names ask them about the HELO argument and the reverse name too \
        (Postfix: reject_rhsbl_helo, reject_rhsbl_reverse_client), before any message is sent.",
    fix: "Name the host below a domain with a clean record in HELO, PTR and A, or clear the listed name.",
    references: &[Reference::Rfc { number: 5782, section: "4" }, pages::POSTFIX_RHSBL_HELO],
    needs: &[Topic::Blocklists],
    since: "0.1.0",
    run,
};

const PARTS: &[Part] = &[Part::Helo, Part::Ptr];

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    if !any_of(facts, PARTS) && facts.target().ips.is_empty() {
        return Err(Gap::NotSupplied { what: "HELO name", flag: "--helo NAME" });
    }
    judge(
        facts,
        PARTS,
        |about, weight| about == About::Name && weight > Weight::None,
        |hit| match hit.weight {
            Weight::High => Severity::High,
            Weight::Medium => Severity::Medium,
            _ => Severity::Low,
        },
    )
}
