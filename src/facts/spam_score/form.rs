//! Traits of the message's form: subject, addresses, structure, wording. Each is a
//! value from 0 to 1 with what was seen; weights are elsewhere.

use std::sync::LazyLock;

use regex::Regex;

use super::noise::is_noise;
use super::traits::{Kind, Trait, Traits, counted, grade};
use super::{html_form, link_form, sender_form};
use crate::data::extensions;
use crate::facts::message::MessageFacts;
use crate::facts::message::{disguise, words};
use crate::model::untrusted::{Width, plain};
use crate::parse::message::TransferEncoding;
use crate::parse::text::plain_text::beginning;

/// All traits of a message. `body` is folded.
pub(super) fn traits(message: &MessageFacts, body: &str) -> Vec<Trait> {
    let mut traits = Traits::new();
    subject_form(message, &mut traits);
    structure(message, &mut traits);
    wording(message, body, &mut traits);
    sender_form::traits(message, body, &mut traits);
    html_form::traits(message, &mut traits);
    link_form::traits(message, body, &mut traits);
    let elsewhere = traits.list.iter().any(|seen| seen.name == "links-elsewhere");
    appeals(message, body, elsewhere, &mut traits);
    traits.list
}

fn subject_form(message: &MessageFacts, traits: &mut Traits) {
    let whole = message.subject().unwrap_or_default();
    let subject = bare_subject(whole);
    let shown = || format!("subject {:?}", plain(whole, Width::Name));
    traits.kind = Kind::Loudness;
    let (share, letters) = words::capitals(subject);
    traits.flag("subject-capitals", letters >= 8 && share > 0.7, shown);
    traits.flag("subject-exclamation", subject.contains('!'), shown);
    traits.flag("subject-question", subject.trim_end().ends_with('?'), shown);
    traits.flag("subject-money", subject.contains(['$', '€', '£', '%']), shown);
    traits.kind = Kind::Disguise;
    traits.flag("subject-gap", has_gap_and_code(subject), shown);
    let tricks = words::spaced_words(subject).len() + disguise::disguised_words(subject).len();
    traits.flag("subject-disguised", tricks > 0, shown);
    traits.kind = Kind::Loudness;
    let symbols =
        subject.chars().filter(|c| matches!(*c, '\u{2600}'..='\u{27bf}' | '\u{1f300}'..='\u{1faff}')).count();
    traits.flag("subject-pictures", symbols > 0, shown);
}

/// `Buy now        xkqz12`: white space, then a code that only confuses checksums.
fn has_gap_and_code(subject: &str) -> bool {
    let trimmed = subject.trim_end();
    let Some((head, tail)) = trimmed.rsplit_once("   ") else { return false };
    !head.trim().is_empty() && !tail.is_empty() && !tail.contains(' ')
}

fn structure(message: &MessageFacts, traits: &mut Traits) {
    traits.kind = Kind::Form;
    let (html, text) = (message.html_body(), message.text_body());
    let empty_text = text.is_none_or(|body| body.text.trim().is_empty());
    traits.flag("html-only", html.is_some() && empty_text, || "HTML without a text part".to_owned());
    let base64 = message.bodies().iter().any(|body| {
        let part = message.parts().get(body.part);
        body.text.is_ascii() && part.is_some_and(|part| part.encoding == TransferEncoding::Base64)
    });
    traits.flag("text-base64", base64, || "plain ASCII text sent as base64".to_owned());
    let faults: usize = message.parts().iter().map(|part| part.faults.len()).sum();
    traits.flag("mime-broken", faults > 0, || format!("{} in the MIME structure", counted(faults, "fault")));
    let raw = message.fields().iter().filter(|field| field.is_eight_bit()).count();
    traits.flag("header-raw-eight-bit", raw > 0, || {
        format!("{} with raw 8-bit bytes", counted(raw, "header field"))
    });
    let undeclared = message.bodies().iter().any(|body| body.wrong_charset || body.unknown_charset);
    traits.flag("charset-wrong", undeclared, || "the text is not in the declared charset".to_owned());
    let long = message.lines().over_998.count as usize;
    traits.flag("line-too-long", long > 0, || format!("{} over 998 bytes", counted(long, "line")));
    traits.kind = Kind::Attachment;
    let (mut files, mut programs, mut pages, mut packed) = (0, 0, 0, 0);
    for part in message.attachments() {
        files += 1;
        let name = part.filename.as_deref().unwrap_or_default().to_ascii_lowercase();
        let end = name.rsplit('.').next().unwrap_or_default();
        let program = extensions::is_executable(end) || extensions::DISK_IMAGE.contains(&end);
        packed +=
            usize::from(matches!(end, "zip" | "rar" | "7z" | "gz" | "z" | "tgz" | "cab" | "ace" | "arj"));
        programs += usize::from(program);
        pages +=
            usize::from(matches!(end, "htm" | "html" | "shtml" | "svg") || part.content_type == "text/html");
    }
    traits.flag("attachment-program", programs > 0, || counted(programs, "attached program"));
    traits.flag("attachment-page", pages > 0, || counted(pages, "attached HTML page"));
    traits.flag("attachment-packed", packed > 0, || counted(packed, "attached archive"));
    let little = message.visible_letters().said() < 120;
    traits.flag("attachment-instead-of-text", files > 0 && little, || {
        format!("{} and hardly any text", counted(files, "attachment"))
    });
}

