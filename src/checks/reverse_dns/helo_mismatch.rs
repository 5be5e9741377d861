//! The HELO name does not lead to the sending address.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "helo-mismatch",
    area: Area::ReverseDns,
    title: "the HELO name does not lead to the sending address",
    severity: Severity::Medium,
    why: "\
        A HELO name of another host looks forged. Receivers compare it with the sending address and \
        with the PTR name; agreement of all three is what well-run senders show.",
    fix: "Use one name for HELO and PTR, with the sending address as its address record.",
    references: &[
        Reference::Rfc { number: 5321, section: "4.1.4" },
        Reference::Rfc { number: 7208, section: "2.3" },
    ],
    needs: &[Topic::ReverseDns],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    facts.ips()?;
    let Some(helo) = &facts.reverse().helo else {
        return Err(Gap::NotSupplied { what: "HELO name", flag: "--helo NAME" });
    };
    if helo.fault.is_some() {
        return Ok(Verdict::NotApplicable("the HELO name cannot stand in DNS, see helo-invalid"));
    }
    let addresses = helo.addresses.clone()?;
    let Some(first) = addresses.first() else {
        return Ok(Verdict::NotApplicable("the HELO name has no address, see helo-unresolved"));
    };
    let shown = crate::model::untrusted::plain(&helo.text, Width::Line);
    // A host that sends over one family need not publish the other.
    let strangers = helo.leads.iter().filter(|(_, leads)| *leads == Ok(false));
    let problems: Vec<Problem> = strangers
        .map(|(ip, _)| {
            let rtype = if ip.is_ipv4() { "A" } else { "AAAA" };
            Problem::at(
                Subject::Ip(*ip),
                format!("the HELO name {shown} leads to {first}, not to the sending address {ip}"),
            )
            .fix(format!(
                "add {}. {rtype} {ip}, or greet with the PTR name of {ip}",
                shown.trim_end_matches('.')
            ))
        })
        .collect();
    let unknown = helo.leads.iter().find_map(|(_, leads)| leads.as_ref().err());
    Verdict::so_far(problems, unknown.cloned())
}
