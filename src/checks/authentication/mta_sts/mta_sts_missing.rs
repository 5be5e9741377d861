//! The domain has no MTA-STS record.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "mta-sts-missing",
    area: Area::Authentication,
    title: "the domain has no MTA-STS record",
    severity: Severity::Info,
    why: "\
        MTA-STS tells senders that mail to the domain must travel encrypted to named hosts. It protects \
        incoming mail; outgoing mail is not judged by it.",
    fix: "Publish a policy at https://mta-sts.DOMAIN/.well-known/mta-sts.txt and a TXT record at _mta-sts.",
    references: &[Reference::Rfc { number: 8461, section: "3.1" }],
    needs: &[Topic::Transport],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let domain = facts.domain()?;
    let found = facts.transport()?.mta_sts.as_ref().map_err(Gap::clone)?;
    if !found.is_empty() {
        return Ok(Verdict::Pass);
    }
    let summary = format!("_mta-sts.{domain} holds no v=STSv1 record");
    let fix = format!(
        "Serve the policy file first, then publish at _mta-sts.{domain} a TXT record that says v=STSv1; id={}T000000;",
        crate::facts::day_of(facts.now()).replace('-', "")
    );
    Ok(Verdict::Fail(vec![Problem::at(Subject::Domain(domain.clone()), summary).fix(fix)]))
}
