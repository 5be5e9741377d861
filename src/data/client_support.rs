//! Which mail clients drop which features of HTML and CSS, and what betrays a feature.

#![expect(clippy::expect_used, reason = "the catalogue is compiled in, and a test reads it")]

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use serde::Deserialize;

/// One feature that some client lacks.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Feature {
    /// As authors call it: `display:flex`, `<video> element`.
    pub name: String,
    /// What betrays it, `kind argument`: `property gap`, `element video`.
    pub finds: Vec<String>,
    /// Clients without it; `*` at the end where only some of the client's apps lack it.
    pub lacks: Vec<String>,
}

impl Feature {
    /// Gmail or Outlook for Windows lacks it in all its apps.
    pub(crate) fn is_lost_on_a_large_client(&self) -> bool {
        self.lacks.iter().any(|name| name == "Gmail" || name == "Outlook for Windows")
    }

    /// Gmail and Outlook for Windows both lack it: most readers will not see it.
    pub(crate) fn is_lost_widely(&self) -> bool {
        let lacks = |client: &str| self.lacks.iter().any(|name| name == client);
        lacks("Gmail") && lacks("Outlook for Windows")
    }
}

#[derive(Deserialize)]
struct Table {
    features: BTreeMap<String, Feature>,
}

/// The table by the feature's short name, read once.
pub(crate) fn features() -> &'static BTreeMap<String, Feature> {
    static ALL: OnceLock<BTreeMap<String, Feature>> = OnceLock::new();
    ALL.get_or_init(|| {
        let table: Table = toml::from_str(include_str!("client_support.toml"))
            .expect("the embedded table is valid, a test reads it");
        table.features
    })
}

/// What betrays the features: whole marks, and beginnings of marks, each with the
/// features' places in [`features`].
struct Index {
    whole: HashMap<&'static str, Vec<usize>>,
    beginnings: Vec<(&'static str, usize)>,
}

/// Places in [`features`] of those that a mark betrays.
pub(crate) fn betrayed_by(mark: &str) -> impl Iterator<Item = usize> {
    static INDEX: OnceLock<Index> = OnceLock::new();
    let index = INDEX.get_or_init(|| {
        let mut index = Index { whole: HashMap::new(), beginnings: Vec::new() };
        for (at, feature) in features().values().enumerate() {
            for find in &feature.finds {
                match find.strip_suffix('*') {
                    Some(stem) => index.beginnings.push((stem, at)),
                    None => index.whole.entry(find.as_str()).or_default().push(at),
                }
            }
        }
        index
    });
    let whole = index.whole.get(mark).into_iter().flatten().copied();
    let begun = index.beginnings.iter().filter(move |(stem, _)| mark.starts_with(stem));
    whole.chain(begun.map(|(_, at)| *at))
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_feature_can_be_found_and_is_lacked() {
        const KINDS: [&str; 21] = [
            "property",
            "value",
            "function",
            "word",
            "unit",
            "at",
            "pseudo",
            "combinator",
            "selector",
            "element",
            "attribute",
            "typed",
            "meta",
            "href",
            "image",
            "important",
            "nesting",
            "variable",
            "doctype",
            "chaining",
            "grouping",
        ];
        let features = super::features();
        assert!(features.len() > 200);
        for (slug, feature) in features {
            assert!(!feature.lacks.is_empty() && !feature.finds.is_empty(), "{slug}");
            for find in &feature.finds {
                let kind = find.split(' ').next().unwrap();
                let odd = ["type-selector", "css-comment", "html-comment"].contains(&kind);
                assert!(KINDS.contains(&kind) || odd, "{slug}: {find}");
            }
        }
    }
}
