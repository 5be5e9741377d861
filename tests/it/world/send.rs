//! `send` against real Postfix and against scripted servers on loopback: what is
//! said of it, and what went over the wire.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::mail::{Authority, Identity};
use super::postfix::{Postfix, port, tls};

const MESSAGE: &str = "From: App <app@example.com>\nTo: you@example.org\nSubject: Quote 7\n\
                       Message-ID: <q7.1@example.com>\nDate: Mon, 23 Nov 2026 12:00:00 +0000\n\nHello\n.dot\n.\nend\n";

/// A message in a file of its own folder.
struct Sample(tempfile::TempDir);

impl Sample {
    fn of(text: impl AsRef<[u8]>) -> Sample {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("m.eml"), text).unwrap();
        Sample(folder)
    }

    fn path(&self) -> String {
        self.0.path().join("m.eml").display().to_string()
    }
}

fn command(relay: &str, message: &str, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailvet"));
    command.args(["send", "--relay", relay, "--from", "app@example.com", "--message", message]);
    if !more.contains(&"--to") {
        command.args(["--to", "you@example.com"]);
    }
    if !more.contains(&"--replay") {
        command.args(["--resolver", "127.0.0.1:1"]);
    }
    command.args(more).env_remove("MAILVET_SMTP_PASSWORD");
    let output = command.current_dir(std::env::temp_dir()).output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"), "{output:?}");
    output
}

fn send_to(relay: &str, message: &str, more: &[&str]) -> (Value, i32) {
    let more: Vec<&str> = more.iter().copied().chain(["--format", "json"]).collect();
    let output = command(relay, message, &more);
    let json = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"));
    (json, output.status.code().unwrap())
}

fn send(port: u16, more: &[&str]) -> (Value, i32) {
    send_to(&format!("127.0.0.1:{port}"), &Sample::of(MESSAGE).path(), more)
}

/// What a scripted server does about a command that begins with these words; the
/// first that fits counts. An empty reply closes, `...` keeps silent until the client goes.
type Script = &'static [(&'static str, &'static str)];

/// Everything clients said to it.
type Heard = Arc<Mutex<Vec<u8>>>;

fn serve(script: Script, identity: Option<&Identity>) -> (u16, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Heard::default();
    let (kept, config) = (heard.clone(), identity.map(|identity| identity.config.clone()));
    std::thread::spawn(move || {
        for mut socket in listener.incoming().flatten() {
            let encrypts = converse(&mut socket, script, &kept, true);
            if let (true, Some(config)) = (encrypts, &config) {
                let mut tls = rustls::ServerConnection::new(config.clone()).unwrap();
                converse(&mut rustls::Stream::new(&mut tls, &mut socket), script, &kept, false);
            }
        }
    });
    (port, heard)
}

/// True where it ended with STARTTLS.
fn converse(stream: &mut (impl Read + Write), script: Script, heard: &Heard, greets: bool) -> bool {
    let reply_to = |line: &str| {
        script.iter().find(|(start, _)| line.starts_with(start)).map_or("250 ok\r\n", |(_, reply)| reply)
    };
    let mut text = Vec::new();
    let (mut line, mut in_data) = (b"(greeting)".to_vec(), false);
    if !greets {
        line.clear();
    }
    loop {
        if !line.is_empty() {
            let said = String::from_utf8_lossy(&line).into_owned();
            let reply = reply_to(said.trim_end());
            match reply {
                "" => return false,
                "..." => {
                    let _ = stream.read(&mut [0]);
                    return false;
                }
                reply => {
                    if stream.write_all(reply.as_bytes()).and_then(|()| stream.flush()).is_err() {
                        return false;
                    }
                }
            }
            if said.starts_with("STARTTLS") && reply.starts_with("220") {
                return true;
            }
            in_data = reply.starts_with("354");
            line.clear();
        }
        let mut byte = [0];
        if !stream.read(&mut byte).is_ok_and(|count| count == 1) {
            return false;
        }
        heard.lock().unwrap().push(byte[0]);
        text.push(byte[0]);
        if in_data && text.ends_with(b"\r\n.\r\n") {
            line = b".".to_vec();
            text.clear();
        } else if !in_data && byte[0] == b'\n' {
            line = std::mem::take(&mut text);
        }
    }
}

fn heard(heard: &Heard) -> String {
    String::from_utf8_lossy(&heard.lock().unwrap()).into_owned()
}

