//! Stories over one and several hops.

use super::*;
use crate::model::Location;
use crate::parse::log::{Dialect, Parser};

fn events(file: &str, dialect: Dialect, text: &str) -> Vec<LogEvent> {
    let batch = Parser::new(dialect, 2024).block(text.as_bytes());
    let of = |event: crate::parse::log::Event<'_>| {
        LogEvent::of(&event, Location { file: file.to_owned(), line: event.line + 1 }, dialect.name())
    };
    batch.iter().map(of).collect()
}

const IMAIL: &str = "\
2024-03-03 10:15:00 S: MAIL FROM:<app@example.com>
2024-03-03 10:15:00 R: 250 2.1.0 Ok
2024-03-03 10:15:00 S: RCPT TO:<anna@example.org>
2024-03-03 10:15:00 R: 250 2.1.5 Ok
2024-03-03 10:15:00 S: RCPT TO:<bert@example.edu>
2024-03-03 10:15:00 R: 250 2.1.5 Ok
2024-03-03 10:15:00 S: DATA
2024-03-03 10:15:00 R: 354 go ahead
2024-03-03 10:15:01 R: 250 2.0.0 Ok: queued as 76987E006C
2024-03-03 10:15:01 SNT
";

const RELAY: &str = "\
Mar  3 10:15:00 relay postfix/smtpd[101]: 76987E006C: client=as400.example.com[192.0.2.40]
Mar  3 10:15:00 relay postfix/cleanup[102]: 76987E006C: message-id=<1@as400.example.com>
Mar  3 10:15:01 relay postfix/qmgr[9]: 76987E006C: from=<app@example.com>, size=2345, nrcpt=2 (queue active)
Mar  3 10:15:02 relay postfix/smtp[110]: 76987E006C: to=<anna@example.org>, relay=mx.example.org[198.51.100.7]:25, delay=1.6, delays=0.1/0.02/0.9/0.6, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4BFF2010A)
Mar  3 10:15:04 relay postfix/smtp[111]: 76987E006C: to=<bert@example.edu>, relay=mx.example.edu[203.0.113.6]:25, delay=3.2, delays=0.1/0.02/3.1/0, dsn=4.0.0, status=deferred (host mx.example.edu[203.0.113.6] refused to talk to me: 421 mx.example.edu Service refused, please try later: CSI Suspect 192.0.2.99)
";

fn of<'m>(message: &'m Message, address: &str) -> &'m Recipient {
    message.recipients.iter().find(|recipient| recipient.address == address).unwrap()
}

/// The program says SENT; the relay delivered to one and waits for the other.
#[test]
fn sent_is_not_received() {
    let alone = join(events("imail.txt", Dialect::Imail, IMAIL));
    assert_eq!(alone.len(), 1);
    let bert = of(&alone[0], "bert@example.edu");
    assert_eq!((bert.status, bert.next_id.as_str()), (Status::AcceptedByRelay, "76987E006C"));

    let mut both = events("imail.txt", Dialect::Imail, IMAIL);
    both.extend(events("relay.log", Dialect::Postfix, RELAY));
    let joined = join(both);
    assert_eq!(joined.len(), 1);
    let message = &joined[0];
    assert_eq!(message.ids, ["76987E006C"]);
    assert_eq!(of(message, "anna@example.org").status, Status::Delivered);
    let bert = of(message, "bert@example.edu");
    assert_eq!((bert.status, bert.permanent, bert.attempts), (Status::Deferred, Some(false), 1));
    assert_eq!(bert.cause, Some(Cause::BadReputation));
    assert!(bert.answer.contains("has not arrived yet"), "{}", bert.answer);
    assert!(bert.advice.iter().any(|step| step.contains("192.0.2.99")), "{:?}", bert.advice);
    assert!(!bert.advice.iter().any(|step| step.contains("203.0.113.6")), "the peer is not the sender");
    assert_eq!(bert.until - message.received, 5 * 86_400_000 + 800);
}

#[test]
fn an_expiry_ends_who_still_waits() {
    let log = format!(
        "{RELAY}Mar  8 10:15:09 relay postfix/qmgr[9]: 76987E006C: from=<app@example.com>, status=expired, returned to sender\nMar  8 10:15:09 relay postfix/qmgr[9]: 76987E006C: removed\nMar  9 10:00:00 relay postfix/smtpd[1]: 76987E006C: client=x[192.0.2.1]\n"
    );
    let messages = join(events("relay.log", Dialect::Postfix, &log));
    assert_eq!(messages.len(), 2, "an id used again is another message");
    assert_eq!(of(&messages[0], "anna@example.org").status, Status::Delivered);
    let bert = of(&messages[0], "bert@example.edu");
    assert_eq!((bert.status, bert.permanent), (Status::Expired, Some(true)));
}

