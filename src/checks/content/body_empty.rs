//! The message says nothing.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "body-empty",
    area: Area::Content,
    title: "the message says nothing",
    severity: Severity::Medium,
    why: "\
        A message without text, image or attachment is a test of addresses in the eyes of \
        filters: SpamAssassin adds 2.3 points.",
    fix: "Check the template: a variable for the whole body was probably empty.",
    references: &[Reference::Rfc { number: 5322, section: "2.3" }],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let said = message.bodies().iter().any(|body| !body.is_html && !body.text.trim().is_empty())
        || message
            .htmls()
            .iter()
            .any(|html| !html.text.trim().is_empty() || html.tags_named("img").next().is_some());
    if said || message.attachments().next().is_some() {
        return Ok(Verdict::Pass);
    }
    message.seen_whole()?;
    Ok(Verdict::Fail(vec![
        Problem::at(Subject::Message, "no visible text, no image and no attachment")
            .fix("find the template variable that was empty, and refuse to send when it is")
            .located(message.location(message.header().body_line)),
    ]))
}
