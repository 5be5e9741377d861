//! DANE end to end: signed zones on NSD, certificates on Postfix, and what
//! `transport --probe` says of each pair.

use std::path::Path;

use serde_json::Value;

use super::mail::{Authority, codes, mailvet_through, outcome};
use super::postfix::{Postfix, port, tls};
use super::servers::{self, free, lacks, run};
use super::signed::{sign, write};

const TOOLS: [&str; 6] = ["nsd", "unbound", "ldns-keygen", "ldns-signzone", "ldns-key2ds", "openssl"];

/// SHA-256 of a certificate's public key, by openssl.
fn key_hash(folder: &Path, pem: &str) -> String {
    let key = run(folder, "openssl", &["x509", "-in", pem, "-noout", "-pubkey"]);
    std::fs::write(folder.join("public.pem"), key).unwrap();
    run(folder, "openssl", &["pkey", "-pubin", "-in", "public.pem", "-outform", "DER", "-out", "public.der"]);
    let line = run(folder, "openssl", &["dgst", "-sha256", "-r", "public.der"]);
    line.split_whitespace().next().unwrap().to_owned()
}

struct World {
    authority: Authority,
    _postfix: Postfix,
    /// Certificate alone, certificate with its authority, no TLS.
    ports: [u16; 3],
    resolvers: Vec<servers::Server>,
}

impl World {
    fn start() -> Option<World> {
        if lacks(&TOOLS) {
            return None;
        }
        let authority = Authority::new();
        let at = authority.folder.path().to_owned();
        let identity = authority
            .certify(&["mx.match.test", "mx.authority.test", "mx.absent.test", "nexthop.test"], 2085);
        let leaf = identity.chain.display().to_string();
        let (own, issuer) = (key_hash(&at, &leaf), key_hash(&at, &authority.file()));
        let whole = at.join("whole.pem");
        let both =
            [std::fs::read(&identity.chain).unwrap(), std::fs::read(authority.file()).unwrap()].concat();
        std::fs::write(&whole, both).unwrap();
        let ports = [port(), port(), port()];
        let alone = tls(&identity);
        let with_issuer = [
            "smtpd_tls_security_level=may".to_owned(),
            format!("smtpd_tls_chain_files={}, {}", identity.key.display(), whole.display()),
        ];
        let alone: Vec<&str> = alone.iter().map(String::as_str).collect();
        let with_issuer: Vec<&str> = with_issuer.iter().map(String::as_str).collect();
        let postfix = Postfix::start(&[
            (ports[0], &alone),
            (ports[1], &with_issuer),
            (ports[2], &["smtpd_tls_security_level=none"]),
        ])?;
        let resolvers = zones(&at, &own, &issuer);
        Some(World { authority, _postfix: postfix, ports, resolvers })
    }

    /// What `transport` says of the domain, its MX at one of the ports, through one of the resolvers.
    fn ask(&self, domain: &str, port: usize, resolver: usize) -> Value {
        let to = format!("mx.{domain}:25:127.0.0.1:{}", self.ports[port]);
        let anchor = self.authority.folder.path().join("anchor").display().to_string();
        let ca = self.authority.file();
        let args =
            ["transport", domain, "--probe", "--connect-to", &to, "--ca", &ca, "--trust-anchor", &anchor];
        mailvet_through(&self.resolvers[resolver].address.to_string(), &args).0
    }
}

/// NSD with the zones, and a validating Unbound before it.
fn zones(at: &Path, own: &str, issuer: &str) -> Vec<servers::Server> {
    let other = "ab".repeat(32);
    let mut parent = "ns A 127.0.0.1\n".to_owned();
    let mut zones = Vec::new();
    for (zone, records) in [
        ("match.test", vec![format!("3 1 1 {own}")]),
        ("authority.test", vec![format!("2 1 1 {issuer}")]),
        ("absent.test", vec![format!("2 1 1 {issuer}")]),
        ("named.test", vec![format!("2 1 1 {issuer}")]),
        ("nexthop.test", vec![format!("2 1 1 {issuer}")]),
        ("other.test", vec![format!("3 1 1 {other}")]),
        ("rollover.test", vec![format!("3 1 1 {other}"), format!("3 1 1 {own}")]),
        ("plain.test", vec![format!("3 1 1 {own}")]),
        ("none.test", vec![]),
        ("unsigned.test", vec![format!("3 1 1 {other}")]),
        ("expired.test", vec![format!("3 1 1 {own}")]),
        ("altered.test", vec![format!("3 1 1 {own}")]),
    ] {
        let tlsa: String = records.iter().map(|record| format!("_25._tcp.mx TLSA {record}\n")).collect();
        write(at, zone, &format!("@ MX 10 mx\nmx A 127.0.0.1\n{tlsa}"));
        let (mut ds, mut file) = (String::new(), format!("{zone}.zone"));
        if zone != "unsigned.test" {
            let (from, to) = if zone == "expired.test" { (-40, -10) } else { (-5, 20) };
            ds = sign(at, zone, from, to, &[]);
            file = format!("{zone}.signed");
        }
        if zone == "altered.test" {
            // Someone on the way put his own key in, and could not sign it.
            let text = std::fs::read_to_string(at.join(&file)).unwrap();
            let altered = text.replace(own, &other);
            assert!(altered != text, "ldns writes the record in another way");
            std::fs::write(at.join(&file), altered).unwrap();
        }
        parent.push_str(&format!("{zone}. NS ns.test.\n{ds}"));
        zones.push((zone, file));
    }
    write(at, "test", &parent);
    std::fs::write(at.join("anchor"), sign(at, "test", -5, 20, &[])).unwrap();
    zones.push(("test", "test.signed".to_owned()));
    let zones: Vec<(&str, &str)> = zones.iter().map(|(zone, file)| (*zone, file.as_str())).collect();
    let nsd = servers::nsd(at, free(), &zones);
    let server = format!("  trust-anchor-file: \"{}\"\n  ede: yes", at.join("anchor").display());
    let rest = format!("forward-zone:\n  name: \".\"\n  forward-addr: 127.0.0.1@{}\n", nsd.address.port());
    let unbound = servers::unbound(at, free(), &server, &rest, "match.test");
    vec![nsd, unbound]
}

