//! Sets of rotated logs, read whole and searched.

use jiff::Timestamp;

use super::summary::years_of;
use super::{Options, Seek, collect, open, summarize};

/// A set rotated over New Year, given newest first, and damage in the middle.
#[test]
fn a_rotated_set_keeps_its_order_over_new_year() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, stamp: &str, status: &str| {
        let path = folder.path().join(name);
        let mut text = format!("{stamp} h postfix/smtp[1]: 3AAAAAA1: to=<x@example.org>, relay=mx[192.0.2.1]:25, delay=1, dsn=2.0.0, status={status} (250 ok)\n").into_bytes();
        text.extend_from_slice(b"\0\0torn \xff\xfe\n");
        text.extend(std::iter::repeat_n(b'x', 10 << 20));
        text.extend_from_slice(b"\nMar  3 00:");
        std::fs::write(&path, text).unwrap();
        path
    };
    let logs = [
        write("mail.log", "Jan  2 10:00:00", "sent"),
        write("mail.log.1", "Jan  1 10:00:00", "deferred"),
        write("mail.log.2", "Dec 31 10:00:00", "deferred"),
    ];
    let logs = open(&logs, None).unwrap();
    let now: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
    assert_eq!(years_of(&logs, now), [2025, 2026, 2026]);
    let seek = Seek { literals: vec!["x@example.org".to_owned()], follow: true, any_case: false };
    let found = collect(&logs, &seek, now).unwrap();
    let days: Vec<String> = found
        .events
        .iter()
        .map(|event| Timestamp::from_millisecond(event.at).unwrap().strftime("%F").to_string())
        .collect();
    assert_eq!(days, ["2025-12-31", "2026-01-01", "2026-01-02"]);
    let sum = summarize(&logs, &Options { now }).unwrap();
    assert_eq!((sum.totals.delivered, sum.totals.deferred), (1, 2));
    assert_eq!(sum.from.unwrap().strftime("%F").to_string(), "2025-12-31");
    assert_eq!(sum.until.unwrap().strftime("%F").to_string(), "2026-01-02");
    assert_eq!((sum.lines, sum.unparsed), (12, 9));
}

#[test]
fn a_trace_in_utf_16_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trace.csv");
    let text = "\u{feff}\"Received\",\"SenderAddress\",\"RecipientAddress\",\"Status\",\"MessageId\",\"MessageTraceId\"\r\n\"2026-03-01T10:00:00\",\"a@example.com\",\"j\u{f6}rg@example.org\",\"Failed\",\"<m1@example.com>\",\"0f3b5c9e-1111\"\r\n";
    std::fs::write(&path, text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()).unwrap();
    let logs = open(&[path], None).unwrap();
    assert_eq!(logs[0].dialect.map(|dialect| dialect.name()), Some("microsoft-365-trace"));
    let sum = summarize(&logs, &Options { now: "2026-11-23T00:00:00Z".parse().unwrap() }).unwrap();
    assert_eq!((sum.totals.bounced, sum.unparsed, sum.lines), (1, 0, 2));
    assert_eq!(sum.undelivered[0].recipient.raw(), "j\u{f6}rg@example.org");
}
