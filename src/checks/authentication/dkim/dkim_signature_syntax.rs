//! Can verifiers read the signatures?

use super::{field, judge_signatures, label};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dkim-signature-syntax",
    area: Area::Authentication,
    title: "a DKIM-Signature field is malformed",
    severity: Severity::High,
    why: "\
        Verifiers must ignore a signature that breaks the rules: a missing tag, a From that is not \
        signed, an i= outside d=. Some are lax, so the fault shows only at some receivers.",
    fix: "Correct the signer's settings; the summary names the tag.",
    references: &[Reference::Rfc { number: 6376, section: "6.1.1" }],
    needs: &[Topic::Dkim],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    judge_signatures(facts, |at, _| {
        let faults = &at.signature.faults;
        let worst = faults.iter().find(|fault| fault.fatal).or_else(|| faults.first())?;
        let more = match faults.len() {
            1 => String::new(),
            count => format!(" (and {} more)", count - 1),
        };
        let severity = if worst.fatal { Severity::High } else { Severity::Low };
        let part = at.signature.text.get(worst.span.clone()).unwrap_or_default().trim();
        Some(
            Problem::at(field(at), format!("{}: {}{more}", label(at), worst.text))
                .proof(crate::model::untrusted::plain(part, Width::Record))
                .severity(severity)
                .fix("Update or reconfigure the signer so that it writes this tag as RFC 6376 section 3.5 says"),
        )
    })
}
