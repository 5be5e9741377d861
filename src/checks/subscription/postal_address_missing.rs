//! Bulk mail without a postal address.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::kind::Duty;
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "postal-address-missing",
    area: Area::Subscription,
    title: "bulk mail without a postal address",
    severity: Severity::Low,
    why: "\
        CAN-SPAM (United States) and CASL (Canada) require a valid postal address in \
        advertising mail, and German law an imprint; readers and filters trust mail that \
        shows who sends it.",
    fix: "Write name and postal address of the sender into the footer.",
    references: &[Reference::Page {
        title: "CAN-SPAM Act, 15 USC 7704(a)(5)",
        url: "https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section7704",
        seen: "2026-11-23",
    }],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, policy: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    match facts.duty(policy.kind)? {
        Duty::Bulk => {}
        Duty::LikelyBulk => {
            return Ok(Verdict::NotApplicable("the mail may be bulk; --kind bulk judges it so"));
        }
        Duty::None(why) => return Ok(Verdict::NotApplicable(why)),
    }
    let text = message.visible_text();
    if text.chars().filter(|c| c.is_alphabetic()).count() < 40 {
        return Err(Gap::undecidable(
            "the body is images or nearly empty; what stands in images is not read",
        ));
    }
    if has_address(text) || message.text_body().is_some_and(|body| has_address(&body.text)) {
        return Ok(Verdict::Pass);
    }
    message.seen_whole()?;
    Ok(Verdict::Fail(vec![
        Problem::at(Subject::Message, "nothing in the body looks like a postal address or an imprint")
            .fix("add to the footer: Example Shop Ltd, 12 High Street, London W1A 1AA")
            .confidence(Confidence::Tentative),
    ]))
}

/// Words beside a house number in addresses of many countries, and imprints.
const WORDS: &[&str] = &[
    "street",
    " st.",
    " st,",
    "road",
    " rd.",
    " rd,",
    "avenue",
    " ave",
    "boulevard",
    " blvd",
    "lane",
    "drive",
    "suite",
    "floor",
    "p.o. box",
    "po box",
    "straße",
    "strasse",
    "str.",
    "platz",
    "allee",
    "weg ",
    "gasse",
    "damm ",
    "ring ",
    "ufer ",
    "chaussee",
    "postfach",
    "rue ",
    "place ",
    "quai ",
    "bp ",
    "cedex",
    "calle ",
    "avenida",
    "plaza",
    "paseo",
    "apartado",
    "piazza",
    "corso ",
    "viale ",
    "straat",
    "laan ",
    "plein",
    "gracht",
    "postbus",
    "rua ",
    "praça",
    "gatan",
    "vägen",
    "gade ",
    "gata ",
    "veien",
    "katu",
    "ulica",
    "ul. ",
    "al. ",
    "utca",
    "улица",
    "ул.",
    "imprint",
    "impressum",
    "mentions légales",
    "aviso legal",
    "note legali",
    "colofon",
    "丁目",
    "番地",
    "区",
    "市",
];

/// True where a line with a number beside a street word stands, or an imprint is named.
fn has_address(text: &str) -> bool {
    let lower = text.to_lowercase();
    WORDS.iter().any(|word| {
        lower.match_indices(word).take(200).any(|(at, _)| {
            if matches!(
                *word,
                "imprint" | "impressum" | "mentions légales" | "aviso legal" | "note legali" | "colofon"
            ) {
                return true;
            }
            let mut start = at.saturating_sub(40);
            while !lower.is_char_boundary(start) {
                start += 1;
            }
            let mut end = (at + 60).min(lower.len());
            while !lower.is_char_boundary(end) {
                end -= 1;
            }
            lower.get(start..end).unwrap_or_default().chars().any(|c| c.is_ascii_digit())
        })
    })
}
