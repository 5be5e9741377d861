//! Traits of the message's form: subject, addresses, structure, wording. Each is a
//! value from 0 to 1 with what was seen; weights are elsewhere.

use std::collections::BTreeMap;

use super::traits::{Trait, Traits, grade, organisation};
use super::{html_form, link_form};
use crate::facts::message::MessageFacts;
use crate::facts::message::{disguise, words};
use crate::model::untrusted::{Width, plain};
use crate::parse::message::TransferEncoding;

/// All traits of a message. `body` and `subject` are folded.
pub(super) fn traits(message: &MessageFacts, body: &str, subject: &str) -> Vec<Trait> {
    let mut traits = Traits::default();
    subject_form(message, &mut traits);
    addresses(message, &mut traits);
    structure(message, &mut traits);
    wording(message, body, subject, &mut traits);
    html_form::traits(message, &mut traits);
    link_form::traits(message, body, &mut traits);
    traits.0
}

fn subject_form(message: &MessageFacts, traits: &mut Traits) {
    let whole = message.subject().unwrap_or_default();
    let subject = bare_subject(whole);
    let shown = || format!("subject {:?}", plain(whole, Width::Name));
    traits.flag("subject-empty", subject.is_empty(), || "no subject".to_owned());
    let (share, letters) = words::capitals(subject);
    traits.flag("subject-capitals", letters >= 8 && share > 0.7, shown);
    traits.flag("subject-exclamation", subject.contains('!'), shown);
    traits.flag("subject-question", subject.trim_end().ends_with('?'), shown);
    traits.flag("subject-money", subject.contains(['$', '€', '£', '%']), shown);
    traits.flag("subject-gap", has_gap_and_code(subject), shown);
    let reply = whole.trim_start().get(..3).is_some_and(|start| start.eq_ignore_ascii_case("re:"));
    let answers = message.first("References").is_some() || message.first("In-Reply-To").is_some();
    traits.flag("subject-reply-feigned", reply && !answers, shown);
    traits.flag("subject-ellipsis", subject.contains("..."), shown);
    let tricks = words::spaced_words(subject).len() + disguise::disguised_words(subject).len();
    traits.flag("subject-disguised", tricks > 0, shown);
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

fn addresses(message: &MessageFacts, traits: &mut Traits) {
    let from = message.from().and_then(|list| list.first());
    let local = from.and_then(|mailbox| mailbox.local_part()).unwrap_or_default();
    let digits = local.bytes().filter(u8::is_ascii_digit).count();
    traits.flag("from-digits", digits >= 3, || format!("the sender's address has {digits} digits"));
    let name = from.and_then(|mailbox| mailbox.name.as_deref()).unwrap_or_default().trim();
    traits.flag("from-name-missing", name.is_empty(), || "the From address has no name".to_owned());
    let (share, letters) = words::capitals(name);
    traits.flag("from-name-capitals", letters >= 6 && share > 0.9, || {
        format!("From name {:?}", plain(name, Width::Word))
    });
    traits.flag("from-name-signs", name.contains(['!', '$', '*', '%', '@']), || {
        format!("From name {:?}", plain(name, Width::Word))
    });
    let own = message.from_domain().unwrap_or_default();
    let reply = message.addresses("Reply-To").and_then(|list| list.first().and_then(|m| m.domain()));
    let elsewhere = reply.filter(|domain| !own.is_empty() && organisation(domain) != organisation(&own));
    traits.flag("reply-to-elsewhere", elsewhere.is_some(), || {
        format!("Reply-To is at {}", plain(elsewhere.as_deref().unwrap_or_default(), Width::Name))
    });
    let to = message.addresses("To");
    let hidden = to.as_ref().and_then(|list| list.first()).is_none();
    traits.flag("recipient-hidden", hidden, || "no recipient in To".to_owned());
    let own_address = from.and_then(|mailbox| mailbox.address.clone()).unwrap_or_default();
    let to_self = to.as_ref().and_then(|list| list.first()).is_some_and(|m| {
        !own_address.is_empty() && m.address.as_deref().is_some_and(|a| a.eq_ignore_ascii_case(&own_address))
    });
    traits.flag("recipient-is-sender", to_self, || "To repeats the sender's address".to_owned());
}

fn structure(message: &MessageFacts, traits: &mut Traits) {
    let (html, text) = (message.html_body(), message.text_body());
    let empty_text = text.is_none_or(|body| body.text.trim().is_empty());
    traits.flag("html-only", html.is_some() && empty_text, || "HTML without a text part".to_owned());
    let base64 = message.bodies().iter().any(|body| {
        let part = message.parts().get(body.part);
        body.text.is_ascii() && part.is_some_and(|part| part.encoding == TransferEncoding::Base64)
    });
    traits.flag("text-base64", base64, || "plain ASCII text sent as base64".to_owned());
    let faults: usize = message.parts().iter().map(|part| part.faults.len()).sum();
    traits.flag("mime-broken", faults > 0, || format!("{faults} faults in the MIME structure"));
    let raw = message.fields().iter().filter(|field| field.is_eight_bit()).count();
    traits.flag("header-raw-eight-bit", raw > 0, || format!("{raw} header fields with raw 8-bit bytes"));
    let undeclared = message.bodies().iter().any(|body| body.wrong_charset || body.unknown_charset);
    traits.flag("charset-wrong", undeclared, || "the text is not in the declared charset".to_owned());
    let long = message.lines().over_998.count as usize;
    traits.flag("line-too-long", long > 0, || format!("{long} lines over 998 bytes"));
    let (mut files, mut programs, mut pages) = (0, 0, 0);
    for part in message.attachments() {
        files += 1;
        let name = part.filename.as_deref().unwrap_or_default().to_ascii_lowercase();
        let end = name.rsplit('.').next().unwrap_or_default();
        let program = matches!(
            end,
            "exe"
                | "scr"
                | "pif"
                | "bat"
                | "cmd"
                | "com"
                | "vbs"
                | "js"
                | "lnk"
                | "hta"
                | "jar"
                | "iso"
                | "img"
                | "wsf"
        );
        programs += usize::from(program);
        pages +=
            usize::from(matches!(end, "htm" | "html" | "shtml" | "svg") || part.content_type == "text/html");
    }
    traits.flag("attachment-program", programs > 0, || format!("{programs} attached programs or scripts"));
    traits.flag("attachment-page", pages > 0, || format!("{pages} attached HTML pages"));
    traits.flag("attachment-any", files > 0, || format!("{files} attachments"));
}

fn wording(message: &MessageFacts, body: &str, subject: &str, traits: &mut Traits) {
    let text = message.visible_text();
    let letters = message.visible_letters();
    let (share, letters) = (letters.capitals(), letters.cased());
    traits.add("body-capitals", if letters >= 60 { ((share - 0.08) / 0.3).max(0.0) } else { 0.0 }, || {
        format!("{:.0} % capitals", share * 100.0)
    });
    let count = |sign| memchr::memchr_iter(sign, body.as_bytes()).count();
    let loud = count(b'!');
    traits.add("body-exclamations", grade(loud, 20.0), || format!("{loud} exclamation marks"));
    let doubled = if loud > 1 { body.matches("!!").count() } else { 0 };
    traits.flag("body-exclamations-doubled", doubled > 0, || "!! in the text".to_owned());
    let sums = money(body);
    traits.add("body-money", grade(sums, 12.0), || format!("{sums} amounts of money"));
    let percents = count(b'%');
    traits.add("body-percent", grade(percents, 12.0), || format!("{percents} percent signs"));
    let length = body.chars().count();
    traits.flag("body-short", length > 0 && length < 200, || format!("{length} characters of text"));
    traits.flag("body-empty", length == 0, || "no text".to_owned());
    let tricks = words::spaced_words(text).len() + disguise::disguised_words(text).len();
    traits.add("body-disguised", grade(tricks, 4.0), || format!("{tricks} spaced or disguised words"));
    let invisible =
        if text.is_ascii() { 0 } else { text.chars().filter(|c| words::is_invisible(*c)).count() };
    traits.add("body-invisible-characters", grade(invisible, 60.0), || {
        format!("{invisible} invisible characters")
    });
    let noise = words::tokens(body).filter(|(token, plain)| *plain && is_noise(token)).count();
    traits.add("body-noise", grade(noise, 6.0), || format!("{noise} meaningless words"));
    let mut topics: BTreeMap<&'static str, (u32, Vec<&str>)> = BTreeMap::new();
    let found = message.wording().in_body.iter().copied().chain(words::phrases_in(subject));
    for (phrase, _) in found {
        let entry = topics.entry(topic_name(&phrase.topic)).or_default();
        entry.0 += u32::from(phrase.weight);
        entry.1.push(&phrase.text);
    }
    for (name, (weight, phrases)) in topics {
        traits.add(name, grade(weight as usize, 9.0), || {
            phrases.iter().take(5).copied().collect::<Vec<_>>().join(", ")
        });
    }
}

fn topic_name(topic: &str) -> &'static str {
    match topic {
        "urgency" => "phrases-urgency",
        "money" => "phrases-money",
        "free offer" => "phrases-free-offer",
        "prize" => "phrases-prize",
        "advance fee" => "phrases-advance-fee",
        "credentials" => "phrases-credentials",
        "health" => "phrases-health",
        "adult" => "phrases-adult",
        "counterfeit and licence" => "phrases-counterfeit",
        _ => "phrases-marketing-pressure",
    }
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

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sound {
    Digit,
    Vowel,
    Consonant,
}

/// Of ASCII letters and digits, a long run that no language has: `xkq83hfjw2`.
fn is_noise(token: &str) -> bool {
    if !(8..=40).contains(&token.len()) {
        return false;
    }
    let (mut changes, mut run, mut longest) = (0, 0, 0);
    let mut before = None;
    for byte in token.bytes() {
        let kind = match byte {
            b'0'..=b'9' => Sound::Digit,
            b'a' | b'e' | b'i' | b'o' | b'u' | b'y' => Sound::Vowel,
            _ => Sound::Consonant,
        };
        changes +=
            usize::from(before.is_some_and(|before| (before == Sound::Digit) != (kind == Sound::Digit)));
        run = if kind == Sound::Consonant { run + 1 } else { 0 };
        longest = longest.max(run);
        before = Some(kind);
    }
    changes >= 3 || longest >= 6
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
    fn subjects_lose_reply_marks_and_list_tags() {
        assert_eq!(bare_subject("Re: [list] Fwd: AW: hello: you"), "hello: you");
        assert_eq!(bare_subject("[list"), "[list");
        assert_eq!(bare_subject(""), "");
    }
}
