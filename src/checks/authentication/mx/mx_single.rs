//! The domain has a single MX host.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "mx-single",
    area: Area::Authentication,
    title: "the domain has a single MX host",
    severity: Severity::Info,
    why: "\
        While that host is down, replies and bounces wait in their senders' queues. That is normal for \
        small domains and for hosts with several addresses behind one name.",
    fix: "Add a second MX host in another network, unless the one name already stands for several hosts.",
    references: &[Reference::Rfc { number: 5321, section: "5.1" }],
    needs: &[Topic::Mx],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let mx = facts.mx()?;
    let [only] = mx.hosts.as_slice() else {
        return Ok(if mx.hosts.is_empty() {
            Verdict::NotApplicable("the domain has no MX record, see mx-missing")
        } else {
            Verdict::Pass
        });
    };
    if only.name.is_root() {
        return Ok(Verdict::NotApplicable("the domain takes no mail, see mx-null"));
    }
    let addresses = only.addresses.as_ref().map_err(Gap::clone)?;
    let of_family = |v6: bool| addresses.iter().filter(|ip| ip.is_ipv6() == v6).count();
    if of_family(false) > 1 || of_family(true) > 1 {
        return Ok(Verdict::Pass);
    }
    let name = crate::model::untrusted::plain(only.name.as_str(), Width::Line);
    let summary = format!("{} relies on the single MX host {name}", mx.domain);
    Ok(Verdict::Fail(vec![Problem::at(Subject::Domain(mx.domain.clone()), summary)]))
}
