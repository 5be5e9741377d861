//! Each listing as its manual shows it, and hostile ones.

use super::super::event::{Kind, NO_TIME};
use super::super::{Dialect, detect, parse_block};

fn read(text: &str) -> Vec<(Kind, String, String, String)> {
    assert_eq!(detect::dialect(text.as_bytes()), Some(Dialect::MailQueue), "{text}");
    let batch = parse_block(Dialect::MailQueue, text.as_bytes(), 2026);
    let word = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    batch.iter().map(|e| (e.kind, word(e.id), word(e.recipient), word(e.reply))).collect()
}

#[test]
fn postqueue_json() {
    let got = read(concat!(
        r#"{"queue_name": "deferred", "queue_id": "4ABCDEF012", "arrival_time": 1764480000, "message_size": 2048, "forced_expire": false, "sender": "a@example.com", "recipients": [{"address": "b@example.net", "delay_reason": "connect to mx.example.net[192.0.2.1]:25: Connection timed out"}, {"address": "c@example.org"}]}"#,
        "\n",
        r#"{"queue_name": "hold", "queue_id": "4ABCDEF013", "arrival_time": 1764480000, "message_size": 1, "sender": "", "recipients": [{"address": "d@example.net"}]}"#,
        "\n",
        r#"{"queue_name": "active", "queue_id": "4ABC"#,
        "\n"
    ));
    let kinds: Vec<Kind> = got.iter().map(|event| event.0).collect();
    assert_eq!(kinds, [Kind::Queued, Kind::Deferred, Kind::Addressed, Kind::Queued, Kind::Held]);
    assert_eq!((got[1].1.as_str(), got[1].2.as_str()), ("4ABCDEF012", "b@example.net"));
}

#[test]
fn listings_of_postfix_and_sendmail() {
    let got = read(
        "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n\
         3F1A2B4C5D*    1234 Mon Nov 30 05:14:03  a@example.com\n\
         (host mx.example.net[192.0.2.1] said: 451 4.7.1 Greylisted (in reply to RCPT TO command))\n\
         \u{20}                                        b@example.net\n\
         \u{20}                                        c@example.net\n\n\
         3F1A2B4C5E!    1234 Mon Nov 30 05:14:03  a@example.com\n\
         \u{20}                                        d@example.net\n\n\
         -- 2 Kbytes in 2 Requests.\n",
    );
    let kinds: Vec<Kind> = got.iter().map(|event| event.0).collect();
    assert_eq!(kinds, [Kind::Queued, Kind::Deferred, Kind::Deferred, Kind::Queued, Kind::Held]);
    assert!(got[2].3.ends_with("(in reply to RCPT TO command)"), "{:?}", got[2]);
    let got = read(
        "\t\t/var/spool/mqueue (1 request)\n\
         -----Q-ID----- --Size-- -----Q-Time----- ------------Sender/Recipient-----------\n\
         41TKxZ6S012345     1234 Mon Nov 30 05:14 <a@example.com>\n\
         \u{20}                (Deferred: Connection timed out with mx.example.net.)\n\
         \t\t\t\t\t <b@example.net>\n\t\tTotal requests: 1\n",
    );
    assert_eq!((got.len(), got[1].0, got[1].2.as_str()), (2, Kind::Deferred, "b@example.net"));
    assert!(read("Mail queue is empty\n").is_empty());
}

#[test]
fn listings_of_exim_and_qmail() {
    let text = "25m  2.9K 0t5C6f-0000c8-00 <a@example.com>\n          b@example.net\n        D c@example.net\n\n \
                3d   310 1rB9bA-000000005vi-0000 <> *** frozen ***\n          d@example.org\n\n";
    let got = read(text);
    let kinds: Vec<Kind> = got.iter().map(|event| event.0).collect();
    assert_eq!(kinds, [Kind::Queued, Kind::Addressed, Kind::Queued, Kind::Held]);
    let batch = parse_block(Dialect::MailQueue, text.as_bytes(), 2026);
    assert!(batch.iter().all(|event| event.at == NO_TIME));
    let got = read(
        "10 Nov 2026 12:00:00 GMT  #1234567  1024  <a@example.com> \n\tremote\tb@example.net\n  done\tremote\tc@example.net\n",
    );
    assert_eq!(got.iter().map(|event| event.2.as_str()).collect::<Vec<_>>(), ["", "b@example.net"]);
}

#[test]
fn exchange_messages_and_queues() {
    let got = read(
        "\"Identity\",\"FromAddress\",\"Status\",\"Size\",\"DateReceived\",\"LastError\",\"Recipients\"\n\
         \"EX1\\3\\77\",\"a@example.com\",\"Retry\",\"12.5 KB (12,800 bytes)\",\"2026-11-30T05:00:00Z\",\"[{LED=451 4.4.0 DNS query failed};{MSG=x}]\",\"b@example.net;2;3;[{x}];0\"\n",
    );
    assert_eq!(
        (got[1].0, got[1].2.as_str(), got[1].3.as_str()),
        (Kind::Deferred, "b@example.net", "451 4.4.0 DNS query failed")
    );
    let got = read(
        "\"Identity\",\"Status\",\"MessageCount\",\"NextHopDomain\",\"LastError\"\n\
         \"EX1\\3\",\"Retry\",\"12\",\"example.net\",\"451 4.4.0 refused\"\n\"EX1\\4\",\"Ready\",\"0\",\"example.org\",\"\"\n",
    );
    assert_eq!((got.len(), got[0].0), (1, Kind::Deferred));
}

#[test]
fn hostile_listings_end() {
    for text in [
        "(",
        ")(",
        "3F1A2B4C5D 1 Mon Feb 31 99:99:99 x",
        "{\"queue_id\":\"\"}",
        "25m 2K 0t5C6f-0000c8-00 <",
        "\u{0}",
    ] {
        let long =
            format!("-Queue ID-\n3F1A2B4C5D 1 Mon Nov 30 05:14:03 x\n{text}\n{}\n", "(".repeat(20_000));
        parse_block(Dialect::MailQueue, long.as_bytes(), 2026);
    }
}
