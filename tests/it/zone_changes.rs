//! What a change takes from mail is told whatever the record and whatever the format: each kind of
//! record in each dialect, zones that are deleted, and the split layout of octoDNS.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::cli::{ZONE, mailvet_in, text};
use crate::git::git;

fn check(folder: &Path, more: &[&str]) -> Output {
    let mut args = vec!["zone", "check", "--offline", "--now", "2026-11-23T12:00:00Z", "--format", "json"];
    args.extend(more);
    mailvet_in(folder, &args)
}

/// Code, file and summary of all that is new.
fn told(output: &Output) -> Vec<(String, String, String)> {
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr)));
    let word = |one: &Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
    let lists =
        ["consequences", "new"].map(|key| report["change"][key].as_array().cloned().unwrap_or_default());
    lists.iter().flatten().map(|one| (word(one, "code"), word(one, "file"), word(one, "summary"))).collect()
}

/// Runs the check of one file against another.
fn changed(name: &str, old: &str, new: &str) -> Vec<(String, String, String)> {
    let folder = tempfile::tempdir().unwrap();
    for (side, zone) in [("old", old), ("new", new)] {
        std::fs::create_dir(folder.path().join(side)).unwrap();
        std::fs::write(folder.path().join(side).join(name), zone).unwrap();
    }
    let against = format!("old/{name}");
    told(&check(folder.path(), &[&format!("new/{name}"), "--against", &against]))
}

/// One record in the words of a dialect: owner, type, value.
type Writer = fn(&str, &str, &str) -> String;

/// File name, head, one record, foot.
const DIALECTS: &[(&str, &str, Writer, &str)] = &[
    (
        "example.com.zone",
        "$ORIGIN example.com.\n$TTL 60\n@ SOA ns1.example.net. h 1 1 1 1 1\n@ NS ns1.example.net.\n",
        |owner, kind, value| format!("{owner} {kind} {value}\n"),
        "",
    ),
    (
        "example.com.yaml",
        "---\n",
        |owner, kind, value| {
            let value = match kind {
                "MX" => format!("{{preference: 10, exchange: {}}}", value.trim_start_matches("10 ")),
                "TXT" => value.trim_matches('"').replace(';', "\\;"),
                _ => value.to_owned(),
            };
            let owner = if owner == "@" { "" } else { owner };
            format!("'{owner}':\n  type: {kind}\n  value: {value}\n")
        },
        "",
    ),
    (
        "ir.json",
        "{\"dns_providers\": [], \"domains\": [{\"name\": \"example.com\", \"records\": [",
        |owner, kind, value| {
            let (preference, target) = value.strip_prefix("10 ").map_or((0, value), |target| (10, target));
            let target = target.trim_matches('"');
            format!(
                "{{\"type\": \"{kind}\", \"name\": \"{owner}\", \"ttl\": 60, \"target\": \"{target}\", \"mxpreference\": {preference}}},"
            )
        },
        "{\"type\": \"A\", \"name\": \"www\", \"target\": \"203.0.113.1\"}]}]}",
    ),
    (
        "sets.json",
        "{\"ResourceRecordSets\": [{\"Name\": \"example.com.\", \"Type\": \"SOA\", \"TTL\": 60, \"ResourceRecords\": [{\"Value\": \"ns1.example.net. h.example.com. 1 1 1 1 1\"}]},",
        |owner, kind, value| {
            let value = value.replace('"', "\\\"");
            let owner = owner.replace('*', "\\\\052");
            let name = if owner == "@" { "example.com.".to_owned() } else { format!("{owner}.example.com.") };
            format!(
                "{{\"Name\": \"{name}\", \"Type\": \"{kind}\", \"TTL\": 60, \"ResourceRecords\": [{{\"Value\": \"{value}\"}}]}},"
            )
        },
        "{\"Name\": \"www.example.com.\", \"Type\": \"A\", \"TTL\": 60, \"ResourceRecords\": [{\"Value\": \"203.0.113.1\"}]}]}",
    ),
    (
        "data",
        "Zexample.com:ns1.example.net.:h.example.com.\n&example.com::ns1.example.net.\n",
        |owner, kind, value| {
            let owner = if owner == "@" { "example.com".to_owned() } else { format!("{owner}.example.com") };
            match kind {
                "MX" => format!("@{owner}::{}:10\n", value.trim_start_matches("10 ")),
                "TXT" => format!("'{owner}:{}\n", value.trim_matches('"').replace(':', "\\072")),
                _ => format!("C{owner}:{value}\n"),
            }
        },
        "",
    ),
];

#[test]
fn what_mail_loses_is_told_in_every_dialect() {
    let kept = [("@", "MX", "10 mx.example.net."), ("mail", "TXT", "\"v=spf1 a -all\"")];
    let lost = [
        ("*", "MX", "10 mx.example.net."),
        ("*", "TXT", "\"v=spf1 -all\""),
        ("example.org._report._dmarc", "TXT", "\"v=DMARC1\""),
        ("bounces", "CNAME", "return.esp.example."),
        ("_spf9", "TXT", "\"v=spf1 ip4:203.0.113.9 -all\""),
    ];
    for (file, head, write, foot) in DIALECTS {
        let zone = |records: &[(&str, &str, &str)]| {
            let records: String =
                records.iter().map(|(owner, kind, value)| write(owner, kind, value)).collect();
            format!("{head}{records}{foot}")
        };
        for record in lost {
            let old = zone(&[&kept[..], &[record]].concat());
            let found = changed(file, &old, &zone(&kept));
            let name = format!("{}.example.com", record.0);
            let is_told = |(code, _, summary): &(String, String, String)| {
                code == "change-mail-record-removed" && summary.starts_with(&name)
            };
            assert!(found.iter().any(is_told), "{file}: {record:?}: {found:?}");
            let found = changed(file, &old, &old);
            assert_eq!(found, [], "{file}: {record:?}");
        }
    }
}

