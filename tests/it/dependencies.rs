//! Rules for dependencies that hold without cargo-deny: one version of what must
//! be single, one crypto provider, permissive licences, crates.io only.

use std::collections::BTreeMap;
use std::process::Command;

#[test]
fn dependencies_keep_the_rules() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .current_dir(crate::root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100, "cargo metadata lists {} packages", packages.len());
    let mut versions: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        *versions.entry(name).or_default() += 1;
        if name == "mailvet" {
            continue;
        }
        let source = package["source"].as_str().unwrap_or("a path");
        if !source.contains("crates.io") {
            wrong.push(format!("{name} comes from {source}"));
        }
        let license = package["license"].as_str().unwrap_or("none stated");
        if !is_permissive(license) {
            wrong.push(format!("{name} is under {license}"));
        }
    }
    for banned in ["openssl-sys", "native-tls", "aws-lc-sys", "aws-lc-rs"] {
        if versions.contains_key(banned) {
            wrong.push(format!("{banned}: one crypto provider, ring"));
        }
    }
    for single in
        ["hickory-proto", "hickory-net", "hickory-resolver", "rustls", "ring", "tokio", "mail-parser"]
    {
        if versions.get(single) != Some(&1) {
            wrong.push(format!("{single} stands {:?} times", versions.get(single)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One of the alternatives of each part must be on the list of deny.toml.
fn is_permissive(license: &str) -> bool {
    let deny: toml::Value =
        toml::from_str(&std::fs::read_to_string(crate::root().join("deny.toml")).unwrap()).unwrap();
    let allowed: Vec<&str> =
        deny["licenses"]["allow"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    license.split(" AND ").all(|part| {
        part.trim_matches(['(', ')'])
            .replace('/', " OR ")
            .split(" OR ")
            .any(|choice| allowed.contains(&choice.trim()))
    })
}
