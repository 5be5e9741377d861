//! Text outside ASCII is sent without a charset.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "charset-missing",
    area: Area::Content,
    title: "text outside ASCII is sent without a charset",
    severity: Severity::Medium,
    why: "\
        Without a charset readers guess, and recipients see garbage for umlauts, accents and \
        dashes.",
    fix: "Declare what the bytes are: `Content-Type: text/plain; charset=utf-8`.",
    references: &[Reference::Rfc { number: 2046, section: "4.1.2" }],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let mut problems = Vec::new();
    for body in message.bodies() {
        let Some(part) = message.parts().get(body.part) else { continue };
        if part.charset.is_some() || body.text.is_ascii() || !part.content_type.starts_with("text/") {
            continue;
        }
        let at = body.text.find(|c: char| !c.is_ascii()).unwrap_or_default();
        let line = body.line(at);
        let near: String = body.text.get(at..).unwrap_or_default().chars().take(20).collect();
        problems.push(
            Problem::at(
                message.part_subject(part),
                format!(
                    "part {} holds {:?} and names no charset; readers must guess",
                    part.path,
                    plain(&near, Width::Word)
                ),
            )
            .fix(format!("write: Content-Type: {}; charset=utf-8, and send UTF-8", part.content_type))
            .located(message.location(line)),
        );
    }
    Ok(Verdict::from_problems(problems))
}
