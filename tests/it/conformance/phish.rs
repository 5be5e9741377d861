//! The suites of area 8: host names, attachments, phishing mail and honest mail.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use mailvet::evidence::{Evidence, MessageEvidence};
use mailvet::facts::{Facts, Prepared};
use mailvet::model::{Area, Scope, Severity, Topic};
use mailvet::parse::attachment::{Budget, SignKind, examine};
use mailvet::parse::web::idn;
use mailvet::policy::Policy;

use super::record;
use crate::{cases, files_below};

#[test]
fn idn_chromium() {
    let Some(folder) = cases("idn-chromium") else { return };
    let text = std::fs::read_to_string(folder.join("cases.json")).unwrap();
    let cases: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let mut wrong = Vec::new();
    for case in &cases {
        let host = case["ascii"].as_str().unwrap();
        let spoofs = idn::spoofs(host);
        let expected = case["expect"].as_str().unwrap();
        // An invalid label is no spoof: it is shown as it is, and reported as invalid.
        let right = match expected {
            "unsafe" => !spoofs.is_empty(),
            "safe" => spoofs.is_empty(),
            _ => !idn::decode(host).invalid.is_empty() || !spoofs.is_empty(),
        };
        if !right {
            wrong.push(format!("{host} {} should be {expected}: {spoofs:?}", case["unicode"]));
        }
    }
    eprintln!("{}", wrong.join("\n"));
    record(
        "idn-chromium",
        cases.len() - wrong.len(),
        cases.len(),
        55,
        "a homograph finding if and only if unsafe",
    );
}

/// What a file of the oletools suite must show, by its folder and name.
fn expected(path: &Path) -> Option<Vec<SignKind>> {
    let shown = path.to_str().unwrap();
    let name = path.file_name().unwrap().to_str().unwrap();
    Some(match () {
        () if name.ends_with(".md") => return None,
        () if name.contains("harmless") || name == "empty" => vec![],
        () if shown.contains("/encrypted/") || name.starts_with("encrypted") => vec![SignKind::Encrypted],
        () if shown.contains("/excel4-macros/") => vec![SignKind::XlmMacro],
        () if name.starts_with("dde-") => vec![SignKind::Dde],
        () if shown.contains("/oleform/") => vec![SignKind::Macro],
        () if shown.contains("/external_link/") => vec![SignKind::ExternalObject],
        () => vec![SignKind::EmbeddedObject, SignKind::EmbeddedProgram],
    })
}

#[test]
fn attachments_oletools() {
    let Some(folder) = cases("attachments-oletools") else { return };
    let (mut right, mut total) = (0, 0);
    for file in files_below(&folder) {
        let Some(expected) = expected(&file) else { continue };
        total += 1;
        let name = file.file_name().unwrap().to_str().unwrap();
        let bytes = std::fs::read(&file).unwrap();
        let found = examine(name, &bytes, &mut Budget::default());
        let walked = found.walk(name);
        let kinds: BTreeSet<SignKind> =
            walked.iter().flat_map(|(_, e)| e.signs.iter().map(|s| s.kind)).collect();
        let ok = if expected.is_empty() {
            kinds.is_empty()
        } else {
            expected.iter().any(|kind| kinds.contains(kind))
        };
        right += usize::from(ok);
        if !ok {
            eprintln!("{name}: wanted {expected:?}, found {found:?}");
        }
    }
    record("attachments-oletools", right, total, 47, "the right class, harmless files quiet");
}

