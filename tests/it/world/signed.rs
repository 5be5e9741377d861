//! DNSSEC against NSD and Unbound: signed, unsigned and broken zones, and the
//! line between "bogus" and "could not be validated".

use std::path::Path;
use std::time::Duration;

use mailvet::gather::dnssec::Anchors;
use mailvet::gather::{Limits, dns::DnsClient, resolver};
use mailvet::model::{
    Absence, Answer, Failure, Name, Observation, RecordType, Validation, ValidationOutcome,
};

use crate::cli::mailvet_in;

use super::dns::{Say, serve};
use super::servers::{self, Server};

const TOOLS: [&str; 5] = ["nsd", "unbound", "ldns-keygen", "ldns-signzone", "ldns-key2ds"];

/// Zones below the signed `test.`, on NSD.
struct World {
    folder: tempfile::TempDir,
    nsd: Server,
    anchors: Anchors,
    hole: std::net::UdpSocket,
}

/// A day from now, as ldns writes times.
fn day(offset: i64) -> String {
    let at = jiff::Timestamp::now().as_second() + offset * 86_400;
    jiff::Timestamp::from_second(at).unwrap().strftime("%Y%m%d%H%M%S").to_string()
}

/// A key pair; the base name of its files.
fn key(folder: &Path, zone: &str, extra: &[&str]) -> String {
    let args: Vec<&str> = extra.iter().copied().chain(["-a", "ECDSAP256SHA256", zone]).collect();
    servers::run(folder, "ldns-keygen", &args).trim().to_owned()
}

fn ds_of(folder: &Path, key: &str) -> String {
    servers::run(folder, "ldns-key2ds", &["-n", "-2", &format!("{key}.key")])
}

/// Signs a zone file in place of its name; the DS record for the parent.
pub fn sign(folder: &Path, zone: &str, from: i64, to: i64, extra: &[&str]) -> String {
    let ksk = key(folder, zone, &["-k"]);
    let zsk = key(folder, zone, &[]);
    let (from, to) = (day(from), day(to));
    let file = format!("{zone}.zone");
    let out = format!("{zone}.signed");
    let mut args = vec!["-i", &from, "-e", &to, "-f", &out];
    args.extend(extra);
    args.extend([file.as_str(), ksk.as_str(), zsk.as_str()]);
    servers::run(folder, "ldns-signzone", &args);
    ds_of(folder, &ksk)
}

pub fn write(folder: &Path, zone: &str, records: &str) {
    let text = format!(
        "$ORIGIN {zone}.\n$TTL 60\n@ SOA ns.test. root.test. 1 3600 600 86400 60\n@ NS ns.test.\n{records}"
    );
    std::fs::write(folder.join(format!("{zone}.zone")), text).unwrap();
}

