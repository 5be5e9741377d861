//! `mailvet blocklist` and the listings' facts against rbldnsd and Unbound:
//! every state a list can be in, the rounds it takes, and many subjects.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use serde_json::Value;

use super::lab::{Lab, lab};

fn mailvet(args: &[&str], stdin: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mailvet"))
        .args(args)
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn json(lab: &Lab, args: &[&str]) -> (Value, i32) {
    let resolver = lab.resolver.to_string();
    let mut all = vec!["blocklist", "--resolver", &resolver, "--format", "json", "--timeout", "2"];
    all.extend(args);
    let output = mailvet(&all, "");
    let text = String::from_utf8(output.stdout).unwrap();
    let value = serde_json::from_str(&text)
        .unwrap_or_else(|e| panic!("{e}: {text} {}", String::from_utf8_lossy(&output.stderr)));
    (value, output.status.code().unwrap())
}

fn outcome<'v>(value: &'v Value, subject: &str, zone: &str) -> &'v Value {
    let rows = value["results"].as_array().unwrap();
    rows.iter()
        .find(|row| row["subject"] == subject && row["zone"] == zone)
        .unwrap_or_else(|| panic!("no row for {subject} on {zone}: {value:#}"))
}

#[test]
fn world_blocklist_tells_every_state_of_a_list() {
    let Some(lab) = lab() else { return };
    let listed = lab.entry("bad-listed.test");
    let ip = listed["ip4"].as_str().unwrap();
    let zones = ["bl01", "bl05", "bl10", "wild", "empty", "errcode", "timeout"];
    let zones: Vec<String> = zones.iter().map(|zone| format!("{zone}.dnsbl.test")).collect();
    let mut args = vec![ip, "bad-listed.test", "2001:db8:ffff::1"];
    args.extend(zones.iter().flat_map(|zone| ["--list", zone.as_str()]));
    let (value, code) = json(lab, &args);
    assert_eq!(code, 1, "{value:#}");
    assert_eq!(value["schema"], "mailvet/blocklist/1");
    let is = |subject: &str, zone: &str| outcome(&value, subject, &format!("{zone}.dnsbl.test"));
    assert_eq!(is(ip, "bl01")["outcome"], "listed");
    assert_eq!(is(ip, "bl01")["code"], "127.0.0.3");
    assert!(is(ip, "bl01")["text"].as_str().unwrap().contains(ip), "{value:#}");
    assert_eq!(is(ip, "bl05")["outcome"], "clean");
    for (zone, why) in [
        ("wild", "lists the world"),
        ("empty", "test entry"),
        ("errcode", "127.255.255.254"),
        ("timeout", "no answer"),
    ] {
        let row = is(ip, zone);
        assert_eq!(row["outcome"], "unknown", "{row:#}");
        assert!(row["reason"].as_str().unwrap().contains(why), "{row:#}");
        assert!(row["remedy"].is_string(), "{row:#}");
    }
    // A list of names is never asked about an address, nor the other way round.
    let rows = value["results"].as_array().unwrap();
    assert!(!rows.iter().any(|row| row["subject"] == ip && row["zone"] == "bl10.dnsbl.test"));
    assert!(!rows.iter().any(|row| row["subject"] == "bad-listed.test" && row["zone"] == "bl01.dnsbl.test"));
    assert_eq!(is("bad-listed.test", "bl10")["outcome"], "listed");
    assert_eq!(is("2001:db8:ffff::1", "bl01")["outcome"], "listed");
    let lists = &value["lists"];
    assert_eq!(lists["asked"], 7);
    assert_eq!(lists["healthy"], 3);
    assert_eq!(lists["refused"], 1);
    assert_eq!(lists["dead"], 2);
    assert_eq!(lists["silent"], 1);
}

