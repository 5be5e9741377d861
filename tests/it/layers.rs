//! Who may import whom (ARCHITECTURE section 2), and which crates may enter the
//! pure modules.

use std::collections::BTreeSet;
use std::fs;

use crate::{files_below, root};

/// module, may import (of ours)
const LAYERS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("data", &["model"]),
    ("parse", &["model", "data"]),
    ("policy", &["model"]),
    ("evidence", &["model", "parse"]),
    ("facts", &["evidence", "parse", "data", "model"]),
    ("triage", &["facts", "parse", "data", "model"]),
    ("check", &["facts", "policy", "model"]),
    ("checks", &["check", "facts", "policy", "parse", "data", "model", "triage"]),
    ("judge", &["check", "checks", "facts", "policy", "data", "model"]),
    ("render", &["judge", "triage", "facts", "check", "data", "parse", "model"]),
    ("config", &["judge", "policy", "data", "model"]),
    ("gather", &["facts", "evidence", "parse", "config", "model"]),
];

/// Crates that reach outside the process; only `gather` and `cli` may use them.
const OUTWARD: &[&str] =
    &["tokio", "reqwest", "hickory_resolver", "tokio_rustls", "indicatif", "clamav_client", "clap"];
const OUTWARD_STD: &[&str] = &[
    "std::fs",
    "std::net::TcpStream",
    "std::net::UdpSocket",
    "std::process",
    "std::env",
    "SystemTime::now",
    "Instant::now",
    "println!",
    "eprintln!",
];

#[test]
fn layers_hold() {
    let mut wrong = Vec::new();
    for file in files_below(&root().join("src")) {
        if file.extension().is_none_or(|e| e != "rs") {
            continue;
        }
        let shown = file.strip_prefix(root().join("src")).unwrap().to_str().unwrap().to_owned();
        let module = shown.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == module) else {
            assert!(
                matches!(module.as_str(), "cli" | "main" | "lib"),
                "{shown}: no layer is set for {module}"
            );
            continue;
        };
        let text = fs::read_to_string(&file).unwrap();
        // Unit tests inside a module may use what they like.
        let text = text.split("#[cfg(test)]").next().unwrap();
        let code: String =
            text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        for import in imports(&code) {
            if import != module && !allowed.contains(&import.as_str()) {
                wrong.push(format!("{shown} imports {import}"));
            }
        }
        if module != "gather" {
            for outward in OUTWARD {
                if code.contains(&format!("{outward}::")) {
                    wrong.push(format!("{shown} uses the crate {outward}"));
                }
            }
            for outward in OUTWARD_STD {
                if code.contains(outward) {
                    wrong.push(format!("{shown} uses {outward}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "the layers are broken:\n  {}", wrong.join("\n  "));
}

fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + 7..];
        if let Some(group) = rest.strip_prefix('{') {
            let group = group.split('}').next().unwrap_or_default();
            found.extend(group.split(',').map(|item| word(item.trim())));
        } else {
            found.insert(word(rest));
        }
    }
    found.remove("");
    found
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}
