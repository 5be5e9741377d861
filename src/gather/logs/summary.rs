//! Logs to the bounded summary, in one pass.

use std::hash::{BuildHasher, Hasher, RandomState};

use jiff::Timestamp;
use rayon::prelude::*;

use super::blocks::Waves;
use super::open::{LogError, LogFile};
use super::rotation::Rotation;
use crate::facts::traffic::{Place, Portion, Shard, Traffic};
use crate::model::traffic::TrafficSummary;
use crate::model::{Location, Untrusted};
use crate::parse::log::{Parser, detect, stamp, stated, unread};

/// How to read.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The clock: stamps without a year are the latest not after it.
    pub now: Timestamp,
}

/// Shards of the join; more than cores, so that they even out.
const SHARDS: usize = 4;

/// What a worker hands back.
enum Work {
    Done(Box<Portion>),
    /// To be parsed in order.
    Text(Vec<Vec<u8>>),
}

impl Work {
    /// The portion, where need be parsed after what `parser` has read so far.
    fn portion(self, parser: &mut Parser, seed: u64) -> Portion {
        match self {
            Work::Done(portion) => *portion,
            Work::Text(blocks) => {
                let mut portion = Portion::new(parser.clone(), SHARDS, seed);
                blocks.iter().for_each(|text| portion.read(text));
                *parser = portion.parser().clone();
                portion
            }
        }
    }
}

/// What the waves add up to.
struct Sum {
    traffic: Traffic,
    shards: Vec<Shard>,
    places: Vec<Place>,
}

impl Sum {
    /// Joins the portions of one wave of a log, which follow `lines_before` lines of it.
    fn join(&mut self, mut portions: Vec<Portion>, log: &LogFile, lines_before: &mut u64) {
        let first = self.places.len();
        for portion in &mut portions {
            portion.shift_years(self.traffic.years_off(portion.calendar()));
            let place = Place { file: log.name.clone(), lines_before: *lines_before };
            *lines_before += u64::from(portion.lines());
            self.traffic.merge(portion, &place);
            self.places.push(place);
        }
        self.shards.par_iter_mut().enumerate().for_each(|(number, shard)| {
            for (index, portion) in portions.iter().enumerate() {
                shard.apply(number, portion, (first + index) as u32);
            }
        });
    }
}

/// Reads all logs, oldest first. While one wave is parsed, the one before is
/// joined.
///
/// # Errors
/// Where a log cannot be read to its end.
pub fn summarize(logs: &[LogFile], options: &Options) -> Result<TrafficSummary, LogError> {
    let seed = RandomState::new().build_hasher().finish();
    let shards = (0..SHARDS).map(|_| Shard::default()).collect();
    let mut sum = Sum { traffic: Traffic::default(), shards, places: Vec::new() };
    let year = first_year(logs, options.now);
    let mut rotation = Rotation::default();
    for log in logs {
        sum.traffic.file(&log.name);
        let Some(dialect) = log.dialect else {
            unreadable(log, &mut sum.traffic)?;
            continue;
        };
        sum.traffic.dialect(dialect.name());
        let mut lines_before = 0;
        let mut waves = Waves::of(log)?;
        // Where lines depend on each other one parser reads the blocks in turn.
        let mut parser = rotation.parser(log, dialect, year);
        let start = || match dialect.sequential() {
            true => Work::Text(Vec::new()),
            false => Work::Done(Box::new(Portion::new(Parser::new(dialect, year), SHARDS, seed))),
        };
        let step = |work: &mut Work, text: &[u8]| match work {
            Work::Text(blocks) => blocks.push(text.to_vec()),
            Work::Done(portion) => portion.read(text),
        };
        let mut ready: Vec<Portion> = Vec::new();
        loop {
            let parse = || {
                let works = waves.fold(start, step)?;
                let mut portions: Vec<Portion> =
                    works.into_iter().map(|work| work.portion(&mut parser, seed)).collect();
                portions.par_iter_mut().for_each(Portion::close);
                Some(portions)
            };
            let joined = std::mem::take(&mut ready);
            let (parsed, ()) = rayon::join(parse, || sum.join(joined, log, &mut lines_before));
            match parsed {
                Some(next) => ready = next,
                None => break,
            }
        }
        rotation.keep(log, parser);
    }
    let years = years_ahead(logs, sum.traffic.until(), options.now);
    Ok(sum.traffic.finish(sum.shards, &sum.places, years))
}

