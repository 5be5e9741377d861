//! An encoded word in a header is broken.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::message::encoded_word::WordFault;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "encoded-word-broken",
    area: Area::Content,
    title: "an encoded word in a header is broken",
    severity: Severity::Medium,
    why: "\
        Readers show a broken encoded word as it stands, so recipients see `=?utf-8?...` in \
        subject or sender name, a mark of careless mailers.",
    fix: "\
        Let a mail library encode the header from text: words of at most 75 characters, \
        whole characters, white space around.",
    references: &[
        Reference::Rfc { number: 2047, section: "2" },
        Reference::Rfc { number: 2047, section: "5" },
    ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let mut problems = Vec::new();
    for field in message.fields().iter().filter(|field| READ.iter().any(|name| field.is(name))) {
        // One problem a field: the first fault explains what readers see.
        let Some(fault) = field.word_faults().iter().max_by_key(|fault| weight(fault)) else { continue };
        let (what, severity) = told(fault);
        problems.push(
            Problem::at(message.header_subject(field), format!("{}: {what}", field.name))
                .proof(format!("{}: {}", field.name, plain(&field.unfolded(), Width::Line)))
                .fix("encode the decoded text anew: =?utf-8?B?...?= in words of at most 75 characters")
                .severity(severity)
                .located(message.location(field.line)),
        );
    }
    Ok(Verdict::from_problems(problems))
}

const READ: &[&str] = &["From", "To", "Cc", "Reply-To", "Sender", "Subject"];

fn weight(fault: &WordFault) -> u8 {
    match told(fault).1 {
        Severity::Medium => 1,
        _ => 0,
    }
}

fn told(fault: &WordFault) -> (String, Severity) {
    use Severity::{Low, Medium};
    match fault {
        WordFault::TooLong(length) => {
            (format!("an encoded word has {length} characters, at most 75 are allowed"), Low)
        }
        WordFault::UnknownCharset(name) => {
            (format!("the charset {:?} of an encoded word is unknown", plain(name, Width::Word)), Medium)
        }
        WordFault::Undecodable(word) => (format!("{} does not decode", plain(word, Width::Name)), Medium),
        WordFault::WrongCharset(word) => {
            (format!("{} holds bytes that are not of its charset", plain(word, Width::Name)), Medium)
        }
        WordFault::Unterminated => ("an encoded word is begun and never ended by ?=".to_owned(), Medium),
        WordFault::Undelimited(word) => {
            (format!("no white space stands around {}", plain(word, Width::Name)), Low)
        }
        WordFault::SplitCharacter => ("a character is split between two encoded words".to_owned(), Low),
        WordFault::SpaceInside(word) => {
            (format!("{} holds spaces, so strict readers show it raw", plain(word, Width::Name)), Medium)
        }
        WordFault::Quoted(word) => {
            (format!("{} stands in quotes, where it is not decoded", plain(word, Width::Name)), Low)
        }
    }
}
