//! Is there a DMARC record for the author domain, at it or above it?

use super::{applying, own_steps};
use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dmarc-missing",
    area: Area::Authentication,
    title: "the domain has no DMARC record",
    severity: Severity::High,
    why: "\
        Google, Yahoo and Microsoft require a DMARC record from those who send in bulk and trust \
        others less without one; anybody can write mail in your name and you are not told.",
    fix: "Publish v=DMARC1; p=none; rua=mailto:ADDRESS at _dmarc, read the reports, then raise the policy.",
    references: &[Reference::Rfc { number: 9989, section: "4.10" }, pages::GOOGLE_SENDERS],
    needs: &[Topic::Dmarc],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    if applying(facts)?.is_some() {
        return Ok(Verdict::Pass);
    }
    let (steps, _) = own_steps(facts)?;
    if steps.iter().any(|(_, state)| !state.near_misses.is_empty()) {
        return Ok(Verdict::NotApplicable("a record is there but is not recognised, see dmarc-syntax"));
    }
    if steps.iter().any(|(_, state)| state.records.len() > 1) {
        return Ok(Verdict::NotApplicable("several records cancel each other, see dmarc-multiple"));
    }
    let dmarc = facts.dmarc()?;
    let top = crate::parse::web::psl::organizational(&dmarc.domain);
    let asked: Vec<String> =
        dmarc.walk.steps.iter().map(|step| step.name.prefixed("_dmarc").to_string()).collect();
    Ok(Verdict::Fail(vec![
        Problem::at(
            Subject::Domain(dmarc.domain.clone()),
            format!("no DMARC record at {}: anybody may send as {}", asked.join(", "), dmarc.domain),
        )
        .fix(format!(
            "Publish _dmarc.{top}. IN TXT \"v=DMARC1; p=none; rua=mailto:dmarc-reports@{top}\" (with a \
             mailbox you read), and raise p= to quarantine and reject once the reports show your own mail passing"
        )),
    ]))
}
