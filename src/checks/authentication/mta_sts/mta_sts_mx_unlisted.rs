//! The MTA-STS policy does not cover an MX host.

use super::in_force;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::parse::transport::mta_sts_policy::{Mode, covers};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "mta-sts-mx-unlisted",
    area: Area::Authentication,
    title: "the MTA-STS policy does not cover an MX host",
    severity: Severity::High,
    why: "\
        Senders that honour the policy refuse to deliver to a host it does not name. Replies from \
        Google, Microsoft and others then bounce or wait.",
    fix: "\
        Add an mx line for each MX host to the policy, then change the id of the TXT record.",
    references: &[
        Reference::Rfc { number: 8461, section: "4.1" },
        Reference::Rfc { number: 8461, section: "5" },
    ],
    needs: &[Topic::MtaSts],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    in_force(facts, |sts, policy| {
        let mx = facts.mx()?;
        let unlisted =
            mx.hosts.iter().filter(|host| !host.name.is_root() && !covers(&policy.mx, host.name.as_str()));
        let problems = unlisted.map(|host| {
            let name = crate::model::untrusted::plain(host.name.as_str(), Width::Line);
            let listed = policy.mx.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
            let summary = format!("the policy names {listed} and not the MX host {name}");
            let mut problem = Problem::at(Subject::Host(host.name.clone()), summary)
                .fix(format!(
                    "add the line \"mx: {name}\" to {}, then give _mta-sts.{} a new id",
                    sts.url, mx.domain
                ))
                .located(host.location.clone());
            if policy.mode == Mode::Testing {
                problem = problem.severity(Severity::Medium);
            }
            problem
        });
        Ok(Verdict::from_problems(problems.collect()))
    })
}
