//! Who is stopped, and by which rule; what is tentative stops nobody.

use super::*;
use crate::parse::log::event::{Event, Kind as Happened, NO_TIME};
use crate::triage::bounce::judge;

fn place(line: u32) -> Location {
    Location { file: "mail.log".to_owned(), line }
}

fn bounced<'a>(address: &'a str, day: i64, reply: &'a str) -> Event<'a> {
    Event {
        kind: Happened::Bounced,
        at: day * DAY,
        recipient: address.as_bytes(),
        reply: reply.as_bytes(),
        host: b"mx.example.net",
        ..Event::default()
    }
}

fn listed(events: &[Event<'_>]) -> Suppression {
    let mut ledger = Ledger::new(SoftRule { times: 3, days: 10 });
    for (line, event) in events.iter().enumerate() {
        Signal::of_event(event, || place(line as u32 + 1)).into_iter().for_each(|signal| ledger.add(signal));
    }
    ledger.finish()
}

fn stopped(list: &Suppression) -> Vec<(&str, Reason)> {
    list.stopped.iter().map(|entry| (entry.address.as_str(), entry.reason)).collect()
}

const GONE: &str = "550 5.1.1 <a@example.net>: Recipient address rejected: User unknown";
const FULL: &str = "452 4.2.2 Mailbox full";

#[test]
fn a_mailbox_that_does_not_exist_is_stopped_at_its_first_bounce() {
    let list = listed(&[bounced("A@example.net", 10, GONE), bounced("a@EXAMPLE.net", 12, GONE)]);
    assert_eq!(stopped(&list), [("A@example.net", Reason::Hard)]);
    let entry = &list.stopped[0];
    assert_eq!((entry.signs, entry.first, entry.last), (2, Some(10 * DAY), Some(12 * DAY)));
    assert_eq!((entry.place.line, entry.reason.is_permanent()), (1, true));
}

#[test]
fn what_is_said_of_the_message_or_its_sender_stops_nobody() {
    for reply in [
        "550 5.7.1 Message rejected as spam",
        "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
        "550 5.7.26 Unauthenticated email from example.com is not accepted due to domain's DMARC policy",
        "421 4.7.0 Too many connections, slow down",
    ] {
        let list = listed(&[bounced("a@example.net", 1, reply)]);
        assert!(list.stopped.is_empty(), "{reply}");
    }
}

#[test]
fn soft_bounces_stop_by_the_rule_only() {
    let at = |days: &[i64]| {
        let events: Vec<Event> = days.iter().map(|day| bounced("a@example.net", *day, FULL)).collect();
        listed(&events)
    };
    assert_eq!(stopped(&at(&[1, 5, 10])), [("a@example.net", Reason::Soft)]);
    assert!(!at(&[1, 5, 10]).stopped[0].reason.is_permanent());
    for days in [&[1, 5][..], &[1, 1, 1, 1], &[1, 5, 11], &[1, 20, 40]] {
        let list = at(days);
        assert!(list.stopped.is_empty() && list.below_the_rule == 1, "{days:?}");
    }
}

#[test]
fn a_delivery_afterwards_lifts_a_bounce_and_no_complaint() {
    let delivered = |day: i64| Event {
        kind: Happened::Delivered,
        at: day * DAY,
        recipient: b"a@example.net",
        host: b"mx2.example.net",
        ..Event::default()
    };
    // A filter takes mail for everybody, a receiver only for whom it knows; without a time nothing is later.
    let filtered = Event { host: b"filter.example.com", ..delivered(3) };
    assert_eq!(
        stopped(&listed(&[bounced("a@example.net", 1, GONE), filtered])),
        [("a@example.net", Reason::Hard)]
    );
    let undated = Event { at: NO_TIME, ..bounced("a@example.net", 1, GONE) };
    assert_eq!(stopped(&listed(&[undated, delivered(3)])), [("a@example.net", Reason::Hard)]);
    let list = listed(&[bounced("a@example.net", 1, GONE), delivered(3)]);
    assert!(list.stopped.is_empty());
    assert!(list.spared[0].why.contains("delivered later, on 1970-01-04"), "{:?}", list.spared);
    // Two refused it, and one of them takes it again.
    let elsewhere = Event { host: b"mx.example.org", ..bounced("a@example.net", 2, GONE) };
    let both = listed(&[bounced("a@example.net", 1, GONE), elsewhere, delivered(3)]);
    assert_eq!(stopped(&both), [("a@example.net", Reason::Hard)]);
    let again = listed(&[bounced("a@example.net", 1, GONE), delivered(3), bounced("a@example.net", 5, GONE)]);
    assert_eq!(stopped(&again), [("a@example.net", Reason::Hard)]);
    let full = |day| bounced("a@example.net", day, FULL);
    assert!(listed(&[full(1), full(2), delivered(3), full(4)]).stopped.is_empty());
    let complained =
        Event { kind: Happened::Complained, at: DAY, recipient: b"a@example.net", ..Event::default() };
    assert_eq!(stopped(&listed(&[complained, delivered(3)])), [("a@example.net", Reason::Complaint)]);
}

#[test]
fn a_message_given_up_stops_those_who_waited_for_it() {
    let mut waiting = Waiting::default();
    let event = |kind, recipient: &'static str| Event {
        kind,
        id: b"4ABC",
        recipient: recipient.as_bytes(),
        ..Event::default()
    };
    for event in [
        event(Happened::Deferred, "a@example.net"),
        event(Happened::Deferred, "b@example.net"),
        event(Happened::Delivered, "b@example.net"),
    ] {
        assert!(waiting.follow(&event).is_empty());
    }
    assert_eq!(waiting.follow(&event(Happened::Expired, "")), [b"a@example.net".to_vec()]);
    assert!(waiting.follow(&event(Happened::Expired, "")).is_empty());
}