/// The whole of one finding.
fn finding<'j>(json: &'j Value, code: &str) -> &'j Value {
    let problems = json["problems"].as_array().unwrap();
    problems.iter().find(|one| one["code"] == code).unwrap_or_else(|| panic!("no {code}: {json}"))
}

#[test]
fn world_dane_records_against_real_certificates() {
    let Some(world) = World::start() else { return };
    for resolver in 0..2 {
        for (domain, port, matches) in [
            ("match.test", 0, vec![true]),
            ("authority.test", 1, vec![true]),
            ("nexthop.test", 1, vec![true]),
            ("rollover.test", 0, vec![true, false]),
        ] {
            let json = world.ask(domain, port, resolver);
            for code in ["dane-mismatch", "dane-unsigned", "dane-missing", "dane-incomplete", "dnssec-bogus"]
            {
                assert_eq!(outcome(&json, code), "pass", "{domain} {code}: {json}");
            }
            let host = &json["dane"]["hosts"][0];
            assert_eq!(host["secure"], true, "{json}");
            let records = host["records"].as_array().unwrap();
            let found: Vec<bool> = records.iter().map(|one| one["matches"].as_bool().unwrap()).collect();
            assert_eq!(found.iter().filter(|m| **m).count(), 1, "{domain}: {json}");
            assert_eq!(found.len(), matches.len(), "{domain}: {json}");
        }
        // The authority's certificate is not sent, the certificate is for another name, another key.
        for (domain, port) in [("absent.test", 0), ("named.test", 1), ("other.test", 0)] {
            let json = world.ask(domain, port, resolver);
            let problem = finding(&json, "dane-mismatch");
            assert_eq!(problem["severity"], "high", "{json}");
            let fix = problem["fix"].as_str().unwrap();
            assert!(fix.contains(&format!("_25._tcp.mx.{domain}. TLSA 3 1 1 ")), "{fix}");
        }
        let json = world.ask("plain.test", 2, resolver);
        let problem = finding(&json, "dane-mismatch");
        assert!(problem["summary"].to_string().contains("offers no STARTTLS"), "{problem}");
        let json = world.ask("none.test", 0, resolver);
        assert_eq!(
            (outcome(&json, "dane-missing"), outcome(&json, "dane-mismatch")),
            ("fail".into(), "not-applicable".into())
        );
        assert_eq!(finding(&json, "dane-missing")["severity"], "info");
        // Records that senders ignore refuse no mail.
        let json = world.ask("unsigned.test", 0, resolver);
        assert_eq!(outcome(&json, "dane-mismatch"), "not-applicable", "{json}");
        assert!(finding(&json, "dane-unsigned")["fix"].to_string().contains("sign the zone"), "{json}");
    }
}

#[test]
fn world_dane_bogus_is_neither_missing_nor_in_order() {
    let Some(world) = World::start() else { return };
    for resolver in 0..2 {
        for domain in ["expired.test", "altered.test"] {
            let json = world.ask(domain, 0, resolver);
            for code in ["dane-mismatch", "dane-unsigned"] {
                assert_eq!(outcome(&json, code), "unknown", "{domain} {code}: {json}");
            }
            let found = codes(&json);
            assert!(!found.iter().any(|code| code == "dane-missing"), "{domain}: {found:?}");
            assert_eq!(finding(&json, "dnssec-bogus")["severity"], "high", "{json}");
            // The validating resolver gives no MX either where the whole zone does not hold.
            let dane = &json["dane"];
            let whole = domain == "expired.test" && resolver == 1;
            let gap = if whole { &dane["gap"] } else { &dane["hosts"][0]["gap"] };
            let says =
                if resolver == 1 { "DNSSEC validation failed" } else { "the signatures over _25._tcp.mx." };
            assert!(gap.to_string().contains(says), "{domain}: {json}");
        }
        let json = world.ask("altered.test", 0, resolver);
        let problem = finding(&json, "dnssec-bogus");
        assert!(problem["summary"].to_string().contains("_25._tcp.mx.altered.test TLSA"), "{problem}");
    }
}
