//! The house rules that a machine can check.

use std::collections::BTreeMap;
use std::fs;

use mailvet::check::Reference;
use mailvet::model::Area;

use crate::{files_below, root};

#[test]
fn conventions_of_checks() {
    let mut seen = BTreeMap::new();
    let sources = files_below(&root().join("src/checks"));
    for check in mailvet::judge::catalog::all() {
        let code = check.code;
        assert!(seen.insert(code, ()).is_none(), "{code} stands twice");
        let ok = code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        assert!(ok && code.contains('-'), "{code}: a code is topic-fault in kebab-case");
        assert!(!code.starts_with("check-") && !code.starts_with("no-"), "{code}: name the fault");
        let stem = code.replace('-', "_");
        let folder = check.area.folder();
        let file = format!("{stem}.rs");
        let standing: Vec<_> = sources.iter().filter(|path| path.ends_with(&file)).collect();
        let below = format!("src/checks/{folder}");
        assert!(
            matches!(standing[..], [path] if path.starts_with(root().join(&below))),
            "{code} stands in {standing:?}, not once below {below}"
        );
        let fixture = root().join(format!("fixtures/checks/{folder}/{stem}.toml"));
        assert!(fixture.is_file(), "{code} has no fixture {}", fixture.display());
        let title = check.title;
        let first = title.chars().next().unwrap_or('.');
        let acronym =
            title.split(' ').next().is_some_and(|w| w.chars().filter(|c| c.is_uppercase()).count() > 1);
        assert!(
            first.is_lowercase() || acronym || title.contains('-'),
            "{code}: title {title:?} starts lower case"
        );
        assert!(!title.ends_with('.'), "{code}: title without a period");
        assert!(title.len() <= 90, "{code}: title longer than 90");
        assert!(check.why.len() > 40, "{code}: why is too thin");
        assert!(check.fix.len() > 15, "{code}: fix is too thin");
        assert!(!check.references.is_empty(), "{code}: no reference");
        assert!(!check.needs.is_empty(), "{code}: needs no topic, so nothing would be asked");
        for reference in check.references {
            match reference {
                Reference::Rfc { number, .. } => assert!(*number > 700, "{code}: RFC {number}"),
                Reference::Page { url, seen, title } => {
                    assert!(url.starts_with("https://"), "{code}: {url}");
                    let dated = seen.is_none_or(|day| day.len() == 10);
                    assert!(dated && !title.is_empty(), "{code}: {title:?} seen {seen:?}");
                }
            }
        }
    }
}

#[test]
fn conventions_of_fixtures() {
    for area in Area::ALL {
        let folder = root().join("fixtures/checks").join(area.folder());
        if !folder.is_dir() {
            continue;
        }
        for file in files_below(&folder) {
            let code = file.file_stem().unwrap().to_str().unwrap().replace('_', "-");
            let check = mailvet::judge::catalog::find(&code);
            assert!(check.is_some_and(|c| c.area == area), "{} belongs to no check", file.display());
        }
    }
}

#[test]
fn conventions_of_files() {
    const FORBIDDEN: [&str; 6] = ["utils", "util", "helpers", "common", "manager", "types"];
    for file in files_below(&root().join("src")) {
        if file.extension().is_none_or(|e| e != "rs") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let shown = file.strip_prefix(root()).unwrap().display().to_string();
        let stem = file.file_stem().unwrap().to_str().unwrap();
        assert!(!FORBIDDEN.contains(&stem), "{shown}: name the subject, not {stem}");
        assert!(text.starts_with("//!"), "{shown}: say first what the module is for");
        let lines = text.lines().count();
        let is_check = text.contains("static CHECK: Check");
        let limit = if is_check { 200 } else { 500 };
        assert!(lines <= limit, "{shown}: {lines} lines, at most {limit}; split by subject");
        assert!(!text.contains("todo!(") && !text.contains("unimplemented!("), "{shown}: unfinished");
    }
}

/// A reader has the repository alone: a comment that names a page names one of it.
#[test]
fn comments_name_pages_that_a_clone_has() {
    // Chromium's own, with its address in `check::pages`.
    const ELSEWHERE: [&str; 1] = ["docs/idn.md"];
    let sources = ["src", "tests/it", "benches"].map(|folder| files_below(&root().join(folder)));
    for file in sources.iter().flatten().filter(|file| file.extension().is_some_and(|e| e == "rs")) {
        let shown = file.strip_prefix(root()).unwrap().display();
        for line in fs::read_to_string(file).unwrap().lines() {
            let Some((_, comment)) = line.split_once("//") else { continue };
            let words = comment.split(|c: char| !c.is_ascii_alphanumeric() && !"_-./".contains(c));
            for page in words.map(|word| word.trim_end_matches('.')).filter(|word| word.ends_with(".md")) {
                let known = ELSEWHERE.contains(&page) || comment.contains("://") || line.contains("://");
                assert!(known || root().join(page).is_file(), "{shown} names {page}, which is not here");
            }
        }
    }
}
