//! Plain ASCII text is sent as base64.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::message::MessageFacts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::message::TransferEncoding;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "text-base64-needless",
    area: Area::Content,
    title: "plain ASCII text is sent as base64",
    severity: Severity::Low,
    why: "\
        Spammers hide words in base64, so SpamAssassin adds up to 1.7 points where nothing \
        in the text needs it.",
    fix: "\
        Send ASCII text as 7bit, other text as quoted-printable; keep base64 for files and \
        scripts such as Chinese.",
    references: &[Reference::Rfc { number: 2045, section: "6.8" }],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let mut problems = Vec::new();
    for body in message.bodies() {
        let Some(part) = message.parts().get(body.part) else { continue };
        // A signature over the part holds only while nothing re-encodes it, and base64 is left alone.
        if is_signed(message, body.part) {
            continue;
        }
        if part.encoding == TransferEncoding::Base64 && body.text.is_ascii() && !body.text.trim().is_empty() {
            problems.push(
                Problem::at(
                    message.part_subject(part),
                    format!("part {} is pure ASCII and encoded as base64, as spam is", part.path),
                )
                .fix("send it with Content-Transfer-Encoding: 7bit, or quoted-printable where lines are long")
                .located(message.location(part.line)),
            );
        }
    }
    Ok(Verdict::from_problems(problems))
}

/// The part or one around it is signed: multipart/signed, or an unobtrusive signature in its header.
fn is_signed(message: &MessageFacts, part: usize) -> bool {
    let mut at = Some(part);
    while let Some(index) = at {
        let Some(part) = message.parts().get(index) else { return false };
        if part.content_type == "multipart/signed" || part.fields.iter().any(|field| field.is("Sig")) {
            return true;
        }
        at = part.parent;
    }
    false
}
