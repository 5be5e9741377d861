//! What the logs say of a sender's traffic, in bounded aggregates: the part of
//! a log that evidence keeps. Plain data; `facts::traffic` fills it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::consent::ConsentSummary;
use super::{Location, Untrusted};

/// Counts of attempt lines, each for one recipient, except `received`
/// (messages) and `expired` (messages or recipients, as the dialect logs it).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Messages taken into the queue.
    pub received: u64,
    /// Recipients whose next hop took the message (2xx).
    pub delivered: u64,
    /// Attempts that ended in a temporary failure; one recipient may count often.
    pub deferred: u64,
    /// Recipients given up on at once: a permanent failure, a non-delivery report is due.
    pub bounced: u64,
    /// Refused before they were queued, by our own server.
    pub rejected: u64,
    /// Given up after the queue lifetime.
    pub expired: u64,
}

impl Totals {
    /// Outbound attempts: delivered, deferred and bounced.
    pub fn attempts(&self) -> u64 {
        self.delivered.saturating_add(self.deferred).saturating_add(self.bounced)
    }

    /// Bounced by (delivered + bounced); `None` where nothing was decided.
    pub fn bounce_rate(&self) -> Option<f64> {
        ratio(self.bounced, self.delivered.saturating_add(self.bounced))
    }

    /// Deferred attempts by all attempts; `None` without attempts.
    pub fn deferral_rate(&self) -> Option<f64> {
        ratio(self.deferred, self.attempts())
    }

    /// Adds each count of `other` to this one.
    pub fn add(&mut self, other: &Totals) {
        self.received += other.received;
        self.delivered += other.delivered;
        self.deferred += other.deferred;
        self.bounced += other.bounced;
        self.rejected += other.rejected;
        self.expired += other.expired;
    }
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// The next hop took the message.
    Delivered,
    /// A temporary failure; the sender's server tries again.
    Deferred,
    /// A permanent failure at the next hop.
    Bounced,
    /// Given up after the queue's lifetime.
    Expired,
    /// Refused by the sender's own server before it was queued.
    Rejected,
}

impl Ending {
    /// The word in reports: `delivered`, `deferred`, `bounced`, `expired` or `rejected`.
    pub fn name(self) -> &'static str {
        match self {
            Ending::Delivered => "delivered",
            Ending::Deferred => "deferred",
            Ending::Bounced => "bounced",
            Ending::Expired => "expired",
            Ending::Rejected => "rejected",
        }
    }
}

/// Attempts that ended without a reply, by what went wrong, and greetings that
/// were themselves a refusal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionErrors {
    /// No connection or no reply in time.
    pub timed_out: u64,
    /// The host is there and nothing listens (TCP reset).
    pub refused: u64,
    /// No route to the host or its network.
    pub unreachable: u64,
    /// The peer closed or reset the connection.
    pub lost: u64,
    /// The name of the next hop could not be resolved.
    pub name_service: u64,
    /// The banner was a 4xx or 5xx: "refused to talk to me".
    pub banner_refused: u64,
    /// The TLS handshake failed, or the certificate was not accepted.
    pub tls_failed: u64,
}

impl ConnectionErrors {
    /// All of them together.
    pub fn total(&self) -> u64 {
        self.timed_out
            + self.refused
            + self.unreachable
            + self.lost
            + self.name_service
            + self.banner_refused
            + self.tls_failed
    }

    /// Adds each count of `other` to this one.
    pub fn add(&mut self, other: &ConnectionErrors) {
        self.timed_out += other.timed_out;
        self.refused += other.refused;
        self.unreachable += other.unreachable;
        self.lost += other.lost;
        self.name_service += other.name_service;
        self.banner_refused += other.banner_refused;
        self.tls_failed += other.tls_failed;
    }
}

/// The busiest minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peak {
    /// Start of the minute.
    pub at: Timestamp,
    /// Attempts within it.
    pub attempts: u64,
}

/// Mail to one provider: a large mailbox provider under its best-known domain
/// (`gmail.com`, `outlook.com`, `yahoo.com` ...), or any other recipient domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderTraffic {
    /// How its recipients' attempts ended.
    pub totals: Totals,
    /// Why attempts got no reply.
    pub errors: ConnectionErrors,
    /// Recipient domains behind it with their attempts, the busiest 20.
    pub domains: BTreeMap<String, u64>,
    /// TLS connections our side set up to its hosts.
    pub tls_connections: u64,
    /// By day (its first instant), newest 400 days.
    pub by_day: BTreeMap<Timestamp, Totals>,
    /// The minute with the most attempts to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub busiest_minute: Option<Peak>,
    /// The most that it took, as far as its minutes are followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<Taken>,
    /// Recipients tried for the first time, by minute (its first instant), in order; `None` where the log
    /// has more minutes than are followed. Too long for a recording.
    #[serde(skip)]
    pub arrivals: Option<Vec<(Timestamp, u64)>>,
}

