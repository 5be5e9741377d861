//! Do the reports show mail of the sender's own systems failing?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::dmarc::ladder::shown;
use crate::facts::dmarc::sources::{Relation, Source};
use crate::model::reports::percent;
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::parse::dmarc::Disposition;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dmarc-reports-own-failing",
    area: Area::Authentication,
    title: "receivers report that the sender's own systems fail DMARC",
    severity: Severity::Medium,
    why: "\
        Mail of a system of yours that passes neither aligned SPF nor aligned DKIM is refused or filed \
        as spam by receivers that enforce the policy, and by large ones under p=none too.",
    fix: "Sign all mail of the system with d= of the From domain, and name its address in SPF.",
    references: &[
        Reference::Rfc { number: 9989, section: "4.4" },
        Reference::Rfc { number: 9990, section: "3" },
    ],
    needs: &[Topic::Dmarc, Topic::Spf],
    since: "0.1.0",
    run,
};

/// Failing by chance, in percent of a source's mail: keys change, resolvers time out.
const TOLERATED: u64 = 2;
/// Fewer failing messages than this are no pattern.
const LEAST: u64 = 5;
/// Sources named one by one.
const NAMED: usize = 10;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let reported = facts.reported()?;
    let enforced = facts.dmarc().and_then(|dmarc| dmarc.policy.clone());
    let severity = match enforced {
        Ok(Some(Disposition::Reject | Disposition::Quarantine)) => Severity::High,
        _ => Severity::Medium,
    };
    let failing = |source: &&Source| {
        let tally = &source.tally.tally;
        tally.failed() >= LEAST && percent(tally.failed(), tally.messages) >= TOLERATED
    };
    let problems: Vec<Problem> = reported
        .failing(Relation::Own)
        .filter(failing)
        .take(NAMED)
        .map(|source| problem(facts, source, severity))
        .collect();
    // What of SPF is not known may make further sources the sender's own; a policy that is not known
    // may have these refused.
    let unsettled = enforced.err().filter(|_| !problems.is_empty());
    if let Some(gap) = reported.spf_gap.clone().or(unsettled) {
        return Verdict::so_far(problems, Some(gap));
    }
    if problems.is_empty() && reported.of(Relation::Own).messages == 0 {
        return Err(Gap::undecidable("no source in the reports is known as the sender's; give --ip IP"));
    }
    Ok(Verdict::from_problems(problems))
}

fn problem(facts: &Facts, source: &Source, severity: Severity) -> Problem {
    let tally = &source.tally.tally;
    let subject = source.ip.map_or_else(|| facts.domain_subject(), Subject::Ip);
    let mut summary = format!(
        "{} of {} messages From {} sent by {} failed DMARC; it is yours: {}",
        tally.failed(),
        tally.messages,
        source.from,
        shown(source),
        source.why
    );
    for (count, what) in [(source.tally.rejected, "refused"), (source.tally.quarantined, "filed as spam")] {
        if count > 0 {
            summary.push_str(&format!("; {count} {what}"));
        }
    }
    let names: Vec<&str> = source.tally.passes_as.keys().take(2).map(String::as_str).collect();
    let fix = match (names.is_empty(), tally.dkim > 0) {
        (false, _) => format!(
            "It passes as {}: let it use MAIL FROM in {} or sign with d={}",
            names.join(", "),
            source.from,
            source.from
        ),
        (true, true) => format!(
            "Part of its mail is signed with d={}: find what leaves it unsigned, or is changed after signing",
            source.from
        ),
        (true, false) => {
            format!("Sign its mail with d={}, and name it in the SPF record of MAIL FROM", source.from)
        }
    };
    Problem::at(subject, summary).fix(fix).severity(severity).confidence(Confidence::Firm)
}
