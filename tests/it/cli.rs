//! The binary as a person or a script meets it: exit codes, messages, bad input.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A zone of which a check finds nothing high.
pub const ZONE: &str = "$ORIGIN example.com.\n$TTL 3600\n@ SOA ns1.example.net. hostmaster 1 7200 3600 1209600 300\n\
                        @ NS ns1.example.net.\n@ MX 10 mx1\nmx1 A 203.0.113.10\n@ TXT \"v=spf1 ip4:203.0.113.25 mx -all\"\n\
                        _dmarc TXT \"v=DMARC1; p=reject; rua=mailto:d@example.com\"\n";

/// Runs mailvet in a folder without settings.
pub fn mailvet(args: &[&str]) -> Output {
    mailvet_in(&std::env::temp_dir(), args)
}

/// Runs mailvet in a folder, with a plain environment and nothing on standard input; whatever comes of it, no panic.
pub fn mailvet_in(folder: &Path, args: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_mailvet"))
        .args(args)
        .current_dir(folder)
        .env_clear()
        // For git, which `zone check --against` asks.
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("panicked"), "{args:?}: {said}");
    output
}

/// What mailvet wrote, which is UTF-8 whatever it read.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Exit 2, nothing on standard output, and a message that holds all of `parts`.
fn refuses(args: &[&str], parts: &[&str]) {
    let output = mailvet(args);
    let shown = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{args:?}: {shown}");
    assert!(output.stdout.is_empty(), "{args:?} printed {}", text(&output.stdout));
    for part in parts {
        assert!(shown.contains(part), "{args:?}: {part:?} is not in: {shown}");
    }
    assert!(!shown.contains("panicked"), "{shown}");
}

#[test]
fn bad_arguments_are_explained() {
    refuses(&["audit", "192.0.2.1"], &["is an IP address, not a domain", "--ip"]);
    refuses(&["audit", "user@example.com"], &["e-mail address", "example.com"]);
    refuses(&["audit", "https://example.com/x"], &["URL", "example.com"]);
    refuses(&["audit", &"a".repeat(300)], &["63"]);
    refuses(&["audit", &"abcdefghi.".repeat(30)], &["299 octets", "253"]);
    refuses(&["audit", "exa mple.com"], &["no domain name may hold"]);
    refuses(&["audit", "example.com", "--ip", "192.0.2.300"], &["--ip", "no IP address"]);
    refuses(&["audit", "example.com", "--resolver", "nowhere"], &["--resolver", "ADDR:PORT"]);
    refuses(&["audit", "example.com", "--timeout", "-1"], &["--timeout"]);
    refuses(&["audit", "example.com", "--now", "yesterday"], &["--now", "2026-11-23"]);
    refuses(&["audit", "example.com", "--format", "yaml", "--offline"], &["yaml", "terminal, json"]);
    refuses(&["audit", "example.com", "--fail-on", "bad", "--offline"], &["'bad'", "--fail-on", "never"]);
    refuses(&["audit", "example.com", "--only", "ptr-mising"], &["did you mean ptr-missing"]);
    refuses(&["audit", "example.com", "--skip", "reverse-dn"], &["did you mean reverse-dns"]);
    refuses(&["audit", "example.com", "--helloo", "x"], &["--helo"]);
    refuses(&["adit", "example.com"], &["audit"]);
    refuses(&["explain", "ptr-mising"], &["did you mean ptr-missing"]);
    refuses(&["audit", "example.com", "--message", "/nonexistent/x.eml"], &["/nonexistent/x.eml"]);
    refuses(&["audit", "example.com", "--zone", "/nonexistent/x.zone"], &["/nonexistent/x.zone"]);
    refuses(&["audit", "example.com", "--message", "/"], &["is a folder"]);
}

