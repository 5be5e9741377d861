//! What good mail does and must not be blamed for, and what is one fault however often it stands:
//! links rewritten by gateways, marks of direction, AMP parts, the same fault in two alternatives,
//! a text part more, and how bulk is recognised. Each kind by variants.

use mailvet::evidence::{Evidence, MessageEvidence};
use mailvet::facts::{Facts, Prepared};
use mailvet::judge::finding::{CheckResult, Outcome};
use mailvet::model::{Scope, Severity, Topic};
use mailvet::policy::Policy;

fn judged(raw: &str) -> Vec<CheckResult> {
    let raw = raw.replace('\n', "\r\n").into_bytes();
    let message = Some(MessageEvidence { file: "case.eml".to_owned(), raw: raw.into() });
    // 2026-10-06.
    let evidence = Evidence { message, taken_at: 1_791_277_200, ..Evidence::default() };
    let scope = Scope { topics: [Topic::Message].into_iter().collect(), ..Scope::everything() };
    let prepared = Prepared::new(&evidence);
    let facts = Facts::build(&evidence, &scope, &prepared);
    mailvet::judge::catalog::all()
        .filter(|check| check.needs == [Topic::Message])
        .map(|check| mailvet::judge::judge_one(check, &facts, &Policy::default()))
        .collect()
}

/// Codes that failed at this severity or above.
fn failed(results: &[CheckResult], least: Severity) -> Vec<&'static str> {
    results.iter().filter(|r| r.worst().is_some_and(|worst| worst >= least)).map(|r| r.check.code).collect()
}

fn problems(results: &[CheckResult], code: &str) -> usize {
    let of = results.iter().find(|r| r.check.code == code).expect("a check of this code");
    match &of.outcome {
        Outcome::Fail { findings, .. } => findings.len(),
        _ => 0,
    }
}

const HEAD: &str = "From: Example Shop <news@shop.example.com>\nTo: Jane <jane@example.net>\nSubject: The plan for May\n\
                    Date: Tue, 06 Oct 2026 08:00:00 +0000\nMessage-ID: <1.a@shop.example.com>\nMIME-Version: 1.0\n";

fn text(body: &str) -> String {
    format!("{HEAD}Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{body}\n")
}

fn html(body: &str) -> String {
    format!(
        "{HEAD}Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n<!DOCTYPE html>\n\
         <html><head><title>May</title></head><body>{body}</body></html>\n"
    )
}

fn both(plain: &str, page: &str) -> String {
    format!(
        "{HEAD}Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\
         Content-Transfer-Encoding: 8bit\n\n{plain}\n--b\nContent-Type: text/html; charset=utf-8\n\
         Content-Transfer-Encoding: 8bit\n\n<!DOCTYPE html>\n<html><head><title>May</title></head><body>{page}</body></html>\n\
         --b--\n"
    )
}

/// What gateways make of a link.
fn rewritten(target: &str) -> Vec<String> {
    let coded: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
    let dashed = target.replace("://", "-3A__").replace('/', "_");
    vec![
        format!("https://nam02.safelinks.protection.outlook.com/?url={coded}&data=05"),
        format!("https://urldefense.com/v3/__{target}__;!!AbC$"),
        format!("https://urldefense.proofpoint.com/v2/url?u={dashed}&d=DwMFaQ"),
        format!("https://linkprotect.cudasvc.com/url?a={coded}&c=E,1"),
    ]
}

#[test]
fn a_gateways_link_is_judged_by_what_stands_inside() {
    for link in rewritten("https://shop.example.com/plan") {
        let results = judged(&html(&format!(
            "<p>Good morning Jane, the plan for May is <a href=\"{link}\">https://shop.example.com/plan</a>. See you on Monday.</p>"
        )));
        let alarms = failed(&results, Severity::Medium);
        assert!(!alarms.iter().any(|code| code.starts_with("link-")), "{link}: {alarms:?}");
    }
    for link in rewritten("https://paypa1.net/plan") {
        let results = judged(&html(&format!("<p>Good morning, see <a href=\"{link}\">the plan</a>.</p>")));
        assert!(failed(&results, Severity::High).contains(&"link-brand-lookalike"), "{link}");
    }
}

