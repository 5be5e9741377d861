//! Logs nobody here wrote: totals, refusals and fields against the labels of
//! the projects they come from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mailvet::gather::logs;
use mailvet::model::traffic::{Totals, TrafficSummary};
use mailvet::parse::log::postfix::fields;
use mailvet::parse::log::{Dialect, Kind, Parser};
use serde_json::Value;

use super::record;

fn summary(path: &Path) -> TrafficSummary {
    let opened = logs::open(&[path.to_owned()], None).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let now = "2026-11-23T12:00:00Z".parse().unwrap();
    logs::summarize(&opened, &logs::Options { now }).unwrap()
}

fn json(path: PathBuf) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn postfix_grok() {
    let Some(suite) = crate::cases("logs-postfix-grok") else { return };
    let (mut passed, mut total) = (0, 0);
    for case in json(suite.join("cases.json")).as_array().unwrap() {
        let data = case["data"].as_str().unwrap();
        let got = match case["pattern"].as_str().unwrap() {
            "^%{POSTFIX_TLS_FEATURES}$" => fields::tls_features(data),
            "^%{POSTFIX_DELAYS}$" => fields::delays(data),
            "^%{POSTFIX_RELAY}$" => fields::relay(data),
            "^%{POSTFIX_COMMAND_COUNTER_DATA}" => fields::command_counters(data),
            _ => fields::of_body(data),
        };
        let trim = |text: &str| text.trim().trim_end_matches(',').to_owned();
        for (label, want) in case["results"].as_object().unwrap() {
            total += 1;
            let name = label.trim_start_matches("postfix_").replace('-', "_");
            let names = [name.as_str(), name.split_once('_').map_or("", |(_, rest)| rest)];
            let want = want.as_str().map_or_else(|| want.to_string(), str::to_owned);
            let found = names.iter().find_map(|name| got.get(name)).cloned().unwrap_or_default();
            if trim(&found) == trim(&want) {
                passed += 1;
            } else {
                eprintln!("{}: {label}: want {want:?}, got {found:?} in {data}", case["file"]);
            }
        }
    }
    record("logs-postfix-grok", passed, total, 748, "labelled fields with the labelled value");
}

/// Lines labelled as attacks must be refusals by that client's address.
#[test]
fn fail2ban() {
    let Some(suite) = crate::cases("logs-fail2ban") else { return };
    let files = [
        ("postfix", Dialect::Postfix),
        ("exim", Dialect::Exim),
        ("exim-spam", Dialect::Exim),
        ("sendmail-reject", Dialect::Sendmail),
        ("sendmail-auth", Dialect::Sendmail),
        ("courier-smtp", Dialect::Courier),
        ("qmail", Dialect::Qmail),
    ];
    let (mut passed, mut total) = (0, 0);
    for (file, dialect) in files {
        let text = std::fs::read_to_string(suite.join(file)).unwrap();
        let mut label: Option<Value> = None;
        for line in text.lines() {
            if let Some(at) = line.strip_prefix('#').and_then(|line| line.split_once("failJSON:")) {
                label = serde_json::from_str(at.1.trim()).ok();
                continue;
            }
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            let Some(wanted) = label.take() else { continue };
            if wanted["match"] != Value::Bool(true) {
                continue;
            }
            let host = wanted["host"].as_str().unwrap_or_default().to_ascii_lowercase();
            total += 1;
            let batch_text = format!("{line}\n");
            let batch = Parser::new(dialect, 2005).block(batch_text.as_bytes());
            let refused = batch.iter().any(|event| {
                matches!(event.kind, Kind::Rejected | Kind::SessionRefused)
                    && String::from_utf8_lossy(event.ip).to_ascii_lowercase() == host
            });
            if refused {
                passed += 1;
            } else {
                let seen: Vec<_> =
                    batch.iter().map(|e| (e.kind, String::from_utf8_lossy(e.ip).into_owned())).collect();
                eprintln!("{file}: want {host}, got {seen:?} in {line}");
            }
        }
    }
    record(
        "logs-fail2ban",
        passed,
        total,
        total * 97 / 100,
        "lines labelled as attacks that are refusals of that client",
    );
}