#[test]
fn an_idn_domain_is_taken() {
    let output = mailvet(&["audit", "müller.example", "--offline", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["target"]["domain"], "xn--mller-kva.example");
}

#[test]
fn a_broken_zone_file_is_shown_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let zone = folder.path().join("example.zone");
    let text_of_zone = "$ORIGIN example.com.\n$TTL 1h\n@ SOA ns hostmaster 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n\
                        @ MX 10 ns\nmail A 192.0.2.300\n";
    std::fs::write(&zone, text_of_zone).unwrap();
    let path = zone.to_str().unwrap();
    refuses(
        &["spf", "example.com", "--offline", "--zone", path],
        &["example.zone:7:8", "mail A 192.0.2.300", "^^^^^^^^^^^", "= help:"],
    );
    // For an audit it is a finding on its line, and the rest of the zone is judged.
    let output = mailvet(&["audit", "example.com", "--offline", "--zone", path, "--format", "github"]);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{shown}");
    let broken =
        shown.lines().find(|line| line.contains("zone-entry-broken")).unwrap_or_else(|| panic!("{shown}"));
    assert!(broken.contains("line=7") && broken.contains("192.0.2.300"), "{broken}");
    assert!(shown.contains("spf-missing") && shown.contains("dmarc-missing"), "{shown}");
}

#[test]
fn a_recording_of_another_version_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("run.json");
    std::fs::write(&recording, r#"{"schema":"mailvet/recording/99"}"#).unwrap();
    refuses(
        &["audit", "--replay", recording.to_str().unwrap()],
        &["mailvet/recording/99", "record it again"],
    );
    std::fs::write(&recording, "not json").unwrap();
    refuses(&["audit", "--replay", recording.to_str().unwrap()], &["is no recording", "--record"]);
}

#[test]
fn unknown_settings_are_refused_with_their_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mailvet.toml"), "fail-on = \"high\"\nsevrity = 1\n").unwrap();
    let output = mailvet_in(folder.path(), &["audit", "example.com", "--offline"]);
    assert_eq!(output.status.code(), Some(2));
    let shown = text(&output.stderr);
    assert!(
        shown.contains("mailvet.toml") && shown.contains("sevrity") && shown.contains("line 2"),
        "{shown}"
    );
}

#[test]
fn a_resolver_that_is_not_there_gives_too_little_evidence() {
    // A port that was free a moment ago: nobody answers there.
    let port = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let resolver = format!("127.0.0.1:{port}");
    let output =
        mailvet(&["audit", "example.com", "--ip", "192.0.2.25", "--resolver", &resolver, "--timeout", "1"]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stdout));
    let shown = text(&output.stderr);
    assert!(shown.contains("no answer from any resolver") && shown.contains(&resolver), "{shown}");
}