/// The most recipients that a provider took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// In one minute of the clock.
    pub minute: u64,
    /// In sixty such minutes in a row.
    pub hour: u64,
}

/// A time at which a reply came after half an hour without it, and how much its
/// provider took then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Onset {
    /// When it came.
    pub at: Timestamp,
    /// What the provider took in that minute or the one before, whichever had more.
    pub minute: u64,
    /// What it took in the sixty minutes that end with it.
    pub hour: u64,
}

/// Distinct replies and diagnostics, ids and numbers masked so that equal
/// causes count together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyCount {
    /// The first text seen, as it came.
    pub text: Untrusted,
    /// How attempts with this reply ended.
    pub ending: Ending,
    /// The provider's best-known domain, the key in [`TrafficSummary::by_provider`].
    pub provider: String,
    /// The host that said it, where known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub host: String,
    /// Whether that host was given mail for other providers too: a relay, or the house of several.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
    /// Attempts that ended with it.
    pub count: u64,
    /// The earliest of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Timestamp>,
    /// The latest of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
    /// A line that carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<Location>,
    /// Of deferrals: when they began, as far as the minutes of the provider are followed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub onsets: Vec<Onset>,
    /// The name of a `triage::cause::Cause`, once classified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
}

/// One recipient whose mail has not arrived as far as the log goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undelivered {
    /// The envelope recipient, as the log has it.
    pub recipient: Untrusted,
    /// The envelope sender, as the log has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<Untrusted>,
    /// The queue id under which the sender's server logged the message.
    pub queue_id: String,
    /// How the latest attempt ended.
    pub ending: Ending,
    /// Attempts so far, the first included.
    pub attempts: u32,
    /// First failed attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Latest attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
    /// The latest reply or diagnostic.
    pub reply: Untrusted,
    /// The host that gave it, empty where the log names none.
    pub host: String,
    /// The line of the latest attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

/// Two attempts for the same recipient of the same message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// Seconds between them.
    pub seconds: u64,
    /// The message's queue id.
    pub queue_id: String,
    /// The host that was tried again, empty where the log names none.
    pub host: String,
    /// The line of the later attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

/// What one sender domain sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SenderTraffic {
    /// Messages with this sender domain that the log follows.
    pub messages: u64,
    /// Recipients whose next hop took the message.
    pub delivered: u64,
    /// Attempts that ended in a temporary failure.
    pub deferred: u64,
    /// Recipients with a permanent failure.
    pub bounced: u64,
}

/// What one sender's address sent, without what a mailing adds to it (`+tag`, `=recipient`, long numbers).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountTraffic {
    /// The envelope sender, in lower case; `@example.com` for addresses made for each message.
    pub address: Untrusted,
    /// Recipients tried for the first time.
    pub recipients: u64,
    /// Of them, refused for good at that first attempt.
    pub refused: u64,
    /// Hours with mail.
    pub hours: u64,
    /// The hour with the most recipients.
    pub busiest: AccountHour,
    /// The hour with the most refused.
    pub worst: AccountHour,
    /// Recipients in the median of the hours with mail that lie more than half a day from the worst
    /// and from the bad hours around it.
    pub usual: u64,
    /// Recipients, and refused ones, in those hours.
    pub elsewhere: (u64, u64),
    /// How many those hours are.
    pub elsewhere_hours: u64,
}

/// What is known of addresses that are not listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountsCut {
    /// How many they are.
    pub addresses: u64,
    /// The most recipients that any of them wrote to within an hour.
    pub busiest: u64,
    /// The most refused within an hour of any of them.
    pub refused: u64,
}

/// One hour of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountHour {
    /// Its first instant.
    pub at: Timestamp,
    /// Recipients tried for the first time.
    pub recipients: u64,
    /// Of them, refused for good at that first attempt.
    pub refused: u64,
}

/// How long recipients waited, from arrival to the accepting reply.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delays {
    /// Upper bound in seconds (1, 10, 60, 300, 900, 3600, 14400, 86400, or
    /// `u64::MAX` for more) to deliveries.
    pub delivered_within: BTreeMap<u64, u64>,
    /// The longest wait of a delivered recipient.
    pub longest_seconds: u64,
    /// The same for each of [`DELAY_PARTS`], where the log tells them apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<BTreeMap<u64, u64>>,
}

/// Where a delivered message waited, in the order of [`Delays::parts`].
pub const DELAY_PARTS: [&str; 4] = ["before the queue", "in the queue", "connecting", "sending"];

