//! What a score rests on. An area is scored only where its essential checks were judged, relative
//! to what was given: what was not given makes the scope smaller, what was not answered withholds
//! the score.

use crate::data::blocklists::Weight;
use crate::facts::Facts;
use crate::facts::listings::Outcome as Listed;
use crate::judge::finding::{CheckResult, Outcome};
use crate::model::{Area, Topic};

/// What a score is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The records of a domain.
    Records,
    /// A sender: a domain and the addresses its mail leaves from.
    Sender,
    /// A sender and a message of it.
    SenderAndMessage,
    /// A message by itself.
    Message,
    /// Logs and lists by themselves.
    Logs,
    /// The settings of a system by themselves.
    Settings,
}

impl Basis {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Basis::Records => "records",
            Basis::Sender => "sender",
            Basis::SenderAndMessage => "sender-and-message",
            Basis::Message => "message",
            Basis::Logs => "logs",
            Basis::Settings => "settings",
        }
    }

    /// What it is of, for people.
    pub fn title(self) -> &'static str {
        match self {
            Basis::Records => "the domain's records alone",
            Basis::Sender => "the sender, without a message",
            Basis::SenderAndMessage => "the sender and a message",
            Basis::Message => "the message alone",
            Basis::Logs => "the logs alone",
            Basis::Settings => "the settings alone",
        }
    }
}

/// What the user gave to judge by.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Given {
    pub domain: bool,
    pub addresses: bool,
    pub message: bool,
    pub log: bool,
    pub settings: bool,
    pub reports: bool,
    pub consent: bool,
}

impl Given {
    pub(super) fn of(facts: &Facts, results: &[CheckResult]) -> Given {
        // What nothing selected looks at was given for nothing.
        let of_message = |result: &CheckResult| {
            let needs = result.check.needs;
            needs.iter().all(|topic| matches!(topic, Topic::Message | Topic::Scanners))
                || result.check.code == UNSIGNED
        };
        let message_alone = facts.message().is_ok() && results.iter().all(of_message);
        Given {
            domain: facts.domain().is_ok(),
            addresses: facts.ips().is_ok() && !message_alone,
            message: facts.message().is_ok(),
            log: facts.traffic().is_ok(),
            settings: facts.ibmi().is_some(),
            reports: facts.reports().is_ok(),
            consent: facts.traffic().is_ok_and(|traffic| traffic.consent.is_some()),
        }
    }

    pub(super) fn basis(&self) -> Basis {
        match self {
            Given { message: true, addresses: true, .. } => Basis::SenderAndMessage,
            Given { message: true, .. } => Basis::Message,
            Given { addresses: true, .. } => Basis::Sender,
            Given { domain: true, .. } => Basis::Records,
            Given { log: false, reports: false, settings: true, .. } => Basis::Settings,
            _ => Basis::Logs,
        }
    }

