//! Events of records in the order in which they happened. Services and exports write
//! the newest first as often as the oldest, and the last word on a copy must be the
//! latest. Files of syslog keep their order: their stamps are coarser than it.

use std::collections::BTreeMap;

use crate::parse::log::event::{Millis, NO_TIME};
use crate::parse::log::record::LogEvent;

/// Dialects of records that each state their own time, in UTC.
const RECORDS: [&str; 12] = [
    "amazon-ses",
    "sendgrid",
    "mailgun",
    "postmark",
    "sparkpost",
    "brevo",
    "mailjet",
    "mandrill",
    "kumomta",
    "powermta",
    "exchange-tracking",
    "microsoft-365-trace",
];

/// Whether somebody else's service wrote the record of its own queue.
pub(super) fn is_of_a_service(event: &LogEvent) -> bool {
    let own = ["kumomta", "powermta", "exchange-tracking"];
    is_record(event) && !own.contains(&event.dialect)
}

/// Puts the events of each file of records in order of time, within the places that
/// they have. Where most neighbours of a file fall, it is read backwards first, so
/// that those of one moment come right too.
pub(super) fn by_time(events: Vec<LogEvent>) -> Vec<LogEvent> {
    if !events.iter().any(is_record) {
        return events;
    }
    let mut files: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, event) in events.iter().enumerate().filter(|(_, event)| is_record(event)) {
        files.entry(&event.location.file).or_default().push(index);
    }
    // For each place, whose event stands there.
    let mut whose: Vec<usize> = (0..events.len()).collect();
    for places in files.into_values() {
        for (place, from) in places.iter().zip(in_order(&events, &places)) {
            whose[*place] = from;
        }
    }
    let mut left: Vec<Option<LogEvent>> = events.into_iter().map(Some).collect();
    whose.into_iter().filter_map(|from| left.get_mut(from)?.take()).collect()
}

/// The events of one message on one hop, whose files may stand in any order.
pub(super) fn sort(events: &[LogEvent], of: &mut [usize]) {
    if !of.is_empty() && of.iter().all(|index| is_record(&events[*index])) {
        let times = known_times(events, of);
        let mut order: Vec<(Millis, usize)> = times.into_iter().zip(of.iter().copied()).collect();
        order.sort_by_key(|(at, _)| *at);
        for (place, (_, index)) in of.iter_mut().zip(order) {
            *place = index;
        }
    }
}

/// Whether the dialect is of records, each of which states an instant.
pub(super) fn is_record(event: &LogEvent) -> bool {
    RECORDS.contains(&event.dialect)
}

fn in_order(events: &[LogEvent], places: &[usize]) -> Vec<usize> {
    let stamps: Vec<Millis> =
        places.iter().map(|place| events[*place].at).filter(|at| *at != NO_TIME).collect();
    let falls = stamps.windows(2).filter(|two| two[1] < two[0]).count();
    let rises = stamps.windows(2).filter(|two| two[1] > two[0]).count();
    let mut places = places.to_vec();
    if falls > rises {
        backwards(events, &mut places);
    }
    sort(events, &mut places);
    places
}

/// Last record first; the events of one record keep their order. Where all records
/// stand in one line, those of one kind are held to be of one record.
fn backwards(events: &[LogEvent], places: &mut [usize]) {
    let line = |place: Option<&usize>| place.map(|place| events[*place].location.line);
    let one_line = line(places.first()) == line(places.last());
    let same = |a: &LogEvent, b: &LogEvent| {
        a.location.line == b.location.line && a.line == b.line && (a.kind == b.kind || !one_line)
    };
    places.reverse();
    places.chunk_by_mut(|a, b| same(&events[*a], &events[*b])).for_each(<[_]>::reverse);
}

/// What has no stamp happened when the one before it did.
fn known_times(events: &[LogEvent], of: &[usize]) -> Vec<Millis> {
    let mut last = NO_TIME;
    let time = |index: &usize| {
        last = if events[*index].at == NO_TIME { last } else { events[*index].at };
        last
    };
    of.iter().map(time).collect()
}
