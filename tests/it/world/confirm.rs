//! Whether a cause still holds, by `reply` and `triage` against real name
//! servers; then the same from a recording, without any.

use serde_json::Value;

use super::lab::{Lab, lab};

use crate::cli::mailvet;

fn run(args: &[&str]) -> (Value, String) {
    let output = mailvet(args);
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text} {errors}"));
    (value, text)
}

/// State and what was seen.
fn reply(lab: &Lab, text: &str, more: &[&str]) -> (String, String) {
    let resolver = lab.resolver.to_string();
    let mut args = vec!["reply", text, "--resolver", &resolver, "--format", "json"];
    args.extend(more);
    let (value, _) = run(&args);
    let get = |key: &str| value["confirmation"][key].as_str().unwrap_or("").to_owned();
    (get("state"), get("seen"))
}

#[test]
fn world_a_listing_named_in_a_reply_is_looked_up_with_its_health() {
    let Some(lab) = lab() else { return };
    let listed = lab.entry("bad-listed.test")["ip4"].as_str().unwrap().to_owned();
    let said = |ip: &str, zone: &str| {
        format!("554 5.7.1 Service unavailable; Client host [{ip}] blocked using {zone}.dnsbl.test")
    };
    let (state, seen) = reply(lab, &said(&listed, "bl01"), &[]);
    assert_eq!(state, "still-so", "{seen}");
    assert!(seen.contains("127.0.0.3") && seen.contains(&listed), "{seen}");
    let (state, seen) = reply(lab, &said("198.18.0.77", "bl01"), &[]);
    assert_eq!(state, "fixed-since", "{seen}");
    assert!(seen.contains("not listed on bl01.dnsbl.test"), "{seen}");
    let resolver = lab.resolver.to_string();
    let gone = said("198.18.0.77", "bl01");
    let (value, _) = run(&["reply", &gone, "--resolver", &resolver, "--format", "json"]);
    assert!(value["steps"][0].as_str().unwrap().contains("send the message again"), "{value:#}");
    for (zone, why) in [
        ("wild", "lists the world"),
        ("empty", "test entry"),
        ("errcode", "127.255.255.254"),
        ("timeout", "could not be tested"),
    ] {
        let (state, seen) = reply(lab, &said(&listed, zone), &["--timeout", "1"]);
        assert_eq!(state, "unconfirmed", "{zone}: {seen}");
        assert!(seen.contains(why), "{zone}: {seen}");
    }
}

#[test]
fn world_names_authentication_and_servers_of_the_day() {
    let Some(lab) = lab() else { return };
    let sound = lab.entry("d0001.test");
    let ip = sound["ip4"].as_str().unwrap();
    let ptr = "450 4.7.25 Client host rejected: cannot find your reverse hostname";
    let (state, seen) = reply(lab, &format!("{ptr}, [{ip}]"), &[]);
    assert_eq!(state, "fixed-since", "{seen}");
    let (state, seen) = reply(lab, &format!("{ptr}, [198.18.255.254]"), &[]);
    assert_eq!(state, "still-so", "{seen}");
    assert!(seen.contains("no PTR"), "{seen}");
    let (state, seen) = reply(lab, ptr, &[]);
    assert!(state == "unconfirmed" && seen.contains("--ip"), "{seen}");

    let spf = "550 5.7.23 The message was rejected because of Sender Policy Framework violation";
    let from = |ip: &str| reply(lab, spf, &["--from", "user@d0001.test", "--ip", ip]);
    let (state, seen) = from(ip);
    assert_eq!(state, "fixed-since", "{seen}");
    let (state, seen) = from("203.0.113.9");
    assert_eq!(state, "still-so", "{seen}");
    assert!(seen.contains("SPF gives"), "{seen}");

    let none = |name: &str| {
        format!(
            "450 4.4.3 Host or domain name not found. Name service error for name={name} type=MX: Host not found"
        )
    };
    assert_eq!(reply(lab, &none("d0001.test"), &[]).0, "fixed-since");
    assert_eq!(reply(lab, &none("nosuchname.d0001.test"), &[]).0, "still-so");
    assert_eq!(reply(lab, &none("x.timeout.test"), &["--timeout", "1"]).0, "unconfirmed");
}

#[test]
fn world_triage_confirms_records_and_replays() {
    let Some(lab) = lab() else { return };
    let listed = lab.entry("bad-listed.test")["ip4"].as_str().unwrap().to_owned();
    let folder = tempfile::tempdir().unwrap();
    let (log, recording) = (folder.path().join("mail.log"), folder.path().join("run.json"));
    std::fs::write(
        &log,
        format!(
            "2026-03-03T10:00:00Z out postfix/qmgr[9]: 3A000001: from=<a@example.com>, size=1, nrcpt=1 (queue active)\n\
             2026-03-03T10:00:01Z out postfix/smtp[9]: 3A000001: to=<b@example.org>, relay=mx.example.org[203.0.113.1]:25, delay=1, dsn=5.7.1, status=bounced (host mx.example.org[203.0.113.1] said: 554 5.7.1 Client host [{listed}] blocked using bl01.dnsbl.test)\n"
        ),
    )
    .unwrap();
    let (log, recording) = (log.to_str().unwrap(), recording.to_str().unwrap());
    let resolver = lab.resolver.to_string();
    let search = ["triage", log, "--recipient", "b@example.org", "--fail-on", "never"];
    fn with<'a>(search: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
        [search, more].concat()
    }
    let (live, _) =
        run(&with(&search, &["--resolver", &resolver, "--record", recording, "--format", "json"]));
    let seen = &live["messages"][0]["recipients"][0]["confirmation"];
    assert_eq!(seen["state"], "still-so", "{live:#}");
    assert!(seen["seen"].as_str().unwrap().contains("bl01.dnsbl.test"));
    let (replayed, first) = run(&with(&search, &["--replay", recording, "--format", "json"]));
    assert_eq!(replayed, live);
    assert_eq!(run(&with(&search, &["--replay", recording, "--format", "json"])).1, first);
    let (offline, _) = run(&with(&search, &["--offline", "--format", "json"]));
    assert!(offline["messages"][0]["recipients"][0]["confirmation"].is_null());
    let text = |format: &str| {
        let args = with(&search, &["--replay", recording, "--format", format]);
        let output = mailvet(&args);
        String::from_utf8(output.stdout).unwrap()
    };
    for format in ["terminal", "markdown"] {
        assert!(text(format).contains("still so: "), "{}", text(format));
    }
}
