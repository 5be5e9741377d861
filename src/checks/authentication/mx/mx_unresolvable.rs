//! An MX host has no address.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::transport::mx::is_address;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "mx-unresolvable",
    area: Area::Authentication,
    title: "an MX host has no address",
    severity: Severity::Medium,
    why: "\
        Senders skip the host, and where it is the only or the first one, replies and bounces wait or \
        fail. Some receivers test whether the sender's domain could take a bounce.",
    fix: "Publish address records for the host, or remove the MX record.",
    references: &[Reference::Rfc { number: 5321, section: "5.1" }],
    needs: &[Topic::Mx],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let mx = facts.mx()?;
    let hosts: Vec<_> =
        mx.hosts.iter().filter(|host| !host.name.is_root() && !is_address(&host.name)).collect();
    if hosts.is_empty() {
        return Ok(Verdict::NotApplicable("no MX record names a host"));
    }
    let (mut problems, mut gap, mut usable) = (Vec::new(), None, false);
    for host in &hosts {
        match &host.has_address {
            Err(why) => gap = Some(why.clone()),
            Ok(true) => usable = true,
            Ok(false) => {
                let name = crate::model::untrusted::plain(host.name.as_str(), Width::Line);
                let summary = format!("the MX host {name} (preference {}) has no address", host.preference);
                problems.push(
                    Problem::at(Subject::Host(host.name.clone()), summary)
                        .fix(match &host.alias {
                            Some(target) => format!(
                                "{name} is an alias (CNAME) of {}, which has no address: remove the MX record, or let it \
                                 name a host that has one",
                                crate::model::untrusted::plain(target.as_str(), Width::Line)
                            ),
                            None => format!("publish {name}. A <its address>, or remove the MX record"),
                        })
                        .located(host.location.clone()),
                );
            }
        }
    }
    // Nothing takes the domain's mail at all: that is worse than one dead entry.
    if !usable && gap.is_none() {
        problems = problems.into_iter().map(|problem| problem.severity(Severity::High)).collect();
    }
    Verdict::so_far(problems, gap)
}
