//! Times and states as subscriber lists write them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// Whether the address may be mailed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    #[default]
    On,
    /// Taken off, with the time in milliseconds since 1970 where the list says.
    Off(Option<i64>),
}

impl Standing {
    /// `None` for a word that says neither.
    pub(super) fn read(text: &str) -> Option<Standing> {
        const ON: &[&str] = &[
            "active",
            "subscribed",
            "confirmed",
            "enabled",
            "valid",
            "ok",
            "normal",
            "opted in",
            "optin",
            "opted-in",
        ];
        const OFF: &[&str] = &[
            "unsubscribed",
            "suppressed",
            "bounced",
            "bounce",
            "hard bounce",
            "hardbounce",
            "hard-bounced",
            "complained",
            "complaint",
            "spam",
            "cleaned",
            "blocked",
            "blacklisted",
            "blocklisted",
            "inactive",
            "disabled",
            "deleted",
            "removed",
            "invalid",
            "opted out",
            "optout",
            "opted-out",
            "pending",
            "unconfirmed",
        ];
        let lower = text.to_lowercase();
        if ON.contains(&lower.as_str()) {
            return Some(Standing::On);
        }
        if OFF.contains(&lower.as_str()) {
            return Some(Standing::Off(None));
        }
        if let Ok(time) = time(text) {
            return Some(Standing::Off(Some(time)));
        }
        yes(text).map(|off| if off { Standing::Off(None) } else { Standing::On })
    }
}

/// Yes or no as spreadsheets and mailing systems write it; a time is a yes.
pub(super) fn yes(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "yes" | "y" | "true" | "t" | "1" | "x" | "ja" | "oui" | "si" | "sí" | "sì" | "sim" | "double"
        | "confirmed" | "doi" => Some(true),
        "" | "no" | "n" | "false" | "f" | "0" | "-" | "nein" | "non" | "não" | "nee" | "single"
        | "unconfirmed" | "null" | "none" => Some(false),
        other => time(other).ok().map(|_| true),
    }
}

/// Milliseconds since 1970; the remedy where the text is no time.
pub(super) fn time(text: &str) -> Result<i64, &'static str> {
    const REMEDY: &str = "write times as 2026-11-23 or 2026-11-23T12:00:00Z";
    let text = text.trim();
    let upper = text.to_uppercase();
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if digits {
        return match text.len() {
            9..=10 => text.parse::<i64>().map(|seconds| seconds * 1000).map_err(|_| REMEDY),
            12..=13 => text.parse().map_err(|_| REMEDY),
            _ => Err(REMEDY),
        };
    }
    let utc = |time: DateTime| time.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    let bare = upper.strip_suffix(" UTC").unwrap_or(&upper);
    let found: Option<Timestamp> = bare
        .parse::<Timestamp>()
        .ok()
        .or_else(|| utc(bare.parse::<DateTime>().ok()?))
        .or_else(|| utc(bare.parse::<Date>().ok()?.to_datetime(jiff::civil::Time::midnight())))
        .or_else(|| utc(dotted(bare)?.to_datetime(jiff::civil::Time::midnight())));
    match found {
        Some(time) => Ok(time.as_millisecond()),
        None if text.matches('/').count() == 2 => {
            Err("day and month cannot be told apart: write times as 2026-11-23")
        }
        None => Err(REMEDY),
    }
}

/// `23.11.2026`, which has one reading only.
fn dotted(text: &str) -> Option<Date> {
    let mut parts = text.split_whitespace().next()?.split('.');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    (parts.next().is_none() && year.len() == 4)
        .then(|| Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok())?
}
