//! `mailvet lint` as a user runs it: one message, many, and what is no message.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

const LETTER: &str = "From: a@example.com\nTo: b@example.net\nSubject: Hello\nDate: Mon, 23 Nov 2026 11:55:00 +0000\n\
                      Message-ID: <1.1@example.com>\n\nHello there.\n";

fn lint(args: &[&str], input: Option<&[u8]>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailvet"));
    command.arg("lint").args(args).args(["--now", "2026-11-23T12:00:00Z"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.unwrap_or_default()).unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stdout)))
}

#[test]
fn lint_reads_standard_input() {
    let output = lint(&["-", "--format", "json"], Some(LETTER.as_bytes()));
    let report = json(&output);
    assert_eq!(report["schema"], "mailvet/lint/1");
    assert_eq!(report["file"], "-");
    assert!(report["score"].is_u64(), "{report}");
    let results = report["results"].as_array().unwrap();
    assert!(results.iter().any(|r| r["code"] == "date-missing" && r["outcome"] == "pass"));
    assert!(results.iter().all(|r| r["outcome"] != "unknown" || r["gap"].is_object()));
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn lint_fails_on_findings_with_their_lines() {
    let broken = LETTER.replace("Subject: Hello\n", "Subject: Hello\nSubject: Other\n");
    let output = lint(&["-", "--format", "json"], Some(broken.as_bytes()));
    let report = json(&output);
    let results = report["results"].as_array().unwrap();
    let duplicate = results.iter().find(|r| r["code"] == "header-duplicate").unwrap();
    assert_eq!(duplicate["problems"][0]["location"]["line"], 4);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn lint_refuses_what_is_no_mail() {
    for input in [&b""[..], b"PK\x03\x04zip", b"just words\nand more\n", b"\x00\x01\x02"] {
        let output = lint(&["-"], Some(input));
        assert_eq!(output.status.code(), Some(2), "{input:?}");
        let text =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(text.contains("error: "), "{text}");
    }
    assert_eq!(lint(&["/nonexistent/file.eml"], None).status.code(), Some(2));
}

#[test]
fn lint_streams_a_folder_in_order_and_alike_each_time() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    for number in 0..600 {
        let below = if number % 2 == 0 { "sub/" } else { "" };
        let text = LETTER.replace("Hello", &format!("Hello {number}"));
        std::fs::write(folder.path().join(format!("{below}{number:04}.eml")), text).unwrap();
    }
    std::fs::write(folder.path().join("notes.txt"), "not mail at all\n").unwrap();
    let path = folder.path().to_str().unwrap();
    let first = lint(&[path, "--format", "ndjson", "--jobs", "4"], None);
    let second = lint(&[path, "--format", "ndjson", "--jobs", "1"], None);
    assert_eq!(first.stdout, second.stdout);
    let text = String::from_utf8(first.stdout).unwrap();
    let files: Vec<String> = text
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["file"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(files.len(), 601);
    assert!(files.is_sorted());
    assert!(text.lines().any(|line| line.contains("\"error\":\"")));
    let whole = json(&lint(&[path, "--format", "json"], None));
    assert_eq!(whole["messages"].as_array().unwrap().len(), 601);
}

#[test]
fn lint_splits_an_mbox() {
    let mbox =
        format!("From a Mon Nov 23 12:00:00 2026\n{LETTER}\nFrom b Mon Nov 23 12:01:00 2026\n{LETTER}");
    let output = lint(&["-", "--format", "ndjson"], Some(mbox.as_bytes()));
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 2);
    // One object, however many messages turn out to be in the file, alone and in a folder.
    let whole = json(&lint(&["-", "--format", "json"], Some(mbox.as_bytes())));
    assert_eq!(whole["schema"], "mailvet/lint-many/1");
    let named: Vec<&str> =
        whole["messages"].as_array().unwrap().iter().map(|one| one["file"].as_str().unwrap()).collect();
    assert_eq!(named, ["-#1", "-#2"]);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("all.mbox"), &mbox).unwrap();
    std::fs::write(folder.path().join("one.eml"), LETTER).unwrap();
    let whole = json(&lint(&[folder.path().to_str().unwrap(), "--format", "json"], None));
    assert_eq!(whole["messages"].as_array().unwrap().len(), 3);
}

