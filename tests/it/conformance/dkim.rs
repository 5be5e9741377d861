//! DKIM signatures of other projects' suites.

use std::collections::BTreeMap;
use std::path::Path;

use mailvet::evidence::{Evidence, MessageEvidence};
use mailvet::facts::dkim::result::{Cause, SignatureResult, Verified};
use mailvet::facts::{Facts, Prepared};
use mailvet::model::{
    Absence, Answer, Failure, Name, Observation, Question, Rdata, Record, RecordType, Scope, Topic,
};

use super::record;
use crate::{cases, files_below};

type Keys = BTreeMap<Name, Observation<Vec<Record>>>;

fn txt(text: &str) -> Observation<Vec<Record>> {
    Observation::Seen(vec![Record::new(Rdata::Txt(vec![text.as_bytes().to_vec()]))])
}

/// Verifies a message with these keys; what is not among them does not exist.
fn verify(raw: Vec<u8>, keys: &Keys, now: i64) -> Vec<Verified> {
    let mut evidence = Evidence { taken_at: now, ..Evidence::default() };
    evidence.message = Some(MessageEvidence { file: "message".to_owned(), raw: raw.into() });
    let scope = Scope { topics: [Topic::Dkim].into(), guess_selectors: false, ..Scope::everything() };
    let prepared = Prepared::new(&evidence);
    let wanted = Facts::build(&evidence, &scope, &prepared).wanted();
    for question in wanted {
        let Question::Dns { name, rtype: RecordType::Txt } = &question else { panic!("{question}") };
        let answer = keys.get(name).cloned().unwrap_or(Observation::Absent(Absence::Nxdomain));
        evidence.answers.insert(question, Answer::given(answer));
    }
    let facts = Facts::build(&evidence, &scope, &prepared);
    assert!(facts.wanted().is_empty());
    facts.dkim().results.clone()
}

/// The best result a message has, as a receiver would count it.
fn best(results: &[Verified]) -> Option<&Verified> {
    results.iter().min_by_key(|one| one.result)
}

#[test]
fn dkim_mail_dkim() {
    let Some(folder) = cases("dkim-mail-dkim") else { return };
    let expected: BTreeMap<String, String> =
        serde_json::from_str(&std::fs::read_to_string(folder.join("expected.json")).unwrap()).unwrap();
    let mut keys = Keys::new();
    for line in std::fs::read_to_string(folder.join("FAKE_DNS.dat")).unwrap().lines() {
        let Some((name, value)) = line.split_once(char::is_whitespace).filter(|_| !line.starts_with('#'))
        else {
            continue;
        };
        let answer = match value.trim() {
            "NXDOMAIN" => Observation::Absent(Absence::Nxdomain),
            "~~Query timed out~~" => Observation::Failed(Failure::Timeout),
            "~~SERVFAIL~~" => Observation::Failed(Failure::Servfail(None)),
            "\"\"" => txt(""),
            text => txt(text),
        };
        keys.insert(Name::lenient(name), answer);
    }
    let (mut passed, mut total, mut excluded, mut wrong) = (0, 0, Vec::new(), Vec::new());
    for (file, expected) in &expected {
        let raw = std::fs::read(folder.join(file)).unwrap();
        let results = verify(raw.clone(), &keys, 1_200_000_000);
        if let Some(why) = exclusion(&raw, expected, &results) {
            excluded.push(format!("{file}: {why}"));
            continue;
        }
        total += 1;
        let found = best(&results).map(|one| one.result);
        let agrees = match expected.as_str() {
            "pass" => found == Some(SignatureResult::Pass),
            "fail" => found == Some(SignatureResult::Fail),
            // Mail::DKIM says "invalid" for what RFC 8601 calls permerror and temperror.
            "invalid" => matches!(found, Some(SignatureResult::Permerror | SignatureResult::Temperror)),
            other => panic!("{other}"),
        };
        match agrees {
            true => passed += 1,
            false => wrong.push(format!("{file}: expected {expected}, got {:?}", best(&results))),
        }
    }
    eprintln!("excluded:\n  {}", excluded.join("\n  "));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let note = format!("{} excluded: {}", excluded.len(), excluded.join("; "));
    record("dkim-mail-dkim", passed, total, total, &note);
    assert!(total >= 8);
}

/// Why a case does not ask what RFC 6376, as updated by RFC 8301, asks. Each
/// reason is checked against the message itself, not taken from its name.
fn exclusion(raw: &[u8], expected: &str, results: &[Verified]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(raw);
    let header = text.split("\r\n\r\n").next().unwrap_or_default().to_ascii_lowercase();
    if !header.contains("dkim-signature:") {
        return Some("DomainKeys (RFC 4870) only");
    }
    let one = best(results)?;
    if expected == "pass" && one.cause == Cause::Sha1 {
        return Some("rsa-sha1, which RFC 8301 forbids; header and body verify");
    }
    if expected == "pass" && one.cause == Cause::WeakKey {
        return Some("RSA key under 1024 bits, which RFC 8301 forbids; the body hash matches");
    }
    if expected != "invalid" && one.cause == Cause::Syntax && !header.contains("v=1") {
        return Some("pre-standard: no v=1");
    }
    None
}