/// A finding of this area: severity and code.
type Found = Vec<(Severity, &'static str, String)>;

/// Judges every message by this area's checks, on two threads.
fn judged(messages: &[(String, Vec<u8>)]) -> Vec<Found> {
    let half = messages.len().div_ceil(2).max(1);
    std::thread::scope(|scope| {
        let workers: Vec<_> = messages
            .chunks(half)
            .map(|chunk| {
                scope.spawn(move || chunk.iter().map(|(name, raw)| judge(name, raw)).collect::<Vec<Found>>())
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    })
}

fn judge(name: &str, raw: &[u8]) -> Found {
    let message = Some(MessageEvidence { file: name.to_owned(), raw: raw.to_vec().into() });
    let evidence = Evidence { message, taken_at: 1_795_435_200, ..Evidence::default() };
    let mut scope = Scope::everything();
    scope.topics = [Topic::Message].into_iter().collect();
    let prepared = Prepared::new(&evidence);
    let facts = Facts::build(&evidence, &scope, &prepared);
    let policy = Policy::default();
    let mut found = Vec::new();
    for check in mailvet::judge::catalog::of_area(Area::MalwarePhishing) {
        let result = mailvet::judge::judge_one(check, &facts, &policy);
        let worst = result.findings().iter().max_by_key(|finding| finding.severity);
        if let Some(finding) = worst {
            found.push((finding.severity, check.code, finding.problem.summary.clone()));
        }
    }
    if let Ok(dump) = std::env::var("PHISH_DUMP") {
        use std::io::Write as _;
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(dump).unwrap();
        let codes: Vec<String> = found.iter().map(|(s, c, t)| format!("{}:{c}:{t}", s.name())).collect();
        let _ = writeln!(file, "{name}\t{}", codes.join("\t"));
    }
    found
}

fn reaching(found: &[Found], least: Severity) -> usize {
    found.iter().filter(|found| found.iter().any(|(severity, ..)| *severity >= least)).count()
}

/// How often each code reached a severity, most frequent first.
fn tally(found: &[Found], least: Severity) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (severity, code, _) in found.iter().flatten() {
        *counts.entry(code).or_default() += usize::from(*severity >= least);
    }
    let mut counts: Vec<_> = counts.into_iter().filter(|(_, n)| *n > 0).collect();
    counts.sort_by_key(|(code, n)| (std::cmp::Reverse(*n), *code));
    counts.iter().map(|(code, n)| format!("{code} {n}")).collect::<Vec<_>>().join(", ")
}

#[test]
fn corpus_phishing_pot() {
    let Some(folder) = cases("corpus-phishing-pot") else { return };
    let messages = crate::corpus::messages(&folder.join("messages.tar.xz"));
    let found = judged(&messages);
    eprintln!("medium: {}", tally(&found, Severity::Medium));
    eprintln!("high: {}", tally(&found, Severity::High));
    let (total, hit) = (messages.len(), reaching(&found, Severity::Medium));
    let high = reaching(&found, Severity::High);
    record(
        "corpus-phishing-pot",
        hit,
        total,
        total * 6 / 10,
        &format!("messages with a malware-phishing finding of medium or above; {high} of high or above"),
    );
}

/// Mail of people and companies: no finding of high or above.
fn ham(suite: &str, messages: &[(String, Vec<u8>)]) {
    let found = judged(messages);
    eprintln!("{suite} medium: {}", tally(&found, Severity::Medium));
    for ((name, _), found) in messages.iter().zip(&found) {
        for (severity, code, summary) in found {
            if *severity >= Severity::High {
                eprintln!("{name}: {code} ({}): {summary}", severity.name());
            }
        }
    }
    let (total, high) = (messages.len(), reaching(&found, Severity::High));
    let medium = reaching(&found, Severity::Medium);
    record(
        &format!("{suite} (malware-phishing)"),
        total - high,
        total,
        total - total / 100,
        &format!("messages without a finding of high or above; {medium} have one of medium"),
    );
}

#[test]
fn corpus_enron_ham() {
    let Some(folder) = cases("corpus-enron-ham") else { return };
    ham("corpus-enron-ham", &crate::corpus::messages(&folder.join("messages.tar.xz")));
}

#[test]
fn corpus_spamassassin_ham() {
    let Some(folder) = cases("corpus-spamassassin") else { return };
    let mut messages = crate::corpus::messages(&folder.join("messages.tar.xz"));
    messages.retain(|(name, _)| name.contains("ham"));
    ham("corpus-spamassassin ham", &messages);
}

#[test]
fn newsletters_and_templates() {
    let wrapped = |path: &Path| {
        let raw = std::fs::read(path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.ends_with(".eml") {
            return (name, raw);
        }
        let head = "From: Example Shop <news@example.com>\r\nTo: reader@example.org\r\nSubject: News\r\n\
            MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n";
        (name, [head.as_bytes(), &raw].concat())
    };
    for (suite, kind) in [("newsletters-unspy", "eml"), ("html-templates", "html")] {
        let Some(folder) = cases(suite) else { return };
        let files = files_below(&folder);
        let mail = files.iter().filter(|path| path.extension().is_some_and(|e| e == kind));
        ham(suite, &mail.map(|path| wrapped(path)).collect::<Vec<_>>());
    }
}

#[test]
fn urls_phish() {
    let Some(folder) = cases("urls-phish") else { return };
    let text = std::fs::read_to_string(folder.join("jpcert-2025.csv")).unwrap();
    let messages: Vec<(String, Vec<u8>)> = text
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').nth(1))
        .map(|url| {
            let mail = format!(
                "From: Example <news@example.com>\r\nTo: reader@example.org\r\nSubject: Note\r\n\
                 Content-Type: text/html; charset=utf-8\r\n\r\n<p>See <a href=\"{url}\">the page</a>.</p>\r\n"
            );
            (url.to_owned(), mail.into_bytes())
        })
        .collect();
    let found = judged(&messages);
    eprintln!("medium: {}", tally(&found, Severity::Medium));
    let hit = reaching(&found, Severity::Medium);
    record(
        "urls-phish",
        hit,
        messages.len(),
        messages.len() * 2 / 5,
        "links alone with a finding of medium or above",
    );
}
