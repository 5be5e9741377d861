//! What the settings set aside is shown in every format, counted nowhere, and never lost: the finding with
//! reason, owner and day; ignores past their day and ignores that meet nothing are findings.

use std::path::Path;

use crate::cli::{mailvet_in, text};

const SETTINGS: &str = r#"
[[ignore]]
code = "spf-ip-unauthorised"
subject = "198.51.100.*"
reason = "moved on Monday"
owner = "ops team"
until = "2099-01-01"

[[ignore]]
code = "dmarc-policy-none"
reason = "long ago"
until = "2020-01-01"

[[ignore]]
code = "ptr-missing"
subject = "203.0.113.9"
reason = "never there"
"#;

fn mailvet(folder: &Path, settings: &str, args: &[&str]) -> (Option<i32>, String) {
    std::fs::write(folder.join("mailvet.toml"), settings).unwrap();
    let output = mailvet_in(folder, args);
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
    (output.status.code(), text(&output.stdout))
}

/// A line or a folded paragraph holds all of these.
fn told(text: &str, wanted: &[&str]) -> bool {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ").replace("&#64;", "@");
    let mut at = 0;
    wanted.iter().all(|word| match flat[at..].find(word) {
        Some(found) => {
            at += found;
            true
        }
        None => false,
    })
}

#[test]
fn every_format_of_a_report_shows_what_is_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let demo = crate::root().join("fixtures/runs/demo/evidence.json");
    // What each format says of the finding set aside, in this order.
    let shown: [(&str, &[&str]); 10] = [
        (
            "terminal",
            &["1 ignored", "Ignored by the settings (1)", "moved on Monday", "ops team", "2099-01-01"],
        ),
        ("json", &["\"ignored\": [", "moved on Monday", "ops team", "2099-01-01"]),
        ("sarif", &["suppressions", "moved on Monday (ops team), until 2099-01-01", "accepted"]),
        (
            "junit",
            &["<skipped message=\"ignored: moved on Monday (ops team), until 2099-01-01: 198.51.100.25"],
        ),
        ("markdown", &["Ignored by the settings (1)", "moved on Monday", "ops team", "2099-01-01"]),
        ("html", &["Ignored by the settings (1)", "moved on Monday", "ops team", "2099-01-01"]),
        ("github", &["1 finding ignored by the settings"]),
        ("nagios", &["ignored=1"]),
        ("prometheus", &["mailvet_audit_ignored{domain=\"doedomain.example\"} 1"]),
        ("csv", &["spf-ip-unauthorised", "ignored", "moved on Monday"]),
    ];
    for (format, words) in shown {
        let args = ["audit", "--replay", demo.to_str().unwrap(), "--format", format];
        let (code, out) = mailvet(folder.path(), SETTINGS, &args);
        assert!(told(&out, words), "{format} lacks one of {words:?}: {out}");
        // What is wrong with the others is said in the same format; a monitor's line names the worst only.
        if format != "nagios" {
            assert!(out.contains("ignore-expired") && out.contains("ignore-unmatched"), "{format}: {out}");
        }
        // It still fails, by other findings; a monitor has a code of its own.
        assert_eq!(code, Some(if format == "nagios" { 2 } else { 1 }), "{format}");
    }
}

