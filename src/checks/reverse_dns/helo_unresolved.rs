//! The HELO name has no address.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Name, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "helo-unresolved",
    area: Area::ReverseDns,
    title: "the HELO name has no address",
    severity: Severity::Medium,
    why: "\
        Receivers that check HELO look its address up; a name that does not exist is refused by some \
        (450 4.7.1 Helo command rejected: Host not found) and scored by others.",
    fix: "Publish address records for the HELO name.",
    references: &[
        Reference::Rfc { number: 5321, section: "4.1.4" },
        Reference::Rfc { number: 7208, section: "2.3" },
    ],
    needs: &[Topic::ReverseDns],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(helo) = &facts.reverse().helo else {
        return Err(Gap::NotSupplied { what: "HELO name", flag: "--helo NAME" });
    };
    if helo.fault.is_some() {
        return Ok(Verdict::NotApplicable("the HELO name cannot stand in DNS, see helo-invalid"));
    }
    if !helo.addresses.clone()?.is_empty() {
        return Ok(Verdict::Pass);
    }
    let name = Name::lenient(helo.text.trim());
    let shown = crate::model::untrusted::plain(name.as_str(), Width::Line);
    let fix = match facts.target().ips.first() {
        Some(ip) if ip.is_ipv4() => format!("{shown}. A {ip}"),
        Some(ip) => format!("{shown}. AAAA {ip}"),
        None => format!("publish the sending address as an address record of {shown}"),
    };
    let summary = format!("the HELO name {shown} has neither an A nor an AAAA record");
    Ok(Verdict::Fail(vec![Problem::at(Subject::Host(name), summary).fix(fix)]))
}
