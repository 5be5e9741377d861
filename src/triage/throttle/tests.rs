//! Limits out of replies and onsets, the advice drawn from them, and the texts for servers.

use super::settings::{Lane, Server};
use super::*;
use crate::model::Untrusted;
use crate::model::traffic::{ReplyCount, Taken, Totals};

const UNUSUAL: &str = "421 4.7.28 Our system has detected an unusual rate of unsolicited mail originating from your IP address. To protect our users, mail has been temporarily rate limited.";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_793_577_600 + second).unwrap()
}

const ONE_MAILBOX: &str = "450-4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered.";

/// A log in which one receiver deferred 40 of 5000, with these beginnings (attempts a minute, an hour).
fn log(text: &str, onsets: &[(u64, u64)]) -> TrafficSummary {
    let provider = ProviderTraffic {
        totals: Totals { delivered: 4960, deferred: 40, ..Totals::default() },
        domains: [("gmail.com".to_owned(), 4000), ("googlemail.com".to_owned(), 1000)].into(),
        ..ProviderTraffic::default()
    };
    let reply = ReplyCount {
        text: Untrusted::new(text),
        ending: Ending::Deferred,
        provider: "gmail.com".to_owned(),
        host: "gmail-smtp-in.l.google.com".to_owned(),
        shared: false,
        count: 40,
        first: None,
        last: None,
        example: None,
        onsets: onsets
            .iter()
            .enumerate()
            .map(|(n, (minute, hour))| Onset { at: at(n as i64 * 7200), minute: *minute, hour: *hour })
            .collect(),
        cause: None,
    };
    TrafficSummary {
        by_provider: [("gmail.com".to_owned(), provider)].into(),
        replies: vec![reply],
        ..TrafficSummary::default()
    }
}

fn advised(summary: &TrafficSummary) -> Option<u64> {
    receivers(summary).first().and_then(|receiver| receiver.advice.interval)
}

#[test]
fn the_lowest_rate_that_was_too_much_decides() {
    // 120 in a minute of 300 in the hour: a burst, of which four fifths are 96 a minute.
    assert_eq!(advised(&log(UNUSUAL, &[(120, 300), (150, 900)])), Some(625));
    // 10 a minute all the hour: 600 an hour, of which 480.
    assert_eq!(advised(&log(UNUSUAL, &[(120, 300), (10, 600)])), Some(7500));
    // One message a minute is no rate: the reply means something else.
    assert_eq!(advised(&log(UNUSUAL, &[(1, 1)])), None);
    // A reputation is not mended by a rate.
    assert_eq!(advised(&log(ONE_MAILBOX, &[(120, 300)])), None);
    assert_eq!(advised(&log("421 4.7.0 low reputation of the sending IP, try later", &[(120, 300)])), None);
}

#[test]
fn a_stated_limit_is_taken_at_its_word_and_stays_the_lower_one() {
    let stated = "450 4.7.1 too many messages, limit is 100 messages per hour";
    assert_eq!(advised(&log(stated, &[])), Some(36_000));
    assert_eq!(advised(&log(stated, &[(500, 600)])), Some(36_000));
    let summary = log(stated, &[]);
    let receiver = &receivers(&summary)[0];
    assert_eq!(receiver.seen, [Seen { rate: Rate { count: 100, span: Span::Hour }, began: None }]);
    // As many as are stated are no more than that; as many as were too much are too much.
    assert!(!receiver.seen[0].is_met_by(100) && receiver.seen[0].is_met_by(101));
    assert!(Seen { began: Some(at(0)), ..receiver.seen[0] }.is_met_by(100));
}

/// A host that answers for several receivers is a relay: what it limits is the mail to all of them.
#[test]
fn a_relays_limit_is_none_of_the_receiver() {
    let mut summary = log("450 4.7.1 too many messages, limit is 100 messages per hour", &[(120, 300)]);
    let other = ReplyCount { provider: "client.example".to_owned(), ..summary.replies[0].clone() };
    summary.replies.push(other);
    assert!(receivers(&summary).is_empty());
}

