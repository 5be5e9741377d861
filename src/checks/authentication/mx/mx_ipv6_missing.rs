//! No MX host can be reached over IPv6.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "mx-ipv6-missing",
    area: Area::Authentication,
    title: "no MX host can be reached over IPv6",
    severity: Severity::Info,
    why: "\
        Senders that have IPv6 alone cannot deliver replies. They are few, and mail arrives today \
        without it.",
    fix: "\
        Give one MX host an AAAA record, once it takes mail over IPv6.",
    references: &[Reference::Rfc { number: 3974, section: "3" }],
    needs: &[Topic::Mx],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let mx = facts.mx()?;
    if mx.is_null() {
        return Ok(Verdict::NotApplicable("the domain takes no mail, see mx-null"));
    }
    let (mut any, mut gap) = (false, None);
    for host in &mx.hosts {
        match &host.addresses {
            Ok(addresses) if addresses.iter().any(std::net::IpAddr::is_ipv6) => return Ok(Verdict::Pass),
            Ok(addresses) => any |= !addresses.is_empty(),
            Err(why) => gap = Some(why.clone()),
        }
    }
    if let Some(gap) = gap {
        return Err(gap);
    }
    if !any {
        return Ok(Verdict::NotApplicable("no MX host has an address, see mx-unresolvable"));
    }
    let summary = format!("no MX host of {} has an IPv6 address", mx.domain);
    let host = mx
        .hosts
        .iter()
        .find(|host| !host.name.is_root())
        .map(|host| crate::model::untrusted::plain(host.name.as_str(), Width::Line));
    let fix = format!("{}. AAAA <its IPv6 address>", host.unwrap_or_default());
    Ok(Verdict::Fail(vec![Problem::at(Subject::Domain(mx.domain.clone()), summary).fix(fix)]))
}
