//! Several MX records lead to the same machine.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "mx-duplicate",
    area: Area::Authentication,
    title: "several MX records lead to the same machine",
    severity: Severity::Low,
    why: "\
        Records that name the same host or address look like a spare and are none: while that machine is \
        down, all of them are. Senders try the same address again and again.",
    fix: "\
        Keep one record for each machine, and let the second one be another machine.",
    references: &[Reference::Rfc { number: 5321, section: "5.1" }],
    needs: &[Topic::Mx],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let mx = facts.mx()?;
    let mut problems = Vec::new();
    let mut gap = None;
    for (at, host) in mx.hosts.iter().enumerate() {
        let name = crate::model::untrusted::plain(host.name.as_str(), Width::Line);
        for earlier in mx.hosts.iter().take(at) {
            let same = if earlier.name == host.name {
                Some(format!(
                    "{name} stands in two MX records (preference {} and {})",
                    earlier.preference, host.preference
                ))
            } else {
                match (&earlier.addresses, &host.addresses) {
                    (Ok(a), Ok(b)) if !a.is_empty() && sorted(a) == sorted(b) => {
                        let other = crate::model::untrusted::plain(earlier.name.as_str(), Width::Line);
                        Some(format!(
                            "the MX hosts {other} and {name} are the same machine: both lead to {}",
                            b[0]
                        ))
                    }
                    (Err(why), _) | (_, Err(why)) => {
                        gap = Some(why.clone());
                        None
                    }
                    _ => None,
                }
            };
            let Some(summary) = same else { continue };
            problems.push(
                Problem::at(Subject::Host(host.name.clone()), summary)
                    .fix(format!("remove {}. MX {} {name}.", mx.domain, host.preference))
                    .located(host.location.clone()),
            );
            break;
        }
    }
    Verdict::so_far(problems, gap)
}

fn sorted(addresses: &[std::net::IpAddr]) -> std::collections::BTreeSet<std::net::IpAddr> {
    addresses.iter().copied().collect()
}
