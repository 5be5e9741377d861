//! Names that pose as a brand's: a host that carries its word, a domain that looks like its own.
//! Judges nothing.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::data::brands::{Brand, domains_within, labels, labels_within, of_label, owner};
use crate::parse::web::idn;
use crate::parse::web::lookalike::fold_digits;

/// How a host carries a brand's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carry {
    /// Its whole domain stands in the host.
    Whole,
    /// Its word stands alone, or beside words that phishing adds.
    Word,
    /// Its word is a piece of a longer one, which may be another's name.
    Within,
}

/// The brand in a host that is not its own.
pub(crate) fn carried(host: &str, registrable: Option<&str>) -> Option<(&'static Brand, Carry)> {
    let registrable = registrable.unwrap_or(host);
    let foreign = |brand: &&Brand| !brand.owns(registrable) && !brand.serves(host);
    if let Some(brand) = domains_within(host).find(foreign) {
        return Some((brand, Carry::Whole));
    }
    let below = host.strip_suffix(registrable).unwrap_or(host).trim_end_matches('.');
    let whole =
        below.split('.').filter(|label| label.len() >= 4).find_map(|label| of_label(label).filter(foreign));
    // A label alone may be a partner's page: outlook.vendor.example.
    if let Some(brand) = whole {
        return Some((brand, Carry::Word));
    }
    let word =
        host.split(['.', '-']).filter(|word| word.len() >= 4).find_map(|word| of_label(word).filter(foreign));
    if let Some(brand) = word {
        return Some((brand, Carry::Word));
    }
    let mut within = None;
    for (brand, name) in labels_within(host).into_iter().filter(|(brand, _)| foreign(brand)) {
        // `microsoftonline` and `paypal24` say what they add; `openairinterface` is a word of its own.
        if host.split(['.', '-']).any(|piece| added(piece, name)) {
            return Some((brand, Carry::Word));
        }
        within = within.or(Some((brand, Carry::Within)));
    }
    within
}

/// What stands around the name in this piece is a number, a few letters, or a word that phishing adds.
fn added(piece: &str, name: &str) -> bool {
    let Some((before, after)) = piece.split_once(name) else { return false };
    let plain = |text: &str| {
        let text = text.trim_matches(|c: char| c.is_ascii_digit());
        text.len() <= 2 || ADDED.iter().any(|word| text.starts_with(word) || text.ends_with(word))
    };
    plain(before) && plain(after)
}

/// Words beside a brand's name in hosts that pose as it.
#[rustfmt::skip]
const ADDED: &[&str] = &[
    "account", "acct", "alert", "app", "auth", "bank", "bill", "bonus", "card", "care", "center", "centre", "chat", "check", "claim", "client",
    "cloud", "com", "confirm", "contact", "cs", "customer", "deal", "delivery", "desk", "doc", "drive", "email", "espace", "file", "form",
    "free", "fund", "gift", "global", "help", "home", "id", "info", "konto", "kunden", "live", "lock", "log", "mail", "manage", "member",
    "mobile", "my", "net", "news", "notice", "offer", "office", "official", "online", "order", "page", "parcel", "pass", "pay", "portal",
    "prime", "prize", "promo", "protect", "recover", "refund", "renew", "reset", "resolve", "review", "reward", "safe", "sale", "scan", "secur",
    "server", "service", "share", "shop", "sicher", "sign", "site", "soporte", "sso", "store", "suivi", "support", "survey", "system", "team",
    "tech", "ticket", "track", "trade", "unlock", "update", "user", "valid", "verif", "view", "vip", "voice", "wallet", "web", "win", "www",
];

/// The brand a domain imitates, and whether in ASCII alone.
pub(crate) fn look(domain: &str) -> Option<(&'static Brand, bool)> {
    if owner(domain).is_some() {
        return None;
    }
    let name = idn::decode(domain).unicode;
    let label = name.split('.').next().unwrap_or_default();
    Some((imitated(label, domain)?, label.is_ascii()))
}

/// Host-name words of five letters and more, by what they look like.
static SKELETONS: LazyLock<BTreeMap<String, (&'static Brand, &'static str)>> = LazyLock::new(|| {
    let long = labels().iter().filter(|(_, word)| word.len() >= 5);
    long.map(|(brand, word)| (idn::skeleton(word), (*brand, word.as_str()))).collect()
});

/// A brand whose word looks like the label without being it.
fn imitated(label: &str, domain: &str) -> Option<&'static Brand> {
    let foreign = |brand: &&'static Brand| !brand.owns(domain);
    if of_label(label).is_some() {
        return None;
    }
    let seen = SKELETONS.get(&idn::skeleton(label)).map(|(brand, _)| *brand);
    let read = || of_label(&fold_digits(label)).filter(|_| label.len() >= 5);
    let slip = || labels().iter().find(|(_, word)| doubled(label, word)).map(|(brand, _)| *brand);
    seen.or_else(read).or_else(slip).filter(foreign)
}

/// One letter doubled, dropped or swapped with its neighbour: `paypall`, `amzon`, `gogole`.
fn doubled(label: &str, word: &str) -> bool {
    let (label, word) = (label.as_bytes(), word.as_bytes());
    if word.len() < 6 {
        return false;
    }
    let same = label.iter().zip(word).take_while(|(a, b)| a == b).count();
    if same == 0 {
        return false;
    }
    let (left, right) = (label.get(same..).unwrap_or_default(), word.get(same..).unwrap_or_default());
    match (left, right) {
        // One more letter in the label, equal to its neighbour.
        ([extra, rest @ ..], tail) if rest == tail => label.get(same - 1) == Some(extra),
        // One letter less.
        (rest, [_, tail @ ..]) if rest == tail => true,
        ([a, b, rest @ ..], [c, d, tail @ ..]) => a == d && b == c && rest == tail,
        _ => false,
    }
}
