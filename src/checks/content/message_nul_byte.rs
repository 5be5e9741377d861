//! The message holds NUL bytes.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "message-nul-byte",
    area: Area::Content,
    title: "the message holds NUL bytes",
    severity: Severity::High,
    why: "\
        NUL is forbidden in mail. Servers cut the message there, refuse it, or strip the \
        byte, and stripping breaks the DKIM signature.",
    fix: "Attach binary data as base64 and remove NULs from text.",
    references: &[
        Reference::Rfc { number: 5321, section: "4.5.2" },
        Reference::Rfc { number: 5322, section: "4" },
    ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let nul = message.lines().nul;
    if nul.count == 0 {
        return Ok(Verdict::Pass);
    }
    Ok(Verdict::Fail(vec![
        Problem::at(
            Subject::Message,
            format!("{} lines hold NUL bytes, the first is line {}", nul.count, nul.first),
        )
        .fix("send the part with Content-Transfer-Encoding: base64")
        .located(message.location(nul.first)),
    ]))
}
