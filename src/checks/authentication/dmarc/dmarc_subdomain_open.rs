//! Are subdomains less protected than the domain?

use super::applying;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::dmarc::{Disposition, Standing};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dmarc-subdomain-open",
    area: Area::Authentication,
    title: "subdomains are less protected than the domain",
    severity: Severity::Low,
    why: "\
        A forger takes any subdomain, also one that does not exist, where sp= or np= asks for less \
        than p=. To readers accounts.example.com looks as genuine as example.com.",
    fix: "Publish np=reject, and raise sp= to the level of p= once your subdomains' mail passes.",
    references: &[Reference::Rfc { number: 9989, section: "4.7" }],
    needs: &[Topic::Dmarc],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(found) = applying(facts)? else {
        return Ok(Verdict::NotApplicable("there is no DMARC record, see dmarc-missing"));
    };
    let record = found.record;
    let p = match (record.standing, record.p) {
        (Standing::Sound, Some(p)) => p,
        (Standing::ReportOnly, _) => {
            return Ok(Verdict::NotApplicable("the policy is none, see dmarc-policy-none"));
        }
        _ => return Ok(Verdict::NotApplicable("the record is malformed, see dmarc-syntax")),
    };
    let mut problems = Vec::new();
    let mut add = |tag: &str, policy: Option<Disposition>, who: &str, to: &str| {
        let Some(policy) = policy.filter(|policy| *policy < p) else { return };
        let span = record.list.get(tag).or_else(|| record.list.get("sp")).map(|tag| tag.span.clone());
        let severity = if policy == Disposition::None { Severity::Medium } else { Severity::Low };
        let summary =
            format!("{who} of {} get {}, the domain itself {}", found.step.name, policy.name(), p.name());
        problems.push(
            Problem::at(found.subject(span), summary)
                .severity(severity)
                .fix(match tag {
                    "np" => format!("Add np={to}: names that do not exist send no mail"),
                    _ => {
                        format!("Once the reports show the mail of your subdomains passing, write {tag}={to}")
                    }
                })
                .located(found.state.location.clone()),
        );
    };
    add("np", record.nonexistent_policy(), "subdomains that do not exist", "reject");
    add("sp", record.subdomain_policy(), "subdomains", p.name());
    Ok(Verdict::from_problems(problems))
}
