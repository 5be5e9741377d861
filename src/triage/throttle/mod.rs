//! How fast each receiver lets mail in, as a log shows it, and how fast to send:
//! limits that replies state, and the rate at which a receiver began to defer.

mod outlook;
mod queue_model;
pub(crate) mod settings;
mod withheld;

use jiff::Timestamp;

use super::cause::Cause;
use super::reply::{Limit, ReplyVerdict, classify};
use crate::data::smtp_replies::CATALOGUE;
use crate::data::warmup::{Provider, Reaction, warmup};
use crate::model::speaker::Speaker;
use crate::model::traffic::{Ending, Onset, ProviderTraffic, ReplyCount, TrafficSummary};

pub(crate) use outlook::{Outlook, outlooks, seen as seen_words};
pub(crate) use queue_model::{Simulation, simulate};
pub(crate) use withheld::withheld;

/// Causes that mean "slower, please".
pub(crate) const CAUSES: [Cause; 3] = [Cause::RateLimited, Cause::TooManyConnections, Cause::BadReputation];
/// Words by which a reply speaks of a rate and not of a reputation alone.
const OF_A_RATE: [&str; 12] = [
    "rate",
    "rates",
    "volume",
    "volumes",
    "amount",
    "limited",
    "limit",
    "throttled",
    "throttling",
    "frequency",
    "fast",
    "quickly",
];
/// Attempts a minute below which no rate explains a deferral.
const LEAST: u64 = 5;
/// An hour that holds so many times its busiest minute was steady: then the hour is what was too much.
const STEADY: u64 = 10;
/// Of the rate at which deferrals began, this many tenths are advised.
const TENTHS: u64 = 8;

/// A span of time that a rate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Span {
    Second,
    Minute,
    Hour,
    Day,
}

impl Span {
    pub(crate) const ALL: [Span; 4] = [Span::Second, Span::Minute, Span::Hour, Span::Day];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Span::Second => "second",
            Span::Minute => "minute",
            Span::Hour => "hour",
            Span::Day => "day",
        }
    }

    pub(crate) fn millis(self) -> u64 {
        match self {
            Span::Second => 1000,
            Span::Minute => 60_000,
            Span::Hour => 3_600_000,
            Span::Day => 86_400_000,
        }
    }
}

/// So many recipients in a span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    pub count: u64,
    pub span: Span,
}

impl Rate {
    /// Milliseconds from one to the next, so that no span holds more.
    pub(crate) fn interval(self) -> u64 {
        self.span.millis().div_ceil(self.count.max(1))
    }

    /// `20/min`, `500/hour`, `20`: by the minute where no span is named.
    pub(crate) fn read(text: &str) -> Option<Rate> {
        let (count, span) = text.split_once('/').unwrap_or((text, "min"));
        let span = match span.trim() {
            "s" | "sec" | "second" => Span::Second,
            "m" | "min" | "minute" => Span::Minute,
            "h" | "hour" => Span::Hour,
            "d" | "day" => Span::Day,
            _ => return None,
        };
        let count = count.trim().parse().ok().filter(|count| (1..=10_000_000).contains(count))?;
        let rate = Rate { count, span };
        // Distances are whole milliseconds: at more than some hundreds a second another rate would be answered.
        (rate.interval() * count * 20 <= span.millis() * 21).then_some(rate)
    }

    /// `20 a minute`.
    pub(crate) fn words(self) -> String {
        let article = if self.span == Span::Hour { "an" } else { "a" };
        format!("{} {article} {}", self.count, self.span.name())
    }
}

/// A rate that the receiver did not bear, or said that it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub rate: Rate,
    /// When it began to defer, that much let in; `None` where its reply states the limit.
    pub began: Option<Timestamp>,
}

impl Seen {
    /// What may be sent: all that is stated, or less than what was too much.
    fn allowed(self) -> Rate {
        match self.began {
            None => self.rate,
            Some(_) => Rate { count: (self.rate.count * TENTHS / 10).max(1), ..self.rate },
        }
    }

    /// Whether `most` in its span is too much.
    fn is_met_by(self, most: u64) -> bool {
        if self.began.is_some() { most >= self.rate.count } else { most > self.rate.count }
    }
}

/// How fast to send to one receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Advice {
    /// Milliseconds from one recipient to the next; `None` where nothing tells a rate.
    pub interval: Option<u64>,
    pub connections: Option<u64>,
    pub per_connection: Option<u64>,
    pub recipients_per_message: Option<u64>,
}

impl Advice {
    /// At most so many in `span`.
    pub(crate) fn most(&self, span: Span) -> Option<u64> {
        self.interval.map(|interval| span.millis() / interval.max(1))
    }
}

/// What the log shows of one receiver that slows the sender down.
#[derive(Clone, Debug)]
pub(crate) struct Receiver<'t> {
    pub name: &'t str,
    pub traffic: &'t ProviderTraffic,
    /// Failed attempts whose reply asks for less.
    pub slowed: u64,
    /// Whether a host that takes mail for others too answered for it.
    pub relayed: bool,
    /// Lowest first.
    pub seen: Vec<Seen>,
    pub advice: Advice,
    /// What is known of its connections, with the source.
    pub known: Option<&'static Provider>,
    /// What to do for a while after its reply.
    pub reaction: Option<&'static Reaction>,
}

/// The receivers that slow this sender down, the most attempts first.
pub(crate) fn receivers(summary: &TrafficSummary) -> Vec<Receiver<'_>> {
    let mut all: Vec<Receiver<'_>> = summary
        .by_provider
        .iter()
        .filter(|(name, _)| !name.starts_with('('))
        .map(|(name, traffic)| receiver(summary, name, traffic))
        .filter(|receiver| receiver.slowed > 0)
        .collect();
    all.sort_by(|a, b| b.slowed.cmp(&a.slowed).then_with(|| a.name.cmp(b.name)));
    all
}

