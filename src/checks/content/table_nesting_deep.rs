//! Tables are nested too deep.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "table-nesting-deep",
    area: Area::Content,
    title: "tables are nested too deep",
    severity: Severity::Low,
    why: "\
        Outlook lays out deeply nested tables slowly and wrongly, and Gmail counts every tag \
        towards the size at which it clips.",
    fix: "Flatten the layout to five levels or fewer.",
    references: &[pages::CAN_I_EMAIL],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    if message.htmls().is_empty() {
        return Ok(Verdict::NotApplicable("the message has no HTML part"));
    }
    let mut problems = Vec::new();
    for (html, part) in message.html_parts() {
        if html.table_depth <= 8 {
            continue;
        }
        problems.push(
            Problem::at(
                message.part_subject(part),
                format!("tables nested {} deep; over 8 Outlook breaks layouts", html.table_depth),
            )
            .fix("use padding and rowspan in place of wrapper tables")
            .located(message.location(part.line)),
        );
    }
    Ok(Verdict::from_problems(problems))
}
