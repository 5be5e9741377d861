//! A MIME header cannot be read.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::message::{PartFault, TransferEncoding};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "mime-header-broken",
    area: Area::Content,
    title: "a MIME header cannot be read",
    severity: Severity::Medium,
    why: "\
        A part whose type or encoding cannot be read is shown as an unnamed file or not at \
        all, and scanners treat it as evasion.",
    fix: "\
        Write each MIME header once per part, in the form `Content-Type: type/subtype; \
        parameter=value`.",
    references: &[
        Reference::Rfc { number: 2045, section: "5.1" },
        Reference::Rfc { number: 2045, section: "6.1" },
    ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let mut problems = Vec::new();
    for part in message.parts() {
        for fault in &part.faults {
            let (summary, fix) = match fault {
                PartFault::TypeUnreadable(text) => (
                    format!(
                        "part {} has the Content-Type {:?}, which is no type/subtype",
                        part.path,
                        plain(text, Width::Name)
                    ),
                    "write for example: Content-Type: text/plain; charset=utf-8",
                ),
                PartFault::Repeated(name) => {
                    (format!("part {} has {name} more than once", part.path), "keep one of them")
                }
                PartFault::ContainerEncoded(encoding) => (
                    format!(
                        "part {} is {} and {encoding}; containers must be 7bit, 8bit or binary",
                        part.path,
                        plain(&part.content_type, Width::Word)
                    ),
                    "encode the parts inside, not the container",
                ),
                _ => continue,
            };
            problems.push(
                Problem::at(message.part_subject(part), summary)
                    .fix(fix)
                    .located(message.location(part.line)),
            );
        }
        if let TransferEncoding::Unknown(name) = &part.encoding {
            problems.push(
                Problem::at(
                    message.part_subject(part),
                    format!(
                        "part {} has the transfer encoding {:?}, which does not exist",
                        part.path,
                        plain(name, Width::Word)
                    ),
                )
                .fix("use 7bit, 8bit, quoted-printable or base64")
                .located(message.location(part.line)),
            );
        }
    }
    problems.truncate(20);
    Ok(Verdict::from_problems(problems))
}