#[test]
fn marks_of_direction_and_joiners_are_no_disguise() {
    for words in [
        "\u{200f}שלום ג'יין\u{200f}, התוכנית של \u{200e}Excel\u{200e} מצורפת. נתראה ביום שני.",
        "\u{200f}مرحبا، خطة \u{200e}Excel 2026\u{200e} مرفقة\u{200f}. نراك يوم الاثنين.",
        "سلام، برنامهٔ ماه را می\u{200c}فرستم. خانه\u{200c}ها آماده\u{200c}اند و کتاب\u{200c}ها هم.",
        "नमस्ते, क्\u{200d}ष और क्\u{200c}ष दोनों रूप ठीक हैं। सोमवार को मिलते हैं।",
        "Der Auf\u{ad}trags\u{ad}ein\u{ad}gang im Mai, mit Silben\u{ad}trennung.",
        "Familie: 👨\u{200d}👩\u{200d}👧 und 👩\u{200d}💻, bis Montag.",
        "ＶＩＳＡカードのご利用明細をお送りします。５月の予定もご覧ください。",
    ] {
        for message in [text(words), html(&format!("<p>{words}</p>"))] {
            let alarms = failed(&judged(&message), Severity::Low);
            let wrong: Vec<_> = alarms.iter().filter(|code| code.contains("disguised")).collect();
            assert!(wrong.is_empty(), "{words}: {wrong:?}");
        }
    }
}

#[test]
fn an_amp_part_is_no_attachment() {
    for (kind, name) in [("text/x-amp-html", ""), ("text/x-amp-html", "; name=a.html")] {
        let message = both("The plan for May is ready.", "<p>The plan for May is ready.</p>").replace(
            "--b--\n",
            &format!("--b\nContent-Type: {kind}; charset=utf-8{name}\n\n<!doctype html><html amp4email><head><script async src=\"https://cdn.ampproject.org/v0.js\"></script></head><body>May</body></html>\n--b--\n"),
        );
        let alarms = failed(&judged(&message), Severity::Low);
        assert!(!alarms.iter().any(|code| code.starts_with("attachment-")), "{alarms:?}");
    }
}

#[test]
fn one_fault_is_one_finding() {
    for (fault, code) in [
        ("https://192.0.2.7/a", "link-ip-host"),
        ("https://paypa1.net/a", "link-brand-lookalike"),
        ("https://bit.ly/3abcdEf", "link-shortener"),
    ] {
        let anchor = format!(
            "<p>See <a href=\"{fault}\">the plan</a> and <a href=\"{fault}\">again</a>, also {fault}</p>"
        );
        let once = judged(&html(&format!("<p>See <a href=\"{fault}\">the plan</a></p>")));
        let often = judged(&both(&format!("See {fault} and again {fault}"), &anchor));
        assert_eq!((problems(&once, code), problems(&often, code)), (1, 1), "{code}");
    }
    // The bare host and the link to it are one fault too.
    let twice = judged(&both(
        "See paypa1.net/a",
        "<p>See <a href=\"http://paypa1.net/a\">the plan</a> or paypa1.net/a</p>",
    ));
    assert_eq!(problems(&twice, "link-brand-lookalike"), 1);
    for field in ["{{first_name}}", "{{ first_name }}"] {
        let results =
            judged(&both(&format!("Dear {field}, the plan"), &format!("<p>Dear {field}, the plan</p>")));
        assert_eq!(problems(&results, "merge-field-unreplaced"), 1, "{field}");
    }
}

