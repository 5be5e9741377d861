//! The List-Unsubscribe-Post header has the wrong value.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "one-click-malformed",
    area: Area::Subscription,
    title: "the List-Unsubscribe-Post header has the wrong value",
    severity: Severity::Medium,
    why: "\
        RFC 8058 allows exactly one value; anything else is ignored, so the mail counts as \
        having no one-click unsubscribe.",
    fix: "Write exactly `List-Unsubscribe-Post: List-Unsubscribe=One-Click`.",
    references: &[
        Reference::Rfc { number: 8058, section: "3.1" },
        Reference::Rfc { number: 8058, section: "5" },
    ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some(field) = message.first("List-Unsubscribe-Post") else {
        return Ok(Verdict::NotApplicable("no List-Unsubscribe-Post header, see one-click-missing"));
    };
    let text = field.unfolded();
    if text.trim() == "List-Unsubscribe=One-Click" {
        return Ok(Verdict::Pass);
    }
    Ok(Verdict::Fail(vec![
        Problem::at(
            message.header_subject(field),
            format!(
                "List-Unsubscribe-Post is {:?}; only \"List-Unsubscribe=One-Click\" counts",
                plain(text.trim(), Width::Name)
            ),
        )
        .fix("write: List-Unsubscribe-Post: List-Unsubscribe=One-Click")
        .severity(if text.trim().eq_ignore_ascii_case("List-Unsubscribe=One-Click") {
            Severity::Low
        } else {
            Severity::Medium
        })
        .located(message.location(field.line)),
    ]))
}
