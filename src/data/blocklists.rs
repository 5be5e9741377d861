//! The catalogue of DNS lists: `blocklists.toml` as typed data. What a list is
//! and what its answers mean; whether it answers properly now is for
//! `facts::listings` to find out.

#![expect(clippy::expect_used, reason = "the catalogue is compiled in, and a test reads it")]

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::LazyLock;

use serde::{Deserialize, Deserializer, Serialize};

use crate::model::Name;

/// Everything the embedded file holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Catalogue {
    #[serde(rename = "list")]
    pub lists: Vec<List>,
    pub dead: Vec<Dead>,
    /// Short name of a source, and what it is.
    pub sources: BTreeMap<String, String>,
}

/// One list.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// The zone; a label `KEY` stands for the user's key.
    pub zone: String,
    pub role: Role,
    pub subjects: Vec<Kind>,
    pub operator: String,
    /// What is on it.
    pub lists: String,
    /// What a listing is about, unless its code says otherwise.
    pub about: About,
    /// How much receivers act on it, unless the code says otherwise.
    pub weight: Weight,
    pub access: Access,
    /// The name of the key in `mailvet.toml`.
    #[serde(default)]
    pub key: Option<String>,
    /// Another list that holds this one too.
    #[serde(default)]
    pub within: Option<String>,
    /// The public zone this keyed one stands in for.
    #[serde(default)]
    pub replaces: Option<String>,
    /// The last octet of an answer is a sum of bits.
    #[serde(default)]
    pub mask: bool,
    /// The name that must be listed, instead of TEST; empty where there is none.
    #[serde(default)]
    pub point: Option<String>,
    /// Length in bits that an IPv6 address is cut to before it is asked; 128 where absent.
    #[serde(default)]
    pub prefix6: Option<u8>,
    #[serde(default)]
    pub codes: Vec<Code>,
    /// Answers that are refusals or mistakes, never listings.
    #[serde(default)]
    pub errors: Vec<Code>,
    /// Who may ask, and how much.
    pub policy: String,
    /// The page to be removed at.
    #[serde(default)]
    pub delist: Option<String>,
    /// How long a listing lasts.
    #[serde(default)]
    pub expiry: Option<String>,
    /// How it is known that the list lives: live, verified, listed, exists, restricted, user.
    pub status: String,
    /// Year and month of that.
    pub seen: String,
    /// Short names in [`Catalogue::sources`], by comma.
    pub source: String,
    #[serde(default)]
    pub note: Option<String>,
}

/// The meaning of one answer or a range of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    pub code: Pattern,
    pub means: String,
    #[serde(default)]
    pub about: Option<About>,
    #[serde(default)]
    pub weight: Option<Weight>,
}

/// A zone that is gone, or never was a list.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dead {
    /// Zones; `*.` stands for everything below.
    pub zones: Vec<String>,
    pub since: String,
    pub state: String,
    pub source: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    Block,
    Allow,
}

/// What may be asked of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Ip4,
    Ip6,
    Domain,
    /// Hashes of addresses or links: never asked from here.
    Hash,
}

/// What an answer is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// This very address.
    Address,
    /// The neighbourhood: the allocation or the autonomous system.
    Network,
    /// The kind of address: dynamic, residential, without a PTR name.
    Policy,
    /// This very name.
    Name,
    /// The age of a name.
    Fresh,
    /// A credit.
    Good,
    /// Neither good nor bad.
    Neutral,
    /// The list's own test entry.
    Test,
}

impl About {
    pub fn name(self) -> &'static str {
        match self {
            About::Address => "address",
            About::Network => "network",
            About::Policy => "policy",
            About::Name => "name",
            About::Fresh => "fresh",
            About::Good => "good",
            About::Neutral => "neutral",
            About::Test => "test",
        }
    }
}

/// How much receivers act on a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// Informational: never scores.
    None,
    Low,
    Medium,
    High,
}

impl Weight {
    pub fn from_name(name: &str) -> Option<Weight> {
        [Weight::None, Weight::Low, Weight::Medium, Weight::High]
            .into_iter()
            .find(|weight| weight.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Weight::None => "none",
            Weight::Low => "low",
            Weight::Medium => "medium",
            Weight::High => "high",
        }
    }
}

