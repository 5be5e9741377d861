//! The message is nothing but images.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::facts::message::kind::Nature;
use crate::facts::message::pixels::{Pictured, instead_of_text};
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

/// Letters and digits of a line that says what the picture is.
const GREETING: usize = 20;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    if message.htmls().is_empty() {
        return Ok(Verdict::NotApplicable("the message has no HTML part"));
    }
    let personal = facts.kind()?.nature == Nature::Personal;
    let mut problems = Vec::new();
    for (html, part) in message.html_parts() {
        let Some(Pictured { images, letters, foot, fills }) = instead_of_text(html) else { continue };
        // A line and a photo below it is a letter.
        if personal && letters >= GREETING && !fills {
            continue;
        }
        let shown = if images == 1 { "1 image".to_owned() } else { format!("{images} images") };
        let letters = if letters == 1 { "1 letter".to_owned() } else { format!("{letters} letters") };
        let apart = if foot { ", the foot apart" } else { "" };
        problems.push(
            Problem::at(
                message.part_subject(part),
                format!(
                    "{shown} and {letters} of text{apart}; filters and readers without images see nothing"
                ),
            )
            .fix("set headline, offer and footer as text beside the images, at least 200 characters")
            .located(message.location(part.line)),
        );
    }
    Ok(Verdict::from_problems(problems))
}
