//! The subject is loud with signs.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "subject-punctuation",
    area: Area::Content,
    title: "the subject is loud with signs",
    severity: Severity::Low,
    why: "\
        Rows of exclamation marks, currency signs and pictures are marks of spam to filters and \
        readers alike.",
    fix: "Use one mark at most, and a picture only where it says something.",
    references: &[pages::SPAMASSASSIN_TESTS],
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
    let loud = subject.matches('!').count();
    let run = ["!!", "??", "?!", "$$", "€€", "££", "**"].iter().find(|run| subject.contains(**run));
    let picture = |c: &char| matches!(*c, '\u{2600}'..='\u{27bf}' | '\u{1f300}'..='\u{1faff}');
    let pictures = subject.chars().filter(picture).count();
    let gap = subject.contains("     ");
    let seen = match (run, loud, pictures, gap) {
        (Some(run), ..) => format!("{run} in the subject"),
        (None, 3.., ..) => format!("{loud} exclamation marks"),
        (None, _, 4.., _) => format!("{pictures} pictures"),
        (None, _, _, true) => "a run of five or more spaces".to_owned(),
        _ => return Ok(Verdict::Pass),
    };
    Ok(Verdict::Fail(vec![
        Problem::at(message.header_subject(field), format!("{seen}; filters count that as a mark of spam"))
            .proof(plain(subject, Width::Line))
            .fix("keep one mark at most and let the words speak")
            .located(message.location(field.line)),
    ]))
}