#[test]
fn send_over_postfix() {
    let authority = Authority::new();
    let identity = authority.certify(&["mx.example.com"], 2085);
    let encrypted = tls(&identity);
    let ports: Vec<u16> = (0..2).map(|_| port()).collect();
    let strict = [
        encrypted[0].as_str(),
        encrypted[1].as_str(),
        "message_size_limit=2000",
        "smtpd_tls_security_level=encrypt",
    ];
    let services: Vec<(u16, &[&str])> = vec![(ports[0], &[]), (ports[1], &strict)];
    let Some(postfix) = Postfix::start(&services) else { return };
    let (json, exit) = send(ports[0], &["--to", "you@example.com", "--to", "he@elsewhere.example"]);
    assert_eq!((exit, &json["outcome"]), (1, &"partly".into()), "{json}");
    assert_eq!(json["recipients"][0]["status"], "accepted", "{json}");
    assert_eq!(json["recipients"][1]["status"], "rejected", "{json}");
    assert_eq!(json["recipients"][1]["cause"], "relaying-denied", "{json}");
    let id = json["queue_id"].as_str().unwrap_or_else(|| panic!("no queue id: {json}"));
    assert_eq!(json["message_id"], "q7.1@example.com");
    assert!(json["caveat"].to_string().contains("does not say"), "{json}");
    assert_eq!(json["next"], format!("mailvet triage /var/log/mail.log --queue-id {id}"));
    // The id is the relay's own, and the next step finds the message by it.
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !postfix.log().contains(&format!("{id}: removed")) {
        assert!(std::time::Instant::now() < until, "{id} is not in {}", postfix.log());
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let (found, _) = super::mail::mailvet(&["triage", &postfix.log_file(), "--queue-id", id, "--offline"]);
    assert_eq!(
        found["messages"][0]["message_id"].as_str().map(|id| id.trim_matches(['<', '>'])),
        Some("q7.1@example.com"),
        "{found}"
    );
    let recipients = found["messages"][0]["recipients"].as_array().unwrap();
    assert!(recipients.iter().any(|one| one["address"] == "you@example.com"), "{found}");

    // Through TLS, with the certificate judged.
    let relay = format!("mx.example.com:{}", ports[1]);
    let to = format!("mx.example.com:{}:127.0.0.1:{0}", ports[1]);
    let (file, ca) = (Sample::of(MESSAGE), authority.file());
    let (json, exit) =
        send_to(&relay, &file.path(), &["--connect-to", &to, "--ca", &ca, "--tls", "required"]);
    assert_eq!((exit, &json["certificate"]["valid"]), (0, &true.into()), "{json}");
    assert_eq!(json["tls"]["version"], "TLS 1.3", "{json}");
    // In clear this one takes nothing, and its reply is judged.
    let (json, exit) = send(ports[1], &["--tls", "never"]);
    assert_eq!((exit, &json["outcome"], &json["tls"]), (1, &"rejected".into(), &Value::Null), "{json}");
    assert_eq!(json["recipients"][0]["reply_code"], 530, "{json}");
    // Larger than it announces: refused before MAIL.
    let large = Sample::of(format!("{MESSAGE}{}", "line\n".repeat(500)));
    let (json, exit) = send_to(&relay, &large.path(), &["--connect-to", &to, "--ca", &ca]);
    assert_eq!((exit, &json["sent"], &json["outcome"]), (1, &"nothing".into(), &"rejected".into()), "{json}");
    assert!(json["problem"].to_string().contains("the relay takes 2000"), "{json}");
    assert!(!json["dialogue"].to_string().contains("MAIL FROM"), "{json}");
}

#[test]
fn send_writes_lines_as_smtp_wants_them() {
    let (port, said) = serve(
        &[("(greeting)", "220 x\r\n"), ("DATA", "354 go\r\n"), (".", "250 Ok: queued as 4AbCdE\r\n")],
        None,
    );
    let (json, exit) = send(port, &["--helo", "app.example.com"]);
    assert_eq!(
        (exit, &json["outcome"], &json["queue_id"]),
        (0, &"accepted".into(), &"4AbCdE".into()),
        "{json}"
    );
    let wire = heard(&said);
    assert!(wire.contains("EHLO app.example.com\r\n") && wire.ends_with("QUIT\r\n"), "{wire}");
    assert!(wire.contains("\r\n\r\nHello\r\n..dot\r\n..\r\nend\r\n.\r\n"), "{wire:?}");
    assert!(!wire.replace("\r\n", "").contains('\n'), "{wire:?}");
    assert_eq!(json["message"]["bare_lf"], 10, "{json}");
    let dialogue = json["dialogue"].as_array().unwrap();
    assert_eq!((&dialogue[0]["direction"], &dialogue[0]["code"]), (&"server".into(), &220.into()));
    assert!(dialogue.iter().any(|line| line["verb"] == "RCPT" && line["code"] == 250), "{json}");
}

#[test]
fn send_tells_each_recipient_apart() {
    const SCRIPT: Script = &[
        ("(greeting)", "220 x\r\n"),
        (
            "RCPT TO:<gone",
            "550-5.1.1 The email account that you tried to reach\r\n550 5.1.1 does not exist.\r\n",
        ),
        ("RCPT TO:<full", "452 4.2.2 Mailbox full\r\n"),
        ("DATA", "354 go\r\n"),
        (".", "250 2.0.0 Ok: queued as 4AbCdE12\r\n"),
    ];
    let (port, said) = serve(SCRIPT, None);
    let to = ["--to", "gone@example.org", "--to", "full@example.org", "--to", "there@example.org"];
    let (json, exit) = send(port, &to);
    assert_eq!((exit, &json["outcome"]), (1, &"partly".into()), "{json}");
    let of = |at: usize| {
        let one = &json["recipients"][at];
        (one["status"].as_str().unwrap(), one["cause"].as_str(), one["enhanced_code"].as_str())
    };
    assert_eq!(of(0), ("rejected", Some("unknown-user"), Some("5.1.1")));
    assert_eq!(of(1), ("deferred", Some("mailbox-full"), Some("4.2.2")));
    assert_eq!((of(2).0, of(2).1), ("accepted", None));
    assert_eq!(json["recipients"][0]["who"], "recipient", "{json}");
    // Nobody taken: no DATA.
    said.lock().unwrap().clear();
    let (json, exit) = send(port, &to[..4]);
    assert_eq!((exit, &json["outcome"], &json["sent"]), (1, &"deferred".into(), &"nothing".into()), "{json}");
    assert!(!heard(&said).contains("DATA"), "{}", heard(&said));
}

#[test]
fn send_calls_a_lost_verdict_unknown() {
    for lost in [
        &[("(greeting)", "220 x\r\n"), ("DATA", "354 go\r\n"), (".", "")] as Script,
        &[("(greeting)", "220 x\r\n"), ("DATA", "354 go\r\n"), (".", "...")],
        &[("(greeting)", "220 x\r\n"), ("DATA", "354 go\r\n"), (".", "250-and so on\r\n250-"), ("QUIT", "")],
    ] {
        let (port, _) = serve(lost, None);
        let (json, exit) = send(port, &["--deadline", "3"]);
        assert_eq!((exit, &json["outcome"]), (3, &"unknown".into()), "{lost:?}: {json}");
        assert_eq!((&json["may_have_been_taken"], &json["sent"]), (&true.into(), &"whole".into()), "{json}");
        assert_eq!(json["recipients"][0]["status"], "unknown", "{json}");
        assert_eq!(json["next"], "mailvet triage /var/log/mail.log --message-id 'q7.1@example.com'");
    }
    // Lost before the final dot it cannot have been taken, and silence is no refusal.
    for (lost, stage) in [
        (&[("(greeting)", "...")] as Script, "no greeting comes"),
        (&[("(greeting)", "220 x\r\n"), ("MAIL", "")], "closed at MAIL"),
        (&[("(greeting)", "220 x\r\n"), ("DATA", "")], "closed at DATA"),
        (&[("(greeting)", "HTTP/1.1 400 no\r\n")], "no SMTP"),
    ] {
        let (port, _) = serve(lost, None);
        let (json, exit) = send(port, &["--deadline", "3"]);
        assert_eq!(
            (exit, &json["outcome"], &json["sent"]),
            (3, &"unknown".into(), &"nothing".into()),
            "{json}"
        );
        assert_eq!(
            (&json["may_have_been_taken"], &json["recipients"][0]["status"]),
            (&false.into(), &"not-sent".into())
        );
        assert!(json["problem"].to_string().contains(stage), "{json}");
    }
}

#[test]
fn send_judges_refusals_of_the_whole() {
    for (script, outcome, cause) in [
        (
            &[("(greeting)", "554 5.7.1 192.0.2.1 is listed on bl.example\r\n")] as Script,
            "rejected",
            "ip-blocklisted",
        ),
        (
            &[("(greeting)", "220 x\r\n"), ("MAIL", "451 4.7.1 Greylisted, please try again later\r\n")],
            "deferred",
            "greylisted",
        ),
        (
            &[
                ("(greeting)", "220 x\r\n"),
                ("DATA", "354 go\r\n"),
                (".", "552 5.3.4 Message size exceeds fixed limit\r\n"),
            ],
            "rejected",
            "message-too-large",
        ),
    ] {
        let (port, _) = serve(script, None);
        let (json, exit) = send(port, &[]);
        assert_eq!((exit, &json["outcome"]), (1, &outcome.into()), "{json}");
        assert_eq!(json["recipients"][0]["cause"], cause, "{json}");
        assert_eq!(json["queue_id"], Value::Null, "{json}");
    }
}

#[test]
fn send_refuses_what_the_relay_cannot_carry() {
    const BARE: Script = &[("(greeting)", "220 x\r\n"), ("EHLO", "250-x\r\n250 SIZE 5000\r\n")];
    let (port, said) = serve(BARE, None);
    let relay = format!("127.0.0.1:{port}");
    let body = Sample::of("From: a@example.com\n\nB\u{fc}cher\n");
    let header = Sample::of("From: a@example.com\nSubject: B\u{fc}cher\n\nx\n");
    let plain = Sample::of(MESSAGE);
    for (file, more, word) in [
        (&body, vec![], "8BITMIME"),
        (&header, vec![], "8BITMIME"),
        (&plain, vec!["--to", "b\u{fc}cher@example.org"], "SMTPUTF8"),
        (&plain, vec!["--tls", "required"], "STARTTLS"),
        (&plain, vec!["--user", "app", "--password-file", &plain.path()], "control characters"),
    ] {
        let more: Vec<&str> = more;
        if word == "control characters" {
            let output = command(&relay, &file.path(), &more);
            assert_eq!(output.status.code(), Some(2), "{output:?}");
            continue;
        }
        let (json, exit) = send_to(&relay, &file.path(), &more);
        assert_eq!(
            (exit, &json["outcome"], &json["sent"]),
            (1, &"rejected".into(), &"nothing".into()),
            "{json}"
        );
        assert!(json["problem"].to_string().contains(word), "{word}: {json}");
    }
    let wire = heard(&said);
    assert!(!wire.contains("MAIL") && !wire.contains("DATA"), "{wire}");
}

#[test]
fn send_keeps_the_password() {
    let authority = Authority::new();
    let identity = authority.certify(&["relay.example.com"], 2085);
    let ca = authority.file();
    const SCRIPT: Script = &[
        ("(greeting)", "220 x\r\n"),
        ("EHLO", "250-x\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n"),
        ("STARTTLS", "220 go\r\n"),
        // A server that repeats what it was told, in both forms.
        ("AUTH PLAIN", "535 5.7.8 no: AGFwcABzM2NyZXQtd29yZA== s3cret-word czNjcmV0LXdvcmQ=\r\n"),
    ];
    let (port, said) = serve(SCRIPT, Some(&identity));
    let folder = tempfile::tempdir().unwrap();
    let password = folder.path().join("password");
    std::fs::write(&password, "s3cret-word\n").unwrap();
    let password = password.display().to_string();
    let relay = format!("relay.example.com:{port}");
    let to = format!("relay.example.com:{port}:127.0.0.1:{port}");
    let file = Sample::of(MESSAGE);
    let login = ["--user", "app", "--password-file", &password, "--connect-to", &to];
    for format in ["terminal", "json"] {
        let more: Vec<&str> = login.iter().copied().chain(["--ca", &ca, "--format", format, "-v"]).collect();
        let output = command(&relay, &file.path(), &more);
        let all =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{all}");
        assert!(all.contains("AUTH PLAIN ***") && all.contains("535 5.7.8 no: *** *** ***"), "{all}");
        for secret in ["s3cret-word", "czNjcmV0LXdvcmQ", "AGFwcABzM2NyZXQtd29yZA"] {
            assert!(!all.contains(secret), "{secret} is shown: {all}");
        }
    }
    assert!(heard(&said).contains("AUTH PLAIN AGFwcABzM2NyZXQtd29yZA==\r\n"), "{}", heard(&said));
    // Without the authority the certificate is worth nothing: no password, no mail.
    said.lock().unwrap().clear();
    let (json, exit) = send_to(&relay, &file.path(), &login);
    assert_eq!((exit, &json["outcome"]), (1, &"rejected".into()), "{json}");
    assert!(json["problem"].to_string().contains("not good enough for a password"), "{json}");
    // Nor by an address, which no certificate was compared with.
    let (json, _) = send_to(
        &format!("127.0.0.1:{port}"),
        &file.path(),
        &["--user", "app", "--password-file", &password, "--ca", &ca],
    );
    assert!(json["problem"].to_string().contains("named by its address"), "{json}");
    assert!(!heard(&said).contains("AUTH") && !heard(&said).contains("MAIL"), "{}", heard(&said));
    // Nor in clear.
    const CLEAR: Script = &[("(greeting)", "220 x\r\n"), ("EHLO", "250-x\r\n250 AUTH PLAIN\r\n")];
    let (port, said) = serve(CLEAR, None);
    let (json, _) =
        send_to(&format!("127.0.0.1:{port}"), &file.path(), &["--user", "app", "--password-file", &password]);
    assert!(json["problem"].to_string().contains("not encrypted"), "{json}");
    assert!(!heard(&said).contains("AUTH"), "{}", heard(&said));
}

#[test]
fn send_logs_in() {
    let authority = Authority::new();
    let identity = authority.certify(&["relay.example.com"], 2085);
    const LOGIN: Script = &[
        ("(greeting)", "220 x\r\n"),
        ("EHLO", "250-x\r\n250-STARTTLS\r\n250 AUTH LOGIN\r\n"),
        ("STARTTLS", "220 go\r\n"),
        ("AUTH LOGIN", "334 VXNlcm5hbWU6\r\n"),
        ("YXBw", "334 UGFzc3dvcmQ6\r\n"),
        ("czNjcmV0LXdvcmQ=", "235 2.7.0 in\r\n"),
        ("DATA", "354 go\r\n"),
        (".", "250 2.0.0 Ok: queued as 4AbCdE12\r\n"),
    ];
    let (port, said) = serve(LOGIN, Some(&identity));
    let file = Sample::of(MESSAGE);
    let output = Command::new(env!("CARGO_BIN_EXE_mailvet"))
        .args([
            "send",
            "--relay",
            &format!("relay.example.com:{port}"),
            "--from",
            "<>",
            "--to",
            "you@example.org",
        ])
        .args(["--message", &file.path(), "--user", "app", "--ca", &authority.file(), "--format", "json"])
        .args(["--connect-to", &format!("relay.example.com:{port}:127.0.0.1:{port}")])
        .env("MAILVET_SMTP_PASSWORD", "s3cret-word")
        .output()
        .unwrap();
    let json: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"));
    assert_eq!((output.status.code(), &json["outcome"]), (Some(0), &"accepted".into()), "{json}");
    assert!(!json.to_string().contains("czNjcmV0"), "{json}");
    assert!(heard(&said).contains("MAIL FROM:<>\r\n"), "{}", heard(&said));
}

#[test]
fn send_survives_hostile_servers() {
    static HUGE: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| "x".repeat(200_000));
    static MANY: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| "250-x\r\n".repeat(50_000));
    let evil = "550-5.1.1 \u{1b}]0;owned\u{7}\u{1b}[2J\r\n550 5.1.1 \u{202e}no such user\r\n";
    let leak = |script: Vec<(&'static str, &'static str)>| -> Script { Box::leak(script.into_boxed_slice()) };
    let hello = ("(greeting)", "220 x\r\n");
    for (script, exit) in [
        (leak(vec![("(greeting)", HUGE.as_str())]), 3),
        (leak(vec![hello, ("EHLO", MANY.as_str())]), 3),
        (leak(vec![hello, ("RCPT", evil)]), 1),
        (leak(vec![hello, ("MAIL", "999 what\r\n")]), 1),
    ] {
        let (port, _) = serve(script, None);
        let output =
            command(&format!("127.0.0.1:{port}"), &Sample::of(MESSAGE).path(), &["--deadline", "10"]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(exit), "{text}");
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}', '\r']), "{text:?}");
        assert!(text.len() < 100_000, "{} octets", text.len());
    }
}

