//! The host table lacks a name that SMTP needs.

use super::NONE_GIVEN;
use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::model::{Name, Subject};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "ibmi-host-table-incomplete",
    area: Area::SendingPractices,
    title: "the host table of the IBM i lacks the system or its mail domain",
    severity: Severity::Medium,
    why: "\
        SMTP jobs end where the local host name leads to none of the system's own addresses, and mail to \
        the own domain goes round by DNS where the host table does not know it.",
    fix: "\
        Add the names to the host table (CFGTCP option 10): ADDTCPHTE INTNETADR(ADDRESS) HOSTNAME((NAME)).",
    references: &[pages::IBM_CHGSMTPA],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(ibmi) = facts.ibmi() else { return Ok(NONE_GIVEN) };
    if ibmi.hosts().next().is_none() {
        return Err(Gap::undecidable("the settings given do not show the host table (CFGTCP option 10)"));
    }
    let knows = |name: &str| ibmi.hosts().any(|(entry, _)| entry.names.iter().any(|known| known == name));
    let (own, location) = ibmi.host_name()?;
    let mut problems = Vec::new();
    let mut missing = |name: &Name, what: &str, address: &str| {
        let shown = plain(name.as_str(), Width::Name);
        problems.push(
            Problem::at(Subject::Host(name.clone()), format!("the host table does not know {shown}, {what}"))
                .fix(format!("ADDTCPHTE INTNETADR({address}) HOSTNAME(({}))", shown.to_uppercase()))
                .located(location.clone()),
        );
    };
    if !knows(own.as_str()) {
        missing(&own, "the system's own name", "the system's address");
    }
    if let Ok(domain) = facts.domain()
        && !knows(domain.as_str())
    {
        missing(domain, "the mail domain", "the address that takes its mail");
    }
    Ok(Verdict::from_problems(problems))
}
