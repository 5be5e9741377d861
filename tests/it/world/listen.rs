//! `listen`, driven by `send`, by Python's smtplib, and by hostile clients.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::mail::Authority;
use super::servers::{found, lacks};

const MESSAGE: &str = "From: App <app@example.com>\r\nTo: you@example.org\r\nSubject: Quote 7\r\n\
                       Message-ID: <q7.1@example.com>\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\n\r\nHello\r\n.dot\r\n";

/// A listening process; killed when dropped.
struct Listener {
    child: Child,
    address: SocketAddr,
    out: std::thread::JoinHandle<String>,
    told: std::thread::JoinHandle<String>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn listen(args: &[&str]) -> Listener {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mailvet"))
        .args(["listen", "127.0.0.1:0", "--now", "2026-11-23T12:00:00Z"])
        .args(args)
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut first = String::new();
    stderr.read_line(&mut first).unwrap();
    let address = first.strip_prefix("listening on ").and_then(|rest| rest.split(": ").next());
    let address = address.and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{first}"));
    // Both are read on, or the process would wait for its pipes.
    let told = std::thread::spawn(move || {
        let mut rest = String::new();
        let _ = stderr.read_to_string(&mut rest);
        first + &rest
    });
    let mut stdout = child.stdout.take().unwrap();
    let out = std::thread::spawn(move || {
        let mut all = String::new();
        stdout.read_to_string(&mut all).unwrap();
        all
    });
    Listener { child, address, out, told }
}

impl Listener {
    /// Waits for its end: standard output, standard error, exit code.
    fn end(mut self) -> (String, String, i32) {
        let status: ExitStatus = self.child.wait().unwrap();
        let [out, told] = [&mut self.out, &mut self.told]
            .map(|reader| std::mem::replace(reader, std::thread::spawn(String::new)).join().unwrap());
        assert!(!told.contains("panicked"), "{told}");
        (out, told, status.code().unwrap())
    }