/// A queue that hands on to itself under another id must not loop.
#[test]
fn ids_that_point_at_each_other_end() {
    let line = |id: &str, next: &str| {
        format!(
            "Mar  3 10:15:02 h postfix/smtp[1]: {id}: to=<a@example.org>, relay=mx.example.org[192.0.2.7]:25, delay=1, dsn=2.0.0, status=sent (250 Ok: queued as {next})\n"
        )
    };
    let text = line("4104E3D", "4104E3E") + &line("4104E3E", "4104E3D");
    let messages = join(events("l", Dialect::Postfix, &text));
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].ids.len(), 2);
}

/// Without the lines of the last hop nothing becomes delivered: a filter's, a
/// relay's and an unknown host's word is not enough.
#[test]
fn losing_the_last_hop_never_delivers() {
    let first = |relay: &str, reply: &str| {
        format!(
            "Mar  3 10:15:02 web postfix/smtp[1]: 4104E3D001: to=<a@example.org>, relay={relay}, delay=1, dsn=2.0.0, status=sent ({reply})\n"
        )
    };
    let last = "Mar  3 10:15:03 mx postfix/smtp[1]: 76987E006C: to=<a@example.org>, relay=mx.example.org[192.0.2.7]:25, delay=1, dsn=5.1.1, status=bounced (host mx.example.org[192.0.2.7] said: 550 5.1.1 User unknown (in reply to RCPT TO command))\n";
    for relay in [
        "127.0.0.1[127.0.0.1]:10024",
        "filter.example.com[10.0.0.9]:10024",
        "relay.example.net[192.0.2.9]:25",
        "mail.isp.example[192.0.2.9]:25",
        "smtp.gmail.com[192.0.2.9]:587",
        "mx.example.org[192.0.2.9]:465",
        "shop-example.mail.protection.outlook.com[192.0.2.9]:25",
    ] {
        let text = first(relay, "250 2.0.0 Ok: queued as 76987E006C");
        let whole = join(events("l", Dialect::Postfix, &(text.clone() + last)));
        assert_eq!(whole.len(), 1, "{relay}");
        assert_eq!(of(&whole[0], "a@example.org").status, Status::Bounced, "{relay}");
        let cut = join(events("l", Dialect::Postfix, &text));
        assert_eq!(of(&cut[0], "a@example.org").status, Status::AcceptedByRelay, "{relay}");
        assert!(cut[0].recipients[0].custody.iter().all(|hop| !hop.party.delivers()), "{relay}");
    }
}

/// One log or the same in rotated pieces: the same verdicts.
#[test]
fn rotation_changes_nothing() {
    type Told = Vec<(Vec<String>, Vec<(String, Status, u32)>)>;
    let told = |messages: &[Message]| -> Told {
        let one = |message: &Message| {
            let of = |one: &Recipient| (one.address.clone(), one.status, one.attempts);
            (message.ids.clone(), message.recipients.iter().map(of).collect())
        };
        messages.iter().map(one).collect()
    };
    let whole = told(&join(events("mail.log", Dialect::Postfix, RELAY)));
    let lines: Vec<&str> = RELAY.split_inclusive('\n').collect();
    for cut in 0..=lines.len() {
        let mut pieces = events("mail.log.1", Dialect::Postfix, &lines[..cut].concat());
        pieces.extend(events("mail.log", Dialect::Postfix, &lines[cut..].concat()));
        assert_eq!(told(&join(pieces)), whole, "{cut}");
    }
}

/// A chain of hand-overs costs no more a link when it is longer.
#[test]
fn a_long_chain_is_one_message() {
    let text: String = (0..5000)
        .map(|n| {
            format!(
                "Mar  3 10:15:02 h postfix/smtp[1]: {n:06X}A1: to=<a@example.org>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, dsn=2.0.0, status=sent (250 Ok: queued as {:06X}A1)\n",
                n + 1
            )
        })
        .collect();
    let messages = join(events("l", Dialect::Postfix, &text));
    assert_eq!((messages.len(), messages[0].ids.len()), (1, 5000));
}

/// A message of which the log says no more than that it was queued is found.
#[test]
fn a_queue_id_in_the_log_is_found() {
    let text = "Mar  3 10:15:02 h postfix/qmgr[1]: 4104E3D001: from=<a@example.com>, size=1, nrcpt=1 (queue active)\n";
    let messages = join(events("l", Dialect::Postfix, text));
    assert_eq!(
        (messages[0].ids.as_slice(), messages[0].recipients[0].status),
        (&["4104E3D001".to_owned()][..], Status::Queued)
    );
}
