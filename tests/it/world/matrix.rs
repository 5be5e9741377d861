//! Unknown is not missing, with real servers: each name a healthy sender hangs
//! on, each fault that Unbound, NSD and Knot can have, and a black hole. No
//! fault may make up a finding or clear one, and every run ends in time.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use super::servers::{self, Server};
use crate::faults::audit_through;

/// The names a sender's records stand at, and one of each world's zones.
const NAMES: [&str; 7] = [
    "example.test",
    "_dmarc.example.test",
    "_mta-sts.example.test",
    "mx.hosts.test",
    "mail.helo.test",
    "2.0.192.in-addr.arpa",
    "list.test",
];

#[derive(Clone, Copy, Debug)]
enum Fault {
    /// Unbound drops the question.
    Silence,
    /// Unbound answers REFUSED.
    Refusal,
    /// Unbound asks a server that does not serve the zone: SERVFAIL.
    LameUpstream,
    /// Unbound asks a black hole: SERVFAIL, or nothing in our time.
    DeadUpstream,
}

const FAULTS: [Fault; 4] = [Fault::Silence, Fault::Refusal, Fault::LameUpstream, Fault::DeadUpstream];

fn zones(folder: &Path) -> Vec<(&'static str, String)> {
    let soa = "@ SOA ns.test. root.test. 1 3600 600 86400 60\n@ NS ns.test.\n";
    let world = [
        (
            "example.test",
            "@ TXT \"v=spf1 ip4:192.0.2.25 -all\"\n@ MX 10 mx.hosts.test.\n\
             _dmarc TXT \"v=DMARC1; p=reject; rua=mailto:d@example.test\"\n_mta-sts TXT \"v=STSv1; id=1\"\n",
        ),
        ("hosts.test", "mx A 192.0.2.1\n"),
        ("helo.test", "mail A 192.0.2.25\nmail TXT \"v=spf1 a -all\"\n"),
        ("2.0.192.in-addr.arpa", "25 PTR mail.helo.test.\n"),
        ("list.test", "2.0.0.127 A 127.0.0.2\n"),
        ("test", "ns A 127.0.0.1\n"),
    ];
    let mut files = Vec::new();
    for (zone, records) in world {
        let file = format!("{zone}.zone");
        std::fs::write(folder.join(&file), format!("$ORIGIN {zone}.\n$TTL 60\n{soa}{records}")).unwrap();
        files.push((zone, file));
    }
    files
}

fn knot(folder: &Path, zones: &[(&str, &str)]) -> Server {
    let address = servers::free();
    let mut config = format!(
        "server:\n    listen: {}@{}\n    rundir: \"{3}\"\n    pidfile: \"{3}/knot.pid\"\n\
         log:\n  - target: \"{3}/knot.log\"\n    any: warning\ndatabase:\n    storage: \"{3}/{2}\"\n\
         template:\n  - id: default\n    storage: \"{3}\"\n    zonefile-load: whole\n    journal-content: none\nzone:\n",
        address.ip(),
        address.port(),
        "knot-db",
        folder.display()
    );
    for (zone, file) in zones {
        config.push_str(&format!("  - domain: {zone}\n    file: \"{file}\"\n"));
    }
    std::fs::write(folder.join("knot.conf"), config).unwrap();
    let path = folder.join("knot.conf").display().to_string();
    servers::start("knotd", &["-c", &path], folder, address, "example.test")
}

