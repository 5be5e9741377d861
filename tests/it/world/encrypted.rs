//! DNS over TLS and over HTTPS against Unbound, with a certificate authority
//! made here; wrong certificates, and the order of several servers.

use std::net::SocketAddr;
use std::path::Path;

use serde_json::Value;

use crate::cli::mailvet_in;

use super::servers::{self, Server};

struct World {
    folder: tempfile::TempDir,
    dot: SocketAddr,
    doh: SocketAddr,
    plain: SocketAddr,
    _unbound: Server,
}

/// A CA and a certificate of it for 127.0.0.1, as PEM files.
fn certificates(folder: &Path) {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = params.self_signed(&key).unwrap();
    std::fs::write(folder.join("ca.pem"), ca.pem()).unwrap();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    std::fs::write(folder.join("own.pem"), own.pem()).unwrap();
    std::fs::write(folder.join("own.key"), key.serialize_pem()).unwrap();
}

fn world() -> Option<World> {
    if servers::lacks(&["unbound"]) {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path());
    let (plain, dot, doh) = (servers::free(), servers::free(), servers::free());
    let config = format!(
        "  module-config: \"iterator\"\n  interface: 127.0.0.1@{}\n  interface: 127.0.0.1@{}\n  tls-port: {}\n  \
         https-port: {}\n  http-endpoint: \"/dns-query\"\n  tls-service-key: \"own.key\"\n  \
         tls-service-pem: \"own.pem\"\n  local-zone: \"example.test.\" static\n  \
         local-data: \"example.test. SOA ns.test. root.test. 1 1 1 1 60\"\n  \
         local-data: 'example.test. TXT \"v=spf1 ip4:192.0.2.25 -all\"'\n",
        dot.port(),
        doh.port(),
        dot.port(),
        doh.port()
    );
    let unbound = servers::unbound(folder.path(), plain, &config, "", "example.test");
    Some(World { folder, dot, doh, plain, _unbound: unbound })
}

impl World {
    /// The SPF verdict over these servers, and what standard error said.
    fn spf(&self, args: &[&str]) -> (String, Value) {
        let always = ["spf", "example.test", "--ip", "192.0.2.25", "--format", "json", "--timeout", "1"];
        let output = mailvet_in(self.folder.path(), &[&always, args].concat());
        let text = String::from_utf8(output.stdout).unwrap();
        let value: Value = serde_json::from_str(&text)
            .unwrap_or_else(|e| panic!("{e}: {text} {}", String::from_utf8_lossy(&output.stderr)));
        (value["result"].as_str().unwrap().to_owned(), value)
    }
}

#[test]
fn world_encrypted_resolvers_answer_and_are_checked() {
    let Some(world) = world() else { return };
    let (dot, doh) = (world.dot.to_string(), format!("https://{}/dns-query", world.doh));
    assert_eq!(world.spf(&["--resolver", &world.plain.to_string()]).0, "pass");
    assert_eq!(world.spf(&["--dot", &dot, "--ca", "ca.pem"]).0, "pass");
    assert_eq!(world.spf(&["--doh", &doh, "--ca", "ca.pem"]).0, "pass");
    // An authority nobody knows, and a name the certificate is not for: no answer, and no SPF verdict made of it.
    for args in [
        vec!["--dot", &dot],
        vec!["--doh", &doh],
        vec!["--dot", &format!("localhost:{}", world.dot.port()), "--ca", "ca.pem"],
    ] {
        let (result, value) = world.spf(&args);
        assert_eq!(result, "temperror", "{args:?}: {value:#}");
        assert!(value.to_string().to_lowercase().contains("certificate"), "{args:?}: {value:#}");
    }
}

#[test]
fn world_encrypted_resolvers_take_their_place_in_the_order() {
    let Some(world) = world() else { return };
    let (dot, doh) = (world.dot.to_string(), format!("https://{}/dns-query", world.doh));
    let hole = servers::hole();
    let hole = hole.local_addr().unwrap().to_string();
    let recorded = |args: &[&str]| {
        let file = world.folder.path().join("recording.json");
        let mut all = vec!["--record", "recording.json", "--ca", "ca.pem"];
        all.extend(args);
        assert_eq!(world.spf(&all).0, "pass", "{args:?}");
        let recording: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        recording["answers"]["example.test TXT"]["source"]["resolver"].as_str().unwrap().to_owned()
    };
    assert_eq!(recorded(&["--doh", &doh, "--resolver", &hole, "--dot", &dot]), doh);
    assert_eq!(recorded(&["--resolver", &hole, "--dot", &dot, "--doh", &doh]), format!("tls://{dot}"));
    assert_eq!(recorded(&["--dot", &hole, "--doh", &doh]), doh);
}
