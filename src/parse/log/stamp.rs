//! Time stamps of logs: `Mar  3 00:00:00` (no year, no zone), RFC 3339 and
//! relatives, epoch and TAI64N. A stamp without a zone is taken as UTC. Must
//! not read the clock: the year to begin with is given.

use jiff::Timestamp;

use super::event::{Millis, NO_TIME};

pub(crate) const SECOND: i64 = 1000;
pub(crate) const DAY: i64 = 86_400 * SECOND;

/// `None` outside what a timestamp can say.
pub(crate) fn timestamp(at: Millis) -> Option<Timestamp> {
    if at == NO_TIME { None } else { Timestamp::from_millisecond(at).ok() }
}

/// Days from 1970-01-01 to a Gregorian date; years -9999 to 9999.
pub(crate) fn days(year: i32, month: u32, day: u32) -> i64 {
    // Howard Hinnant, days_from_civil: years begin in March.
    let y = i64::from(year) - i64::from(month <= 2);
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let doy = (153 * ((i64::from(month) + 9) % 12) + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

/// Year, month and day of a count of days since 1970-01-01.
pub(crate) fn civil(days: i64) -> (i32, u32, u32) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    (year as i32, month as u32, (doy - (153 * mp + 2) / 5 + 1) as u32)
}

pub(crate) fn shift_years(at: Millis, years: i32) -> Millis {
    if at == NO_TIME || years == 0 {
        return at;
    }
    let (year, month, day) = civil(at.div_euclid(DAY));
    days(year.saturating_add(years).clamp(1, 9999), month, day) * DAY + at.rem_euclid(DAY)
}

pub(crate) fn year_of(at: Millis) -> i32 {
    civil(at.div_euclid(DAY)).0
}

/// Where yearless stamps of a block begin and end, to join blocks in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    pub first: (i32, u16),
    pub last: (i32, u16),
}

impl Calendar {
    pub fn shift(&mut self, years: i32) {
        self.first.0 += years;
        self.last.0 += years;
    }
}

/// The year of a stamp that follows `last` (year and month * 31 + day): a fall
/// by more than half a year is New Year, a rise by as much a clock set back
/// over it.
pub(crate) fn following_year(last: (i32, u16), month_day: u16) -> i32 {
    let (year, before) = last;
    if i32::from(month_day) + 190 < i32::from(before) {
        year + 1
    } else if i32::from(before) + 190 < i32::from(month_day) {
        year - 1
    } else {
        year
    }
}

pub(crate) fn month(name: &[u8]) -> Option<u32> {
    Some(match name.first_chunk::<3>()?.map(|b| b.to_ascii_lowercase()).as_slice() {
        b"jan" => 1,
        b"feb" => 2,
        b"mar" => 3,
        b"apr" => 4,
        b"may" => 5,
        b"jun" => 6,
        b"jul" => 7,
        b"aug" => 8,
        b"sep" => 9,
        b"oct" => 10,
        b"nov" => 11,
        b"dec" => 12,
        _ => return None,
    })
}

#[inline]
fn two(text: &[u8], at: usize) -> Option<u32> {
    let (a, b) = (text.get(at)?.wrapping_sub(b'0'), text.get(at + 1)?.wrapping_sub(b'0'));
    (a < 10 && b < 10).then(|| u32::from(a) * 10 + u32::from(b))
}

/// `HH:MM:SS` at `at`, in seconds; 60 is let through for leap seconds.
#[inline]
pub(crate) fn clock(text: &[u8], at: usize) -> Option<i64> {
    let (h, m, s) = (two(text, at)?, two(text, at + 3)?, two(text, at + 6)?);
    (text[at + 2] == b':' && text[at + 5] == b':' && h < 24 && m < 60 && s < 61)
        .then(|| i64::from(h * 3600 + m * 60 + s))
}

/// The fraction that may follow seconds (`.123456` or `,123`): milliseconds and length.
fn fraction(text: &[u8], at: usize) -> (i64, usize) {
    if !matches!(text.get(at), Some(b'.' | b',')) {
        return (0, 0);
    }
    let (mut millis, mut scale, mut len) = (0, 100, 1);
    while let Some(digit) = text.get(at + len).filter(|b| b.is_ascii_digit()) {
        millis += i64::from(digit - b'0') * scale;
        scale /= 10;
        len += 1;
    }
    if len == 1 { (0, 0) } else { (millis, len) }
}

/// `2024-03-22T08:00:01.123+01:00` and relatives (`/` for `-`, a space for `T`,
/// no fraction, no zone, `+0100`, `Z`, a space before the zone): the instant
/// and the bytes it took.
pub(crate) fn iso(text: &[u8]) -> Option<(Millis, usize)> {
    let year = two(text, 0)? * 100 + two(text, 2)?;
    let (month, day) = (two(text, 5)?, two(text, 8)?);
    let separator = text[4];
    if !matches!(separator, b'-' | b'/') || text[7] != separator {
        return None;
    }
    if !matches!(text.get(10), Some(b'T' | b't' | b' ' | b'_')) || !valid_day(month, day) {
        return None;
    }
    let seconds = clock(text, 11)?;
    let mut end = 19;
    let (millis, len) = fraction(text, end);
    end += len;
    let mut offset = 0;
    let gap = usize::from(text.get(end) == Some(&b' ') && matches!(text.get(end + 1), Some(b'+' | b'-')));
    match text.get(end + gap) {
        Some(b'Z' | b'z') => end += 1,
        Some(sign @ (b'+' | b'-')) => {
            let at = end + gap + 1;
            if let Some(hours) = two(text, at) {
                let colon = usize::from(text.get(at + 2) == Some(&b':'));
                if let Some(minutes) = two(text, at + 2 + colon) {
                    offset = i64::from(hours * 60 + minutes) * if *sign == b'+' { 60 } else { -60 };
                    end = at + 4 + colon;
                }
            }
        }
        _ => {}
    }
    Some((days(year as i32, month, day) * DAY + (seconds - offset) * SECOND + millis, end))
}

