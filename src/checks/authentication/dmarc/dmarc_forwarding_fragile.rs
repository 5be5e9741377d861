//! Will the mail still pass DMARC after a plain forward?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::dmarc::verdict::DmarcResult;
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dmarc-forwarding-fragile",
    area: Area::Authentication,
    title: "DMARC passes by SPF alone and breaks when the mail is forwarded",
    severity: Severity::Medium,
    why: "\
        A forwarder sends from its own address, so SPF fails there; a DKIM signature survives an \
        unchanged forward. With SPF alone, mail to alumni addresses, aliases and some hosted domains \
        fails DMARC.",
    fix: "Sign all mail with d= of the From domain.",
    references: &[Reference::Rfc { number: 7960, section: "3.2" }],
    needs: &[Topic::Spf, Topic::Dkim, Topic::Dmarc],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let prediction = facts.prediction()?;
    match (prediction.direct.result, prediction.forwarded.result) {
        (_, DmarcResult::Pass) if prediction.forwarded_only_by_test => {
            return Err(Gap::undecidable(
                "the DKIM key that carries DMARC says t=y: receivers may take the mail as unsigned",
            ));
        }
        (_, DmarcResult::Pass) => return Ok(Verdict::Pass),
        (DmarcResult::Pass, DmarcResult::Fail) => {}
        (_, DmarcResult::Temperror) => {
            let why = prediction.forwarded.reasons.join("; ");
            return Err(prediction.forwarded.gap.clone().unwrap_or_else(|| Gap::undecidable(why)));
        }
        (DmarcResult::Temperror, _) => {
            let why = prediction.direct.reasons.join("; ");
            return Err(prediction.direct.gap.clone().unwrap_or_else(|| Gap::undecidable(why)));
        }
        _ => return Ok(Verdict::NotApplicable("the mail does not pass even directly, see dmarc-unpassable")),
    }
    if prediction.results.dkim.is_empty() && facts.signed().is_none() {
        return Err(Gap::NotSupplied {
            what: "DKIM selector",
            flag: "--selector NAME, or a signed --message FILE",
        });
    }
    let domain = facts.author_domain()?;
    let dkim: Vec<String> =
        prediction.forwarded.reasons.iter().filter(|reason| reason.contains("DKIM")).cloned().collect();
    Ok(Verdict::Fail(vec![
        Problem::at(
            Subject::Domain(domain.clone()),
            format!("SPF alone carries DMARC; {}: forwarded mail fails", dkim.join("; ")),
        )
        .confidence(Confidence::Firm)
        .fix(format!("Sign with d={domain} and publish the key")),
    ]))
}