    /// The essential checks of an area, and what to give where there are none of them.
    pub(super) fn essential(&self, area: Area) -> (Vec<&'static str>, &'static str) {
        let when = |given: bool, codes: &[&'static str]| if given { codes.to_vec() } else { Vec::new() };
        match area {
            Area::Authentication => {
                let mut codes = when(self.domain, RECORDS);
                codes.extend(when(self.addresses, OF_SENDER));
                codes.extend(when(self.message, OF_SIGNATURE));
                (codes, "DOMAIN")
            }
            Area::ReverseDns => (when(self.addresses, &["ptr-missing", "ptr-unconfirmed"]), "--ip IP"),
            Area::IpReputation => {
                (when(self.addresses, &["ip-blocklisted", "ip-pbl-listed", "ip-not-public"]), "--ip IP")
            }
            Area::Content => (when(self.message, &["from-missing", "body-empty"]), "--message FILE"),
            Area::Subscription => {
                let mut codes = when(self.message, &["list-unsubscribe-missing"]);
                codes.extend(when(self.consent, &["consent-missing"]));
                (codes, "--message FILE, or --log FILE with --consent FILE")
            }
            Area::SendingPractices => {
                let mut codes = when(self.log, &["bounce-rate-high"]);
                codes.extend(when(self.settings, &["ibmi-relay-open", "ibmi-mail-router-differs"]));
                (codes, "--log FILE")
            }
            Area::FeedbackLoops => {
                let mut codes = when(self.message, &["feedback-id-missing"]);
                codes.extend(when(self.log || self.reports, &["complaint-rate-high"]));
                (codes, "--message FILE or --log FILE")
            }
            Area::MalwarePhishing => (when(self.message, OF_DANGER), "--message FILE"),
            Area::Throttling => (when(self.log, &["deferral-rate-high", "provider-throttles"]), "--log FILE"),
        }
    }
}

/// The SPF record, DMARC, the selectors known, and whether anybody can answer.
const RECORDS: &[&str] = &[
    "domain-missing",
    "spf-missing",
    "spf-multiple",
    "spf-syntax",
    "spf-include-broken",
    "spf-include-loop",
    "spf-lookup-limit",
    "spf-mx-limit",
    "spf-void-lookups",
    "dmarc-missing",
    "dmarc-multiple",
    "dmarc-syntax",
    "dmarc-policy-none",
    "dkim-key-missing",
    "dkim-key-multiple",
    "dkim-key-revoked",
    "dkim-key-syntax",
    "dkim-key-weak",
    "mx-missing",
    "mx-null",
];
const OF_SENDER: &[&str] = &["spf-ip-unauthorised", "dmarc-unpassable"];
const OF_SIGNATURE: &[&str] =
    &["dkim-signature-missing", "dkim-signature-broken", "dkim-unaligned", "dmarc-unpassable"];
/// A scanner that was named and did not answer leaves the main question open.
const OF_DANGER: &[&str] =
    &["attachment-executable", "scanner-virus-found", "scanner-rspamd-spam", "scanner-spamassassin-spam"];

/// The one check of signatures that a message shows by itself.
const UNSIGNED: &str = "dkim-signature-missing";
/// Why a message by itself has no score for authentication.
const BY_ITSELF: &str = "a message alone does not show it; give DOMAIN and --ip to audit";

/// How an area stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It can be scored.
    Answered,
    /// Nothing was given to judge it by, or none of it applies: no part of the score.
    OutOfScope(String),
    /// An essential question got no answer; with the check's code.
    Unanswered(&'static str),
}

/// How an area stands by the results of its checks.
pub(super) fn standing(area: Area, given: &Given, results: &[&CheckResult], lists: Option<f64>) -> Standing {
    if results.is_empty() {
        return Standing::OutOfScope("no check of this area was selected".to_owned());
    }
    let (codes, flags) = given.essential(area);
    if codes.is_empty() {
        return Standing::OutOfScope(format!("give {flags}"));
    }
    let essential = |result: &&&CheckResult| codes.contains(&result.check.code);
    let mut resting: Vec<&&CheckResult> = results.iter().filter(essential).collect();
    // That a message is signed does not show whether the signature holds.
    let signed =
        |result: &&&CheckResult| result.check.code == UNSIGNED && matches!(result.outcome, Outcome::Pass);
    if area == Area::Authentication && given.basis() == Basis::Message && resting.iter().all(signed) {
        return Standing::OutOfScope(BY_ITSELF.to_owned());
    }
    // Where the user selects none of them, the score rests on what is selected.
    if resting.is_empty() {
        resting = results.iter().collect();
    }
    let by_lists = |result: &CheckResult| area == Area::IpReputation && result.check.code.starts_with("ip-");
    let rank = |result: &&&CheckResult| codes.iter().position(|code| *code == result.check.code);
    resting.sort_by_key(rank);
    for result in &resting {
        let enough = by_lists(result) && lists.is_some_and(|share| share >= LEAST_SHARE);
        if result.is_unanswered() && !enough {
            return Standing::Unanswered(result.check.code);
        }
    }
    let judged = |result: &&&CheckResult| !matches!(result.outcome, Outcome::Unknown(_));
    if !resting.iter().any(judged) && lists.is_none_or(|share| share < LEAST_SHARE) {
        return Standing::OutOfScope(lacking(results).unwrap_or_else(|| format!("give {flags}")));
    }
    let counts = |result: &&CheckResult| {
        matches!(result.outcome, Outcome::Pass | Outcome::Fail { .. }) || result.is_unanswered()
    };
    if !results.iter().any(counts) {
        return Standing::OutOfScope("nothing here applies".to_owned());
    }
    Standing::Answered
}

/// The flags that would settle it, from the results themselves.
fn lacking(results: &[&CheckResult]) -> Option<String> {
    results.iter().find_map(|result| match &result.outcome {
        Outcome::Unknown(gap) if gap.is_missing_input() => Some(gap.remedy()),
        _ => None,
    })
}

/// The share of the lists' weight that must have answered about the sending addresses.
const LEAST_SHARE: f64 = 0.5;

/// How much of the weight of the lists that were asked about the sending addresses answered, 0 to
/// 1; `None` where no list was asked.
pub(super) fn share_of_lists(facts: &Facts) -> Option<f64> {
    if facts.ips().is_err() || !facts.scope().topics.contains(&crate::model::Topic::Blocklists) {
        return None;
    }
    let listings = facts.listings();
    let weight = |weight: Weight| match weight {
        Weight::High => 4.0,
        Weight::Medium => 2.0,
        Weight::Low => 1.0,
        Weight::None => 0.0,
    };
    let (mut asked, mut answered) = (0.0, 0.0);
    for listing in &listings.listings {
        let is_address = matches!(listing.identity, crate::facts::listings::Identity::Ip(_));
        if !is_address {
            continue;
        }
        // A list that turns everybody from here away was never asked in earnest.
        if matches!(&listing.outcome, Listed::Unknown(unknown) if !unknown.gap.is_unanswered()) {
            continue;
        }
        let worth: f64 = weight(listings.lists[listing.list].weight());
        asked += worth;
        if !matches!(listing.outcome, Listed::Unknown(_)) {
            answered += worth;
        }
    }
    (asked > 0.0).then(|| answered / asked)
}
