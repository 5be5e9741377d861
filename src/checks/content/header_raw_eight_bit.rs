//! A header holds unencoded characters outside ASCII.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "header-raw-eight-bit",
    area: Area::Content,
    title: "a header holds unencoded characters outside ASCII",
    severity: Severity::Medium,
    why: "\
        Header text must be ASCII; without encoded words readers show garbage, SpamAssassin \
        adds up to 1.5 points, and Google answers 554 5.6.0 to what it cannot read.",
    fix: "\
        Encode the text as RFC 2047 words: `=?utf-8?Q?...?=`; every mail library does it \
        when given text instead of bytes.",
    references: &[
        Reference::Rfc { number: 5322, section: "2.2" },
        Reference::Rfc { number: 2047, section: "2" },
        Reference::Rfc { number: 6532, section: "3" },
    ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let mut problems = Vec::new();
    for field in message.fields().iter().filter(|field| field.is_eight_bit()).take(20) {
        let utf8 = std::str::from_utf8(&field.value).is_ok();
        let kind = if utf8 { "raw UTF-8" } else { "raw bytes of some 8-bit charset" };
        let known = KNOWN.iter().any(|name| field.is(name));
        let text: String = field.text().chars().filter(|c| !c.is_control()).take(30).collect();
        problems.push(
            Problem::at(
                message.header_subject(field),
                format!("{} holds {kind}; header text must be ASCII", plain(&field.name, Width::Word)),
            )
            .proof(format!("{}: {}", plain(&field.name, Width::Word), plain(field.text(), Width::Name)))
            .fix(if known {
                format!("write it as {}: {}", field.name, encoded(&text))
            } else {
                "encode it, or leave it out".to_owned()
            })
            .severity(if known { Severity::Medium } else { Severity::Low })
            .located(message.location(field.line)),
        );
    }
    Ok(Verdict::from_problems(problems))
}

/// Fields readers see.
const KNOWN: &[&str] = &["From", "To", "Cc", "Reply-To", "Sender", "Subject"];

/// An encoded word in Q form (RFC 2047 section 4.2), of a text short enough for one.
fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::from("=?utf-8?Q?");
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('_'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "={byte:02X}");
            }
        }
        if out.len() > 68 {
            break;
        }
    }
    out + "?="
}