/// The bounded summary of all logs given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrafficSummary {
    /// The logs read, by path, rotated parts included.
    pub files: Vec<String>,
    /// `postfix`, `exim` ...
    pub dialects: BTreeSet<String>,
    /// Lines read, of all files.
    pub lines: u64,
    /// Lines of a known dialect or of none that no rule understood.
    pub unparsed: u64,
    /// The first few of them.
    pub unparsed_examples: Vec<(Location, Untrusted)>,
    /// Lines of programs that move no mail (filters, cron ...).
    pub other_programs: u64,
    /// The earliest time stamp.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// The latest time stamp.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// How all attempts ended.
    pub totals: Totals,
    /// Why attempts got no reply, over all providers.
    pub errors: ConnectionErrors,
    /// By the provider's best-known domain, the busiest kept.
    pub by_provider: BTreeMap<String, ProviderTraffic>,
    /// By hour (its first instant), UTC.
    pub by_hour: BTreeMap<Timestamp, Totals>,
    /// Most frequent first, at most 500, successes not included.
    pub replies: Vec<ReplyCount>,
    /// Failed attempts whose reply is not in `replies`.
    pub replies_omitted: u64,
    /// Own sending addresses, where the log names them, with attempts.
    pub sources: BTreeMap<String, u64>,
    /// Who handed us mail (address), messages; the busiest 100.
    pub clients: BTreeMap<String, u64>,
    /// By domain of the envelope sender (`<>` for bounces), the busiest 500.
    pub senders: BTreeMap<String, SenderTraffic>,
    /// Addresses that sent to fifty recipients or more, those with the most refused first, at most 100.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<AccountTraffic>,
    /// Messages, at least, of addresses beyond those that are followed.
    #[serde(default)]
    pub accounts_omitted: u64,
    /// Addresses of fifty recipients or more beyond the 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accounts_cut: Option<AccountsCut>,
    /// TLS connections to next hops, and whether the log would show them.
    pub tls_connections: u64,
    /// Attempts per recipient to recipients, final or not; 20 stands for more.
    pub attempts: BTreeMap<u32, u64>,
    /// The two attempts for one recipient that lie closest together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shortest_retry: Option<Retry>,
    /// Seconds between attempts (upper bounds as in `Delays`) to retries.
    pub retry_within: BTreeMap<u64, u64>,
    /// How long delivered recipients waited.
    pub delays: Delays,
    /// The minute with the most attempts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub busiest_minute: Option<Peak>,
    /// Complaints by feedback loop seen in the log (Amazon SES, SendGrid).
    pub complaints: u64,
    /// Messages followed by queue id, and recipients of them.
    pub messages: u64,
    /// Recipients of the messages followed, each once a message.
    pub recipients: u64,
    /// Attempt lines by which a filter of the sender's side took a message it
    /// handed back: no deliveries.
    #[serde(default)]
    pub handed_over: u64,
    /// Messages that came back from such a filter: not received again.
    #[serde(default)]
    pub handed_back: u64,
    /// Recipients whose copy a rule or filter threw away.
    #[serde(default)]
    pub discarded: u64,
    /// Recipients not delivered so far, latest first, at most 200.
    pub undelivered: Vec<Undelivered>,
    /// All recipients not delivered so far, also those beyond the 200.
    pub undelivered_total: u64,
    /// Bounds reached and doubts, in words.
    pub notes: BTreeSet<String>,
    /// How the recipients stand to the list of subscribers, where one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<ConsentSummary>,
}

/// An hour with far more attempts than usual.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spike {
    /// Its first instant.
    pub hour: Timestamp,
    /// Attempts within it.
    pub attempts: u64,
    /// By the median hour that had any.
    pub times_usual: f64,
}

impl TrafficSummary {
    /// Attempts of the busiest day, UTC; `None` where no line has a time.
    pub fn busiest_day(&self) -> Option<u64> {
        let mut days: BTreeMap<i64, u64> = BTreeMap::new();
        for (hour, totals) in &self.by_hour {
            *days.entry(hour.as_second().div_euclid(86_400)).or_default() += totals.attempts();
        }
        days.into_values().max()
    }

    /// Hours with more than four times the median hour's attempts, and at least
    /// a hundred; none in logs of under six busy hours.
    pub fn spikes(&self) -> Vec<Spike> {
        const BUSY_HOURS: usize = 6;
        const LEAST: u64 = 100;
        const TIMES: f64 = 4.0;
        let mut counts: Vec<u64> =
            self.by_hour.values().map(Totals::attempts).filter(|count| *count > 0).collect();
        counts.sort_unstable();
        let Some(median) = counts.get(counts.len() / 2).filter(|_| counts.len() >= BUSY_HOURS) else {
            return Vec::new();
        };
        let usual = *median as f64;
        self.by_hour
            .iter()
            .map(|(hour, totals)| Spike {
                hour: *hour,
                attempts: totals.attempts(),
                times_usual: totals.attempts() as f64 / usual,
            })
            .filter(|spike| spike.attempts >= LEAST && spike.times_usual > TIMES)
            .collect()
    }
}

/// Upper bounds in seconds of the delay and retry histograms.
pub const BUCKETS: [u64; 9] = [1, 10, 60, 300, 900, 3600, 14_400, 86_400, u64::MAX];

/// The bucket of `seconds`.
pub fn bucket(seconds: u64) -> u64 {
    BUCKETS.iter().copied().find(|bound| seconds <= *bound).unwrap_or(u64::MAX)
}
