//! Practices planted in logs of thirty days, as text: each is found by its check, and quiet logs stay quiet.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::Timestamp;
use mailvet::evidence::Evidence;
use mailvet::facts::{Facts, Prepared};
use mailvet::gather::logs::{self, Options};
use mailvet::model::traffic::TrafficSummary;
use mailvet::model::{Scope, Topic};
use mailvet::policy::Policy;

use crate::dice::Dice;

const THROTTLED: &str =
    "450 4.7.1 too many messages from your address, slow down: limit is 30 messages per minute";
const UNKNOWN: &str = "550 5.1.1 no such user here";

/// What is written for one message: when (minute of the thirty days), who, to whom, and how it ended.
struct Sent {
    minute: u64,
    sender: &'static str,
    recipient: String,
    /// Empty: delivered. A 4xx is tried again after so many seconds, and then delivered.
    refused: &'static str,
    again: u64,
}

/// A small business for thirty days from Monday, 2026-11-02 on: three senders, by day more than by night.
fn quiet(seed: u64) -> Vec<Sent> {
    let mut dice = Dice::new(seed);
    let mut all = Vec::new();
    for hour in 0..30 * 24_u64 {
        let (day, time) = (hour / 24 % 7, hour % 24);
        let usual = if day > 4 {
            0
        } else if (7..19).contains(&time) {
            12
        } else {
            2
        };
        let count = usual * 7 / 10 + dice.roll(usual * 6 / 10 + 1);
        for _ in 0..count {
            let domain = ["client.example", "partner.example", "shop.example"][dice.roll(3) as usize];
            let sender = ["orders@sender.example", "support@sender.example", "billing@sender.example"]
                [dice.roll(3) as usize];
            // One in 150 is mistyped, one in fifty waits for a while.
            let (refused, again) = match dice.roll(300) {
                0..2 => (UNKNOWN, 0),
                2..8 => ("451 4.3.0 try again later", 900),
                _ => ("", 0),
            };
            let recipient = format!("r{}@{domain}", dice.roll(1_000_000));
            all.push(Sent { minute: hour * 60 + dice.roll(60), sender, recipient, refused, again });
        }
    }
    all
}

/// As Postfix writes it, in the order of time.
fn log(mut sent: Vec<Sent>) -> String {
    sent.sort_by_key(|one| one.minute);
    let mut lines: Vec<(u64, String)> = Vec::new();
    let begin = 1_793_577_600_u64;
    let at = |second: u64| {
        let at = Timestamp::from_second((begin + second) as i64).unwrap();
        at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
    };
    for (number, one) in sent.iter().enumerate() {
        let id = format!("{:010X}", 0x3A00_0000_u64 + number as u64 * 7919);
        let second = one.minute * 60 + number as u64 % 60;
        let mut line =
            |second: u64, text: String| lines.push((second, format!("{} out postfix/{text}", at(second))));
        line(second, format!("qmgr[9]: {id}: from=<{}>, size=900, nrcpt=1 (queue active)", one.sender));
        let (_, domain) = one.recipient.split_once('@').unwrap();
        let to = |status: &str| {
            format!(
                "smtp[9]: {id}: to=<{}>, relay=mx.{domain}[192.0.2.9]:25, delay=1, delays=0/0/0/1, {status}",
                one.recipient
            )
        };
        let quoted =
            format!("(host mx.{domain}[192.0.2.9] said: {} (in reply to RCPT TO command))", one.refused);
        let taken = to("dsn=2.0.0, status=sent (250 2.0.0 Ok)");
        match one.refused.as_bytes().first() {
            None => line(second, taken),
            Some(b'5') => line(second, to(&format!("dsn=5.1.1, status=bounced {quoted}"))),
            Some(_) => {
                line(second, to(&format!("dsn=4.7.1, status=deferred {quoted}")));
                line(second + one.again, taken);
            }
        }
        line(second + one.again, format!("qmgr[9]: {id}: removed"));
    }
    lines.sort_by_key(|(second, _)| *second);
    lines.iter().fold(String::new(), |mut text, (_, line)| {
        let _ = writeln!(text, "{line}");
        text
    })
}

fn summary(text: &str) -> TrafficSummary {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mail.log");
    std::fs::write(&path, text).unwrap();
    let files = logs::open(&[path], None).unwrap();
    logs::summarize(&files, &Options { now: "2026-12-10T00:00:00Z".parse().unwrap() }).unwrap()
}

