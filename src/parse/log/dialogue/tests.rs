//! Dialogues as job logs and protocol logs hold them.

use super::*;
use crate::parse::log::Batch;

fn run(text: &str) -> Vec<(Kind, String, String)> {
    let mut state = State::default();
    let mut batch = Batch::new(text.as_bytes());
    for (number, one) in text.lines().enumerate() {
        line(one.as_bytes(), number as u32, &mut state, &mut batch);
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let events = batch.iter().map(|e| (e.kind, text(e.recipient), text(e.reply)));
    events.filter(|(kind, ..)| matches!(kind, Kind::Delivered | Kind::Bounced | Kind::Deferred)).collect()
}

#[test]
fn one_refused_among_the_recipients() {
    let got = run("2024-03-03 10:15:00 R: 220 relay.example ESMTP\n\
         S: EHLO as400.example\nR: 250-relay.example\nR: 250 8BITMIME\n\
         S: MAIL FROM:<app@example.com>\nR: 250 2.1.0 Ok\n\
         S: RCPT TO:<a@example.net>\nR: 250 2.1.5 Ok\nS: RCPT TO:<b@example.org>\nR: 550 5.1.1 no such user\n\
         S: DATA\nR: 354 End data\nS: .\nR: 250 2.0.0 Ok: queued as 76987E006C\nS: QUIT\nR: 221 2.0.0 Bye");
    assert_eq!(got.len(), 2);
    assert_eq!(got[0], (Kind::Bounced, "b@example.org".into(), "550 5.1.1 no such user".into()));
    assert_eq!(
        got[1],
        (Kind::Delivered, "a@example.net".into(), "250 2.0.0 Ok: queued as 76987E006C".into())
    );
}

#[test]
fn replies_alone_and_status_lines() {
    let got = run("SNT a@example.net, b@example.org\n  R: 250 2.0.0 Ok: queued as 76987E006C");
    assert_eq!(got.len(), 2);
    assert_eq!(got[1].1, "b@example.org");
    let got = run("R: 250 2.0.0 Ok: queued as 76987E006C\n*SENT a@example.net");
    assert_eq!(got.last().unwrap().1, "a@example.net");
}

#[test]
fn a_refusing_greeting_is_no_delivery() {
    let got = run("R: 554 5.7.1 relay.example refuses\nS: QUIT\nR: 221 Bye");
    assert_eq!(got, [(Kind::Bounced, String::new(), "554 5.7.1 relay.example refuses".into())]);
}
