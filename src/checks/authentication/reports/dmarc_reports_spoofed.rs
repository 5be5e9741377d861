//! Do the reports show forged mail that the policy lets through?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::dmarc::ladder::shown;
use crate::facts::dmarc::sources::Relation;
use crate::model::reports::percent;
use crate::model::{Area, Confidence, Gap, Severity, Topic};
use crate::parse::dmarc::Disposition;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dmarc-reports-spoofed",
    area: Area::Authentication,
    title: "others send as the domain and nothing stops them",
    severity: Severity::Medium,
    why: "\
        Forged mail that is delivered is blamed on the domain: complaints, blocklists and a falling \
        reputation follow, and with them the spam folder for honest mail.",
    fix: "Once your own systems pass, publish p=quarantine, then p=reject.",
    references: &[Reference::Rfc { number: 9989, section: "5.1" }],
    needs: &[Topic::Dmarc, Topic::Spf],
    since: "0.1.0",
    run,
};

/// Forged mail worth a finding, in percent of all reported mail and in messages.
const SHARE: u64 = 1;
const LEAST: u64 = 10;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let reported = facts.reported()?;
    let policy = facts.dmarc()?.policy.clone()?;
    if matches!(policy, Some(Disposition::Reject | Disposition::Quarantine)) {
        return Ok(Verdict::Pass);
    }
    if let (Some(gap), true) = (&reported.spf_gap, reported.of(Relation::Undetermined).failed() >= LEAST) {
        return Err(gap.clone());
    }
    let forged = reported.of(Relation::Unauthorised).failed();
    if forged < LEAST || percent(forged, reported.total.messages) < SHARE {
        return Ok(Verdict::Pass);
    }
    let sources: Vec<String> = reported
        .failing(Relation::Unauthorised)
        .take(3)
        .map(|source| format!("{} ({})", shown(source), source.tally.tally.failed()))
        .collect();
    let count = reported.failing(Relation::Unauthorised).count();
    Ok(Verdict::Fail(vec![
        Problem::at(
            facts.domain_subject(),
            format!(
                "{forged} of {} reported messages came from {count} addresses that nothing authorises, most \
                 from {}; the policy lets them in",
                reported.total.messages,
                sources.join(", ")
            ),
        )
        .fix("mailvet dmarc DOMAIN --reports PATH shows what must be true before p=quarantine and p=reject")
        .confidence(Confidence::Firm),
    ]))
}