#[test]
fn a_text_part_more_never_costs() {
    for words in [
        "Good morning Jane, the plan for May is ready. See you on Monday in room 3.",
        "Guten Tag, anbei unser Angebot über 1.240,00 EUR, gültig bis 31.10.2026. Mehr: https://shop.example.com/a",
        "Bonjour, votre commande 88213 est partie. Suivi : https://shop.example.com/suivi",
        "Your account is limited. Verify now: https://paypa1.net/a",
        "Visit shop.example.com/plan or write to news@shop.example.com",
    ] {
        let page = format!("<p>{words}</p>");
        let (alone, with) = (judged(&html(&page)), judged(&both(words, &page)));
        let before = failed(&alone, Severity::Low);
        let more: Vec<_> =
            failed(&with, Severity::Low).into_iter().filter(|code| !before.contains(code)).collect();
        assert!(more.is_empty(), "{words}: {more:?}");
        for code in before {
            assert!(problems(&with, code) <= problems(&alone, code).max(1), "{words}: {code}");
        }
    }
}

#[test]
fn bulk_is_recognised_by_what_it_is() {
    let missing =
        |message: &str| failed(&judged(message), Severity::Low).contains(&"list-unsubscribe-missing");
    let field = |name: &str| {
        text("The plan for May is ready.").replace("MIME-Version", &format!("{name}\nMIME-Version"))
    };
    for mark in ["Precedence: bulk", "List-Id: News <news.shop.example.com>\nPrecedence: bulk"] {
        assert!(missing(&field(mark)), "{mark}");
    }
    for offer in [
        "<h1>BUY NOW! 70 % OFF</h1><p>Everything must go, save 70% today. Shop now. View in browser</p>",
        "<h1>Nur heute: 50 % Rabatt auf alles</h1><p>Jetzt kaufen und sparen. Im Browser ansehen. Newsletter abbestellen: Antwort an uns</p>",
    ] {
        let page = html(offer).replace("The plan for May", "70 % off everything");
        assert!(missing(&page), "{offer}");
    }
    for letter in [
        "Good morning Jane, the plan for May is ready. See you on Monday.",
        "Guten Tag Frau Doe, anbei das Angebot über 1.240,00 EUR abzüglich 3 % Skonto. Mit freundlichen Grüßen",
        "Bonjour Madame, votre commande 88213 est partie ce matin. Cordialement",
    ] {
        assert!(!missing(&text(letter)), "{letter}");
    }
}

#[test]
fn the_fix_of_a_spam_score_names_no_words_to_leave_out() {
    for (from, words) in [
        (
            "Winner <win88231@example.biz>",
            "You have won! Claim your prize now, act now, limited time offer, click here immediately. Send the money by wire transfer, guaranteed loan, no credit check. http://user@192.0.2.7/win",
        ),
        (
            "Support <support88@example.biz>",
            "Your account will be suspended. Verify your account within 24 hours, confirm your identity, click here to verify: http://192.0.2.7:8080/a dear customer, kindly reply, sincerely",
        ),
    ] {
        let message = text(words)
            .replace("Example Shop <news@shop.example.com>", from)
            .replace("The plan for May", "URGENT!!! ACT NOW, VERIFY YOUR ACCOUNT!!!");
        let results = judged(&message);
        let of = results.iter().find(|r| r.check.code == "spam-score-high").unwrap();
        let Outcome::Fail { findings, .. } = &of.outcome else { panic!("{words} is no spam") };
        let fix = findings[0].problem.fix.clone().unwrap_or_default().to_lowercase();
        let proof = findings[0].problem.proof.clone().unwrap_or_default();
        for phrase in proof.split('"').skip(1).step_by(2) {
            assert!(!fix.contains(&phrase.to_lowercase()), "{phrase}: {fix}");
        }
        for courtesy in ["dear", "kindly", "sincerely", "hello", "thank", "own words"] {
            assert!(!fix.contains(courtesy), "{courtesy}: {fix}");
        }
        assert!(fix.contains("say who you are") || fix.contains("what this very offer is"), "{fix}");
    }
}
