//! The domain has no MX record.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Role, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "mx-missing",
    area: Area::Authentication,
    title: "the domain has no MX record",
    severity: Severity::Medium,
    why: "\
        Replies and bounces go to the sender's domain. Without MX some receivers refuse the mail \
        (Sender address rejected: Domain not found), others try the domain's own address.",
    fix: "Publish an MX record that names the host that takes the domain's mail.",
    references: &[Reference::Rfc { number: 5321, section: "5.1" }],
    needs: &[Topic::Mx, Topic::Spf],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let mx = facts.mx()?;
    let Some(implicit) = &mx.implicit else { return Ok(Verdict::Pass) };
    let addresses = implicit.as_ref().map_err(Gap::clone)?;
    let domain = &mx.domain;
    // A name that neither sends nor takes mail says so best with a null MX; nothing hangs on it.
    if facts.role() == Ok(Role::Parked) {
        let summary = format!("{domain} is parked and has no null MX, so mail to it is tried for days");
        let problem = Problem::at(Subject::Domain(domain.clone()), summary)
            .severity(Severity::Low)
            .fix(format!("{domain}. MX 0 ."));
        return Ok(Verdict::Fail(vec![problem]));
    }
    let problem = match addresses.first() {
        Some(ip) => Problem::at(
            Subject::Domain(domain.clone()),
            format!("{domain} has no MX record; its mail is tried at its own address {ip}"),
        ),
        None => Problem::at(
            Subject::Domain(domain.clone()),
            format!("{domain} has neither an MX nor an address record: nobody can answer its mail"),
        )
        .severity(Severity::High),
    };
    Ok(Verdict::Fail(vec![problem.fix(format!(
        "Publish {domain}. MX 10 <the host that takes its mail>. so that bounces and answers arrive"
    ))]))
}