#[test]
fn an_ignored_finding_is_no_failure_and_no_pass() {
    let folder = tempfile::tempdir().unwrap();
    let demo = crate::root().join("fixtures/runs/demo/evidence.json");
    let args = ["audit", "--replay", demo.to_str().unwrap(), "--format", "json"];
    let (_, out) = mailvet(folder.path(), SETTINGS, &args);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    let results = report["results"].as_array().unwrap();
    let of = |code: &str| results.iter().find(|result| result["code"] == code).unwrap();
    assert_eq!(of("spf-ip-unauthorised")["outcome"], "ignored");
    assert_eq!(of("ignore-expired")["outcome"], "fail");
    assert_eq!(of("ignore-unmatched")["problems"].as_array().unwrap().len(), 1);
    // No receiver goes by somebody's settings.
    let without = mailvet(folder.path(), "", &args).1;
    let without: serde_json::Value = serde_json::from_str(&without).unwrap();
    let expected = |report: &serde_json::Value| {
        let rows = report["receivers"].as_array().unwrap().iter();
        rows.map(|row| (row["id"].clone(), row["expected"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(expected(&report), expected(&without));
}

const ZONE: &str = "$ORIGIN example.com.\n$TTL 3600\n@ SOA ns1 h 1 3600 900 604800 300\n@ NS ns1\nns1 A 192.0.2.1\n\
@ MX 10 mx\nmx A 192.0.2.2\n@ TXT \"v=spf1 mx -all\"\n_dmarc TXT \"v=DMARC1; p=none\"\n";

fn zone_settings(subject: &str) -> String {
    format!(
        "[[ignore]]\ncode = \"dmarc-policy-none\"\nsubject = \"{subject}\"\nreason = \"until the new year\"\n\
         owner = \"ops team\"\nuntil = \"2099-01-01\"\n\n[[ignore]]\ncode = \"spf-missing\"\nreason = \"gone\"\nuntil = \"2020-01-01\"\n"
    )
}

#[test]
fn every_format_of_a_zone_check_shows_what_is_ignored() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("z.zone"), ZONE).unwrap();
    let why = "until the new year (ops team), until 2099-01-01";
    let shown: [(&str, &[&str]); 7] = [
        ("terminal", &["Ignored by the settings", "dmarc-policy-none", why, "1 ignored"]),
        ("json", &["dmarc-policy-none", "\"ignored\": \"until the new year (ops team), until 2099-01-01\""]),
        ("sarif", &["suppressions", why]),
        ("junit", &["<skipped message=\"ignored, until the new year (ops team), until 2099-01-01: "]),
        ("markdown", &["1 ignored", "Ignored (1)", "dmarc-policy-none", why]),
        ("github", &["::notice title=mailvet::1 ignored: ", "dmarc-policy-none", why]),
        ("gitlab", &["\"check_name\": \"dmarc-policy-none\"", why, "\"severity\": \"info\""]),
    ];
    for (format, words) in shown {
        let args = ["zone", "check", "z.zone", "--offline", "--fail-on", "medium", "--format", format];
        let (code, out) = mailvet(folder.path(), &zone_settings("_dmarc.example.com"), &args);
        assert!(told(&out, words), "{format} lacks one of {words:?}: {out}");
        assert!(out.contains("ignore-expired"), "{format}: {out}");
        assert_eq!(code, Some(0), "{format}: what is set aside fails no run");
        let (code, out) = mailvet(folder.path(), &zone_settings("_dmarc.other.example"), &args);
        assert!(!told(&out, &[why]), "{format}: {out}");
        assert_eq!(code, Some(1), "{format}: what is meant for another name is not set aside");
    }
}

#[test]
fn subjects_match_as_people_write_them() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("z.zone"), ZONE).unwrap();
    let args = ["zone", "check", "z.zone", "--offline", "--fail-on", "medium", "--format", "json"];
    for subject in [
        "_dmarc.example.com TXT",
        "_dmarc.example.com",
        "_DMARC.Example.COM.",
        "_dmarc.example.com. TXT",
        "_dmarc.*",
        "*.example.com",
        "*.example.com TXT",
        "*.example.*",
        "*",
    ] {
        assert_eq!(mailvet(folder.path(), &zone_settings(subject), &args).0, Some(0), "{subject}");
    }
    for subject in
        ["example.com", "_dmarc.example.com MX", "*.example.net", "_dmarc.example", "*.example.com A"]
    {
        assert_eq!(mailvet(folder.path(), &zone_settings(subject), &args).0, Some(1), "{subject}");
    }
}

/// A day in quotes and a date of TOML are the same; what is no day is refused with its line.
#[test]
fn a_day_is_written_in_either_way() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("z.zone"), ZONE).unwrap();
    let args = ["zone", "check", "z.zone", "--offline", "--fail-on", "medium", "--format", "json"];
    let settings = |day: &str| zone_settings("*").replace("\"2099-01-01\"", day);
    for day in ["\"2099-01-01\"", "2099-01-01"] {
        assert_eq!(mailvet(folder.path(), &settings(day), &args).0, Some(0), "{day}");
    }
    for day in ["\"2020-01-01\"", "2020-01-01"] {
        assert_eq!(mailvet(folder.path(), &settings(day), &args).0, Some(1), "{day}");
    }
    for (day, why) in [
        ("5", "a day is wanted"),
        ("true", "a day is wanted"),
        ("12:00:00", "\"12:00:00\" is no date"),
        ("\"soon\"", "\"soon\" is no date"),
    ] {
        std::fs::write(folder.path().join("mailvet.toml"), settings(day)).unwrap();
        let output = mailvet_in(folder.path(), &args);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{day}: {said}");
        let has_line = said.contains("mailvet.toml:") && (said.contains(":6:") || said.contains("line 6"));
        assert!(has_line && said.contains(why), "{day}: {said}");
    }
}