#[test]
fn world_blocklist_exit_codes_and_monitor() {
    let Some(lab) = lab() else { return };
    let listed = lab.entry("bad-listed.test");
    let ip = listed["ip4"].as_str().unwrap();
    assert_eq!(json(lab, &["198.18.0.77", "--list", "bl05.dnsbl.test"]).1, 0);
    assert_eq!(json(lab, &[ip, "--list", "bl01.dnsbl.test"]).1, 1);
    assert_eq!(json(lab, &[ip, "--list", "bl01.dnsbl.test", "--fail-on", "critical"]).1, 0);
    assert_eq!(json(lab, &[ip, "--list", "wild.dnsbl.test"]).1, 3);
    let resolver = lab.resolver.to_string();
    let nagios = |ip: &str, zone: &str| {
        let args = ["blocklist", "--resolver", &resolver, "--format", "nagios", ip, "--list", zone];
        let output = mailvet(&args, "");
        (String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap())
    };
    let (text, code) = nagios(ip, "bl02.dnsbl.test");
    assert!(text.starts_with("BLOCKLIST CRITICAL - ") && text.contains("| listed=1;") && code == 2, "{text}");
    let (text, code) = nagios("198.18.0.77", "bl02.dnsbl.test");
    assert!(text.starts_with("BLOCKLIST OK") && code == 0, "{text}");
    let (text, code) = nagios(ip, "errcode.dnsbl.test");
    assert!(text.starts_with("BLOCKLIST UNKNOWN") && code == 3, "{text}");
}

#[test]
fn world_blocklist_hundred_lists_in_three_rounds() {
    let Some(lab) = lab() else { return };
    let zones: Vec<String> =
        (1..=111).filter(|k| k % 10 != 0).map(|k| format!("bl{k:02}.dnsbl.test")).collect();
    assert_eq!(zones.len(), 100);
    let resolver = lab.delayed.to_string();
    let mut args =
        vec!["blocklist", "--resolver", &resolver, "198.18.0.77", "2001:db8:7f::77", "--format", "json"];
    args.extend(zones.iter().flat_map(|zone| ["--list", zone.as_str()]));
    let recording = std::env::temp_dir().join(format!("mailvet-rounds-{}.json", std::process::id()));
    let path = recording.display().to_string();
    args.extend(["--record", &path]);
    let started = Instant::now();
    let output = mailvet(&args, "");
    let took = started.elapsed();
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value["totals"]["clean"], 200, "{value:#}");
    assert_eq!(value["lists"]["healthy"], 100);
    eprintln!("100 lists, 2 subjects, 20 ms a query: {took:?}");
    // The replay says the same without a network.
    let mut again =
        vec!["blocklist", "198.18.0.77", "2001:db8:7f::77", "--format", "json", "--replay", &path];
    again.extend(zones.iter().flat_map(|zone| ["--list", zone.as_str()]));
    let replayed = mailvet(&again, "");
    std::fs::remove_file(&recording).unwrap();
    assert_eq!(String::from_utf8(replayed.stdout).unwrap(), String::from_utf8(output.stdout).unwrap());
}

#[test]
fn world_blocklist_many_subjects_from_standard_input() {
    let Some(lab) = lab() else { return };
    let listed = lab.entry("bad-listed.test");
    let mut stdin = String::from("# addresses\n\n");
    for k in 0..500 {
        stdin.push_str(&format!("10.77.{}.{} # host {k}\n", k / 250, k % 250));
    }
    stdin.push_str(listed["ip4"].as_str().unwrap());
    let resolver = lab.resolver.to_string();
    let args = [
        "blocklist",
        "--resolver",
        &resolver,
        "--format",
        "csv",
        "--rate",
        "5000",
        "-",
        "--list",
        "bl01.dnsbl.test",
        "--list",
        "bl02.dnsbl.test",
    ];
    let output = mailvet(&args, &stdin);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().count(), 1 + 501 * 2, "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(text.matches("\"listed\",\"127").count(), 2);
    assert!(!text.contains("\"unknown\""), "{text}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn world_blocklist_cache_spares_the_test_points() {
    let Some(lab) = lab() else { return };
    let cache = std::env::temp_dir().join(format!("mailvet-health-{}.json", std::process::id()));
    let path = cache.display().to_string();
    let recording = std::env::temp_dir().join(format!("mailvet-health-asked-{}.json", std::process::id()));
    let run = || {
        let recorded = recording.display().to_string();
        let args = ["198.18.0.77", "--list", "bl01.dnsbl.test", "--cache", &path, "--record", &recorded];
        let (value, code) = json(lab, &args);
        assert_eq!((code, &value["totals"]["clean"]), (0, &Value::from(1)), "{value:#}");
        let text = std::fs::read_to_string(&recording).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        value["answers"].as_object().unwrap().len()
    };
    let (first, second) = (run(), run());
    std::fs::remove_file(&cache).unwrap();
    std::fs::remove_file(&recording).unwrap();
    // Three test points and the subject; then the subject alone.
    assert_eq!((first, second), (4, 1));
}

