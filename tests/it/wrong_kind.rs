//! Files of another kind than the command reads: refused with what they look like, never judged as nothing.

use std::path::PathBuf;

use crate::cli::{mailvet, text};
use crate::root;

const READERS: [&str; 6] = ["bounce", "lint", "traffic", "triage", "reports", "suppress"];

fn path(name: &str) -> PathBuf {
    root().join(name)
}

fn refused(command: &str, file: &std::path::Path, hint: &str) -> Option<String> {
    let out = mailvet(&[command, file.to_str().unwrap()]);
    let said = text(&out.stderr) + &text(&out.stdout);
    let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
    (out.status.code() != Some(2) || !flat.contains(hint)).then(|| {
        format!("{command} {}: exit {:?}, wanted {hint:?} in: {flat}", file.display(), out.status.code())
    })
}

#[test]
fn nothing_and_noise_are_refused_by_every_reader() {
    let folder = tempfile::tempdir().unwrap();
    let (empty, binary) = (folder.path().join("empty"), folder.path().join("binary"));
    std::fs::write(&empty, b"").unwrap();
    std::fs::write(&binary, [&b"\x7fELF\x02\x01\x01\0"[..], &[0u8, 200, 7, 31].repeat(4000)].concat())
        .unwrap();
    let mut wrong = Vec::new();
    for command in READERS {
        wrong.extend(refused(command, &empty, "empty"));
        wrong.extend(refused(command, &binary, ""));
        wrong.extend(refused(command, &path("README.md"), ""));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_log_and_a_message_name_their_command() {
    let folder = tempfile::tempdir().unwrap();
    let message = folder.path().join("quote.eml");
    std::fs::write(&message, "From: a@example.com\nTo: b@example.org\nSubject: Quote\n\nHello\n").unwrap();
    let log = path("fixtures/demo/relay.log");
    let mut wrong = Vec::new();
    for command in ["bounce", "lint"] {
        wrong.extend(refused(command, &log, "mailvet triage"));
    }
    for command in ["triage", "traffic"] {
        wrong.extend(refused(command, &message, "mailvet bounce"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A field that looks like a stamp makes no log of a message.
#[test]
fn odd_messages_stay_messages() {
    let folder = tempfile::tempdir().unwrap();
    let message = folder.path().join("odd.eml");
    std::fs::write(
        &message,
        "2026-11-23T09: x\nFrom: a@example.com\nDate: Mon, 23 Nov 2026 09:00:00 +0000\n\nHello\n",
    )
    .unwrap();
    assert_ne!(mailvet(&["lint", message.to_str().unwrap()]).status.code(), Some(2));
}

#[test]
fn values_that_cannot_be_are_refused() {
    for (args, part) in [
        (&["audit", "example.com", "--offline", "--selector", "a b"][..], "labels of a name"),
        (&["audit", "example.com", "--offline", "--selector", ""], "labels of a name"),
        (&["dkim", "example.com", "--offline", "--selector", "s1..x"], "labels of a name"),
        (&["audit", "example.com", "--offline", "--jobs", "0"], "1 or more"),
        (&["audit", "example.com", "--offline", "--mail-from", "nonsense"], "bounces@example.com"),
        (&["spf", "example.com", "--offline", "--mail-from", "a@"], "bounces@example.com"),
        (&["audit", "example.com", "--offline", "--ip", "nonsense"], "no IP address"),
        (&["relay", "relay.example.com:99999", "--offline"], "no relay"),
    ] {
        let out = mailvet(args);
        let said = text(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains(part), "{args:?}: {said}");
    }
    // An IPv4 address in IPv6 form is that address.
    let [mapped, plain] = ["::ffff:192.0.2.25", "192.0.2.25"].map(|ip| {
        text(
            &mailvet(&["audit", "example.com", "--offline", "--now", "2026-11-23T12:00:00Z", "--ip", ip])
                .stdout,
        )
    });
    assert_eq!(mapped, plain);
}
