//! Who the message says it is from, and whom it would have the reader believe:
//! addresses, display name, and the brands named. Judges nothing.

use crate::data::brands::{self, Brand};
use crate::data::house_words::EVERYBODYS;
use crate::data::link_hosts::{FREE_MAIL, with_parents};
use crate::facts::message::MessageFacts;
use crate::parse::web::lookalike::{fold, fold_digits, stands_alone};
use crate::parse::web::url::registrable;

/// The sender as the reader sees it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sender {
    /// Display names of the From field, joined.
    pub name: String,
    /// The first real address.
    pub address: Option<String>,
    pub domain: Option<String>,
    pub registrable: Option<String>,
    /// Line of the From field.
    pub line: Option<u32>,
    /// Mailboxes and bare names in the From field.
    pub mailboxes: usize,
    /// The brand named, unless the address is its own.
    pub brand: Option<NamedBrand>,
    pub reply_to: Vec<String>,
    pub reply_to_line: Option<u32>,
    /// Mailing-list headers: others may stand in From.
    pub is_list: bool,
    /// Registrable domains that answer for the mail: From, Sender, Return-Path, DKIM `d=`, List-Unsubscribe.
    pub answerable: Vec<String>,
}

/// A brand in a name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NamedBrand {
    pub brand: &'static Brand,
    /// Only visible after digits and capitals are read as letters.
    pub disguised: bool,
    /// Nothing else is in the name but words such as "support".
    pub alone: bool,
}

/// Words that stand beside a brand in a sender's name without changing whom it means.
const GENERIC: &[&str] = &[
    "account",
    "accounts",
    "admin",
    "alert",
    "alerts",
    "app",
    "area",
    "assist",
    "bank",
    "billing",
    "card",
    "care",
    "center",
    "centre",
    "client",
    "clients",
    "club",
    "com",
    "community",
    "company",
    "confirmation",
    "corp",
    "customer",
    "customers",
    "delivery",
    "department",
    "desk",
    "email",
    "express",
    "finance",
    "foundation",
    "gmbh",
    "group",
    "help",
    "helpdesk",
    "id",
    "inc",
    "info",
    "information",
    "kundenservice",
    "kundendienst",
    "limited",
    "live",
    "llc",
    "ltd",
    "mail",
    "member",
    "membership",
    "message",
    "network",
    "news",
    "no",
    "no-reply",
    "noreply",
    "notice",
    "notification",
    "notifications",
    "notify",
    "official",
    "online",
    "order",
    "orders",
    "pay",
    "payment",
    "payments",
    "personal",
    "post",
    "postmaster",
    "prime",
    "protocol",
    "reply",
    "reward",
    "rewards",
    "security",
    "seguranca",
    "sender",
    "sa",
    "s",
    "service",
    "services",
    "servicio",
    "servico",
    "shipping",
    "shop",
    "soporte",
    "staff",
    "store",
    "suporte",
    "support",
    "supporto",
    "system",
    "team",
    "the",
    "update",
    "updates",
    "us",
    "user",
    "verification",
    "verify",
    "voucher",
    "wallet",
    "web",
    "your",
    "de",
    "do",
    "da",
    "von",
    "by",
    "from",
    "thank",
    "you",
    "congratulations",
    "winner",
    "gutschein",
    "cliente",
    "atendimento",
    "aviso",
    "equipe",
    "equipo",
    "banco",
    "gift",
    "giveaway",
    "fi",
];

impl Sender {
    pub(crate) fn read(message: &MessageFacts) -> Sender {
        let mut sender = Sender { line: message.first("From").map(|field| field.line), ..Sender::default() };
        if let Some(from) = message.from() {
            sender.mailboxes = from.mailboxes.len();
            let real = from.mailboxes.iter().find(|m| m.domain().is_some());
            sender.address = real.and_then(|m| m.address.clone());
            sender.domain = real.and_then(|m| m.domain());
            let names = from.mailboxes.iter().take(10).filter_map(|m| {
                m.name.clone().or_else(|| m.address.clone().filter(|address| !address.contains('@')))
            });
            sender.name = names.collect::<Vec<_>>().join(" ").chars().take(400).collect();
        }
        sender.registrable = sender.domain.as_deref().and_then(registrable);
        if let Some(reply_to) = message.addresses("Reply-To") {
            sender.reply_to_line = message.first("Reply-To").map(|field| field.line);
            sender.reply_to = reply_to
                .mailboxes
                .iter()
                .take(20)
                .filter_map(|m| m.address.clone())
                .filter(|a| a.contains('@'))
                .collect();
        }
        sender.is_list = message.first("List-Id").is_some()
            || message.first("List-Post").is_some()
            || message.first("Mailing-List").is_some();
        sender.brand = named(&sender.name).filter(|named| !sender.is_of(named.brand));
        sender.answerable = sender.answerable_domains(message);
        sender
    }

    /// True where the From address is the brand's own.
    pub(crate) fn is_of(&self, brand: &Brand) -> bool {
        self.registrable.as_deref().is_some_and(|domain| brand.owns(domain))
            || self
                .domain
                .as_deref()
                .is_some_and(|domain| with_parents(domain).any(|name| brand.domains.contains(&name)))
    }

    pub(crate) fn is_free_mail(&self) -> bool {
        self.domain.as_deref().is_some_and(|domain| FREE_MAIL.contains(&domain))
    }

