//! Programmes by which receivers pass complaints on, as data with their sources.

#![expect(clippy::expect_used, reason = "the catalogue is compiled in, and a test reads it")]

use std::sync::OnceLock;

use serde::Deserialize;

/// One programme.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Programme {
    #[allow(dead_code, reason = "for those who read the file")]
    id: String,
    /// For people.
    pub name: String,
    /// Groups of recipients as logs are counted by.
    pub receivers: Vec<String>,
    /// What identifies the sender.
    pub basis: Basis,
    /// How complaints come.
    pub reports: Reports,
    /// Where to enrol.
    pub enrol: String,
    /// What must be true first.
    pub before: String,
    /// The page, and the day it was read.
    source: String,
    read: Option<String>,
}

/// What identifies the sender to a programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Basis {
    Ip,
    Dkim,
    Header,
}

impl Programme {
    /// The page with its day.
    pub(crate) fn shown_source(&self) -> String {
        match &self.read {
            Some(day) => format!("{}, read {day}", self.source),
            None => "no page was read for this".to_owned(),
        }
    }
}

impl Basis {
    /// In words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Basis::Ip => "by address",
            Basis::Dkim => "by DKIM domain",
            Basis::Header => "by the Feedback-ID header",
        }
    }
}

/// How a programme tells of complaints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Reports {
    /// One report a complaint (RFC 5965).
    Arf,
    /// Figures on a page.
    Dashboard,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    programme: Vec<Programme>,
}

/// The programmes, read once.
pub(crate) fn all() -> &'static [Programme] {
    static ALL: OnceLock<Vec<Programme>> = OnceLock::new();
    ALL.get_or_init(|| {
        let file: File = toml::from_str(include_str!("feedback_loops.toml"))
            .expect("the embedded list is valid, a test reads it");
        file.programme
    })
}

/// The last part of Feedback-ID as mailing services write it: Mailchimp, Mandrill, Mailjet, Amazon
/// SES, Postmark, Marketing Cloud, SparkPost.
pub(crate) const SERVICE_IDS: &[&str] =
    &["mc", "md", "mailjet", "AmazonSES", "postmark", "exacttarget", "sparkpost"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_receiver_is_in_one_programme_and_each_page_has_its_day() {
        let mut seen = std::collections::BTreeSet::new();
        for programme in all() {
            assert!(programme.enrol.starts_with("https://") && !programme.source.is_empty(), "{programme:?}");
            // What is known in general has no day.
            assert_eq!(programme.read.is_none(), programme.source == "general", "{programme:?}");
            for receiver in &programme.receivers {
                assert!(seen.insert(receiver), "{receiver} stands twice");
            }
        }
    }
}
