//! Does a signature leave part of the body open?

use super::{field, is_readable, judge_signatures, label};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dkim-body-partial",
    area: Area::Authentication,
    title: "a DKIM signature covers only part of the body",
    severity: Severity::Medium,
    why: "\
        With l= anyone can append text to the mail, even replace what the reader sees, and the \
        signature still verifies. Some receivers distrust such signatures altogether.",
    fix: "Configure the signer to leave l= out.",
    references: &[Reference::Rfc { number: 6376, section: "8.2" }],
    needs: &[Topic::Dkim],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    judge_signatures(facts, |at, verified| {
        let length = at.signature.body_length.filter(|_| is_readable(verified))?;
        let severity = if length == 0 { Severity::High } else { Severity::Medium };
        let summary = match length {
            0 => format!("{}: l=0 signs no body at all", label(at)),
            _ => format!("{}: l={length}: what follows octet {length} can be replaced by anyone", label(at)),
        };
        Some(
            Problem::at(field(at), summary)
                .severity(severity)
                .fix("Remove l= at the signer (OpenDKIM: remove BodyLengths and AlwaysSignBodyLength)"),
        )
    })
}