fn wording(message: &MessageFacts, body: &str, traits: &mut Traits) {
    traits.kind = Kind::Loudness;
    let text = message.visible_text();
    let letters = message.visible_letters();
    let (share, letters) = (letters.capitals(), letters.cased());
    traits.add("body-capitals", if letters >= 60 { ((share - 0.08) / 0.3).max(0.0) } else { 0.0 }, || {
        format!("{:.0} % capitals", share * 100.0)
    });
    let count = |sign| memchr::memchr_iter(sign, body.as_bytes()).count();
    let loud = count(b'!');
    traits.add("body-exclamations", grade(loud, 20.0), || counted(loud, "exclamation mark"));
    let doubled = if loud > 1 { body.matches("!!").count() } else { 0 };
    traits.flag("body-exclamations-doubled", doubled > 0, || "!! in the text".to_owned());
    let sums = money(body);
    traits.add("body-money", grade(sums, 12.0), || {
        if sums == 1 { "1 amount of money".to_owned() } else { format!("{sums} amounts of money") }
    });
    let percents = count(b'%');
    traits.add("body-percent", grade(percents, 12.0), || counted(percents, "percent sign"));
    traits.kind = Kind::Form;
    let length = body.chars().count();
    traits.flag("body-short", length > 0 && length < 200, || {
        format!("{} of text", counted(length, "character"))
    });
    traits.flag("body-empty", length == 0, || "no text".to_owned());
    traits.kind = Kind::Disguise;
    let tricks = words::spaced_words(text).len() + disguise::disguised_words(text).len();
    traits.add("body-disguised", grade(tricks, 4.0), || counted(tricks, "spaced or disguised word"));
    let invisible =
        if text.is_ascii() { 0 } else { text.chars().filter(|c| words::is_invisible(*c)).count() };
    traits.add("body-invisible-characters", grade(invisible, 60.0), || {
        counted(invisible, "invisible character")
    });
    let noise = words::tokens(body).filter(|(token, plain)| *plain && is_noise(token)).count();
    traits.add("body-noise", grade(noise, 6.0), || counted(noise, "meaningless word"));
}

/// What the reader is asked for. A family that speaks in the subject speaks louder; in a long text
/// more is said by chance.
fn appeals(message: &MessageFacts, body: &str, elsewhere: bool, traits: &mut Traits) {
    let length = body.len().min(6000) as f64 / 6.0;
    let dilution = (length / 100.0).max(1.0).sqrt();
    let mut worst: Option<(f64, String)> = None;
    traits.kind = Kind::Appeal;
    for appeal in message.appeals().all() {
        let front = if appeal.is_in_front() { 3 } else { 0 };
        let weight = f64::from(appeal.weight() + front) / dilution;
        traits.add(&appeal.family.name, weight / 8.0, || appeal.shown(4));
        if appeal.family.fraud && worst.as_ref().is_none_or(|(most, _)| *most < weight) {
            worst = Some((weight, appeal.shown(2)));
        }
    }
    crimes(message, body, traits);
    // The plainest mark of phishing is a lure whose links are nobody's.
    traits.kind = Kind::Links;
    if let Some((weight, shown)) = worst.filter(|(weight, _)| elsewhere && *weight >= 2.5) {
        traits.add("lure-elsewhere", weight / 6.0, || {
            format!("{shown}, and no link to the sender's own domain")
        });
    }
}