#[test]
fn what_is_advised_meets_no_limit_seen() {
    let arrivals: Vec<(Timestamp, u64)> =
        (0..30).map(|minute| (at(minute * 60), 200 + minute as u64)).collect();
    for onsets in [&[(120, 300)][..], &[(120, 300), (10, 600)], &[(7, 9)], &[(5, 4000)]] {
        let summary = log(UNUSUAL, onsets);
        let receiver = &receivers(&summary)[0];
        for server in [None].into_iter().chain(Server::ALL.map(Some)) {
            let interval = match server {
                Some(server) => server.interval(&receiver.advice),
                None => receiver.advice.interval,
            };
            let Some(interval) = interval else { continue };
            assert!(interval >= receiver.advice.interval.unwrap(), "{server:?}");
            let simulation = simulate(&arrivals, interval, None).unwrap();
            assert_eq!(met(&receiver.seen, &simulation), Vec::<&Seen>::new(), "{server:?} {onsets:?}");
        }
        let faster = simulate(&arrivals, 10, None).unwrap();
        assert!(!met(&receiver.seen, &faster).is_empty());
    }
}

#[test]
fn rates_as_they_are_typed() {
    let interval = |text: &str| Rate::read(text).map(Rate::interval);
    assert_eq!(interval("20/min"), Some(3000));
    assert_eq!(interval("7"), Some(8572));
    assert_eq!(interval("100/h"), Some(36_000));
    for wrong in ["", "0/min", "-1", "5/week", "x/min", "99999999999999999999/s"] {
        assert_eq!(interval(wrong), None, "{wrong}");
    }
}

#[test]
fn settings_name_no_domain_that_is_none() {
    let mut summary = log(UNUSUAL, &[(120, 300)]);
    let provider = summary.by_provider.get_mut("gmail.com").unwrap();
    for hostile in ["x:\nlocal:", "a b.example", "-rf.example", "$(id).example", "", "single"] {
        provider.domains.insert(hostile.to_owned(), 90_000);
    }
    let lanes: Vec<Lane> = receivers(&summary).iter().filter_map(Lane::new).collect();
    assert_eq!(lanes[0].domains, ["gmail.com", "googlemail.com"]);
    for server in Server::ALL {
        let text = server.text(&lanes);
        assert!(!text.contains("local:") && !text.contains("-rf") && !text.contains("$("), "{text}");
        assert!(text.lines().all(|line| line.len() < 200), "{text}");
    }
}

/// A limit that the receiver's own deeds disprove is none, one of connections is none of messages, and a host
/// that took mail for others limits the mail to all of them.
#[test]
fn no_rate_is_taken_out_of_what_tells_none() {
    let mut summary = log("450 4.7.1 rate limited, limit is 100 messages per hour", &[]);
    summary.by_provider.get_mut("gmail.com").unwrap().taken = Some(Taken { minute: 51, hour: 151 });
    assert_eq!(advised(&summary), None);
    let many = "421 4.7.0 Too many concurrent connections from your IP";
    assert_eq!(advised(&log(many, &[(120, 300)])), None);
    let mut summary = log(UNUSUAL, &[(120, 300)]);
    summary.replies[0].shared = true;
    assert!(receivers(&summary).is_empty());
    let without = withheld(&summary, &|_| false);
    assert_eq!(without.len(), 1);
    assert!(without.iter().all(|(name, why)| *name == "gmail.com" && why.contains("relay")), "{without:?}");
    assert_eq!(Rate::read("50000/min"), None, "two milliseconds would be 30000");
}

#[test]
fn labels_differ_where_names_do() {
    let summary = log(UNUSUAL, &[(120, 300)]);
    let lane = |name: &str| {
        let mut summary = summary.clone();
        let mut traffic = summary.by_provider.remove("gmail.com").unwrap();
        traffic.domains = [(name.to_owned(), 5000)].into();
        Lane::new(&super::receiver(&summary, name, &traffic)).unwrap()
    };
    let text = Server::Postfix.text(&[lane("a-b.com"), lane("a.b.com"), lane("b\u{fc}cher.example")]);
    for line in [
        "a-b.com slow-a-b-com:",
        "a.b.com slow-a-b-com-2:",
        "xn--bcher-kva.example slow-xn--bcher-kva-example:",
    ] {
        assert!(text.lines().any(|known| known == line), "{line} in {text}");
    }
    assert!(text.contains("2 connections are a guess") && !text.contains("backoff"), "{text}");
    assert!(Server::Exchange.text(&[lane("a-b.com")]).contains("2 connections are a guess"));
}
