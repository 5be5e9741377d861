//! `[blocklists]` of `mailvet.toml`: lists of one's own, lists to leave out, keys.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::ConfigError;
use crate::data::blocklists::{Kind, Pattern, Weight, catalogue};
use crate::model::Name;
use crate::model::scope::{AddedList, ListChanges};
use crate::model::untrusted::{Width, plain};

/// What the file may say.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListSettings {
    /// Lists to ask besides the catalogue's.
    #[serde(default)]
    add: Vec<Added>,
    /// Zones never to ask.
    #[serde(default)]
    remove: Vec<String>,
    /// Keys by name: `spamhaus-dqs`, `abusix`.
    #[serde(default)]
    keys: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Added {
    /// The zone to ask.
    zone: String,
    /// What may be asked: ip4, ip6, domain. Default: ip4.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    kinds: Vec<Kind>,
    /// How much receivers act on it.
    #[schemars(with = "Option<String>")]
    weight: Option<Weight>,
    /// Who runs it.
    operator: Option<String>,
    /// The page where an entry is taken off.
    delist: Option<String>,
    /// Answer and meaning.
    #[serde(default)]
    codes: BTreeMap<String, String>,
}

impl ListSettings {
    /// What changes about the lists; the keys themselves stay behind.
    pub fn changes(&self, file: &str) -> Result<ListChanges, ConfigError> {
        let wrong = |place: &str, why: String| ConfigError::List {
            place: format!("{file}: blocklists.{place}"),
            why,
        };
        let zone =
            |place: &str, text: &str| Name::parse(text).map_err(|error| wrong(place, error.to_string()));
        let mut changes = ListChanges::default();
        for added in &self.add {
            let name = zone("add.zone", &added.zone)?;
            for code in added.codes.keys() {
                if Pattern::parse(code).is_none() {
                    let shown = plain(code, Width::Word);
                    return Err(wrong(
                        "add.codes",
                        format!("{shown:?} is no answer of a list; write 127.0.0.2"),
                    ));
                }
            }
            if added.kinds.contains(&Kind::Hash) {
                return Err(wrong("add.kinds", "hash is never asked; give ip4, ip6 or domain".to_owned()));
            }
            let has = |kind: Kind| added.kinds.contains(&kind);
            changes.add.push(AddedList {
                zone: name,
                ip4: added.kinds.is_empty() || has(Kind::Ip4),
                ip6: has(Kind::Ip6),
                names: has(Kind::Domain),
                weight: added.weight.unwrap_or(Weight::Medium).name().to_owned(),
                operator: added.operator.clone(),
                delist: added.delist.clone(),
                codes: added.codes.clone(),
            });
        }
        for text in &self.remove {
            changes.remove.insert(zone("remove", text)?);
        }
        for (name, key) in &self.keys {
            let known: Vec<&str> = catalogue().lists.iter().filter_map(|list| list.key.as_deref()).collect();
            if !known.contains(&name.as_str()) {
                let mut names = known.clone();
                names.sort_unstable();
                names.dedup();
                let shown = plain(name, Width::Word);
                return Err(wrong("keys", format!("{shown:?} is no key known; give {}", names.join(" or "))));
            }
            // A label of a name: the key is not repeated, it is a secret.
            let fits = |key: &str| key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            if key.is_empty() || key.len() > 63 || !fits(key) {
                return Err(wrong(
                    &format!("keys.{name}"),
                    "a key has letters, digits and hyphens, at most 63; is it complete?".to_owned(),
                ));
            }
            changes.keys.insert(name.clone());
        }
        Ok(changes)
    }

    /// The label that stands for a key in questions, and the key that goes over the wire.
    pub fn wire_keys(&self) -> BTreeMap<String, String> {
        self.keys.iter().map(|(name, key)| (format!("key-{name}"), key.to_ascii_lowercase())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ListChanges, String> {
        let settings: ListSettings = toml::from_str(text).map_err(|error| error.to_string())?;
        settings.changes("mailvet.toml").map_err(|error| error.to_string())
    }

    #[test]
    fn mistakes_are_told_apart() {
        for (text, wanted) in [
            ("remove = ['a..b']", "blocklists.remove"),
            ("keys.spamhaus = 'abc'", "spamhaus-dqs"),
            ("keys.spamhaus-dqs = 'a b'", "letters"),
            ("[[add]]\nzone = 'bl.example.com'\ncodes = { '127.0.0' = 'x' }", "127.0.0"),
            ("[[add]]\nzone = 'bl.example.com'\nweight = 'huge'", "huge"),
            ("[[add]]\nzone = 'bl.example.com'\ncolour = 'red'", "colour"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(wanted), "{text}: {error}");
            assert!(!error.contains("a b'"), "the key is shown: {error}");
        }
        let changes = read("remove = ['bl.spamcop.net']\nkeys.abusix = 'ABC123'").unwrap();
        assert_eq!((changes.remove.len(), changes.keys.len()), (1, 1));
    }
}
