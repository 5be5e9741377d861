//! `zone check` as a pull request meets it: a real repository, hostile files, every format.

use std::path::{Path, PathBuf};
use std::process::Output;

use mailvet::model::{Absence, Answer, Observation, Rdata, Record, RecordType};
use serde_json::Value;

use crate::cli::{ZONE, mailvet_in, text};
use crate::git::git;
use crate::world::dns::{Say, serve};
use crate::{cases, files_below};

fn folder(zone: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("zones")).unwrap();
    std::fs::write(folder.path().join("zones/example.com.zone"), zone).unwrap();
    folder
}

fn check(folder: &Path, more: &[&str]) -> Output {
    let mut args = vec!["zone", "check", "zones", "--offline", "--now", "2026-11-23T12:00:00Z"];
    args.extend(more);
    mailvet_in(folder, &args)
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
    assert_eq!(mailvet_in(empty.path(), &["zone", "check", "gone.zone", "--offline"]).status.code(), Some(2));
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
fn a_zone_that_is_deleted_is_missed() {
    let repository = folder(ZONE);
    let other = repository.path().join("zones/example.org.zone");
    std::fs::write(&other, ZONE.replace("example.com", "example.org")).unwrap();
    git(repository.path(), &["init", "-q"]);
    git(repository.path(), &["add", "."]);
    git(repository.path(), &["commit", "-qm", "zones"]);
    std::fs::remove_file(&other).unwrap();
    let output = check(repository.path(), &["--against", "HEAD", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let first = &json(&output)["change"]["consequences"][0];
    assert_eq!(first["code"], "change-zone-removed");
    assert!(first["summary"].as_str().unwrap().contains("example.org held 6 records"), "{first}");
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
    let output = mailvet_in(
        zone.path(),
        &["zone", "check", "zones/example.com.zone", "--offline", "--format", "json"],
    );
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
        let output = mailvet_in(root, &args);
        sarif_is_sound(root, &json(&output));
        let new = json(&output)["runs"][0]["results"]
            .as_array()
            .unwrap()
            .iter()
            .any(|r| r["baselineState"] == "new");
        assert!(new, "{}: nothing new", after.display());
    }
}

/// A world that answers what a text says: `NAME TYPE DATA` a line.
fn world(lines: &str) -> std::net::SocketAddr {
    let known: Vec<(String, RecordType, String)> = lines
        .lines()
        .map(|line| {
            let mut words = line.splitn(3, ' ');
            let (name, kind) = (words.next().unwrap().to_owned(), words.next().unwrap());
            (name, RecordType::from_text(kind).unwrap(), words.next().unwrap().to_owned())
        })
        .collect();
    serve(move |name, rtype| {
        let of_name: Vec<_> = known.iter().filter(|(known, ..)| known == name.as_str()).collect();
        let records: Vec<Record> = of_name
            .iter()
            .filter(|(_, kind, _)| *kind == rtype)
            .map(|(_, kind, data)| Record {
                rdata: Rdata::from_text(*kind, data).unwrap(),
                ttl: 60,
                location: None,
            })
            .collect();
        Say::Answer(Answer::given(match (records.is_empty(), of_name.is_empty()) {
            (false, _) => Observation::Seen(records),
            (true, false) => Observation::Absent(Absence::NoData),
            (true, true) => Observation::Absent(Absence::Nxdomain),
        }))
    })
}

const LIVE: &str = "example.com SOA ns1.example.net. hostmaster.example.com. 1 7200 3600 1209600 300\n\
                    example.com MX 10 mx1.example.com.\nmx1.example.com A 203.0.113.10\n\
                    example.com TXT \"v=spf1 ip4:203.0.113.25 ip4:203.0.113.26 mx -all\"\n\
                    _dmarc.example.com TXT \"v=DMARC1; p=reject; rua=mailto:d@example.com\"\n\
                    s9._domainkey.example.com TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"";

fn consequences(output: &Output) -> Vec<(String, u64)> {
    json(output)["change"]["consequences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["code"].as_str().unwrap().to_owned(), one["line"].as_u64().unwrap()))
        .collect()
}

#[test]
fn what_is_live_and_what_was_recorded_are_earlier_states() {
    let at = world(LIVE).to_string();
    let folder = folder(ZONE);
    let net = ["--resolver", &at, "--timeout", "5", "--now", "2026-11-23T12:00:00Z"];
    let run = |args: &[&str]| mailvet_in(folder.path(), &[args, &net[..]].concat());
    let against = |state: &str, more: &[&str]| {
        run(&[&["zone", "check", "zones", "--against", state, "--format", "json"], more].concat())
    };
    // 203.0.113.26 is in no term of the file any more.
    let narrowed = [("change-spf-narrowed".to_owned(), 7)];
    assert_eq!(consequences(&against("live", &[])), narrowed);
    let recorded = run(&["audit", "example.com", "--record", "run.json", "--format", "json"]);
    assert!(folder.path().join("run.json").exists(), "{}", text(&recorded.stderr));
    assert_eq!(consequences(&against("run.json", &[])), narrowed);
    // A key that only the log names is live, in use, and not in the file.
    std::fs::write(
        folder.path().join("mail.log"),
        "Nov 23 10:00:00 mx opendkim[12]: 3F2A1: DKIM-Signature field added (s=s9, d=example.com)\n",
    )
    .unwrap();
    let output = against("live", &["--log", "mail.log", "--fail-on", "high"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let report = json(&output);
    let lost = report["change"]["consequences"].as_array().unwrap().iter();
    let lost = lost.clone().find(|one| one["code"] == "change-selector-removed").unwrap();
    assert_eq!(lost["severity"], "high");
    assert!(lost["summary"].as_str().unwrap().contains("the last at mail.log:1"), "{lost}");
}

#[test]
fn a_fault_that_grows_is_worse() {
    let spf = |count: usize| {
        let terms: String =
            (0..count).map(|number| format!("a:mx1.example.com{} ", "/32".repeat(number % 2))).collect();
        ZONE.replace("ip4:203.0.113.25 ", &terms)
    };
    let folder = folder(&spf(11));
    std::fs::write(folder.path().join("before.zone"), spf(11)).unwrap();
    let state = |zone: &str| {
        std::fs::write(folder.path().join("zones/example.com.zone"), zone).unwrap();
        let report = json(&check(folder.path(), &["--against", "before.zone", "--format", "json"]));
        let all = report["zones"][0]["problems"].as_array().unwrap().clone();
        let found = all.iter().find(|one| one["code"] == "spf-lookup-limit").unwrap();
        found["state"].as_str().unwrap().to_owned()
    };
    assert_eq!((state(&spf(11)), state(&spf(12))), ("same".to_owned(), "worse".to_owned()));
}

#[test]
fn a_plan_is_judged_against_the_state_it_starts_from() {
    let folder = tempfile::tempdir().unwrap();
    let record = |address: &str, before: &str, after: &str| {
        format!(
            "{{\"address\": \"{address}\", \"type\": \"cloudflare_record\", \"change\": {{\"before\": {before}, \"after\": {after}}}}}"
        )
    };
    let txt = |name: &str, value: &str| {
        format!(
            "{{\"zone_id\": \"z\", \"name\": \"{name}\", \"type\": \"TXT\", \"ttl\": 300, \"content\": \"{value}\"}}"
        )
    };
    let spf = txt("example.com", "v=spf1 ip4:203.0.113.1 -all");
    let strict = "v=DMARC1; p=reject; rua=mailto:d@example.com";
    let caa = "{\"zone_id\": \"z\", \"name\": \"@\", \"type\": \"CAA\", \"data\": [{\"flags\": \"0\", \"tag\": \"issue\", \"value\": \"ca.example\"}]}";
    let changes = [
        record("a", &spf, &spf),
        record("b", &txt("_dmarc", strict), &txt("_dmarc", &strict.replace("reject", "none"))),
        record("c", "null", caa),
    ];
    let plan =
        format!("{{\"format_version\": \"1.2\", \"resource_changes\": [\n{}\n]}}", changes.join(",\n"));
    std::fs::write(folder.path().join("plan.json"), plan).unwrap();
    let args = [
        "zone",
        "check",
        "plan.json",
        "--against",
        "plan.json",
        "--offline",
        "--root",
        ".",
        "--format",
        "json",
    ];
    let output = mailvet_in(folder.path(), &args);
    assert_eq!(consequences(&output), [("change-policy-weakened".to_owned(), 3)], "{}", text(&output.stderr));
    let listed = mailvet_in(folder.path(), &["zone", "records", "plan.json", "--format", "json"]);
    let records = json(&listed)["records"].as_array().unwrap().clone();
    let names: Vec<&str> = records.iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["example.com.", "_dmarc.example.com.", "example.com."], "{records:?}");
}

/// A public organisation's zones by their kinds: parked ones, some with mail, seven with faults
/// under selectors nobody would guess.
#[test]
fn hundreds_of_zones_are_judged_by_their_roles() {
    let folder = tempfile::tempdir().unwrap();
    let soa = "@ IN SOA ns1.example.net. h.example.net. 1 7200 3600 1209600 300\n@ IN NS ns1.example.net.\n";
    for number in 0..405 {
        let mail = "@ IN MX 10 mx.example.net.\n@ IN TXT \"v=spf1 mx -all\"\n";
        let key = "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
        let records = match number {
            0..5 => format!("{mail}_dmarc IN TXT \"v=DMARC1; p=reject; rua=mailto:d@example.net\"\nk{number}x._domainkey IN TXT \"v=DKIM1; k=rsa; p=\\\"\\\"{key}\"\n"),
            5 => mail.replace("mx -all", "nclude:example.net -all") + "_dmarc IN TXT \"v=DMARC1; p=reject; rua=mailto:d@example.net\"\n",
            6 => format!("{mail}_dmarc IN TXT \"nv=DMARC1; p=reject; rua=mailto:d@example.net\"\n"),
            7..114 => format!("{mail}_dmarc IN TXT \"v=DMARC1; p=reject; rua=mailto:d@example.net\"\n"),
            _ => "@ IN MX 0 .\n@ IN TXT \"v=spf1 -all\"\n*._domainkey IN TXT \"v=DKIM1; p=\"\n_dmarc IN TXT \"v=DMARC1; p=reject; sp=reject; rua=mailto:d@example.net\"\n".to_owned(),
        };
        let zone = format!("$ORIGIN d{number}.example.\n$TTL 300\n{soa}{records}");
        std::fs::write(folder.path().join(format!("d{number}.example.zone")), zone).unwrap();
    }
    let output = mailvet_in(
        folder.path(),
        &[
            "zone",
            "check",
            ".",
            "--offline",
            "--format",
            "json",
            "--root",
            ".",
            "--now",
            "2026-11-23T12:00:00Z",
        ],
    );
    let report = json(&output);
    let zones = report["zones"].as_array().unwrap();
    assert_eq!(zones.len(), 405);
    let faulty: Vec<&str> = zones
        .iter()
        .filter(|zone| {
            let problems = zone["problems"].as_array().unwrap();
            problems.iter().any(|one| ["high", "critical"].contains(&one["severity"].as_str().unwrap()))
        })
        .map(|zone| zone["origin"].as_str().unwrap())
        .collect();
    let mut wanted: Vec<String> = (0..7).map(|number| format!("d{number}.example")).collect();
    wanted.sort();
    let mut faulty = faulty;
    faulty.sort_unstable();
    assert_eq!(faulty, wanted);
    // A parked name has none of what only a sender needs.
    for zone in zones.iter().filter(|zone| zone["names"][0]["role"] == "parked") {
        let problems = zone["problems"].as_array().unwrap();
        assert!(problems.iter().all(|one| one["severity"] == "info"), "{zone:#}");
    }
}

/// The README's lines for a pipeline, run as they stand in a repository with a target branch.
#[test]
fn the_readme_shows_a_pipeline_that_runs() {
    let readme = std::fs::read_to_string(crate::root().join("README.md")).unwrap();
    let section = readme.split("## Zone files in CI").nth(1).unwrap().split("\n## ").next().unwrap();
    let lines: Vec<&str> = section.lines().filter_map(|line| line.strip_prefix("    mailvet ")).collect();
    assert!(lines.len() >= 3, "{section}");
    let upstream = folder(ZONE);
    git(upstream.path(), &["init", "-q"]);
    git(upstream.path(), &["add", "."]);
    git(upstream.path(), &["commit", "-qm", "zones"]);
    let clone = tempfile::tempdir().unwrap();
    let here = clone.path().join("clone");
    git(clone.path(), &["clone", "-q", &upstream.path().display().to_string(), "clone"]);
    std::fs::write(here.join("db.example"), ZONE).unwrap();
    git(&here, &["add", "."]);
    git(&here, &["commit", "-qm", "a file"]);
    std::fs::write(here.join("zones/example.com.zone"), ZONE.replace("p=reject", "p=none")).unwrap();
    let at = world(LIVE).to_string();
    for line in lines {
        let mut args: Vec<&str> = line.split(' ').collect();
        if !args.contains(&"--offline") {
            args.extend(["--resolver", &at]);
        }
        let output = mailvet_in(&here, &args);
        let said = format!("{line}: {}{}", text(&output.stdout), text(&output.stderr));
        assert!(matches!(output.status.code(), Some(0 | 1)), "{said}");
        if let Some(file) = args
            .iter()
            .find_map(|word| word.split_once("=").filter(|(name, _)| ["sarif", "markdown"].contains(name)))
        {
            assert!(here.join(file.1).exists(), "{said}");
        }
        if line.contains("github") {
            assert!(text(&output.stdout).contains("change-policy-weakened"), "{said}");
        }
    }
}

/// What a record says becomes a command of the workflow's runner in no format: `::error::` at the
/// start of a line, behind an indent or where a line is wrapped, `##[` anywhere.
#[test]
fn no_format_prints_a_workflow_command_of_a_record() {
    let long = "a".repeat(60);
    let text = format!("v=spf1 {long} ::error::x ::warning file=a::b {long} ##[error]y ::notice::z -all");
    let zone = folder(&format!(
        "{ZONE}sub TXT \"{text}\"\nsub MX 10 mx1\n_dmarc.sub TXT \"v=DMARC1; p=::error::q ##[group]\"\n"
    ));
    let forged = |said: &str| -> Vec<String> {
        let words = ["error", "warning", "notice"];
        let is_forged = |line: &&str| {
            let start = line.trim_start();
            line.contains("##[")
                || words.iter().any(|word| {
                    start.starts_with(&format!("::{word}::")) || start.starts_with("::warning file=a::")
                })
        };
        said.lines()
            .filter(is_forged)
            .filter(|line| !line.contains("title=mailvet"))
            .map(str::to_owned)
            .collect()
    };
    for format in ["terminal", "github", "markdown", "json", "sarif", "junit", "gitlab"] {
        let output = check(zone.path(), &["--format", format]);
        let said = text_of(&output);
        assert!(forged(&said).is_empty(), "{format}: {:?}", forged(&said));
    }
    let file = zone.path().join("zones/example.com.zone").display().to_string();
    for args in [
        &["spf", "sub.example.com"][..],
        &["dmarc", "sub.example.com"],
        &["audit", "sub.example.com"],
        &["audit", "sub.example.com", "--format", "html"],
        &["audit", "sub.example.com", "--format", "json"],
        &["zone", "records", "zones/example.com.zone"],
    ] {
        let mut args = args.to_vec();
        if args[0] != "zone" {
            args.extend(["--zone", &file, "--offline"]);
        }
        let said = text_of(&mailvet_in(zone.path(), &args));
        assert!(forged(&said).is_empty(), "{args:?}: {:?}", forged(&said));
    }
}

fn text_of(output: &Output) -> String {
    assert!(output.status.code().is_some(), "ended by a signal");
    text(&output.stdout) + &text(&output.stderr)
}
