//! `mailvet reports`, and what `dmarc --reports` makes of them: JSON, exit codes,
//! hostile files. Reports are written here; answers come from a zone file.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::cli::mailvet;

const ZONE: &str = "\
$ORIGIN example.
$TTL 3600
@ SOA ns h 1 3600 600 86400 300
@ NS ns
ns A 192.0.2.1
shop TXT \"v=spf1 ip4:192.0.2.0/28 -all\"
_dmarc.shop TXT \"v=DMARC1; p=none; rua=mailto:agg@shop.example\"
shop MX 10 mx.shop
mx.shop A 192.0.2.2
";

/// Noon of 2026-11-23, less so many days.
fn begin(days_ago: i64) -> i64 {
    1_795_305_600 - days_ago * 86_400
}

/// A report of one day: address, count, dkim, spf, raw results.
fn report(day: i64, rows: &[(&str, u64, &str, &str, &str)]) -> String {
    let mut text = format!(
        "<?xml version=\"1.0\"?><feedback><report_metadata><org_name>receiver.example</org_name><report_id>{day}\
         </report_id><date_range><begin>{}</begin><end>{}</end></date_range></report_metadata><policy_published>\
         <domain>shop.example</domain><p>none</p></policy_published>",
        begin(day),
        begin(day) + 86_399
    );
    for (ip, count, dkim, spf, results) in rows {
        write!(
            text,
            "<record><row><source_ip>{ip}</source_ip><count>{count}</count><policy_evaluated><disposition>none\
             </disposition><dkim>{dkim}</dkim><spf>{spf}</spf></policy_evaluated></row><identifiers><header_from>\
             shop.example</header_from></identifiers><auth_results>{results}</auth_results></record>"
        )
        .unwrap();
    }
    text + "</feedback>"
}

fn gzip(text: &str) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap()
}

fn json(args: &[&str]) -> (Value, i32, String) {
    let output = mailvet(args);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}: {errors}"));
    (value, output.status.code().unwrap(), errors)
}

/// Two weeks of reports: own mail that passes, a service, a forwarder, a forger.
fn fortnight(folder: &Path, own: &str) {
    let service = "<spf><domain>bounce.esp.example</domain><result>pass</result></spf>";
    let signed = "<dkim><domain>shop.example</domain><selector>S7</selector><result>pass</result></dkim>";
    let list = "<dkim><domain>shop.example</domain><selector>s1</selector><result>fail</result></dkim>";
    for day in 0..14 {
        let rows = [
            ("192.0.2.1", 90, own, "pass", signed),
            ("198.51.100.5", 4, "fail", "fail", service),
            ("198.51.100.99", 1, "fail", "fail", list),
            ("203.0.113.66", 5, "fail", "fail", ""),
        ];
        std::fs::write(folder.join(format!("{day:02}.xml.gz")), gzip(&report(day, &rows))).unwrap();
    }
}

#[test]
fn reports_are_listed_each() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("in");
    std::fs::create_dir(&inside).unwrap();
    fortnight(&inside, "pass");
    std::fs::write(
        inside.join("tls.json"),
        r#"{"organization-name":"s.example","report-id":"1","policies":[
        {"policy":{"policy-type":"sts","policy-domain":"shop.example"},"summary":
        {"total-successful-session-count":7,"total-failure-session-count":1}}]}"#,
    )
    .unwrap();
    std::fs::write(
        inside.join("arf.eml"),
        "From: fbl@example.net\nSubject: complaint\nMIME-Version: 1.0\nContent-Type: multipart/report; \
         report-type=feedback-report; boundary=b\n\n--b\n\nA complaint.\n--b\nContent-Type: \
         message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\nSource-IP: 192.0.2.1\n\n\
         --b\nContent-Type: message/rfc822\n\nFrom: a@shop.example\nSubject: hi\nMessage-ID: <1@shop.example>\n\n\
         --b--\n",
    )
    .unwrap();
    std::fs::write(inside.join("zz.txt"), "\x01 no report").unwrap();
    let path = inside.display().to_string();
    let (value, code, errors) = json(&["reports", &path, "--format", "json"]);
    assert_eq!((&value["schema"], code), (&Value::from("mailvet/reports/1"), 0));
    let all = value["aggregate"].as_array().unwrap();
    assert_eq!(all.len(), 14);
    let first = &all[0];
    for (key, wanted) in [("messages", 100), ("pass", 90), ("fail", 10), ("records", 4)] {
        assert_eq!(first[key], wanted, "{key}");
    }
    assert_eq!((&first["org"], &first["policy"]), (&"receiver.example".into(), &"none".into()));
    assert_eq!((&first["domain"], &first["begin"]), (&"shop.example".into(), &"2026-11-22T00:00:00Z".into()));
    assert_eq!(first["sources"].as_array().unwrap().len(), 4);
    assert_eq!(value["tls"][0]["failed"], 1);
    assert_eq!(value["complaints"][0]["original"]["message_id"], "1@shop.example");
    assert!(value["rejected_files"][0]["file"].as_str().unwrap().ends_with("zz.txt"));
    assert!(errors.contains("zz.txt"), "{errors}");
    assert_eq!(value["totals"]["domains"][0]["messages"], 1400);
    // The same bytes again, whatever the number of threads.
    let once = mailvet(&["reports", &path, "--format", "json", "--jobs", "1"]).stdout;
    let again = mailvet(&["reports", &path, "--format", "json", "--jobs", "4"]).stdout;
    assert!(once == again);
    let lines = mailvet(&["reports", &path, "--format", "ndjson"]).stdout;
    assert_eq!(String::from_utf8(lines).unwrap().lines().count(), 16);
    let table = String::from_utf8(mailvet(&["reports", &path, "--format", "csv"]).stdout).unwrap();
    assert_eq!((table.lines().count(), table.contains("\"198.51.100.5\"")), (57, true));
    let shown = String::from_utf8(mailvet(&["reports", &path]).stdout).unwrap();
    assert!(
        shown.contains("shop.example  90% pass") && shown.contains("esp.example, not aligned"),
        "{shown}"
    );
}

