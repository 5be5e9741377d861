//! The plan by which a new sender raises its volume, and how the traffic of a
//! log compares with it. Pure arithmetic over dates.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::data::warmup::{Pace, Provider, Schedule, warmup};
use crate::model::traffic::{Totals, TrafficSummary};

/// No plan is longer: a year of rising is no warm-up.
pub(crate) const LONGEST: u32 = 400;

/// In the order of [`Day::paces`].
pub(crate) const PACES: [Pace; 2] = [Pace::Conservative, Pace::Usual];

/// A plan to reach a volume.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Messages a day at the end.
    pub target: u64,
    pub pace: Pace,
    pub days: Vec<Day>,
    /// The providers planned for, in order; the last stands for all others.
    pub providers: Vec<PlannedProvider>,
    /// Why the start is where it is.
    pub start: Start,
    pub compared: Option<Compared>,
}

#[derive(Clone, Debug)]
pub(crate) struct Day {
    /// From 1.
    pub day: u32,
    pub date: Date,
    pub limit: u64,
    /// The same at each pace, the conservative one first.
    pub paces: [u64; 2],
    /// Messages sent that day; `None` where no log covers it.
    pub sent: Option<u64>,
    pub verdict: Verdict,
    /// By provider, in the order of [`Plan::providers`].
    pub limits: Vec<u64>,
    pub sent_to: Vec<Option<u64>>,
}

/// What one day of the log says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// Not in the log.
    Open,
    Within,
    Above,
    /// Above at these providers, though not in all.
    AboveAt(Vec<String>),
    /// Within, and too much was put off or sent back to go on rising.
    Hold(String),
}

#[derive(Clone, Debug)]
pub(crate) struct PlannedProvider {
    pub name: String,
    pub known: Option<&'static Provider>,
    /// Of all mail in the log; `None` without a log.
    pub share: Option<f64>,
    /// First day with mail to it in the log, where it is later than the log's start.
    pub first_seen: Option<Date>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    Given,
    /// The log's first day with mail out.
    FirstSighting,
    Today,
}

/// The log as a whole.
#[derive(Clone, Debug)]
pub(crate) struct Compared {
    pub first: Date,
    pub last: Date,
    /// The log begins before the first mail out: the sender is new.
    pub is_new: bool,
    /// Own addresses the log names, with attempts.
    pub sources: Vec<(String, u64)>,
    /// Days above the plan.
    pub above: Vec<Date>,
    /// Where to hold: not above this many a day until the date's trouble is over.
    pub hold: Option<Hold>,
    /// Longest stretch without mail, in days, where it undoes the warm-up.
    pub idle: Option<u32>,
}

#[derive(Clone, Debug)]
pub(crate) struct Hold {
    pub limit: u64,
    /// The day of the plan whose limit this is.
    pub day: u32,
    pub why: String,
}

/// The plan alone, or compared with what a log shows.
pub(crate) fn plan(
    target: u64,
    pace: Pace,
    start: Option<Date>,
    today: Date,
    log: Option<&TrafficSummary>,
) -> Plan {
    let schedule = warmup().schedule(pace);
    let traffic = log.map(Traffic::new);
    let sighted = traffic.as_ref().and_then(|traffic| traffic.first());
    let (start, why) = match (start, sighted) {
        (Some(start), _) => (start, Start::Given),
        (None, Some(first)) => (first, Start::FirstSighting),
        (None, None) => (today, Start::Today),
    };
    let providers = providers(traffic.as_ref());
    let mut days = Vec::new();
    let last_sent = traffic.as_ref().and_then(|traffic| traffic.by_day.keys().next_back().copied());
    for day in 1..=LONGEST {
        let Ok(date) = start.checked_add(i64::from(day - 1).days()) else { break };
        let limit = schedule.limit(day).min(target);
        let paces = PACES.map(|pace| warmup().schedule(pace).limit(day).min(target));
        let day = self::day(day, date, limit, schedule, &providers, traffic.as_ref());
        days.push(Day { paces, ..day });
        let covered = last_sent.is_none_or(|last| date >= last);
        if limit >= target && covered {
            break;
        }
    }
    let compared = traffic.as_ref().zip(log).and_then(|(traffic, log)| compare(&days, traffic, log));
    Plan { target, pace, days, providers, start: why, compared }
}

fn day(
    day: u32,
    date: Date,
    limit: u64,
    schedule: &Schedule,
    providers: &[PlannedProvider],
    traffic: Option<&Traffic>,
) -> Day {
    let factor = |provider: &PlannedProvider| provider.known.and_then(|known| known.factor);
    let limits: Vec<u64> =
        providers.iter().map(|provider| schedule.provider_limit(day, factor(provider)).min(limit)).collect();
    let totals = traffic.and_then(|traffic| traffic.by_day.get(&date));
    let covered = traffic.is_some_and(|traffic| traffic.covers(date));
    let sent = covered.then(|| totals.map_or(0, sent));
    let sent_to: Vec<Option<u64>> = providers
        .iter()
        .map(|provider| {
            let of = traffic.filter(|_| covered)?.by_provider.get(&provider.name);
            Some(of.and_then(|days| days.get(&date)).map_or(0, sent_of))
        })
        .collect();
    let verdict = verdict(limit, sent, totals, providers, &limits, &sent_to);
    Day { day, date, limit, paces: [limit; 2], sent, verdict, limits, sent_to }
}

