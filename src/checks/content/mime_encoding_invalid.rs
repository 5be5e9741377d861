//! A part does not decode by its transfer encoding.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::message::TransferEncoding;
use crate::parse::message::transfer::TransferFaultKind;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "mime-encoding-invalid",
    area: Area::Content,
    title: "a part does not decode by its transfer encoding",
    severity: Severity::Medium,
    why: "\
        Readers show garbage or a damaged attachment, and scanners that decode otherwise \
        than the reader treat it as evasion.",
    fix: "\
        Encode the part with a mail library after the text is final; nothing may edit it \
        afterwards.",
    references: &[
        Reference::Rfc { number: 2045, section: "6.7" },
        Reference::Rfc { number: 2045, section: "6.8" },
    ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let mut problems = Vec::new();
    for (at, part) in message.parts().iter().enumerate().filter(|(_, part)| part.is_leaf()) {
        if !matches!(part.encoding, TransferEncoding::Base64 | TransferEncoding::QuotedPrintable) {
            continue;
        }
        let of_body =
            message.bodies().iter().find(|body| body.part == at).map(|body| body.transfer_faults.clone());
        let faults = of_body.unwrap_or_else(|| message.decoded(part).faults.clone());
        for fault in faults {
            let (what, severity) = match fault.kind {
                TransferFaultKind::ForeignByte => {
                    ("characters outside the base64 alphabet", Severity::Medium)
                }
                TransferFaultKind::AfterPadding => ("text after the base64 padding", Severity::Medium),
                TransferFaultKind::Incomplete => ("a base64 group that is cut short", Severity::Medium),
                TransferFaultKind::BadEscape => ("= signs without two hexadecimal digits", Severity::Medium),
                TransferFaultKind::RawEightBit => ("unencoded 8-bit bytes", Severity::Low),
                TransferFaultKind::LongLine => ("encoded lines over 76 characters", Severity::Low),
            };
            let line = part.body_line.saturating_add(u32::try_from(fault.line).unwrap_or(u32::MAX));
            problems.push(
                Problem::at(
                    message.part_subject(part),
                    format!(
                        "part {} ({}) holds {what}, {} in all, first in line {line}",
                        part.path,
                        part.encoding.name(),
                        fault.count
                    ),
                )
                .fix(format!("encode the part again as {}", part.encoding.name()))
                .severity(severity)
                .located(message.location(line)),
            );
        }
        if problems.len() > 20 {
            break;
        }
    }
    Ok(Verdict::from_problems(problems))
}
