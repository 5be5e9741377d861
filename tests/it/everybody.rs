//! Records that let everybody pass though no term says so: found wherever the zone answers for every sender
//! or the sender chooses the name, and never where a sender that nobody is would be refused.

use serde_json::Value;

use crate::cli::mailvet_in;

/// SPF record, further lines of the zone, whether everybody passes.
const RECORDS: &[(&str, &str, bool)] = &[
    ("v=spf1 exists:%{ir}._s.example.com -all", "*._s A 127.0.0.2", true),
    ("v=spf1 exists:%{ir}.%{v}._s.example.com -all", "*._s A 127.0.0.2", true),
    ("v=spf1 exists:%{ir}.%{v}._s.example.com -all", "*.ip6._s A 127.0.0.2", true),
    ("v=spf1 exists:%{i}._s.%{d} -all", "*._s A 127.0.0.2", true),
    ("v=spf1 mx exists:%{l}.%{o}._s.example.com ~all", "*._s A 127.0.0.2", true),
    ("v=spf1 a:%{ir}._s.example.com/0 -all", "*._s A 192.0.2.1", true),
    ("v=spf1 mx:%{l}._s.example.com//0 -all", "*._s MX 10 six\nsix AAAA 2001:db8::1", true),
    ("v=spf1 include:%{ir}._s.example.com -all", "*._s TXT \"v=spf1 +all\"", true),
    (
        "v=spf1 include:_t.example.com -all",
        "_t TXT \"v=spf1 exists:%{ir}._s.example.com -all\"\n*._s A 127.0.0.2",
        true,
    ),
    ("v=spf1 redirect=%{l}._s.example.com", "*._s TXT \"v=spf1 ip4:0.0.0.0/0 -all\"", true),
    ("v=spf1 a:%{h} -all", "", true),
    ("v=spf1 include:%{h} -all", "", true),
    ("v=spf1 mx:%{p} -all", "", true),
    ("v=spf1 ptr:co.uk -all", "", true),
    // The wildcard answers for nobody who is not named.
    ("v=spf1 exists:%{ir}._s.example.com -all", "25.2.0.192._s A 127.0.0.2", false),
    ("v=spf1 a:%{ir}._s.example.com -all", "*._s A 192.0.2.1", false),
    ("v=spf1 include:%{ir}._s.example.com -all", "*._s TXT \"v=spf1 -all\"", false),
    ("v=spf1 exists:%{l}._s.example.com -all", "postmaster._s A 127.0.0.2", false),
    ("v=spf1 ?exists:%{ir}._s.example.com -all", "*._s A 127.0.0.2", false),
    ("v=spf1 -exists:%{ir}._s.example.com ip4:11.22.33.44 -all", "*._s A 127.0.0.2", false),
    ("v=spf1 mx -all exists:%{ir}._s.example.com", "*._s A 127.0.0.2", false),
    ("v=spf1 -a:%{h} -all", "", false),
    ("v=spf1 ptr -all", "", false),
    ("v=spf1 ptr:example.com -all", "", false),
    // An error lets nobody in.
    ("v=spf1 exists:%{ir}._s.example.com exists:%{q} -all", "*._s A 127.0.0.2", false),
];

fn zone(spf: &str, more: &str) -> String {
    format!(
        "$ORIGIN example.com.\n$TTL 60\n@ SOA ns h 1 1 1 1 1\n@ NS ns.example.net.\n@ MX 10 mail\nmail A 11.22.33.44\n\
         @ TXT \"{spf}\"\n_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:d@example.com\"\n{more}\n"
    )
}

#[test]
fn what_lets_everybody_pass_is_found_whatever_its_form() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for (spf, more, open) in RECORDS {
        std::fs::write(folder.path().join("z.zone"), zone(spf, more)).unwrap();
        let output = mailvet_in(
            folder.path(),
            &["spf", "example.com", "--zone", "z.zone", "--offline", "--format", "json"],
        );
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let results = report["results"].as_array().unwrap();
        let check = results.iter().find(|result| result["code"] == "spf-all-permissive").unwrap();
        let found = check["outcome"] == "fail" && check["problems"][0]["severity"] == "high";
        let told = report["result"] == "pass" && !report["anybody"].is_null();
        if found != *open || told != *open || (*open && output.status.code() != Some(1)) {
            wrong.push(format!(
                "{spf} {more:?}: {} {} {:?}",
                check["outcome"], report["result"], report["anybody"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), RECORDS.len(), wrong.join("\n"));
}

#[test]
fn everybody_is_told_in_the_headline_and_in_ci() {
    let folder = tempfile::tempdir().unwrap();
    let (spf, more, _) = RECORDS[0];
    std::fs::write(folder.path().join("z.zone"), zone(spf, more)).unwrap();
    let audit = ["audit", "example.com", "--zone", "z.zone", "--offline", "--format", "json"];
    let output = mailvet_in(folder.path(), &audit);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let headline = report["headline"].as_str().unwrap();
    assert!(headline.contains("lets every sender pass"), "{headline}");
    assert_eq!(output.status.code(), Some(1));
    let check = mailvet_in(folder.path(), &["zone", "check", "z.zone", "--offline"]);
    let said = String::from_utf8_lossy(&check.stdout).into_owned();
    assert!(said.contains("spf-all-permissive") && check.status.code() == Some(1), "{said}");
    let people = mailvet_in(folder.path(), &["spf", "example.com", "--zone", "z.zone", "--offline"]);
    let said = String::from_utf8_lossy(&people.stdout).into_owned();
    assert!(said.starts_with("example.com  SPF pass for every sender\n"), "{said}");
}