/// Unbound before a name server, with a fault at one name.
fn faulty(
    folder: &Path,
    upstream: SocketAddr,
    lame: SocketAddr,
    hole: SocketAddr,
    fault: Option<(&str, Fault)>,
) -> Server {
    let mut server = "  module-config: \"iterator\"\n  unblock-lan-zones: yes\n  insecure-lan-zones: yes\n  \
                      local-zone: \"2.0.192.in-addr.arpa.\" nodefault"
        .to_owned();
    let mut rest = format!("forward-zone:\n  name: \".\"\n  forward-addr: 127.0.0.1@{}\n", upstream.port());
    let elsewhere = |name: &str, to: SocketAddr| {
        format!("forward-zone:\n  name: \"{name}.\"\n  forward-addr: 127.0.0.1@{}\n", to.port())
    };
    match fault {
        None => {}
        Some((name, Fault::Silence)) => server.push_str(&format!("\n  local-zone: \"{name}.\" deny")),
        Some((name, Fault::Refusal)) => server.push_str(&format!("\n  local-zone: \"{name}.\" refuse")),
        Some((name, Fault::LameUpstream)) => rest.push_str(&elsewhere(name, lame)),
        Some((name, Fault::DeadUpstream)) => rest.push_str(&elsewhere(name, hole)),
    }
    if fault.is_some_and(|(name, _)| name == "2.0.192.in-addr.arpa") {
        server = server.replace("\n  local-zone: \"2.0.192.in-addr.arpa.\" nodefault", "");
    }
    servers::unbound(folder, servers::free(), &server, &rest, "ns.test")
}

#[test]
fn world_matrix_of_real_faults_makes_up_nothing() {
    if servers::lacks(&["nsd", "unbound", "knotd"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let files = zones(path);
    let zones: Vec<(&str, &str)> = files.iter().map(|(zone, file)| (*zone, file.as_str())).collect();
    let nsd = servers::nsd(path, servers::free(), &zones);
    let knot = knot(path, &zones);
    let other = "$ORIGIN other.example.\n@ 60 SOA a b 1 1 1 1 1\n@ 60 NS a\na 60 A 127.0.0.1\n";
    std::fs::write(path.join("other.zone"), other).unwrap();
    let lame = servers::nsd(path, servers::free(), &[("other.example", "other.zone")]);
    let hole = servers::hole();
    let hole = hole.local_addr().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let audit = |server: SocketAddr| {
        let started = Instant::now();
        let found = runtime.block_on(audit_through(server, "example.test", "mail.helo.test", "list.test"));
        assert!(started.elapsed() < Duration::from_secs(25), "the run did not end in its deadline");
        found
    };
    let honest = faulty(path, nsd.address, lame.address, hole, None);
    let (truth, before) = audit(honest.address);
    assert_eq!(before["spf-missing"].0, "pass", "{before:#?}");
    assert_eq!(before["ptr-missing"].0, "pass");
    assert_eq!(before["mx-unresolvable"].0, "pass");
    assert!(truth.answers.len() > 15);
    let mut wrong = Vec::new();
    let mut judged = 0;
    let mut compare = |what: String, after: BTreeMap<&'static str, (&'static str, String)>| {
        let mut unknown = 0;
        for (code, (outcome, summary)) in &after {
            let (was, known) = &before[code];
            unknown += usize::from(*outcome == "unknown" && *was != "unknown");
            let invented = *outcome == "fail" && (*was != "fail" || summary != known);
            let cleared = matches!(*outcome, "pass" | "not-applicable") && *was == "fail";
            if invented || cleared {
                wrong.push(format!("{what}: {code} went from {was} to {outcome}: {summary}"));
            }
        }
        judged += 1;
        assert!(unknown > 0, "{what} changed nothing: the fault did not happen");
    };
    for (number, name) in NAMES.into_iter().enumerate() {
        // Alternately before NSD and before Knot.
        let upstream = if number % 2 == 0 { nsd.address } else { knot.address };
        let running =
            FAULTS.map(|fault| (fault, faulty(path, upstream, lame.address, hole, Some((name, fault)))));
        let audits = running
            .iter()
            .map(|(_, server)| audit_through(server.address, "example.test", "mail.helo.test", "list.test"));
        let started = Instant::now();
        let found = runtime.block_on(futures_util::future::join_all(audits));
        assert!(started.elapsed() < Duration::from_secs(25), "{name}: a run did not end in its deadline");
        for ((fault, _), (_, after)) in running.iter().zip(found) {
            compare(format!("{fault:?} of {name}"), after);
        }
    }
    // The resolver itself: dead, or a name server that serves something else.
    for (what, server) in [("a black hole", hole), ("a server of other zones", lame.address)] {
        compare(what.to_owned(), audit(server).1);
    }
    assert_eq!(judged, NAMES.len() * FAULTS.len() + 2);
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