/// What a crime is done with: a deadline, coins, a mailbox of anyone's. Alone each is everyday.
fn crimes(message: &MessageFacts, body: &str, traits: &mut Traits) {
    let crime = message.appeals().worst_fraud().filter(|appeal| appeal.weight() >= 3);
    let Some(crime) = crime else { return };
    traits.kind = Kind::Loudness;
    let hours = deadline(body);
    traits.flag("lure-with-deadline", hours.is_some(), || {
        format!("{}, within {}", crime.shown(1), hours.unwrap_or_default())
    });
    let sender = message.sender();
    traits.kind = Kind::Sender;
    let paid =
        ["gift-cards", "payroll", "wire", "fortune", "sextortion"].contains(&crime.family.name.as_str());
    traits.flag("crime-from-free-mail", paid && sender.is_free_mail(), || {
        format!("{} from a free mailbox", crime.shown(1))
    });
    traits.kind = Kind::Channel;
    let coins = traits.list.iter().any(|seen| seen.name == "channel-coins");
    let blackmail = crime.family.name == "sextortion";
    traits.flag("blackmail-in-coins", blackmail && coins, || {
        format!("{} beside the address of a coin purse", crime.shown(1))
    });
}

/// `24 hours`, `48 Stunden`, `24時間`: how long the reader is given.
fn deadline(body: &str) -> Option<&str> {
    static HOURS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let words =
            "hours?|hrs|stunden|heures|horas|ore|uur|godzin|saat|часов|часа|timmar|timer|tuntia|hodin|óra";
        Regex::new(&format!(
            r"(?:^|[^0-9])((?:12|24|36|48|72) ?(?:(?:{words})(?:[^a-z]|$)|時間|小时|小時|시간))"
        ))
        .ok()
    });
    let head = beginning(body, 20_000);
    let found = HOURS.as_ref()?.captures(head)?.get(1)?;
    Some(found.as_str().trim_end_matches(|c: char| !c.is_alphanumeric()))
}

/// `$20`, `20 €`, `USD 5`: signs next to digits.
fn money(body: &str) -> usize {
    // The pound and yen signs begin with 0xC2 in UTF-8, the euro sign with 0xE2.
    if memchr::memchr3(b'$', 0xc2, 0xe2, body.as_bytes()).is_none() || !body.contains(['$', '€', '£', '¥'])
    {
        return 0;
    }
    let chars: Vec<char> = body.chars().collect();
    let digit = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_digit);
    chars
        .iter()
        .enumerate()
        .filter(|(_, c)| matches!(c, '$' | '€' | '£' | '¥'))
        .filter(|(at, _)| {
            digit(Some(at + 1)) || digit(Some(at + 2)) || digit(at.checked_sub(1)) || digit(at.checked_sub(2))
        })
        .count()
}

/// The subject without reply marks and list tags.
pub fn bare_subject(subject: &str) -> &str {
    let mut rest = subject.trim();
    for _ in 0..8 {
        let before = rest;
        if let Some((prefix, after)) = rest.split_once(':')
            && matches!(
                prefix.trim().to_ascii_lowercase().as_str(),
                "re" | "fwd" | "fw" | "aw" | "wg" | "sv" | "tr" | "rv" | "res"
            )
        {
            rest = after.trim_start();
        }
        if let Some(inner) = rest.strip_prefix('[')
            && let Some((_, after)) = inner.split_once(']')
        {
            rest = after.trim_start();
        }
        if rest == before {
            break;
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_are_read() {
        for (text, hours) in [
            ("pay within 24 hours, or", Some("24 hours")),
            ("innerhalb von 48 stunden", Some("48 stunden")),
            ("24時間以内", Some("24時間")),
            ("open 124 hours", None),
            ("24 horaslong", None),
            ("in 3 hours", None),
        ] {
            assert_eq!(deadline(text), hours, "{text}");
        }
    }

    #[test]
    fn subjects_lose_reply_marks_and_list_tags() {
        assert_eq!(bare_subject("Re: [list] Fwd: AW: hello: you"), "hello: you");
        assert_eq!(bare_subject("[list"), "[list");
        assert_eq!(bare_subject(""), "");
    }
}