#[test]
fn what_is_no_report_ends_with_two() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bomb.xml.gz");
    std::fs::write(&file, gzip(&"<a>".repeat(30 << 20))).unwrap();
    let (value, code, _) = json(&["reports", &file.display().to_string(), "--format", "json"]);
    assert_eq!((code, value["aggregate"].as_array().unwrap().len()), (2, 0));
    assert!(value["rejected_files"][0]["error"].as_str().unwrap().contains("unpacks to more than"));
    let output = mailvet(&["reports", "/nonexistent.xml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot read the report"));
    let output = mailvet(&["dmarc", "shop.example", "--offline", "--reports", &file.display().to_string()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no report could be read"));
}

#[test]
fn escapes_in_a_report_do_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let text = report(0, &[("192.0.2.1", 1, "fail", "fail", "")])
        .replace("receiver.example", "&#x1b;[2J=cmd()")
        .replace("shop.example", "&#x1b;]0;x&#7;shop.example")
        .replace("192.0.2.1", "=1+1");
    std::fs::write(folder.path().join("r.xml"), text).unwrap();
    let path = folder.path().display().to_string();
    for format in ["terminal", "csv", "json", "ndjson"] {
        let out = mailvet(&["reports", &path, "--format", format]).stdout;
        assert!(!out.is_empty() && !out.contains(&0x1b) && !out.contains(&7), "{format}");
        assert!(!String::from_utf8(out).unwrap().contains(",\"=1"), "{format}");
    }
}

#[test]
fn the_ladder_is_judged_from_reports() {
    let folder = tempfile::tempdir().unwrap();
    let reports = folder.path().join("in");
    std::fs::create_dir(&reports).unwrap();
    fortnight(&reports, "pass");
    let zone = folder.path().join("example.zone");
    std::fs::write(&zone, ZONE).unwrap();
    let (zone, path) = (zone.display().to_string(), reports.display().to_string());
    let base = ["dmarc", "shop.example", "--zone", &zone, "--offline", "--now", "2026-11-23T12:00:00Z"];
    let run = |more: &[&str]| json(&[&base[..], &["--format", "json"], more].concat()).0;
    let with = run(&["--reports", &path]);
    let rung = &with["ladder"][0];
    assert_eq!((&rung["policy"], &rung["ready"]), (&"quarantine".into(), &false.into()));
    let met = |value: &Value| {
        let pairs = value["ladder"][0]["requirements"].as_array().unwrap().iter();
        pairs.map(|one| (one["id"].as_str().unwrap().to_owned(), one["met"].as_bool())).collect::<Vec<_>>()
    };
    let all = |values: [Option<bool>; 5]| {
        let ids = ["reports-arrive", "days", "volume", "own-aligned", "services-aligned"];
        ids.map(str::to_owned).into_iter().zip(values).collect::<Vec<_>>()
    };
    assert_eq!(met(&with), all([Some(true), Some(true), Some(true), Some(true), Some(false)]));
    let relation = |ip: &str| {
        let sources = with["reported"]["sources"].as_array().unwrap();
        sources.iter().find(|source| source["ip"] == ip).unwrap()["relation"].clone()
    };
    assert_eq!(
        ["192.0.2.1", "198.51.100.5", "198.51.100.99", "203.0.113.66"].map(relation),
        ["own", "service", "forwarder", "unauthorised"]
    );
    // Without reports nothing is known, and nothing is called wrong.
    assert_eq!(met(&run(&[])), all([Some(true), None, None, None, None]));
    // A recording holds what the reports came to.
    let recording = folder.path().join("run.json").display().to_string();
    run(&["--reports", &path, "--record", &recording]);
    let (replayed, _, _) = json(&["dmarc", "--replay", &recording, "--format", "json"]);
    assert_eq!(replayed["ladder"], with["ladder"]);
    let shown = String::from_utf8(mailvet(&[&base[..], &["--reports", &path]].concat()).stdout).unwrap();
    assert!(shown.contains("before quarantine: not yet") && shown.contains("bounce.esp.example"), "{shown}");
}