fn world() -> Option<World> {
    if servers::lacks(&TOOLS) {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let usual = "@ TXT \"v=spf1 mx -all\"\n@ MX 10 mx\nmx A 192.0.2.25\n*.wild A 192.0.2.26\n";
    let mut parent = "ns A 127.0.0.1\n".to_owned();
    let mut zones = Vec::new();
    for (zone, from, to, extra) in [
        ("good.test", -5, 20, &[] as &[&str]),
        ("dense.test", -5, 20, &["-n"]),
        ("expired.test", -40, -10, &[]),
        ("early.test", 5, 30, &[]),
        ("soon.test", -29, 1, &[]),
        ("otherds.test", -5, 20, &[]),
        ("silent.test", -5, 20, &[]),
    ] {
        let aliases = "away CNAME mx.unsigned.test.\nbroken CNAME mx.expired.test.\n";
        write(at, zone, &format!("{usual}{aliases}"));
        let mut ds = sign(at, zone, from, to, extra);
        if zone == "otherds.test" {
            ds = ds_of(at, &key(at, zone, &["-k"]));
        }
        parent.push_str(&format!("{zone}. NS ns.test.\n{ds}"));
        zones.push((zone, format!("{zone}.signed")));
    }
    // The parent says it is signed, and it is not.
    write(at, "stripped.test", usual);
    let ds = ds_of(at, &key(at, "stripped.test", &["-k"]));
    parent.push_str(&format!("stripped.test. NS ns.test.\n{ds}"));
    zones.push(("stripped.test", "stripped.test.zone".to_owned()));
    write(at, "unsigned.test", usual);
    parent.push_str("unsigned.test. NS ns.test.\n");
    zones.push(("unsigned.test", "unsigned.test.zone".to_owned()));
    write(at, "test", &parent);
    let ds = sign(at, "test", -5, 20, &[]);
    std::fs::write(at.join("anchor"), &ds).unwrap();
    zones.push(("test", "test.signed".to_owned()));
    // Outside of every anchor.
    write(at, "example", "host.example. A 192.0.2.9\n");
    zones.push(("example", "example.zone".to_owned()));
    let zones: Vec<(&str, &str)> = zones.iter().map(|(zone, file)| (*zone, file.as_str())).collect();
    let nsd = servers::nsd(at, servers::free(), &zones);
    let anchors = Anchors::read(Path::new("anchor"), ds.as_bytes()).unwrap();
    Some(World { folder, nsd, anchors, hole: servers::hole() })
}

impl World {
    /// Unbound before NSD; `silent.test` leads into a hole.
    fn unbound(&self, server: &str) -> Server {
        let hole = self.hole.local_addr().unwrap().port();
        let nsd = self.nsd.address.port();
        let rest = format!(
            "forward-zone:\n  name: \".\"\n  forward-addr: 127.0.0.1@{nsd}\n\
             forward-zone:\n  name: \"silent.test.\"\n  forward-addr: 127.0.0.1@{hole}\n"
        );
        servers::unbound(self.folder.path(), servers::free(), server, &rest, "unsigned.test")
    }

    fn validating(&self) -> Server {
        let anchor = self.folder.path().join("anchor");
        self.unbound(&format!(
            "  trust-anchor-file: \"{}\"\n  ede: yes\n  val-log-level: 2",
            anchor.display()
        ))
    }
}

pub struct Asker {
    pub runtime: tokio::runtime::Runtime,
    pub client: DnsClient,
    pub limits: Limits,
}

impl Asker {
    pub fn new(server: std::net::SocketAddr, anchors: &Anchors, seconds: f32) -> Asker {
        Asker::with(resolver::parse(&server.to_string()).unwrap(), anchors, seconds)
    }

    pub fn with(server: resolver::Server, anchors: &Anchors, seconds: f32) -> Asker {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let limits = Limits { question: Duration::from_secs_f32(seconds), ..Limits::default() };
        let servers = [server];
        let client = runtime
            .block_on(async { DnsClient::new(&servers, &limits) })
            .unwrap()
            .with_anchors(anchors.clone(), &limits);
        Asker { runtime, client, limits }
    }

    pub fn validate(&self, name: &str, rtype: RecordType) -> Validation {
        match self.runtime.block_on(self.client.validate(&Name::lenient(name), rtype)) {
            Observation::Seen(validation) => validation,
            other => panic!("{name} {rtype}: {other:?}"),
        }
    }

    pub fn ask(&self, name: &str, rtype: RecordType) -> Answer {
        self.runtime.block_on(self.client.ask(&Name::lenient(name), rtype, &self.limits))
    }
}

#[test]
fn world_dnssec_tells_secure_insecure_bogus_and_unknown_apart() {
    use ValidationOutcome::{Bogus, Indeterminate, Insecure, Secure};
    let Some(world) = world() else { return };
    let plain = world.unbound("  module-config: \"iterator\"");
    let validating = world.validating();
    // The name server itself also answers, and follows no alias out of its zones.
    for (server, whose) in [
        (plain.address, "a plain resolver"),
        (validating.address, "a validating resolver"),
        (world.nsd.address, "NSD"),
    ] {
        let asker = Asker::new(server, &world.anchors, 3.0);
        for (name, rtype, outcome, reason) in [
            ("good.test", RecordType::Mx, Secure, ""),
            ("good.test", RecordType::Txt, Secure, ""),
            ("mx.good.test", RecordType::Aaaa, Secure, ""),
            ("none.good.test", RecordType::A, Secure, ""),
            ("any.wild.good.test", RecordType::A, Secure, ""),
            ("any.wild.good.test", RecordType::Aaaa, Secure, ""),
            ("wild.good.test", RecordType::A, Secure, ""),
            ("any.wild.dense.test", RecordType::A, Secure, ""),
            ("any.wild.dense.test", RecordType::Aaaa, Secure, ""),
            ("dense.test", RecordType::Mx, Secure, ""),
            ("mx.dense.test", RecordType::Aaaa, Secure, ""),
            ("none.dense.test", RecordType::A, Secure, ""),
            ("unsigned.test", RecordType::Mx, Insecure, ""),
            ("none.unsigned.test", RecordType::Mx, Insecure, ""),
            ("away.good.test", RecordType::A, Insecure, ""),
            ("broken.good.test", RecordType::A, Bogus, "expired on"),
            ("expired.test", RecordType::Mx, Bogus, "expired on"),
            ("early.test", RecordType::Mx, Bogus, "is valid only from"),
            ("otherds.test", RecordType::Mx, Bogus, "none of its DNSKEY records"),
            ("stripped.test", RecordType::Mx, Bogus, "has no signature, though"),
            ("host.example", RecordType::A, Indeterminate, "no trust anchor covers the name"),
        ] {
            let found = asker.validate(name, rtype);
            assert_eq!(found.outcome, outcome, "{whose}: {name} {rtype}: {found:?}");
            let text = found.reason.unwrap_or_default();
            assert!(text.contains(reason), "{whose}: {name} {rtype}: {text}");
        }
        let good = asker.validate("good.test", RecordType::Mx);
        assert_eq!(good.zone, Some(Name::lenient("good.test")));
        let left = good.expires.unwrap() - jiff::Timestamp::now().as_second();
        assert!((19 * 86_400..=20 * 86_400).contains(&left), "{left}");
        assert_eq!(good.lifetime, Some(25 * 86_400));
    }
}

#[test]
fn world_dnssec_silence_and_lost_signatures_are_not_bogus() {
    let Some(world) = world() else { return };
    let plain = world.unbound("  module-config: \"iterator\"");
    // The zone's keys cannot be had: the answer is there, its keys are not.
    let forwards = plain.address;
    let relayed =
        relay(forwards, |name, rtype| name == "silent.test" && rtype == RecordType::Dnskey.number());
    let asker = Asker::new(relayed, &world.anchors, 0.7);
    let started = std::time::Instant::now();
    let Observation::Failed(Failure::Timeout) =
        asker.runtime.block_on(asker.client.validate(&Name::lenient("silent.test"), RecordType::Mx))
    else {
        panic!("the question itself leads into the hole")
    };
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    // NSD has the answer, and the relay before it loses the question for the keys.
    let relayed =
        relay(world.nsd.address, |name, rtype| name == "silent.test" && rtype == RecordType::Dnskey.number());
    let asker = Asker::new(relayed, &world.anchors, 0.7);
    let found = asker.validate("silent.test", RecordType::Mx);
    assert_eq!(found.outcome, ValidationOutcome::Indeterminate, "{found:?}");
    assert!(found.reason.as_deref().unwrap().contains("silent.test DNSKEY: no answer in time"), "{found:?}");
    // The same for the delegation.
    let relayed =
        relay(world.nsd.address, |name, rtype| name == "silent.test" && rtype == RecordType::Ds.number());
    let found = Asker::new(relayed, &world.anchors, 0.7).validate("silent.test", RecordType::Mx);
    assert_eq!(found.outcome, ValidationOutcome::Indeterminate, "{found:?}");
    // A resolver that answers and passes no signatures.
    let blind = serve(|_, rtype| {
        Say::Answer(Answer::given(match rtype {
            RecordType::Mx => Observation::Seen(vec![mailvet::model::Record::new(
                mailvet::model::Rdata::from_text(rtype, "10 mx.good.test").unwrap(),
            )]),
            _ => Observation::Absent(Absence::NoData),
        }))
    });
    let found = Asker::new(blind, &world.anchors, 1.0).validate("good.test", RecordType::Mx);
    assert_eq!(found.outcome, ValidationOutcome::Indeterminate, "{found:?}");
    // The root's own keys are not those of this little world.
    let found = Asker::new(plain.address, &Anchors::default(), 1.0).validate("good.test", RecordType::Mx);
    assert_eq!(found.outcome, ValidationOutcome::Indeterminate, "{found:?}");
}

/// A relay for UDP that loses some questions, by name and type.
fn relay(
    to: std::net::SocketAddr,
    loses: impl Fn(&str, u16) -> bool + Send + 'static,
) -> std::net::SocketAddr {
    let front = servers::hole();
    let address = front.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok((length, client)) = front.recv_from(&mut buffer) {
            let Ok(message) = hickory_resolver::proto::op::Message::from_vec(&buffer[..length]) else {
                continue;
            };
            let Some(query) = message.queries.first() else { continue };
            let name = query.name().to_lowercase().to_ascii();
            if loses(name.trim_end_matches('.'), query.query_type().into()) {
                continue;
            }
            let (question, front) = (buffer[..length].to_vec(), front.try_clone().unwrap());
            std::thread::spawn(move || {
                let back = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
                back.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
                back.send_to(&question, to).unwrap();
                let mut reply = [0; 4096];
                if let Ok(length) = back.recv(&mut reply) {
                    let _ = front.send_to(&reply[..length], client);
                }
            });
        }
    });
    address
}

