//! Mail that is good: what a person reading it would call a false alarm is counted.

use std::collections::BTreeMap;

use mailvet::evidence::{Evidence, MessageEvidence};
use mailvet::facts::{Facts, Prepared};
use mailvet::judge::finding::CheckResult;
use mailvet::model::{Area, Scope, Severity, Topic};
use mailvet::policy::Policy;

use super::record;
use crate::{cases, files_below};

fn lint(raw: Vec<u8>) -> Vec<CheckResult> {
    let message = Some(MessageEvidence { file: "case".to_owned(), raw: raw.into() });
    let evidence = Evidence { message, taken_at: 1_795_435_200, ..Evidence::default() };
    let scope = Scope { topics: [Topic::Message].into_iter().collect(), ..Scope::everything() };
    let prepared = Prepared::new(&evidence);
    let facts = Facts::build(&evidence, &scope, &prepared);
    mailvet::judge::catalog::all()
        .filter(|check| check.needs == [Topic::Message])
        .map(|check| mailvet::judge::judge_one(check, &facts, &Policy::default()))
        .collect()
}

/// Codes found at or above a severity, in the areas given (all where empty).
fn codes(results: &[CheckResult], least: Severity, areas: &[Area]) -> Vec<&'static str> {
    results
        .iter()
        .filter(|result| result.worst().is_some_and(|worst| worst >= least))
        .filter(|result| areas.is_empty() || areas.contains(&result.check.area))
        .map(|result| result.check.code)
        .collect()
}

/// Counts messages without a finding of high or above; says which there were.
fn quiet(suite: &str, messages: Vec<(String, Vec<u8>)>, least_share: f64) {
    let total = messages.len();
    assert!(total > 5, "{suite}: only {total} messages");
    let mut passed = 0;
    let mut alarms: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, raw) in messages {
        let found = codes(&lint(raw), Severity::High, &[]);
        passed += usize::from(found.is_empty());
        for code in found {
            alarms.entry(code).or_default().push(name.clone());
        }
    }
    for (code, names) in &alarms {
        eprintln!(
            "{suite}: {code}: {} ({})",
            names.len(),
            names.iter().take(3).cloned().collect::<Vec<_>>().join(", ")
        );
    }
    let found: Vec<String> = alarms.iter().map(|(code, names)| format!("{code} {}", names.len())).collect();
    let note = match found.as_slice() {
        [] => "messages without a finding of high or above; none was found".to_owned(),
        found => format!("messages without a finding of high or above; found: {}", found.join(", ")),
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a count of messages"
    )]
    let least = (total as f64 * least_share).floor() as usize;
    record(suite, passed, total, least, &note);
}

#[test]
fn corpus_enron_ham_is_quiet() {
    let Some(folder) = cases("corpus-enron-ham") else { return };
    quiet("corpus-enron-ham", super::unpacked(&folder.join("messages.tar.xz")), 0.99);
}

/// Templates are bodies; a header of a sound newsletter goes before each.
#[test]
fn html_templates_are_quiet() {
    let Some(folder) = cases("html-templates") else { return };
    let head = "From: Shop <news@example.com>\nTo: Jane <jane@example.net>\nSubject: News of the week\n\
                Date: Mon, 23 Nov 2026 11:55:00 +0000\nMessage-ID: <1.20261123@example.com>\nMIME-Version: 1.0\n\
                List-Unsubscribe: <https://example.com/u/8f3a9c27d1e04b56>, <mailto:u-8f3a9c27@example.com>\n\
                List-Unsubscribe-Post: List-Unsubscribe=One-Click\n\
                Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
        .replace('\n', "\r\n");
    let messages = files_below(&folder)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "html"))
        .map(|path| {
            let mut raw = head.clone().into_bytes();
            raw.extend(std::fs::read(&path).unwrap());
            (path.file_name().unwrap().to_str().unwrap().to_owned(), raw)
        })
        .collect();
    quiet("html-templates", messages, 0.99);
}

/// A subscription finding of low or above if and only if the unsubscribe headers are
/// missing or wrong, judged here by plain text search, not by our own parser.
#[test]
fn newsletters_unspy_are_judged_by_their_headers() {
    let Some(folder) = cases("newsletters-unspy") else { return };
    let files: Vec<_> =
        files_below(&folder).into_iter().filter(|p| p.extension().is_some_and(|e| e == "eml")).collect();
    assert!(files.len() > 5);
    let (mut passed, mut total) = (0, 0);
    for path in files {
        let raw = std::fs::read(&path).unwrap();
        let results = lint(raw.clone());
        let found = codes(&results, Severity::Low, &[Area::Subscription]);
        let high = codes(&results, Severity::High, &[Area::MalwarePhishing]);
        let text = String::from_utf8_lossy(&raw).to_ascii_lowercase().replace("\r\n", "\n");
        let header = text.split("\n\n").next().unwrap().replace("\n ", " ").replace("\n\t", " ");
        let value = |name: &str| header.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let sound = value("list-unsubscribe:").is_some_and(|value| {
            value.starts_with('<') && value.ends_with('>') && value.contains("https://")
        });
        let post = value("list-unsubscribe-post:") == Some("list-unsubscribe=one-click");
        total += 1;
        let right = found.is_empty() == (sound && post) && high.is_empty();
        passed += usize::from(right);
        if !right {
            eprintln!("{}: {found:?} {high:?}, header sound {sound}, post {post}", path.display());
        }
    }
    record(
        "newsletters-unspy",
        passed,
        total,
        total,
        "a subscription finding exactly where List-Unsubscribe or its Post is missing or wrong, and no phishing alarm of high or above",
    );
}