#[test]
fn send_sends_only_when_told_so() {
    let (port, said) = serve(&[("(greeting)", "220 x\r\n")], None);
    let relay = format!("127.0.0.1:{port}");
    let file = Sample::of(MESSAGE);
    let output = command(&relay, &file.path(), &["--dry-run"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0));
    assert!(
        told.contains("would send:") && told.contains("from <app@example.com> to <you@example.com> over"),
        "{told}"
    );
    let recording = file.0.path().join("r.json").display().to_string();
    for (more, word) in [
        (vec!["--offline"], "--dry-run"),
        (vec!["--record", &recording], "no recording"),
        (vec!["--replay", &recording], "must never send"),
        (vec!["--to", "a@b\r\nRCPT TO:<c@example.org>"], "control character"),
        (vec!["--tls", "never", "--user", "x"], "TLS alone"),
    ] {
        let output = command(&relay, &file.path(), &more);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{more:?}: {told}");
        assert!(told.contains(word), "{more:?}: {told}");
    }
    let mbox = Sample::of(format!(
        "From a Mon Nov 23 12:00:00 2026\n{MESSAGE}\nFrom b Mon Nov 23 12:00:01 2026\n{MESSAGE}"
    ));
    let output = command(&relay, &mbox.path(), &[]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    // Each of the four is needed.
    for missing in ["--relay", "--from", "--to", "--message"] {
        let pairs = [
            ("--relay", relay.as_str()),
            ("--from", "a@example.com"),
            ("--to", "b@example.com"),
            ("--message", &file.path()),
        ];
        let args =
            pairs.iter().filter(|(flag, _)| *flag != missing).flat_map(|(flag, value)| [*flag, *value]);
        let output = Command::new(env!("CARGO_BIN_EXE_mailvet")).arg("send").args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{missing}: {output:?}");
    }
    assert_eq!(heard(&said), "", "somebody was spoken to");
    // What will be sent is said also with -q, before anything is asked.
    let output = command("127.0.0.1:1", &file.path(), &["-q"]);
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("will send: "), "{output:?}");
    let help = Command::new(env!("CARGO_BIN_EXE_mailvet")).args(["help", "send"]).output().unwrap();
    assert!(String::from_utf8_lossy(&help.stdout).starts_with("SENDS MAIL"), "{help:?}");
}

