//! Can a second From or Subject be added without breaking the signature?

use super::{is_readable, message};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dkim-header-addable",
    area: Area::Authentication,
    title: "a second From or Subject could be added unnoticed",
    severity: Severity::Info,
    why: "\
        Verifiers take repeated fields from the bottom, mail readers often show the top one. Naming a \
        field once more in h= than it occurs (oversigning) makes an addition break the signature.",
    fix: "Name From, Subject, To, Date and Reply-To once more in h= than they occur.",
    references: &[Reference::Rfc { number: 6376, section: "8.15" }],
    needs: &[Topic::Dkim],
    since: "0.1.0",
    run,
};

const SHOWN: [&str; 3] = ["From", "Subject", "Reply-To"];

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = message(facts)?;
    let readable: Vec<_> = facts
        .dkim()
        .results
        .iter()
        .filter(|one| is_readable(one))
        .filter_map(|one| message.signatures.get(one.index))
        .collect();
    if readable.is_empty() {
        return Ok(Verdict::NotApplicable("the message has no readable signature"));
    }
    let open: Vec<&str> = SHOWN
        .into_iter()
        .filter(|name| {
            let count = message.header.all(name).count();
            !readable.iter().any(|at| at.signature.times_signed(name) > count)
        })
        .collect();
    // Only From is worth a word alone: the rest follows from the same setting.
    if !open.contains(&"From") {
        return Ok(Verdict::Pass);
    }
    Ok(Verdict::Fail(vec![
        Problem::at(
            Subject::Message,
            format!("{} not oversigned: one more can be put on top and the signature holds", open.join(", ")),
        )
        .fix("Oversign them (OpenDKIM: OversignHeaders From,Subject,Reply-To; rspamd: (o)from in sign_headers)"),
    ]))
}
