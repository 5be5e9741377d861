//! What is known of the lists' health between runs, for as long as the answers
//! that showed it live. Only health is kept, and only good health: a list that
//! was sick is tested anew.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::cli::{input, output};
use crate::facts::listings::{Family, Health, Known};
use crate::model::Name;
use crate::model::untrusted::Shown as _;

const SCHEMA: &str = "mailvet/list-health/1";
/// A day: RFC 1912 section 2.2 calls longer times unusual for such data.
const LONGEST: i64 = 86_400;

pub(super) struct Cache {
    path: PathBuf,
    /// Health is seen from somewhere: another resolver may be refused.
    resolver: String,
    entries: Vec<Entry>,
}

#[derive(Deserialize, Serialize)]
struct File {
    schema: String,
    entries: Vec<Entry>,
}

#[derive(Clone, Deserialize, Serialize)]
struct Entry {
    zone: Name,
    kind: Family,
    resolver: String,
    /// Seconds since the Unix epoch.
    until: i64,
}

impl Cache {
    /// A file that is not there yet is an empty cache.
    pub(super) fn open(path: &Path, resolvers: &[String]) -> anyhow::Result<Cache> {
        let resolver = if resolvers.is_empty() { "system".to_owned() } else { resolvers.join(" ") };
        let mut cache = Cache { path: path.to_owned(), resolver, entries: Vec::new() };
        if path.exists() {
            let text = input::read_text(path, "health cache")?;
            let file: File = serde_json::from_str(&text).with_context(|| {
                format!("{} is no health cache of mailvet's; remove it or name another file", path.shown())
            })?;
            if file.schema != SCHEMA {
                anyhow::bail!(
                    "{} is of another format than {SCHEMA}; remove it or name another file",
                    path.shown()
                );
            }
            cache.entries = file.entries;
        }
        Ok(cache)
    }

    /// What is still true at `now`, from this resolver.
    pub(super) fn known(&self, now: i64) -> Known {
        self.entries
            .iter()
            .filter(|entry| entry.until > now && entry.resolver == self.resolver)
            .map(|entry| ((entry.zone.clone(), entry.kind), Health::Healthy))
            .collect()
    }

    pub(super) fn remember(&mut self, zone: &Name, kind: Family, now: i64, ttl: u32) {
        let until = now.saturating_add(i64::from(ttl).min(LONGEST));
        let resolver = self.resolver.clone();
        let same = |entry: &Entry| entry.zone == *zone && entry.kind == kind && entry.resolver == resolver;
        self.entries.retain(|entry| !same(entry) && entry.until > now);
        self.entries.push(Entry { zone: zone.clone(), kind, resolver, until });
    }

    pub(super) fn save(&self) -> anyhow::Result<()> {
        let mut entries = self.entries.clone();
        entries
            .sort_by(|a, b| a.zone.cmp(&b.zone).then(a.kind.cmp(&b.kind)).then(a.resolver.cmp(&b.resolver)));
        let text = serde_json::to_string_pretty(&File { schema: SCHEMA.to_owned(), entries })?;
        output::write_file(&self.path, &(text + "\n"))
    }
}