fn valid_day(month: u32, day: u32) -> bool {
    (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// `Mar  3 00:00:00`, `Mar 3 00:00:00.123`, `Mar 03 2024 00:00:00`,
/// `2024 Mar  3 00:00:00`: month * 31 + day, milliseconds of the day, the year
/// where written, and the bytes it took.
pub(crate) fn bsd(text: &[u8]) -> Option<(u32, u32, i64, Option<i32>, usize)> {
    let mut at = 0;
    let mut year = None;
    if let Some(first) = text.first()
        && first.is_ascii_digit()
    {
        year = Some((two(text, 0)? * 100 + two(text, 2)?) as i32);
        at = 5;
        if text.get(4) != Some(&b' ') {
            return None;
        }
    }
    let month = month(text.get(at..)?)?;
    at += 3;
    let spaces = text.get(at..)?.iter().take_while(|b| **b == b' ').count();
    if spaces == 0 || spaces > 2 {
        return None;
    }
    at += spaces;
    let digits = text[at..].iter().take(3).take_while(|b| b.is_ascii_digit()).count();
    let day = match digits {
        1 => u32::from(text[at] - b'0'),
        2 => two(text, at)?,
        _ => return None,
    };
    at += digits;
    if text.get(at) == Some(&b',') {
        at += 1;
    }
    if text.get(at) != Some(&b' ') || !valid_day(month, day) {
        return None;
    }
    at += 1;
    if text.get(at + 4) == Some(&b' ')
        && let (Some(a), Some(b)) = (two(text, at), two(text, at + 2))
    {
        year = Some((a * 100 + b) as i32);
        at += 5;
    }
    let seconds = clock(text, at)?;
    at += 8;
    let (millis, len) = fraction(text, at);
    at += len;
    if text.get(at) == Some(&b' ')
        && text.get(at + 5) == Some(&b' ')
        && let (Some(a @ 19..=20), Some(b)) = (two(text, at + 1), two(text, at + 3))
    {
        year = Some((a * 100 + b) as i32);
        at += 5;
    }
    Some((month, day, seconds * SECOND + millis, year, at))
}

/// `@40000000` + 16 more hex digits: TAI64N, as qmail's multilog writes it.
pub(crate) fn tai64n(text: &[u8]) -> Option<(Millis, usize)> {
    let hex = text.strip_prefix(b"@")?.get(..24)?.iter();
    let mut digits = hex.map(|digit| char::from(*digit).to_digit(16).map(i64::from));
    let mut number =
        |count| digits.by_ref().take(count).try_fold(0_i64, |sum, digit| Some((sum << 4) | digit?));
    let (seconds, nanos) = (number(16)?, number(8)?);
    // TAI was 10 s ahead of UTC in 1970, the convention of daemontools.
    let utc = seconds.checked_sub(0x4000_0000_0000_000a)?;
    (utc.unsigned_abs() < 1 << 40).then(|| (utc * SECOND + nanos / 1_000_000, 25))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn civil_and_days_agree() {
        for day in (-800_000..800_000).step_by(97) {
            let (y, m, d) = civil(day);
            assert_eq!(days(y, m, d), day);
        }
        assert_eq!(days(2024, 2, 29), 19_782);
    }

    #[test]
    fn iso_with_every_zone_form() {
        let utc = days(2024, 3, 22) * DAY + 8 * 3600 * SECOND;
        for text in [
            "2024-03-22T08:00:00Z",
            "2024-03-22 08:00:00",
            "2024-03-22T09:00:00+01:00",
            "2024-03-22 03:00:00.000 -0500",
            "2024/03/22 08:00:00",
        ] {
            assert_eq!(iso(text.as_bytes()).unwrap().0, utc, "{text}");
        }
        assert_eq!(iso(b"2024-03-22T08:00:00.25Z x").unwrap(), (utc + 250, 23));
        assert!(iso(b"2024-13-22T08:00:00").is_none());
        assert!(iso(b"2024-03-2").is_none());
    }

    #[test]
    fn bsd_in_its_spellings() {
        assert_eq!(bsd(b"Mar  3 00:00:01 h").unwrap(), (3, 3, 1000, None, 15));
        assert_eq!(bsd(b"Mar 3 00:00:01 h").unwrap(), (3, 3, 1000, None, 14));
        assert_eq!(bsd(b"Mar 13 00:00:01.5 h").unwrap(), (3, 13, 1500, None, 17));
        assert_eq!(bsd(b"Mar 13 2023 00:00:01 h").unwrap(), (3, 13, 1000, Some(2023), 20));
        assert!(bsd(b"Mar 13").is_none());
        assert!(bsd(b"Mar 13 25:00:01 h").is_none());
    }

    #[test]
    fn years_follow() {
        assert_eq!(following_year((2023, 12 * 31 + 31), 32), 2024);
        assert_eq!(following_year((2024, 32), 12 * 31 + 31), 2023);
        assert_eq!(following_year((2024, 100), 99), 2024);
    }

    #[test]
    fn tai() {
        assert_eq!(tai64n(b"@400000003a2ea3d02b1dbd9c x").unwrap().0 / 1000, 0x3a2e_a3d0 - 10);
        for none in [
            "@4000",
            "@aaaaaaaaaaaaaaaéaaaaaaa",
            "@-00000003a2ea3d02b1dbd9c",
            "@ffffffffffffffffffffffff",
            "@800000000000000000000000",
        ] {
            assert!(tai64n(none.as_bytes()).is_none(), "{none}");
        }
    }
}
