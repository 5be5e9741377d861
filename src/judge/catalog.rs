//! All checks, by code and by area, and the codes that were renamed or removed.

use std::sync::LazyLock;

use crate::check::Check;
use crate::checks;
use crate::model::Area;

/// Old code, and what stands in its place now (`None`: removed).
pub const RENAMED: &[(&str, Option<&str>)] = &[];

/// The checks of each area, by code.
static BY_AREA: LazyLock<Vec<(Area, Vec<&'static Check>)>> = LazyLock::new(|| {
    let of = |area| {
        let rooms = checks::rooms(area).into_iter();
        let mut checks: Vec<&'static Check> = rooms.flat_map(|(_, checks)| checks.iter().copied()).collect();
        checks.sort_by_key(|check| check.code);
        (area, checks)
    };
    Area::ALL.into_iter().map(of).collect()
});

/// The checks of one area, by code.
pub fn of_area(area: Area) -> &'static [&'static Check] {
    BY_AREA.iter().find(|(known, _)| *known == area).map_or(&[], |(_, checks)| checks)
}

/// The codes of a topic as people name it: a room of an area, a family of rooms, or the first
/// words of codes (`mta-sts`, `ptr`, `spf-include`). Empty where nothing goes by the name.
pub fn of_topic(name: &str) -> Vec<&'static str> {
    let rooms = Area::ALL.into_iter().flat_map(checks::rooms);
    let of_rooms = rooms.filter(|(room, _)| *room == name || family(name).contains(room));
    let mut codes: Vec<&'static str> =
        of_rooms.flat_map(|(_, checks)| checks.iter().map(|check| check.code)).collect();
    let starts = |code: &str| code.strip_prefix(name).is_some_and(|rest| rest.starts_with('-'));
    codes.extend(all().map(|check| check.code).filter(|code| starts(code)));
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// The topics as `--only` takes them: the rooms of all areas.
pub fn topics() -> impl Iterator<Item = &'static str> {
    Area::ALL.into_iter().flat_map(checks::rooms).map(|(room, _)| room)
}

/// Names people use for several rooms.
fn family(name: &str) -> &'static [&'static str] {
    match name {
        "transport" | "tls" => &["transport", "mta-sts", "dane"],
        "dnssec" | "caa" => &["zone"],
        "blocklist" | "blocklists" => &["ip-reputation"],
        "phishing" => &["links", "lures", "sender"],
        "malware" => &["attachments", "scanners"],
        _ => &[],
    }
}

/// Every check, area by area.
pub fn all() -> impl Iterator<Item = &'static Check> {
    Area::ALL.into_iter().flat_map(|area| of_area(area).iter().copied())
}

/// The check of this code; also one of the settings, which belongs to no area.
pub fn find(code: &str) -> Option<&'static Check> {
    all().chain(super::ignoring::CHECKS).find(|check| check.code == code)
}

/// The code that `typed` was most likely meant to be.
pub fn suggest(typed: &str) -> Option<&'static str> {
    if let Some((_, Some(now))) = RENAMED.iter().find(|(old, _)| *old == typed) {
        return Some(now);
    }
    let limit = (typed.len() / 3).max(2);
    all()
        .map(|check| (edit_distance(typed, check.code), check.code))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, code)| code)
}

/// Levenshtein's distance, for suggestions on short words only: it takes the product of the
/// lengths, so no more than 200 characters of each count.
pub fn edit_distance(a: &str, b: &str) -> usize {
    let short = |text: &str| text.chars().take(200).collect::<String>();
    strsim::levenshtein(&short(a), &short(b))
}
