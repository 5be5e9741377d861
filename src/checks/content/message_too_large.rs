//! The message is larger than receivers take.

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "message-too-large",
    area: Area::Content,
    title: "the message is larger than receivers take",
    severity: Severity::High,
    why: "\
        Gmail and Yahoo take 25 MB, Spectrum 20, many corporate servers 10; base64 adds 37 % \
        to every attachment.",
    fix: "Put large files on a server and send a link, or split the message.",
    references: &[Reference::Rfc { number: 1870, section: "6" }, pages::YAHOO_FAQ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let size = message.transmitted_size();
    let (limit, severity) = match size {
        0..=10_000_000 => return Ok(Verdict::Pass),
        10_000_001..=20_000_000 => ("over the 10 MB that many company servers take", Severity::Low),
        20_000_001..=25_000_000 => ("over the 20 MB of Spectrum and others", Severity::Medium),
        _ => ("over the 25 MB of Gmail and Yahoo", Severity::High),
    };
    let largest = message.parts().iter().filter(|part| part.is_leaf()).max_by_key(|part| part.body.len());
    let subject = largest.map_or(Subject::Message, |part| message.part_subject(part));
    let share = largest.map_or(0, |part| part.body.len());
    Ok(Verdict::Fail(vec![
        Problem::at(
            subject,
            format!("{:.1} MB on the wire, {limit}; the largest part has {:.1} MB", mb(size), mb(share)),
        )
        .fix("replace the largest attachment by a link to it")
        .severity(severity),
    ]))
}

#[expect(clippy::cast_precision_loss, reason = "megabytes with one decimal")]
fn mb(bytes: usize) -> f64 {
    bytes as f64 / 1_000_000.0
}
