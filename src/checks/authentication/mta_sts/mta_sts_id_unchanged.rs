//! The MTA-STS policy changed and the id of its record did not.

use std::collections::BTreeSet;

use super::readable;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::transport::mta_sts::{Earlier, fresh_id, id_in_force};
use crate::facts::{Facts, day_of};
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::parse::transport::mta_sts_policy::{Mode, Policy as Sts, covers};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "mta-sts-id-unchanged",
    area: Area::Authentication,
    title: "the MTA-STS policy changed and the id of its record did not",
    severity: Severity::Medium,
    why: "\
        Senders fetch the policy again only when the id changes. With the old id they go by the policy \
        they have until its max_age is over: a new MX host that it does not name gets no mail from them, \
        and a stricter mode does not protect.",
    fix: "\
        Change the id of the TXT record each time the policy file changes, after the file.",
    references: &[
        Reference::Rfc { number: 8461, section: "3.1" },
        Reference::Rfc { number: 8461, section: "8.1" },
    ],
    needs: &[Topic::MtaSts],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    readable(facts, |_, policy| {
        let records = facts.transport()?.mta_sts.as_ref().map_err(Gap::clone)?;
        let Some(id) = id_in_force(records) else {
            return Ok(Verdict::NotApplicable("the record cannot be used, see mta-sts-syntax"));
        };
        let Some(earlier) = facts.earlier_mta_sts()? else {
            return Ok(Verdict::NotApplicable("there was no usable policy in the earlier recording"));
        };
        let changes = changes(&earlier.policy, policy);
        if earlier.id != id || changes.is_empty() {
            return Ok(Verdict::Pass);
        }
        let domain = facts.domain()?;
        let summary = format!(
            "since {} the policy changed ({}), and the record still says id={id}; senders keep the old \
             policy for up to {} seconds",
            day_of(earlier.taken_at),
            changes.join("; "),
            earlier.policy.max_age
        );
        let problem = Problem::at(Subject::Domain(domain.prefixed("_mta-sts")), summary)
            .severity(severity(facts, &earlier, policy))
            .fix(format!("_mta-sts.{domain}. TXT \"v=STSv1; id={};\"", fresh_id(facts.now())))
            .located(records.first().and_then(|record| record.location.clone()));
        Verdict::so_far(vec![problem], facts.mx().err().filter(|_| earlier.policy.mode == Mode::Enforce))
    })
}

/// What senders do differently by the two policies, in words.
fn changes(old: &Sts, new: &Sts) -> Vec<String> {
    let mut changes = Vec::new();
    if old.mode != new.mode {
        changes.push(format!("mode {}, now {}", old.mode.name(), new.mode.name()));
    }
    let (before, after) = (named(old), named(new));
    for (what, only) in [
        ("no longer named", before.difference(&after).collect::<Vec<_>>()),
        ("newly named", after.difference(&before).collect()),
    ] {
        let more = if only.len() > 5 { format!(" and {} more", only.len() - 5) } else { String::new() };
        let shown: Vec<&str> = only.iter().take(5).map(|name| **name).collect();
        if !shown.is_empty() {
            changes.push(format!("{what}: {}{more}", shown.join(", ")));
        }
    }
    if old.max_age != new.max_age {
        changes.push(format!("max_age {}, now {}", old.max_age, new.max_age));
    }
    changes
}

/// The hosts as a set: their order means nothing.
fn named(policy: &Sts) -> BTreeSet<&str> {
    policy.mx.iter().map(String::as_str).collect()
}

/// High where the policy that senders kept makes them refuse a host of today.
fn severity(facts: &Facts, earlier: &Earlier, new: &Sts) -> Severity {
    let old = &earlier.policy;
    let refused = old.mode == Mode::Enforce
        && facts.mx().is_ok_and(|mx| {
            mx.hosts.iter().any(|host| !host.name.is_root() && !covers(&old.mx, host.name.as_str()))
        });
    match refused {
        true => Severity::High,
        false if old.mode == new.mode && named(old) == named(new) => Severity::Low,
        false => Severity::Medium,
    }
}
