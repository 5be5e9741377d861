//! Traits of who the message says it is from, whom it greets, and how an answer or payment is to
//! reach its sender.

use std::sync::LazyLock;

use regex::Regex;

use super::noise::is_noise;
use super::traits::{Kind, Traits, grade};
use crate::data::link_hosts::{FREE_MAIL, cheap, shop, throwaway};
use crate::facts::links::posing::{carried, look};
use crate::facts::message::MessageFacts;
use crate::facts::message::sender::Sender;
use crate::facts::message::words;
use crate::model::untrusted::{Width, plain};

pub(super) fn traits(message: &MessageFacts, body: &str, traits: &mut Traits) {
    traits.kind = Kind::Sender;
    let sender = Sender::read(message);
    names(message, &sender, traits);
    domains(&sender, traits);
    greeting(body, traits);
    traits.kind = Kind::Channel;
    channels(&sender, body, traits);
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
    traits.flag("from-domain-random", digits >= 3 || (is_noise(label) && label.len() >= 8), shown);
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
    let head: String = body.chars().take(1500).collect();
    let seen = ADDRESS.as_ref().is_some_and(|pattern| pattern.is_match(&head));
    traits.flag("greets-an-address", seen, || "the text greets a mail address".to_owned());
}

fn channels(sender: &Sender, body: &str, traits: &mut Traits) {
    static COIN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?:^|[^a-z0-9])(?:bc1[a-z0-9]{20,60}|[13][a-z0-9]{25,34}|0x[0-9a-f]{40}|t[a-z0-9]{33})(?:[^a-z0-9]|$)").ok()
    });
    let head: String = body.chars().take(20_000).collect();
    let coins = ["bitcoin", "btc", "wallet", "crypto", "usdt", "eth"].iter().any(|word| head.contains(word));
    traits.flag(
        "channel-coins",
        coins && COIN.as_ref().is_some_and(|pattern| pattern.is_match(&head)),
        || "the address of a coin purse".to_owned(),
    );
    let own = sender.address.as_deref().unwrap_or_default().to_ascii_lowercase();
    let mailboxes =
        head.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | ',' | ';' | ':' | '"'));
    let foreign = mailboxes
        .filter_map(|word| word.trim_end_matches('.').split_once('@').map(|(_, domain)| (word, domain)))
        .filter(|(word, domain)| FREE_MAIL.contains(domain) && !own.contains(word.trim_end_matches('.')))
        .count();
    traits.flag("channel-free-mailbox", foreign > 0, || "an answer is wanted at a free mailbox".to_owned());
    let chat =
        ["whatsapp", "telegram", "wechat", "viber", "skype", "signal app", "qq:", "微信", "t.me/", "wa.me/"];
    let chats = chat.iter().filter(|word| head.contains(*word)).count();
    traits.add("channel-chat", grade(chats, 2.0), || "an answer is wanted in a chat".to_owned());
    let wire = [
        "western union",
        "moneygram",
        "bank transfer",
        "wire transfer",
        "gift card",
        "zelle",
        "cash app",
        "paysafecard",
    ];
    let wires = wire.iter().filter(|word| head.contains(*word)).count();
    traits.add("channel-payment", grade(wires, 2.0), || "a payment that nobody takes back".to_owned());
}
