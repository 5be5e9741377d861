//! The HELO name is no public host name.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Name, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "helo-invalid",
    area: Area::ReverseDns,
    title: "the HELO name is no public host name",
    severity: Severity::High,
    why: "\
        A HELO that is an address, one bare label such as AS400, or a private name is refused by many \
        receivers (504 5.5.2, 550 Invalid HELO) and counts as a bot's mark with the others.",
    fix: "Set the sending system's host name to a fully qualified name in public DNS; on IBM i: CFGTCP option 12.",
    references: &[
        Reference::Rfc { number: 5321, section: "4.1.1.1" },
        Reference::Rfc { number: 5321, section: "2.3.5" },
    ],
    needs: &[Topic::ReverseDns],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(helo) = &facts.reverse().helo else {
        return Err(Gap::NotSupplied { what: "HELO name", flag: "--helo NAME" });
    };
    let Some(fault) = helo.fault else { return Ok(Verdict::Pass) };
    let shown = crate::model::untrusted::plain(&helo.text, Width::Name);
    let domain = facts.target().domain.as_ref().map_or("example.com", |name| name.as_str());
    Ok(Verdict::Fail(vec![
        Problem::at(
            Subject::Host(Name::lenient(&helo.text)),
            format!("the HELO name \"{shown}\" {}", fault.text()),
        )
        .fix(format!("greet with a name such as mail.{domain}, and publish its address and PTR records")),
    ]))
}
