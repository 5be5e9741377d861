//! Placeholder text of a template.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::facts::message::words::line_of;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "placeholder-text",
    area: Area::Content,
    title: "placeholder text of a template",
    severity: Severity::Medium,
    why: "\
        Lorem ipsum and \"your text here\" show that a draft was sent. Readers complain, and \
        filters have learnt such texts from test mail.",
    fix: "Replace the placeholder, or remove the block from the template.",
    references: &[pages::GOOGLE_SENDERS],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let wording = message.wording();
    let (text, subject) = (wording.body.as_str(), wording.subject.as_str());
    let mut problems = Vec::new();
    if let Some(field) = message.first("Subject") {
        let test = ["[test]", "test:", "(test)", "draft:", "[draft]", "[entwurf]"]
            .iter()
            .find(|mark| subject.starts_with(**mark));
        let alone = matches!(
            subject.trim(),
            "test"
                | "test email"
                | "test mail"
                | "testing"
                | "testmail"
                | "untitled"
                | "no subject"
                | "subject"
                | "betreff"
        );
        if test.is_some() || alone {
            problems.push(
                Problem::at(message.header_subject(field), "the subject marks a test or draft")
                    .proof(plain(field.text(), Width::Name))
                    .fix("write the real subject before sending")
                    .severity(Severity::Low)
                    .located(message.location(field.line)),
            );
        }
    }
    for phrase in placeholders_in(text).into_iter().take(5) {
        problems.push(
            Problem::at(Subject::Message, format!("\"{phrase}\" is placeholder text; a draft was sent"))
                .fix("write the text or remove the block")
                .located(message.location(line_of(message, phrase))),
        );
    }
    Ok(Verdict::from_problems(problems))
}

/// The listed phrases that occur, in the list's order.
fn placeholders_in(text: &str) -> Vec<&'static str> {
    static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
        // What is quickest to build: its search of many bytes at a time finds next to nothing.
        let kind = Some(AhoCorasickKind::NoncontiguousNFA);
        AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).kind(kind).build(PLACEHOLDERS).ok()
    });
    let Some(finder) = FINDER.as_ref() else { return Vec::new() };
    let found: BTreeSet<usize> = finder.find_iter(text).map(|found| found.pattern().as_usize()).collect();
    found.into_iter().filter_map(|at| PLACEHOLDERS.get(at).copied()).collect()
}

/// Folded; whole phrases, so that ordinary text does not hold them.
const PLACEHOLDERS: &[&str] = &[
    "lorem ipsum",
    "dolor sit amet",
    "consectetur adipiscing",
    "your text here",
    "insert text here",
    "insert your text",
    "add your text",
    "enter your text",
    "type your text",
    "text goes here",
    "your headline here",
    "headline goes here",
    "your company name",
    "your logo here",
    "insert link here",
    "add a caption",
    "click to edit",
    "edit this text",
    "placeholder text",
    "sample text here",
    "asdfasdf",
    "qwertyqwerty",
    "hier text einfügen",
    "ihr text hier",
    "dein text hier",
    "hier steht ihr text",
    "beispieltext",
    "blindtext",
    "platzhaltertext",
    "votre texte ici",
    "insérez votre texte",
    "texte de remplissage",
    "su texto aquí",
    "tu texto aquí",
    "inserte su texto",
    "inserisci il testo",
    "il tuo testo qui",
    "testo segnaposto",
    "uw tekst hier",
    "jouw tekst hier",
    "voeg hier tekst toe",
    "seu texto aqui",
    "insira seu texto",
    "texto de exemplo",
];