/// What the checks of sending and throttling find, by code.
fn found(sent: Vec<Sent>) -> BTreeMap<String, Vec<String>> {
    let evidence = Evidence { traffic: Some(summary(&log(sent))), ..Evidence::default() };
    let scope = Scope { topics: [Topic::Traffic].into_iter().collect(), ..Scope::everything() };
    let prepared = Prepared::new(&evidence);
    let facts = Facts::build(&evidence, &scope, &prepared);
    // What a log says of each recipient is no practice.
    let practices = mailvet::judge::catalog::all()
        .filter(|check| check.needs == [Topic::Traffic] && check.code != "recipients-waiting");
    let mut found = BTreeMap::new();
    for check in practices {
        let result = mailvet::judge::judge_one(check, &facts, &Policy::default());
        let told: Vec<String> = result.findings().iter().map(|f| f.problem.summary.clone()).collect();
        if !told.is_empty() {
            found.insert(check.code.to_owned(), told);
        }
    }
    found
}

fn codes(found: &BTreeMap<String, Vec<String>>) -> BTreeSet<&str> {
    found.keys().map(String::as_str).collect()
}

#[test]
fn twenty_quiet_logs_tell_of_no_bad_practice() {
    for seed in 1..=20 {
        let found = found(quiet(seed));
        assert!(found.is_empty(), "seed {seed}: {found:?}");
    }
}

/// Each event on three logs, in the third week where the weeks before and after say what is usual.
#[test]
fn each_planted_practice_is_found_by_its_check() {
    for seed in [3, 11, 17] {
        let plant = |add: &dyn Fn(&mut Vec<Sent>, &mut Dice)| {
            let (mut sent, mut dice) = (quiet(seed), Dice(seed | 1 << 40));
            add(&mut sent, &mut dice);
            found(sent)
        };
        let wednesday = 16 * 24 * 60_u64;
        let one = |minute: u64,
                   sender: &'static str,
                   recipient: String,
                   refused: &'static str,
                   again: u64| Sent { minute, sender, recipient, refused, again };

        // A stolen password: 400 by night, every third of them dead.
        let stolen = plant(&|sent, dice| {
            for n in 0..400 {
                let refused = if n % 3 == 0 { UNKNOWN } else { "" };
                let minute = wednesday + 120 + dice.roll(60);
                sent.push(one(
                    minute,
                    "support@sender.example",
                    format!("x{n}@d{}.example", n % 40),
                    refused,
                    0,
                ));
            }
        });
        let told = &stolen["account-compromised"][0];
        assert!(told.contains("support@sender.example") && told.contains("2026-11-18T02:00:00Z"), "{told}");

        // A newsletter by the way of the orders.
        let mailing = plant(&|sent, dice| {
            for n in 0..900 {
                let minute = wednesday + 600 + dice.roll(60);
                sent.push(one(minute, "news@sender.example", format!("x{n}@d{}.example", n % 40), "", 0));
            }
        });
        let told = &mailing["streams-mixed"][0];
        assert!(told.contains("news@sender.example") && told.contains("2026-11-18T10:00:00Z"), "{told}");
        assert!(codes(&mailing).is_subset(&["streams-mixed", "volume-spike"].into()), "{mailing:?}");

        // Three addresses that were refused are written to each week.
        let again = plant(&|sent, _| {
            for (n, week) in (0..12).map(|n| (n % 3, n / 3)) {
                let minute = week * 7 * 24 * 60 + 600 + n;
                sent.push(one(
                    minute,
                    "orders@sender.example",
                    format!("gone{n}@client.example"),
                    UNKNOWN,
                    0,
                ));
            }
        });
        assert_eq!(again["bounced-mailed-again"].len(), 3, "{again:?}");

        // A receiver that states its limit, tried again after ten seconds.
        let throttled = plant(&|sent, dice| {
            for n in 0..300 {
                let minute = wednesday + 840 + dice.roll(5);
                sent.push(one(minute, "orders@sender.example", format!("x{n}@slow.example"), THROTTLED, 10));
            }
        });
        let told = &throttled["provider-throttles"][0];
        assert!(told.contains("300 of 600 attempts to slow.example"), "{told}");
        assert!(throttled.contains_key("retry-too-fast"), "{throttled:?}");

        // Nothing for seven hours of a working day.
        let silent = plant(&|sent, _| {
            sent.retain(|one| !(wednesday + 540..wednesday + 960).contains(&one.minute));
        });
        let told = &silent["volume-silence"][0];
        assert!(told.contains("2026-11-18T09:00:00Z"), "{told}");
        assert_eq!(codes(&silent), ["volume-silence"].into(), "{silent:?}");
    }
}
