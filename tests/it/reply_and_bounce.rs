//! The commands `reply` and `bounce` as a script sees them.

use std::io::Write as _;
use std::process::{Command, Stdio};

fn mailvet(args: &[&str], input: &str) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mailvet"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (out.status.code().unwrap(), text(out.stdout), text(out.stderr))
}

const BOUNCE: &str = "From: MAILER-DAEMON@example.com\nSubject: failure notice\n\n\
Hi. This is the qmail-send program.\n\n<a@example.net>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n\
--- Below this line is a copy of the message.\n\nReturn-Path: <me@example.com>\nMessage-ID: <1@example.com>\nSubject: \u{1b}[31mred\n";

#[test]
fn a_reply_is_explained_in_json() {
    let (code, out, _) = mailvet(
        &["reply", "--offline", "--format", "json", "421 Service refused. Cloudmark CSI Suspect"],
        "",
    );
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, json["schema"].as_str()), (0, Some("mailvet/reply/1")));
    assert_eq!(json["cause"], "bad-reputation");
    assert_eq!((json["permanent"].as_bool(), json["reply_code"].as_u64()), (Some(false), Some(421)));
    assert_eq!((json["area"].as_str(), json["who"].as_str()), (Some("ip-reputation"), Some("sender")));
    assert!(json["page"].as_str().unwrap().contains("csi.cloudmark.com"));
    assert!(!json["action"].as_str().unwrap().is_empty());
}

#[test]
fn a_reply_is_read_from_standard_input_and_may_not_be_empty() {
    let (code, out, _) = mailvet(
        &["reply", "--offline", "-", "--mx", "gmail-smtp-in.l.google.com"],
        "550-5.7.26 unauthenticated\n550 5.7.26 see\n",
    );
    assert_eq!(code, 0);
    assert!(out.contains("authentication-failed") && out.contains("Google"), "{out}");
    let (code, out, err) = mailvet(&["reply", "-"], "  \n");
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("empty"), "{err}");
}

#[test]
fn a_bounce_is_read_from_standard_input() {
    let (code, out, _) = mailvet(&["bounce", "--format", "json", "-"], BOUNCE);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, json["kind"].as_str()), (0, Some("bounce")));
    let recipient = &json["recipients"][0];
    assert_eq!(recipient["address"], "a@example.net");
    assert_eq!(
        (recipient["cause"].as_str(), recipient["permanent"].as_bool()),
        (Some("unknown-user"), Some(true))
    );
    assert_eq!(json["original"]["message_id"], "1@example.com");
    let (_, out, _) = mailvet(&["bounce", "-"], BOUNCE);
    assert!(out.starts_with("Not delivered to a@example.net") && !out.contains('\u{1b}'), "{out:?}");
}

#[test]
fn folders_give_a_line_a_message_and_missing_files_an_error() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.eml"), BOUNCE).unwrap();
    std::fs::write(folder.path().join("b.eml"), "From: a@example.net\nSubject: Lunch\n\nShall we?\n")
        .unwrap();
    let path = folder.path().to_str().unwrap();
    let (code, out, _) = mailvet(&["bounce", "--format", "ndjson", path], "");
    let kinds: Vec<String> = out
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["kind"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!((code, kinds), (0, vec!["bounce".to_owned(), "none".to_owned()]));
    let missing = format!("{path}/missing.eml");
    let (code, _, err) = mailvet(&["bounce", &missing], "");
    assert_eq!(code, 2);
    assert!(err.contains("missing.eml"), "{err}");
}
