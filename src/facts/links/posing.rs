//! Names that pose as a brand's: a host that carries its word, a domain that looks like its own.
//! Judges nothing.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::data::brands::{Brand, all, domains_within, labels, labels_within, of_label, owner};
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
    let brand = imitated(label, domain).or_else(|| {
        // A piece beside others is no slip of the hand: only letters that look alike count.
        let mut pieces = label.split('-').filter(|piece| piece.len() < label.len());
        pieces.find_map(|piece| drawn_alike(piece).filter(|brand| !brand.owns(domain)))
    })?;
    Some((brand, label.is_ascii()))
}

/// Host-name words of five letters and more, by what they look like.
static SKELETONS: LazyLock<BTreeMap<String, (&'static Brand, &'static str)>> = LazyLock::new(|| {
    let long = labels().iter().filter(|(_, word)| word.len() >= 5);
    long.map(|(brand, word)| (idn::skeleton(word), (*brand, word.as_str()))).collect()
});

/// Words long enough for a slip, by their first letter: nobody slips there.
static BY_FIRST: LazyLock<BTreeMap<u8, Vec<(&'static Brand, &'static str)>>> = LazyLock::new(|| {
    let mut by_first: BTreeMap<u8, Vec<_>> = BTreeMap::new();
    for (brand, word) in labels().iter().filter(|(_, word)| word.len() >= 6) {
        by_first.entry(word.as_bytes()[0]).or_default().push((*brand, word.as_str()));
    }
    by_first
});

/// A brand whose word looks like the label without being it.
fn imitated(label: &str, domain: &str) -> Option<&'static Brand> {
    let foreign = |brand: &&'static Brand| !brand.owns(domain);
    if of_label(label).is_some() {
        return None;
    }
    let alike = || label.bytes().next().and_then(|first| BY_FIRST.get(&first)).into_iter().flatten();
    let slip = || alike().find(|(_, word)| doubled(label, word)).map(|(brand, _)| *brand);
    drawn_alike(label).or_else(slip).filter(foreign)
}

/// A brand whose word is drawn as the label is, in other letters.
fn drawn_alike(label: &str) -> Option<&'static Brand> {
    if of_label(label).is_some() {
        return None;
    }
    let seen = SKELETONS.get(&idn::skeleton(label)).map(|(brand, _)| *brand);
    let read = || of_label(&fold_digits(label)).filter(|_| label.len() >= 5).or_else(|| in_digits(label));
    let swapped = || {
        let (brand, word) = DRAWN.get(&drawn(label))?;
        is_one_swap(label, word).then_some(*brand)
    };
    seen.or_else(read).or_else(swapped)
}

/// A brand whose word is written with digits for letters: `app1e`, `z00m`. Nobody writes an everyday
/// word so, nor a short one of four letters; one of three is initials as often.
fn in_digits(label: &str) -> Option<&'static Brand> {
    if label.len() < 4 || !label.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let same = |word: &str| {
        let stands = |(seen, meant): (char, char)| {
            seen == meant || (seen.is_ascii_digit() && meant.is_ascii_alphabetic())
        };
        word.len() == label.len() && label.chars().zip(word.chars()).all(stands)
    };
    let known = WITH_DIGITS.get(&letters_for_digits(label))?;
    known.iter().find(|(_, word)| same(word)).map(|(brand, _)| *brand)
}

/// Words of four letters and more, everyday ones too, with one letter for those that a digit stands for.
static WITH_DIGITS: LazyLock<BTreeMap<String, Vec<(&'static Brand, String)>>> = LazyLock::new(|| {
    let mut words: BTreeMap<String, Vec<_>> = BTreeMap::new();
    let long = all().flat_map(|brand| brand.labels().map(move |word| (brand, word)));
    for (brand, word) in long.filter(|(_, word)| word.len() >= 4) {
        words.entry(letters_for_digits(&word)).or_default().push((brand, word));
    }
    words
});

fn letters_for_digits(label: &str) -> String {
    let one = |c: char| match c {
        '0' => 'o',
        '1' | 'l' => 'i',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        '8' => 'b',
        '9' => 'g',
        other => other,
    };
    label.chars().map(one).collect()
}

/// Words of six letters and more, by how they are drawn.
static DRAWN: LazyLock<BTreeMap<String, (&'static Brand, &'static str)>> = LazyLock::new(|| {
    let long = labels().iter().filter(|(_, word)| word.len() >= 6);
    long.map(|(brand, word)| (drawn(word), (*brand, word.as_str()))).collect()
});

/// One letter for those that are taken for it in small print.
fn drawn(label: &str) -> String {
    let joined = label.replace("rn", "m").replace("vv", "w");
    let one = |c: char| match c {
        '1' | 'l' => 'i',
        '0' => 'o',
        'm' => 'n',
        'v' => 'u',
        other => other,
    };
    joined.chars().map(one).collect()
}

/// One letter differs, or a pair stands for one: who replaces several makes another word.
fn is_one_swap(label: &str, word: &str) -> bool {
    let other = label.bytes().zip(word.bytes()).filter(|(a, b)| a != b).count();
    label.len().abs_diff(word.len()) == 1 || (label.len() == word.len() && other == 1)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_for_letters_are_read() {
        let name = |domain: &str| look(domain).map(|(brand, _)| brand.name);
        for (domain, brand) in [
            ("app1e.com", "Apple"),
            ("4pple.com", "Apple"),
            ("g00gle.com", "Google"),
            ("goog1e.net", "Google"),
            ("amaz0n.org", "Amazon"),
            ("paypa1.net", "PayPal"),
            ("app1e-support.net", "Apple"),
            ("id-app1e.net", "Apple"),
            ("micr0s0ft.net", "Microsoft"),
        ] {
            assert_eq!(name(domain), Some(brand), "{domain}");
        }
        // The brands, everyday words, counters and initials.
        for domain in [
            "apple.com",
            "apples.com",
            "pineapple.com",
            "google.com",
            "line5.com",
            "web24.de",
            "a1.net",
            "s1gna.de",
            "4you.de",
            "b2b.com",
            "studio54.com",
            "line.me",
            "apple1.org",
            "m1x.com",
            "team7.at",
            "1und1.de",
        ] {
            assert_eq!(name(domain), None, "{domain}");
        }
    }
}
