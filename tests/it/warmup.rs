//! `mailvet warmup`: the plan in every format, a log against it, mistakes.

use serde_json::Value;

use crate::cli::mailvet;

#[test]
fn warmup_plans_to_the_target() {
    let output = mailvet(&["warmup", "--target", "20000/day", "--start", "2026-12-01", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let plan = value["plan"].as_array().unwrap();
    assert_eq!(plan[0]["date"], "2026-12-01");
    assert_eq!(plan[0]["day"], 1);
    assert_eq!(plan[0]["limit"], 10);
    assert_eq!(plan[0]["sent"], Value::Null);
    assert_eq!(plan.last().unwrap()["limit"], 20000);
    let usual = mailvet(&["warmup", "--target", "20000", "--pace", "usual", "--format", "csv"]);
    let text = String::from_utf8(usual.stdout).unwrap();
    assert_eq!(text.lines().count(), 1 + 7, "{text}");
}

#[test]
fn warmup_draws() {
    let output = mailvet(&["warmup", "--target", "20000/day", "--start", "2026-12-01", "--format", "svg"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let mut reader = quick_xml::Reader::from_str(&text);
    let mut elements = 0;
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Eof => break,
            quick_xml::events::Event::Start(_) | quick_xml::events::Event::Empty(_) => elements += 1,
            _ => {}
        }
    }
    assert!(elements > 10 && text.contains("polyline"), "{text}");
}

#[test]
fn warmup_mistakes_are_told_apart() {
    for (args, wanted) in [
        (&["warmup", "--target", "many"][..], "--target"),
        (&["warmup", "--target", "0/day"][..], "--target"),
        (&["warmup", "--target", "10", "--start", "soon"][..], "--start"),
        (&["warmup"][..], "--target"),
    ] {
        let output = mailvet(args);
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && text.contains(wanted), "{args:?}: {text}");
    }
}

#[test]
fn warmup_compares_with_a_log() {
    let log = std::env::temp_dir().join(format!("mailvet-warmup-{}.log", std::process::id()));
    let mut text = String::new();
    let mut line = |day: u32, second: u32, rest: &str| {
        let (hour, minute) = (8 + second / 3600, second / 60 % 60);
        text.push_str(&format!(
            "2026-11-{day:02}T{hour:02}:{minute:02}:{:02}+00:00 relay {rest}\n",
            second % 60
        ));
    };
    // The log runs before the first mail out, so the sender is new.
    let reject = "NOQUEUE: reject: RCPT from unknown[192.0.2.99]: 554 5.7.1 <x@example.net>: Relay access denied; \
                  from=<y@example.org> to=<x@example.net> proto=ESMTP helo=<z>";
    line(1, 0, &format!("postfix/smtpd[99]: {reject}"));
    for (day, count) in [(3, 8), (4, 12), (5, 300)] {
        for k in 0..count {
            let id = format!("4{day}{k:05X}");
            line(
                day,
                k,
                &format!("postfix/qmgr[9]: {id}: from=<a@example.com>, size=900, nrcpt=1 (queue active)"),
            );
            line(
                day,
                k,
                &format!(
                    "postfix/smtp[{k}]: {id}: to=<u{k}@gmail.com>, relay=gmail-smtp-in.l.google.com[192.0.2.26]:25, \
                 delay=1, delays=0.1/0/0.4/0.5, dsn=2.0.0, status=sent (250 2.0.0 OK 17 - gsmtp)"
                ),
            );
            line(day, k, &format!("postfix/qmgr[9]: {id}: removed"));
        }
    }
    std::fs::write(&log, text).unwrap();
    let path = log.display().to_string();
    let output = mailvet(&["warmup", "--target", "20000/day", "--log", &path, "--format", "json"]);
    std::fs::remove_file(&log).unwrap();
    let value: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!(value["start"], "first-sighting");
    assert_eq!(value["plan"][0]["date"], "2026-11-03");
    assert_eq!(value["plan"][0]["sent"], 8);
    assert_eq!(value["plan"][2]["sent"], 300);
    assert_eq!(value["plan"][2]["verdict"], "above");
    assert_eq!(value["log"]["new_sender"], true);
    assert_eq!(value["log"]["days_above"], serde_json::json!(["2026-11-05"]));
    assert_eq!(value["log"]["hold_at"], value["plan"][1]["limit"]);
    assert_eq!(output.status.code(), Some(1));
}
