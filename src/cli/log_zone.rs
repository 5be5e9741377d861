//! The zone of log stamps that state none: `--timezone`.

use crate::model::untrusted::Width;
use anyhow::Context as _;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

/// A name of the zone database, or an offset such as `+02:00`.
pub(super) fn named(text: &str) -> anyhow::Result<TimeZone> {
    let typed = text.trim();
    offset_of(typed).map(TimeZone::fixed).or_else(|| TimeZone::get(typed).ok()).with_context(|| {
        format!(
            "--timezone {}: no zone is known by this name; give one such as Europe/Berlin, or +02:00",
            crate::model::untrusted::plain(text, Width::Word)
        )
    })
}

fn offset_of(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let digits: String = digits.chars().filter(|c| *c != ':').collect();
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.parse::<i32>().ok()?, 0),
        4 => (digits.get(..2)?.parse().ok()?, digits.get(2..)?.parse().ok()?),
        _ => return None,
    };
    (hours <= 14 && minutes < 60).then(|| Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok())?
}

/// Minutes east of UTC that the zone has at a local time, in milliseconds as if it were UTC.
pub(super) fn offset(zone: &TimeZone, local: i64) -> i32 {
    let Ok(at) = Timestamp::from_millisecond(local) else { return 0 };
    let civil = at.to_zoned(TimeZone::UTC).datetime();
    zone.to_ambiguous_zoned(civil).compatible().map_or(0, |zoned| zoned.offset().seconds() / 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_offsets() {
        let july = 1_783_670_400_000;
        assert_eq!(offset(&named("Europe/Berlin").unwrap(), july), 120);
        assert_eq!(offset(&named("-03:30").unwrap(), july), -210);
        assert_eq!(offset(&named("+2").unwrap(), july), 120);
        assert!(named("Mars/Olympus").is_err());
        assert!(named("+99:00").is_err());
    }
}
