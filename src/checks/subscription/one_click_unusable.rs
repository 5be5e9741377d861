//! One-click unsubscribe is announced and has no address to call.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::subscription::unsubscribe::Scheme;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "one-click-unusable",
    area: Area::Subscription,
    title: "one-click unsubscribe is announced and has no address to call",
    severity: Severity::Medium,
    why: "\
        The POST goes to an https address in List-Unsubscribe; without one, or with several, \
        receivers show no button.",
    fix: "Give exactly one https address in List-Unsubscribe.",
    references: &[Reference::Rfc { number: 8058, section: "3.1" }],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some(field) = message.first("List-Unsubscribe-Post") else {
        return Ok(Verdict::NotApplicable("no List-Unsubscribe-Post header, see one-click-missing"));
    };
    let count = facts.unsubscribe()?.map_or(0, |unsubscribe| unsubscribe.of(&Scheme::Https).count());
    let summary = match count {
        1 => return Ok(Verdict::Pass),
        0 => "List-Unsubscribe-Post is set and List-Unsubscribe holds no https address to POST to".to_owned(),
        many => format!("List-Unsubscribe holds {many} https addresses; RFC 8058 asks for exactly one"),
    };
    Ok(Verdict::Fail(vec![
        Problem::at(message.header_subject(field), summary)
            .fix("write: List-Unsubscribe: <https://example.com/u/TOKEN>, <mailto:u-TOKEN@example.com>")
            .severity(if count == 0 { Severity::Medium } else { Severity::Low })
            .located(message.location(field.line)),
    ]))
}