#[test]
fn world_blocklist_watch_tells_only_changes() {
    let Some(lab) = lab() else { return };
    let listed = lab.entry("bad-listed.test");
    let resolver = lab.resolver.to_string();
    let args = [
        "blocklist",
        "--resolver",
        &resolver,
        "--watch",
        "1s",
        "--passes",
        "2",
        listed["ip4"].as_str().unwrap(),
        "198.18.0.77",
        "--list",
        "bl01.dnsbl.test",
    ];
    let output = mailvet(&args, "");
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains("listed") && output.status.code() == Some(1), "{text}");
}

#[test]
fn blocklist_mistakes_are_told_apart() {
    for (args, stdin, wanted) in [
        (&["blocklist", "not a name", "--offline"][..], "", "not a name"),
        (&["blocklist", "192.0.2", "--offline"][..], "", "not complete"),
        (&["blocklist", "-", "--offline"][..], "192.0.2.1\n\nexa mple.com\n", "line 3"),
        (&["blocklist", "-", "--offline"][..], "\n# none\n", "no address"),
        (&["blocklist", "192.0.2.1", "--watch", "soon"][..], "", "interval"),
        (&["blocklist", "192.0.2.1", "--rate", "0"][..], "", "--rate"),
        (&["blocklist", "192.0.2.1", "--list", "a..b"][..], "", "--list"),
    ] {
        let output = mailvet(args, stdin);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {text}");
        assert!(text.contains(wanted), "{args:?}: {text}");
    }
}

#[test]
fn blocklist_offline_is_unknown_never_clean() {
    let output = mailvet(&["blocklist", "192.0.2.1", "--offline", "--format", "json"], "");
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value["totals"]["clean"], 0);
    assert_eq!(value["totals"]["listed"], 0);
    assert!(value["totals"]["unknown"].as_u64().unwrap() > 3);
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn blocklist_catalogue_is_printed() {
    let output = mailvet(&["blocklist", "--lists", "--format", "json"], "");
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let lists = value["lists"].as_array().unwrap();
    assert!(lists.len() >= 145);
    let zen = lists.iter().find(|list| list["zone"] == "zen.spamhaus.org").unwrap();
    assert_eq!(zen["weight"], "high");
    assert!(zen["codes"].as_array().unwrap().len() >= 8);
    let table = mailvet(&["blocklist", "--lists"], "");
    assert!(String::from_utf8(table.stdout).unwrap().contains("zen.spamhaus.org"));
}

#[test]
fn world_blocklist_settings_add_remove_and_keys() {
    let Some(lab) = lab() else { return };
    let listed = lab.entry("bad-listed.test");
    let ip = listed["ip4"].as_str().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("mailvet.toml");
    let text = "[blocklists]\nremove = ['bl.spamcop.net']\nkeys.spamhaus-dqs = 'topsecret'\n\
                [[blocklists.add]]\nzone = 'bl01.dnsbl.test'\nweight = 'high'\noperator = 'the lab'\n\
                delist = 'https://lists.test/out'\ncodes = { '127.0.0.3' = 'seen by the lab' }\n";
    std::fs::write(&settings, text).unwrap();
    let recording = folder.path().join("run.json");
    let (config, record) = (settings.display().to_string(), recording.display().to_string());
    let (value, _) = json(lab, &[ip, "192.0.2.1", "--config", &config, "--record", &record]);
    let row = outcome(&value, ip, "bl01.dnsbl.test");
    assert_eq!((&row["weight"], &row["operator"]), (&Value::from("high"), &Value::from("the lab")));
    assert_eq!(
        (&row["meaning"], &row["delist"]),
        (&Value::from("seen by the lab"), &Value::from("https://lists.test/out"))
    );
    let zones: Vec<&str> = value["lists"]["states"]
        .as_array()
        .unwrap()
        .iter()
        .map(|list| list["zone"].as_str().unwrap())
        .collect();
    assert!(!zones.contains(&"bl.spamcop.net") && zones.contains(&"zen.dq.spamhaus.net"), "{zones:?}");
    assert!(!zones.contains(&"zen.spamhaus.org"), "the key stands in for the public zone: {zones:?}");
    // The key goes over the wire and nowhere else.
    let recorded = std::fs::read_to_string(&recording).unwrap();
    assert!(!recorded.contains("topsecret") && !value.to_string().contains("topsecret"));
    assert!(recorded.contains("key-spamhaus-dqs.zen.dq.spamhaus.net"));
}
