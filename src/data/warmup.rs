//! Warm-up schedules and what providers bear: `warmup.toml` as typed data.

#![expect(clippy::expect_used, reason = "the catalogue is compiled in, and a test reads it")]

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// Everything the embedded file holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Warmup {
    #[serde(rename = "schedule")]
    pub schedules: Vec<Schedule>,
    #[serde(rename = "provider")]
    pub providers: Vec<Provider>,
    #[serde(rename = "reaction")]
    pub reactions: Vec<Reaction>,
    pub threshold: Threshold,
}

/// What to do for a while after a reply.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reaction {
    /// In lower case; one of them in the reply is enough.
    pub words: Vec<String>,
    pub act: String,
    pub source: String,
}

/// How fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Pace {
    /// A domain or address without any history.
    Conservative,
    /// A new address of a domain that already sends.
    Usual,
}

impl Pace {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Pace::Conservative => "conservative",
            Pace::Usual => "usual",
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Schedule {
    pub pace: Pace,
    /// Days of warm-up, from 1, ascending.
    pub days: Vec<u32>,
    /// Messages on each of them.
    pub limits: Vec<u64>,
    /// From day to day after the last one.
    pub factor: f64,
    pub provider_first: u64,
    pub provider_factor: f64,
    pub sources: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Provider {
    pub name: String,
    /// Names it goes by in logs: domains of recipients.
    #[serde(rename = "match")]
    pub matches: Vec<String>,
    #[serde(default)]
    pub connections: Option<u32>,
    #[serde(default)]
    pub messages_per_connection: Option<u32>,
    /// From day to day at most, where the provider bears less than the schedule.
    #[serde(default)]
    pub factor: Option<f64>,
    #[serde(default)]
    pub note: Option<String>,
    pub source: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Threshold {
    pub deferral: f64,
    pub bounce: f64,
    pub idle_days: u32,
    pub sources: Vec<String>,
}

/// The data, read once.
pub(crate) fn warmup() -> &'static Warmup {
    static WARMUP: LazyLock<Warmup> = LazyLock::new(|| {
        // Embedded and covered by a test: it cannot fail on a user.
        toml::from_str(include_str!("warmup.toml")).expect("warmup.toml is ours and tested")
    });
    &WARMUP
}

impl Warmup {
    pub(crate) fn schedule(&self, pace: Pace) -> &Schedule {
        // Both paces stand in the file; a test holds it to that.
        self.schedules.iter().find(|schedule| schedule.pace == pace).unwrap_or(&self.schedules[0])
    }

    /// The first reaction to a reply.
    pub(crate) fn reaction(&self, reply: &str) -> Option<&Reaction> {
        let reply = reply.to_lowercase();
        self.reactions.iter().find(|reaction| reaction.words.iter().any(|word| reply.contains(word.as_str())))
    }

    /// The provider behind a name in a log, such as `gmail.com`.
    pub(crate) fn provider(&self, name: &str) -> Option<&Provider> {
        self.providers.iter().find(|provider| provider.matches.iter().any(|known| known == name))
    }
}

impl Schedule {
    /// Messages on a day, from 1; even in ratio between the days of the table.
    pub(crate) fn limit(&self, day: u32) -> u64 {
        let points = self.days.iter().zip(&self.limits);
        let mut before: Option<(u32, u64)> = None;
        for (&at, &limit) in points {
            if day == at {
                return limit;
            }
            if day < at {
                let Some((from, low)) = before else { return limit };
                let share = f64::from(day - from) / f64::from(at - from);
                return (low as f64 * (limit as f64 / low as f64).powf(share)).floor() as u64;
            }
            before = Some((at, limit));
        }
        let Some((last, limit)) = before else { return 0 };
        grown(limit, self.factor, day - last)
    }

    /// Messages to one provider on a day, from 1; `provider` is its own factor.
    pub(crate) fn provider_limit(&self, day: u32, provider: Option<f64>) -> u64 {
        let factor = provider.unwrap_or(f64::INFINITY).min(self.provider_factor);
        grown(self.provider_first, factor, day.saturating_sub(1))
    }
}

/// Saturating: a cast of a float that is too large gives the largest integer.
fn grown(first: u64, factor: f64, days: u32) -> u64 {
    (first as f64 * factor.powi(i32::try_from(days).unwrap_or(i32::MAX))).floor() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_rise_without_leaps() {
        let data = warmup();
        for pace in [Pace::Conservative, Pace::Usual] {
            let schedule = data.schedule(pace);
            assert_eq!(schedule.pace, pace);
            assert_eq!(schedule.days.len(), schedule.limits.len());
            for day in 1..200 {
                assert!(schedule.limit(day + 1) >= schedule.limit(day), "{pace:?} day {day}");
                assert!(schedule.provider_limit(day + 1, None) >= schedule.provider_limit(day, None));
            }
        }
        let conservative = data.schedule(Pace::Conservative);
        assert_eq!((conservative.limit(1), conservative.limit(28), conservative.limit(29)), (10, 2000, 2800));
        assert!(conservative.limit(2) > 10 && conservative.limit(2) < 20);
        assert_eq!(conservative.limit(u32::MAX), u64::MAX);
    }
}
