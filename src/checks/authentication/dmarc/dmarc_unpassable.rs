//! Will the sender's mail pass DMARC, as it is described?

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::facts::dmarc::verdict::DmarcResult;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::parse::dmarc::Disposition;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dmarc-unpassable",
    area: Area::Authentication,
    title: "the mail will not pass DMARC",
    severity: Severity::High,
    why: "\
        Receivers of all sizes ask that SPF or DKIM passes for a domain that belongs to the one in \
        From. Mail for which neither does is refused or filed as spam, under p=none too.",
    fix: "Sign with d= of the From domain, or use a MAIL FROM in it whose SPF record names the sending address.",
    references: &[Reference::Rfc { number: 9989, section: "4.4" }, pages::GOOGLE_SENDERS],
    needs: &[Topic::Spf, Topic::Dkim, Topic::Dmarc],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let prediction = facts.prediction()?;
    let direct = &prediction.direct;
    match direct.result {
        DmarcResult::Pass if prediction.only_by_test => return only_by_test(facts),
        DmarcResult::Pass => return Ok(Verdict::Pass),
        DmarcResult::None => {
            return Ok(Verdict::NotApplicable("there is no DMARC record, see dmarc-missing"));
        }
        DmarcResult::Permerror => {
            return Ok(Verdict::NotApplicable("the record is malformed, see dmarc-syntax"));
        }
        DmarcResult::Temperror => {
            let why = direct.reasons.join("; ");
            return Err(direct.gap.clone().unwrap_or_else(|| Gap::undecidable(why)));
        }
        DmarcResult::Fail => {}
    }
    // What was not described may still pass.
    if prediction.results.spf.is_none() {
        return Err(Gap::NotSupplied { what: "sending address", flag: "--ip IP" });
    }
    if prediction.results.dkim.is_empty() && facts.signed().is_none() {
        return Err(Gap::NotSupplied {
            what: "DKIM selector",
            flag: "--selector NAME, or a signed --message FILE",
        });
    }
    let domain = facts.author_domain()?;
    // With p=none nothing is refused for it yet.
    let severity = if direct.disposition == Disposition::None { Severity::Medium } else { Severity::High };
    Ok(Verdict::Fail(vec![
        Problem::at(
            Subject::Domain(domain.clone()),
            format!("{}; receivers are asked to: {}", direct.reasons.join("; "), direct.disposition.name()),
        )
        .fix(format!(
            "Sign with d={domain}, or let MAIL FROM be at {domain} and its SPF record name the sending address"
        ))
        .severity(severity),
    ]))
}

/// Receivers that follow RFC 6376 section 3.6.1 take the mail as unsigned, others do not.
fn only_by_test(facts: &Facts) -> Result<Verdict, Gap> {
    let domain = facts.author_domain()?;
    let summary = "DKIM alone carries DMARC, and its key says t=y: receivers may take the mail as unsigned, and DMARC then fails";
    Ok(Verdict::Fail(vec![
        Problem::at(Subject::Domain(domain.clone()), summary)
            .severity(Severity::Medium)
            .fix("Take t=y out of the key record once the signatures hold, see dkim-key-testing"),
    ]))
}
