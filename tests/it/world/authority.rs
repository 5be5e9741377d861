//! `audit --authoritative` against name servers that disagree, one that is not
//! told of the zone, and a resolver that holds the old record.

use mailvet::model::{Absence, Answer, Observation, Rdata, Record, RecordType};
use serde_json::Value;

use crate::cli::mailvet_in;

use super::dns::{Say, serve};
use super::recursion::{at, has_port_53};
use super::servers;

#[test]
fn world_authority_compares_the_zones_own_servers() {
    if servers::lacks(&["nsd"]) || !has_port_53(30) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let zone = |file: &str, serial: u32, spf: &str| {
        let text = format!(
            "$ORIGIN example.test.\n$TTL 300\n@ SOA ns1 root {serial} 3600 600 86400 60\n@ NS ns1\n@ NS ns2\n@ NS ns3\n\
             ns1 A {}\nns2 A {}\nns3 A {}\n@ TXT \"v=spf1 {spf} -all\"\n@ MX 10 mx\nmx A 192.0.2.1\n",
            at(31).ip(),
            at(32).ip(),
            at(33).ip()
        );
        std::fs::write(path.join(file), text).unwrap();
    };
    zone("new.zone", 5, "ip4:192.0.2.25");
    zone("old.zone", 4, "mx");
    std::fs::write(
        path.join("other.zone"),
        "$ORIGIN other.test.\n@ 60 SOA a b 1 1 1 1 1\n@ 60 NS a\na 60 A 127.0.0.1\n",
    )
    .unwrap();
    let _new = servers::nsd(path, at(31), &[("example.test", "new.zone")]);
    let old = servers::nsd(path, at(32), &[("example.test", "old.zone")]);
    let _lame = servers::nsd(path, at(33), &[("other.test", "other.zone")]);
    let resolver = serve(|name, rtype| {
        let seen = |texts: &[String]| {
            let record = |text: &String| Record::new(Rdata::from_text(rtype, text).unwrap());
            Say::Answer(Answer::given(Observation::Seen(texts.iter().map(record).collect())))
        };
        match (name.as_str(), rtype) {
            ("example.test", RecordType::Txt) => seen(&["\"v=spf1 mx -all\"".to_owned()]),
            ("example.test", RecordType::Mx) => seen(&["10 mx.example.test".to_owned()]),
            ("example.test", RecordType::Ns) => {
                seen(&["ns1", "ns2", "ns3"].map(|ns| format!("{ns}.example.test")))
            }
            ("ns1.example.test", RecordType::A) => seen(&[at(31).ip().to_string()]),
            ("ns2.example.test", RecordType::A) => seen(&[at(32).ip().to_string()]),
            ("ns3.example.test", RecordType::A) => seen(&[at(33).ip().to_string()]),
            ("mx.example.test", RecordType::A) => seen(&["192.0.2.1".to_owned()]),
            _ => Say::Answer(Answer::given(Observation::Absent(Absence::Nxdomain))),
        }
    });
    let ask = |command: &str| {
        let codes = ["name-server-lame", "name-servers-disagree", "resolver-behind"];
        let resolver = resolver.to_string();
        let mut args = vec![command, "example.test", "--authoritative", "--format", "json", "--timeout", "2"];
        args.extend(["--resolver", &resolver]);
        args.extend(codes.iter().flat_map(|code| ["--only", code]));
        let output = mailvet_in(path, &args);
        let text = String::from_utf8(output.stdout).unwrap();
        let value: Value = serde_json::from_str(&text)
            .unwrap_or_else(|e| panic!("{e}: {text} {}", String::from_utf8_lossy(&output.stderr)));
        codes.map(|code| {
            let results = value["results"].as_array().unwrap();
            let result = results.iter().find(|result| result["code"] == code).unwrap();
            (result["outcome"].as_str().unwrap().to_owned(), result["problems"].to_string())
        })
    };
    for command in ["spf", "dkim", "dmarc", "mx", "transport"] {
        let [lame, disagree, _] = ask(command);
        assert_eq!(
            (lame.0.as_str(), disagree.0.as_str()),
            ("fail", "fail"),
            "{command}: {lame:?} {disagree:?}"
        );
    }
    let [lame, disagree, behind] = ask("audit");
    assert!(
        lame.0 == "fail" && lame.1.contains("ns3.example.test") && lame.1.contains("REFUSED"),
        "{lame:?}"
    );
    assert!(!lame.1.contains("ns1.example.test does not"), "{lame:?}");
    assert!(
        disagree.0 == "fail" && disagree.1.contains("serial 5") && disagree.1.contains("serial 4"),
        "{disagree:?}"
    );
    assert_eq!(behind.0, "pass", "without agreement there is no now: {behind:?}");
    // A server that does not answer is neither lame nor in agreement.
    drop(old);
    let hole = std::net::UdpSocket::bind(at(32)).unwrap();
    let [_, disagree, behind] = ask("audit");
    assert_eq!(disagree.0, "unknown", "{disagree:?}");
    assert!(behind.0 == "fail" && behind.1.contains("wait 60 s"), "{behind:?}");
    drop(hole);
}
