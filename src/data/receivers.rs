//! What large receivers of mail ask of senders, by their own pages: `receivers.toml` as typed
//! data. Whether a sender meets it is for `judge::forecast` to say.

#![expect(clippy::expect_used, reason = "the catalogue is compiled in, and a test reads it")]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// Everything the embedded file holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// In the order they are shown: the largest first.
    #[serde(rename = "receiver")]
    pub receivers: Vec<Receiver>,
    /// Short name of a source, and where it stands with its day.
    pub sources: BTreeMap<String, String>,
}

/// One receiver.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receiver {
    /// `google`; what `--receiver` takes.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// Domains whose mailboxes it holds; not all of them.
    pub domains: Vec<String>,
    /// Ends of its MX hosts' names.
    pub mx: Vec<String>,
    /// Messages a day from which its rules for bulk senders hold; 0 where it names no number.
    #[serde(default)]
    pub bulk_from: Option<u64>,
    /// So many mailboxes that its refusal decides a sender's grade.
    #[serde(default)]
    pub large: bool,
    /// Its page for senders.
    #[serde(default)]
    pub postmaster: Option<String>,
    /// In the order of the report.
    #[serde(rename = "requirement")]
    pub requirements: Vec<Requirement>,
}

/// One thing it asks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Unique within the receiver.
    pub id: String,
    /// What is asked, for people.
    pub title: String,
    /// From which volume on it is asked.
    pub applies: Applies,
    /// How firmly it is asked.
    pub level: Level,
    /// All of them must pass.
    #[serde(default)]
    pub checks: Vec<String>,
    /// Instead: all of one group must.
    #[serde(default)]
    pub any: Vec<Vec<String>>,
    /// What a breach leads to, where it differs from what level and codes say.
    #[serde(default)]
    consequence: Option<Consequence>,
    /// Replies documented for a breach.
    #[serde(default)]
    pub codes: Vec<String>,
    /// Only for addresses of this family.
    #[serde(default)]
    pub family: Option<Family>,
    /// Only as far as the sender's own DMARC policy asks for it.
    #[serde(default)]
    pub policy: bool,
    /// Where no check can tell: who could.
    #[serde(default)]
    pub sees: Option<String>,
    /// Short names in [`Catalogue::sources`], by comma.
    pub source: String,
}

/// To whom it applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Applies {
    /// Every sender.
    All,
    /// Senders of [`Receiver::bulk_from`] messages a day or more.
    Bulk,
}

/// How firmly it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Mail without it is refused or filtered.
    Must,
    /// Recommended; mail without it is more likely filtered.
    Should,
}

/// What becomes of mail that lacks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consequence {
    /// Nothing that the receiver says.
    None,
    /// It is filed as spam, or taken badly.
    Spam,
    /// It is refused or put off.
    Refuse,
}

/// An address family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// IPv6.
    Ipv6,
}

impl Requirement {
    /// What a breach leads to: a must with a documented reply is enforced by it.
    pub fn consequence(&self) -> Consequence {
        match (self.consequence, self.level, self.codes.is_empty()) {
            (Some(stated), ..) => stated,
            (None, Level::Must, false) => Consequence::Refuse,
            (None, Level::Must, true) => Consequence::Spam,
            (None, Level::Should, _) => Consequence::None,
        }
    }

    /// The groups of checks of which one must pass whole.
    pub fn groups(&self) -> &[Vec<String>] {
        if self.any.is_empty() { std::slice::from_ref(&self.checks) } else { &self.any }
    }

    /// Every check that is named.
    pub fn codes_of_checks(&self) -> impl Iterator<Item = &str> {
        self.groups().iter().flatten().map(String::as_str)
    }
}

/// The embedded catalogue.
pub fn catalogue() -> &'static Catalogue {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
        // The file is ours and a test reads it.
        toml::from_str(include_str!("receivers.toml")).expect("receivers.toml is ours and tested")
    });
    &CATALOGUE
}

/// The receiver that a user names: by its id, its name, or a domain it holds mailboxes of.
pub fn find(typed: &str) -> Option<&'static Receiver> {
    let plain = |text: &str| text.to_lowercase().replace(['-', ' ', '.'], "_");
    let typed = plain(typed);
    let all = || catalogue().receivers.iter();
    all()
        .find(|receiver| plain(&receiver.id) == typed || plain(&receiver.name) == typed)
        .or_else(|| all().find(|receiver| receiver.domains.iter().any(|domain| plain(domain) == typed)))
        .or_else(|| all().find(|receiver| !typed.is_empty() && receiver.id.starts_with(&typed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receivers_are_complete() {
        let catalogue = catalogue();
        assert_eq!(catalogue.receivers.len(), 18);
        assert_eq!(catalogue.receivers.iter().map(|r| r.requirements.len()).sum::<usize>(), 101);
        for receiver in &catalogue.receivers {
            for requirement in &receiver.requirements {
                let place = format!("{} {}", receiver.id, requirement.id);
                let seen = requirement.codes_of_checks().count() > 0;
                assert_eq!(seen, requirement.sees.is_none(), "{place}: checks, or who sees it instead");
                for source in requirement.source.split(',') {
                    assert!(catalogue.sources.contains_key(source), "{place}: no source {source}");
                }
            }
        }
    }

    #[test]
    fn receivers_go_by_many_names() {
        for (typed, id) in [
            ("google", "google"),
            ("Microsoft 365", "microsoft_365"),
            ("gmail.com", "google"),
            ("gmx", "gmx_webde_1and1"),
            ("t-online", "t_online"),
        ] {
            assert_eq!(find(typed).map(|receiver| receiver.id.as_str()), Some(id), "{typed}");
        }
        assert!(find("").is_none() && find("nobody").is_none());
    }
}
