//! The message exceeds what mailvet reads.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "message-partly-read",
    area: Area::Content,
    title: "the message exceeds what mailvet reads",
    severity: Severity::Info,
    why: "\
        Beyond these limits nothing was judged, so a pass of other checks says nothing about \
        the rest; scanners have such limits too and may refuse what exceeds them.",
    fix: "Send fewer parts, shallower nesting and shorter HTML.",
    references: &[Reference::Rfc { number: 2046, section: "5.1" }],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let limits = message.limits();
    let problems = limits
        .iter()
        .map(|limit| Problem::at(Subject::Message, limit.to_string()).confidence(Confidence::Certain))
        .collect();
    Ok(Verdict::from_problems(problems))
}
