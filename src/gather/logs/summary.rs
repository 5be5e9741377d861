//! Logs to the bounded summary, in one pass.

use std::hash::{BuildHasher, Hasher, RandomState};

use jiff::Timestamp;
use rayon::prelude::*;

use super::blocks::Waves;
use super::open::{LogError, LogFile};
use crate::model::traffic::TrafficSummary;
use crate::model::{Location, Untrusted};
use crate::parse::log::aggregate::{Place, Route, Shard, Tally, Traffic};
use crate::parse::log::{Batch, Parser, detect, parse_block, stamp};

/// How to read.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The clock: stamps without a year are the latest not after it.
    pub now: Timestamp,
}

/// Shards of the join; more than cores, so that they even out.
const SHARDS: usize = 4;

struct Block<'a> {
    batch: Batch<'a>,
    tally: Tally,
    route: Route,
}

impl<'a> Block<'a> {
    fn of(mut batch: Batch<'a>, seed: u64) -> Block<'a> {
        let tally = Tally::of(&mut batch);
        let route = Route::of(&batch, SHARDS, seed);
        Block { batch, tally, route }
    }
}

/// What a worker hands back.
enum Work<'a> {
    Done(Box<Block<'a>>),
    /// To be parsed in order.
    Text(&'a [u8]),
}

/// Reads all logs, oldest first.
pub fn summarize(logs: &[LogFile], options: &Options) -> Result<TrafficSummary, LogError> {
    let seed = RandomState::new().build_hasher().finish();
    let mut traffic = Traffic::default();
    let mut shards: Vec<Shard> = (0..SHARDS).map(|_| Shard::default()).collect();
    let mut places: Vec<Place> = Vec::new();
    let year = first_year(logs, options.now);
    let mut buffers = Vec::new();
    for log in logs {
        traffic.file(&log.name);
        let Some(dialect) = log.dialect else {
            unreadable(log, &mut traffic)?;
            continue;
        };
        traffic.dialect(dialect.name());
        let mut lines_before = 0;
        let mut waves = Waves::of(log)?;
        // Where lines depend on each other one parser reads the blocks in turn.
        let mut parser = Parser::new(dialect, year);
        while let Some((blocks, error)) = waves.next(&mut buffers, |text| {
            if dialect.sequential() {
                return Work::Text(text);
            }
            Work::Done(Box::new(Block::of(parse_block(dialect, text, year), seed)))
        }) {
            let first = places.len();
            let mut ready = Vec::with_capacity(blocks.len());
            for work in blocks {
                let mut block = match work {
                    Work::Done(block) => *block,
                    Work::Text(text) => Block::of(parser.block(text), seed),
                };
                let years = traffic.years_off(block.batch.calendar);
                block.batch.shift_years(years);
                let place = Place { file: log.name.clone(), lines_before };
                lines_before += u64::from(block.batch.lines);
                traffic.merge(block.tally, years, &place);
                places.push(place);
                ready.push((block.batch, block.route));
            }
            shards.par_iter_mut().enumerate().for_each(|(number, shard)| {
                for (index, (batch, route)) in ready.iter().enumerate() {
                    shard.apply(number, batch, route, (first + index) as u32);
                }
            });
            if let Some(error) = error {
                traffic.note(format!("{}: read only in part: {error}", log.name));
            }
        }
    }
    let years = years_ahead(traffic.until(), options.now);
    Ok(traffic.finish(shards, &places, years))
}

/// The year of the first stamp without one: the one nearest to a log that has
/// years, as hops of one message lie close; else the latest not after now.
pub(super) fn first_year(logs: &[LogFile], now: Timestamp) -> i32 {
    let now = now.as_millisecond();
    let this = stamp::year_of(now);
    let stamps: Vec<(i64, bool)> =
        logs.iter().filter_map(|log| detect::first_stamp(log.head(), this)).collect();
    let Some((first, _)) = stamps.iter().find(|(_, dated)| !dated) else { return this };
    if let Some((dated, _)) = stamps.iter().find(|(_, dated)| *dated) {
        let near = stamp::year_of(*dated);
        let apart = |year: &i32| (stamp::shift_years(*first, year - this) - dated).abs();
        return (near - 1..=near + 1).min_by_key(apart).unwrap_or(near);
    }
    if *first > now + stamp::DAY { this - 1 } else { this }
}

/// How far stamps without a year must be moved back so that none is in the
/// future: zero or negative.
pub(super) fn years_ahead(until: Option<i64>, now: Timestamp) -> i32 {
    let now = now.as_millisecond();
    let mut years = 0;
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
    let mut buffers = Vec::new();
    let mut waves = Waves::of(log)?;
    while let Some((counts, _)) = waves.next(&mut buffers, |text| {
        memchr::memchr_iter(b'\n', text).count() as u64 + u64::from(text.last().is_some_and(|b| *b != b'\n'))
    }) {
        lines += counts.iter().sum::<u64>();
    }
    let first = log.head().split(|b| *b == b'\n').next().unwrap_or_default();
    let example = Untrusted::from_bytes(&first[..first.len().min(300)]);
    traffic.unreadable(lines, Some((Location { file: log.name.clone(), line: 1 }, example)));
    traffic
        .note(format!("{}: the content looks like no log dialect known; name it with --dialect", log.name));
    Ok(())
}
