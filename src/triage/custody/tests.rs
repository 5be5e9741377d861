//! Who has a message, by kind of hop.

use super::*;
use crate::model::Location;
use crate::parse::log::{Dialect, parse_block};

fn event(relay: &str, to: &str, reply: &str) -> LogEvent {
    let line = format!(
        "Mar  3 00:00:00 h postfix/smtp[1]: 4104E3D: to=<{to}>, relay={relay}, delay=1, dsn=2.0.0, status=sent ({reply})\n"
    );
    let batch = parse_block(Dialect::Postfix, line.as_bytes(), 2024);
    LogEvent::of(&batch.get(0).unwrap(), Location { file: "l".into(), line: 1 }, "postfix")
}

fn party(relay: &str, to: &str) -> (Party, bool) {
    let taker =
        of(&event(relay, to, "250 2.0.0 Ok: queued as 76987E006C"), "app@shop.example", &Hosts::default());
    (taker.party, taker.proven)
}

/// Hosts × what they are to whom. Names of other providers follow the same rule.
#[test]
fn a_relay_is_told_from_the_receiver() {
    let receiver = (Party::Receiver, true);
    assert_eq!(party("mx1.example.org[192.0.2.1]:25", "a@example.org"), receiver);
    assert_eq!(party("gmail-smtp-in.l.google.com[192.0.2.1]:25", "a@gmail.com"), receiver);
    assert_eq!(party("aspmx.l.google.com[192.0.2.1]:25", "a@example.org"), receiver);
    assert_eq!(party("example-org.mail.protection.outlook.com[192.0.2.1]:25", "a@example.org"), receiver);
    let relay = (Party::Relay, true);
    assert_eq!(party("shop-example.mail.protection.outlook.com[192.0.2.1]:587", "a@example.org"), relay);
    assert_eq!(party("mx1.example.org[192.0.2.1]:587", "a@example.org"), relay);
    assert_eq!(party("relay.example.net[192.0.2.1]:25", "a@gmail.com"), relay);
    assert_eq!(party("smtp.gmail.com[192.0.2.1]:25", "a@gmail.com"), relay);
    assert_eq!(party("edge7.shop.example[192.0.2.1]:25", "a@example.org"), relay);
    assert_eq!(party("exch.corp[10.0.0.5]:25", "a@example.org"), relay);
    let unproven = (Party::Relay, false);
    assert_eq!(party("mail.isp.example[192.0.2.1]:25", "a@example.org"), unproven);
    assert_eq!(party("shop-example.mail.protection.outlook.com[192.0.2.1]:25", "a@example.org"), unproven);
    assert_eq!(party("127.0.0.1[127.0.0.1]:10024", "a@example.org"), (Party::Filter, true));
    assert_eq!(party("127.0.0.1[127.0.0.1]:2525", "a@example.org").0, Party::Filter);
}

#[test]
fn the_dns_proves_an_exchanger() {
    let event = event("mail.isp.example[192.0.2.1]:25", "a@example.org", "250 ok");
    let mut hosts = Hosts::default();
    assert!(!of(&event, "app@shop.example", &hosts).party.delivers());
    hosts.exchanger("Example.org", "mail.isp.example.");
    assert!(of(&event, "app@shop.example", &hosts).party.delivers());
}

#[test]
fn what_a_filter_keeps_is_not_delivered() {
    let reply = "250 2.7.0 Ok, discarded, id=1-2 - INFECTED: Eicar";
    assert_eq!(kept(&event("10.0.0.3[10.0.0.3]:10024", "a@example.org", reply)), Some(Kept::Discarded));
    assert_eq!(kept(&event("mx.example.org[192.0.2.1]:25", "a@example.org", "250 ok")), None);
}
