//! `mailvet suppress`: logs, bounces and complaints in, the columns of each mailer out.

use std::path::Path;

use crate::cli::mailvet;

const LOG: &str = "\
Nov 10 08:00:01 mx postfix/smtp[1]: 4F2A7B3C01: to=<gone@example.net>, relay=mx.example.net[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (host mx.example.net[192.0.2.9] said: 550 5.1.1 <gone@example.net>: Recipient address rejected: User unknown in virtual mailbox table (in reply to RCPT TO command))
Nov 10 08:00:02 mx postfix/smtp[1]: 4F2A7B3C02: to=<fine@example.net>, relay=mx.example.net[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok)
Nov 10 08:00:03 mx postfix/smtp[1]: 4F2A7B3C03: to=<spam@example.net>, relay=mx.example.net[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=5.7.1, status=bounced (host mx.example.net[192.0.2.9] said: 554 5.7.1 Message rejected as spam (in reply to end of DATA command))
Nov 11 08:00:01 mx postfix/smtp[1]: 4F2A7B3C04: to=<full@example.net>, relay=mx.example.net[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=4.2.2, status=deferred (host mx.example.net[192.0.2.9] said: 452 4.2.2 Mailbox full (in reply to RCPT TO command))
Nov 12 08:00:01 mx postfix/qmgr[1]: 4F2A7B3C04: from=<news@example.com>, status=expired, returned to sender
Nov 13 08:00:01 mx postfix/smtp[1]: 4F2A7B3C05: to=<full@example.net>, relay=mx.example.net[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=5.2.2, status=bounced (host mx.example.net[192.0.2.9] said: 552 5.2.2 Mailbox full (in reply to RCPT TO command))
";

fn complaint(kind: &str, to: &str) -> String {
    format!(
        "From: fbl@provider.example\nTo: abuse@example.com\nSubject: complaint\nMIME-Version: 1.0\nContent-Type: \
         multipart/report; report-type=feedback-report; boundary=b\n\n--b\nContent-Type: text/plain\n\nAn email abuse \
         report\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: {kind}\nUser-Agent: x/1\nVersion: 1\n\
         Original-Rcpt-To: <{to}>\n\n--b\nContent-Type: message/rfc822\n\nFrom: a@example.com\nMessage-ID: \
         <0@example.com>\nSubject: x\n\nhi\n--b--\n"
    )
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("mail.log", LOG);
    std::fs::create_dir(folder.path().join("reports")).unwrap();
    write("reports/1.eml", &complaint("abuse", "angry@provider.example"));
    write("reports/2.eml", &complaint("auth-failure", "forged@provider.example"));
    write("reports/3.eml", &complaint("opt-out", "=1+cmd@provider.example"));
    // One address to a mail server, two to a list.
    write("reports/5.eml", &complaint("abuse", "boss@example.com,x@provider.example"));
    write(
        "reports/4.eml",
        "From: a@example.net\nTo: abuse@example.com\nSubject: hello\n\nDear all, a letter.\n",
    );
    folder
}

fn run(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let (log, reports) = (folder.join("mail.log"), folder.join("reports"));
    let mut all =
        vec!["suppress", log.to_str().unwrap(), reports.to_str().unwrap(), "--now", "2026-11-30T10:00:00Z"];
    all.extend_from_slice(args);
    let output = mailvet(&all);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn who_is_stopped_and_who_is_not() {
    let folder = folder();
    let (code, out, err) = run(folder.path(), &["--format", "json", "--soft", "2/7"]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out} {err}"));
    assert_eq!((code, json["schema"].as_str()), (0, Some("mailvet/suppress/1")), "{err}");
    let stopped: Vec<(&str, &str)> = json["stop"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["address"].as_str().unwrap(), entry["reason"].as_str().unwrap()))
        .collect();
    assert_eq!(
        stopped,
        [
            ("angry@provider.example", "complaint"),
            ("=1+cmd@provider.example", "opt-out"),
            ("gone@example.net", "hard-bounce"),
            ("full@example.net", "soft-bounce"),
        ]
    );
    let gone = &json["stop"][2];
    assert_eq!((gone["line"].as_u64(), gone["permanent"].as_bool()), (Some(1), Some(true)));
    assert!(gone["file"].as_str().unwrap().ends_with("mail.log"));
    assert_eq!(json["stop"][3]["signs"], 2);
    // The rule as it stands wants more days.
    let (_, out, _) = run(folder.path(), &["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((json["stop"].as_array().unwrap().len(), json["soft_below_rule"].as_u64()), (3, Some(1)));
}

#[test]
fn each_mailer_gets_its_columns() {
    let folder = folder();
    let rows = |args: &[&str]| run(folder.path(), args).1;
    assert_eq!(
        rows(&["--for", "mailman"]),
        "angry@provider.example\n=1+cmd@provider.example\ngone@example.net\n"
    );
    assert_eq!(
        rows(&["--for", "ses"]),
        "angry@provider.example,COMPLAINT\r\n=1+cmd@provider.example,COMPLAINT\r\ngone@example.net,BOUNCE\r\n"
    );
    assert!(rows(&["--for", "mautic"]).starts_with("email,donotContact\r\nangry@provider.example,1\r\n"));
    assert!(rows(&["--for", "sendgrid"]).starts_with("email\r\nangry@provider.example\r\n"));
    assert!(
        rows(&["--for", "listmonk"])
            .contains("\r\ngone@example.net,,\"{\"\"stopped\"\": \"\"hard-bounce\"\"}\"\r\n")
    );
    // Our own columns are for spreadsheets, and start no formula there.
    let own = rows(&["--format", "csv"]);
    assert!(own.starts_with("address,reason,permanent,cause,first,last,signs,evidence,words\r\n"));
    assert!(own.contains("\"'=1+cmd@provider.example\",\"opt-out\",\"yes\""), "{own}");
    let (code, out, err) = run(folder.path(), &["--for", "ses", "--format", "json"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("--format csv"), "{err}");
}

/// Addresses that would need quotes are on no list, and their number is told.
#[test]
fn no_row_has_more_columns_than_its_heading() {
    let folder = folder();
    let (_, out, _) = run(folder.path(), &[]);
    let out = out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        out.contains("1 bounce or complaint names what is no address, or one with separators or quotes"),
        "{out}"
    );
    assert!(!out.contains("took the address out"), "{out}");
    for (number, address) in
        ["a\"b@example.net", "\"a,b\"@example.net", "\"a;b\"@example.net"].iter().enumerate()
    {
        let report = folder.path().join(format!("reports/hostile{number}.eml"));
        std::fs::write(report, complaint("abuse", address)).unwrap();
    }
    let (_, out, _) = run(folder.path(), &[]);
    let out = out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(out.contains("4 bounces and complaints name what is no address"), "{out}");
    for (mailer, commas) in [("mailman", 0), ("sendgrid", 0), ("ses", 1), ("mautic", 1), ("listmonk", 2)] {
        let (_, out, _) = run(folder.path(), &["--for", mailer]);
        assert!(out.lines().count() >= 3, "{out}");
        for row in out.lines() {
            assert_eq!(row.matches(',').count(), commas, "{mailer}: {row}");
            let address = row.split(',').next().unwrap();
            assert!(!address.contains(['"', ';', ':', ' ']), "{mailer}: {row}");
        }
    }
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_listed() {
    let folder = folder();
    std::fs::write(folder.path().join("reports/5.bin"), b"\x7fELF nothing of the kind").unwrap();
    let (code, out, err) = run(folder.path(), &["--for", "mailman"]);
    assert_eq!(code, 2);
    assert!(out.contains("gone@example.net") && err.contains("5.bin") && err.contains("--dialect"), "{err}");
    let (code, out, _) = run(folder.path(), &[]);
    assert_eq!(code, 2);
    assert!(out.contains("3 addresses to stop: 1 complaint, 1 opt-out, 1 hard bounce"), "{out}");
    assert!(out.contains("2026-11-10") && out.contains("User unknown"), "{out}");
    let empty = tempfile::NamedTempFile::new().unwrap();
    let output = mailvet(&["suppress", empty.path().to_str().unwrap()]);
    assert_ne!(output.status.code(), Some(0), "nothing was given that could stop anybody");
}
