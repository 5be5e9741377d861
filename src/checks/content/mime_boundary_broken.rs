//! The parts of the message are not delimited as declared.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::message::PartFault;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "mime-boundary-broken",
    area: Area::Content,
    title: "the parts of the message are not delimited as declared",
    severity: Severity::High,
    why: "\
        Readers cannot find the parts: recipients see raw source, an empty message or lose \
        attachments, and scanners treat broken MIME as evasion.",
    fix: "\
        Let a mail library write the multipart; the boundary in Content-Type must equal the \
        delimiter lines, and the last one ends in `--`.",
    references: &[Reference::Rfc { number: 2046, section: "5.1.1" }],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let mut problems = Vec::new();
    for part in message.parts() {
        for fault in &part.faults {
            let (summary, fix, severity) = match fault {
                PartFault::BoundaryMissing => (
                    format!(
                        "part {} is {} and declares no boundary",
                        part.path,
                        plain(&part.content_type, Width::Word)
                    ),
                    "write: Content-Type: multipart/alternative; boundary=\"b1\"".to_owned(),
                    Severity::High,
                ),
                PartFault::BoundaryUnused(boundary) => (
                    format!(
                        "part {} declares the boundary {:?}, which never occurs",
                        part.path,
                        plain(boundary, Width::Name)
                    ),
                    format!("begin each part with the line --{}", plain(boundary, Width::Name)),
                    Severity::High,
                ),
                PartFault::Unclosed(boundary) => (
                    format!(
                        "part {} is never closed: the line --{}-- is missing",
                        part.path,
                        plain(boundary, Width::Name)
                    ),
                    format!("end the last part with the line --{}--", plain(boundary, Width::Name)),
                    Severity::Medium,
                ),
                PartFault::BoundaryMalformed(boundary) => (
                    format!(
                        "part {} has the boundary {:?}, which RFC 2046 does not allow",
                        part.path,
                        plain(boundary, Width::Name)
                    ),
                    "use at most 70 letters and digits".to_owned(),
                    Severity::Medium,
                ),
                PartFault::Epilogue(bytes) if *bytes > 200 => (
                    format!("{bytes} bytes of text follow the last part {} and are never shown", part.path),
                    "move the text into a part: gateways that append footers must add a part".to_owned(),
                    Severity::Low,
                ),
                _ => continue,
            };
            problems.push(
                Problem::at(message.part_subject(part), summary)
                    .fix(fix)
                    .severity(severity)
                    .located(message.location(part.line)),
            );
        }
    }
    problems.truncate(20);
    Ok(Verdict::from_problems(problems))
}
