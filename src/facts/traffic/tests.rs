//! The summary must not depend on where blocks are cut, must count what the
//! events say, and must survive what a broken disk or an attacker leaves.

use super::*;
use crate::parse::log::{Dialect, Kind, Parser, parse_block};

fn summary(text: &[u8], cuts: usize, portions: usize) -> TrafficSummary {
    let lines: Vec<&[u8]> = text.split_inclusive(|b| *b == b'\n').collect();
    let mut traffic = Traffic::default();
    let mut shards: Vec<Shard> = (0..3).map(|_| Shard::default()).collect();
    let mut places = Vec::new();
    let mut lines_before = 0;
    for region in lines.chunks(lines.len().div_ceil(portions).max(1)) {
        let mut portion = Portion::new(Parser::new(Dialect::Postfix, 2025), 3, 7);
        for block in region.chunks(region.len().div_ceil(cuts).max(1)) {
            portion.read(&block.concat());
        }
        portion.close();
        portion.shift_years(traffic.years_off(portion.calendar()));
        let place = Place { file: "mail.log".to_owned(), lines_before };
        lines_before += u64::from(portion.lines());
        traffic.merge(&portion, &place);
        for (number, shard) in shards.iter_mut().enumerate() {
            shard.apply(number, &portion, places.len() as u32);
        }
        places.push(place);
    }
    traffic.finish(shards, &places, 0)
}

/// Totals by the slow way: whole events, one after the other.
fn counted(text: &[u8]) -> Totals {
    let mut totals = Totals::default();
    for event in parse_block(Dialect::Postfix, text, 2025).iter() {
        match event.kind {
            Kind::Received => totals.received += 1,
            Kind::Delivered => totals.delivered += 1,
            Kind::Deferred => totals.deferred += 1,
            Kind::Bounced => totals.bounced += 1,
            Kind::Rejected => totals.rejected += 1,
            Kind::Expired => totals.expired += 1,
            _ => {}
        }
    }
    totals
}

/// A log of messages that are delivered, deferred for long, bounced, expired.
fn log(messages: u32) -> Vec<u8> {
    use std::fmt::Write;
    let mut text = String::new();
    for number in 0..messages {
        let id = format!("{:010X}", 0x3A00_0000_u64 + u64::from(number) * 7919);
        let (hour, minute, second) = (number / 3600 % 24, number / 60 % 60, number % 60);
        let head = format!("Mar  3 {hour:02}:{minute:02}:{second:02} out{} postfix", number % 2);
        let domain = ["example.org", "example.net", "Gmail.com", "mail.example"][number as usize % 4];
        let _ = writeln!(text, "{head}/smtpd[9]: connect from app[10.0.0.{}]", number % 9);
        let _ = writeln!(text, "{head}/smtpd[9]: {id}: client=app[10.0.0.{}]", number % 9);
        let _ = writeln!(text, "{head}/cleanup[9]: {id}: message-id=<{number}@example.com>");
        let _ = writeln!(text, "Mar  3 {hour:02}:{minute:02}:{second:02} out1 opendkim[1]: {id}: signed");
        let _ = writeln!(
            text,
            "{head}/qmgr[9]: {id}: from=<b+{number}@s{}.example.com>, size=900, nrcpt=2 (queue active)",
            number % 5
        );
        for (recipient, status) in [(0, number % 7), (1, number % 11)] {
            let to = format!(
                "{head}/smtp[9]: {id}: to=<u{recipient}@{domain}>, relay=mx.{domain}[192.0.2.{recipient}]:25, delay=1.5, delays=0.1/0.2/0.3/0.9,"
            );
            let _ = match status {
                1 => writeln!(
                    text,
                    "{to} dsn=4.2.0, status=deferred (host mx.{domain}[192.0.2.1] said: 450 4.2.0 try {number} later (in reply to RCPT TO command))"
                ),
                2 => writeln!(
                    text,
                    "{to} dsn=5.1.1, status=bounced (host mx.{domain}[192.0.2.1] said: 550 5.1.1 no such user)"
                ),
                3 => writeln!(
                    text,
                    "{to} dsn=4.4.1, status=deferred (connect to mx.{domain}[192.0.2.1]:25: Connection timed out)"
                ),
                _ => writeln!(text, "{to} dsn=2.0.0, status=sent (250 OK {number})"),
            };
        }
        if number % 7 == 1 {
            let _ = writeln!(
                text,
                "{head}/qmgr[9]: {id}: from=<b@s.example.com>, status=expired, returned to sender"
            );
        }
        if number % 3 == 0 {
            let _ = writeln!(text, "{head}/qmgr[9]: {id}: removed");
        }
        if number % 13 == 0 {
            let _ = writeln!(
                text,
                "{head}/smtpd[9]: NOQUEUE: reject: RCPT from x[192.0.2.9]: 554 5.7.1 <a@b.example>: Relay access denied; from=<c@d.example> to=<a@b.example> proto=ESMTP helo=<x>"
            );
        }
    }
    text.into_bytes()
}

