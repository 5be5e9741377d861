//! The local host name is no public name.

use super::{NONE_GIVEN, of_keyword};
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::web::host_name::fault;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "ibmi-host-name-local",
    area: Area::SendingPractices,
    title: "the host name of the IBM i is no public name",
    severity: Severity::High,
    why: "\
        The local host name (CFGTCP option 12) is what the system says in HELO; receivers refuse a HELO of \
        one label or with a private domain such as .local.",
    fix: "\
        Give the system the public name of its address: CHGTCPDMN HOSTNAME(NAME) DMNNAME(DOMAIN), a name \
        with A and PTR records.",
    references: &[Reference::Rfc { number: 5321, section: "4.1.1.1" }],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(ibmi) = facts.ibmi() else { return Ok(NONE_GIVEN) };
    let stated = ibmi.get("HOSTNAME")?;
    let (name, _) = ibmi.host_name()?;
    let Some(fault) = fault(name.as_str()) else { return Ok(Verdict::Pass) };
    let shown = plain(name.as_str(), Width::Name);
    let domain = facts.domain().map_or("example.com", |domain| domain.as_str());
    let problem = of_keyword(&stated, format!("the local host name {shown} {}", fault.text())).fix(format!(
        "CHGTCPDMN HOSTNAME('mail') DMNNAME('{domain}'), if mail.{domain} is the system's public name"
    ));
    Ok(Verdict::Fail(vec![problem]))
}
