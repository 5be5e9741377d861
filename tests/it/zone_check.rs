//! `zone check` as a pull request meets it: a real repository, hostile files, every format.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use mailvet::model::{Absence, Answer, Observation};
use serde_json::Value;

use crate::world::dns::{Say, serve};
use crate::{cases, files_below};

fn mailvet(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mailvet"))
        .args(args)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn git(folder: &Path, args: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"])
        .args(["-c", "commit.gpgsign=false"])
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "git {args:?}: {}", text(&output.stderr));
}

const ZONE: &str = "$ORIGIN example.com.\n$TTL 3600\n@ SOA ns1.example.net. hostmaster 1 7200 3600 1209600 300\n\
                    @ NS ns1.example.net.\n@ MX 10 mx1\nmx1 A 203.0.113.10\n@ TXT \"v=spf1 ip4:203.0.113.25 mx -all\"\n\
                    _dmarc TXT \"v=DMARC1; p=reject; rua=mailto:d@example.com\"\n";

fn folder(zone: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("zones")).unwrap();
    std::fs::write(folder.path().join("zones/example.com.zone"), zone).unwrap();
    folder
}

fn check(folder: &Path, more: &[&str]) -> Output {
    let mut args = vec!["zone", "check", "zones", "--offline", "--now", "2026-11-23T12:00:00Z"];
    args.extend(more);
    mailvet(folder, &args)
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr)))
}

#[test]
fn a_sound_zone_passes_and_a_broken_entry_does_not_stop_the_rest() {
    let sound = folder(ZONE);
    let output = check(sound.path(), &["--fail-on", "medium"]);
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
    let broken = folder(&format!("{ZONE}www A 192.0.2.300\n_dmrac TXT \"v=DMARC1; p=none\"\n"));
    std::fs::write(broken.path().join("zones/example.org.zone"), ZONE.replace("example.com", "example.org"))
        .unwrap();
    for format in ["github", "sarif", "json", "junit", "gitlab", "markdown", "terminal"] {
        let output = check(broken.path(), &["--format", format]);
        assert_eq!(output.status.code(), Some(1), "{format}");
        let shown = text(&output.stdout);
        assert!(shown.contains("zone-entry-broken"), "{format}: {shown}");
        assert!(shown.contains("192.0.2.300"), "{format}: {shown}");
    }
    let report = json(&check(broken.path(), &["--format", "json"]));
    assert_eq!(report["zones"].as_array().unwrap().len(), 2);
    let problems = report["zones"][0]["problems"].as_array().unwrap();
    let has = |code: &str, line: u64| problems.iter().any(|p| p["code"] == code && p["line"] == line);
    assert!(has("zone-entry-broken", 9) && has("zone-record-orphaned", 10), "{problems:#?}");
    // Only the severity asked for fails the run, but servers still refuse the file.
    assert_eq!(check(broken.path(), &["--fail-on", "never"]).status.code(), Some(2));
}

#[test]
fn no_zone_is_not_clean() {
    let empty = tempfile::tempdir().unwrap();
    std::fs::create_dir(empty.path().join("zones")).unwrap();
    std::fs::write(empty.path().join("zones/README"), "nothing of the kind\n").unwrap();
    assert_eq!(check(empty.path(), &[]).status.code(), Some(3));
    assert_eq!(mailvet(empty.path(), &["zone", "check", "gone.zone", "--offline"]).status.code(), Some(2));
}

