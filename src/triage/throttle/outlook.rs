//! What would have become of a log's mail at another rate: each receiver's advice, or a rate
//! that somebody asks about, run through the queue model and said in a sentence.

use super::settings::{self, Server};
use super::{Rate, Receiver, Seen, Simulation, met, receiver, receivers, simulate};
use crate::model::counted::counted;
use crate::model::traffic::TrafficSummary;

/// One receiver at one rate.
#[derive(Clone, Debug)]
pub(crate) struct Outlook<'t> {
    pub receiver: Receiver<'t>,
    /// The rate somebody asks about, in place of the advice.
    pub asked: Option<Rate>,
    /// Milliseconds from one recipient to the next; `None` where no rate is known or can be held.
    pub interval: Option<u64>,
    /// The log's mail at that rate; else why not.
    pub simulated: Result<Simulation, &'static str>,
}

impl Outlook<'_> {
    /// The limits seen that this rate would meet.
    pub(crate) fn met(&self) -> Vec<&Seen> {
        self.simulated.as_ref().map(|simulation| met(&self.receiver.seen, simulation)).unwrap_or_default()
    }

    /// The outcome as a sentence.
    pub(crate) fn sentence(&self) -> String {
        let simulation = match &self.simulated {
            Ok(simulation) => simulation,
            Err(why) => return format!("not simulated: {why}"),
        };
        let burst = simulation.burst;
        let rate = match self.asked.filter(|rate| rate.interval() == simulation.interval) {
            Some(asked) => asked.words(),
            None => settings::words(simulation.interval),
        };
        let taken = match burst.takes {
            0 => "gone at once".to_owned(),
            takes => format!("taken {}", duration(takes)),
        };
        let mut text = format!(
            "with at most {rate} the burst of {} ({}) would have {taken}",
            burst.at.strftime("%A %Y-%m-%d %H:%M UTC"),
            counted(burst.messages, "recipient"),
        );
        match self.met().first() {
            _ if self.receiver.seen.is_empty() => text.push_str("; no limit was seen to hold against"),
            None => text.push_str(" and met no limit seen"),
            Some(seen) => {
                let most = simulation.most(seen.rate.span);
                let rate = Rate { count: most, span: seen.rate.span };
                text.push_str(&format!(" and met a limit: {} where {}", rate.words(), self::seen(seen)));
            }
        }
        if simulation.longest_wait > 0 {
            text.push_str(&format!("; the longest wait is {}", duration(simulation.longest_wait)));
        }
        if simulation.left > 0 {
            text.push_str(&format!(", and {} would still wait when the log ends", simulation.left));
        }
        text
    }
}

/// `deferrals began with 120 a minute let in (2026-11-02 09:01 UTC)`.
pub(crate) fn seen(seen: &Seen) -> String {
    match seen.began {
        Some(at) => {
            format!(
                "deferrals began with {} let in ({})",
                seen.rate.words(),
                at.strftime("%Y-%m-%d %H:%M UTC")
            )
        }
        None => format!("its reply states {}", seen.rate.words()),
    }
}

/// Rounded up.
pub(crate) fn duration(millis: u64) -> String {
    let (count, unit) = match millis.div_ceil(1000) {
        seconds @ ..120 => (seconds, "second"),
        seconds @ ..7200 => (seconds.div_ceil(60), "minute"),
        seconds @ ..172_800 => (seconds.div_ceil(3600), "hour"),
        seconds => (seconds.div_ceil(86_400), "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// Each receiver that slows the sender down, and each of `asked` (a receiver's name in the log, a
/// rate). With a server, at the rate that it can hold.
pub(crate) fn outlooks<'t>(
    summary: &'t TrafficSummary,
    asked: &[(&'t str, Rate)],
    server: Option<Server>,
) -> Vec<Outlook<'t>> {
    let mut all: Vec<Outlook<'t>> = Vec::new();
    for (name, rate) in asked {
        let Some(traffic) = summary.by_provider.get(*name) else { continue };
        let mut one = receiver(summary, name, traffic);
        one.advice.interval = Some(rate.interval());
        all.push(outlook(summary, one, Some(*rate), server));
    }
    let slowed = receivers(summary).into_iter();
    let slowed = slowed.filter(|one| asked.iter().all(|(name, _)| *name != one.name));
    all.extend(slowed.map(|one| outlook(summary, one, None, server)));
    all
}

fn outlook<'t>(
    summary: &TrafficSummary,
    receiver: Receiver<'t>,
    asked: Option<Rate>,
    server: Option<Server>,
) -> Outlook<'t> {
    let interval = match server {
        Some(server) => server.interval(&receiver.advice),
        None => receiver.advice.interval,
    };
    let simulated = match (interval, &receiver.traffic.arrivals, receiver.advice.interval) {
        (None, _, None) => Err("nothing in the log tells a rate"),
        (None, _, Some(_)) => Err(server.map_or("no rate is known", Server::why_not)),
        (_, None, _) => Err("the log has more minutes than are followed"),
        (Some(interval), Some(arrivals), _) => {
            simulate(arrivals, interval, summary.until).ok_or("no line of this mail has a time")
        }
    };
    Outlook { receiver, asked, interval, simulated }
}
