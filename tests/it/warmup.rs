//! `mailvet warmup`: the plan in every format, a log against it, mistakes.

use std::process::{Command, Output};

use serde_json::Value;

fn mailvet(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mailvet")).args(args).current_dir(std::env::temp_dir()).output().unwrap()
}

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