fn verdict(
    limit: u64,
    sent: Option<u64>,
    totals: Option<&Totals>,
    providers: &[PlannedProvider],
    limits: &[u64],
    sent_to: &[Option<u64>],
) -> Verdict {
    let Some(sent) = sent else { return Verdict::Open };
    if sent > limit {
        return Verdict::Above;
    }
    let threshold = &warmup().threshold;
    let trouble = totals.and_then(|totals| {
        let deferred = totals.deferral_rate().filter(|rate| *rate > threshold.deferral && sent > 0);
        let bounced = totals.bounce_rate().filter(|rate| *rate > threshold.bounce);
        let percent = |rate: f64| (rate * 1000.0).round() / 10.0;
        match (deferred, bounced) {
            (Some(rate), _) => Some(format!("{}% of attempts deferred", percent(rate))),
            (None, Some(rate)) => Some(format!("{}% bounced", percent(rate))),
            (None, None) => None,
        }
    });
    if let Some(trouble) = trouble {
        return Verdict::Hold(trouble);
    }
    let above: Vec<String> = providers
        .iter()
        .zip(limits.iter().zip(sent_to))
        // The rest is many providers; each has its own limit.
        .filter(|(provider, (limit, sent))| {
            provider.known.is_some() && sent.is_some_and(|sent| sent > **limit)
        })
        .map(|(provider, _)| provider.name.clone())
        .collect();
    if above.is_empty() { Verdict::Within } else { Verdict::AboveAt(above) }
}

fn compare(days: &[Day], traffic: &Traffic, log: &TrafficSummary) -> Option<Compared> {
    let (first, last) = (traffic.first()?, *traffic.by_day.keys().next_back()?);
    let above = days.iter().filter(|day| day.verdict == Verdict::Above).map(|day| day.date).collect();
    let covered: Vec<&Day> = days.iter().filter(|day| day.sent.is_some()).collect();
    // The latest trouble decides: go back to the last day before it that went well.
    let at = covered.iter().rposition(|day| !matches!(day.verdict, Verdict::Within | Verdict::Open));
    let hold = at.filter(|at| covered.len() - at <= CLEAN_DAYS).map(|at| {
        let trouble = covered[at];
        let good = covered[..at].iter().rev().find(|day| day.verdict == Verdict::Within);
        let back = good.map_or(covered[0], |day| *day);
        let why = match &trouble.verdict {
            Verdict::Above => {
                format!("{}: {} sent, {} planned", trouble.date, trouble.sent.unwrap_or(0), trouble.limit)
            }
            Verdict::AboveAt(names) => format!("{}: too much to {}", trouble.date, names.join(", ")),
            Verdict::Hold(what) => format!("{}: {what}", trouble.date),
            Verdict::Within | Verdict::Open => String::new(),
        };
        Hold { limit: back.limit, day: back.day, why }
    });
    let sent: Vec<Date> = traffic.by_day.iter().filter(|(_, t)| sent(t) > 0).map(|(date, _)| *date).collect();
    let gap = sent.windows(2).filter_map(|pair| days_between(pair[0], pair[1])).max().unwrap_or(0);
    Some(Compared {
        first,
        last,
        is_new: traffic.log_start.is_some_and(|start| start < first),
        sources: log.sources.iter().map(|(name, count)| (name.clone(), *count)).collect(),
        above,
        hold,
        idle: (gap > warmup().threshold.idle_days).then_some(gap),
    })
}

/// After so many days without trouble the plan goes on (Google asks for a week
/// before it lifts what it held against a sender, support.google.com/a/answer/14229414).
const CLEAN_DAYS: usize = 7;

fn days_between(from: Date, to: Date) -> Option<u32> {
    u32::try_from(from.until(to).ok()?.get_days()).ok()
}

/// Messages that came to a receiver's decision; a deferred one counts when it is decided.
fn sent(totals: &Totals) -> u64 {
    totals.delivered.saturating_add(totals.bounced)
}

fn sent_of(totals: &Totals) -> u64 {
    sent(totals)
}

/// The log's days.
struct Traffic {
    log_start: Option<Date>,
    log_end: Option<Date>,
    by_day: BTreeMap<Date, Totals>,
    by_provider: BTreeMap<String, BTreeMap<Date, Totals>>,
}

