//! An MX record holds an address where a name belongs.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::transport::mx::is_address;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "mx-address-literal",
    area: Area::Authentication,
    title: "an MX record holds an address where a name belongs",
    severity: Severity::High,
    why: "\
        An MX record takes a host name. Digits such as 192.0.2.1 are read as a name under the top-level \
        domain 1, which does not exist, so nobody can answer the domain's mail.",
    fix: "Give the address a name with an address record, and put that name into the MX record.",
    references: &[
        Reference::Rfc { number: 1035, section: "3.3.9" },
        Reference::Rfc { number: 5321, section: "5.1" },
    ],
    needs: &[Topic::Mx],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let mx = facts.mx()?;
    let domain = &mx.domain;
    let problems = mx.hosts.iter().filter(|host| is_address(&host.name)).map(|host| {
        Problem::at(
            Subject::Domain(domain.clone()),
            format!("{domain} has the MX host {}, an address where a name belongs", host.name),
        )
        .fix(format!("mail.{domain}. A {}  and  {domain}. MX {} mail.{domain}.", host.name, host.preference))
        .located(host.location.clone())
    });
    Ok(Verdict::from_problems(problems.collect()))
}
