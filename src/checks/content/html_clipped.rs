//! The HTML is longer than Gmail shows.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::message::LinkPlace;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "html-clipped",
    area: Area::Content,
    title: "the HTML is longer than Gmail shows",
    severity: Severity::Medium,
    why: "\
        Gmail cuts the HTML of a message at about 102 KB (observed by many senders; Google \
        states no figure) and hides the rest behind `View entire message`: the unsubscribe \
        link, postal address and tracking pixel at the end are gone.",
    fix: "\
        Bring the HTML under 100 KB: move inline styles into a style element, drop comments \
        and unused rules, link to long content.",
    references: &[Reference::Rfc { number: 5321, section: "4.5.3.1.7" }],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some((body, part)) =
        message.html_body().and_then(|body| Some((body, message.parts().get(body.part)?)))
    else {
        return Ok(Verdict::NotApplicable("the message has no HTML part"));
    };
    let size = body.text.len();
    if size <= CLIP {
        return Ok(Verdict::Pass);
    }
    let lost =
        message.links().iter().filter(|link| link.part == Some(body.part) && link.place == LinkPlace::Anchor);
    let lost = lost.filter(|link| body.line(CLIP.min(size)) < link.line).count();
    Ok(Verdict::Fail(vec![
        Problem::at(
            message.part_subject(part),
            format!("the HTML has {} KB; Gmail shows the first 102 and hides the rest, with {lost} links in later lines", size / 1024),
        )
        .fix(format!("save {} KB: inline styles, comments, unused CSS, repeated blocks", (size - CLIP) / 1024 + 1))
        .located(message.location(body.line(CLIP))),
    ]))
}

/// Bytes of HTML after decoding that Gmail shows.
const CLIP: usize = 102 * 1024;
