//! Words, form and HTML against other people's messages: how well the spam score
//! separates spam from ham, and which features of test pages are named.

use std::collections::BTreeMap;
use std::path::Path;

use mailvet::evidence::{Evidence, MessageEvidence};
use mailvet::facts::spam_score::SpamScore;
use mailvet::facts::{Facts, MessageFacts, Prepared};
use mailvet::model::{Scope, Topic};
use mailvet::policy::Policy;
use rayon::prelude::*;

use super::{record, unpacked};

fn scores(suite: &Path) -> Vec<(String, u8)> {
    unpacked(&suite.join("messages.tar.xz"))
        .into_par_iter()
        .map(|(name, raw)| {
            let message = MessageFacts::read(&MessageEvidence { file: name.clone(), raw: raw.into() });
            (name, SpamScore::of(&message).total)
        })
        .collect()
}

/// The chance that a spam scores above a ham; ties count half.
pub(super) fn area_under_curve(spam: &[u8], ham: &[u8]) -> f64 {
    let counts = |list: &[u8]| {
        let mut counts = [0u64; 101];
        list.iter().for_each(|score| counts[usize::from(*score)] += 1);
        counts
    };
    let (spam_at, ham_at) = (counts(spam), counts(ham));
    let mut below = 0;
    let mut won = 0.0;
    for score in 0..=100 {
        won += spam_at[score] as f64 * (below as f64 + ham_at[score] as f64 / 2.0);
        below += ham_at[score];
    }
    won / (spam.len() as f64 * ham.len() as f64)
}

fn reached(scores: &[u8]) -> usize {
    scores.iter().filter(|score| **score >= 50).count()
}

#[test]
fn content_spam_score_separates() {
    assert_eq!(area_under_curve(&[3, 4, 5], &[1, 2]), 1.0);
    assert_eq!(area_under_curve(&[2, 3], &[1, 2]), 0.875);
    let Some(suite) = crate::cases("corpus-spamassassin") else { return };
    let mut of: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    let scored = scores(&suite);
    for (name, score) in &scored {
        let name = name.trim_start_matches("./");
        let label = ["easy-ham", "hard-ham", "spam"].into_iter().find(|label| name.starts_with(label));
        if let Some(label) = label {
            of.entry(label).or_default().push(*score);
        }
    }
    let ham: Vec<u8> = of["easy-ham"].iter().chain(&of["hard-ham"]).copied().collect();
    let area = area_under_curve(&of["spam"], &ham);
    let note = format!(
        "thousandths of the AUC of spam_score; at 50 and over: {} of {} spam, {} of {} easy ham, {} of {} hard ham",
        reached(&of["spam"]),
        of["spam"].len(),
        reached(&of["easy-ham"]),
        of["easy-ham"].len(),
        reached(&of["hard-ham"]),
        of["hard-ham"].len()
    );
    record("corpus-spamassassin-auc", (area * 1000.0).floor() as usize, 1000, 970, &note);
    assert!(reached(&ham) * 100 <= ham.len(), "more than 1 % of the ham reaches 50");
    if let Some(suite) = crate::cases("corpus-phishing-pot") {
        let phishing: Vec<u8> = scores(&suite).into_iter().map(|(_, score)| score).collect();
        let note = "messages whose spam_score reaches 50, by words and form alone";
        record(
            "corpus-phishing-pot-spam-score",
            reached(&phishing),
            phishing.len(),
            phishing.len() / 2,
            note,
        );
    }
}

/// An HTML page as a message.
fn page(html: &[u8]) -> Vec<u8> {
    let head = "From: Example <news@example.com>\r\nTo: Jane <jane@example.net>\r\nSubject: News from Example\r\n\
        Date: Mon, 23 Nov 2026 11:55:00 +0000\r\nMessage-ID: <1.1@example.com>\r\nMIME-Version: 1.0\r\n\
        Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
    [head.as_bytes(), html].concat()
}

#[test]
fn content_features_of_test_pages_are_named() {
    let Some(suite) = crate::cases("html-caniemail") else { return };
    let table: Vec<serde_json::Value> =
        serde_json::from_slice(&std::fs::read(suite.join("features-latest.json")).unwrap()).unwrap();
    // Page to the features it tests that some client's latest version lacks: slug and title.
    let mut tested: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for feature in &table {
        let text = |key: &str| feature[key].as_str().unwrap_or_default().trim().to_owned();
        let lacked = feature["latest"]
            .as_object()
            .unwrap()
            .values()
            .any(|v| v.as_str().is_some_and(|v| v.starts_with('n')));
        let url = text("test_url");
        let stem =
            url.rsplit('/').next().unwrap_or_default().split('.').next().unwrap_or_default().to_owned();
        if lacked {
            tested.entry(stem).or_default().push((text("slug"), text("title")));
        }
    }
    let check = mailvet::judge::catalog::find("client-support-missing").unwrap();
    let (mut named, mut total, mut missed) = (0, 0, Vec::new());
    for file in crate::files_below(&suite) {
        let stem = file.file_stem().unwrap().to_str().unwrap().to_owned();
        // Accessibility attributes cost nothing where they are dropped: the check leaves them
        // out on purpose, and the page that holds nothing else is none of the count.
        if stem == "html-ARIA" {
            continue;
        }
        let Some(features) = tested.get(&stem).filter(|_| file.extension().is_some_and(|e| e == "html"))
        else {
            continue;
        };
        total += 1;
        let raw = page(&std::fs::read(&file).unwrap());
        let evidence = Evidence {
            message: Some(MessageEvidence { file: stem.clone(), raw: raw.into() }),
            ..Evidence::default()
        };
        let scope = Scope { topics: [Topic::Message].into_iter().collect(), ..Scope::everything() };
        let prepared = Prepared::new(&evidence);
        let facts = Facts::build(&evidence, &scope, &prepared);
        let result = mailvet::judge::judge_one(check, &facts, &Policy::default());
        // One line a part names what weighs most; the proof names every feature, one a line.
        let summaries: Vec<&str> = result
            .findings()
            .iter()
            .flat_map(|f| {
                std::iter::once(f.problem.summary.as_str())
                    .chain(f.problem.proof.iter().flat_map(|p| p.lines()))
            })
            .collect();
        let is_named = |title: &str| {
            let title = title.trim_end_matches(" property").trim_end_matches(" CSS");
            summaries.iter().any(|summary| summary.starts_with(title))
        };
        // The page's own feature; a page of many features must name half of them.
        let own: Vec<_> = features.iter().filter(|(slug, _)| *slug == stem).collect();
        let hit = if own.is_empty() {
            features.iter().filter(|(_, title)| is_named(title)).count() * 2 >= features.len()
        } else {
            own.iter().all(|(_, title)| is_named(title))
        };
        if hit {
            named += 1;
        } else {
            missed.push(stem);
        }
    }
    assert!(total > 40, "{total} pages");
    let note =
        format!("pages whose tested feature, lacked by some client, is named; missed: {}", missed.join(", "));
    record("html-caniemail", named, total, total * 9 / 10, &note);
}
