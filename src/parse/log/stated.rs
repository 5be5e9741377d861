//! The year of stamps that state none, from dates written out elsewhere in the
//! same log: DATE columns of a job log, `08/06/24` of a heading, ISO dates.

use super::event::Millis;
use super::stamp::{self, DAY};

/// The year most dates of `head` state that fall on the day of `first`, a stamp
/// of the same log without a year, or on a day beside it.
pub(crate) fn year(head: &[u8], first: Millis, latest: i32) -> Option<i32> {
    let (_, month, day) = stamp::civil(first.div_euclid(DAY));
    let mut votes: Vec<(i32, u32)> = Vec::new();
    let mut before = b' ';
    for (at, byte) in head.iter().copied().enumerate() {
        let begins = byte.is_ascii_digit()
            && !before.is_ascii_alphanumeric()
            && !matches!(before, b'/' | b'-' | b'.' | b'=');
        before = byte;
        if !begins {
            continue;
        }
        for (year, m, d) in dates(&head[at..]).into_iter().flatten() {
            let beside = |year: i32| (stamp::days(year, m, d) - stamp::days(year, month, day)).abs() <= 1;
            if (1990..=latest).contains(&year) && beside(year) {
                match votes.iter_mut().find(|(known, _)| *known == year) {
                    Some((_, count)) => *count += 1,
                    None => votes.push((year, 1)),
                }
                break;
            }
        }
    }
    // Of equals the one found first.
    let most = votes.iter().map(|(_, count)| *count).max()?;
    votes.into_iter().find(|(_, count)| *count == most).map(|(year, _)| year)
}

type Date = (i32, u32, u32);

/// What the digits may be: year first, or a pair of month and day in either order first.
fn dates(text: &[u8]) -> [Option<Date>; 2] {
    let number = |from: usize, len: usize| -> Option<u32> {
        let digits = text.get(from..from + len)?;
        digits
            .iter()
            .all(u8::is_ascii_digit)
            .then(|| digits.iter().fold(0, |n, b| n * 10 + u32::from(b - b'0')))
    };
    let ends =
        |at: usize| text.get(at).is_none_or(|b| !b.is_ascii_alphanumeric() && !matches!(b, b'/' | b'-'));
    let valid = |month: u32, day: u32| (1..=12).contains(&month) && (1..=31).contains(&day);
    let separator = |at: usize| text.get(at).copied().filter(|b| matches!(b, b'-' | b'/' | b'.'));
    if let (Some(year), Some(a), Some(b)) = (number(0, 4), separator(4), separator(7))
        && let (Some(month), Some(day)) = (number(5, 2), number(8, 2))
        && a == b
        && valid(month, day)
        && (ends(10) || text.get(10) == Some(&b'T'))
    {
        return [Some((year as i32, month, day)), None];
    }
    let (Some(a), Some(b)) = (separator(2), separator(5)) else { return [None, None] };
    let (Some(one), Some(two)) = (number(0, 2), number(3, 2)) else { return [None, None] };
    // Two digits of a year stand between slashes only: 1.2.24 may be an address or a version.
    let year = match (number(6, 4), number(6, 2)) {
        (Some(year), _) if ends(10) => year as i32,
        (_, Some(year)) if ends(8) && a == b'/' => {
            // As IBM i takes them: 1940 to 2039.
            year as i32 + if year < 40 { 2000 } else { 1900 }
        }
        _ => return [None, None],
    };
    if a != b {
        return [None, None];
    }
    let date = |month: u32, day: u32| valid(month, day).then_some((year, month, day));
    [date(one, two), date(two, one)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_the_same_day_state_the_year() {
        let first = stamp::days(2026, 8, 6) * DAY;
        for text in [
            "DSPJOBLOG 08/06/24 10:15:00",
            "DATE 06/08/2024 x",
            "started 2024-08-06T10:00:00Z",
            "am 06.08.2024.",
            "08/07/24 one, 2021-01-01 other",
        ] {
            assert_eq!(year(text.as_bytes(), first, 2026), Some(2024), "{text}");
        }
        for text in
            ["10.08.06.24", "08/06/24/3", "2024-08-20", "v1/08/06/24", "id=2024-08-06x", "08/06/99999", ""]
        {
            assert_eq!(year(text.as_bytes(), first, 2026), None, "{text}");
        }
        // A date of the future is no year of this log; most votes decide.
        assert_eq!(year(b"2031-08-06 ", first, 2026), None);
        assert_eq!(year(b"2019-08-06 2024-08-06 2024-08-07 ", first, 2026), Some(2024));
    }

    #[test]
    fn any_bytes_are_read() {
        for text in [&b"\xff\xff1"[..], b"20", b"2024-", b"08/06/2", b"99/99/99 99.99.9999"] {
            assert_eq!(year(text, 0, 2026), None);
        }
    }
}
