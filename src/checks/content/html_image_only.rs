//! The message is nothing but images.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::facts::message::pixels::is_pixel;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "html-image-only",
    area: Area::Content,
    title: "the message is nothing but images",
    severity: Severity::Medium,
    why: "\
        Filters cannot read images, so mail of images alone is what spammers send: SpamAssassin \
        adds up to 2 points. Many readers see only empty frames until they allow images.",
    fix: "Say in text what matters: the offer, the sender, the way out.",
    references: &[pages::SPAMASSASSIN_TESTS],
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
        let images = html.tags_named("img").filter(|tag| !tag.hidden && !is_pixel(tag)).count();
        let text = html.letters.alphanumeric;
        if images == 0 || text >= 60 {
            continue;
        }
        problems.push(
            Problem::at(message.part_subject(part), format!("{images} images and {text} letters of text; filters and readers without images see nothing"))
                .fix("set headline, offer and footer as text beside the images, at least 200 characters")
                .located(message.location(part.line)),
        );
    }
    Ok(Verdict::from_problems(problems))
}
