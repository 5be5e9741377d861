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

/// By the rules of `spf` and its like: 0 where the question is answered, 3 where it is not, 2 where a file was
/// not read.
#[test]
fn what_is_not_told_is_no_success() {
    for (text, wanted) in [
        ("550 5.1.1 user unknown", 0),
        ("421 4.7.0 try again later", 0),
        ("something went sideways", 3),
        ("zzz", 3),
    ] {
        let (code, out, _) = mailvet(&["reply", "--offline", "--format", "json", text], "");
        let json: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!((code, json["cause"] == "undetermined"), (wanted, wanted == 3), "{text}: {out}");
    }
    let letter = "From: a@example.net\nSubject: Lunch\n\nShall we?\n";
    let open = "From: MAILER-DAEMON@example.com\nSubject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n\
Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\
Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.com\n\n\
Final-Recipient: rfc822; a@example.net\nAction: failed\n\n--b--\n";
    for format in ["terminal", "json", "ndjson", "markdown"] {
        for (message, wanted) in [(BOUNCE, 0), (letter, 3), (open, 3)] {
            let (code, out, err) = mailvet(&["bounce", "--format", format, "-"], message);
            assert_eq!(code, wanted, "{format}: {message} gave {out} {err}");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let path = folder.path().to_str().unwrap();
    write("a.eml", BOUNCE);
    write("b.eml", letter);
    assert_eq!(mailvet(&["bounce", path], "").0, 0, "a letter among bounces leaves nothing open");
    write("c.eml", open);
    assert_eq!(mailvet(&["bounce", path], "").0, 3, "one recipient is open");
    assert_eq!(mailvet(&["bounce", path, "/nowhere/d.eml"], "").0, 2, "a file was not read");
}

#[test]
fn a_queue_is_told_by_cause_and_an_empty_one_is_good_news() {
    let waiting = r#"{"queue_name": "deferred", "queue_id": "4ABCDEF012", "arrival_time": 1795996800, "message_size": 2048, "sender": "a@example.com", "recipients": [{"address": "b@example.net", "delay_reason": "connect to mx.example.net[192.0.2.1]:25: Connection timed out"}]}"#;
    let (code, out, _) = mailvet(&["queue", "--format", "json", "--fail-on", "medium"], waiting);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    let group = &json["groups"][0];
    assert_eq!((code, json["schema"].as_str()), (1, Some("mailvet/queue/1")));
    assert_eq!(
        (group["cause"].as_str(), group["receiver"].as_str()),
        (Some("network-failure"), Some("example.net"))
    );
    assert_eq!(group["commands"][0]["command"], "postqueue -i 4ABCDEF012");
    for empty in ["", "Mail queue is empty\n"] {
        let (code, out, _) = mailvet(&["queue"], empty);
        assert!(code == 0 && out.starts_with("The queue is empty"), "{out}");
        // Nothing at all is also what a command prints that failed.
        assert_eq!(out.contains("holds nothing at all"), empty.is_empty(), "{out}");
    }
    // A cut listing is no empty queue.
    let (code, out, _) = mailvet(&["queue"], &waiting[..120]);
    assert!(code == 3 && out.contains("not understood") && !out.contains("is empty"), "{code} {out}");
    let (code, _, err) = mailvet(&["queue"], "hello\n");
    assert!(code == 2 && err.contains("no mail log"), "{err}");
}

#[test]
fn a_listing_goes_on_where_the_log_stops() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name).to_str().unwrap().to_owned()
    };
    let log = file(
        "mail.log",
        "Nov 30 05:14:03 web postfix/smtpd[1]: 4ABCDEF012: client=app[192.0.2.9]\n\
         Nov 30 05:14:03 web postfix/qmgr[1]: 4ABCDEF012: from=<a@example.com>, size=2048, nrcpt=1 (queue active)\n",
    );
    let queue = file(
        "queue.txt",
        "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n4ABCDEF012     2048 Mon Nov 30 05:14:03  a@example.com\n(host mx.example.net[192.0.2.1] said: 452 4.2.2 Mailbox full (in reply to RCPT TO command))\n                b@example.net\n\n-- 2 Kbytes in 1 Request.\n",
    );
    let (_, out, _) = mailvet(
        &["triage", &log, &queue, "--offline", "--format", "json", "--now", "2026-11-30T12:00:00Z"],
        "",
    );
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["messages"].as_array().unwrap().len(), 1, "{out}");
    let recipient = &json["messages"][0]["recipients"][0];
    assert_eq!(
        (recipient["status"].as_str(), recipient["cause"].as_str()),
        (Some("deferred"), Some("mailbox-full"))
    );
}

fn table(name: &str) -> String {
    std::fs::read_to_string(crate::root().join("fixtures/triage").join(name)).unwrap()
}

fn finality(permanent: Option<bool>) -> &'static str {
    match permanent {
        Some(true) => "p",
        Some(false) => "t",
        None => "-",
    }
}

#[test]
fn replies_of_many_receivers_are_understood() {
    let table = table("replies.txt");
    let mut wrong = Vec::new();
    for line in table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let fields: Vec<&str> = line.splitn(5, '|').collect();
        let [cause, final_or_not, provider, mx, text] = fields[..] else { panic!("{line}") };
        let v = mailvet::triage::reply::classify(text, (mx != "-").then_some(mx));
        let tag = v.provider.map_or("-", |p| p.tag.as_str());
        if (v.cause.name(), finality(v.permanent)) != (cause, final_or_not)
            || (provider != "-" && tag != provider)
        {
            wrong.push(format!("{line}\n  got {} {} {tag}", v.cause.name(), finality(v.permanent)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn wordings_the_table_of_words_was_fitted_on_are_understood() {
    let table = table("wordings.txt");
    let lines: Vec<(&str, &str)> =
        table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('|')).collect();
    let wrong: Vec<String> = lines
        .iter()
        .filter_map(|(causes, text)| {
            let got = mailvet::triage::reply::classify(text, None).cause.name();
            (!causes.split('/').any(|cause| cause == got)).then(|| format!("{causes}|{text}: {got}"))
        })
        .collect();
    // The rest are the texts that a rule reads otherwise for a reason.
    assert!(
        wrong.len() * 100 <= lines.len() * 4,
        "{} of {}:\n{}",
        wrong.len(),
        lines.len(),
        wrong.join("\n")
    );
}

#[test]
fn notices_of_many_systems_are_understood() {
    let table = table("bounces.txt");
    let mut wrong = Vec::new();
    for case in table.split("\n=== ").skip(1) {
        let (head, raw) = case.split_once('\n').unwrap();
        let fields: Vec<&str> = head.split('|').map(str::trim).collect();
        let v = mailvet::triage::bounce::judge(raw.as_bytes()).unwrap();
        let got: Vec<[String; 4]> = v
            .recipients
            .iter()
            .map(|r| {
                let status = r.enhanced_code.map(|code| code.to_string()).unwrap_or_default();
                [r.address.clone(), r.cause.name().to_owned(), finality(r.permanent).to_owned(), status]
            })
            .collect();
        let want: Vec<Vec<&str>> = fields[2]
            .split(';')
            .map(|r| r.split_whitespace().collect())
            .filter(|r: &Vec<_>| !r.is_empty())
            .collect();
        let alike = |(want, got): (&Vec<&str>, &[String; 4])| {
            want.len() == 4 && want.iter().zip(got).all(|(want, got)| *want == "*" || want == got)
        };
        if v.kind.name() != fields[1] || want.len() != got.len() || !want.iter().zip(&got).all(alike) {
            wrong.push(format!("{head}\n  got {} {got:?}", v.kind.name()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
