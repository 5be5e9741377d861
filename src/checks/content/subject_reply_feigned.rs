//! The subject feigns a reply or forward.

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::facts::spam_score::bare_subject;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Confidence, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "subject-reply-feigned",
    area: Area::Content,
    title: "the subject feigns a reply or forward",
    severity: Severity::Medium,
    why: "\
        A first message that begins with Re: or Fwd: deceives its reader about an earlier one. \
        CAN-SPAM forbids misleading subjects, and filters know the trick.",
    fix: "Remove the reply mark, or send In-Reply-To and References where the message does answer \
        another.",
    references: &[Reference::Rfc { number: 5322, section: "3.6.4" }, pages::CAN_SPAM_GUIDE],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some(field) = message.first("Subject") else {
        return Ok(Verdict::NotApplicable("the message has no Subject"));
    };
    let subject = field.text();
    let mark = subject.trim_start().split_once(':').map(|(mark, _)| mark.trim().to_ascii_lowercase());
    let mark =
        mark.filter(|mark| matches!(mark.as_str(), "re" | "aw" | "sv" | "fwd" | "fw" | "wg" | "rv" | "antw"));
    let Some(mark) = mark else { return Ok(Verdict::Pass) };
    let answers = ["In-Reply-To", "References", "Resent-Date", "Resent-From"];
    if answers.iter().any(|name| message.first(name).is_some()) {
        return Ok(Verdict::Pass);
    }
    let forwards = matches!(mark.as_str(), "fwd" | "fw" | "wg" | "rv");
    let quotes = message.bodies().iter().any(|body| {
        body.text.lines().any(|line| {
            line.starts_with('>') || line.contains("----") || line.trim_start().starts_with("From:")
        }) || body.text.contains("<blockquote")
    }) || message.parts().iter().any(|part| part.is_message());
    if quotes {
        return Ok(Verdict::Pass);
    }
    let kind = if forwards { "a forward" } else { "a reply" };
    Ok(Verdict::Fail(vec![
        Problem::at(
            message.header_subject(field),
            format!("the subject says {kind}, but the message refers to and quotes no other"),
        )
        .proof(plain(subject, Width::Line))
        .confidence(Confidence::Firm)
        .fix(format!("Subject: {}", plain(bare_subject(subject), Width::Line)))
        .located(message.location(field.line)),
    ]))
}
