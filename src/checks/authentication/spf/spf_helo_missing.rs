//! Does the HELO name have an SPF record of its own?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::Published;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Name, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-helo-missing",
    area: Area::Authentication,
    title: "the HELO name has no SPF record",
    severity: Severity::Low,
    why: "\
        Bounces and other mail with the null sender are judged by the HELO name. Without a record there such \
        mail has no SPF result, and anyone may greet with the name.",
    fix: "Publish `v=spf1 a -all` at the HELO name.",
    references: &[
        Reference::Rfc { number: 7208, section: "2.3" },
        Reference::Rfc { number: 7208, section: "2.4" },
        Reference::Rfc { number: 7208, section: "10.1.3" },
    ],
    needs: &[Topic::Spf],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let spf = facts.spf()?;
    let Some(given) = &facts.target().helo else {
        return Err(Gap::NotSupplied { what: "HELO name", flag: "--helo NAME" });
    };
    let Some(helo) = &spf.helo else {
        return Ok(Verdict::NotApplicable("HELO is no full name, so SPF has nothing to ask"));
    };
    match &helo.policy.root.published {
        Published::Unknown(gap) => return Err(gap.clone()),
        Published::Nothing(_) => {}
        _ => return Ok(Verdict::Pass),
    }
    let name = Name::lenient(given);
    Ok(Verdict::Fail(vec![Problem::at(
        Subject::Host(name),
        format!("{} has no TXT record that starts with v=spf1", plain(given, Width::Line)),
    )]))
}
