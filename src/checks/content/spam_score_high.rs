//! The message looks like spam as a whole.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spam-score-high",
    area: Area::Content,
    title: "the message looks like spam as a whole",
    severity: Severity::Medium,
    why: "\
        The sum of words, form, structure and links that content filters weigh lies where spam \
        lies: under 1 % of wanted messages of the sample corpora reach 50.",
    fix: "Change the heaviest parts first; the sum is listed part by part in spam_parts of the \
        JSON report.",
    references: &[pages::SPAMASSASSIN_TESTS],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let score = facts.spam_score()?;
    if score.total < 50 {
        return Ok(Verdict::Pass);
    }
    let heaviest: Vec<_> =
        score.parts.iter().filter(|part| part.points >= 1.0 && part.name != "base").take(8).collect();
    let listed: Vec<String> = heaviest
        .iter()
        .map(|part| format!("{} +{:.0} ({})", part.name, part.points, part.evidence))
        .collect();
    let change: Vec<&str> = heaviest.iter().take(4).map(|part| remedy(&part.name)).collect();
    let mut steps: Vec<&str> = Vec::new();
    for step in change {
        if !steps.contains(&step) {
            steps.push(step);
        }
    }
    let severity = if score.total >= 75 { Severity::High } else { Severity::Medium };
    Ok(Verdict::Fail(vec![
        Problem::at(
            Subject::Message,
            format!(
                "spam score {} of 100, the threshold is 50; most weigh {}",
                score.total,
                listed.iter().take(3).cloned().collect::<Vec<_>>().join(", ")
            ),
        )
        .proof(listed.join("; "))
        .fix(steps.join("; "))
        .severity(severity)
        .confidence(Confidence::Firm)
        .located(message.location(1)),
    ]))
}

/// What to change about a part of the score.
fn remedy(part: &str) -> &'static str {
    match part.split(':').next().unwrap_or_default() {
        "word" => "say it without the words listed",
        "subject" => "reword the subject",
        "html-only" => "add a text/plain part with the same words",
        "html-doctype-missing" => "begin the HTML with <!DOCTYPE html>",
        "html-image-only" | "html-images-over-text" => "say in text what the images say",
        "html-large-type" | "html-coloured-type" | "html-blinking" => {
            "use one size and colour of type for the text"
        }
        "html-hidden-text" => "remove text that readers do not see",
        "html-active" | "html-form" | "html-frame" => "remove scripts, forms and frames",
        "recipient-hidden" => "put the recipient's address into To",
        "recipient-is-sender" => "put the recipient's address into To, not your own",
        "reply-to-elsewhere" => "use one domain in From and Reply-To",
        "from-digits" | "from-name-capitals" | "from-name-signs" | "from-name-missing" => {
            "send from a plain name and address of your domain"
        }
        "header-raw-eight-bit" => "encode header text (RFC 2047)",
        "text-base64" => "send ASCII text as 7bit or quoted-printable",
        "charset-wrong" | "mime-broken" => "mend the charset and MIME structure, see those findings",
        "body-capitals" => "write in lower case",
        "body-exclamations-doubled" | "body-exclamations" => "remove the exclamation marks",
        "body-disguised" | "subject-disguised" | "body-noise" | "subject-gap" => {
            "remove disguised words and random codes"
        }
        "body-empty" | "body-short" => "say more in the text",
        name if name.starts_with("subject-") => "reword the subject",
        name if name.starts_with("phrases-") => "replace the phrases listed",
        name if name.starts_with("link") => "link with https to named hosts of your own domain",
        name if name.starts_with("attachment-") => "link to the file instead of attaching it",
        _ => "see the part's evidence",
    }
}