#[test]
fn world_dnssec_extended_errors_say_why_a_resolver_refuses() {
    let Some(world) = world() else { return };
    let validating = world.validating();
    let asker = Asker::new(validating.address, &world.anchors, 3.0);
    for (name, code) in [("expired.test", "(EDE 7)"), ("otherds.test", "(EDE 9)"), ("stripped.test", "(EDE ")]
    {
        let answer = asker.ask(name, RecordType::Mx);
        let Observation::Failed(failure) = &answer.observation else { panic!("{name}: {answer:?}") };
        let text = failure.to_string();
        assert!(text.contains("DNSSEC validation failed") && text.contains(code), "{name}: {text}");
    }
    assert!(matches!(asker.ask("good.test", RecordType::Mx).observation, Observation::Seen(_)));
}

#[test]
fn world_dnssec_is_judged_in_an_audit() {
    let Some(world) = world() else { return };
    let plain = world.unbound("  module-config: \"iterator\"");
    let anchor = world.folder.path().join("anchor");
    let judged = |domain: &str, code: &str| {
        let (resolver, anchor) = (plain.address.to_string(), anchor.display().to_string());
        let output = mailvet_in(
            world.folder.path(),
            &[
                "audit",
                domain,
                "--format",
                "json",
                "--only",
                code,
                "--timeout",
                "2",
                "--resolver",
                &resolver,
                "--trust-anchor",
                &anchor,
            ],
        );
        let text = String::from_utf8(output.stdout).unwrap();
        let value: serde_json::Value = serde_json::from_str(&text)
            .unwrap_or_else(|e| panic!("{e}: {text} {}", String::from_utf8_lossy(&output.stderr)));
        let results = value["results"].as_array().unwrap();
        let result = results.iter().find(|result| result["code"] == code).unwrap();
        (result["outcome"].as_str().unwrap().to_owned(), result["problems"].to_string())
    };
    assert_eq!(judged("good.test", "dnssec-bogus").0, "pass");
    assert_eq!(judged("unsigned.test", "dnssec-bogus").0, "not-applicable");
    let (outcome, problems) = judged("expired.test", "dnssec-bogus");
    assert!(outcome == "fail" && problems.contains("expired on"), "{outcome} {problems}");
    assert_eq!(judged("silent.test", "dnssec-bogus").0, "unknown");
    let (outcome, problems) = judged("soon.test", "dnssec-expiring");
    assert!(outcome == "fail" && problems.contains("soon.test"), "{outcome} {problems}");
    assert_eq!(judged("good.test", "dnssec-expiring").0, "pass");
}

