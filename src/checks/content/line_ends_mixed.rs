//! The message mixes line ends.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::parse::message::LineEnds;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "line-ends-mixed",
    area: Area::Content,
    title: "the message mixes line ends",
    severity: Severity::Medium,
    why: "\
        A CR or LF alone is forbidden in SMTP. Servers hardened against SMTP smuggling \
        refuse it, others rewrite it, and rewriting breaks the DKIM signature.",
    fix: "\
        End every line with CR LF when handing the message over, and encode text that holds \
        a lone CR.",
    references: &[
        Reference::Rfc { number: 5321, section: "2.3.8" },
        Reference::Rfc { number: 5322, section: "2.3" },
    ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let lines = message.lines();
    let mut problems = Vec::new();
    if lines.bare_cr.count > 0 {
        problems.push(
            Problem::at(
                Subject::Message,
                format!(
                    "{} a CR without LF, the first is line {}",
                    counted(lines.bare_cr.count, "line holds", "lines hold"),
                    lines.bare_cr.first
                ),
            )
            .fix("replace lone CRs by CR LF, or encode the part as quoted-printable")
            .located(message.location(lines.bare_cr.first)),
        );
    }
    // A file with LF throughout is how Unix stores mail; the relay sends CR LF.
    if lines.ends() == LineEnds::Mixed {
        problems.push(
            Problem::at(
                Subject::Message,
                format!(
                    "{} in LF alone while {} in CR LF, the first is line {}",
                    counted(lines.bare_lf.count, "line ends", "lines end"),
                    counted(lines.crlf, "ends", "end"),
                    lines.bare_lf.first
                ),
            )
            .fix("end every line in CR LF; look for text pasted from a file into a finished message")
            .located(message.location(lines.bare_lf.first)),
        );
    }
    Ok(Verdict::from_problems(problems))
}

fn counted(count: u32, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
