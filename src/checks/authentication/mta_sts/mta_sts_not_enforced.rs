//! The MTA-STS policy is not enforced.

use super::readable;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::parse::transport::mta_sts_policy::{Mode, covers};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "mta-sts-not-enforced",
    area: Area::Authentication,
    title: "the MTA-STS policy is not enforced",
    severity: Severity::Low,
    why: "\
        In testing mode senders only report failures and deliver without encryption all the same; mode \
        none switches the policy off.",
    fix: "\
        Once the TLS reports show no failures, set mode: enforce and change the id of the TXT record.",
    references: &[
        Reference::Rfc { number: 8461, section: "3.2" },
        Reference::Rfc { number: 8461, section: "8.3" },
    ],
    needs: &[Topic::MtaSts],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    readable(facts, |sts, policy| {
        if policy.mode == Mode::Enforce {
            return Ok(Verdict::Pass);
        }
        let summary = format!("the policy of {} says mode: {}", sts.host, policy.mode.name());
        let uncovered = facts.mx().ok().map(|mx| {
            mx.hosts.iter().any(|host| !host.name.is_root() && !covers(&policy.mx, host.name.as_str()))
        });
        // Enforced over an MX host that the policy does not name, senders refuse to deliver at all.
        let fix = match (policy.mode, uncovered) {
            (Mode::None, _) => {
                "mode: testing, with an mx line for each MX host and a new id; mode: enforce once the TLS reports are clean"
            }
            (_, Some(false)) => "mode: enforce, with a new id, once the TLS reports are clean",
            (_, Some(true)) => "settle mta-sts-mx-unlisted first; then mode: enforce, with a new id",
            (_, None) => "mode: enforce, with a new id, once it is sure that the policy names every MX host",
        };
        let problem = Problem::at(Subject::Host(sts.host.clone()), summary).fix(fix);
        Ok(Verdict::Fail(vec![problem]))
    })
}
