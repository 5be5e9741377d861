//! The subject shouts in capitals.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::facts::message::words::capitals;
use crate::facts::spam_score::bare_subject;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "subject-capitals",
    area: Area::Content,
    title: "the subject shouts in capitals",
    severity: Severity::Low,
    why: "\
        Capitals read as shouting; SpamAssassin adds 1.5 points for a subject all in capitals.",
    fix: "Write the subject as a sentence: capitals for the first letter, names and abbreviations.",
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
    let bare = bare_subject(subject);
    let (share, letters) = capitals(bare);
    let words = bare.split_whitespace().filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 1);
    if letters < 10 || share < 0.75 || words.count() < 2 {
        return Ok(Verdict::Pass);
    }
    let calm: String = bare
        .chars()
        .enumerate()
        .flat_map(|(at, c)| if at == 0 { vec![c] } else { c.to_lowercase().collect() })
        .collect();
    Ok(Verdict::Fail(vec![
        Problem::at(
            message.header_subject(field),
            format!("{:.0} % of the letters are capitals; filters add points", share * 100.0),
        )
        .proof(plain(subject, Width::Line))
        .fix(format!("write it in lower case: {}", plain(&calm, Width::Line)))
        .located(message.location(field.line)),
    ]))
}
