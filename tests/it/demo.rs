//! The bundled demo: recorded from `fixtures/demo`, judged without a network,
//! and leading a newcomer to the fixes that matter.

use std::process::Command;

use crate::root;

const RECORDING: &str = "fixtures/runs/demo/evidence.json";

fn mailvet() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailvet"));
    command.current_dir(root()).env_clear();
    command
}

#[test]
fn demo_recording_is_what_its_sources_give() {
    let folder = tempfile::tempdir().unwrap();
    let recorded = folder.path().join("evidence.json");
    let output = mailvet()
        .args(["audit", "doedomain.example", "--ip", "198.51.100.25", "--helo", "relay.doedomain.example"])
        .args([
            "--selector",
            "s1",
            "--mail-from",
            "sales@doedomain.example",
            "--relay",
            "relay.doedomain.example",
        ])
        .args(["--message", "fixtures/demo/quote.eml", "--log", "fixtures/demo/relay.log"])
        .args(["--consent", "fixtures/demo/customers.csv"])
        .args(["--zone", "fixtures/demo/world.zone", "--offline", "--now", "2026-11-23T10:00:00Z"])
        .arg("--record")
        .arg(&recorded)
        .output()
        .unwrap();
    assert!(output.status.code().is_some_and(|code| code < 2), "{}", String::from_utf8_lossy(&output.stderr));
    let fresh = std::fs::read_to_string(recorded).unwrap();
    let path = root().join(RECORDING);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    let bundled = std::fs::read_to_string(path).unwrap();
    assert!(
        bundled == fresh,
        "{RECORDING} is stale: run UPDATE=1 cargo test --test it demo, then build again"
    );
}

#[test]
fn demo_tells_the_founding_story() {
    let output = mailvet().args(["audit", "--demo"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let first = text.split("| area").next().unwrap();
    assert!(first.contains("doedomain.example") && first.contains("of 100"), "{first}");
    assert!(!text.contains("not assessed"), "an area of the nine is not assessed:\n{text}");
    for part in ["1. ", "2. ", "3. ", "spf-ip-unauthorised", "purchasing@northwind.example", "CSI Suspect"] {
        assert!(first.contains(part), "{part:?} is not before the table of areas:\n{first}");
    }
    assert!(first.contains("fixtures/demo/relay.log:"), "no pointer to the log line:\n{first}");
    let json = mailvet().args(["audit", "--demo", "--format", "json"]).output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let unassessed: Vec<_> = report["score"]["areas"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|area| area["assessed"] == false)
        .collect();
    let areas: Vec<_> = unassessed.iter().map(|area| area["area"].as_str().unwrap()).collect();
    assert!(areas.is_empty(), "not assessed: {areas:?}");
    assert_eq!(report["questions"]["failed"].as_array().unwrap().len(), 0);
}

#[test]
fn a_replay_gives_the_same_bytes_without_any_socket() {
    let run = |extra: &[&str]| {
        let mut command = mailvet();
        command.args(["audit", "--format", "json", "--replay", RECORDING]).args(extra);
        command.output().unwrap()
    };
    let (first, second) = (run(&[]), run(&["--offline"]));
    assert!(!first.stdout.is_empty() && first.stdout == second.stdout);
    // In a network namespace with nothing in it, where this machine allows one.
    let denied = Command::new("unshare")
        .args(["-rn", env!("CARGO_BIN_EXE_mailvet"), "audit", "--format", "json", "--replay", RECORDING])
        .current_dir(root())
        .output();
    match denied {
        Ok(output) if output.status.code().is_some_and(|code| code < 2) => {
            assert_eq!(output.stdout, first.stdout)
        }
        _ => eprintln!("SKIPPED: this machine makes no network namespace"),
    }
}