#[test]
fn what_is_no_address_and_what_is_too_much_are_counted() {
    let mut ledger = Ledger::new(SoftRule::default());
    ledger.most = 1;
    for address in [
        "",
        "nobody",
        "a@b@",
        "a b@example.net",
        "v@example.org,x@evil.example",
        "::error::x@evil.example",
        "\"a\"@example.net",
        "a@example.net;b.example",
        "a@example.net",
        "b@example.net",
        "a@example.net",
    ] {
        ledger.add(Signal {
            address: address.to_owned(),
            sign: Sign::Complaint,
            cause: Cause::Complaint,
            at: None,
            place: place(1),
            words: String::new(),
            host: String::new(),
        });
    }
    let list = ledger.finish();
    assert_eq!((list.stopped.len(), list.nameless_complaints, list.not_kept), (1, 1, 1));
    assert_eq!(list.no_addresses, 7, "nobody took these out: they are no addresses");
}

#[test]
fn who_wrote_a_message_is_not_stopped_for_whom_it_did_not_reach() {
    // Sendmail names the sender where a person, not an alias, controls the delivery.
    let line = b"to=<a@example.net>, ctladdr=<news@example.com> (1001/1001), stat=User unknown";
    let event = |text| Event { original: b"news@example.com", text, ..bounced("a@example.net", 1, GONE) };
    assert_eq!(stopped(&listed(&[event(line)])), [("a@example.net", Reason::Hard)]);
    let alias = b"to=<a@example.net>, orig_to=<news@example.com>, status=bounced";
    assert_eq!(stopped(&listed(&[event(alias)])), [("news@example.com", Reason::Hard)]);
}

#[test]
fn a_code_for_now_stops_nobody_for_good_whatever_became_of_the_message() {
    for reply in [
        "450 4.1.1 <a@example.net>: Recipient address rejected: User unknown",
        "450 4.1.1 <a@example.net>: User unknown: retry timeout exceeded",
        "4.1.1 User unknown (returned to sender)",
    ] {
        let list = listed(&[bounced("a@example.net", 1, reply)]);
        assert!(list.stopped.is_empty(), "{reply}: {:?}", list.stopped);
    }
    let notice = "From: MAILER-DAEMON@example.com\r\nTo: news@example.com\r\nSubject: Undelivered Mail Returned to \
                  Sender\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; \
                  boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; \
                  out.example.com\r\n\r\nFinal-Recipient: rfc822; a@example.net\r\nAction: failed\r\nStatus: \
                  4.1.1\r\nDiagnostic-Code: smtp; 450 4.1.1 User unknown\r\n--b--\r\n";
    let mut ledger = Ledger::new(SoftRule::default());
    let verdict = judge(notice.as_bytes()).unwrap();
    Signal::of_notice(&verdict, None, &place(1)).into_iter().for_each(|signal| ledger.add(signal));
    let list = ledger.finish();
    assert!(list.stopped.is_empty() && list.spared.len() == 1, "{list:?}");
}

