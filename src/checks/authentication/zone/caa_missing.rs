//! Any authority may issue certificates for the mail hosts.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "caa-missing",
    area: Area::Authentication,
    title: "any authority may issue certificates for the mail hosts",
    severity: Severity::Info,
    why: "\
        Without CAA every public authority may certify the names of the mail hosts to whoever tricks it. \
        Mail is not refused for it.",
    fix: "\
        Publish a CAA record at the domain with the authority in use.",
    references: &[
        Reference::Rfc { number: 8659, section: "3" },
        Reference::Rfc { number: 8659, section: "4" },
    ],
    needs: &[Topic::Dane],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let hosts = facts.caa()?;
    if hosts.is_empty() {
        return Ok(Verdict::NotApplicable("no mail host stands in the domain"));
    }
    if let Some(gap) = hosts.iter().find_map(|host| host.records.as_ref().err()) {
        return Err(gap.clone());
    }
    let domain = facts.domain()?;
    let open: Vec<String> = hosts
        .iter()
        .filter(|host| host.records.as_ref().is_ok_and(Option::is_none))
        .map(|host| crate::model::untrusted::plain(host.host.as_str(), Width::Line))
        .collect();
    if open.is_empty() {
        return Ok(Verdict::Pass);
    }
    let summary = format!("no CAA record applies to {}", open.join(", "));
    let fix = format!("{domain}. CAA 0 issue \"<the authority's domain, such as letsencrypt.org>\"");
    Ok(Verdict::Fail(vec![Problem::at(Subject::Domain(domain.clone()), summary).fix(fix)]))
}