/// Who gets an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    Public,
    /// Resolvers whose address the operator knows.
    Registered,
    /// Who holds a key.
    Key,
    /// A private zone or a download.
    Subscription,
    /// No zone of its own.
    Part,
    /// Asked by hash, not by name or address.
    Hash,
}

impl Access {
    pub fn name(self) -> &'static str {
        match self {
            Access::Public => "public",
            Access::Registered => "registered",
            Access::Key => "key",
            Access::Subscription => "subscription",
            Access::Part => "part",
            Access::Hash => "hash",
        }
    }
}

/// Four octets, each a range: `127.0.*.0-3`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern([(u8, u8); 4]);

impl Pattern {
    pub fn matches(&self, code: Ipv4Addr) -> bool {
        self.0.iter().zip(code.octets()).all(|((low, high), octet)| (*low..=*high).contains(&octet))
    }

    pub fn parse(text: &str) -> Option<Pattern> {
        let mut octets = [(0, 0); 4];
        let mut parts = text.split('.');
        for octet in &mut octets {
            let part = parts.next()?;
            *octet = match part.split_once('-') {
                _ if part == "*" => (0, 255),
                Some((low, high)) => (low.parse().ok()?, high.parse().ok()?),
                None => (part.parse().ok()?, part.parse().ok()?),
            };
        }
        parts.next().is_none().then_some(Pattern(octets))
    }

    /// The last octet, where the pattern is one address.
    fn last_octet(&self) -> u8 {
        self.0[3].0
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, (low, high)) in self.0.iter().enumerate() {
            let dot = if index == 0 { "" } else { "." };
            match (low, high) {
                (0, 255) => write!(f, "{dot}*")?,
                (low, high) if low == high => write!(f, "{dot}{low}")?,
                (low, high) => write!(f, "{dot}{low}-{high}")?,
            }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Pattern::parse(&text).ok_or_else(|| {
            serde::de::Error::custom(format!("{text:?} is no answer of a list; write 127.0.0.2"))
        })
    }
}

/// The catalogue, read once.
pub(crate) fn catalogue() -> &'static Catalogue {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
        // Embedded and covered by a test: it cannot fail on a user.
        toml::from_str(include_str!("blocklists.toml")).expect("blocklists.toml is ours and tested")
    });
    &CATALOGUE
}

impl Catalogue {
    /// The entry of a zone as the user writes it, a key of his own in front included.
    pub(crate) fn find(&self, zone: &Name) -> Option<&List> {
        let exact = self.lists.iter().find(|list| list.zone.eq_ignore_ascii_case(zone.as_str()));
        exact.or_else(|| {
            let keyed = format!("KEY.{}", zone.parent()?);
            self.lists.iter().find(|list| list.zone == keyed)
        })
    }

    /// What is known of a zone that is gone.
    pub(crate) fn dead(&self, zone: &Name) -> Option<&Dead> {
        self.dead.iter().find(|dead| {
            dead.zones.iter().any(|pattern| match pattern.strip_prefix("*.") {
                Some(above) => zone.is_within(&Name::lenient(above)),
                None => zone.as_str() == pattern,
            })
        })
    }
}

impl List {
    /// A list that the user describes; what he does not say stays open.
    pub fn described(zone: &Name, subjects: Vec<Kind>, weight: Weight) -> List {
        let names_only = subjects == [Kind::Domain];
        List {
            zone: zone.as_str().to_owned(),
            role: Role::Block,
            subjects,
            operator: zone.as_str().to_owned(),
            lists: "described in mailvet.toml".to_owned(),
            about: if names_only { About::Name } else { About::Address },
            weight,
            access: Access::Public,
            key: None,
            within: None,
            replaces: None,
            mask: false,
            point: None,
            prefix6: None,
            codes: Vec::new(),
            errors: Vec::new(),
            policy: String::new(),
            delist: None,
            expiry: None,
            status: "user".to_owned(),
            seen: String::new(),
            source: String::new(),
            note: None,
        }
    }

