//! Broken and odd mail of other projects: no panic, no hang, bounded work. What
//! mail-parser reads of the sound ones, we read too.

use std::path::Path;
use std::time::{Duration, Instant};

use mail_parser::MimeHeaders as _;
use mailvet::evidence::{Evidence, MessageEvidence};
use mailvet::facts::{Facts, MessageFacts, Prepared};
use mailvet::model::{Scope, Topic};
use mailvet::policy::Policy;

use super::record;
use crate::{cases, files_below};

/// Generous, for a debug build on a busy machine; a hang is minutes.
const LIMIT: Duration = Duration::from_secs(20);

/// Judges bytes by every check that needs the message alone, whatever they are.
fn judged(raw: Vec<u8>) {
    let message = Some(MessageEvidence { file: "case".to_owned(), raw: raw.into() });
    let evidence = Evidence { message, taken_at: 1_795_435_200, ..Evidence::default() };
    let scope = Scope { topics: [Topic::Message].into_iter().collect(), ..Scope::everything() };
    let prepared = Prepared::new(&evidence);
    let facts = Facts::build(&evidence, &scope, &prepared);
    let policy = Policy::default();
    for check in mailvet::judge::catalog::all().filter(|check| check.needs == [Topic::Message]) {
        let result = mailvet::judge::judge_one(check, &facts, &policy);
        assert!(!result.outcome_name().is_empty());
    }
}

/// True where judging ends in time; a panic fails the test by itself.
fn survives(path: &Path, raw: Vec<u8>) -> bool {
    let started = Instant::now();
    judged(raw);
    let took = started.elapsed();
    if took > LIMIT {
        eprintln!("{}: {took:?}", path.display());
    }
    took <= LIMIT
}

fn suite(name: &str) {
    let Some(folder) = cases(name) else { return };
    let files = files_below(&folder);
    let (mut passed, mut total) = (0, 0);
    for path in &files {
        let text = path.file_name().unwrap().to_str().unwrap();
        if text.starts_with("README") || text.starts_with("LICENSE") {
            continue;
        }
        total += 1;
        let raw = std::fs::read(path).unwrap();
        passed += usize::from(survives(path, raw));
    }
    assert!(total > 10, "{name}: only {total} files");
    record(name, passed, total, total, "judged by every message check without panic or hang");
}

#[test]
fn mime_mimekit_is_survived() {
    suite("mime-mimekit");
}

#[test]
fn mime_zbateson_is_survived() {
    suite("mime-zbateson");
}

/// mail-parser is the reference for what a sound message holds: subject, parts that
/// are files, and the text.
#[test]
fn mime_mail_parser_agrees() {
    let Some(folder) = cases("mime-mail-parser") else { return };
    let files: Vec<_> =
        files_below(&folder).into_iter().filter(|p| p.extension().is_some_and(|e| e == "eml")).collect();
    let (mut passed, mut total, mut differ) = (0, 0, Vec::new());
    for path in &files {
        let raw = std::fs::read(path).unwrap();
        total += 1;
        let ok = survives(path, raw.clone());
        let ours = MessageFacts::read(&MessageEvidence { file: String::new(), raw: raw.clone().into() });
        let same = match mail_parser::MessageParser::default().parse(&raw) {
            Some(theirs) => agree(&ours, &theirs),
            None => Ok(()),
        };
        if let Err(why) = &same {
            differ.push(format!("{}: {why}", path.file_name().unwrap().display()));
        }
        passed += usize::from(ok && same.is_ok());
    }
    eprintln!("differ:\n  {}", differ.join("\n  "));
    record(
        "mime-mail-parser",
        passed,
        total,
        total * 9 / 10,
        "no panic or hang, and subject, file names and first text as mail-parser reads them; the others are broken mail that can be read two ways",
    );
}

fn agree(ours: &MessageFacts, theirs: &mail_parser::Message<'_>) -> Result<(), String> {
    let squeeze = |text: &str| text.split_whitespace().collect::<String>();
    let (a, b) = (squeeze(ours.subject().unwrap_or_default()), squeeze(theirs.subject().unwrap_or_default()));
    if a != b {
        return Err(format!("subject {a:?} against {b:?}"));
    }
    let mut a: Vec<String> =
        ours.attachments().filter_map(|part| part.filename.as_deref().map(squeeze)).collect();
    let mut b: Vec<String> =
        theirs.attachments().filter_map(|part| part.attachment_name().map(squeeze)).collect();
    a.sort();
    b.sort();
    // Parts inside attached messages are ours only.
    if !b.iter().all(|name| a.contains(name)) {
        return Err(format!("files {a:?} against {b:?}"));
    }
    let a = ours.text_body().map(|body| squeeze(&body.text)).unwrap_or_default();
    let b = theirs.text_bodies().find_map(|part| match &part.body {
        mail_parser::PartType::Text(text) => Some(squeeze(text)),
        _ => None,
    });
    match b {
        Some(b) if a != b => Err(format!("text {:.60?} against {:.60?}", a, b)),
        _ => Ok(()),
    }
}

#[test]
fn html_validator_is_survived() {
    let Some(folder) = cases("html-validator") else { return };
    let pages = super::unpacked(&folder.join("pages.tar.xz"));
    let (mut passed, mut total) = (0, 0);
    for (name, page) in &pages {
        total += 1;
        let mut raw =
            b"From: a@example.com\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
                .to_vec();
        raw.extend_from_slice(page);
        passed += usize::from(survives(Path::new(name), raw));
    }
    assert!(total > 100, "only {total} pages");
    record("html-validator", passed, total, total, "judged as HTML bodies without panic or hang");
}
