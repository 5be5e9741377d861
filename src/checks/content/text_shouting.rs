//! The text shouts.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::facts::message::words::line_of;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "text-shouting",
    area: Area::Content,
    title: "the text shouts",
    severity: Severity::Low,
    why: "\
        Long runs of capitals and rows of exclamation marks count in every content filter and \
        read as spam.",
    fix: "Use capitals for names and the first letters of sentences; set emphasis in bold.",
    references: &[pages::SPAMASSASSIN_TESTS],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let text = message.wording().own.as_str();
    let made_of = message.wording().letters;
    if made_of.alphabetic < 40 {
        return Ok(Verdict::NotApplicable("too little text"));
    }
    let mut problems = Vec::new();
    let (share, letters) = (made_of.capitals(), made_of.cased());
    if letters >= 80 && share > 0.4 {
        problems.push(
            Problem::at(
                Subject::Message,
                format!("{:.0} % of the letters are capitals; ordinary text has under 10 %", share * 100.0),
            )
            .fix("write sentences in lower case")
            .located(message.location(message.header().body_line)),
        );
    }
    let marks = memchr::memchr_iter(b'!', text.as_bytes()).count();
    let rows = if marks > 1 { text.match_indices("!!").count() } else { 0 };
    if rows > 0 && marks >= 4 || marks >= 12 && marks * 80 > made_of.all {
        problems.push(
            Problem::at(
                Subject::Message,
                format!("{marks} exclamation marks, {rows} of them in a row with another"),
            )
            .fix("end sentences with a period; keep one mark in the message")
            .located(message.location(line_of(message, "!!"))),
        );
    }
    Ok(Verdict::from_problems(problems))
}