#[test]
fn a_complaint_stops_whom_it_names_whole_or_nobody() {
    let list = |field: &str, to: &str| {
        let raw = format!(
            "From: fbl@example.net\r\nTo: abuse@example.com\r\nSubject: complaint\r\nMIME-Version: 1.0\r\nContent-Type: \
             multipart/report; report-type=feedback-report; boundary=b\r\n\r\n--b\r\nContent-Type: \
             message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n{field}\r\n--b\r\nContent-Type: \
             message/rfc822\r\n\r\nTo: {to}\r\n\r\nx\r\n--b--\r\n"
        );
        let mut ledger = Ledger::new(SoftRule::default());
        let verdict = judge(raw.as_bytes()).unwrap();
        Signal::of_notice(&verdict, None, &place(1)).into_iter().for_each(|signal| ledger.add(signal));
        ledger.finish()
    };
    for field in [
        "Original-Rcpt-To: a;b@example.com",
        "Original-Rcpt-To: \"a;b@example.com\"",
        "Original-Rcpt-To: a@example.net <b@example.com>",
        "Original-Rcpt-To: a@example.net, b@example.com",
        "Original-Recipient: rfc822;a;b@example.com",
        "Removal-Recipient: (b@example.net) b@example.com",
        "Original-Rcpt-To: \"a b@example.com\"@example.net",
    ] {
        let list = list(field, "undisclosed-recipients:;");
        assert!(list.stopped.is_empty() && list.no_addresses == 1, "{field}: {list:?}");
    }
    let redacted = "Original-Rcpt-To: [redacted]";
    let one = list(redacted, "\"b@example.com\" <a@example.net>");
    assert_eq!(stopped(&one), [("a@example.net", Reason::Complaint)]);
    let several = list(redacted, "a@example.net, b@example.com");
    assert!(several.stopped.is_empty() && several.nameless_complaints == 1, "{several:?}");
}

#[test]
fn rules_are_read() {
    assert_eq!("3/14".parse(), Ok(SoftRule { times: 3, days: 14 }));
    for wrong in ["", "3", "1/30", "0/0", "9/3", "x/y", "3/99999999"] {
        assert!(wrong.parse::<SoftRule>().is_err(), "{wrong}");
    }
}

#[test]
fn a_notice_counts_by_its_report_and_not_by_its_prose() {
    let notice = |report: &str| {
        format!(
            "From: MAILER-DAEMON@example.net\r\nTo: news@example.com\r\nSubject: Undelivered Mail Returned to Sender\r\n\
             Date: Mon, 30 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; \
             report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n\
             <a@example.net>: host mx.example.net said: {GONE}\r\n--b\r\n{report}--b--\r\n"
        )
    };
    let report = "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; out.example.com\r\n\r\n\
                  Final-Recipient: rfc822; a@example.net\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; \
                  550 5.1.1 User unknown\r\n";
    let list = |raw: &str| {
        let mut ledger = Ledger::new(SoftRule::default());
        let verdict = judge(raw.as_bytes()).unwrap();
        Signal::of_notice(&verdict, None, &place(1)).into_iter().for_each(|signal| ledger.add(signal));
        ledger.finish()
    };
    assert_eq!(stopped(&list(&notice(report))), [("a@example.net", Reason::Hard)]);
    let prose = list(&notice(""));
    assert!(prose.stopped.is_empty() && prose.spared.len() <= 1, "{prose:?}");
    let delayed = report.replace("failed", "delayed").replace("5.1.1", "4.2.0").replace("550", "450");
    assert!(list(&notice(&delayed)).stopped.is_empty());
}
