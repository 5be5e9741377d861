//! What `zone check` makes of who serves a zone, and of the files that a plan was made of.

use std::path::Path;

use serde_json::Value;

use crate::cli::mailvet_in;

fn check(folder: &Path, path: &str) -> (Value, Option<i32>) {
    let output = mailvet_in(
        folder,
        &["zone", "check", path, "--offline", "--now", "2026-11-23T12:00:00Z", "--format", "json"],
    );
    let report = serde_json::from_slice(&output.stdout);
    (report.unwrap_or_else(|error| panic!("{error}: {output:?}")), output.status.code())
}

/// Severity and place of the findings of one code.
fn found(report: &Value, code: &str) -> Vec<(String, String)> {
    let zones = report["zones"].as_array().unwrap();
    let findings = zones.iter().flat_map(|zone| zone["problems"].as_array().unwrap());
    let place = |finding: &Value| format!("{}:{}", finding["file"].as_str().unwrap(), finding["line"]);
    findings
        .filter(|finding| finding["code"] == code)
        .map(|finding| (finding["severity"].as_str().unwrap().to_owned(), place(finding)))
        .collect()
}

/// One entry each that some servers refuse and others take, by every value of `served-by`.
#[test]
fn who_serves_the_zone_says_what_is_an_error() {
    let head = "$ORIGIN example.com.\n$TTL 3600\n@ SOA ns1.example.net. h 1 7200 3600 1209600 300\n@ NS ns1.example.net.\n";
    let long = format!("s1._domainkey TXT \"v=DKIM1; n={}; p=\"\n", "x".repeat(300));
    let entries: [(&str, &str, &[&str]); 7] = [
        // The code, the entry, and whose servers refuse it.
        (
            "zone-cname-at-apex",
            "@ CNAME www.example.net.\n",
            &["bind", "nsd", "knot", "powerdns", "windows", "route53", "azure", "google", "other"],
        ),
        (
            "zone-entry-broken",
            &long,
            &["bind", "nsd", "powerdns", "windows", "route53", "azure", "google", "other"],
        ),
        ("zone-entry-broken", "$GENERATE 1-2 h$ A 192.0.2.$\n", &["nsd", "knot"]),
        ("zone-address-unknown", "www ALIAS www.example.net.\n", &["bind", "nsd", "knot", "windows"]),
        ("zone-address-unknown", "@ WINS 192.0.2.9\n", &["bind", "nsd", "knot", "powerdns"]),
        ("zone-out-of-zone", "www.example.org. A 192.0.2.3\n", &["nsd"]),
        ("zone-strings-touching", "t TXT \"a\"\"b\"\n", &["knot"]),
    ];
    let servers =
        ["bind", "nsd", "knot", "powerdns", "windows", "cloudflare", "route53", "azure", "google", "other"];
    for (code, entry, refusing) in entries {
        for server in servers {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("z.zone"), format!("{head}{entry}")).unwrap();
            let settings = format!("[[zone]]\nserved-by = \"{server}\"\n");
            std::fs::write(folder.path().join("mailvet.toml"), settings).unwrap();
            let (report, _) = check(folder.path(), "z.zone");
            let is_error = found(&report, code).iter().any(|(severity, _)| severity == "high");
            assert_eq!(is_error, refusing.contains(&server), "{server} and {entry}{report:#}");
        }
    }
}

/// A file that Cloudflare wrote says by itself who serves the zone; what its servers publish is judged.
#[test]
fn mail_beside_a_flattened_alias_is_judged() {
    let text = ";; Domain: example.com.\n;; Exported: 2026-11-23\nexample.com 3600 IN SOA a.example.net. b.example.net. 1 1 1 1 1\n\
                example.com. 1 IN CNAME shop.example.net.\nexample.com. 1 IN MX 10 203.0.113.9.\n\
                example.com. 1 IN TXT \"v=spf1 mx +all\"\n";
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("example.com.txt"), text).unwrap();
    let (report, code) = check(folder.path(), "example.com.txt");
    assert!(found(&report, "zone-cname-at-apex").is_empty(), "{report:#}");
    let seen = [found(&report, "mx-address-literal"), found(&report, "spf-all-permissive")].concat();
    let places: Vec<&str> = seen.iter().map(|(_, place)| place.as_str()).collect();
    assert_eq!(places, ["example.com.txt:5", "example.com.txt:6"]);
    assert_eq!(code, Some(1));
}

