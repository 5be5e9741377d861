//! Only some MX hosts have TLSA records.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dane-incomplete",
    area: Area::Authentication,
    title: "only some MX hosts have TLSA records",
    severity: Severity::Low,
    why: "\
        An attacker who blocks the protected hosts makes senders use the others, which nothing protects.",
    fix: "\
        Publish TLSA records for every MX host, or drop the hosts that cannot have them.",
    references: &[Reference::Rfc { number: 7672, section: "3.1" }],
    needs: &[Topic::Dane],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let hosts = facts.dane()?;
    let with = |wanted: bool| {
        hosts
            .iter()
            .filter(move |host| host.records.as_ref().is_ok_and(|records| records.is_empty() != wanted))
    };
    let Some(gap) = hosts.iter().find_map(|host| host.records.as_ref().err()) else {
        if with(true).count() == 0 {
            return Ok(Verdict::NotApplicable("no MX host has TLSA records, see dane-missing"));
        }
        let problems = with(false).map(|host| {
            let name = crate::model::untrusted::plain(host.host.as_str(), Width::Line);
            Problem::at(
                Subject::Host(host.host.clone()),
                format!("{name} has no TLSA record, other MX hosts have"),
            )
            .fix(format!("{}. TLSA 3 1 1 <SHA-256 of its public key>", host.name))
        });
        return Ok(Verdict::from_problems(problems.collect()));
    };
    Err(gap.clone())
}
