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

/// Postfix hands over and knows the session; Dovecot says that the message lies in Junk.
#[test]
fn a_message_in_the_junk_folder_is_found_there() {
    const POSTFIX: &str = "\
Mar 10 09:00:00 mx postfix/qmgr[9]: 4ABCDEF001: from=<b@example.com>, size=900, nrcpt=1 (queue active)
Mar 10 09:00:02 mx postfix/lmtp[9]: 4ABCDEF001: to=<anna@example.org>, relay=mx[private/dovecot-lmtp], delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 <anna@example.org> MPvvJxr8bGYXJgAA Saved)
Mar 10 09:00:02 mx dovecot: lmtp(anna@example.org)<9751><MPvvJxr8bGYXJgAA>: sieve: msgid=<1@example.com>: stored mail into mailbox 'Junk'
Mar 10 09:00:02 mx postfix/qmgr[9]: 4ABCDEF001: removed
";
    let messages = join(events("mail.log", Dialect::Postfix, POSTFIX));
    assert_eq!(messages.len(), 1, "joined by the session");
    let anna = of(&messages[0], "anna@example.org");
    assert_eq!(anna.status, Status::Delivered);
    assert!(anna.answer.contains("filed into the folder \"Junk\""), "{}", anna.answer);
}

/// Every status that a log may leave open, told within the hour and years after its end.
#[test]
fn a_log_of_the_past_is_told_in_the_past() {
    const HEAD: &str = "\
Mar  3 10:15:00 relay postfix/smtpd[101]: 76987E006C: client=as400.example.com[192.0.2.40]
Mar  3 10:15:01 relay postfix/qmgr[9]: 76987E006C: from=<app@example.com>, size=2345, nrcpt=1 (queue active)
";
    const DEFERRED: &str = "Mar  3 10:15:04 relay postfix/smtp[111]: 76987E006C: to=<bert@example.edu>, relay=mx.example.edu[203.0.113.6]:25, delay=3, dsn=4.7.1, status=deferred (host mx.example.edu[203.0.113.6] said: 450 4.7.1 greylisted, try again (in reply to RCPT TO command))\n";
    const HELD: &str = "Mar  3 10:15:00 relay postfix/cleanup[102]: 76987E006C: hold: header Subject: x from as400.example.com[192.0.2.40]; from=<app@example.com> to=<bert@example.edu> proto=ESMTP helo=<as400>\n";
    let day = 86_400_000;
    for (tail, status, now_words, past_words) in [
        (
            DEFERRED,
            Status::Deferred,
            "has not arrived yet, it waits since",
            "was still waiting when the log ends on 2024-03-10",
        ),
        (
            HELD,
            Status::Held,
            "is held in the queue since",
            "was held in the queue when the log ends on 2024-03-10",
        ),
        ("", Status::Queued, "", "was still in the queue of this machine when the log ends on 2024-03-10"),
    ] {
        let mut told = join(events("relay.log", Dialect::Postfix, &format!("{HEAD}{tail}")));
        let message = &mut told[0];
        let ends = message.received + 7 * day;
        let last = message.events.last().unwrap().at;
        message.read_by(Clock { offset: 0, now: last + 3_600_000, ends: last });
        let fresh = message.recipients[0].clone();
        assert_eq!(fresh.status, status);
        assert!(
            fresh.answer.contains(now_words) && !fresh.answer.contains("when the log ends"),
            "{}",
            fresh.answer
        );
        message.read_by(Clock { offset: 0, now: ends + 900 * day, ends });
        let past = &message.recipients[0];
        assert!(past.answer.contains(past_words), "{}", past.answer);
        assert!(past.advice[0].starts_with("See first what became of it since: the log ends on 2024-03-10"));
        assert!(!past.advice.iter().any(|step| crate::triage::reply::is_waiting(step)), "{:?}", past.advice);
        assert!(!past.advice.iter().any(|step| step.contains("waits there")), "{:?}", past.advice);
        assert!(past.advice[0].contains("postqueue -p"), "{:?}", past.advice);
    }
}

/// A complaint comes days after the server took the message: both times are told.
#[test]
fn a_complaint_does_not_move_the_acceptance() {
    let ses = |kind: &str, part: &str| {
        format!(
            "{{\"notificationType\":\"{kind}\",\"mail\":{{\"messageId\":\"0100018e\",\"source\":\"b@example.com\",\"timestamp\":\"2024-03-03T10:15:00.000Z\",\"destination\":[\"a@example.org\"]}},{part}}}\n"
        )
    };
    let text = ses(
        "Delivery",
        "\"delivery\":{\"timestamp\":\"2024-03-03T10:15:02.000Z\",\"recipients\":[\"a@example.org\"],\"smtpResponse\":\"250 2.0.0 OK\",\"reportingMTA\":\"a8-70.smtp-out.amazonses.com\"}",
    ) + &ses(
        "Complaint",
        "\"complaint\":{\"timestamp\":\"2024-03-05T08:00:00.000Z\",\"complainedRecipients\":[{\"emailAddress\":\"a@example.org\"}],\"complaintFeedbackType\":\"abuse\"}",
    );
    let mut told = join(events("ses.json", Dialect::Ses, &text));
    let message = &mut told[0];
    message.read_by(Clock::default());
    let recipient = &message.recipients[0];
    assert_eq!(recipient.cause, Some(Cause::Complaint));
    assert_eq!(moment(recipient.accepted).as_deref(), Some("2024-03-03 10:15 UTC"));
    assert!(
        recipient.answer.contains("arrived on 2024-03-03 10:15")
            && recipient.answer.contains("spam on 2024-03-05 08:00"),
        "{}",
        recipient.answer
    );
    let steps = recipient.advice.join(" ");
    assert!(steps.contains("took it at 2024-03-03") && !steps.contains("took it at 2024-03-05"), "{steps}");
}

/// What Exim calls the headers is neither the message nor why it is held.
#[test]
fn held_mail_is_read_whole_and_its_log_apart() {
    let text = "2024-03-03 10:15:00 1rgjxY-000000001aB-0xyz <= b@example.com H=x [192.0.2.40] P=esmtp S=900\n\
2024-03-03 10:15:01 1rgjxY-000000001aB-0xyz frozen by system filter: virus\n";
    let told = join(events("main.log", Dialect::Exim, text));
    let held = told[0].recipients.iter().find(|recipient| recipient.status == Status::Held);
    let steps = held.map(|recipient| recipient.advice.join(" ")).unwrap_or_default();
    assert!(steps.contains("exim -Mvc 1rgjxY") && steps.contains("exim -Mvl 1rgjxY"), "{told:?}");
    assert!(!steps.contains("-Mvh"), "{steps}");
}

mod copies;
mod fates;
mod systems;
