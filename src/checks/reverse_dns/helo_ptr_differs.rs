//! The HELO name is not the PTR name of the sending address.

use super::{may_greet, wanted_name};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Name, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "helo-ptr-differs",
    area: Area::ReverseDns,
    title: "the HELO name is not the PTR name of the sending address",
    severity: Severity::Low,
    why: "\
        Well-run senders use one name for HELO, PTR and the TLS certificate. Some receivers, among them \
        T-Online and GMX, expect that, and filters count the difference.",
    fix: "Greet with the PTR name, or have the PTR record changed to the HELO name.",
    references: &[
        Reference::Rfc { number: 1912, section: "2.1" },
        Reference::Rfc { number: 5321, section: "4.1.1.1" },
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
    let wanted = Name::lenient(helo.text.trim());
    let (mut problems, mut gap, mut judged) = (Vec::new(), None, false);
    for address in &facts.reverse().addresses {
        let names = match &address.names {
            Ok(names) => names,
            Err(why) => {
                gap = Some(why.clone());
                continue;
            }
        };
        let Some(first) = names.first() else { continue };
        judged = true;
        if names.iter().any(|name| name.name == wanted) {
            continue;
        }
        let own = crate::model::untrusted::plain(first.name.as_str(), Width::Line);
        let helo = crate::model::untrusted::plain(wanted.as_str(), Width::Line);
        problems.push(
            Problem::at(
                Subject::Ip(address.ip),
                format!("{} greets as {helo} and is named {own}", address.ip),
            )
            // A name that does not lead back, or of a line, would be worse than one that differs.
            .fix(match (may_greet(first, address.ip), leads_back(facts, address.ip)) {
                (true, true) => format!("greet with {own}; or {}", address.fix(&helo)),
                (true, false) => format!("greet with {own}"),
                (false, true) => address.fix(&helo),
                (false, false) => {
                    let name = wanted_name(facts, address);
                    format!("let {name} lead to {}, greet with it, and {}", address.ip, address.fix(&name))
                }
            }),
        );
    }
    match gap {
        Some(gap) if problems.is_empty() => Err(gap),
        Some(gap) => Ok(Verdict::FailInPart(problems, gap)),
        _ if problems.is_empty() && !judged => {
            Ok(Verdict::NotApplicable("no address has a PTR record, see ptr-missing"))
        }
        _ => Ok(Verdict::from_problems(problems)),
    }
}

/// True where the HELO name's addresses hold this one.
fn leads_back(facts: &Facts, ip: std::net::IpAddr) -> bool {
    let helo = facts.reverse().helo.as_ref();
    helo.and_then(|helo| helo.addresses.as_ref().ok())
        .is_some_and(|addresses| addresses.contains(&ip.to_canonical()))
}