/// One receiver, slowed or not.
pub(crate) fn receiver<'t>(
    summary: &'t TrafficSummary,
    name: &'t str,
    traffic: &'t ProviderTraffic,
) -> Receiver<'t> {
    let known = warmup().provider(name);
    let (mut slowed, mut seen, mut asking, mut limits) = (0, Vec::new(), None, Vec::new());
    for reply in summary.replies.iter().filter(|reply| reply.provider == name) {
        let verdict = classify(reply.text.raw(), Some(named(reply).unwrap_or(name)));
        if !CAUSES.contains(&verdict.cause) || is_of_others(summary, reply, &verdict) {
            continue;
        }
        if reply.ending == Ending::Deferred {
            slowed += reply.count;
            asking.get_or_insert(reply);
        }
        // How many connections it bears says nothing of how many messages.
        let of_a_rate = match verdict.cause {
            Cause::BadReputation => speaks_of_a_rate(reply.text.raw()),
            cause => cause == Cause::RateLimited,
        };
        if of_a_rate {
            seen.extend(reply.onsets.iter().filter_map(began));
        }
        if let Some(limit) = verdict.limit {
            seen.extend(stated(&limit).filter(|seen| !is_disproved(seen.rate, traffic)));
            limits.push(limit);
        }
    }
    seen.sort_by_key(|seen| (std::cmp::Reverse(seen.allowed().interval()), seen.began));
    let advice = advice(&seen, &limits, known);
    let relayed = summary.replies.iter().any(|reply| reply.provider == name && reply.shared);
    let reaction = asking.and_then(|reply| warmup().reaction(reply.text.raw()));
    Receiver { name, traffic, slowed, relayed, seen, advice, known, reaction }
}

/// Whether a reply speaks of no limit of this receiver: the sender's own server limits, a relay that takes mail for
/// several receivers, or one mailbox that gets too much.
fn is_of_others(summary: &TrafficSummary, reply: &ReplyCount, verdict: &ReplyVerdict) -> bool {
    let own = matches!(verdict.speaker, Speaker::OwnServer | Speaker::OwnFilter);
    let shared = reply.shared
        || named(reply).is_some()
            && summary
                .replies
                .iter()
                .any(|other| other.host == reply.host && other.provider != reply.provider);
    let one_mailbox = CATALOGUE.action("slow_recipient").map(|action| action.advice.as_str());
    own || shared || verdict.action.iter().any(|step| Some(step.as_str()) == one_mailbox)
}

/// The host that replied; Postfix writes `none` where the greeting was the refusal.
fn named(reply: &ReplyCount) -> Option<&str> {
    Some(reply.host.as_str()).filter(|host| !host.is_empty() && *host != "none")
}

/// Whether the receiver took more than the rate that its reply states: then it means something else.
fn is_disproved(rate: Rate, traffic: &ProviderTraffic) -> bool {
    let taken = traffic.taken.unwrap_or_default();
    // A day of the calendar is no longer than one from any minute on.
    let day = traffic.by_day.values().map(|totals| totals.delivered).max().unwrap_or_default();
    let day = day.max(taken.hour);
    match rate.span {
        Span::Second => taken.minute > rate.count.saturating_mul(60),
        Span::Minute => taken.minute > rate.count,
        Span::Hour => taken.hour > rate.count,
        Span::Day => day > rate.count,
    }
}

fn speaks_of_a_rate(text: &str) -> bool {
    let lower = text.to_lowercase();
    lower.split(|letter: char| !letter.is_alphabetic()).any(|word| OF_A_RATE.contains(&word))
}

/// What was let in when deferrals began: more was too much. `None` where so little was let in that the rate is no reason.
fn began(onset: &Onset) -> Option<Seen> {
    if onset.minute < LEAST {
        return None;
    }
    let rate = match onset.hour >= STEADY * onset.minute {
        true => Rate { count: onset.hour, span: Span::Hour },
        false => Rate { count: onset.minute, span: Span::Minute },
    };
    Some(Seen { rate, began: Some(onset.at) })
}

fn stated(limit: &Limit) -> Option<Seen> {
    let span = Span::ALL.into_iter().find(|span| limit.per.as_deref() == Some(span.name()))?;
    let counts = matches!(limit.of.as_str(), "messages" | "recipients") && limit.count > 0;
    counts.then_some(Seen { rate: Rate { count: limit.count, span }, began: None })
}

fn advice(seen: &[Seen], limits: &[Limit], known: Option<&Provider>) -> Advice {
    let lowest = |of: &[&str], per: Option<&str>| {
        let same = |limit: &&Limit| {
            of.contains(&limit.of.as_str()) && limit.per.as_deref() == per && limit.count > 0
        };
        limits.iter().filter(same).map(|limit| limit.count).min()
    };
    let both = |stated: Option<u64>, known: Option<u32>| stated.into_iter().chain(known.map(u64::from)).min();
    Advice {
        interval: seen.iter().map(|seen| seen.allowed().interval()).max(),
        connections: both(lowest(&["connections"], None), known.and_then(|known| known.connections)),
        per_connection: both(
            lowest(&["messages"], Some("connection")),
            known.and_then(|known| known.messages_per_connection),
        ),
        recipients_per_message: lowest(&["recipients"], Some("message")),
    }
}

/// The limits that were seen and that the simulated mail would have met.
pub(crate) fn met<'s>(seen: &'s [Seen], simulation: &Simulation) -> Vec<&'s Seen> {
    seen.iter().filter(|seen| seen.is_met_by(simulation.most(seen.rate.span))).collect()
}

#[cfg(test)]
mod tests;