/// Every command of one question says so where what it rests on is bogus, and a validating resolver's
/// SERVFAIL with its extended error is the same word; neither is an answer, and neither ends with 0.
#[test]
fn world_dnssec_bogus_data_are_said_by_every_command() {
    let Some(world) = world() else { return };
    let (plain, validating) = (world.unbound("  module-config: \"iterator\""), world.validating());
    let anchor = world.folder.path().join("anchor");
    let run = |command: &str, resolver: &Server, format: &str| {
        let (resolver, anchor) = (resolver.address.to_string(), anchor.display().to_string());
        let mut args: Vec<&str> = command.split(' ').collect();
        args.extend(["--format", format, "--timeout", "3", "--resolver", &resolver]);
        args.extend(["--trust-anchor", &anchor]);
        let output = mailvet_in(world.folder.path(), &args);
        let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        (output.status.code(), text)
    };
    for command in [
        "spf expired.test --ip 192.0.2.25",
        "dkim expired.test --selector s1",
        "dmarc expired.test",
        "mx expired.test",
        "transport expired.test",
        "bimi expired.test",
    ] {
        for format in ["terminal", "json"] {
            let (code, text) = run(command, &plain, format);
            assert!(text.contains("dnssec-bogus") && text.contains("expired"), "{command}: {text}");
            assert_eq!(code, Some(1), "{command}: {text}");
        }
        let (code, text) = run(command, &validating, "terminal");
        assert!(matches!(code, Some(1 | 3)), "{command}: {code:?} {text}");
        assert!(text.contains("DNSSEC validation failed"), "{command}: {text}");
        // What is proven bogus elsewhere says nothing of a sound zone.
        let (_, text) = run(&command.replace("expired", "good"), &plain, "terminal");
        assert!(!text.contains("dnssec-bogus"), "{command}: {text}");
    }
}
