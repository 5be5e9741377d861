//! 8-bit text is declared as 7bit.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::message::TransferEncoding;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "eight-bit-undeclared",
    area: Area::Content,
    title: "8-bit text is declared as 7bit",
    severity: Severity::Medium,
    why: "\
        A relay may strip or convert the high bits, which breaks text and DKIM signature; \
        Rspamd adds 3.5 points for it.",
    fix: "\
        Declare `Content-Transfer-Encoding: 8bit`, or better quoted-printable, which \
        survives every path.",
    references: &[
        Reference::Rfc { number: 2045, section: "6.2" },
        Reference::Rfc { number: 2045, section: "2.7" },
    ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let mut problems = Vec::new();
    for part in message.parts().iter().filter(|part| part.is_leaf() && !part.is_multipart()) {
        let bytes = message.raw().get(part.body.clone()).unwrap_or_default();
        if part.encoding != TransferEncoding::SevenBit || bytes.is_ascii() {
            continue;
        }
        let declared = part.fields.iter().chain(message.fields().iter().filter(|_| part.parent.is_none()));
        let stated = declared.into_iter().any(|field| field.is("Content-Transfer-Encoding"));
        let at = bytes.iter().position(|byte| *byte > 127).unwrap_or_default();
        let how = if stated { "declares 7bit" } else { "declares no transfer encoding, so 7bit," };
        problems.push(
            Problem::at(
                message.part_subject(part),
                format!("part {} {how} and holds 8-bit bytes", part.path),
            )
            .fix("encode it and write: Content-Transfer-Encoding: quoted-printable")
            .severity(if stated { Severity::Medium } else { Severity::Low })
            .located(message.location(message.line_of(part.body.start + at))),
        );
    }
    problems.truncate(20);
    Ok(Verdict::from_problems(problems))
}
