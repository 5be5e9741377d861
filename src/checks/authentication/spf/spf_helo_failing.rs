//! Does the HELO identity pass from each sending address?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::SpfResult;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-helo-failing",
    area: Area::Authentication,
    title: "the SPF record of the HELO name does not authorize a sending address",
    severity: Severity::Medium,
    why: "\
        Receivers that check HELO see a forged greeting, and bounces with the null sender, which are judged \
        by this name alone, fail SPF.",
    fix: "Authorize the sending addresses at the HELO name, as in `v=spf1 a -all`.",
    references: &[
        Reference::Rfc { number: 7208, section: "2.3" },
        Reference::Rfc { number: 7208, section: "10.1.3" },
    ],
    needs: &[Topic::Spf],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    facts.ips()?;
    if facts.target().helo.is_none() {
        return Err(Gap::NotSupplied { what: "HELO name", flag: "--helo NAME" });
    }
    let spf = facts.spf()?;
    let Some(helo) = &spf.helo else {
        return Ok(Verdict::NotApplicable("HELO is no full name, so SPF has nothing to ask"));
    };
    let mut problems = Vec::new();
    let mut gap = None;
    let mut has_record = false;
    for sender in &helo.senders {
        let result = match sender.known() {
            Ok(result) => result,
            Err(why) => {
                gap = gap.or(Some(why));
                continue;
            }
        };
        has_record |= result != SpfResult::None;
        if matches!(result, SpfResult::None | SpfResult::Pass | SpfResult::Neutral) {
            continue;
        }
        let Some(ip) = sender.input.ip else { continue };
        let trouble = sender.verdict.trouble.as_ref().map(|t| format!(": {}", t.message)).unwrap_or_default();
        let mut problem = Problem::at(
            Subject::Ip(ip),
            format!(
                "{ip} gets SPF {} for the HELO name {}{trouble}",
                result.name(),
                plain(&helo.name, Width::Line)
            ),
        );
        if let Some(record) = sender.root.record().filter(|record| record.faults.is_empty()) {
            problem = problem.proof(plain(&record.text, Width::Record));
        }
        problems.push(problem);
    }
    match (problems.is_empty(), gap) {
        (false, gap) => Verdict::so_far(problems, gap),
        (true, Some(gap)) => Err(gap),
        (true, None) if has_record => Ok(Verdict::Pass),
        (true, None) => Ok(Verdict::NotApplicable("the HELO name has no SPF record, see spf-helo-missing")),
    }
}
