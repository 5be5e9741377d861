//! Sets of rotated logs, read whole and searched.

use jiff::Timestamp;

use super::summary::years_of;
use super::{LogFile, Options, Seek, collect, compare, open, signers, summarize, walk};
use crate::parse::consent::Register;
use crate::parse::log::Kind;

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

/// A delivery that began before the rotation ends in the next file, and only the line of its beginning names the
/// recipient; another log's delivery of the same number is not it.
#[test]
fn what_began_before_the_rotation_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let began = "1795305600.0 new msg 4711\n1795305600.1 info msg 4711: bytes 900 from <a@example.com> qp 1 uid 2\n\
                 1795305600.2 starting delivery 5: msg 4711 to remote x@example.org\n";
    let ended = "1795305660.0 delivery 5: success: 192.0.2.1_accepted_message./Remote_host_said:_250_ok/\n\
                 1795305660.1 end msg 4711\n";
    let now: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
    let register = Register::parse("list", b"address\nx@example.org\n").unwrap();
    let seek = Seek { literals: vec!["x@example.org".to_owned()], follow: false, any_case: false };
    for (next, goes_on) in [("mail.log", true), ("other.log", false)] {
        let before = write("mail.log.1", began);
        let logs = open(&[before, write(next, ended)], None).unwrap();
        let dialects: Vec<_> = logs.iter().map(|log| log.dialect.map(|dialect| dialect.name())).collect();
        assert_eq!(dialects, [Some("qmail"); 2]);
        let mut walked = Vec::new();
        walk(&logs, now, &mut |event, _| {
            if event.kind == Kind::Delivered {
                walked.push(String::from_utf8_lossy(event.recipient).into_owned());
            }
        })
        .unwrap();
        assert_eq!(walked, [if goes_on { "x@example.org" } else { "" }], "{next}");
        let found = collect(&logs, &seek, now).unwrap().events;
        assert_eq!(found.iter().any(|event| event.kind == Kind::Delivered), goes_on, "{next}");
        let consent = compare(&logs, &register, now).unwrap();
        assert_eq!(consent.recipients, u64::from(goes_on), "{next}");
        let traffic = summarize(&logs, &Options { now }).unwrap();
        let joined: u64 = traffic.by_provider.values().map(|provider| provider.totals.delivered).sum();
        assert_eq!(joined, u64::from(goes_on), "{next}");
    }
}

/// Every way of reading a log notes that the file was cut meanwhile, wherever the cut is.
#[test]
fn a_log_that_is_cut_while_it_is_read_is_noticed_by_every_reader() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mail.log");
    let line = "Mar  3 10:00:00 h postfix/smtp[1]: 3AAAAAA1: to=<x@example.org>, relay=mx[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 ok)\n";
    let whole = line.repeat(40_000);
    let now: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
    let register = Register::parse("list", b"address\nx@example.org\n").unwrap();
    let seek = Seek { literals: vec!["x@example.org".to_owned()], follow: false, any_case: false };
    type Read<'r> = (&'r str, &'r dyn Fn(&[LogFile]));
    let readers: [Read<'_>; 5] = [
        ("summarize", &|logs| drop(summarize(logs, &Options { now }).unwrap())),
        ("collect", &|logs| drop(collect(logs, &seek, now).unwrap())),
        ("walk", &|logs| assert_eq!(walk(logs, now, &mut |_, _| {}).unwrap(), 0)),
        ("signers", &|logs| drop(signers(logs, &[]).unwrap())),
        ("compare", &|logs| drop(compare(logs, &register, now).unwrap())),
    ];
    let len = whole.len() as u64;
    for (name, read) in readers {
        for cut in [0, 1, 400_000, 1 << 20, (1 << 20) + 1, len - 5000, len - 1, len] {
            std::fs::write(&path, &whole).unwrap();
            let logs = open(std::slice::from_ref(&path), None).unwrap();
            std::fs::File::options().write(true).open(&path).unwrap().set_len(cut).unwrap();
            read(&logs);
            let wanted = (cut < len).then(|| format!("the last {} of {len} octets were gone", len - cut));
            let said = logs[0].unread();
            match (&said, &wanted) {
                (None, None) => {}
                (Some(said), Some(wanted)) if said.contains(wanted.as_str()) => {}
                _ => panic!("{name}, cut to {cut}: {said:?} for {wanted:?}"),
            }
        }
    }
}
