//! HTML source is sent as plain text.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "html-as-plain-text",
    area: Area::Content,
    title: "HTML source is sent as plain text",
    severity: Severity::High,
    why: "Recipients see tags instead of the message.",
    fix: "Declare the part as HTML: `Content-Type: text/html; charset=utf-8`.",
    references: &[Reference::Rfc { number: 2046, section: "4.1.3" }],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let mut problems = Vec::new();
    for body in message.bodies().iter().filter(|body| !body.is_html) {
        let Some(part) = message.parts().get(body.part) else { continue };
        let start: String = body.text.trim_start().chars().take(200).collect::<String>().to_ascii_lowercase();
        let begins = ["<!doctype html", "<html", "<head", "<body", "<table", "<div", "<p>", "<p "]
            .iter()
            .any(|tag| start.starts_with(tag));
        let end = body.text.trim_end().to_ascii_lowercase();
        let closes =
            ["</html>", "</body>", "</div>", "</table>", "</p>"].iter().any(|tag| end.ends_with(tag));
        if begins && closes {
            problems.push(
                Problem::at(
                    message.part_subject(part),
                    format!(
                        "part {} is declared {} and holds HTML source",
                        part.path,
                        plain(&part.content_type, Width::Word)
                    ),
                )
                .proof(plain(start.trim(), Width::Name))
                .fix("write: Content-Type: text/html; charset=utf-8")
                .located(message.location(part.body_line)),
            );
        }
    }
    Ok(Verdict::from_problems(problems))
}