/// The year of the first stamp without one: the one that other lines of the logs
/// state for its day; the one nearest to a log that has years, as hops of one
/// message lie close; else the latest not after now.
pub(super) fn first_year(logs: &[LogFile], now: Timestamp) -> i32 {
    let now = now.as_millisecond();
    let this = stamp::year_of(now);
    let stamps: Vec<(i64, bool)> =
        logs.iter().filter_map(|log| detect::first_stamp(log.head(), this)).collect();
    let Some((first, _)) = stamps.iter().find(|(_, dated)| !dated) else { return this };
    if let Some(year) = logs.iter().find_map(|log| stated::year(log.head(), *first, this)) {
        return year;
    }
    if let Some((dated, _)) = stamps.iter().find(|(_, dated)| *dated) {
        let near = stamp::year_of(*dated);
        let apart = |year: &i32| (stamp::shift_years(*first, year - this) - dated).abs();
        return (near - 1..=near + 1).min_by_key(apart).unwrap_or(near);
    }
    if *first > now + stamp::DAY { this - 1 } else { this }
}

/// The year each log begins in: stamps without one follow those of the log
/// before, so that a set rotated over New Year stays in order.
pub(super) fn years_of(logs: &[LogFile], now: Timestamp) -> Vec<i32> {
    let first = first_year(logs, now);
    let mut last: Option<(i32, u16)> = None;
    logs.iter()
        .map(|log| match detect::first_stamp(log.head(), first) {
            Some((at, false)) => {
                let (_, month, day) = stamp::civil(at.div_euclid(stamp::DAY));
                let month_day = (month * 31 + day) as u16;
                let year = last.map_or(first, |last| stamp::following_year(last, month_day));
                last = Some((year, month_day));
                year
            }
            _ => last.map_or(first, |(year, _)| year),
        })
        .collect()
}

/// How far stamps without a year must be moved back so that none is in the
/// future: zero or negative. Logs that state their years keep them, be the clock wrong.
pub(super) fn years_ahead(logs: &[LogFile], until: Option<i64>, now: Timestamp) -> i32 {
    let now = now.as_millisecond();
    let this = stamp::year_of(now);
    let is_undated = |log: &LogFile| detect::first_stamp(log.head(), this).is_some_and(|(_, dated)| !dated);
    let mut years = 0;
    if !logs.iter().any(is_undated) {
        return years;
    }
    if let Some(until) = until {
        while years > -200 && stamp::shift_years(until, years) > now + stamp::DAY {
            years -= 1;
        }
    }
    years
}

/// Counts the lines of what no dialect fits.
fn unreadable(log: &LogFile, traffic: &mut Traffic) -> Result<(), LogError> {
    let mut lines = 0;
    let mut waves = Waves::of(log)?;
    while let Some(counts) = waves.next(|text| {
        memchr::memchr_iter(b'\n', text).count() as u64 + u64::from(text.last().is_some_and(|b| *b != b'\n'))
    }) {
        lines += counts.iter().sum::<u64>();
    }
    let first = log.head().split(|b| *b == b'\n').next().unwrap_or_default();
    let example = Untrusted::from_bytes(&first[..first.len().min(300)]);
    traffic.unreadable(lines, Some((Location { file: log.name.clone(), line: 1 }, example)));
    traffic.note(match unread::maker(log.head()) {
        Some(maker) => format!("{}: this is a log of {maker}, which is not read yet", log.name),
        None => format!("{}: the content looks like no log dialect known; name it with --dialect", log.name),
    });
    Ok(())
}
