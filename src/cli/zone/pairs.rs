//! Which file of the earlier state a file of now was: two files of one origin, copies or views, are
//! two zones.

use std::collections::BTreeMap;

use super::files::ZoneInput;
use crate::model::Name;

/// Parts of a path, counted from its end, that may tell which file it is.
const DEEPEST: usize = 8;

/// For each zone its place among those of the earlier state.
pub(super) fn earlier_of(new: &[ZoneInput], old: &[ZoneInput]) -> Vec<Option<usize>> {
    let sides = |zones: &'_ [ZoneInput]| -> Vec<(Name, String)> {
        zones.iter().map(|zone| (zone.origin.clone(), zone.file.clone())).collect()
    };
    paired(&sides(new), &sides(old))
}

/// For each zone of the earlier state its place among those of now.
pub(super) fn later_of(new: &[ZoneInput], old: &[ZoneInput]) -> Vec<Option<usize>> {
    let mut later = vec![None; old.len()];
    for (at, earlier) in earlier_of(new, old).into_iter().enumerate() {
        if let Some(place) = earlier.and_then(|earlier| later.get_mut(earlier)) {
            *place = Some(at);
        }
    }
    later
}

/// By origin and path; then by as much of the path's end as tells one file from all others, since
/// the sides may stand in two folders; then the one file that is left of the origin on each side.
fn paired(new: &[(Name, String)], old: &[(Name, String)]) -> Vec<Option<usize>> {
    let mut found = vec![None; new.len()];
    let mut taken = vec![false; old.len()];
    for depth in std::iter::once(usize::MAX).chain((0..=DEEPEST).rev()) {
        if found.iter().all(Option::is_some) || taken.iter().all(|taken| *taken) {
            break;
        }
        let key = |(origin, path): &(Name, String)| (origin.clone(), end_of(path, depth).to_owned());
        let mut sides: BTreeMap<_, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for (at, zone) in new.iter().enumerate().filter(|(at, _)| found[*at].is_none()) {
            sides.entry(key(zone)).or_default().0.push(at);
        }
        for (at, zone) in old.iter().enumerate().filter(|(at, _)| !taken[*at]) {
            sides.entry(key(zone)).or_default().1.push(at);
        }
        for (now, before) in sides.into_values() {
            if let ([now], [before]) = (now.as_slice(), before.as_slice()) {
                found[*now] = Some(*before);
                taken[*before] = true;
            }
        }
    }
    found
}

/// The last parts of a path.
fn end_of(path: &str, depth: usize) -> &str {
    if depth == 0 {
        return "";
    }
    let cut = path.rmatch_indices('/').nth(depth - 1);
    cut.map_or(path, |(at, _)| &path[at + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_paired_by_its_path_and_alone_by_its_origin() {
        let side = |files: &[&str]| -> Vec<(Name, String)> {
            files.iter().map(|file| (Name::lenient("example.com"), (*file).to_owned())).collect()
        };
        let told = |new: &[&str], old: &[&str]| paired(&side(new), &side(old));
        assert_eq!(told(&["in/z", "out/z"], &["out/z", "in/z"]), [Some(1), Some(0)]);
        assert_eq!(told(&["new/in/z", "new/out/z"], &["old/out/z", "old/in/z"]), [Some(1), Some(0)]);
        assert_eq!(told(&["b.zone"], &["a.zone"]), [Some(0)]);
        assert_eq!(told(&["z", "copy"], &["z"]), [Some(0), None]);
        assert_eq!(told(&["x", "y"], &["a", "b"]), [None, None]);
        assert_eq!(told(&["x"], &["a", "b"]), [None]);
        assert_eq!(told(&["x"], &[]), [None]);
    }
}
