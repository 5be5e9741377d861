//! `--resolver recurse` against real name servers: a root, a top level and
//! zones below it, each on its own loopback address, on port 53 as delegations
//! have no ports.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::time::{Duration, Instant};

use mailvet::gather::dnssec::Anchors;
use mailvet::gather::recursion::Roots;
use mailvet::gather::resolver::Server as Asked;
use mailvet::model::{Absence, Failure, Name, Observation, RecordType, ValidationOutcome};

use crate::cli::mailvet_in;

use super::servers::{self, Server};
use super::signed::{Asker, sign};

/// Addresses of this process alone, so that two test runs do not meet; each test has its own hosts.
pub fn at(host: u8) -> SocketAddr {
    let process = std::process::id();
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 64 | (process >> 8) as u8 & 63, process as u8, host)), 53)
}

/// Whether this process may use port 53 of its loopback addresses.
pub fn has_port_53(base: u8) -> bool {
    let may = UdpSocket::bind(at(base + 1)).is_ok();
    if !may {
        eprintln!("SKIPPED: port 53 of loopback takes root (or net.ipv4.ip_unprivileged_port_start=53)");
    }
    may
}

struct World {
    folder: tempfile::TempDir,
    _servers: Vec<Server>,
    anchors: Anchors,
}

fn world(base: u8) -> Option<World> {
    if servers::lacks(&["nsd", "rbldnsd", "ldns-keygen", "ldns-signzone", "ldns-key2ds"]) {
        return None;
    }
    if !has_port_53(base) {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let [root, top, zone, list, hole] = [1, 2, 3, 4, 5].map(|host| at(base + host).ip());
    let write = |name: &str, text: &str| std::fs::write(path.join(format!("{name}.zone")), text).unwrap();
    let soa = "SOA ns.test. root.test. 1 3600 600 86400 60";
    write(
        "root",
        &format!(
            "$ORIGIN .\n$TTL 60\n. {soa}\n. NS a.root.\na.root. A {root}\ntest. NS ns.test.\nns.test. A {top}\n"
        ),
    );
    write(
        "example.test",
        &format!(
            "$ORIGIN example.test.\n$TTL 60\n@ {soa}\n@ NS ns\nns A {zone}\n@ MX 10 mx\n@ TXT \"v=spf1 mx -all\"\n\
             mx A 192.0.2.25\nalias CNAME mx.other.test.\na.b.c A 192.0.2.7\n"
        ),
    );
    write(
        "other.test",
        &format!("$ORIGIN other.test.\n$TTL 60\n@ {soa}\n@ NS ns\nns A {zone}\nmx A 192.0.2.26\n"),
    );
    let ds = sign(path, "example.test", -5, 20, &[]);
    write(
        "test",
        &format!(
            "$ORIGIN test.\n$TTL 60\n@ {soa}\n@ NS ns\nns A {top}\nexample NS ns.example\nns.example A {zone}\n{ds}\
             other NS ns.other\nns.other A {zone}\nlame NS ns.lame\nns.lame A {zone}\ndead NS ns.dead\n\
             ns.dead A {hole}\nbl NS ns.bl\nns.bl A {list}\n"
        ),
    );
    let anchor = sign(path, "test", -5, 20, &[]);
    let mut running = vec![
        servers::nsd(path, at(base + 1), &[(".", "root.zone")]),
        servers::nsd(path, at(base + 2), &[("test", "test.signed")]),
        servers::nsd(
            path,
            at(base + 3),
            &[("example.test", "example.test.signed"), ("other.test", "other.test.zone")],
        ),
    ];
    running.push(rbldnsd(path, list));
    std::fs::write(path.join("hints"), format!(". 60 IN NS a.root.\na.root. 60 IN A {root}\n")).unwrap();
    let anchors = Anchors::read(Path::new("anchor"), anchor.as_bytes()).unwrap();
    Some(World { folder, _servers: running, anchors })
}

fn rbldnsd(folder: &Path, ip: IpAddr) -> Server {
    std::fs::write(folder.join("list"), ":127.0.0.2:listed\n127.0.0.2\n192.0.2.99\n").unwrap();
    let bind = format!("{ip}/53");
    let args =
        ["-n", "-u", "nobody", "-w", &folder.display().to_string(), "-b", &bind, "bl.test:ip4set:list"]
            .map(str::to_owned);
    // It gives up root and must read its list then.
    servers::run(folder, "chmod", &["755", "."]);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    servers::start("rbldnsd", &args, folder, SocketAddr::new(ip, 53), "2.0.0.127.bl.test")
}

#[test]
fn world_recursion_finds_each_zones_servers() {
    let Some(world) = world(10) else { return };
    let roots = Roots::Own(vec![at(11).ip()]);
    let asker = Asker::with(Asked::Recursion(roots), &world.anchors, 3.0);
    let seen = |name: &str, rtype: RecordType| match asker.ask(name, rtype).observation {
        Observation::Seen(records) => {
            records.iter().map(|record| record.rdata.to_string()).collect::<Vec<_>>().join(" ")
        }
        other => format!("{other:?}"),
    };
    assert_eq!(seen("example.test", RecordType::Mx), "10 mx.example.test");
    assert_eq!(seen("alias.example.test", RecordType::A), "192.0.2.26");
    assert_eq!(asker.ask("alias.example.test", RecordType::A).aliases, [Name::lenient("mx.other.test")]);
    assert_eq!(seen("a.b.c.example.test", RecordType::A), "192.0.2.7");
    assert_eq!(
        asker.ask("none.example.test", RecordType::A).observation,
        Observation::Absent(Absence::Nxdomain)
    );
    assert_eq!(asker.ask("none.test", RecordType::A).observation, Observation::Absent(Absence::Nxdomain));
    assert_eq!(
        asker.ask("mx.example.test", RecordType::Txt).observation,
        Observation::Absent(Absence::NoData)
    );
    // A list whose server says NXDOMAIN for the names between.
    assert_eq!(seen("2.0.0.127.bl.test", RecordType::A), "127.0.0.2");
    assert_eq!(
        asker.ask("3.0.0.127.bl.test", RecordType::A).observation,
        Observation::Absent(Absence::Nxdomain)
    );
    // Not served, and not answered, is not absent.
    let lame = asker.ask("lame.test", RecordType::Mx).observation;
    assert!(matches!(lame, Observation::Failed(Failure::Lame | Failure::Refused)), "{lame:?}");
    let started = Instant::now();
    let dead = asker.ask("dead.test", RecordType::Mx).observation;
    assert!(matches!(dead, Observation::Failed(_)), "{dead:?}");
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    let validation = asker.validate("example.test", RecordType::Mx);
    assert_eq!(validation.outcome, ValidationOutcome::Secure, "{validation:?}");
    let validation = asker.validate("mx.other.test", RecordType::A);
    assert_eq!(validation.outcome, ValidationOutcome::Insecure, "{validation:?}");
}

#[test]
fn world_recursion_is_a_flag() {
    let Some(world) = world(20) else { return };
    let hints = world.folder.path().join("hints");
    let run = |args: &[&str]| {
        let hints = hints.display().to_string();
        let by = ["--resolver", "recurse", "--root-hints", &hints, "--format", "json"];
        let output = mailvet_in(world.folder.path(), &[args, &by].concat());
        let text = String::from_utf8(output.stdout).unwrap();
        serde_json::from_str::<serde_json::Value>(&text)
            .unwrap_or_else(|e| panic!("{e}: {text} {}", String::from_utf8_lossy(&output.stderr)))
    };
    assert_eq!(run(&["spf", "example.test", "--ip", "192.0.2.25"])["result"], "pass");
    let lists = run(&["blocklist", "192.0.2.99", "192.0.2.98", "--list", "bl.test"]);
    let outcomes: Vec<&str> =
        lists["results"].as_array().unwrap().iter().map(|row| row["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["listed", "clean"], "{lists:#}");
}
