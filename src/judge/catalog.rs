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

/// Every check, area by area.
pub fn all() -> impl Iterator<Item = &'static Check> {
    Area::ALL.into_iter().flat_map(|area| of_area(area).iter().copied())
}

pub fn find(code: &str) -> Option<&'static Check> {
    all().find(|check| check.code == code)
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

/// Levenshtein's distance, for suggestions on short words only.
pub fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(200).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(200).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
