//! The zone of stamps that state none: as the user says, as hops that handed on
//! to each other show, as the same machine writes elsewhere; else the machine's.

use std::collections::BTreeMap;

use super::order::is_record;
use crate::parse::log::event::{Millis, NO_TIME};
use crate::parse::log::record::{LogEvent, queued_as};

const MINUTE: i64 = 60_000;

/// Minutes east of UTC by file, for those whose stamps were written in a zone.
pub(crate) type Zones = BTreeMap<String, i32>;

/// Moves stamps without a zone to UTC. `given` is the zone the user names,
/// `machine` that of the machine: both take a local time and give minutes east.
pub(crate) fn settle(
    events: &mut [LogEvent],
    given: Option<&dyn Fn(Millis) -> i32>,
    machine: &dyn Fn(Millis) -> i32,
) -> Zones {
    let stated: Vec<Option<i32>> = events.iter().map(stated).collect();
    let learnt = if given.is_some() { BTreeMap::new() } else { learnt(events, &stated) };
    let mut zones = Zones::new();
    for (event, stated) in events.iter_mut().zip(stated) {
        if event.at == NO_TIME {
            continue;
        }
        let offset = stated.unwrap_or_else(|| {
            let offset = match (given, learnt.get(&event.location.file)) {
                (Some(given), _) => given(event.at),
                (None, Some(learnt)) => *learnt,
                (None, None) => machine(event.at),
            };
            event.at -= i64::from(offset) * MINUTE;
            offset
        });
        zones.insert(event.location.file.clone(), offset);
    }
    zones
}

/// The zone a stamp states, minutes east.
fn stated(event: &LogEvent) -> Option<i32> {
    // Written in UTC by definition, whatever the line shows.
    if is_record(event) || ["exchange-protocol", "journald"].contains(&event.dialect) {
        return Some(0);
    }
    let line = event.line.trim_start();
    // `postqueue -j` counts seconds, qmail-qread and Exchange's shell write UTC.
    if event.dialect == "mail-queue"
        && (line.starts_with('{') || line.contains(" GMT ") || line.contains(','))
    {
        return Some(0);
    }
    // TAI64N and epoch stamps are instants.
    if line.starts_with('@')
        || line
            .split(['.', ' '])
            .next()
            .is_some_and(|word| (9..=11).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit()))
    {
        return Some(0);
    }
    let start = line.find(|c: char| c.is_ascii_digit()).filter(|at| *at < 40)?;
    let stamp = line.get(start..)?;
    let bytes = stamp.as_bytes();
    let iso =
        bytes.len() > 19 && bytes[4] == b'-' && bytes[7] == b'-' && matches!(bytes[10], b'T' | b't' | b' ');
    if !iso {
        return None;
    }
    let rest = stamp.get(19..)?.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
    let zone = rest.strip_prefix(' ').filter(|rest| rest.starts_with(['+', '-'])).unwrap_or(rest);
    if zone.starts_with(['Z', 'z']) {
        return Some(0);
    }
    let sign = match zone.bytes().next()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let hours: i32 = zone.get(1..3)?.parse().ok()?;
    let minutes: i32 = zone.get(3..)?.strip_prefix(':').or(zone.get(3..))?.get(..2)?.parse().ok()?;
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

/// Offsets of files without zones, from hand-overs between them and files with
/// zones, and from the same machine's stamps in another file.
fn learnt(events: &[LogEvent], stated: &[Option<i32>]) -> BTreeMap<String, i32> {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    let mut of_host: BTreeMap<&str, i32> = BTreeMap::new();
    for (index, event) in events.iter().enumerate().filter(|(_, event)| event.at != NO_TIME) {
        if !event.id.is_empty() {
            first.entry(event.id.as_str()).or_insert(index);
        }
        if let (Some(offset), false) = (stated[index], event.log_host.is_empty()) {
            of_host.insert(event.log_host.as_str(), offset);
        }
    }
    let mut out = BTreeMap::new();
    for (index, event) in events.iter().enumerate().filter(|(_, event)| event.at != NO_TIME) {
        let next = queued_as(&event.reply).and_then(|id| first.get(id)).copied();
        if let Some(next) = next.filter(|next| events[*next].location.file != event.location.file) {
            let (local, instant) = match (stated[index], stated[next]) {
                (Some(_), None) => (next, index),
                (None, Some(_)) => (index, next),
                _ => continue,
            };
            if let Some(offset) = apart(events[local].at, events[instant].at) {
                out.entry(events[local].location.file.clone()).or_insert(offset);
            }
        }
        if stated[index].is_none()
            && let Some(offset) = of_host.get(event.log_host.as_str())
        {
            out.entry(event.location.file.clone()).or_insert(*offset);
        }
    }
    out
}

/// The whole quarter hours between a local stamp and the instant it means.
fn apart(local: Millis, instant: Millis) -> Option<i32> {
    const QUARTER: i64 = 15 * MINUTE;
    const SLOW: i64 = 3 * MINUTE;
    let apart = local - instant;
    let quarters = (apart + QUARTER / 2).div_euclid(QUARTER);
    let near = (apart - quarters * QUARTER).abs() <= SLOW && quarters.abs() <= 14 * 4;
    near.then(|| i32::try_from(quarters * 15).unwrap_or(0))
}
