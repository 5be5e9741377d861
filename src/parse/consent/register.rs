//! The recipients of the logs, met with the register: one note for each address,
//! whatever the number of mails.

use std::collections::HashMap;

use jiff::Timestamp;

use super::value::Standing;
use super::{Entry, Register, normal};
use crate::model::consent::{ConsentSummary, MailedAddress, Recipients};
use crate::model::{Location, Untrusted};
use crate::parse::log::event::{Kind, Millis, NO_TIME};
use crate::parse::log::place::Place;
use crate::parse::log::{Batch, stamp};

/// Distinct recipients remembered.
const MOST_RECIPIENTS: usize = 20_000_000;
/// Shown of each kind.
const SHOWN: usize = 20;
/// Consent older than this is stale: 731 days in milliseconds, two years with a leap day.
const STALE: i64 = 731 * 86_400_000;

/// The latest mail to an address.
#[derive(Clone, Copy)]
struct Mailed {
    at: Millis,
    place: u32,
    line: u32,
}

/// Filled while the logs are read.
pub(crate) struct Comparison<'r> {
    register: &'r Register,
    mailed: HashMap<String, Mailed>,
    cut: bool,
}

impl<'r> Comparison<'r> {
    pub(crate) fn new(register: &'r Register) -> Comparison<'r> {
        Comparison { register, mailed: HashMap::new(), cut: false }
    }

    /// Notes the recipients of one block of a log; `place` counts the blocks.
    pub(crate) fn note(&mut self, batch: &Batch<'_>, place: u32) {
        for event in batch.iter() {
            if !matches!(event.kind, Kind::Delivered | Kind::Deferred | Kind::Bounced) {
                continue;
            }
            // The address before aliasing is the one that subscribed.
            let name = if event.original.is_empty() { event.recipient } else { event.original };
            let Some(address) = std::str::from_utf8(name).ok().and_then(normal) else { continue };
            let mailed = Mailed { at: event.at, place, line: event.line };
            if let Some(known) = self.mailed.get_mut(&address) {
                if mailed.at >= known.at {
                    *known = mailed;
                }
            } else if self.mailed.len() < MOST_RECIPIENTS {
                self.mailed.insert(address, mailed);
            } else {
                self.cut = true;
            }
        }
    }

    /// The latest stamp met, in milliseconds since 1970.
    pub(crate) fn latest(&self) -> Option<Millis> {
        self.mailed.values().map(|mailed| mailed.at).filter(|at| *at != NO_TIME).max()
    }

    /// What came of it; `years` is what the logs' stamps without a year are off.
    pub(crate) fn finish(self, places: &[Place], years: i32) -> ConsentSummary {
        let mut all: Vec<(String, Mailed)> = self.mailed.into_iter().collect();
        all.sort_unstable_by(|(a, x), (b, y)| (x.place, x.line, a).cmp(&(y.place, y.line, b)));
        let mut summary = ConsentSummary {
            file: self.register.file.clone(),
            subscribers: self.register.entries.len() as u64,
            recipients: all.len() as u64,
            cut: self.cut,
            ..ConsentSummary::default()
        };
        for (address, mailed) in all {
            let at = (mailed.at != NO_TIME).then(|| stamp::shift_years(mailed.at, years));
            let entry = self.register.entries.get(&address);
            let shown = || MailedAddress {
                address: Untrusted::new(address.clone()),
                mailed: at.and_then(timestamp),
                given: entry.and_then(|entry| entry.given).and_then(timestamp),
                suppressed: match entry.map(|entry| entry.standing) {
                    Some(Standing::Off(Some(time))) => timestamp(time),
                    _ => None,
                },
                lacks: entry.map(lacks).unwrap_or_default(),
                location: places.get(mailed.place as usize).map(|place| place.location(mailed.line)),
                entry: entry.map(|entry| Location { file: self.register.file.clone(), line: entry.line }),
            };
            let Some(entry) = entry else {
                add(&mut summary.missing, shown);
                continue;
            };
            match (entry.standing, at) {
                (Standing::Off(Some(off)), Some(at)) if at <= off => {}
                (Standing::Off(_), _) => {
                    add(&mut summary.suppressed, shown);
                    continue;
                }
                (Standing::On, _) => {}
            }
            if let (Some(given), Some(at)) = (entry.given, at)
                && at.saturating_sub(given) > STALE
            {
                add(&mut summary.stale, shown);
            } else if !lacks(entry).is_empty() {
                add(&mut summary.unproven, shown);
            }
        }
        summary
    }
}

fn add(into: &mut Recipients, shown: impl FnOnce() -> MailedAddress) {
    into.count += 1;
    if into.examples.len() < SHOWN {
        into.examples.push(shown());
    }
}

fn lacks(entry: &Entry) -> Vec<String> {
    let all = [
        ("source", !entry.has_source),
        ("time", entry.given.is_none()),
        ("confirmation", entry.confirmed == Some(false)),
    ];
    all.into_iter().filter(|(_, lacking)| *lacking).map(|(name, _)| name.to_owned()).collect()
}

fn timestamp(millis: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(millis).ok()
}