impl Traffic {
    fn new(log: &TrafficSummary) -> Traffic {
        let date = |at: &jiff::Timestamp| at.to_zoned(jiff::tz::TimeZone::UTC).date();
        let mut traffic = Traffic {
            log_start: log.from.as_ref().map(date),
            log_end: log.until.as_ref().map(date),
            by_day: BTreeMap::new(),
            by_provider: BTreeMap::new(),
        };
        for (name, provider) in &log.by_provider {
            let name = warmup().provider(name).map_or(OTHERS, |known| known.name.as_str());
            let into = traffic.by_provider.entry(name.to_owned()).or_default();
            for (at, totals) in &provider.by_day {
                into.entry(date(at)).or_default().add(totals);
                traffic.by_day.entry(date(at)).or_default().add(totals);
            }
        }
        traffic
    }

    fn covers(&self, date: Date) -> bool {
        self.log_start.is_some_and(|start| start <= date) && self.log_end.is_some_and(|end| date <= end)
    }

    /// First day with mail out.
    fn first(&self) -> Option<Date> {
        self.by_day.iter().find(|(_, totals)| totals.attempts() > 0).map(|(date, _)| *date)
    }
}

const OTHERS: &str = "each other provider";

fn providers(traffic: Option<&Traffic>) -> Vec<PlannedProvider> {
    let seen: BTreeSet<&str> =
        traffic.iter().flat_map(|traffic| traffic.by_provider.keys().map(String::as_str)).collect();
    let all: u64 = traffic.iter().flat_map(|traffic| traffic.by_day.values()).map(sent).sum();
    let planned = |name: &str, known: Option<&'static Provider>| {
        let days = traffic.and_then(|traffic| traffic.by_provider.get(name));
        let of: u64 = days.iter().flat_map(|days| days.values()).map(sent).sum();
        let first = days.and_then(|days| days.iter().find(|(_, t)| t.attempts() > 0)).map(|(date, _)| *date);
        PlannedProvider {
            name: name.to_owned(),
            known,
            share: (all > 0).then(|| of as f64 / all as f64),
            first_seen: first.filter(|first| {
                traffic.and_then(|traffic| traffic.log_start).is_some_and(|start| start < *first)
            }),
        }
    };
    // Without a log the four that hold most mailboxes; with one, those it shows.
    let mut providers: Vec<PlannedProvider> = warmup()
        .providers
        .iter()
        .enumerate()
        .filter(|(index, provider)| match traffic {
            Some(_) => seen.contains(provider.name.as_str()),
            None => *index < 4,
        })
        .map(|(_, provider)| planned(&provider.name, Some(provider)))
        .collect();
    providers.push(planned(OTHERS, None));
    providers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::traffic::ProviderTraffic;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn log(days: &[(&str, u64, u64)]) -> TrafficSummary {
        let at = |text: &str| format!("{text}T00:00:00Z").parse::<jiff::Timestamp>().unwrap();
        let mut provider = ProviderTraffic::default();
        for (day, delivered, deferred) in days {
            let totals = Totals { delivered: *delivered, deferred: *deferred, ..Totals::default() };
            provider.by_day.insert(at(day), totals);
        }
        TrafficSummary {
            from: Some(at("2026-11-01")),
            until: Some(at("2026-11-10")),
            by_provider: BTreeMap::from([("gmail.com".to_owned(), provider)]),
            ..TrafficSummary::default()
        }
    }

    #[test]
    fn the_plan_ends_at_the_target() {
        for pace in [Pace::Conservative, Pace::Usual] {
            let plan = plan(100_000, pace, Some(date("2026-12-30")), date("2026-11-23"), None);
            assert_eq!(plan.days.last().unwrap().limit, 100_000);
            assert!(plan.days.windows(2).all(|pair| pair[0].limit < pair[1].limit));
            assert_eq!(plan.days[3].date, date("2027-01-02"));
            assert_eq!(plan.providers.len(), 5);
        }
        assert_eq!(plan(5, Pace::Usual, None, date("2026-11-23"), None).days.len(), 1);
    }

    #[test]
    fn a_log_above_the_plan_is_held() {
        let log = log(&[("2026-11-03", 10, 0), ("2026-11-04", 14, 0), ("2026-11-05", 900, 0)]);
        let plan = plan(10_000, Pace::Conservative, None, date("2026-11-23"), Some(&log));
        assert_eq!((plan.start, plan.days[0].date), (Start::FirstSighting, date("2026-11-03")));
        let compared = plan.compared.unwrap();
        assert!(compared.is_new);
        assert_eq!(compared.above, [date("2026-11-05")]);
        let hold = compared.hold.unwrap();
        assert_eq!((hold.day, hold.limit), (2, 14));
        assert!(hold.why.contains("900 sent, 20 planned"), "{}", hold.why);
        assert_eq!(plan.days[7].sent, Some(0));
        assert_eq!(plan.days[8].sent, None);
    }

    #[test]
    fn deferrals_hold_too() {
        let log = log(&[("2026-11-03", 10, 0), ("2026-11-04", 10, 5)]);
        let plan = plan(10_000, Pace::Conservative, None, date("2026-11-23"), Some(&log));
        assert!(matches!(&plan.days[1].verdict, Verdict::Hold(why) if why.contains("33.3%")));
        assert_eq!(plan.compared.unwrap().hold.unwrap().limit, 10);
    }
}
