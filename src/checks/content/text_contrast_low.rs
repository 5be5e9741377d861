//! Text can hardly be told from its background.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::facts::message::appearance::Rgb;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Confidence, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "text-contrast-low",
    area: Area::Content,
    title: "text can hardly be told from its background",
    severity: Severity::Low,
    why: "\
        Text in nearly the colour of its background is a trick to feed filters, and unreadable \
        for many where it is meant.",
    fix: "Use a contrast of at least 4.5 to 1 for text, and remove what nobody should read.",
    references: &[pages::WCAG_CONTRAST, pages::SPAMASSASSIN_TESTS],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

/// The ground mail programs show where a page names none.
const WHITE: Rgb = Rgb(255, 255, 255);

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    if message.htmls().is_empty() {
        return Ok(Verdict::NotApplicable("the message has no HTML part"));
    }
    let mut problems = Vec::new();
    for (html, part) in message.html_parts() {
        let mut invisible = 0;
        let mut seen = 0;
        for look in message.looks(html) {
            let Some(tag) = html.tags.get(look.tag) else { continue };
            let ground = look.background.or(look.on_default.then_some(WHITE));
            let (Some(color), Some(background)) = (look.color, ground) else { continue };
            let contrast = color.contrast(background);
            if contrast >= 2.0 {
                continue;
            }
            let text = html.text_of(tag);
            let letters = text.chars().filter(|c| c.is_alphanumeric()).count();
            if letters < 4 {
                continue;
            }
            seen += 1;
            invisible += if contrast < 1.2 { letters } else { 0 };
            if seen <= 5 {
                problems.push(
                    Problem::at(
                        message.part_subject(part),
                        format!(
                            "\"{}\" is {} on {}, contrast {contrast:.1} to 1",
                            plain(text, Width::Word),
                            color.hex(),
                            background.hex()
                        ),
                    )
                    .fix(format!("choose a colour with 4.5 to 1 on {}", background.hex()))
                    .confidence(Confidence::Firm)
                    .severity(if invisible > 200 { Severity::Medium } else { Severity::Low })
                    .located(message.location(tag.line)),
                );
            }
        }
    }
    Ok(Verdict::from_problems(problems))
}
