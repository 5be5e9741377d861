//! The HTML holds a form.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::web::url::{Destination, WebLink};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "html-form",
    area: Area::Content,
    title: "the HTML holds a form",
    severity: Severity::Medium,
    why: "\
        Most mail programs disable forms or warn of them; phishing asks for passwords that way, \
        so filters add points.",
    fix: "Link to the form on your web site.",
    references: &[pages::CAN_I_EMAIL],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let sender = facts.sender()?;
    if message.htmls().is_empty() {
        return Ok(Verdict::NotApplicable("the message has no HTML part"));
    }
    let mut problems = Vec::new();
    for (html, part) in message.html_parts() {
        let fields = html
            .tags
            .iter()
            .filter(|tag| {
                matches!(&*tag.name, "input" | "textarea" | "select")
                    && tag.attribute("type") != Some("hidden")
            })
            .count();
        for tag in html.tags_named("form").take(3) {
            let action = tag.attribute("action").unwrap_or_default();
            // What asks for a secret or sends it to strangers is form-in-message's: one fault, one finding.
            let asks = html
                .tags_named("input")
                .any(|tag| tag.attribute("type").is_some_and(|t| t.eq_ignore_ascii_case("password")));
            let target = Destination::parse(action);
            let foreign = target
                .web()
                .and_then(WebLink::registrable)
                .is_some_and(|domain| !sender.answers_for(&domain));
            if asks || foreign {
                continue;
            }
            let to =
                if action.is_empty() { String::new() } else { format!(" to {}", plain(action, Width::Name)) };
            problems.push(
                Problem::at(
                    message.part_subject(part),
                    format!(
                        "a form with {fields} fields{to}; mail programs disable it and filters suspect it"
                    ),
                )
                .fix("replace the form by a link to the page that holds it")
                .located(message.location(tag.line)),
            );
        }
    }
    Ok(Verdict::from_problems(problems))
}