/// Only the code that a stage allows means success; whatever else is said, nothing is called accepted.
#[test]
fn send_takes_no_code_of_another_stage_for_success() {
    let hello = ("(greeting)", "220 x\r\n");
    let leak = |script: Vec<(&'static str, &'static str)>| -> Script { Box::leak(script.into_boxed_slice()) };
    for (why, script) in [
        ("greeting 250", leak(vec![("(greeting)", "250 x\r\n")])),
        ("greeting 200", leak(vec![("(greeting)", "200 x\r\n")])),
        ("greeting 221", leak(vec![("(greeting)", "221 x\r\n")])),
        ("EHLO 220", leak(vec![hello, ("EHLO", "220 x\r\n")])),
        ("MAIL 251", leak(vec![hello, ("MAIL", "251 x\r\n")])),
        ("MAIL 354", leak(vec![hello, ("MAIL", "354 x\r\n")])),
        ("RCPT 221", leak(vec![hello, ("RCPT", "221 x\r\n")])),
        ("RCPT 252", leak(vec![hello, ("RCPT", "252 x\r\n")])),
        ("DATA 250", leak(vec![hello, ("DATA", "250 x\r\n")])),
        ("DATA 221", leak(vec![hello, ("DATA", "221 x\r\n")])),
        ("dot 221", leak(vec![hello, ("DATA", "354 go\r\n"), (".", "221 bye\r\n")])),
        ("dot 354", leak(vec![hello, ("DATA", "354 go\r\n"), (".", "354 more\r\n")])),
        ("dot 550-250", leak(vec![hello, ("DATA", "354 go\r\n"), (".", "550-no\r\n250 ok\r\n")])),
        ("dot 250-550", leak(vec![hello, ("DATA", "354 go\r\n"), (".", "250-ok\r\n550 no\r\n")])),
    ] {
        let (port, _) = serve(script, None);
        let (json, exit) = send(port, &["--deadline", "10"]);
        assert!(exit != 0, "{why}: {json}");
        assert!(!json.to_string().contains("\"accepted\""), "{why}: {json}");
    }
    let (port, _) = serve(leak(vec![hello, ("DATA", "354 go\r\n")]), None);
    let (json, exit) = send(port, &[]);
    assert_eq!(exit, 0, "{json}");
}
