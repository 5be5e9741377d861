//! What receivers report about a sender's mail, in bounded aggregates: the part
//! of the reports that evidence keeps. Plain data; `parse::report::summary` fills it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// All reports given, added up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportSummary {
    /// DMARC aggregate reports counted.
    pub reports: u64,
    /// The same report again (same receiver, id and domain): not counted.
    pub duplicates: u64,
    /// Files or parts of files that could not be read.
    pub rejected: u64,
    /// Feedback reports (ARF).
    pub complaints: u64,
    /// Of these, the ones by recipients who object: abuse, fraud, virus, other; neither authentication
    /// failures, nor opt-outs, nor `not-spam`.
    #[serde(default)]
    pub objections: u64,
    /// Complaints by the receiver whose recipient complained, as logs count recipients; those of
    /// which neither recipient nor reporter is told stand under no name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub complaints_by_receiver: BTreeMap<String, u64>,
    /// Of these, the ones by recipients who object.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub objections_by_receiver: BTreeMap<String, u64>,
    /// What receivers show of a sender on a page (Postmaster Tools, SNDS), by receiver, subject and day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<Figure>,
    /// Messages by reporting organisation.
    pub reporters: BTreeMap<String, u64>,
    /// By the domain in From, lower case.
    pub domains: BTreeMap<String, DomainReports>,
    /// TLS sessions by policy domain (TLS-RPT).
    pub tls: BTreeMap<String, TlsTally>,
}

/// What a receiver shows of one address or domain on one day.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Figure {
    /// As logs count recipients: `gmail.com`, `outlook.com`.
    pub receiver: String,
    /// The address or domain.
    pub subject: String,
    /// Since the Unix epoch.
    pub day: i64,
    pub messages: Option<u64>,
    /// Complaints by a million messages, at least and at most.
    pub complaints: Option<(u64, u64)>,
    /// The receiver's word: GREEN, YELLOW or RED of SNDS, HIGH to BAD of Postmaster Tools.
    pub verdict: Option<String>,
    /// Messages that went to traps.
    pub traps: u64,
}

/// What was reported of the mail From one domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DomainReports {
    pub tally: Tally,
    /// Key names (`s1._domainkey.example.com`) that aligned signatures passed with.
    pub selectors: BTreeMap<String, u64>,
    /// By day since the Unix epoch (UTC); a report counts on the day it begins.
    pub days: BTreeMap<i64, Day>,
    pub sources: BTreeMap<IpAddr, SourceTally>,
    /// Sources beyond the number kept, and those whose address could not be read.
    pub other_sources: SourceTally,
}

/// Messages, and how they fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tally {
    pub messages: u64,
    /// By aligned DKIM or aligned SPF.
    pub passed: u64,
    pub dkim: u64,
    pub spf: u64,
}

/// One day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Day {
    pub messages: u64,
    pub passed: u64,
    /// The policy receivers found, `none`, `quarantine` or `reject`; the weakest where they differ.
    pub policy: String,
}

/// What one address sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceTally {
    pub tally: Tally,
    pub quarantined: u64,
    pub rejected: u64,
    /// Failing messages that carried a signature of the From domain that no longer
    /// verified: they were ours once.
    pub broken: u64,
    /// Failing messages for which the receiver names a reason such as `forwarded`.
    pub forwarded: u64,
    /// Unaligned domains that SPF or DKIM passed for on failing messages, with messages.
    pub passes_as: BTreeMap<String, u64>,
}

/// TLS sessions with the hosts of one domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TlsTally {
    pub reports: u64,
    pub successful: u64,
    pub failed: u64,
    /// Sessions by failure type (RFC 8460 section 4.3).
    pub failures: BTreeMap<String, u64>,
}

impl Tally {
    pub fn failed(&self) -> u64 {
        self.messages.saturating_sub(self.passed)
    }

    pub fn add(&mut self, other: &Tally) {
        self.messages = self.messages.saturating_add(other.messages);
        self.passed = self.passed.saturating_add(other.passed);
        self.dkim = self.dkim.saturating_add(other.dkim);
        self.spf = self.spf.saturating_add(other.spf);
    }
}

/// `part` of `whole` in percent, rounded down, so that 100 means all.
pub(crate) fn percent(part: u64, whole: u64) -> u64 {
    u64::try_from(u128::from(part) * 100 / u128::from(whole.max(1))).unwrap_or(100)
}
