//! The way from `p=none` to `p=reject`: what must be true before each step, and
//! whether the reports given show it (RFC 9989 section 5.1 and the practice of
//! those who have gone it). Without reports the answer is unknown, not no.

use super::sources::{Relation, Reported, Source};
use crate::facts::{Facts, day_of};
use crate::model::Gap;
use crate::model::reports::{Tally, percent};
use crate::model::untrusted::Width;
use crate::parse::dmarc::Disposition;

/// Two weeks hold every weekly newsletter and every weekly job twice.
const DAYS_BEFORE_QUARANTINE: usize = 14;
/// A month holds the monthly invoice run.
const DAYS_BEFORE_REJECT: usize = 30;
/// Fewer messages than this say nothing about the rare senders.
const LEAST_MESSAGES: u64 = 100;
/// What of the own mail must pass, in percent: the rest is lost at the next step.
const LEAST_OWN: u64 = 99;
/// A service counts from this share of all mail on, in percent, and from so many messages.
const SERVICE_SHARE: u64 = 1;
const SERVICE_LEAST: u64 = 5;
/// Reports older than this are about another set-up.
const STALE_DAYS: i64 = 45;
const DAY: i64 = 86_400;

/// One step up, and what it takes.
#[derive(Clone, Debug)]
pub(crate) struct Rung {
    pub policy: Disposition,
    pub requirements: Vec<Requirement>,
    /// The record to publish once all is met.
    pub record: String,
}

/// One thing that must be true.
#[derive(Clone, Debug)]
pub(crate) struct Requirement {
    pub id: &'static str,
    pub text: &'static str,
    /// `None`: not known.
    pub met: Option<bool>,
    /// What was seen; escaped.
    pub detail: String,
}

impl Rung {
    /// All met, one not met, or not known.
    pub(crate) fn ready(&self) -> Option<bool> {
        if self.requirements.iter().any(|r| r.met == Some(false)) {
            return Some(false);
        }
        self.requirements.iter().all(|r| r.met == Some(true)).then_some(true)
    }
}

impl Facts<'_> {
    /// The steps above the policy in force, the next one first. Empty at `reject`.
    pub(crate) fn ladder(&self) -> Result<Vec<Rung>, Gap> {
        let dmarc = self.dmarc()?;
        let Some(found) = dmarc.walk.discover()? else { return Ok(Vec::new()) };
        let Some(policy) = dmarc.policy.clone()? else { return Ok(Vec::new()) };
        let reported = self.reported();
        let tag = match found.place {
            super::walk::Place::Author => "p",
            _ if found.record.list.get("sp").is_some() => "sp",
            _ => "p",
        };
        let sound = |value: &str| found.record.with(tag, value);
        let rua = rua(dmarc);
        let mut rungs = Vec::new();
        if policy == Disposition::None {
            let mut requirements = vec![rua];
            requirements.extend(before_quarantine(&reported, self.now()));
            rungs.push(Rung { policy: Disposition::Quarantine, requirements, record: sound("quarantine") });
        }
        if policy != Disposition::Reject {
            let mut requirements = before_reject(&reported, policy, self.now());
            let open = found.record.list.get("sp").is_some()
                && found.record.subdomain_policy() == Some(Disposition::None);
            requirements.push(Requirement {
                id: "subdomains",
                text: "subdomains are held to the policy too",
                met: Some(!open),
                detail: if open { "sp=none leaves them open".to_owned() } else { "no sp=none".to_owned() },
            });
            rungs.push(Rung { policy: Disposition::Reject, requirements, record: sound("reject") });
        }
        Ok(rungs)
    }
}

fn rua(dmarc: &super::Dmarc) -> Requirement {
    let rua: Vec<_> = dmarc.reports.iter().filter(|target| target.tag == "rua").collect();
    let refused = |target: &&super::report_targets::ReportTarget| {
        matches!(target.receives, Ok(false))
            || matches!(&target.consent, super::report_targets::Consent::Needed { given: Ok(false), .. })
    };
    let (met, detail) = match rua.as_slice() {
        [] => (Some(false), "no rua= that can be used".to_owned()),
        all if all.iter().all(refused) => (Some(false), "no rua= address can receive them".to_owned()),
        all if all.iter().any(|t| t.receives.is_err()) => {
            (None, "the address could not be looked up".to_owned())
        }
        all => (
            Some(true),
            format!("to {}", all.iter().map(|t| t.domain.to_string()).collect::<Vec<_>>().join(", ")),
        ),
    };
    Requirement { id: "reports-arrive", text: "aggregate reports arrive somewhere", met, detail }
}

/// A requirement judged from the reports; unknown without them.
fn judged(
    reported: &Result<Reported, Gap>,
    id: &'static str,
    text: &'static str,
    judge: impl FnOnce(&Reported) -> (Option<bool>, String),
) -> Requirement {
    let (met, detail) = match reported {
        Ok(reported) => judge(reported),
        Err(Gap::NotSupplied { flag, .. }) => (None, format!("not known: give {flag}")),
        Err(gap) => (None, format!("not known: {gap}")),
    };
    Requirement { id, text, met, detail }
}

fn before_quarantine(reported: &Result<Reported, Gap>, now: i64) -> Vec<Requirement> {
    vec![
        judged(reported, "days", "reports cover two weeks, up to now", |r| {
            days(r, DAYS_BEFORE_QUARANTINE, now)
        }),
        judged(reported, "volume", "they count enough mail to judge by", |r| {
            let detail = format!("{} messages by {} receivers", r.total.messages, r.reporters);
            (Some(r.total.messages >= LEAST_MESSAGES), detail)
        }),
        judged(reported, "own-aligned", "your own systems pass, all of them", |r| {
            own(r, "passes DMARC", |tally| tally.passed)
        }),
        judged(reported, "services-aligned", "no service of yours sends unaligned", services),
    ]
}

