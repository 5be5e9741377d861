//! Is every sending address authorized?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::listings::public::hidden;
use crate::facts::spf::{Evaluation, SpfResult};
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-ip-unauthorised",
    area: Area::Authentication,
    title: "SPF does not authorize a sending address",
    severity: Severity::High,
    why: "\
        Mail from this address fails SPF. With `-all` some receivers refuse it at once, and DMARC then \
        hangs on DKIM alone, which does not survive every relay.",
    fix: "Add the address to the SPF record of the envelope sender's domain.",
    references: &[
        Reference::Rfc { number: 7208, section: "2.6" },
        Reference::Rfc { number: 7208, section: "8.4" },
    ],
    needs: &[Topic::Spf],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    facts.ips()?;
    let spf = facts.spf()?;
    let mut problems = Vec::new();
    let mut judged = false;
    let mut gap = None;
    for sender in &spf.senders {
        match sender.known() {
            Err(why) => gap = gap.or(Some(why)),
            Ok(SpfResult::Pass) => judged = true,
            // Without a record there is nothing to add to: spf-missing says so of the domain itself.
            Ok(SpfResult::None) if sender.root.name == spf.domain => {}
            Ok(SpfResult::TempError) => {
                gap = gap.or_else(|| Some(Gap::undecidable("the evaluation ends in temperror")));
            }
            Ok(result) => {
                judged = true;
                problems.push(problem(sender, result));
            }
        }
    }
    match (problems.is_empty(), gap, judged) {
        (false, gap, _) => Verdict::so_far(problems, gap),
        (true, Some(gap), _) => Err(gap),
        (true, None, true) => Ok(Verdict::Pass),
        (true, None, false) => Ok(Verdict::NotApplicable("no usable SPF record to be named in")),
    }
}

fn problem(sender: &Evaluation, result: SpfResult) -> Problem {
    let ip = sender.input.ip.unwrap_or(std::net::Ipv4Addr::UNSPECIFIED.into());
    let domain = plain(&sender.root.domain, Width::Line);
    let by = match (sender.verdict.path.last(), &sender.verdict.trouble) {
        (_, Some(trouble)) => format!(": {}", trouble.message),
        (Some(hit), None) => {
            format!(", by {} of {}", plain(&hit.term, Width::Name), plain(&hit.domain, Width::Line))
        }
        (None, None) if result == SpfResult::None => ", which publishes no SPF record".to_owned(),
        (None, None) => ", since no term names it and nothing says what becomes of the rest".to_owned(),
    };
    let severity = match result {
        SpfResult::SoftFail | SpfResult::Neutral | SpfResult::None => Severity::Medium,
        _ => Severity::High,
    };
    let mut problem =
        Problem::at(Subject::Ip(ip), format!("{ip} gets SPF {} for {domain}{by}", result.name()))
            .severity(severity);
    // No record lets such an address pass.
    if let Some(not) = hidden(ip) {
        problem = problem.fix(not.fix(ip));
    }
    let Some(record) = sender.root.record() else { return problem };
    problem = problem.proof(plain(&record.text, Width::Record)).located(sender.root.location().cloned());
    problem
}
