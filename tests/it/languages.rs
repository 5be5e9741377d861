//! Words in every language we list: each phrase and each way to leave is found whatever
//! the encoding, the charset, the case and the form of its letters; everyday business mail
//! in the same languages stays quiet.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mailvet::data::phrases;
use mailvet::evidence::{Evidence, MessageEvidence};
use mailvet::facts::subscription::unsubscribe::BodyWay;
use mailvet::facts::{Facts, Prepared, message::words};
use mailvet::judge::finding::CheckResult;
use mailvet::model::{Area, Scope, Severity, Topic};
use mailvet::policy::{MailKind, Policy};
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization as _;

const LANGUAGES: [&str; 7] = ["de", "en", "es", "fr", "it", "nl", "pt"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mails {
    /// A legacy charset that holds all of it.
    charset: String,
    loud: String,
    quote: String,
    invoice: String,
    order: String,
    password: String,
}

#[derive(Deserialize)]
struct Footers {
    footer: Vec<Footer>,
}

#[derive(Deserialize)]
struct Footer {
    language: String,
    text: Vec<String>,
}

fn fixture<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let path = crate::root().join(format!("fixtures/languages/{name}.toml"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// How a text may travel.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Transfer {
    Raw,
    QuotedPrintable,
    Base64,
}

fn message(subject: &str, text: &str, charset: &str, transfer: Transfer) -> Vec<u8> {
    // The letters used here have the code of Unicode in every ISO 8859 and Windows set named.
    let legacy = |c: char| u8::try_from(u32::from(c)).unwrap_or_else(|_| panic!("{charset} cannot hold {c}"));
    let bytes: Vec<u8> = match charset {
        "utf-8" => text.as_bytes().to_vec(),
        _ => text.chars().map(legacy).collect(),
    };
    let (name, body) = match transfer {
        Transfer::Raw => ("8bit", bytes),
        Transfer::Base64 => {
            let text = STANDARD.encode(&bytes);
            let lines: Vec<&[u8]> = text.as_bytes().chunks(76).collect();
            ("base64", lines.join(&b"\r\n"[..]))
        }
        Transfer::QuotedPrintable => {
            let mut body = String::new();
            let mut column = 0;
            for byte in bytes.iter() {
                let unit = match byte {
                    b' '..=b'~' if *byte != b'=' => char::from(*byte).to_string(),
                    _ => format!("={byte:02X}"),
                };
                if column + unit.len() > 75 {
                    body.push_str("=\r\n");
                    column = 0;
                }
                column += unit.len();
                body.push_str(&unit);
            }
            ("quoted-printable", body.into_bytes())
        }
    };
    let head = format!(
        "From: Example <office@example.com>\r\nTo: Jana Weber <jana@example.net>\r\n\
         Date: Mon, 23 Nov 2026 11:00:00 +0000\r\nMessage-ID: <1@example.com>\r\nSubject: =?utf-8?B?{}?=\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {name}\r\n\r\n",
        STANDARD.encode(subject)
    );
    [head.as_bytes(), &body, b"\r\n"].concat()
}

/// The same text as senders may write it.
fn forms(text: &str, charset: &str) -> Vec<(String, Vec<u8>)> {
    let apart: String = text.nfd().collect();
    let mut all = vec![
        ("8bit".to_owned(), message("x", text, "utf-8", Transfer::Raw)),
        ("quoted-printable".to_owned(), message("x", text, "utf-8", Transfer::QuotedPrintable)),
        ("base64".to_owned(), message("x", text, "utf-8", Transfer::Base64)),
        ("NFD".to_owned(), message("x", &apart, "utf-8", Transfer::Base64)),
        ("capitals".to_owned(), message("x", &text.to_uppercase(), "utf-8", Transfer::QuotedPrintable)),
        ("NFD capitals".to_owned(), message("x", &apart.to_uppercase(), "utf-8", Transfer::Base64)),
        ("line breaks".to_owned(), message("x", &text.replace(' ', "\r\n"), "utf-8", Transfer::Raw)),
        (
            "soft hyphen".to_owned(),
            message("x", &text.replacen('e', "e\u{ad}", 3), "utf-8", Transfer::Base64),
        ),
    ];
    if !charset.is_empty() {
        for transfer in [Transfer::Raw, Transfer::QuotedPrintable, Transfer::Base64] {
            all.push((format!("{charset} {transfer:?}"), message("x", text, charset, transfer)));
        }
    }
    all
}

fn with_facts<T>(raw: Vec<u8>, look: impl FnOnce(&Facts) -> T) -> T {
    let message = Some(MessageEvidence { file: "m.eml".to_owned(), raw: raw.into() });
    let evidence = Evidence { message, taken_at: 1_795_435_200, ..Evidence::default() };
    let scope = Scope { topics: [Topic::Message].into(), ..Scope::everything() };
    let prepared = Prepared::new(&evidence);
    look(&Facts::build(&evidence, &scope, &prepared))
}

fn judged(facts: &Facts, code: &str, kind: MailKind) -> CheckResult {
    let check = mailvet::judge::catalog::find(code).unwrap();
    mailvet::judge::judge_one(check, facts, &Policy { kind, ..Policy::default() })
}

#[test]
fn every_phrase_is_found_in_every_form() {
    let mut lost = Vec::new();
    for phrase in phrases::all() {
        let text = &phrase.text;
        let apart: String = text.nfd().collect();
        let quotes = text.replace('\'', "\u{2019}");
        for form in [text.clone(), apart.clone(), text.to_uppercase(), apart.to_uppercase(), quotes] {
            let sentence = words::folded(&format!("Xx {form}, yy."));
            if !words::phrases_in(&sentence)
                .iter()
                .any(|(found, _)| found.text.replace('ß', "ss").contains(&text.replace('ß', "ss")))
            {
                lost.push(format!("{} {form}", phrase.language));
            }
        }
    }
    assert!(lost.is_empty(), "{} lost: {:?}", lost.len(), &lost[..lost.len().min(20)]);
}

#[test]
fn loud_mail_is_heard_in_every_encoding() {
    for language in LANGUAGES {
        let mails: Mails = fixture(language);
        for (form, raw) in forms(&mails.loud, &mails.charset) {
            let result = with_facts(raw, |facts| judged(facts, "phrases-trigger", MailKind::Unstated));
            assert_eq!(
                result.worst(),
                Some(Severity::Medium),
                "{language}, {form}: {}",
                result.outcome_name()
            );
        }
    }
}

#[test]
fn capitals_without_accents_are_heard() {
    let fold = |text: &str| -> String {
        text.nfd().filter(|c| !unicode_normalization::char::is_combining_mark(*c)).collect()
    };
    for language in ["fr", "es", "it", "pt"] {
        let mails: Mails = fixture(language);
        let raw = message("x", &fold(&mails.loud).to_uppercase(), "utf-8", Transfer::Base64);
        let result = with_facts(raw, |facts| judged(facts, "phrases-trigger", MailKind::Unstated));
        assert_eq!(result.worst(), Some(Severity::Medium), "{language}: {}", result.outcome_name());
    }
    let german = fixture::<Mails>("de").loud.replace('ü', "ue").replace('ö', "oe").replace('ä', "ae");
    let raw = message("x", &german, "us-ascii", Transfer::Raw);
    let result = with_facts(raw, |facts| judged(facts, "phrases-trigger", MailKind::Unstated));
    assert_eq!(result.worst(), Some(Severity::Medium), "{}", result.outcome_name());
}

#[test]
fn everyday_business_mail_is_quiet() {
    for language in LANGUAGES {
        let mails: Mails = fixture(language);
        let all = [
            ("quote", &mails.quote),
            ("invoice", &mails.invoice),
            ("order", &mails.order),
            ("password", &mails.password),
        ];
        for (name, text) in all {
            for (form, raw) in forms(text, &mails.charset) {
                // Capitals and words line by line are faults of their own.
                if form.contains("capitals") || form == "line breaks" || form == "soft hyphen" {
                    continue;
                }
                with_facts(raw, |facts| {
                    let result = judged(facts, "phrases-trigger", MailKind::Unstated);
                    assert_eq!(result.outcome_name(), "pass", "{language} {name}, {form}");
                    let score = facts.spam_score().unwrap().total;
                    assert!(score < 50, "{language} {name}, {form}: spam score {score}");
                    for check in mailvet::judge::catalog::of_area(Area::MalwarePhishing) {
                        let result = mailvet::judge::judge_one(check, facts, &Policy::default());
                        let worst = result.worst();
                        assert!(worst < Some(Severity::Medium), "{language} {name}, {form}: {}", check.code);
                    }
                });
            }
        }
    }
}

#[test]
fn the_way_out_is_found_in_every_language() {
    let footers: Footers = fixture("unsubscribe");
    assert!(footers.footer.len() >= 20);
    let listed: Vec<&str> =
        mailvet::data::unsubscribe_words::PHRASES.iter().map(|(language, _)| *language).collect();
    let mut lost = Vec::new();
    for footer in &footers.footer {
        for text in &footer.text {
            for (form, raw) in forms(text, "") {
                // A script without spaces and letters without case keep their only form.
                let found = with_facts(raw, |facts| {
                    let passes =
                        judged(facts, "body-unsubscribe-missing", MailKind::Bulk).outcome_name() == "pass";
                    facts.body_way().unwrap() != BodyWay::None && passes
                });
                if !found {
                    lost.push(format!("{} {form}: {text}", footer.language));
                }
            }
        }
    }
    assert!(lost.is_empty(), "{} lost:\n{}", lost.len(), lost.join("\n"));
    let missing: Vec<_> = listed
        .iter()
        .filter(|language| footers.footer.iter().all(|footer| footer.language != **language))
        .collect();
    assert!(missing.is_empty(), "no footer for {missing:?}");
    let none = message("x", "Best regards from the office, and see you on Monday.", "utf-8", Transfer::Raw);
    assert!(with_facts(none, |facts| facts.body_way().unwrap() == BodyWay::None));
}