/// Findings of a plan stand at the blocks that somebody wrote; a link leads out of no folder.
#[test]
fn a_plan_points_at_its_blocks() {
    let record = |module: &str, name: &str, text: &str| {
        let after = serde_json::json!({"zone_id": "z", "name": name, "type": "TXT", "content": text});
        let change = serde_json::json!({"actions": ["create"], "before": null, "after": after});
        let label = if module.is_empty() { "spf" } else { "dmarc" };
        serde_json::json!({"type": "cloudflare_record", "name": label, "module_address": module, "change": change})
    };
    let plan = serde_json::json!({"format_version": "1.2", "resource_changes": [
        record("", "example.com", "v=spf1 +all"),
        record("module.mail[0]", "_dmarc.example.com", "v=DMARC1; p=rejct"),
    ]});
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("infra/plan.json", &plan.to_string());
    let places = || {
        let (report, _) = check(folder.path(), "infra/plan.json");
        let all = ["spf-all-permissive", "dmarc-syntax"].map(|code| found(&report, code));
        all.map(|found| found.first().map(|(_, place)| place.clone()).unwrap_or_else(|| panic!("{report:#}")))
    };
    assert_eq!(places(), ["infra/plan.json:1", "infra/plan.json:1"]);
    write(
        "infra/main.tf",
        "# zone\n\nresource \"cloudflare_record\" \"spf\" {\n}\nmodule \"mail\" {\n  count  = 1\n  source = \"../mail\"\n}\n",
    );
    write("mail/a.tf", "\nresource \"cloudflare_record\" \"dmarc\" {}\n");
    assert_eq!(places(), ["infra/main.tf:3", "mail/a.tf:2"]);
    #[cfg(unix)]
    {
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("a.tf"), "resource \"cloudflare_record\" \"dmarc\" {}\n").unwrap();
        std::fs::remove_dir_all(folder.path().join("mail")).unwrap();
        std::os::unix::fs::symlink(outside.path(), folder.path().join("mail")).unwrap();
        assert_eq!(places(), ["infra/main.tf:3", "infra/plan.json:1"]);
    }
}

/// A change batch is a part of a zone: what is not in it is unknown, not missing.
#[test]
fn a_change_batch_is_no_whole_zone() {
    let batch = serde_json::json!({"Changes": [
        {"Action": "UPSERT", "ResourceRecordSet": {"Name": "example.com", "Type": "TXT", "TTL": 300,
            "ResourceRecords": [{"Value": "\"v=spf1 +all\""}]}},
        {"Action": "DELETE", "ResourceRecordSet": {"Name": "old.example.com", "Type": "TXT", "TTL": 300,
            "ResourceRecords": [{"Value": "\"v=spf1 -all\""}]}},
    ]});
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("batch.json"), format!("{batch:#}")).unwrap();
    let (report, code) = check(folder.path(), "batch.json");
    assert!(!found(&report, "spf-all-permissive").is_empty(), "{report:#}");
    assert!(
        found(&report, "dmarc-missing").is_empty() && found(&report, "spf-missing").is_empty(),
        "{report:#}"
    );
    let results = &report["zones"][0]["names"][0]["results"];
    let missing =
        results.as_array().unwrap().iter().find(|result| result["code"] == "dmarc-missing").unwrap();
    assert_eq!(missing["outcome"], "unknown", "{report:#}");
    assert_eq!(code, Some(1));
}

/// A file that is none of the format named is told for what it looks like.
#[test]
fn a_file_of_another_format_is_named() {
    let yaml = "---\n'':\n  type: TXT\n  value: v=spf1 -all\n";
    let sets = "{\"ResourceRecordSets\": []}\n";
    let data = "Zexample.com:ns.example.net:h.example.com:1\n'example.com:v=spf1 -all\n";
    let folder = tempfile::tempdir().unwrap();
    for (text, format) in [(yaml, "octodns"), (sets, "route53"), (data, "tinydns")] {
        std::fs::write(folder.path().join("z"), text).unwrap();
        for input in ["bind", "dnscontrol", "terraform", "windows"] {
            let output =
                mailvet_in(folder.path(), &["zone", "check", "example.com=z", "--offline", "--input", input]);
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(told.contains(&format!("--input {format}")), "{input} of {format}: {told}");
            assert_eq!(output.status.code(), Some(2));
        }
    }
}

/// Of a folder each file with records is judged or named; what holds none is no business of ours.
#[test]
fn no_file_with_records_is_passed_over_in_silence() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let records = "@ IN MX 10 mx.example.net.\n@ IN TXT \"v=spf1 -all\"\n";
    put(
        "whole.example.zone",
        &format!("$TTL 300\n@ SOA ns.example.net. h 1 1 1 1 1\n@ NS ns.example.net.\n{records}"),
    );
    put("headless.example.zone", records);
    put("broken.example.yaml", "'':\n  type: MX\n  values: [{preference: 10, exchange: mx.example.net.}\n");
    put("broken.json", "{\"ResourceRecordSets\": [{\"Name\": \"a.example.\", \"Type\": \"MX\"");
    put("workflow.yaml", "on: push\njobs:\n  check:\n    steps: [{type: Action}]\n  broken: [\n");
    put("package.json", "{\"type\": \"module\", \"scripts\": {}}");
    put("notes.txt", "The MX of the A team is in the zone.\n");
    let output = mailvet_in(folder.path(), &["zone", "check", ".", "--offline", "--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let zones: Vec<&str> =
        report["zones"].as_array().unwrap().iter().map(|zone| zone["file"].as_str().unwrap()).collect();
    assert_eq!(zones, ["headless.example.zone", "whole.example.zone"], "{report}");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    for name in ["broken.example.yaml", "broken.json"] {
        assert!(told.contains(name), "{name} in {told}");
    }
    for name in ["workflow.yaml", "package.json", "notes.txt"] {
        assert!(!told.contains(name), "{name} in {told}");
    }
}
