//! `mailvet ptr` as users and scripts see it.

use mailvet::model::{Absence, Answer, Name, Observation, Rdata, Record, RecordType};
use serde_json::Value;

use crate::cli::mailvet;
use crate::world::dns::{Say, serve};

/// A small reverse world: one good host, one delegated, one dynamic, one without.
fn world() -> std::net::SocketAddr {
    serve(|name, rtype| {
        let seen = |text: &str| {
            let rdata = Rdata::from_text(rtype, text).unwrap();
            Say::Answer(Answer::given(Observation::Seen(vec![Record::new(rdata)])))
        };
        let six = Name::reverse("2001:db8::25".parse().unwrap());
        match (name.as_str(), rtype) {
            ("25.2.0.192.in-addr.arpa", RecordType::Ptr) => seen("mail.example.com"),
            ("mail.example.com", RecordType::A) => seen("192.0.2.25"),
            ("mail.example.com", RecordType::Aaaa) => seen("2001:db8::25"),
            (text, RecordType::Ptr) if text == six.as_str() => seen("mail.example.com"),
            ("26.2.0.192.in-addr.arpa", RecordType::Ptr) => {
                let name = Rdata::from_text(rtype, "out.example.org").unwrap();
                let aliases = vec![Name::lenient("26.0-63.2.0.192.in-addr.arpa")];
                Say::Answer(Answer { aliases, ..Answer::given(Observation::Seen(vec![Record::new(name)])) })
            }
            ("out.example.org", RecordType::A) => seen("192.0.2.99"),
            ("27.2.0.192.in-addr.arpa", RecordType::Ptr) => seen("c000021b.dsl.example.net"),
            ("29.2.0.192.in-addr.arpa", _) => Say::Silence,
            _ => Say::Answer(Answer::given(Observation::Absent(Absence::Nxdomain))),
        }
    })
}

fn ptr(server: std::net::SocketAddr, args: &[&str]) -> (Value, i32) {
    let resolver = server.to_string();
    let always = ["ptr", "--format", "json", "--timeout", "1", "--resolver", &resolver];
    let output = mailvet(&[&always, args].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    let value = serde_json::from_str(&text)
        .unwrap_or_else(|e| panic!("{e}: {text} {}", String::from_utf8_lossy(&output.stderr)));
    (value, output.status.code().unwrap())
}

fn codes(value: &Value) -> Vec<&str> {
    value["problems"].as_array().unwrap().iter().map(|problem| problem["code"].as_str().unwrap()).collect()
}

#[test]
fn ptr_of_a_good_host_is_confirmed() {
    let server = world();
    for (ip, code) in [("192.0.2.25", 0), ("2001:db8::25", 0)] {
        let (value, exit) = ptr(server, &[ip, "--helo", "mail.example.com"]);
        assert_eq!(exit, code, "{value:#}");
        assert_eq!(value["schema"], "mailvet/ptr/1");
        assert_eq!(value["names"], serde_json::json!(["mail.example.com"]));
        assert_eq!(value["confirmed"], true);
        assert_eq!(codes(&value), [] as [&str; 0], "{value:#}");
        assert_eq!(value["helo"]["is_ptr"], true);
    }
}

#[test]
fn ptr_says_who_must_publish_which_record() {
    let server = world();
    let (value, exit) = ptr(server, &["192.0.2.28", "--helo", "mail.example.com"]);
    assert_eq!(exit, 1);
    assert_eq!((&value["names"], &value["confirmed"]), (&serde_json::json!([]), &Value::Bool(false)));
    let fix = value["problems"][0]["fix"].as_str().unwrap();
    assert_eq!(value["problems"][0]["code"], "ptr-missing");
    assert!(fix.contains("whoever holds the network of 192.0.2.28"), "{fix}");
    assert!(fix.contains("28.2.0.192.in-addr.arpa. PTR mail.example.com."), "{fix}");
    // A delegated address: the record stands where the alias leads.
    let (value, exit) = ptr(server, &["192.0.2.26"]);
    assert_eq!(exit, 1, "{value:#}");
    assert_eq!(codes(&value), ["ptr-unconfirmed"]);
    let own = &value["addresses"][0];
    assert_eq!(own["owner"], "26.0-63.2.0.192.in-addr.arpa");
    let fix = own["problems"][0]["fix"].as_str().unwrap();
    assert!(fix.contains("out.example.org. A 192.0.2.26"), "{fix}");
    assert!(fix.contains("whoever runs the zone 0-63.2.0.192.in-addr.arpa"), "{fix}");
    let (value, _) = ptr(server, &["2001:db8::99"]);
    let fix = value["problems"][0]["fix"].as_str().unwrap();
    assert!(fix.contains(&format!("{}. PTR", Name::reverse("2001:db8::99".parse().unwrap()))), "{fix}");
}

#[test]
fn ptr_judges_names_and_helo() {
    let server = world();
    let (value, _) = ptr(server, &["192.0.2.27", "--helo", "AS400"]);
    let found = codes(&value);
    for code in ["ptr-unconfirmed", "ptr-generic", "helo-invalid"] {
        assert!(found.contains(&code), "{code}: {found:?}");
    }
    let (value, _) = ptr(server, &["192.0.2.25", "--helo", "www.example.com"]);
    assert!(codes(&value).contains(&"helo-ptr-differs"), "{value:#}");
    let (value, _) = ptr(server, &["192.0.2.25", "192.0.2.28", "--skip", "helo-unresolved"]);
    assert_eq!(value["addresses"].as_array().unwrap().len(), 2);
    assert_eq!(value["confirmed"], false);
}

#[test]
fn ptr_that_nobody_answers_is_unknown_and_not_missing() {
    let (value, exit) = ptr(world(), &["192.0.2.29"]);
    assert_eq!(exit, 3, "{value:#}");
    assert_eq!((&value["names"], &value["confirmed"]), (&serde_json::json!([]), &Value::Null));
    assert_eq!(codes(&value), [] as [&str; 0]);
    assert!(value["gaps"][0].as_str().unwrap().contains("no answer in time"), "{value:#}");
    let output = mailvet(&["ptr", "192.0.2"]);
    assert_eq!(output.status.code(), Some(2));
}
