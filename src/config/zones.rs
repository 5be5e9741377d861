//! `[[zone]]` of `mailvet.toml`: what a zone file cannot say of itself.

use std::net::IpAddr;

use serde::Deserialize;

use crate::model::NameRole;

/// One `[[zone]]`. Without `path` and `name` it is about every zone.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ZoneSetting {
    /// Files, as reports show them; `*` stands for any characters.
    path: Option<String>,
    /// A domain name; `*` stands for any characters.
    name: Option<String>,
    /// Instead of the role that the records show: mail, parked, reverse or none.
    pub role: Option<NameRole>,
    /// Who serves the zone, where that changes what is an error.
    pub served_by: Option<ServedBy>,
    /// Addresses that the mail of the names leaves from.
    #[serde(default)]
    pub ips: Vec<IpAddr>,
    /// The name that the sending system gives.
    pub helo: Option<String>,
}

/// Whose servers publish the zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServedBy {
    Bind,
    Cloudflare,
    Route53,
    Other,
}

impl ZoneSetting {
    /// Whether it is about this name of this file.
    pub fn is_about(&self, file: &str, name: &str) -> bool {
        let fits = |pattern: &Option<String>, text: &str| pattern.as_deref().is_none_or(|p| matches(p, text));
        fits(&self.path, file) && fits(&self.name, name)
    }
}

/// `*` stands for any characters, all else for itself.
fn matches(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(pieces.next().unwrap_or_default()) else { return false };
    let mut open = false;
    let mut pieces = pieces.peekable();
    while let Some(piece) = pieces.next() {
        open = true;
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    open || rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        assert!(matches("zones/*.zone", "zones/a/b.zone") && matches("*", "") && matches("a*b*c", "aXbYc"));
        assert!(!matches("zones/*.zone", "other/a.zone") && !matches("a", "ab") && !matches("a*a", "a"));
    }
}
