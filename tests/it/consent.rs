//! `audit --consent`: subscribers against the recipients of a real log, and lists that
//! cannot be used.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::cli::mailvet_in;

const LOG: &str = "\
2026-11-20T08:00:00.000000+00:00 mx postfix/smtp[9]: 4Abc1: to=<anna@example.net>, relay=mx.example.net[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)
2026-11-20T08:00:01.000000+00:00 mx postfix/smtp[9]: 4Abc2: to=<Bert@Example.net>, relay=mx.example.net[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)
2026-11-20T08:00:02.000000+00:00 mx postfix/smtp[9]: 4Abc3: to=<carl@example.net>, relay=mx.example.net[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (550 5.1.1 unknown)
2026-11-20T08:00:03.000000+00:00 mx postfix/smtp[9]: 4Abc4: to=<dora@example.net>, relay=mx.example.net[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)
2026-11-20T08:00:04.000000+00:00 mx postfix/smtp[9]: 4Abc5: to=<emil@example.net>, relay=mx.example.net[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)
";

const LIST: &[u8] = b"address,source,time,double_opt_in,unsubscribed\n\
anna@example.net,form,2026-01-01,yes,\n\
bert@example.net,form,2020-01-01,yes,\n\
carl@example.net,form,2026-01-01,yes,2026-11-01\n\
emil@example.net,,2026-01-01,no,2026-12-01\n";

fn audit(list: &[u8]) -> (tempfile::TempDir, Output) {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let (log, list) = (write("mail.log", LOG.as_bytes()), write("list.csv", list));
    let path = |path: &Path| path.display().to_string();
    let output = mailvet_in(
        folder.path(),
        &[
            "audit",
            "--offline",
            "--format",
            "json",
            "--now",
            "2026-11-23T12:00:00Z",
            "--only",
            "subscription",
            "--log",
            &path(&log),
            "--consent",
            &path(&list),
        ],
    );
    (folder, output)
}

#[test]
fn recipients_are_compared_with_the_list() {
    let (_folder, output) = audit(LIST);
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)));
    let found = |code: &str| {
        let results = report["results"].as_array().unwrap();
        let result = results.iter().find(|result| result["code"] == code).unwrap();
        assert_eq!(result["outcome"], "fail", "{result}");
        let problems = result["problems"].as_array().unwrap();
        assert_eq!(problems.len(), 1, "{result}");
        problems[0]["summary"].as_str().unwrap().to_owned()
    };
    assert!(found("consent-missing").starts_with("dora@example.net was mailed on 2026-11-20"));
    assert!(found("consent-stale").starts_with("bert@example.net agreed on 2020-01-01"));
    assert!(found("suppressed-mailed").starts_with("carl@example.net was taken off on 2026-11-01"));
    assert!(found("consent-unproven").contains("emil@example.net lacks source and confirmation"));
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_list_that_cannot_be_used_is_a_usage_error() {
    for (list, said) in [
        (b"name\nx\n".as_slice(), "list.csv:1: no column holds the address"),
        (b"address\nanna@example.net\nnobody\x1b[31m\n", "list.csv:3: \"nobody\\\\u{1b}[31m\" is no address"),
        (b"address,time\nanna@example.net,1/2/2026\n", "day and month cannot be told apart"),
        (b"address\n\xff\xfea\0\n", "list.csv:2:"),
        (b"", "the list is empty"),
    ] {
        let (_folder, output) = audit(list);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(said), "{said}: {error}");
        assert!(!error.contains('\u{1b}') && output.stdout.is_empty(), "{error}");
    }
}
