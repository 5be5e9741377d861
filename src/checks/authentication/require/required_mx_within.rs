//! An MX host is in none of the domains that the settings demand.

use super::{NOT_REQUIRED, listed};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Name, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "required-mx-within",
    area: Area::Authentication,
    title: "an MX host is not where the settings demand",
    severity: Severity::High,
    why: "\
        Your own rule ([require] mx.within) says whose hosts may take the mail; any other reads it.",
    fix: "\
        Name a host of those domains, or change the rule in mailvet.toml.",
    references: &[Reference::Rfc { number: 5321, section: "5.1" }],
    needs: &[Topic::Mx],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, policy: &Policy) -> Result<Verdict, Gap> {
    let wanted = policy.require.mx.within.all();
    if wanted.is_empty() {
        return Ok(Verdict::NotApplicable(NOT_REQUIRED));
    }
    let mx = facts.mx()?;
    if mx.hosts.is_empty() {
        return Ok(Verdict::NotApplicable("there is no MX host, see mx-missing"));
    }
    if mx.hosts.iter().all(|host| host.name.is_root()) {
        return Ok(Verdict::NotApplicable("a null MX (RFC 7505) says that no host takes mail"));
    }
    let allowed: Vec<Name> = wanted.iter().map(|name| Name::lenient(name.trim_end_matches('.'))).collect();
    let strangers = mx
        .hosts
        .iter()
        .filter(|host| !host.name.is_root() && !allowed.iter().any(|domain| host.name.is_within(domain)));
    let problem = |host: &crate::facts::transport::mx::MxHost| {
        let summary = format!(
            "the MX host {} of {} is in none of {}, which mailvet.toml demands",
            plain(host.name.as_str(), Width::Name),
            mx.domain,
            listed(wanted)
        );
        Problem::at(Subject::Host(host.name.clone()), summary).located(host.location.clone())
    };
    Ok(Verdict::from_problems(strangers.map(problem).collect()))
}