    /// Greeted; places of clients that have just gone may take a moment to be free.
    fn admitted(&self) -> Client {
        for _ in 0..600 {
            let mut client = self.client();
            if client.reply().starts_with("220 ") {
                return client;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("no place is free");
    }

    fn client(&self) -> Client {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        Client { reader: BufReader::new(stream.try_clone().unwrap()), stream }
    }
}

/// A client that says what it is told.
struct Client {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
}

impl Client {
    /// One reply, its lines joined; empty where the server has closed.
    fn reply(&mut self) -> String {
        let mut all = String::new();
        loop {
            let mut line = String::new();
            if self.reader.read_line(&mut line).unwrap_or(0) == 0 {
                return all;
            }
            all.push_str(&line);
            if line.as_bytes().get(3) != Some(&b'-') {
                return all;
            }
        }
    }

    fn say(&mut self, bytes: impl AsRef<[u8]>) -> String {
        let _ = self.stream.write_all(bytes.as_ref());
        self.reply()
    }

    /// Up to the 354.
    fn begin_data(&mut self) {
        for line in ["EHLO x\r\n", "MAIL FROM:<a@example.com>\r\n", "RCPT TO:<b@example.com>\r\n"] {
            let reply = self.say(line);
            assert!(reply.starts_with("250"), "{line}: {reply}");
        }
        assert!(self.say("DATA\r\n").starts_with("354 "));
    }
}

fn send(address: SocketAddr, message: &Path, more: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_mailvet"))
        .args([
            "send",
            "--relay",
            &address.to_string(),
            "--from",
            "bounce@example.com",
            "--to",
            "you@example.org",
        ])
        .args(["--message", &message.display().to_string(), "--format", "json"])
        .args(more)
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
}

/// What is audited is what `audit` says of the same message, given the same.
#[test]
fn listen_audits_as_audit_does() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("m.eml");
    std::fs::write(&file, MESSAGE).unwrap();
    let zone = folder.path().join("example.com.zone");
    std::fs::write(
        &zone,
        "$ORIGIN example.com.\n$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 300\n@ NS ns\nns A 192.0.2.1\n\
         @ TXT \"v=spf1 ip4:192.0.2.25 -all\"\n_dmarc TXT \"v=DMARC1; p=reject\"\n",
    )
    .unwrap();
    let (zone, inbox) = (zone.display().to_string(), folder.path().join("inbox"));
    let save = inbox.display().to_string();
    let given = [
        "--zone",
        zone.as_str(),
        "--offline",
        "--ip",
        "192.0.2.26",
        "--helo",
        "app.example.com",
        "--format",
        "json",
    ];
    let args: Vec<&str> = given.into_iter().chain(["--count", "2", "--save", &save]).collect();
    let listener = listen(&args);
    let replies = [1, 2].map(|_| send(listener.address, &file, &["--helo", "other.example.com"]));
    let (out, told, exit) = listener.end();
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2, "one report a message: {out}");
    let mut heard = lines[0].clone();
    assert_eq!(heard["schema"], "mailvet/audit/1");
    assert_eq!(
        (&heard["target"]["domain"], &heard["target"]["ips"][0]),
        (&"example.com".into(), &"192.0.2.26".into())
    );
    assert_eq!(
        (&heard["target"]["helo"], &heard["target"]["mail_from"]),
        (&"app.example.com".into(), &"bounce@example.com".into())
    );
    // The reply told the score or why there is none, in one line.
    // Offline, the address is on no list that anybody asked: there is no score to tell.
    assert_eq!(heard["score"]["grade"], Value::Null, "{heard}");
    let score = format!("audited: not scored: {}", heard["score"]["reason"].as_str().unwrap());
    for reply in &replies {
        assert_eq!(reply["recipients"][0]["reply"], format!("250 2.0.0 {score}"), "{reply}");
    }
    // What was kept is what was sent.
    assert_eq!(std::fs::read_to_string(inbox.join("0002.eml")).unwrap(), MESSAGE);
    let kept = inbox.join("0001.eml").display().to_string();
    let audited = Command::new(env!("CARGO_BIN_EXE_mailvet"))
        .args(["audit", "example.com", "--now", "2026-11-23T12:00:00Z", "--mail-from", "bounce@example.com"])
        .args(["--message", &kept])
        .args(given)
        .output()
        .unwrap();
    let text = String::from_utf8(audited.stdout).unwrap().replace(&kept, "message-1.eml");
    let audited_json: Value = serde_json::from_str(&text).unwrap();
    heard["questions"] = audited_json["questions"].clone();
    assert_eq!(heard, audited_json);
    assert_eq!(Some(exit), audited.status.code(), "{told}");
    let spf =
        audited_json["results"].as_array().unwrap().iter().find(|one| one["code"] == "spf-ip-unauthorised");
    assert_eq!(spf.unwrap()["outcome"], "fail", "the override counts: {audited_json}");
}

/// `--fail-on` sets the exit code; no message is too little evidence; a signal ends it.
#[test]
fn listen_ends_as_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("m.eml");
    // Without a date, which is a fault.
    std::fs::write(&file, "From: app@example.com\r\nSubject: x\r\n\r\nx\r\n").unwrap();
    for (fail_on, wanted) in [("never", 0), ("low", 1)] {
        let listener = listen(&["--offline", "--count", "1", "--fail-on", fail_on, "--ip", "192.0.2.25"]);
        send(listener.address, &file, &[]);
        let (out, _, exit) = listener.end();
        assert_eq!(exit, wanted, "{out}");
        assert!(
            out.starts_with("message 1 from 127.0.0.1:")
                && out.contains("<bounce@example.com> to <you@example.org>"),
            "{out}"
        );
    }
    for signal in ["-INT", "-TERM"] {
        let listener = listen(&["--offline"]);
        let mut client = listener.client();
        assert!(client.reply().starts_with("220 "));
        let killed = Command::new("kill").args([signal, &listener.child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        assert!(client.reply().starts_with("421 4.3.2 the service ends"));
        let (out, told, exit) = listener.end();
        assert_eq!((out.as_str(), exit), ("", 3), "{told}");
        assert!(told.contains("say nothing of a sender"), "{told}");
    }
}

/// Nothing that a client can say breaks it, and no smuggled end of a message is believed.
#[test]
fn listen_sends_silent_clients_away() {
    let listener = listen(&["--offline", "--idle", "1"]);
    let mut silent = listener.admitted();
    let mut halfway = listener.admitted();
    halfway.begin_data();
    halfway.stream.write_all(b"Subject: never finished\r\n").unwrap();
    for client in [silent.reply(), halfway.reply()].into_iter().zip([&mut silent, &mut halfway]) {
        assert!(client.0.starts_with("421 4.4.2 "), "{}", client.0);
        assert_eq!(client.1.reply(), "", "the connection is closed");
    }
    // Their places are free, and nothing of theirs was audited.
    assert!(listener.admitted().say("QUIT\r\n").starts_with("221 "));
}

#[test]
fn listen_survives_hostile_clients() {
    let listener = listen(&[
        "--offline",
        "--max-size",
        "5000",
        "--max-connections",
        "3",
        "--count",
        "1",
        "--format",
        "json",
        "--idle",
        "30",
    ]);
    // Commands out of order, unknown, with NUL, not UTF-8, too long.
    let mut client = listener.admitted();
    for (line, code) in [
        (&b"MAIL FROM:<a@example.com>\r\n"[..], "503 "),
        (b"EHLO x\r\n", "250-"),
        (b"DATA\r\n", "503 "),
        (b"EHLO a\0b\r\n", "501 "),
        (b"EHLO \xff\xfe\r\n", "501 "),
        (b"\r\n", "500 "),
        (b"AUTH PLAIN AGEAYg==\r\n", "502 "),
        (b"STARTTLS\r\n", "502 "),
        (b"MAIL FROM:<a@example.com> SIZE=99999\r\n", "552 "),
        (b"MAIL FROM:<a@example.com> SIZE=99999999999999999999999\r\n", "501 "),
        (b"RCPT TO:<b@example.com>\r\n", "503 "),
        (b"VRFY root\r\n", "252 "),
    ] {
        let reply = client.say(line);
        assert!(reply.starts_with(code), "{}: {reply}", String::from_utf8_lossy(line));
    }
    let endless = vec![b'A'; 100_000];
    assert!(client.say(&endless).starts_with("500 5.5.2"));
    assert_eq!(client.reply(), "", "it hung up");
    // A thousand recipients: a hundred are taken, the others not now, then it ends.
    let mut client = listener.admitted();
    client.say("EHLO x\r\n");
    client.say("MAIL FROM:<a@example.com>\r\n");
    let replies: Vec<String> =
        (0..1000).map(|at| client.say(format!("RCPT TO:<u{at}@example.com>\r\n"))).collect();
    let count = |start: &str| replies.iter().filter(|reply| reply.starts_with(start)).count();
    assert_eq!((count("250 "), count("452 "), count("421 ")), (100, 898, 1), "{:?}", replies.last());
    drop(client);
    // A dot alone between bare line ends.
    for smuggled in [
        "x\r\n\n.\n",
        "x\n.\r\n",
        "x\r\n.\nMAIL FROM:<e@example.com>\r\n",
        "x\r.\r\n",
        "x\r\n.\r\r\n",
        "x\n.\n",
    ] {
        let mut client = listener.admitted();
        client.begin_data();
        let reply = client.say(smuggled);
        assert!(reply.starts_with("521 5.5.2"), "{smuggled:?}: {reply}");
        assert_eq!(client.reply(), "", "{smuggled:?}");
    }
    let mut client = listener.admitted();
    assert!(client.say("EHLO x\nMAIL FROM:<a@example.com>\n").starts_with("521 "));
    // More than SIZE, in lines and without any.
    for large in ["line\r\n".repeat(2000), "x".repeat(20_000)] {
        let mut client = listener.admitted();
        client.begin_data();
        assert!(client.say(large + "\r\n.\r\n").starts_with("552 5.3.4"));
    }
    // One too many at once.
    let held: Vec<Client> = (0..3).map(|_| listener.admitted()).collect();
    assert!(listener.client().reply().starts_with("421 4.3.2"));
    drop(held);
    // After all this it still audits, and pipelining is allowed: one write, all replies.
    let mut client = listener.admitted();
    let whole = format!(
        "EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<\u{fc}@example.com>\r\nDATA\r\n{}\r\n.\r\nQUIT\r\n",
        "From: \u{1b}[31m a@example.com\r\n\r\na\0b\u{1b}]0;x\u{7}\r\n..dot"
    );
    assert!(client.say(whole).starts_with("250-"));
    let rest: Vec<String> = (0..5).map(|_| client.reply()).collect();
    let codes: Vec<&str> = rest.iter().map(|reply| reply.get(..3).unwrap_or_default()).collect();
    assert!(
        codes == ["250", "250", "354", "250", "221"] || codes == ["250", "250", "354", "554", "421"],
        "{rest:?}"
    );
    assert!(
        rest.iter().all(|reply| reply.trim_end().bytes().all(|byte| (0x20..0x7f).contains(&byte))),
        "{rest:?}"
    );
    let (out, told, exit) = listener.end();
    assert!(exit == 1 || exit == 3 || exit == 0, "{exit}");
    assert!(
        !out.contains(['\u{1b}', '\u{7}', '\0']) && !told.contains(['\u{1b}', '\u{7}', '\0']),
        "{out:?} {told:?}"
    );
}

/// What is said before, and so the stage that the commands of the table meet.
const STAGES: [(&str, &[&str]); 5] = [
    ("connected", &[]),
    ("greeted", &["EHLO x"]),
    ("sender named", &["EHLO x", "MAIL FROM:<a@example.com>"]),
    ("recipient named", &["EHLO x", "MAIL FROM:<a@example.com>", "RCPT TO:<b@example.com>"]),
    ("reset", &["EHLO x", "MAIL FROM:<a@example.com>", "RCPT TO:<b@example.com>", "RSET"]),
];

/// A command, and the code of its reply at each stage (RFC 5321 sections 4.1.4 and 4.3.2).
const REPLIES: &[(&str, [&str; 5])] = &[
    ("EHLO y", ["250", "250", "250", "250", "250"]),
    ("HELO y", ["250", "250", "250", "250", "250"]),
    ("EHLO", ["501", "501", "501", "501", "501"]),
    ("MAIL FROM:<c@example.com>", ["503", "250", "503", "503", "250"]),
    ("MAIL FROM:<>", ["503", "250", "503", "503", "250"]),
    ("MAIL FROM:c", ["501", "501", "501", "501", "501"]),
    ("MAIL FROM:<c@example.com> X=1", ["555", "555", "555", "555", "555"]),
    ("RCPT TO:<d@example.com>", ["503", "503", "250", "250", "503"]),
    ("RCPT TO:<>", ["501", "501", "501", "501", "501"]),
    ("DATA", ["503", "503", "503", "354", "503"]),
    ("DATA x", ["501", "501", "501", "501", "501"]),
    ("RSET", ["250", "250", "250", "250", "250"]),
    ("NOOP x", ["250", "250", "250", "250", "250"]),
    ("VRFY a", ["252", "252", "252", "252", "252"]),
    ("EXPN a", ["502", "502", "502", "502", "502"]),
    ("HELP", ["214", "214", "214", "214", "214"]),
    ("STARTTLS", ["502", "502", "502", "502", "502"]),
    ("AUTH PLAIN AGEAYg==", ["502", "502", "502", "502", "502"]),
    ("BDAT 3 LAST", ["502", "502", "502", "502", "502"]),
    ("WHAT", ["500", "500", "500", "500", "500"]),
    ("QUIT", ["221", "221", "221", "221", "221"]),
];

#[test]
fn listen_replies_by_the_table() {
    let listener = listen(&["--offline"]);
    let mut wrong = Vec::new();
    for (at, (stage, said)) in STAGES.iter().enumerate() {
        for (command, codes) in REPLIES {
            let mut client = listener.admitted();
            for line in *said {
                assert!(client.say(format!("{line}\r\n")).starts_with("250"), "{stage}: {line}");
            }
            let reply = client.say(format!("{command}\r\n"));
            if !reply.starts_with(codes[at]) {
                wrong.push(format!("{stage}, {command}: {reply:?}, not {}", codes[at]));
            }
            // Nothing but QUIT ends the session.
            let next =
                client.say(if *command == "DATA" && codes[at] == "354" { "x\r\n.\r\n" } else { "NOOP\r\n" });
            let is_over = next.is_empty();
            if is_over != (*command == "QUIT") {
                wrong.push(format!("{stage}, {command}: then {next:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Python's smtplib, over STARTTLS; and no command said in clear is obeyed inside TLS.
#[test]
fn listen_takes_mail_from_smtplib() {
    if lacks(&["python3"]) {
        return;
    }
    let authority = Authority::new();
    let identity = authority.certify(&["localhost"], 2085);
    let (chain, key) = (identity.chain.display().to_string(), identity.key.display().to_string());
    let listener = listen(&[
        "--offline",
        "--count",
        "1",
        "--format",
        "ndjson",
        "--tls-certificate",
        &chain,
        "--tls-key",
        &key,
    ]);
    let mut client = listener.client();
    client.reply();
    assert!(client.say("EHLO x\r\n").contains("250-STARTTLS\r\n"));
    assert!(client.say("STARTTLS\r\nNOOP\r\n").starts_with("501 5.5.4 commands stand behind"));
    drop(client);
    let script = format!(
        "import smtplib, ssl\ns = smtplib.SMTP('127.0.0.1', {}, local_hostname='app.example.com')\n\
         c = ssl.create_default_context(cafile={:?}); c.check_hostname = False\ns.starttls(context=c)\n\
         s.ehlo()\nm = 'From: b\\u00fc@example.com\\r\\nSubject: x\\r\\n\\r\\n.\\r\\n.x\\r\\n'\n\
         print(s.sendmail('a@example.com', ['b@example.com', 'c@example.com'], m.encode(), ['BODY=8BITMIME', 'SMTPUTF8']))\n\
         print(s.quit())\n",
        listener.address.port(),
        authority.file()
    );
    let python = Command::new(found("python3").unwrap()).args(["-c", &script]).output().unwrap();
    assert!(python.status.success(), "{python:?}");
    let (out, told, _) = listener.end();
    let json: Value = serde_json::from_str(out.trim_end()).unwrap_or_else(|e| panic!("{e}: {out} {told}"));
    assert_eq!(
        (&json["target"]["ips"][0], &json["target"]["helo"]),
        (&"127.0.0.1".into(), &"app.example.com".into())
    );
    assert_eq!(json["target"]["mail_from"], "a@example.com");
}

#[test]
fn listen_refuses_what_makes_no_sense() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x");
    std::fs::write(&file, "no pem\n").unwrap();
    let path = file.display().to_string();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let busy = taken.local_addr().unwrap().to_string();
    for (args, word) in [
        (vec!["here"], "127.0.0.1:2525"),
        (vec!["127.0.0.1:0", "--ip", "x"], "--ip"),
        (vec!["127.0.0.1:0", "--record", &path], "--save"),
        (vec!["127.0.0.1:0", "--tls-certificate", &path], "--tls-key"),
        (vec!["127.0.0.1:0", "--tls-certificate", &path, "--tls-key", &path], "no certificate"),
        (vec!["127.0.0.1:0", "--save", &path], "--save"),
        (vec!["127.0.0.1:0", "--count", "0"], "--count"),
        (vec!["127.0.0.1:0", "--format", "sarif"], "ndjson"),
        (vec![&busy], "cannot listen"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_mailvet"))
            .arg("listen")
            .args(&args)
            .arg("--offline")
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {told}");
        assert!(told.contains(word), "{args:?}: {told}");
    }
}

/// Without a network nothing is known of the sender: the score is of the message alone and says so, and a
/// message without a signature has no good one.
#[test]
fn listen_offline_scores_the_message_alone() {
    let of = |signature: &str| {
        let listener = listen(&["--offline", "--count", "1", "--format", "json"]);
        let mut client = listener.client();
        assert!(client.reply().starts_with("220 "));
        client.begin_data();
        let reply = client.say(format!(
            "{signature}From: app@example.com\r\nTo: you@example.org\r\nSubject: Quote 17\r\n\
             Date: Mon, 23 Nov 2026 11:59:00 +0000\r\nMessage-ID: <17@example.com>\r\n\r\nThe quote.\r\n.\r\n"
        ));
        let (out, told, _) = listener.end();
        let report: Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {told}"));
        assert_eq!(report["score"]["scope"], "message", "{}", report["score"]);
        assert!(reply.starts_with("250 2.0.0 audited, the message alone: "), "{reply}");
        for receiver in report["receivers"].as_array().unwrap() {
            assert_ne!(receiver["expected"], "accept", "{receiver}");
        }
        let area =
            report["score"]["areas"].as_array().unwrap().iter().find(|one| one["area"] == "authentication");
        (report["score"]["total"].as_u64().unwrap(), area.unwrap()["assessed"].clone())
    };
    let (total, assessed) = of("");
    assert!(total < 65 && assessed == true, "{total}");
    // That there is a signature says nothing of whether it holds.
    let (_, assessed) =
        of("DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s1; h=from; bh=AA==; b=AA==\r\n");
    assert_eq!(assessed, false);
}

/// Slow and silent clients by the hundred keep no one out: who does not get on loses
/// its place to who does, and the reply to an honest message comes in time.
#[test]
fn listen_serves_an_honest_sender_among_500_hostile_ones() {
    let listener = listen(&["--offline", "--count", "1", "--ip", "192.0.2.25"]);
    let hostile: Vec<TcpStream> = (0..500)
        .filter_map(|at| {
            let mut stream = TcpStream::connect(listener.address).ok()?;
            // Silent, half a command, half a message.
            let said: &[u8] = match at % 3 {
                0 => b"",
                1 => b"EHLO x\r\nNOO",
                _ => b"EHLO x\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\nSubject: x",
            };
            let _ = stream.write_all(said);
            Some(stream)
        })
        .collect();
    assert!(hostile.len() > 400, "{}", hostile.len());
    std::thread::sleep(Duration::from_millis(3200));
    let begun = Instant::now();
    let mut client = listener.client();
    assert!(client.reply().starts_with("220 "));
    client.begin_data();
    let reply = client.say("From: app@example.com\r\nSubject: x\r\n\r\nx\r\n.\r\n");
    assert!(reply.starts_with("250 2.0.0 audited"), "{reply}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    drop(hostile);
    listener.end();
}

/// One octet now and then is no line: the bound is on the whole of it.
#[test]
fn listen_bounds_the_time_of_a_line() {
    let listener = listen(&["--offline", "--idle", "1"]);
    let mut client = listener.admitted();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(4) {
        if client.stream.write_all(b"N").is_err() {
            break;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    assert!(client.reply().starts_with("421 4.4.2"));
}

/// What is kept has its whole text under its name, or no name.
#[test]
fn listen_keeps_whole_messages_only() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = folder.path().join("inbox");
    let listener = listen(&["--offline", "--count", "1", "--save", inbox.to_str().unwrap()]);
    // The folder goes: nothing can be kept, and the sender is told to come back.
    std::fs::remove_dir_all(&inbox).unwrap();
    let mut client = listener.admitted();
    client.begin_data();
    let reply = client.say("From: app@example.com\r\nSubject: x\r\n\r\nx\r\n.\r\n");
    assert!(reply.starts_with("452 4.3.1"), "{reply}");
    listener.end();
    let listener = listen(&["--offline", "--count", "1", "--save", inbox.to_str().unwrap()]);
    let mut client = listener.admitted();
    client.begin_data();
    assert!(client.say("From: app@example.com\r\nSubject: x\r\n\r\nx\r\n.\r\n").starts_with("250 2.0.0"));
    listener.end();
    let kept: Vec<_> = std::fs::read_dir(&inbox).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(kept, ["0001.eml"]);
}

/// A disk that is full ends no service: the sender is told to come back, and the exit code says that a report
/// is missing.
#[test]
fn listen_goes_on_where_a_report_cannot_be_written() {
    if !Path::new("/dev/full").exists() {
        eprintln!("SKIPPED: this system has no /dev/full");
        return;
    }
    let listener = listen(&["--offline", "--count", "2", "--format", "json=/dev/full"]);
    for _ in 0..2 {
        let mut client = listener.admitted();
        client.begin_data();
        let reply = client.say("From: app@example.com\r\nSubject: x\r\n\r\nx\r\n.\r\n");
        assert!(reply.starts_with("451 4.3.0"), "{reply}");
    }
    let (_, told, exit) = listener.end();
    assert_eq!(exit, 2, "{told}");
    assert!(told.contains("No space left"), "{told}");
}

/// What was answered 250 is on the disk, whole, whenever the process is killed.
#[test]
fn listen_loses_nothing_that_it_took_when_killed() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = folder.path().join("inbox");
    let mut taken = 0_u32;
    for round in 0..20_u64 {
        let mut listener = listen(&["--offline", "--save", inbox.to_str().unwrap()]);
        let (address, answered) = (listener.address, Arc::new(AtomicU32::new(0)));
        let clients: Vec<_> = (0..4)
            .map(|number| {
                let answered = answered.clone();
                std::thread::spawn(move || {
                    let mut accepted = Vec::new();
                    for at in 0..50 {
                        let Ok(stream) = TcpStream::connect(address) else { break };
                        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                        let mut client =
                            Client { reader: BufReader::new(stream.try_clone().unwrap()), stream };
                        client.reply();
                        for line in [
                            "EHLO x\r\n",
                            "MAIL FROM:<a@example.com>\r\n",
                            "RCPT TO:<b@example.com>\r\n",
                            "DATA\r\n",
                        ] {
                            client.say(line);
                        }
                        let mark = format!("round-{round}-client-{number}-message-{at}");
                        let filler = "0123456789\r\n".repeat(2000);
                        let text = format!(
                            "From: app@example.com\r\nSubject: {mark}\r\n\r\n{filler}end of {mark}\r\n"
                        );
                        let reply = client.say(format!("{text}.\r\n"));
                        if !reply.starts_with("250 ") {
                            break;
                        }
                        answered.fetch_add(1, Ordering::Relaxed);
                        accepted.push((mark, text));
                    }
                    accepted
                })
            })
            .collect();
        // Some time after the first message was taken, however slow the machine is.
        let begun = Instant::now();
        while answered.load(Ordering::Relaxed) == 0 && begun.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(round * 10));
        listener.child.kill().unwrap();
        let accepted: Vec<_> = clients.into_iter().flat_map(|client| client.join().unwrap()).collect();
        drop(listener);
        let kept: Vec<String> = std::fs::read_dir(&inbox)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|end| end == "eml"))
            .map(|path| std::fs::read_to_string(path).unwrap())
            .collect();
        for (mark, text) in &accepted {
            assert_eq!(kept.iter().filter(|one| *one == text).count(), 1, "{mark} was taken");
        }
        // No name stands for half a message, answered or not.
        for text in &kept {
            let mark = text.lines().nth(1).and_then(|line| line.strip_prefix("Subject: ")).unwrap();
            assert!(text.ends_with(&format!("end of {mark}\r\n")), "{mark} is cut");
        }
        taken += u32::try_from(accepted.len()).unwrap();
        std::fs::remove_dir_all(&inbox).unwrap();
    }
    assert!(taken >= 20, "{taken} messages were taken in all");
}

/// The zone files are read once: what is written to them while the server runs is no half-read zone.
#[test]
fn listen_reads_zone_files_once() {
    let folder = tempfile::tempdir().unwrap();
    let zone = folder.path().join("example.com.zone");
    std::fs::write(
        &zone,
        "$ORIGIN example.com.\n$TTL 300\n@ SOA ns h 1 3600 600 86400 300\n@ NS ns\nns A 192.0.2.1\n\
         @ TXT \"v=spf1 ip4:192.0.2.25 -all\"\n",
    )
    .unwrap();
    let zone_text = zone.display().to_string();
    let args = ["--zone", &zone_text, "--offline", "--ip", "192.0.2.25", "--count", "2", "--format", "json"];
    let listener = listen(&args);
    for round in 0..2 {
        let mut client = listener.admitted();
        client.begin_data();
        let reply = client.say("From: app@example.com\r\nSubject: x\r\n\r\nx\r\n.\r\n");
        assert!(reply.starts_with("250 "), "{round}: {reply}");
        std::fs::write(&zone, "$ORIGIN example.com.\n@ TXT \"v=sp").unwrap();
    }
    let (out, _, _) = listener.end();
    let reports: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for report in &reports {
        let results = report["results"].as_array().unwrap();
        let spf = results.iter().find(|result| result["code"] == "spf-ip-unauthorised").unwrap();
        assert_eq!(spf["outcome"], "pass", "{spf}");
    }
    assert_eq!(reports.len(), 2);
}