/// What was not judged is no success: a scanner that did not answer, or a file that is no mail beside good ones.
#[test]
fn what_was_not_judged_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let message = "From: a@example.com\r\nTo: b@example.org\r\nSubject: Minutes of Monday\r\n\
                   Date: Mon, 23 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@example.com>\r\n\r\nAs agreed.\r\n";
    std::fs::write(path("a.eml"), message).unwrap();
    std::fs::write(path("b.txt"), "no mail at all\n").unwrap();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    for format in ["terminal", "json", "ndjson"] {
        let code = |more: &[&str]| {
            let args: Vec<&str> = ["--format", format].into_iter().chain(more.iter().copied()).collect();
            lint(&args, None).status.code()
        };
        let (a, b) = (path("a.eml"), path("b.txt"));
        assert_eq!(code(&[&a]), Some(0), "{format}");
        assert_eq!(code(&["--clamd", &closed, &a]), Some(3), "{format}: the scanner did not answer");
        assert_eq!(code(&["--clamd", &closed, &a, &a]), Some(3), "{format}");
        assert_eq!(code(&[&a, &b]), Some(2), "{format}: one file was not judged");
    }
}

/// A mailbox of many is judged and written message by message, each once, in order.
#[test]
fn a_large_mailbox_is_judged_message_by_message() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("big.mbox");
    let body = "A line of text that says nothing in particular.\n".repeat(60);
    let mbox: String = (0..600)
        .map(|at| {
            format!(
                "From a@example.com Mon Nov 23 12:00:00 2026\nFrom: a@example.com\nTo: b@example.org\nSubject: s{at}\n\
                 Date: Mon, 23 Nov 2026 12:00:00 +0000\nMessage-ID: <{at}@example.com>\n\n{body}\n"
            )
        })
        .collect();
    assert!(mbox.len() > 1 << 20);
    std::fs::write(&file, &mbox).unwrap();
    let output = lint(&["--format", "json", file.to_str().unwrap()], None);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let files: Vec<&str> =
        json["messages"].as_array().unwrap().iter().map(|one| one["file"].as_str().unwrap()).collect();
    let wanted: Vec<String> = (1..=600).map(|at| format!("{}#{at}", file.display())).collect();
    assert_eq!(files, wanted);
    let lines = lint(&["--format", "ndjson", "-"], Some(mbox.as_bytes()));
    assert_eq!(String::from_utf8(lines.stdout).unwrap().lines().count(), 600);
}

fn grade(name: &str, body: &str, extra: &str) -> String {
    let message = format!(
        "From: {name}\nTo: b@example.net\nSubject: Hello\nDate: Mon, 23 Nov 2026 11:55:00 +0000\n\
         Message-ID: <1.1@example.com>\nMIME-Version: 1.0\n{extra}\n{body}\n"
    );
    let report = json(&lint(&["-", "--format", "json"], Some(message.as_bytes())));
    report["grade"].as_str().unwrap_or("none").to_owned()
}

/// The grade follows the worst finding: what is phishing is F whatever else is in order, and a picture in
/// place of a text is no A.
#[test]
fn grades_follow_the_worst_finding() {
    let text = "Content-Type: text/plain; charset=utf-8\n";
    let page = "Content-Type: text/html; charset=utf-8\n";
    let calm = "Good morning, the plan for May is attached, see you on Monday.";
    for (name, body, kind) in [
        ("Accounts <a@rnicrosoft.com>", calm, text),
        ("Jane <a@example.com>", "Verify it now: https://paypa1.net/a", text),
        (
            "Nobody <a@example.org>",
            "I hacked your device and recorded you through your camera. Send money in Bitcoin to my wallet.",
            text,
        ),
        (
            "The boss <a@example.org>",
            "Are you available? I need you to buy gift cards. Scratch the back and send me the codes.",
            text,
        ),
    ] {
        assert_eq!(grade(name, body, kind), "F", "{name}: {body}");
    }
    for picture in [
        "<html><body><img src=\"https://www.example.com/a.png\" width=600 height=900 alt=\"\"></body></html>",
        "<a href=\"https://www.example.com/\"><img src=\"https://www.example.com/a.jpg\" width=640 height=1200></a>",
    ] {
        let seen = grade("Example Shop <news@example.com>", picture, &format!("Precedence: bulk\n{page}"));
        assert!(!seen.starts_with('A'), "{seen}: {picture}");
    }
    assert!(grade("Jane <jane@example.com>", calm, text).starts_with('A'));
}
