//! `mailvet traffic` as people read it: when mail leaves, rates with their intervals, where mail waited, and
//! whether it is better than in an earlier log.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::cli::mailvet;

/// A thousand messages on Monday and Tuesday at nine, of which so many bounce.
fn log(folder: &Path, name: &str, bounced: u64) -> String {
    let mut text = String::new();
    for number in 0..1000_u64 {
        let id = format!("{:010X}", 0x3A00_0000_u64 + number * 7919);
        let head = format!("Nov  {} 09:{:02}:00 out postfix", 2 + number % 2, number % 60);
        let _ =
            writeln!(text, "{head}/qmgr[9]: {id}: from=<app@shop.example>, size=900, nrcpt=1 (queue active)");
        let end = match number < bounced {
            true => "dsn=5.1.1, status=bounced (host mx said: 550 5.1.1 no such user)",
            false => "dsn=2.0.0, status=sent (250 2.0.0 Ok)",
        };
        let _ = writeln!(
            text,
            "{head}/smtp[9]: {id}: to=<u{number}@client.example>, relay=mx.client.example[192.0.2.9]:25, delay=70, \
             delays=0.5/8/0.1/61, {end}\n{head}/qmgr[9]: {id}: removed"
        );
    }
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

fn said(args: &[&str]) -> String {
    let output = mailvet(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn hours_days_senders_waits_and_intervals_are_shown() {
    let folder = tempfile::tempdir().unwrap();
    let now = log(folder.path(), "now.log", 50);
    let text = said(&["traffic", &now]);
    // Wilson's interval of 50 in 1000.
    assert!(text.contains("bounce rate 5.0 % (3.8 to 6.5)"), "{text}");
    assert!(text.contains("| Monday    |") && text.contains("| Tuesday   |"), "{text}");
    assert!(text.contains("| shop.example    | 1000     | 950       | 0        | 50      |"), "{text}");
    assert!(text.contains("waited, in the queue: 50 % within 10 s"), "{text}");
    assert!(text.contains("waited, sending: 50 % within 5 min"), "{text}");
    let value: Value = serde_json::from_str(&said(&["traffic", &now, "--format", "json"])).unwrap();
    assert_eq!(value["delays"]["parts"][3]["delivered"][0]["count"], 950);
    let low = value["bounce_rate_interval"][0].as_f64().unwrap();
    assert!((low - 0.0381).abs() < 0.0001, "{low}");
    let csv = said(&["traffic", &now, "--format", "csv"]);
    for row in ["\"weekday\",\"Monday\",", "\"hour\",\"09:00\",", "\"sender\",\"shop.example\","] {
        assert!(csv.contains(row), "{row} in {csv}");
    }
}

#[test]
fn a_later_log_is_better_only_beyond_chance() {
    let folder = tempfile::tempdir().unwrap();
    let (old, same, better) = (
        log(folder.path(), "old.log", 50),
        log(folder.path(), "same.log", 45),
        log(folder.path(), "better.log", 10),
    );
    let change = |now: &str, old: &str| {
        let text = said(&["traffic", now, "--compare", old, "--format", "json"]);
        let value: Value = serde_json::from_str(&text).unwrap();
        value["compared"][0]["change"].as_str().unwrap().to_owned()
    };
    assert_eq!(change(&same, &old), "no clear change");
    assert_eq!(change(&better, &old), "better");
    assert_eq!(change(&old, &better), "worse");
    let text = said(&["traffic", &better, "--compare", &old]).replace("\n    ", " ");
    assert!(
        text.contains("client.example: failed for good 50 of 1000, 5.0 % (3.8 to 6.5) before, 10 of 1000,"),
        "{text}"
    );
    assert!(said(&["traffic", &better, "--compare", &old, "--format", "markdown"]).contains("| better |"));
    // An earlier log that is none is no zero to compare with.
    let none = folder.path().join("none.txt");
    std::fs::write(&none, "not a log\n").unwrap();
    let none = none.display().to_string();
    assert_eq!(mailvet(&["traffic", &better, "--compare", &none]).status.code(), Some(2));
}