#[test]
fn cutting_changes_nothing_and_the_totals_are_the_events() {
    let text = log(700);
    let whole = summary(&text, 1, 1);
    assert_eq!(whole.totals, counted(&text));
    assert!(whole.totals.expired == 100 && whole.totals.rejected == 54, "{:?}", whole.totals);
    assert_eq!((whole.messages, whole.other_programs), (700, 700));
    assert_eq!(
        whole.undelivered_total,
        whole.recipients - whole.attempts.values().sum::<u64>() + whole.undelivered_total
    );
    assert_eq!(whole.undelivered.len(), 200);
    for (cuts, portions) in [(2, 1), (7, 1), (1, 2), (3, 5), (50, 13), (1, 400)] {
        let cut = summary(&text, cuts, portions);
        assert_eq!(cut, whole, "{cuts} blocks of {portions} portions");
    }
}

#[test]
fn damage_is_counted_and_moves_nothing_else() {
    let sound = log(40);
    let mut text = b"\0\0\0\0".to_vec();
    text.extend_from_slice(&sound);
    for damage in [
        &b"Mar  3 00:00:41 out1 postfix/smtp[9]: 3A00000000: to=<u0@exam\n"[..],
        b"Mar  3 00:00:41 out1 postfix/smtp[9]: \xff\xfe\x80: to=<\xff@\xff>, relay=none\n",
        b"Mar  3 00:00\n",
        b"\0\0\0\n",
        b"not a log line at all\n",
        b"\r\n",
    ] {
        text.extend_from_slice(damage);
    }
    text.extend_from_slice(b"Mar  3 00:00:41 out1 postfix/smtpd[9]: ");
    text.extend(std::iter::repeat_n(b'x', 10 << 20));
    text.extend_from_slice(b"\nMar  3 00:00:59 out1 postf");
    let (clean, hurt) = (summary(&sound, 1, 1), summary(&text, 1, 1));
    assert_eq!(hurt.totals, clean.totals);
    assert_eq!(hurt.lines, clean.lines + 8);
    assert!((2..=5).contains(&hurt.unparsed), "{:?}", hurt.unparsed_examples);
    assert_eq!(hurt.unparsed as usize, hurt.unparsed_examples.len());
    assert_eq!(summary(&text, 3, 2).totals, clean.totals);
    // Every prefix of a block, cut in the middle of whatever it is.
    let block = &sound[..3000];
    for end in 0..block.len() {
        let (cut, events) = (summary(&block[..end], 1, 1), counted(&block[..end]));
        assert_eq!(cut.totals, events, "cut at {end}");
    }
}

/// Any byte changed anywhere: no panic, and both ways still count the same.
#[test]
fn mutated_lines_count_the_same_both_ways() {
    let sound = log(12);
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as usize
    };
    for _ in 0..400 {
        let mut text = sound.clone();
        for _ in 0..1 + next() % 20 {
            let at = next() % text.len();
            let special = b"\0\n\r:[]<>=,;() \xff\t0AZaz9\"";
            text[at] = special[next() % special.len()];
        }
        assert_eq!(summary(&text, 2, 2).totals, counted(&text));
    }
}

#[test]
fn years_mixed_and_clocks_set_back() {
    let line = |stamp: &str, id: &str| {
        format!(
            "{stamp} h postfix/smtp[1]: {id}: to=<a@example.org>, relay=mx[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 ok)\n"
        )
    };
    let text = [
        line("2024-12-31T23:59:59+00:00", "AAAAA1"),
        line("2025-01-01T00:00:01+00:00", "AAAAA2"),
        line("2024-06-01T00:00:01+00:00", "AAAAA3"),
    ]
    .concat();
    let sum = summary(text.as_bytes(), 1, 1);
    assert_eq!(sum.totals.delivered, 3);
    assert_eq!(sum.from.unwrap().to_string(), "2024-06-01T00:00:01Z");
    assert_eq!(sum.until.unwrap().to_string(), "2025-01-01T00:00:01Z");
    // Without years: New Year moves on, a clock set back within a day does not.
    let text = [
        line("Dec 31 23:59:59", "AAAAA1"),
        line("Jan  1 00:00:10", "AAAAA2"),
        line("Jan  1 00:00:05", "AAAAA3"),
        line("Dec 31 23:59:58", "AAAAA4"),
        line("Jan  2 00:00:00", "AAAAA5"),
    ]
    .concat();
    let whole = summary(text.as_bytes(), 1, 1);
    assert_eq!(whole.from.unwrap().to_string(), "2025-12-31T23:59:58Z");
    assert_eq!(whole.until.unwrap().to_string(), "2026-01-02T00:00:00Z");
    assert_eq!(summary(text.as_bytes(), 1, 5), whole);
}

