//! The local host name is not the HELO name that was given.

use super::{NONE_GIVEN, of_keyword};
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::Name;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "ibmi-helo-differs",
    area: Area::SendingPractices,
    title: "the host name of the IBM i is not the HELO name",
    severity: Severity::Medium,
    why: "\
        The system greets with its local host name (CFGTCP option 12). Where that is not the name that PTR \
        and SPF were made for, receivers see another sender than the one that was prepared.",
    fix: "\
        Set the host name to the HELO name (CHGTCPDMN HOSTNAME DMNNAME), or prepare DNS for the name that \
        the system says.",
    references: &[Reference::Rfc { number: 5321, section: "4.1.1.1" }],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(ibmi) = facts.ibmi() else { return Ok(NONE_GIVEN) };
    let Some(helo) = facts.target().helo.as_deref() else {
        return Err(Gap::NotSupplied { what: "HELO name", flag: "--helo NAME" });
    };
    let stated = ibmi.get("HOSTNAME")?;
    let (name, _) = ibmi.host_name()?;
    if name == Name::lenient(helo) {
        return Ok(Verdict::Pass);
    }
    let shown = plain(name.as_str(), Width::Name);
    let summary = format!("the system says {shown} in HELO, and {} was given", plain(helo, Width::Name));
    Ok(Verdict::Fail(vec![of_keyword(&stated, summary)]))
}
