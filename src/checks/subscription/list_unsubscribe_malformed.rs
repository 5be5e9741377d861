//! The List-Unsubscribe header cannot be read.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::subscription::unsubscribe::{Scheme, placeholder};
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "list-unsubscribe-malformed",
    area: Area::Subscription,
    title: "the List-Unsubscribe header cannot be read",
    severity: Severity::Medium,
    why: "\
        Receivers take only addresses in angle brackets, separated by commas; anything else \
        shows no unsubscribe button.",
    fix: "\
        Write each address in angle brackets: `List-Unsubscribe: \
        <https://example.com/u/TOKEN>, <mailto:u@example.com>`.",
    references: &[
        Reference::Rfc { number: 2369, section: "2" },
        Reference::Rfc { number: 2369, section: "3.2" },
    ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some(unsubscribe) = facts.unsubscribe()? else {
        return Ok(Verdict::NotApplicable("no List-Unsubscribe header, see list-unsubscribe-missing"));
    };

    let mut faults = Vec::new();
    if unsubscribe.encoded {
        faults.push("it is written as encoded words, which receivers do not decode here".to_owned());
    }
    if unsubscribe.targets.is_empty() && unsubscribe.loose.is_empty() {
        faults.push("it is empty".to_owned());
    } else if unsubscribe.targets.is_empty() {
        faults.push("no address stands in angle brackets".to_owned());
    } else if !unsubscribe.loose.is_empty() {
        faults
            .push(format!("{:?} stands outside the angle brackets", plain(&unsubscribe.loose, Width::Name)));
    }
    for target in &unsubscribe.targets {
        let shown = plain(&target.raw, Width::Name);
        match (&target.scheme, &target.host) {
            (Scheme::Other(_), _) => faults.push(format!("<{shown}> is neither https nor mailto")),
            (_, None) if placeholder(&target.raw).is_none() => {
                faults.push(format!("<{shown}> names no host"))
            }
            _ if target.raw.contains(char::is_whitespace) => {
                faults.push(format!("<{shown}> holds white space"))
            }
            _ => {}
        }
    }
    faults.truncate(10);
    Ok(Verdict::from_problems(
        faults
            .into_iter()
            .map(|fault| {
                Problem::at(message.header_subject(unsubscribe.field), format!("List-Unsubscribe: {fault}"))
                    .proof(format!("List-Unsubscribe: {}", plain(&unsubscribe.text, Width::Line)))
                    .fix("write: List-Unsubscribe: <https://example.com/u/TOKEN>, <mailto:u@example.com>")
                    .located(message.location(unsubscribe.field.line))
            })
            .collect(),
    ))
}