#[test]
fn output_goes_where_it_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let json = folder.path().join("report.json");
    let output = mailvet(&[
        "audit",
        "--demo",
        "--format",
        "terminal",
        "--format",
        &format!("json={}", json.display()),
    ]);
    assert!(text(&output.stdout).contains("of 100"));
    let report: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&json).unwrap()).unwrap();
    assert_eq!(report["schema"], "mailvet/audit/1");
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mailvet"))
        .args(["explain", "--all", "-v"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

#[test]
fn plain_when_piped_and_coloured_on_demand() {
    let plain = mailvet(&["audit", "--demo"]);
    assert!(!text(&plain.stdout).contains('\u{1b}'));
    let coloured = mailvet(&["audit", "--demo", "--color", "always"]);
    assert!(text(&coloured.stdout).contains('\u{1b}'));
    for line in text(&plain.stdout).lines() {
        let is_record = line.contains("v=") || line.contains("://") || line.contains("arpa");
        assert!(line.chars().count() <= 80 || is_record, "wider than 80 columns: {line}");
    }
}

#[test]
fn standard_input_is_a_message() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mailvet"))
        .args(["audit", "--offline", "--format", "json", "--message", "-"])
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"From: a@example.com\r\nSubject: hello\r\n\r\nhi\r\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let content =
        report["score"]["areas"].as_array().unwrap().iter().find(|a| a["area"] == "content").unwrap();
    assert_eq!(content["assessed"], true, "{}", text(&output.stderr));
}

/// A name of a file is text of whoever made the file: no error message moves a cursor, begins a line, or is a
/// command to the runner that reads the log.
#[cfg(unix)]
#[test]
fn no_file_name_forges_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let hostile = "x\n::error::forged\n##[error]y\u{1b}[31m##vso[task.x]\u{202e}.eml";
    let present = folder.path().join("d").join(hostile);
    std::fs::create_dir_all(present.parent().unwrap()).unwrap();
    std::fs::write(&present, "v=spf1 \n::warning::no mail\n##[group]\n").unwrap();
    let commands = [
        "lint",
        "bounce",
        "triage",
        "traffic",
        "queue",
        "reports",
        "zone check",
        "zone records",
        "zone fix",
        "audit --offline --message",
        "dkim --message",
        "audit x.example --offline --log",
        "audit --replay",
        "spf --replay",
        "bimi x.example --logo",
        "dkim x.example --key-table",
        "warmup --log",
        "portfolio --offline",
        "audit x.example --offline --ibmi",
        "audit x.example --offline --zone",
        "audit x.example --config",
        "spf x.example --offline --text",
        "dmarc x.example --offline --text",
        "reply --offline",
        "listen 127.0.0.1:0 --tls-key a --tls-certificate",
        "audit x.example --ca",
        "audit x.example --before",
        "spf",
        "mx --offline",
        "ptr",
        "explain",
        "blocklist --offline",
        "audit --role",
        "audit x.example --only",
    ];
    for command in commands {
        for name in [hostile, present.to_str().unwrap(), present.parent().unwrap().to_str().unwrap()] {
            for format in [None, Some("json")] {
                let mut run = Command::new(env!("CARGO_BIN_EXE_mailvet"));
                run.args(command.split(' '))
                    .arg(name)
                    .current_dir(folder.path())
                    .stdin(std::process::Stdio::null());
                if let Some(format) = format {
                    run.args(["--format", format]);
                }
                let output = run.output().unwrap();
                for text in [&output.stdout, &output.stderr] {
                    let text = String::from_utf8_lossy(text);
                    let forged = |line: &str| line.trim_start().starts_with("::");
                    assert!(!text.lines().any(forged), "{command} {format:?}: {text}");
                    assert!(
                        !text.contains("##[") && !text.contains("##vso["),
                        "{command} {format:?}: {text}"
                    );
                    // JSON holds a text as it came; no terminal is moved by what JSON escapes.
                    let moves = text.contains('\u{1b}') || format.is_none() && text.contains('\u{202e}');
                    assert!(!moves, "{command} {format:?}: {text:?}");
                }
            }
        }
    }
}

/// A pipe that nobody fills, and a stream that never ends and holds no line, end with an error that says so.
#[cfg(unix)]
#[test]
fn nothing_waits_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    if !Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: mkfifo is missing");
        return;
    }
    let pipe = pipe.to_str().unwrap();
    let runs: Vec<_> = [
        vec!["dkim", "x.example", "--offline", "--key-table", pipe],
        vec!["lint", pipe],
        vec!["traffic", pipe],
        vec!["triage", "/dev/zero"],
        vec!["traffic", "/dev/zero"],
    ]
    .into_iter()
    .map(|args| {
        let child = Command::new(env!("CARGO_BIN_EXE_mailvet"))
            .args(&args)
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        (args, child)
    })
    .collect();
    for (args, child) in runs {
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        let out = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {err}");
        let told = format!("{out}{err}");
        assert!(told.contains("nobody wrote") || told.contains("no line break"), "{args:?}: {told}");
    }
}

/// `--deadline` bounds reading too: a stream that goes on for ever is given up.
#[cfg(unix)]
#[test]
fn a_deadline_bounds_reading() {
    let begun = std::time::Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_mailvet"))
        .args(["lint", "--deadline", "0.5", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Held open, and never written to.
    let stdin = child.stdin.take().unwrap();
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("--deadline 0.5"), "{}", text(&output.stderr));
    assert!(begun.elapsed() < std::time::Duration::from_secs(60));
}