#[test]
fn exim() {
    let Some(suite) = crate::cases("logs-exim") else { return };
    let derived = json(suite.join("derived-counts.json"));
    let (mut passed, mut total) = (0, 0);
    for (name, counts) in derived.as_object().unwrap() {
        total += 1;
        let count = |key: &str| counts[key].as_u64().unwrap_or(0);
        // Every sign that ends an attempt for a recipient: =>, -> and >>.
        let delivered = count("delivered") + count("extra_recipient") + count("cutthrough");
        let log = suite.join(format!("{name}.log"));
        // An answer to the sender (`=> >ann@example.com <bob@example.org>`) is no delivery.
        let text = std::fs::read(&log).unwrap();
        let answers = memchr::memmem::find_iter(&text, b" => >").count() as u64
            + memchr::memmem::find_iter(&text, b" -> >").count() as u64;
        let want = (count("arrival"), delivered - answers, count("failed"), count("deferred"));
        let got = summary(&log);
        let totals = got.totals;
        // The suite counts signs: what was thrown away (`=> :blackhole:`) or handed to
        // this machine again (`H=127.0.0.1 ... C="250 OK id="`) is no delivery, and what
        // came back so no other message; each sign must still be counted as one of them.
        let sent = totals.delivered + got.handed_over + got.discarded;
        let got = (totals.received + got.handed_back, sent, totals.bounced, totals.deferred);
        if got == want { passed += 1 } else { eprintln!("{name}: want {want:?}, got {got:?}") }
    }
    record(
        "logs-exim",
        passed,
        total,
        total,
        "logs whose arrivals, deliveries, failures and deferrals all agree",
    );
}

fn agree(suite: &str, file: &str) {
    let Some(folder) = crate::cases(suite) else { return };
    let derived = json(folder.join("derived-counts.json"));
    let got = summary(&folder.join(file));
    let count = |key: &str| derived[key].as_u64().unwrap_or(0);
    let pairs = [
        ("lines", count("lines"), got.lines),
        // The suite counts lines: a filter's that hands back, or throws away, is no delivery.
        ("sent", count("status:sent"), got.totals.delivered + got.handed_over + got.discarded),
        ("bounced", count("status:bounced"), got.totals.bounced),
        ("deferred", count("status:deferred"), got.totals.deferred),
        ("rejected", count("noqueue_reject"), got.totals.rejected),
        ("unparsed", 0, got.unparsed),
    ];
    let passed = pairs.iter().filter(|(_, want, got)| want == got).count();
    for (what, want, got) in pairs.iter().filter(|(_, want, got)| want != got) {
        eprintln!("{suite}: {what}: want {want}, got {got}");
    }
    record(
        suite,
        passed,
        pairs.len(),
        pairs.len(),
        "lines, sent, bounced, deferred, rejected equal; none unparsed",
    );
}

#[test]
fn postfix_logsums() {
    agree("logs-postfix-logsums", "mail-2023-03-14.log.xz");
}

#[test]
fn aso_tcd() {
    agree("logs-aso-tcd", "random-sample.log");
}

#[test]
fn pflogsumm_go() {
    let Some(suite) = crate::cases("logs-pflogsumm-go") else { return };
    let want = BTreeMap::from([
        (
            "sample.log",
            Totals { received: 4, delivered: 5, deferred: 1, bounced: 1, rejected: 1, expired: 0 },
        ),
        ("rfc3339.log", Totals { received: 1, delivered: 1, ..Totals::default() }),
    ]);
    let passed = want.iter().filter(|(file, totals)| summary(&suite.join(file)).totals == **totals).count();
    record(
        "logs-pflogsumm-go",
        passed,
        want.len(),
        want.len(),
        "logs whose totals agree with a count by hand",
    );
}

#[test]
fn exchange_elastic() {
    let Some(suite) = crate::cases("logs-exchange-elastic") else { return };
    let text = std::fs::read(suite.join("test-messagetracking.log")).unwrap();
    let batch = Parser::new(Dialect::ExchangeTracking, 2024).block(&text);
    let lines: std::collections::BTreeSet<u32> = batch.iter().map(|event| event.line).collect();
    let delivered: Vec<String> = batch
        .iter()
        .filter(|event| event.kind == Kind::Delivered)
        .map(|event| String::from_utf8_lossy(event.recipient).into_owned())
        .collect();
    assert_eq!(delivered.len(), 2, "{delivered:?}");
    assert_eq!(batch.unparsed, 0);
    record("logs-exchange-elastic", lines.len(), batch.lines as usize, 5, "rows read into events");
}
