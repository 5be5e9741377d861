//! Are the fields that readers and robots act on signed?

use super::{is_readable, message};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dkim-header-unsigned",
    area: Area::Authentication,
    title: "important header fields are not signed",
    severity: Severity::Low,
    why: "\
        A field no signature covers can be changed on the way and the mail still verifies: spammers \
        replay signed mail with another Subject or To. One-click unsubscribe is honoured only where \
        both its fields are signed.",
    fix: "Add the fields to the list the signer covers.",
    references: &[
        Reference::Rfc { number: 6376, section: "5.4.1" },
        Reference::Rfc { number: 8058, section: "4" },
    ],
    needs: &[Topic::Dkim],
    since: "0.1.0",
    run,
};

/// Field, and how bad it is to leave it open.
const IMPORTANT: [(&str, Severity); 11] = [
    ("Subject", Severity::Medium),
    ("Reply-To", Severity::Medium),
    ("List-Unsubscribe", Severity::High),
    ("List-Unsubscribe-Post", Severity::High),
    ("Date", Severity::Low),
    ("To", Severity::Low),
    ("Cc", Severity::Low),
    ("Content-Type", Severity::Low),
    ("In-Reply-To", Severity::Info),
    ("References", Severity::Info),
    ("Message-ID", Severity::Low),
];

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = message(facts)?;
    let readable: Vec<_> = facts
        .dkim()
        .results
        .iter()
        .filter(|one| is_readable(one))
        .filter_map(|one| message.signatures.get(one.index))
        .collect();
    if readable.is_empty() {
        return Ok(Verdict::NotApplicable("the message has no readable signature"));
    }
    let one_click = message.header.all("List-Unsubscribe-Post").next().is_some();
    let mut problems = Vec::new();
    for (name, severity) in IMPORTANT {
        let Some(field) = message.header.all(name).next() else { continue };
        if readable.iter().any(|at| at.signature.times_signed(name) > 0) {
            continue;
        }
        // Without one-click only the mail reader's button is at stake.
        let severity = if name == "List-Unsubscribe" && !one_click { Severity::Low } else { severity };
        let consequence = match name {
            "List-Unsubscribe" | "List-Unsubscribe-Post" if one_click => {
                "receivers do not honour one-click unsubscribe"
            }
            _ => "it can be replaced on the way",
        };
        problems.push(
            Problem::at(
                Subject::Header { name: name.to_owned(), line: Some(field.line) },
                format!("{name} is in the message and in no signature's h=: {consequence}"),
            )
            .severity(severity)
            .fix(format!(
                "Add {name} to the fields the signer covers (OpenDKIM: SignHeaders or OversignHeaders)"
            ))
            .located(super::location(facts, field.line)),
        );
    }
    Ok(Verdict::from_problems(problems))
}