fn before_reject(reported: &Result<Reported, Gap>, policy: Disposition, now: i64) -> Vec<Requirement> {
    vec![
        judged(reported, "at-quarantine", "a month at quarantine without complaint", |r| {
            if policy == Disposition::None {
                return (Some(false), "the policy is none so far".to_owned());
            }
            let held = r.days.iter().filter(|(_, policy)| policy != "none" && !policy.is_empty()).count();
            let (fresh, age) = fresh(r, now);
            let detail = format!("{held} of {DAYS_BEFORE_REJECT} reported days under it{age}");
            (Some(held >= DAYS_BEFORE_REJECT && fresh), detail)
        }),
        judged(reported, "own-signed", "your own mail passes by DKIM: SPF breaks on forwarding", |r| {
            own(r, "passes by DKIM", |tally| tally.dkim)
        }),
        judged(reported, "services-aligned", "no service of yours sends unaligned", services),
        judged(reported, "forwarders", "forwarded mail survives", |r| {
            let lost = r.of(Relation::Forwarder).failed();
            let kept = r.total.passed;
            let share = percent(lost, lost.saturating_add(kept));
            let detail = match lost {
                0 => "no forwarded mail fails".to_owned(),
                _ => {
                    format!("{lost} messages changed on the way would be refused ({share}% of what is yours)")
                }
            };
            (Some(share < 1 || lost < SERVICE_LEAST), detail)
        }),
    ]
}

fn fresh(reported: &Reported, now: i64) -> (bool, String) {
    let newest = reported.days.last().map_or(0, |(day, _)| *day);
    let age = now.div_euclid(DAY).saturating_sub(newest);
    match age > STALE_DAYS {
        true => (false, format!(", the newest {age} days old")),
        false => (true, String::new()),
    }
}

fn days(reported: &Reported, least: usize, now: i64) -> (Option<bool>, String) {
    let (fresh, age) = fresh(reported, now);
    let span = match (reported.days.first(), reported.days.last()) {
        (Some((first, _)), Some((last, _))) => {
            format!(", {} to {}", day_of(first.saturating_mul(DAY)), day_of(last.saturating_mul(DAY)))
        }
        _ => String::new(),
    };
    let count = reported.days.len();
    (Some(count >= least && fresh), format!("{count} of {least} days{span}{age}"))
}

fn own(reported: &Reported, verb: &str, good: impl Fn(&Tally) -> u64) -> (Option<bool>, String) {
    let all = reported.of(Relation::Own);
    if all.messages == 0 {
        return (None, "no source is known as yours: give --ip, or publish SPF".to_owned());
    }
    let share = percent(good(&all), all.messages);
    let mut worst: Vec<&Source> = reported
        .sources
        .iter()
        .filter(|source| {
            source.relation == Relation::Own && good(&source.tally.tally) < source.tally.tally.messages
        })
        .collect();
    worst.sort_by_key(|source| {
        std::cmp::Reverse(source.tally.tally.messages.saturating_sub(good(&source.tally.tally)))
    });
    let mut detail = format!("{share}% of {} messages {verb}", all.messages);
    let named: Vec<String> = worst
        .iter()
        .take(3)
        .map(|source| {
            let tally = &source.tally.tally;
            format!("{} ({} of {} do not)", shown(source), tally.messages - good(tally), tally.messages)
        })
        .collect();
    if share < LEAST_OWN && !named.is_empty() {
        detail.push_str(&format!("; worst: {}", named.join(", ")));
    }
    // Mail that may be ours and could not be told keeps the answer open.
    let open = reported.of(Relation::Undetermined).failed() > 0;
    match (share >= LEAST_OWN, open) {
        (true, true) => (None, format!("{detail}; some sources could not be told, SPF is not fully known")),
        (met, _) => (Some(met), detail),
    }
}

fn services(reported: &Reported) -> (Option<bool>, String) {
    let counts = |source: &&Source| {
        let failed = source.tally.tally.failed();
        failed >= SERVICE_LEAST && percent(failed, reported.total.messages) >= SERVICE_SHARE
    };
    // Many addresses of one service count together.
    let mut names: std::collections::BTreeMap<&str, u64> = std::collections::BTreeMap::new();
    for source in reported.failing(Relation::Service) {
        for (name, messages) in &source.tally.passes_as {
            *names.entry(name).or_default() += messages;
        }
    }
    let mut worst: Vec<(&str, u64)> = names
        .into_iter()
        .filter(|(_, m)| *m >= SERVICE_LEAST && percent(*m, reported.total.messages) >= SERVICE_SHARE)
        .collect();
    worst.sort_by_key(|(name, messages)| (std::cmp::Reverse(*messages), *name));
    if worst.is_empty() && !reported.failing(Relation::Service).any(|source| counts(&source)) {
        return (Some(true), "none of weight seen".to_owned());
    }
    let named: Vec<String> = worst
        .iter()
        .take(3)
        .map(|(name, messages)| {
            format!("{} ({messages} messages)", crate::model::untrusted::plain(name, Width::Name))
        })
        .collect();
    (Some(false), format!("decide whether these are yours: {}", named.join(", ")))
}

/// The address, or what stands for many.
pub(crate) fn shown(source: &Source) -> String {
    source.ip.map_or_else(|| "other addresses".to_owned(), |ip| ip.to_string())
}