#[test]
fn deleting_every_zone_is_a_change_and_a_wrong_path_a_mistake() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("zones")).unwrap();
    let file = folder.path().join("zones/example.com.zone");
    std::fs::write(&file, ZONE).unwrap();
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-qm", "zones"]);
    std::fs::remove_file(&file).unwrap();
    let is_told = |output: &Output| {
        assert_eq!(output.status.code(), Some(1), "{}{}", text(&output.stdout), text(&output.stderr));
        let found = told(output);
        assert_eq!(
            (found[0].0.as_str(), found[0].1.as_str()),
            ("change-zone-removed", "zones/example.com.zone")
        );
        assert!(found[0].2.contains("mail to example.com has no MX host"), "{}", found[0].2);
        assert!(found[0].2.contains("v=spf1, v=DMARC1"), "{}", found[0].2);
    };
    // The folder is left, then it is gone as git leaves it; named as a folder and as a file.
    is_told(&check(folder.path(), &["zones", "--against", "HEAD"]));
    std::fs::remove_dir(folder.path().join("zones")).unwrap();
    is_told(&check(folder.path(), &["zones", "--against", "HEAD"]));
    is_told(&check(folder.path(), &["./zones/", "--against", "HEAD"]));
    is_told(&check(folder.path(), &["zones/example.com.zone", "--against", "HEAD"]));
    let wrong = check(folder.path(), &["zonez", "--against", "HEAD"]);
    assert_eq!(wrong.status.code(), Some(2), "{}", text(&wrong.stdout));
    let alone = check(folder.path(), &["zones"]);
    assert_eq!(alone.status.code(), Some(2), "{}", text(&alone.stdout));
}

#[test]
fn a_zone_of_octodns_may_stand_in_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let parts = [
        (
            "$example.com.yaml",
            "---\n'':\n- type: MX\n  value: {preference: 10, exchange: mx.example.net.}\n- type: TXT\n  value: v=spf1 mx ip4:203.0.113.9 -all\n",
        ),
        (
            "_dmarc.yaml",
            "---\n_dmarc:\n  type: TXT\n  value: v=DMARC1\\; p=reject\\; rua=mailto:d@example.com\n",
        ),
        ("bounces.yaml", "---\nbounces:\n  type: CNAME\n  value: return.esp.example.\n"),
    ];
    let write = |side: &str| {
        let at = folder.path().join(side).join("example.com.");
        std::fs::create_dir_all(&at).unwrap();
        for (file, text) in parts {
            std::fs::write(at.join(file), text).unwrap();
        }
        at
    };
    write("old");
    let at = write("new");
    let run = || check(folder.path(), &["new", "--against", "old", "--fail-on", "medium"]);
    let same = run();
    assert_eq!((same.status.code(), told(&same)), (Some(0), Vec::new()), "{}", text(&same.stderr));
    std::fs::write(at.join("_dmarc.yaml"), parts[1].1.replace("reject", "none")).unwrap();
    std::fs::remove_file(at.join("bounces.yaml")).unwrap();
    let output = run();
    assert_eq!(output.status.code(), Some(1));
    let found = told(&output);
    let has = |code: &str, file: &str| found.iter().any(|one| one.0 == code && one.1.ends_with(file));
    assert!(has("change-policy-weakened", "new/example.com./_dmarc.yaml"), "{found:?}");
    assert!(has("change-mail-record-removed", ""), "{found:?}");
    // A file that cannot be read is named, and takes no name for missing.
    std::fs::write(at.join("_dmarc.yaml"), "_dmarc: [\n").unwrap();
    let output = run();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("_dmarc.yaml: no YAML"), "{}", text(&output.stderr));
    assert!(told(&output).iter().all(|one| one.0 != "dmarc-missing"), "{:?}", told(&output));
}

#[test]
fn a_bad_line_of_tinydns_is_named_and_the_rest_is_judged() {
    let good = "Zexample.com:ns1.example.net.:h.example.com.\n@example.com::mx.example.net:10\n\
                'example.com:v=spf1 mx -all\n'_dmarc.example.com:v=DMARC1; p=reject\n";
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("zones")).unwrap();
    for bad in ["Xbad.example.com:1\n", "no line at all\n"] {
        let zone = format!("{bad}{}", good.replace("reject", "none"));
        std::fs::write(folder.path().join("zones/data"), &zone).unwrap();
        for path in ["zones", "zones/data"] {
            let output = check(folder.path(), &[path]);
            assert_eq!(output.status.code(), Some(1), "{path}: {}", text(&output.stderr));
            let report: Value = serde_json::from_slice(&output.stdout).unwrap();
            let problems = report["zones"][0]["problems"].as_array().unwrap();
            let has = |code: &str, line: u64| problems.iter().any(|p| p["code"] == code && p["line"] == line);
            assert!(has("zone-entry-broken", 1) && has("dmarc-policy-none", 5), "{path}: {problems:#?}");
            // Servers refuse the file whatever severity fails the run.
            assert_eq!(check(folder.path(), &[path, "--fail-on", "never"]).status.code(), Some(2));
        }
    }
}
