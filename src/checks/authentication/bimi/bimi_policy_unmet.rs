//! Does DMARC meet what BIMI asks for?

use crate::check::{Check, Problem, Verdict, pages};
use crate::checks::authentication::dmarc::applying;
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::dmarc::Disposition;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "bimi-policy-unmet",
    area: Area::Authentication,
    title: "the DMARC policy is too weak for the BIMI record",
    severity: Severity::Low,
    why: "\
        Receivers show a brand's logo only where DMARC protects it: quarantine or reject for all mail \
        of the domain and its subdomains, without test mode. Until then the record has no effect.",
    fix: "Raise the DMARC policy to quarantine or reject, for subdomains too.",
    references: &[pages::BIMI_DRAFT],
    needs: &[Topic::Bimi, Topic::Dmarc],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(bimi) = facts.bimi()? else {
        return Ok(Verdict::NotApplicable("the domain publishes no BIMI record"));
    };
    if bimi.records.iter().all(|record| record.declines()) {
        return Ok(Verdict::NotApplicable("the BIMI record declines to show a logo"));
    }
    let problem = |summary: String, fix: String| {
        Ok(Verdict::Fail(vec![
            Problem::at(bimi.subject(None), summary).fix(fix).located(bimi.location.clone()),
        ]))
    };
    let Some(found) = applying(facts)? else {
        return problem(
            "a BIMI record is published, but no DMARC record: no logo is shown".to_owned(),
            "Publish a DMARC record first, see mailvet explain dmarc-missing".to_owned(),
        );
    };
    let record = found.record;
    let weak = |policy: Option<Disposition>| policy.is_none_or(|policy| policy == Disposition::None);
    let (what, tag, value) = if weak(record.policy()) {
        ("p=none", "p", "quarantine")
    } else if weak(record.subdomain_policy()) {
        ("sp=none", "sp", "quarantine")
    } else if record.testing {
        ("t=y", "t", "n")
    } else if record.p == Some(Disposition::Quarantine) && record.pct < 100 {
        ("pct under 100", "pct", "100")
    } else {
        return Ok(Verdict::Pass);
    };
    let at = found.step.name.prefixed("_dmarc");
    let fix = match tag {
        "pct" => format!("In the DMARC record at {at}, remove pct={}, which RFC 9989 dropped", record.pct),
        _ => format!(
            "In the DMARC record at {at}, write {tag}={value} once its reports show your own mail passing"
        ),
    };
    problem(format!("{what} at {at}: receivers show no logo"), fix)
}
