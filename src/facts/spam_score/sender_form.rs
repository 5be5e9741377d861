//! Traits of who the message says it is from, whom it greets, and how an answer or payment is to
//! reach its sender.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use regex::Regex;

use super::noise::is_noise;
use super::traits::{Kind, Traits, grade};
use crate::data::link_hosts::{FREE_MAIL, cheap, shop, throwaway};
use crate::facts::links::posing::{carried, look};
use crate::facts::message::MessageFacts;
use crate::facts::message::sender::Sender;
use crate::facts::message::words;
use crate::model::untrusted::{Width, plain};
use crate::parse::text::plain_text::beginning;

pub(super) fn traits(message: &MessageFacts, body: &str, traits: &mut Traits) {
    traits.kind = Kind::Sender;
    let sender = message.sender();
    names(message, sender, traits);
    domains(sender, traits);
    greeting(body, traits);
    traits.kind = Kind::Channel;
    channels(sender, body, traits);
}

fn names(message: &MessageFacts, sender: &Sender, traits: &mut Traits) {
    let from = message.from().and_then(|list| list.first().cloned());
    let local =
        from.as_ref().and_then(|mailbox| mailbox.local_part()).unwrap_or_default().to_ascii_lowercase();
    let digits = local.bytes().filter(u8::is_ascii_digit).count();
    traits.flag("from-digits", digits >= 3, || format!("the sender's address has {digits} digits"));
    traits.flag("from-local-random", is_noise(&local.replace(['.', '-', '_', '+'], "")), || {
        format!("the sender's address begins with {:?}", plain(&local, Width::Word))
    });
    let name = sender.name.trim();
    let shown = || format!("From name {:?}", plain(name, Width::Word));
    let (share, letters) = words::capitals(name);
    traits.flag("from-name-capitals", letters >= 6 && share > 0.9, shown);
    traits.flag("from-name-signs", name.contains(['!', '$', '*', '%', '@', '|', '\u{a9}', '\u{ae}']), shown);
    let name_digits = name.bytes().filter(u8::is_ascii_digit).count();
    traits.flag("from-name-digits", name_digits >= 3, shown);
    let lower = name.to_lowercase();
    let office =
        OFFICES.iter().any(|word| lower.split(|c: char| !c.is_alphanumeric()).any(|piece| piece == *word));
    traits.flag("from-office-at-free-mail", office && sender.is_free_mail(), || {
        format!("{:?} writes from a free mailbox", plain(name, Width::Word))
    });
    traits.flag("from-brand-foreign", sender.brand.is_some(), || {
        let brand = sender.brand.map_or("", |named| named.brand.name);
        format!("the name claims {brand}, the address is not its own")
    });
}

/// Offices and titles that a private mailbox does not hold.
const OFFICES: &[&str] = &[
    "admin",
    "administrator",
    "bank",
    "barrister",
    "billing",
    "ceo",
    "cfo",
    "chairman",
    "department",
    "dept",
    "desk",
    "director",
    "dr",
    "foundation",
    "helpdesk",
    "hr",
    "inc",
    "llc",
    "loan",
    "ltd",
    "manager",
    "mr",
    "mrs",
    "ms",
    "office",
    "officer",
    "payroll",
    "president",
    "promo",
    "security",
    "server",
    "service",
    "support",
    "team",
    "trust",
    "webmail",
];

fn domains(sender: &Sender, traits: &mut Traits) {
    let Some(host) = sender.domain.as_deref() else { return };
    let shown = || format!("the mail is from {}", plain(host, Width::Name));
    let cheap_suffix = throwaway(host).or_else(|| shop(host)).or_else(|| cheap(host));
    traits.add(
        "from-suffix-cheap",
        if throwaway(host).is_some() {
            1.0
        } else if cheap_suffix.is_some() {
            0.6
        } else {
            0.0
        },
        shown,
    );
    let domain = sender.registrable.as_deref().unwrap_or(host);
    let poses = crate::data::brands::owner(domain).is_none()
        && (look(domain).is_some() || carried(host, Some(domain)).is_some());
    traits.flag("from-domain-poses", poses && !sender.is_free_mail(), shown);
    let label = domain.split('.').next().unwrap_or_default();
    let digits = label.bytes().filter(u8::is_ascii_digit).count();
    // 163.com is the house of millions.
    let random = digits >= 3 || (is_noise(label) && label.len() >= 8);
    traits.flag("from-domain-random", random && !sender.is_free_mail(), shown);
    // Names of companies are short; those bought for one mailing say what it sells.
    let hyphens = label.bytes().filter(|b| *b == b'-').count();
    let bought = !label.starts_with("xn--") && (hyphens >= 2 || (hyphens == 1 && digits > 0));
    traits.flag("from-domain-put-together", bought, shown);
    let below = host.strip_suffix(domain).unwrap_or_default();
    traits.flag("from-machine", below.bytes().any(|b| b.is_ascii_digit()), shown);
    traits.flag("from-free-mail", sender.is_free_mail(), shown);
}

