//! Words are disguised with look-alike characters.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::facts::message::MessageFacts;
use crate::facts::message::disguise::{Disguised, disguised_words, is_turned, reversed};
use crate::facts::message::words::line_of;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "words-disguised",
    area: Area::Content,
    title: "words are disguised with look-alike characters",
    severity: Severity::High,
    why: "\
        Letters from another script, digits for letters or invisible characters inside words are \
        how spam and phishing pass filters; filters score them, and readers feel deceived.",
    fix: "Type the words with the letters of one script and remove invisible characters.",
    references: &[pages::UTS_39],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let mut problems = Vec::new();
    if let Some(field) = message.first("Subject") {
        for word in disguised_words(field.text()).into_iter().take(5) {
            problems
                .push(problem(message.header_subject(field), &word).located(message.location(field.line)));
        }
    }
    if let Some(field) = message.first("From") {
        for word in disguised_words(field.text()).into_iter().take(5) {
            problems
                .push(problem(message.header_subject(field), &word).located(message.location(field.line)));
        }
    }
    for word in disguised_words(&message.wording().own).into_iter().take(10) {
        let line = line_of(message, &word.shown);
        problems.push(
            problem(Subject::Message, &word).severity(Severity::Medium).located(message.location(line)),
        );
    }
    for (html, part) in message.html_parts() {
        // Once may be an editor's leftover.
        if let (SPLITS.., Some(first)) = (html.split_words.len(), html.split_words.first()) {
            let shown = plain(word_around(&html.text, *first), Width::Name);
            let summary = format!(
                "{} words have unseen letters inside; the first reads as {shown}",
                html.split_words.len()
            );
            problems.push(
                Problem::at(message.part_subject(part), summary)
                    .severity(Severity::Medium)
                    .fix("take the elements that nobody sees out of the words")
                    .confidence(Confidence::Firm)
                    .located(message.location(part.line)),
            );
        }
    }
    problems.extend(turned(message));
    Ok(Verdict::from_problems(problems))
}

/// Words that stand backwards in the source and are turned on the screen.
fn turned(message: &MessageFacts) -> Option<Problem> {
    let backwards = message.html_parts().find_map(|(html, part)| {
        let tag = reversed(html).next()?;
        Some((message.part_subject(part), plain(html.text_of(tag), Width::Name), tag.line))
    });
    let by_sign = || {
        let turned = is_turned(&message.wording().own);
        turned.then(|| (Subject::Message, "words".to_owned(), message.header().body_line))
    };
    let (subject, shown, line) = backwards.or_else(by_sign)?;
    let summary = format!("{shown} is written backwards and turned on the screen, past the filters");
    let fix = "write it forwards, without bdo, unicode-bidi or U+202E";
    let problem = Problem::at(subject, summary).severity(Severity::Medium).fix(fix);
    Some(problem.confidence(Confidence::Firm).located(message.location(line)))
}

/// Words with unseen text inside from which it is a trick.
const SPLITS: usize = 3;

/// The word around a place between two of its letters.
fn word_around(text: &str, at: usize) -> &str {
    let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
    let start = before.len() - before.split(char::is_whitespace).next_back().map_or(0, str::len);
    let end = after.find(char::is_whitespace).map_or(text.len(), |blank| at + blank);
    text.get(start..end).unwrap_or_default()
}

fn problem(at: Subject, word: &Disguised) -> Problem {
    Problem::at(
        at,
        format!(
            "{} reads as {} but is made of other characters",
            plain(&word.shown, Width::Name),
            plain(&word.reads, Width::Name)
        ),
    )
    .fix(format!("type it anew: {}", plain(&word.reads, Width::Name)))
    .confidence(Confidence::Firm)
}

#[cfg(test)]
mod tests {
    use super::word_around;

    #[test]
    fn a_word_ends_at_any_blank() {
        let text = "a\u{a0}pay\u{2003}pal now";
        let at = |word: &str| text.find(word).unwrap() + 1;
        assert_eq!(
            [word_around(text, at("pay")), word_around(text, at("pal")), word_around(text, at("now"))],
            ["pay", "pal", "now"]
        );
        assert_eq!((word_around(text, 0), word_around("é", 1)), ("a", "é"));
    }
}
