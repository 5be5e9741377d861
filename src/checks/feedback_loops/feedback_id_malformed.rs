//! The Feedback-ID header is not of the form Google reads.

use crate::check::{Check, Problem, Verdict, pages};
use crate::data::feedback_loops::SERVICE_IDS;
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "feedback-id-malformed",
    area: Area::FeedbackLoops,
    title: "the Feedback-ID header is not of the form Google reads",
    severity: Severity::Low,
    why: "\
        Google reads at most four fields separated by colons, from the right; the last one, \
        the sender id, must have 5 to 15 characters. Other headers are ignored.",
    fix: "\
        Write `Feedback-ID: a:b:c:senderid` with a sender id of 5 to 15 characters that \
        stays the same.",
    references: &[pages::GOOGLE_FEEDBACK_ID],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some(field) = message.first("Feedback-ID") else {
        return Ok(Verdict::NotApplicable("no Feedback-ID header, see feedback-id-missing"));
    };
    let text = field.unfolded();
    let fields: Vec<&str> = text.split(':').map(str::trim).collect();
    let sender = fields.last().copied().unwrap_or_default();
    let mut seen: Vec<&str> = fields.iter().copied().filter(|f| !f.is_empty()).collect();
    seen.sort_unstable();
    let repeated = seen.windows(2).any(|pair| pair[0] == pair[1]);
    let copies = message.all("Feedback-ID").count();
    let length = sender.chars().count();
    let fault = if copies > 1 {
        format!("stands {copies} times; Google takes none of them")
    } else if fields.len() < 2 {
        "has no colon, so it holds the sender id alone and no campaign".to_owned()
    } else if fields.len() > 4 {
        format!("has {} fields; Google reads the last four", fields.len())
    } else if !(5..=15).contains(&length) {
        format!(
            "ends in the sender id {:?} of {length} characters; 5 to 15 are allowed",
            plain(sender, Width::Word)
        )
    } else if repeated {
        "names one identifier twice".to_owned()
    } else {
        return Ok(Verdict::Pass);
    };
    // A service that registered its id long ago writes it for all its customers, who cannot mend it.
    let service = copies == 1 && SERVICE_IDS.contains(&sender);
    let severity = if service { Severity::Info } else { Severity::Low };
    Ok(Verdict::Fail(vec![
        Problem::at(message.header_subject(field), format!("Feedback-ID {fault}"))
            .severity(severity)
            .proof(format!("Feedback-ID: {}", plain(&text, Width::Line)))
            .fix("write: Feedback-ID: autumn26:shop:newsletter:exampleshop")
            .located(message.location(field.line)),
    ]))
}