/// "Dear anna@example.com", "Hi info,": a program that knows the address and nobody behind it.
fn greeting(body: &str, traits: &mut Traits) {
    static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let words = "dear|hi|hello|hey|attn|attention|hola|estimado|estimada|ola|bonjour|cher|hallo|guten tag|ciao|gentile|prezado|user|client";
        Regex::new(&format!(r"(?:^|[\s.,:;!])(?:{words})[\s:,()a\u{{c0}}-\u{{24f}}]{{1,14}}[a-z0-9._+-]{{1,40}}@[a-z0-9.-]+\.[a-z]{{2,}}")).ok()
    });
    let head = beginning(body, 1500);
    // Most letters name no address at their beginning.
    let named = memchr::memchr(b'@', head.as_bytes()).is_some();
    let seen = named && ADDRESS.as_ref().is_some_and(|pattern| pattern.is_match(head));
    traits.flag("greets-an-address", seen, || "the text greets a mail address".to_owned());
}

fn channels(sender: &Sender, body: &str, traits: &mut Traits) {
    static COIN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?:^|[^a-z0-9])(?:bc1[a-z0-9]{20,60}|[13][a-z0-9]{25,34}|0x[0-9a-f]{40}|t[a-z0-9]{33})(?:[^a-z0-9]|$)").ok()
    });
    let head = beginning(body, 20_000);
    let words = words_of_channels(head);
    let count = |wanted: Way| words.iter().filter(|(way, _)| *way == wanted).count();
    let coins = count(Way::Coins) > 0 && COIN.as_ref().is_some_and(|pattern| pattern.is_match(head));
    traits.flag("channel-coins", coins, || "the address of a coin purse".to_owned());
    let own = sender.address.as_deref().unwrap_or_default().to_ascii_lowercase();
    let ends = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | ',' | ';' | ':' | '"');
    let foreign = head
        .split(ends)
        .map(|word| word.trim_end_matches('.'))
        .filter_map(|word| word.split_once('@').map(|(_, domain)| (word, domain)))
        .filter(|(word, domain)| FREE_MAIL.contains(domain) && !own.contains(word))
        .count();
    traits.flag("channel-free-mailbox", foreign > 0, || "an answer is wanted at a free mailbox".to_owned());
    let (chats, wires) = (count(Way::Chat), count(Way::Wire));
    traits.add("channel-chat", grade(chats, 2.0), || "an answer is wanted in a chat".to_owned());
    traits.add("channel-payment", grade(wires, 2.0), || "a payment that nobody takes back".to_owned());
}

/// How an answer or a payment is to reach the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Coins,
    Chat,
    Wire,
}

#[rustfmt::skip]
const WAYS: [(Way, &[&str]); 3] = [
    (Way::Coins, &["bitcoin", "btc", "wallet", "crypto", "usdt", "eth"]),
    (Way::Chat, &["whatsapp", "telegram", "wechat", "viber", "skype", "signal app", "qq:", "微信", "t.me/", "wa.me/"]),
    (Way::Wire, &["western union", "moneygram", "bank transfer", "wire transfer", "gift card", "zelle", "cash app", "paysafecard"]),
];

/// The words of [`WAYS`] that stand in a text, each once.
fn words_of_channels(text: &str) -> BTreeSet<(Way, usize)> {
    static FINDER: LazyLock<Option<AhoCorasick>> =
        LazyLock::new(|| AhoCorasick::new(WAYS.iter().flat_map(|(_, words)| words.iter())).ok());
    let of: Vec<Way> = WAYS.iter().flat_map(|(way, words)| words.iter().map(|_| *way)).collect();
    let hits = FINDER.as_ref().map(|finder| finder.find_overlapping_iter(text));
    let hits = hits.into_iter().flatten().map(|hit| hit.pattern().as_usize());
    hits.filter_map(|at| Some((*of.get(at)?, at))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_channels_are_told_once_each() {
        let ways = |text: &str| words_of_channels(text).into_iter().map(|(way, _)| way).collect::<Vec<_>>();
        assert_eq!(ways("send bitcoin to my bitcoin wallet"), [Way::Coins, Way::Coins]);
        assert_eq!(ways("whatsapp or t.me/x, a gift card"), [Way::Chat, Way::Chat, Way::Wire]);
        assert!(ways("a letter").is_empty());
    }
}
