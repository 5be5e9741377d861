//! What large receivers ask is judged by checks that exist, and follows their outcomes.

use std::process::Command;

fn audit(args: &[&str]) -> serde_json::Value {
    let output = Command::new(env!("CARGO_BIN_EXE_mailvet"))
        .args(["audit", "--format", "json"])
        .args(args)
        .current_dir(crate::root())
        .env_clear()
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

fn outcome<'r>(report: &'r serde_json::Value, receiver: &str, id: &str) -> (&'r str, &'r str) {
    let receivers = report["receivers"].as_array().unwrap();
    let receiver = receivers.iter().find(|r| r["name"] == receiver).unwrap();
    let requirement = receiver["requirements"].as_array().unwrap().iter().find(|r| r["id"] == id).unwrap();
    (requirement["outcome"].as_str().unwrap(), requirement["detail"].as_str().unwrap())
}

#[test]
fn receivers_judge_the_demo() {
    let report = audit(&["--demo"]);
    let (found, detail) = outcome(&report, "google", "spf_or_dkim");
    assert_eq!(found, "fail");
    assert!(detail.contains("spf-ip-unauthorised") && detail.contains("dkim-signature-missing"), "{detail}");
    assert_eq!(outcome(&report, "google", "dmarc_published").0, "pass");
    assert_eq!(outcome(&report, "google", "fcrdns").0, "pass");
    assert_eq!(outcome(&report, "yahoo", "ptr_non_generic").0, "fail");
    assert_eq!(outcome(&report, "google", "one_click_unsubscribe").0, "not-applicable");
}

#[test]
fn receivers_do_not_take_unknown_for_met() {
    let report = audit(&["example.com", "--offline", "--ip", "192.0.2.25"]);
    for (receiver, id) in [("google", "fcrdns"), ("microsoft", "spf_pass"), ("apple", "dmarc_published")] {
        assert_eq!(outcome(&report, receiver, id).0, "unknown", "{receiver} {id}");
    }
}

#[test]
fn receivers_name_checks_that_exist() {
    let source = std::fs::read_to_string(crate::root().join("src/judge/forecast.rs")).unwrap();
    let table = source.split("/// A provider's verdict.").next().unwrap();
    let codes: Vec<&str> = table
        .split('"')
        .skip(1)
        .step_by(2)
        .filter(|word| word.contains('-') && !word.contains(' '))
        .collect();
    assert!(codes.len() > 25, "{codes:?}");
    for code in codes {
        assert!(mailvet::judge::catalog::find(code).is_some(), "{code} is no check");
    }
}