#[test]
fn a_change_is_judged_by_what_is_new() {
    let zone = ZONE.replace("p=reject", "p=none");
    let repository = folder(&zone);
    git(repository.path(), &["init", "-q"]);
    git(repository.path(), &["add", "."]);
    git(repository.path(), &["commit", "-qm", "zones"]);
    let file = repository.path().join("zones/example.com.zone");
    // What was there before does not fail the run.
    let same = check(repository.path(), &["--against", "HEAD", "--fail-on", "low", "--format", "json"]);
    assert_eq!(same.status.code(), Some(0), "{}", text(&same.stdout));
    assert!(!json(&same)["change"]["same"].as_array().unwrap().is_empty());
    std::fs::write(&file, zone.replace("ip4:203.0.113.25 ", "")).unwrap();
    let output = check(repository.path(), &["--against", "HEAD", "--fail-on", "medium", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let report = json(&output);
    let consequences = report["change"]["consequences"].as_array().unwrap();
    let lost = consequences.iter().find(|one| one["code"] == "change-spf-narrowed").unwrap();
    assert_eq!((&lost["line"], &lost["file"]), (&7.into(), &"zones/example.com.zone".into()));
    assert!(lost["summary"].as_str().unwrap().contains("203.0.113.25/32"), "{lost}");
    // An entry that cannot be read hides what it said, and mends nothing.
    std::fs::write(&file, zone.replace("_dmarc TXT \"v=DMARC1; p=none;", "_dmarc TXT \"v=DMARC1; p=none;\\"))
        .unwrap();
    std::fs::write(&file, zone.replace("_dmarc TXT", "_dmarc TXTT")).unwrap();
    let report = json(&check(repository.path(), &["--against", "HEAD", "--format", "json"]));
    let codes = |key: &str| -> Vec<String> {
        let list = report["change"][key].as_array().unwrap();
        list.iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
    };
    assert!(codes("hidden").contains(&"dmarc-policy-none".to_owned()), "{:?}", report["change"]);
    assert!(!codes("fixed").contains(&"dmarc-policy-none".to_owned()));
    assert!(codes("new").contains(&"zone-entry-broken".to_owned()));
}

#[test]
fn a_baseline_holds_what_is_known() {
    let zone = folder(&ZONE.replace("p=reject", "p=none"));
    let first = check(zone.path(), &["--fail-on", "medium", "--write-baseline", "base.json"]);
    assert_eq!(first.status.code(), Some(1), "{}", text(&first.stdout));
    let second = check(zone.path(), &["--fail-on", "medium", "--baseline", "base.json"]);
    assert_eq!(second.status.code(), Some(0), "{}", text(&second.stdout));
}

#[test]
fn hostile_text_forges_nothing() {
    let text_of = "_dmarc.a TXT \"v=DMARC1; p=rej\\010::error::forged\\013\\010##[error]x [l](https://example.net) {0}\"\n\
                   x\\010::error::y._domainkey TXT \"v=DKIM1; p=\\010::warning::z\"\n";
    let zone = folder(&format!("{ZONE}{text_of}"));
    for format in ["github", "terminal", "markdown", "junit"] {
        let shown = text(&check(zone.path(), &["--format", format, "--verbose"]).stdout);
        for line in shown.lines() {
            assert!(!line.starts_with("::error::") && !line.starts_with("##["), "{format}: {line}");
            assert!(!line.contains("\u{1b}"), "{format}: {line}");
        }
        if format == "markdown" {
            assert!(!shown.contains("[l](https://example.net)"), "{shown}");
        }
    }
}

#[cfg(unix)]
#[test]
fn an_include_stays_in_its_folder() {
    let zone = folder(&format!("{ZONE}$INCLUDE secret\n$INCLUDE device\n$INCLUDE ../outside\n"));
    std::fs::write(zone.path().join("outside"), "hidden-word TXT \"top-secret\"\n").unwrap();
    std::os::unix::fs::symlink(zone.path().join("outside"), zone.path().join("zones/secret")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", zone.path().join("zones/device")).unwrap();
    let output =
        mailvet(zone.path(), &["zone", "check", "zones/example.com.zone", "--offline", "--format", "json"]);
    let all = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert!(!all.contains("hidden-word") && !all.contains("top-secret"), "{all}");
    assert_eq!(
        json(&output)["zones"][0]["problems"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|p| p["code"] == "zone-entry-broken")
            .count(),
        3
    );
}

#[test]
fn a_crowded_name_takes_linear_time() {
    let mut zone = ZONE.to_owned();
    for number in 0..20_000 {
        zone.push_str(&format!("@ TXT \"verification={number}\"\n@ MX 10 mx1\n"));
    }
    let zone = folder(&zone);
    let started = std::time::Instant::now();
    check(zone.path(), &["--format", "json"]);
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

/// Every result has a file that is there and a line within it, and no two share a fingerprint.
fn sarif_is_sound(root: &Path, report: &Value) {
    let mut fingerprints = std::collections::BTreeSet::new();
    let rules = report["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    for result in report["runs"][0]["results"].as_array().unwrap() {
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        assert!(!uri.starts_with('/') && !uri.contains(".."), "{uri}");
        let lines = std::fs::read_to_string(root.join(uri)).unwrap().lines().count();
        let line = place["region"]["startLine"].as_u64().unwrap();
        assert!(line >= 1 && line <= lines.max(1) as u64, "{uri}:{line}");
        let known = rules[result["ruleIndex"].as_u64().unwrap() as usize]["id"].clone();
        assert_eq!(known, result["ruleId"]);
        let state = result["baselineState"].as_str().unwrap_or("new");
        let print = result["partialFingerprints"]["mailvet/1"].as_str().unwrap().to_owned();
        assert!(state == "absent" || fingerprints.insert(print), "{result}");
    }
    let used: std::collections::BTreeSet<&str> = report["runs"][0]["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["ruleId"].as_str().unwrap())
        .collect();
    assert_eq!(rules.len(), used.len(), "only rules with results");
}

#[test]
fn pull_requests_of_a_real_repository() {
    let Some(suite) = cases("field-ci/pr") else { return };
    let nothing = || Answer::given(Observation::Absent(Absence::Nxdomain));
    let at = serve(move |_, _| Say::Answer(nothing()));
    let mut branches: Vec<PathBuf> =
        files_below(&suite).into_iter().filter(|path| path.ends_with("after.zone")).collect();
    branches.sort();
    let repository = tempfile::tempdir().unwrap();
    let root = repository.path();
    git(root, &["init", "-q"]);
    std::fs::create_dir(root.join("zones")).unwrap();
    let file = root.join("zones/acme.example.zone");
    for after in branches {
        std::fs::copy(after.with_file_name("before.zone"), &file).unwrap();
        git(root, &["add", "-A"]);
        git(root, &["commit", "-q", "--allow-empty", "-m", "before"]);
        std::fs::copy(&after, &file).unwrap();
        let resolver = at.to_string();
        let args =
            ["zone", "check", "zones", "--against", "HEAD", "--resolver", &resolver, "--format", "sarif"];
        let output = mailvet(root, &args);
        sarif_is_sound(root, &json(&output));
        let new = json(&output)["runs"][0]["results"]
            .as_array()
            .unwrap()
            .iter()
            .any(|r| r["baselineState"] == "new");
        assert!(new, "{}: nothing new", after.display());
    }
}