    /// Asked without being named: heavy enough to matter, open to everyone, not
    /// part of another that is asked.
    pub fn is_default(&self) -> bool {
        self.access == Access::Public
            && self.within.is_none()
            && (self.weight >= Weight::Medium
                || (self.status == "live" && self.weight == Weight::Low)
                || (self.status == "live" && self.role == Role::Allow))
    }

    /// Asked with `--all`.
    pub fn is_askable(&self) -> bool {
        matches!(self.access, Access::Public | Access::Registered)
    }

    /// What an answer means; several where it is a sum of bits. Empty where the
    /// operator documents nothing for it.
    pub fn meanings(&self, code: Ipv4Addr) -> Vec<&Code> {
        if self.mask {
            let [.., last] = code.octets();
            return self
                .codes
                .iter()
                .filter(|c| {
                    let mut whole = code.octets();
                    whole[3] = c.code.last_octet();
                    c.code.matches(whole.into()) && last & c.code.last_octet() != 0
                })
                .collect();
        }
        self.codes.iter().filter(|c| c.code.matches(code)).take(1).collect()
    }

    /// Why an answer is a refusal and no listing.
    pub fn error(&self, code: Ipv4Addr) -> Option<&str> {
        let by_bit = |c: &Code| self.mask && c.code.last_octet() == 1 && code.octets()[3] & 1 == 1;
        self.errors.iter().find(|c| c.code.matches(code) || by_bit(c)).map(|c| c.means.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_catalogue_is_whole() {
        let all = catalogue();
        let count = |test: &dyn Fn(&List) -> bool| all.lists.iter().filter(|l| test(l)).count();
        assert_eq!(count(&|l| l.role == Role::Allow), 8);
        // 103 lists of addresses and 34 of names as surveyed, and the two keyed
        // twins of Spamhaus' public zones.
        assert_eq!(count(&|l| l.role == Role::Block), 139);
        let zones: BTreeSet<&str> = all.lists.iter().map(|l| l.zone.as_str()).collect();
        assert_eq!(zones.len(), all.lists.len(), "a zone stands twice");
        for list in &all.lists {
            let zone = &list.zone;
            assert!(list.zone.contains("KEY") == list.key.is_some(), "{zone}: key");
            for other in list.within.iter().chain(&list.replaces) {
                assert!(zones.contains(other.as_str()), "{zone}: {other} is not in the catalogue");
            }
            for source in list.source.split(',') {
                assert!(all.sources.contains_key(source), "{zone}: source {source}");
            }
            assert!(list.delist.as_deref().is_none_or(|page| page.starts_with("https://")), "{zone}");
            let mixed = list.subjects.contains(&Kind::Domain) && list.subjects.contains(&Kind::Hash);
            assert!(!list.subjects.is_empty() && !mixed, "{zone}: subjects");
            if list.weight >= Weight::Medium && list.access == Access::Public {
                assert!(!list.codes.is_empty() && list.delist.is_some(), "{zone}: codes, delist");
            }
        }
        assert!(all.dead.iter().all(|dead| !dead.zones.is_empty()));
    }

    #[test]
    fn codes_are_read() {
        let of = |zone: &str| catalogue().find(&Name::lenient(zone)).unwrap();
        let means = |zone: &str, code: [u8; 4]| {
            of(zone).meanings(code.into()).iter().map(|c| c.means.clone()).collect::<Vec<_>>()
        };
        assert!(means("zen.spamhaus.org", [127, 0, 0, 4])[0].starts_with("XBL"));
        assert!(means("zen.spamhaus.org", [127, 0, 0, 77]).is_empty());
        assert_eq!(means("multi.surbl.org", [127, 0, 0, 72]).len(), 2);
        assert!(of("multi.surbl.org").error([127, 0, 0, 1].into()).is_some());
        assert!(of("multi.uribl.com").error([127, 0, 0, 2].into()).is_none());
        assert!(of("list.dnswl.org").error([127, 0, 10, 3].into()).is_some());
        assert_eq!(of("abcdef123.zen.dq.spamhaus.net").replaces.as_deref(), Some("zen.spamhaus.org"));
        assert!(catalogue().dead(&Name::lenient("dnsbl.sorbs.net")).is_some());
        assert!(Pattern::parse("127.0.0").is_none() && Pattern::parse("127.0.0.300").is_none());
    }
}
