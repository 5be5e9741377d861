//! The split layout of octoDNS: a folder a zone, named `example.com.` or holding
//! `$example.com.yaml`, with a file for each of the zone's names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::model::Name;
use crate::parse::zone::foreign::origin_of_file_name;

/// The files of one zone.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub zone: Name,
    /// That of the apex first.
    pub files: Vec<PathBuf>,
}

/// The zones that stand in folders of their own, and a file beside the folder that octoDNS reads
/// with it.
pub(super) fn groups(files: &[PathBuf]) -> Vec<Group> {
    let mut folders: BTreeMap<&Path, Vec<&PathBuf>> = BTreeMap::new();
    for file in files.iter().filter(|file| is_yaml(file)) {
        folders.entry(file.parent().unwrap_or(Path::new(""))).or_default().push(file);
    }
    let all: BTreeSet<&PathBuf> = files.iter().collect();
    let group = |(folder, files): (&Path, Vec<&PathBuf>)| {
        let zone = files.iter().find_map(|file| named(file)).or_else(|| of_folder(folder))?;
        let beside = folder.parent().unwrap_or(Path::new("")).join(format!("{zone}.yaml"));
        let (apex, others): (Vec<&PathBuf>, Vec<&PathBuf>) =
            files.into_iter().partition(|file| named(file).is_some());
        let files = apex.into_iter().chain(others).chain(all.get(&beside).copied());
        Some(Group { zone, files: files.cloned().collect() })
    };
    folders.into_iter().filter_map(group).collect()
}

fn is_yaml(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ending == "yaml" || ending == "yml")
}

/// `$example.com.yaml`: the names that share a file, the apex among them.
fn named(file: &Path) -> Option<Name> {
    origin_of_file_name(file.file_name()?.to_str()?.strip_prefix('$')?)
}

/// `example.com.`, final dot included.
fn of_folder(folder: &Path) -> Option<Name> {
    let name = folder.to_str()?.rsplit(['/', ':']).next()?.strip_suffix('.')?;
    origin_of_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_a_zone_by_its_name_or_by_the_file_of_its_apex() {
        let told = |files: &[&str]| -> Vec<String> {
            let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
            let line = |group: Group| {
                let files: Vec<&str> = group.files.iter().filter_map(|file| file.to_str()).collect();
                format!("{}: {}", group.zone, files.join(" "))
            };
            groups(&files).into_iter().map(line).collect()
        };
        assert_eq!(told(&["z/example.com./www.yaml"]), ["example.com: z/example.com./www.yaml"]);
        assert_eq!(
            told(&["z/a/_dmarc.yaml", "z/a/$example.com.yaml", "z/b/x.yaml", "z/example.com.yaml"]),
            ["example.com: z/a/$example.com.yaml z/a/_dmarc.yaml z/example.com.yaml"]
        );
        assert_eq!(told(&["abc:example.com./www.yaml"]), ["example.com: abc:example.com./www.yaml"]);
        assert_eq!(told(&["z/example.com.yaml", "z/example.org.yaml", "z./x.yaml"]), [""; 0]);
    }
}
