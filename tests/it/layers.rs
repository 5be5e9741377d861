//! Who may import whom, that no two files import each other, and which crates may
//! enter the pure modules. Whole files are read, test modules included, and
//! `super::` counts as `crate::` does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::imports::House;
use crate::{files_below, root};

/// module, may import (of ours). `src/README.md` draws it. Where checks, stories and renderers
/// name `evidence`, they name the types of a transcript that a fact hands on.
const LAYERS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("data", &["model"]),
    ("policy", &["model"]),
    ("parse", &["data", "model"]),
    ("evidence", &["model"]),
    ("facts", &["evidence", "parse", "data", "model"]),
    ("triage", &["evidence", "facts", "parse", "data", "model"]),
    ("check", &["facts", "policy", "model"]),
    ("checks", &["check", "evidence", "facts", "triage", "policy", "parse", "data", "model"]),
    ("judge", &["check", "checks", "facts", "policy", "data", "model"]),
    ("remedy", &["judge", "facts", "policy", "parse", "data", "model"]),
    ("render", &["judge", "check", "triage", "facts", "evidence", "parse", "data", "model"]),
    ("config", &["judge", "policy", "data", "model"]),
    ("gather", &["facts", "evidence", "parse", "model"]),
];

/// Of the binary alone: they may import everything.
const TOP: &[&str] = &["cli", "main", "lib"];

/// What reaches outside the process; only `gather` and `cli` may name it.
const OUTWARD: &[&str] = &[
    "tokio",
    "reqwest",
    "hickory_resolver",
    "tokio_rustls",
    "indicatif",
    "clap",
    "std::fs",
    "std::process",
    "std::env",
    "std::net::TcpStream",
    "std::net::UdpSocket",
    "std::net::TcpListener",
    "std::time::SystemTime",
    "std::time::Instant",
];

/// Macros that print, wherever they stand outside `cli`.
const PRINTS: &[&str] = &["println", "eprintln", "print", "eprint", "dbg"];

#[test]
fn layers_hold() {
    let house = House::read(&root().join("src"));
    let layers: BTreeMap<&str, &[&str]> = LAYERS.iter().copied().collect();
    let (mut wrong, mut used) = (Vec::new(), BTreeSet::new());
    for (from, imports) in house.arrows() {
        let module = from.first().map_or("lib", String::as_str);
        if TOP.contains(&module) {
            continue;
        }
        let Some(allowed) = layers.get(module) else { panic!("no layer is set for {module}") };
        for to in imports.keys() {
            let Some(other) = to.first().map(String::as_str).filter(|other| *other != module) else {
                continue;
            };
            used.insert((module.to_owned(), other.to_owned()));
            if !allowed.contains(&other) {
                wrong.push(format!("{} imports {}", from.join("/"), to.join("::")));
            }
        }
    }
    assert!(wrong.is_empty(), "the layers are broken:\n  {}", wrong.join("\n  "));
    // A row that no longer matches is a row that nobody reads.
    let stale: Vec<String> = LAYERS
        .iter()
        .flat_map(|(module, allowed)| allowed.iter().map(move |other| (*module, *other)))
        .filter(|(module, other)| !used.contains(&((*module).to_owned(), (*other).to_owned())))
        .map(|(module, other)| format!("{module} may import {other}, and does not"))
        .collect();
    assert!(stale.is_empty(), "rows to strike from the table:\n  {}", stale.join("\n  "));
}

#[test]
fn no_two_files_import_each_other() {
    let circles = House::read(&root().join("src")).circles();
    let shown: Vec<String> = circles
        .iter()
        .map(|circle| circle.iter().map(|file| file.join("/")).collect::<Vec<_>>().join(" - "))
        .collect();
    assert!(shown.is_empty(), "files that import each other:\n  {}", shown.join("\n  "));
}

#[test]
fn pure_modules_reach_nothing_outside() {
    let mut wrong = Vec::new();
    for file in files_below(&root().join("src")) {
        let shown = file.strip_prefix(root().join("src")).unwrap().to_str().unwrap().to_owned();
        let module = shown.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        if file.extension().is_none_or(|e| e != "rs") || module == "gather" || TOP.contains(&module.as_str())
        {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let (paths, macros) = crate::imports::outer_names(&text);
        for path in &paths {
            if OUTWARD.iter().any(|out| path == out || path.starts_with(&format!("{out}::"))) {
                wrong.push(format!("{shown} names {path}"));
            }
        }
        wrong.extend(
            macros.iter().filter(|m| PRINTS.contains(&m.as_str())).map(|m| format!("{shown} calls {m}!")),
        );
    }
    assert!(wrong.is_empty(), "pure modules reach outside:\n  {}", wrong.join("\n  "));
}

#[test]
fn the_reader_of_imports_sees_what_rustc_sees() {
    let house = House::of(&[
        ("lib.rs", "pub mod a;\npub mod b;\n"),
        (
            "a/mod.rs",
            "mod inner;\npub use inner::Thing;\nuse crate::b::{self, Two as Second};\nstruct Face;\n",
        ),
        (
            "a/inner.rs",
            "pub struct Thing;\nuse super::Face;\n#[cfg(test)]\nmod tests { use super::super::other; }\n",
        ),
        ("a/other.rs", "fn f() { let _ = vec![crate::a::Thing]; }\n"),
        ("b.rs", "// use crate::a::Face;\nconst TEXT: &str = \"crate::a::other\";\npub struct Two;\n"),
    ]);
    let seen = |from: &str| -> Vec<String> {
        let from: Vec<String> = from.split('/').map(str::to_owned).collect();
        house.arrows()[&from].keys().map(|to| to.join("/")).collect()
    };
    assert_eq!(seen("a"), ["b"], "a re-export is no import");
    assert_eq!(seen("a/inner"), ["a/other"], "a room's face belongs to its files; test modules count");
    assert_eq!(seen("a/other"), ["a/inner"], "through the re-export, inside a macro");
    assert!(seen("b").is_empty(), "comments and strings import nothing");
    assert_eq!(house.circles().len(), 1);
}