#[test]
fn dkim_mail_auth() {
    let Some(folder) = cases("dkim-mail-auth") else { return };
    let (mut passed, mut total) = (0, 0);
    for file in files_below(&folder).into_iter().filter(|file| is_case(file, &folder)) {
        let (keys, raw) = keyed_message(&std::fs::read(&file).unwrap());
        // The clock is the newest t= of the message, so that nothing has expired.
        let now = newest(&raw);
        let results = verify(raw, &keys, now);
        assert!(!results.is_empty(), "{}", file.display());
        for one in &results {
            total += 1;
            let sound = one.result == SignatureResult::Pass;
            assert!(sound, "{}: {one:?}", file.display());
            passed += 1;
        }
    }
    record("dkim-mail-auth", passed, total, total, "signatures of six messages, clock set to t=");
    assert!(total >= 6);
}

fn is_case(file: &Path, folder: &Path) -> bool {
    file.extension().is_some_and(|e| e == "txt") && file.parent() == Some(folder)
}

/// Key lines, an empty line, the message.
fn keyed_message(bytes: &[u8]) -> (Keys, Vec<u8>) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let (end, skip) = match (text.find("\r\n\r\n"), text.find("\n\n")) {
        (Some(crlf), Some(lf)) if lf < crlf => (lf, 2),
        (Some(crlf), _) => (crlf, 4),
        (None, Some(lf)) => (lf, 2),
        _ => panic!("no message"),
    };
    let keys = text[..end]
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, value)| (Name::lenient(name), txt(value)))
        .collect();
    (keys, bytes[end + skip..].to_vec())
}

fn newest(raw: &[u8]) -> i64 {
    let signed = mailvet::facts::dkim::signed_message::SignedMessage::read(&raw.to_vec().into());
    signed.signatures.iter().filter_map(|at| at.signature.signed_at).max().unwrap_or(1_600_000_000)
}

#[test]
fn dkim_spamassassin() {
    let Some(folder) = cases("dkim-spamassassin") else { return };
    let (mut passed, mut total) = (0, 0);
    for file in files_below(&folder).into_iter().filter(|file| file.extension().is_some_and(|e| e == "msg")) {
        let raw = std::fs::read(&file).unwrap();
        let text = String::from_utf8_lossy(&raw).replace("\r\n", "\n");
        let header = text.split("\n\n").next().unwrap().to_ascii_lowercase();
        let written = format!("\n{header}").matches("\ndkim-signature:").count();
        let signed = mailvet::facts::dkim::signed_message::SignedMessage::read(&raw.clone().into());
        assert_eq!(signed.signatures.len(), written, "{}", file.display());
        for at in &signed.signatures {
            total += 1;
            let signature = &at.signature;
            let listed = signature.domain.is_some()
                && !signature.selector.is_empty()
                && signature.algorithm.parts().is_some()
                && !signature.signed_headers.is_empty();
            assert!(listed, "{}: {:?}", file.display(), signature.faults);
            passed += 1;
        }
    }
    record(
        "dkim-spamassassin",
        passed,
        total,
        total,
        "signatures parsed with d, s, a and h (keys are not public)",
    );
    assert!(total >= 10);
}

#[test]
fn arc_mail_auth() {
    let Some(folder) = cases("dkim-mail-auth") else { return };
    let (mut passed, mut total) = (0, 0);
    for file in files_below(&folder.join("arc")) {
        total += 1;
        let (keys, raw) = keyed_message(&std::fs::read(&file).unwrap());
        let mut evidence = Evidence { taken_at: newest(&raw), ..Evidence::default() };
        evidence.message = Some(MessageEvidence { file: "message".to_owned(), raw: raw.into() });
        let scope = Scope { topics: [Topic::Arc].into(), ..Scope::everything() };
        let prepared = Prepared::new(&evidence);
        for question in Facts::build(&evidence, &scope, &prepared).wanted() {
            let Question::Dns { name, .. } = &question else { panic!("{question}") };
            let answer = keys.get(name).cloned().unwrap_or(Observation::Absent(Absence::Nxdomain));
            evidence.answers.insert(question, Answer::given(answer));
        }
        let facts = Facts::build(&evidence, &scope, &prepared);
        assert_eq!(facts.arc().chain, Some(Ok(())), "{}", file.display());
        passed += 1;
    }
    record("arc-mail-auth", passed, total, total, "chains of two messages");
    assert!(total >= 2);
}
