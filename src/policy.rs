//! How to judge: thresholds, severity overrides and ignores. Plain data; `config` fills it.

mod require;

use std::collections::BTreeMap;

use foldhash::HashSet;

pub use crate::model::MailKind;
use crate::model::Severity;
pub use require::{
    MinAll, MinPolicy, OneOrMore, Require, RequireDkim, RequireDmarc, RequireMx, RequireSpf, RequireTlsRpt,
};

/// Which checks are judged. What is left out is not in the report at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Selection {
    /// Every check of the catalogue.
    #[default]
    All,
    /// These alone; none where it is empty.
    Only(HashSet<&'static str>),
}

impl Selection {
    /// True where the check of this code is judged. Asked for each check of each message, never
    /// listed, so that the order of the set does not matter.
    pub fn contains(&self, code: &str) -> bool {
        match self {
            Selection::All => true,
            Selection::Only(codes) => codes.contains(code),
        }
    }

    /// Keeps what `keep` takes. Of [`Selection::All`] nothing is left, since its codes are not
    /// known here: a command narrows what `config` has spelt out.
    pub fn retain(&mut self, keep: impl FnMut(&&'static str) -> bool) {
        match self {
            Selection::All => *self = Selection::Only(HashSet::default()),
            Selection::Only(codes) => codes.retain(keep),
        }
    }

    /// Excludes this one.
    pub fn remove(&mut self, code: &str) {
        self.retain(|known| *known != code);
    }

    /// True where nothing would be judged.
    pub fn is_empty(&self) -> bool {
        matches!(self, Selection::Only(codes) if codes.is_empty())
    }
}

/// What `mailvet.toml` and the flags settle about judging.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Which checks are judged at all.
    pub selected: Selection,
    /// Severity by code, instead of the check's own.
    pub severities: BTreeMap<String, Severity>,
    /// Findings to set aside; each still shows in the report, with its reason.
    pub ignores: Vec<Ignore>,
    /// What the settings demand beyond what mail needs.
    pub require: Require,
    /// Ids of the receivers to report on; all where empty.
    pub receivers: Vec<String>,
    /// `--on-unknown fail`: a check without an answer fails the run.
    pub unknown_fails: bool,
    /// What the sample message is, which decides its duties.
    pub kind: MailKind,
    /// Phrases that are never held against the message, lower case.
    pub allowed_phrases: Vec<String>,
    /// Extra trigger phrases with a weight, lower case.
    pub extra_phrases: Vec<(String, f64)>,
}

/// A finding the user has decided to live with.
#[derive(Clone, Debug)]
pub struct Ignore {
    /// The check's code.
    pub code: String,
    /// Only for this subject, as the report prints it, `*` for any part of it; all where absent.
    pub subject: Option<String>,
    /// Only in this file, as the report prints it, `*` for any part of it; anywhere where absent.
    pub path: Option<String>,
    /// Why, in the user's words; shown wherever the finding would be.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// `YYYY-MM-DD`; from that day on the finding counts again.
    pub until: Option<String>,
}

/// Why something is set aside, with who answers for it and until when, for people.
pub(crate) fn why_ignored(reason: &str, owner: Option<&str>, until: Option<&str>) -> String {
    let owner = owner.map(|owner| format!(" ({owner})")).unwrap_or_default();
    let until = until.map(|day| format!(", until {day}")).unwrap_or_default();
    format!("{reason}{owner}{until}")
}

impl Ignore {
    /// The reason, with who answers for it and until when.
    pub(crate) fn why(&self) -> String {
        why_ignored(&self.reason, self.owner.as_deref(), self.until.as_deref())
    }

    /// True where it is meant for this subject, written with or without a record's type
    /// (`_dmarc.example.com` for `_dmarc.example.com TXT`), without regard to case or a last dot.
    pub fn covers(&self, subject: &str) -> bool {
        let Some(wanted) = &self.subject else { return true };
        let wanted = folded(wanted);
        let subject = folded(subject);
        let bare = subject.rsplit_once(' ').map_or(subject.as_str(), |(name, _)| name);
        glob(&wanted, &subject) || glob(&wanted, bare)
    }

    /// True where it is meant for a finding of this check, subject and file.
    pub fn is_about(&self, code: &str, subject: &str, file: Option<&str>) -> bool {
        self.code == code && self.covers(subject) && self.is_in(file)
    }

    /// True where it is meant for what stands in this file.
    pub fn is_in(&self, file: Option<&str>) -> bool {
        self.path.as_deref().is_none_or(|path| file.is_some_and(|file| glob(path, file)))
    }

    /// True from the day on that ends it; days as `YYYY-MM-DD`.
    pub fn is_over(&self, today: &str) -> bool {
        self.until.as_ref().is_some_and(|until| today >= until.as_str())
    }
}

fn folded(text: &str) -> String {
    let words = text.split_ascii_whitespace().map(|word| word.trim_end_matches('.').to_ascii_lowercase());
    words.collect::<Vec<_>>().join(" ")
}

/// Whether `text` has the pattern's pieces in this order, `*` standing for anything. Linear: each
/// piece is taken at its first place, the last at the end.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let mut pieces = rest.split('*').peekable();
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return text.ends_with(piece);
        }
        match text.find(piece) {
            Some(at) => text = &text[at + piece.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignores_cover_what_people_write() {
        let ignore = |subject: &str| Ignore {
            code: "x".to_owned(),
            subject: Some(subject.to_owned()),
            path: Some("zones/*.zone".to_owned()),
            reason: String::new(),
            owner: None,
            until: Some("2026-12-01".to_owned()),
        };
        let dmarc = "_dmarc.example.com TXT";
        for written in [dmarc, "_dmarc.example.com", "_DMARC.example.com.", "*.example.com", "*dmarc*com txt"]
        {
            assert!(ignore(written).covers(dmarc), "{written}");
        }
        for written in ["example.com", "_dmarc", "*.example.org", "_dmarc.example.com MX", ""] {
            assert!(!ignore(written).covers(dmarc), "{written}");
        }
        assert!(ignore("x").is_in(Some("zones/a/b.zone")) && !ignore("x").is_in(None));
        assert!(!ignore("x").is_in(Some("other/a.zone")));
        assert!(!ignore("x").is_over("2026-11-30") && ignore("x").is_over("2026-12-01"));
    }
}