/// A message through a filter counts once, and its deliveries are those that
/// came after; a torn Message-ID line is no sign of a filter.
#[test]
fn what_a_filter_hands_back_counts_once() {
    let line = |rest: &str| format!("Mar  3 00:00:01 mx postfix/{rest}\n");
    let text = [
        line("smtpd[1]: AAAAAAAAA1: client=app.example.com[192.0.2.10]"),
        line("qmgr[1]: AAAAAAAAA1: from=<a@example.com>, size=1, nrcpt=1 (queue active)"),
        line("smtpd[1]: BBBBBBBBB1: client=localhost[127.0.0.1]"),
        line("qmgr[1]: BBBBBBBBB1: from=<a@example.com>, size=2, nrcpt=1 (queue active)"),
        line("smtp[1]: AAAAAAAAA1: to=<b@example.org>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as BBBBBBBBB1)"),
        line("qmgr[1]: AAAAAAAAA1: removed"),
        line("smtp[1]: BBBBBBBBB1: to=<b@example.org>, relay=mx.example.org[192.0.2.7]:25, delay=1, dsn=2.0.0, status=sent (250 ok)"),
    ]
    .concat();
    let whole = summary(text.as_bytes(), 1, 1);
    assert_eq!((whole.messages, whole.recipients), (1, 1));
    assert_eq!((whole.totals.received, whole.totals.delivered), (1, 1));
}

/// More domains and replies than are followed: the busy ones stay, the rest is
/// counted, nothing is lost from the sums, and the report says so.
#[test]
fn a_flood_of_names_is_bounded_and_said() {
    use std::fmt::Write;
    let flood = PROVIDERS_TRACKED * 2;
    let mut text = String::new();
    for number in 0..flood {
        // Letters only: numbers are masked in replies.
        let word: String =
            format!("{number:06}").bytes().map(|digit| (b'a' + digit - b'0') as char).collect();
        for (domain, times) in [(format!("{word}.test"), 1), ("busy.test".to_owned(), 2)] {
            for _ in 0..times {
                let _ = writeln!(
                    text,
                    "Mar  3 10:00:00 mx postfix/smtp[9]: {number:010X}: to=<u@{domain}>, relay=mx.{domain}[192.0.2.7]:25, delay=1, delays=0/0/0/1, dsn=4.7.1, status=deferred (host mx said: 450 4.7.1 word {word})"
                );
            }
        }
    }
    let sum = summary(text.as_bytes(), 1, 40);
    assert_eq!(sum.totals, counted(text.as_bytes()));
    let attempts: u64 = sum.by_provider.values().map(|provider| provider.totals.attempts()).sum();
    assert_eq!(attempts, 3 * flood as u64, "every attempt is of some provider");
    assert_eq!(sum.by_provider["busy.test"].totals.deferred, 2 * flood as u64);
    assert!(sum.by_provider.contains_key(OTHER));
    let replies: u64 = sum.replies.iter().map(|reply| reply.count).sum();
    assert_eq!(replies + sum.replies_omitted, 3 * flood as u64);
    assert_eq!(sum.notes.iter().filter(|note| note.starts_with("more ")).count(), 2, "{:?}", sum.notes);
    assert_eq!(sum.undelivered_total, 2 * flood as u64);
    assert_eq!(sum.undelivered.len(), 200);
}

/// What came back is one recipient, and none that has the message, wherever the log is cut.
#[test]
fn a_delivery_that_came_back_counts_once() {
    let heading = "type,timeLogged,timeQueued,orig,rcpt,dsnAction,dsnStatus,dsnDiag,dsnMta,jobId,envId\n";
    let taken = "d,2026-03-10 09:00:01+0000,2026-03-10 09:00:00+0000,ann@example.com,bob@example.org,relayed,2.0.0,smtp;250 ok,mx.example.org,j1,e1\n";
    let back = "rb,2026-03-10 11:00:01+0000,,ann@example.com,bob@example.org,failed,5.1.1,smtp;550 5.1.1 User unknown,mx.example.org,j1,e1\n";
    for parts in [
        vec![format!("{heading}{taken}{back}")],
        vec![format!("{heading}{taken}"), format!("{heading}{back}")],
    ] {
        let mut traffic = Traffic::default();
        let mut shards = vec![Shard::default()];
        let places: Vec<Place> =
            parts.iter().map(|_| Place { file: "acct.csv".to_owned(), lines_before: 0 }).collect();
        for (number, part) in parts.iter().enumerate() {
            let mut portion = Portion::new(Parser::new(Dialect::Powermta, 2026), 1, 7);
            portion.read(part.as_bytes());
            portion.close();
            traffic.merge(&portion, &places[number]);
            shards[0].apply(0, &portion, number as u32);
        }
        let sum = traffic.finish(shards, &places, 0);
        assert_eq!((sum.totals.delivered, sum.totals.bounced), (0, 1), "{parts:?}");
        let provider = &sum.by_provider["example.org"];
        assert_eq!((provider.totals.delivered, provider.totals.bounced), (0, 1));
    }
}