    /// True where a registrable domain belongs to the sender as the mail itself states it: named by
    /// the mail, or the same name below a suffix where such a firm has its house.
    pub(crate) fn answers_for(&self, registrable: &str) -> bool {
        self.answerable.iter().any(|own| own == registrable || is_sister(own, registrable))
    }

    fn answerable_domains(&self, message: &MessageFacts) -> Vec<String> {
        let mut found: Vec<String> = self.registrable.iter().cloned().collect();
        for name in ["Sender", "Return-Path"] {
            let domains =
                message.addresses(name).into_iter().flat_map(|a| a.mailboxes).filter_map(|m| m.domain());
            found.extend(domains.filter_map(|domain| registrable(&domain)));
        }
        for field in message.all("DKIM-Signature").take(10) {
            let value = field.unfolded();
            let domain = value
                .split(';')
                .find_map(|tag| tag.trim().strip_prefix("d=").map(str::trim).map(str::to_owned));
            found.extend(domain.and_then(|domain| registrable(&domain)));
        }
        found.sort();
        found.dedup();
        found
    }
}

/// One name below two suffixes, such as `example.com` and `example.de`. Anyone can buy a known name
/// below a suffix that its owner forgot, so neither may be cheap, a provider's or a brand's alone.
fn is_sister(own: &str, other: &str) -> bool {
    let (Some((label, suffix)), Some((same, of_other))) = (own.split_once('.'), other.split_once('.')) else {
        return false;
    };
    label == same
        && label.len() > 3
        && !EVERYBODYS.contains(&label)
        && [(own, suffix), (other, of_other)]
            .iter()
            .all(|(domain, suffix)| is_house(suffix) && !FREE_MAIL.contains(domain))
        && [own, other]
            .iter()
            .filter_map(|domain| brands::owner(domain))
            .all(|b| b.owns(own) && b.owns(other))
}

/// A suffix below which firms have their seat: a country's, or one of the first three.
fn is_house(suffix: &str) -> bool {
    matches!(suffix, "com" | "net" | "org" | "eu") || brands::is_national(suffix)
}

/// The brand a name claims.
pub(crate) fn named(name: &str) -> Option<NamedBrand> {
    let plain = fold(name);
    let read = fold_digits(name);
    let alone = |text: &str, word: &str| {
        let rest = text.replace(word, " ");
        rest.split(|c: char| !c.is_alphanumeric() && c != '-').all(|w| {
            let w = w.trim_matches('-');
            w.is_empty() || GENERIC.contains(&w) || w.chars().all(|c| c.is_ascii_digit())
        })
    };
    let mut found: Option<(usize, NamedBrand)> = None;
    for (text, disguised) in [(&plain, false), (&read, true)] {
        for (brand, word, at) in brands::words_in(text) {
            // A short word would be read into anything.
            if !stands_alone(text, at, word) || (disguised && word.len() < 5) {
                continue;
            }
            let alone = alone(text, word);
            if brand.common && (!alone || text.split_whitespace().count() > 4) {
                continue;
            }
            let named = NamedBrand { brand, disguised, alone };
            if found.as_ref().is_none_or(|(length, _)| word.len() > *length) {
                found = Some((word.len(), named));
            }
        }
    }
    found.map(|(_, named)| named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sisters_are_below_suffixes_of_firms() {
        for (own, other) in [("example.com", "example.de"), ("acme-tools.co.uk", "acme-tools.com")] {
            assert!(is_sister(own, other) && is_sister(other, own), "{own} {other}");
        }
        for (own, other) in [
            ("paypal.com", "paypal.top"),
            ("paypal.com", "paypal.tk"),
            ("paypal.com", "paypal.pages.dev"),
            ("paypal.com", "paypal.net.ru"),
            ("mail.com", "mail.ru"),
            ("web.de", "web.com"),
            ("example.com", "example.shop"),
            ("example.com", "example.cc"),
            ("gmx.de", "gmx.at"),
        ] {
            assert!(!is_sister(own, other) && !is_sister(other, own), "{own} {other}");
        }
    }

    #[test]
    fn every_brand_is_known_by_its_words() {
        for brand in brands::all() {
            for word in brand.words {
                assert_eq!(*word, fold(word), "{}: write it as it is looked for", brand.name);
            }
        }
        for (name, brand) in [
            ("Direction générale des Finances publiques", "Impots"),
            ("Direction Generale des Finances", "Impots"),
            ("ETC利用照会サービス事務局", "ETC"),
            ("NHKプラス事務局", "NHK"),
            ("SBI証券サービス", "SBI"),
            ("Krajowa Administracja Skarbowa", "Krajowa"),
            ("דואר ישראל", "Israel Post"),
            ("Türk Telekom", "Turk Telekom"),
            ("Türkiye İş Bankası", "Türkiye İş"),
            ("InPost", "InPost"),
        ] {
            let found = named(name).map_or("none", |named| named.brand.name);
            assert!(found.starts_with(brand), "{name}: {found}");
        }
        assert!(named("Die Mainpost").is_none());
    }

    #[test]
    fn names_of_brands() {
        assert_eq!(named("PayPal Service").unwrap().brand.name, "PayPal");
        assert!(named("PayPal Service").unwrap().alone);
        assert!(named("Amie from PaypaI").unwrap().disguised);
        assert!(!named("Amie from PaypaI").unwrap().alone);
        assert_eq!(named("Apple").unwrap().brand.name, "Apple");
        assert!(named("Apple Valley Church").is_none());
        assert!(named("Chase Brown").is_none());
        assert!(named("Startups Weekly").is_none());
    }
}
