//! The plain-text part says something else than the HTML.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::{Facts, MessageFacts};
use crate::model::{Area, Confidence, Gap, Severity, Topic};
use crate::parse::message::Body;
use crate::parse::text::distinct::Distinct;
use crate::parse::text::plain_text;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "text-part-differs",
    area: Area::Content,
    title: "the plain-text part says something else than the HTML",
    severity: Severity::Medium,
    why: "\
        Filters compare the two: SpamAssassin adds up to 1.1 points and Rspamd 1 where the \
        words differ, because spam hides harmless text in one of them.",
    fix: "Make the text part from the HTML: the same sentences and links, without the markup.",
    references: &[Reference::Rfc { number: 2046, section: "5.1.4" }],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some((text, html)) = alternatives(message) else {
        return Ok(Verdict::NotApplicable("no multipart/alternative with text and HTML"));
    };
    let (text_folded, html_folded) = (text.text.to_lowercase(), html.text.to_lowercase());
    let (in_text, in_html) = (words(&text_folded), words(&html_folded));
    if in_html.len() < FEW && in_text.len() < FEW {
        return Ok(Verdict::NotApplicable("too few words to compare"));
    }
    let fewer = in_text.len().min(in_html.len()).max(1);
    let common = in_text.common(&in_html);
    let share = common * 100 / fewer;
    let Some(part) = message.parts().get(text.part) else { return Ok(Verdict::Pass) };
    let hint = in_text.len() * 10 < in_html.len() && in_html.len() > 5 * FEW;
    let (summary, severity) = if share < 50 {
        (
            format!(
                "the text part shares {share} % of its words with the HTML; filters expect the same message"
            ),
            Severity::Medium,
        )
    } else if hint {
        (
            format!(
                "the text part has {} words, the HTML {}; filters expect the same message",
                in_text.len(),
                in_html.len()
            ),
            Severity::Low,
        )
    } else {
        return Ok(Verdict::Pass);
    };
    Ok(Verdict::Fail(vec![
        Problem::at(message.part_subject(part), summary)
            .fix("generate the text part from the HTML when the message is built")
            .severity(severity)
            .confidence(Confidence::Firm)
            .located(message.location(part.line)),
    ]))
}

/// Below this a shared greeting decides everything.
const FEW: usize = 15;

/// The plain text and the HTML of one multipart/alternative.
fn alternatives(message: &MessageFacts) -> Option<(&Body, &crate::parse::message::Html)> {
    let parts = message.parts();
    let html = message.html()?;
    let parent = parts.get(html.part)?.parent?;
    let alternative = |mut at: usize| {
        for _ in 0..8 {
            let part = parts.get(at)?;
            if part.content_type == "multipart/alternative" {
                return Some(at);
            }
            at = part.parent?;
        }
        None
    };
    let container = alternative(parent)?;
    let text = message
        .text_body()
        .filter(|body| parts.get(body.part).and_then(|part| alternative(part.parent?)) == Some(container))?;
    Some((text, html))
}

/// Words of three letters and more of a text in lower case, without addresses and
/// links.
fn words(lower: &str) -> Distinct<'_> {
    let mut found = Distinct::with_capacity(lower.len() / 16);
    let is_blank = |byte: u8| byte.is_ascii_whitespace();
    for (token, plain) in plain_text::tokens(lower, plain_text::lower_case_run, is_blank) {
        if found.len() >= 20_000 {
            break;
        }
        // Nearly every one.
        if plain {
            if token.len() >= 3 {
                found.insert(token);
            }
        } else if !is_address(token) {
            let parts = token.split(|c: char| !c.is_alphanumeric());
            for word in parts.filter(|word| word.len() >= 3 && word.chars().nth(2).is_some()) {
                found.insert(word);
            }
        }
    }
    found
}

fn is_address(token: &str) -> bool {
    let mut marks = memchr::memchr2_iter(b'@', b':', token.as_bytes());
    marks.any(|at| token.as_bytes()[at] == b'@' || token[at..].starts_with("://"))
        || token.starts_with("www.")
}
