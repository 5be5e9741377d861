//! SARIF as code scanning takes it: every log valid by the schema of SARIF 2.1.0, every result with
//! a relative file, a line of it and a fingerprint of its own, rules only where they have results.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::cli::mailvet_in;
use crate::{cases, files_below, root};

fn mailvet(folder: &Path, args: &[&str]) -> Value {
    let output =
        mailvet_in(folder, &[args, &["--format", "sarif", "--now", "2026-11-23T12:00:00Z"]].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{args:?}: {error}: {said}"))
}

/// The schema as a public package carries it; `tests/run` fetches it.
fn schema() -> Option<jsonschema::Validator> {
    let path = root().join("target/sarif/package/lib/schemas/sarif-2.1.0-rtm.5.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("SKIPPED: no schema of SARIF at {}; tests/run fetches it with npm", path.display());
        return None;
    };
    // Its pattern of languages has a bracket too many, which no reader of patterns takes.
    let text = text.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    // The log names the schema's last edition, this is the one before: only the name differs.
    schema["properties"]["$schema"] = serde_json::json!({ "type": "string" });
    Some(jsonschema::draft4::new(&schema).unwrap())
}

/// What GitHub asks beyond the schema. With `folder`, every file is there and has the line.
fn sound(log: &Value, folder: Option<&Path>) -> usize {
    let runs = log["runs"].as_array().unwrap();
    assert!(runs.len() <= 20, "{} runs", runs.len());
    let mut categories = BTreeSet::new();
    let mut count = 0;
    for run in runs {
        let id = run["automationDetails"]["id"].as_str().unwrap();
        assert!(categories.insert(id), "{id} twice");
        let driver = &run["tool"]["driver"];
        assert_eq!(driver["name"], "mailvet");
        // The project has no page of its own yet, and borrows nobody's.
        assert!(driver["informationUri"].is_null(), "{driver}");
        let rules: Vec<&str> =
            driver["rules"].as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap()).collect();
        let results = run["results"].as_array().unwrap();
        let (mut fingerprints, mut used) = (BTreeSet::new(), BTreeSet::new());
        for result in results {
            let rule = result["ruleId"].as_str().unwrap();
            used.insert(rule);
            if let Some(index) = result["ruleIndex"].as_u64() {
                assert_eq!(rules[index as usize], rule);
            }
            let state = result["baselineState"].as_str().unwrap_or("new");
            let print = result["partialFingerprints"]["mailvet/1"].as_str().unwrap();
            assert!(state == "absent" || fingerprints.insert(print), "{print} twice: {result}");
            let place = &result["locations"][0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            let line = place["region"]["startLine"].as_u64().unwrap();
            assert!(
                !uri.starts_with('/') && !uri.contains("..") && !uri.contains("://") && line >= 1,
                "{uri}"
            );
            let text = result["message"]["text"].as_str().unwrap();
            assert!(!text.is_empty() && text.chars().count() < 20_000, "{result}");
            if let Some(folder) = folder {
                let path = percent_encoding::percent_decode_str(uri).decode_utf8().unwrap().into_owned();
                let lines =
                    std::fs::read(folder.join(&path)).unwrap_or_else(|error| panic!("{uri}: {error}"));
                let lines = lines.split(|byte| *byte == b'\n').count();
                assert!(line <= lines as u64, "{uri}:{line} of {lines}");
            }
        }
        assert_eq!(used, rules.iter().copied().collect(), "only rules with results");
        count += results.len();
    }
    count
}

fn valid(schema: Option<&jsonschema::Validator>, log: &Value) {
    let Some(schema) = schema else { return };
    let wrong: Vec<String> =
        schema.iter_errors(log).take(3).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn sarif_of_audits_and_lists_is_valid() {
    let schema = schema();
    let log = mailvet(root(), &["audit", "--demo"]);
    valid(schema.as_ref(), &log);
    assert!(sound(&log, None) > 5);
    let folder = tempfile::tempdir().unwrap();
    let zones = root().join("fixtures/headlines");
    let good = zones.join("good.zone").display().to_string();
    std::fs::write(folder.path().join("list.txt"), "# ours\nexample.com\n\nexample.org\n").unwrap();
    let log = mailvet(folder.path(), &["portfolio", "list.txt", "--offline", "--zone", &good]);
    valid(schema.as_ref(), &log);
    sound(&log, None);
    let empty = mailvet(folder.path(), &["portfolio", "list.txt", "--offline", "--only", "authentication"]);
    valid(schema.as_ref(), &empty);
}

#[test]
fn sarif_of_every_zone_is_valid() {
    let schema = schema();
    // A folder of its own: paths are told from the root of the repository that holds a file.
    let own = tempfile::tempdir().unwrap();
    for file in files_below(&root().join("fixtures/headlines")) {
        std::fs::copy(&file, own.path().join(file.file_name().unwrap())).unwrap();
    }
    let mut folders = vec![own.path().to_owned()];
    for suite in ["field-ci/zones", "field-ci/names", "field-ci/formats"] {
        let Some(suite) = cases(suite) else { continue };
        let below: BTreeSet<_> =
            files_below(&suite).into_iter().filter_map(|path| Some(path.parent()?.to_owned())).collect();
        folders.extend(below);
    }
    let mut results = 0;
    for folder in folders {
        let log = mailvet(&folder, &["zone", "check", ".", "--offline"]);
        valid(schema.as_ref(), &log);
        results += sound(&log, Some(&folder));
    }
    assert!(results > 10, "{results}");
}
