//! `bimi --probe` against a real HTTPS server: the logo plain and packed, the mark
//! certificate, and everything a web server does wrong.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};

use rcgen::{CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, KeyPair};
use serde_json::Value;

use super::mail::{Authority, Identity, mailvet, outcome, web};

const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.2\" baseProfile=\"tiny-ps\" \
                   viewBox=\"0 0 96 96\">\n<title>Example</title>\n<circle cx=\"48\" cy=\"48\" r=\"30\" \
                   fill=\"#036\"/>\n</svg>\n";

const ZONE: &str = "$ORIGIN example.com.\n$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 300\n@ NS ns\n\
                    ns A 127.0.0.1\nbrand A 127.0.0.1\n_dmarc TXT \"v=DMARC1; p=reject\"\n\
                    default._bimi TXT \"v=BIMI1; l=https://brand.example.com/logo.svg; \
                    a=https://marks.example.com/vmc.pem\"\nmarks A 127.0.0.1\n";

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gz.write_all(bytes).unwrap();
    gz.finish().unwrap()
}

/// DER: tag, length, content.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x82, length[0], length[1]], content].concat()
}

/// A mark certificate for example.com with this logo, and a hash beside it.
fn mark(authority: &Authority, logo: &[u8], hashed: &[u8]) -> String {
    use base64::Engine as _;
    let encoded = base64::engine::general_purpose::STANDARD.encode(packed(logo));
    let uri = format!("data:image/svg+xml;base64,{encoded}");
    let sha256 = [0x30, 11, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
    let hash = ring::digest::digest(&ring::digest::SHA256, hashed);
    let hash = der(0x30, &[&sha256[..], &[4, 32], hash.as_ref()].concat());
    let details =
        [der(0x16, b"image/svg+xml"), der(0x30, &hash), der(0x30, &der(0x16, uri.as_bytes()))].concat();
    let mut params = CertificateParams::new(vec!["example.com".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::OrganizationName, "Example Inc.");
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2085, 1, 1);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(vec![1, 3, 6, 1, 5, 5, 7, 3, 31])];
    params.custom_extensions = vec![
        CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 12], der(0x30, &details)),
        CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 11129, 2, 4, 2], vec![4, 2, 0, 0]),
    ];
    let own = params.signed_by(&KeyPair::generate().unwrap(), &authority.issuer).unwrap();
    format!("{}{}", own.pem(), std::fs::read_to_string(authority.file()).unwrap())
}

/// A reply of status 200.
fn file(headers: &str, body: &[u8]) -> Vec<u8> {
    let head =
        format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

const IMAGE: &str = "Content-Type: image/svg+xml\r\n";
const PEM: &str = "Content-Type: application/x-pem-file\r\n";

struct World {
    /// Signs the web servers' certificates.
    servers: Authority,
    /// Signs the marks.
    marks: Authority,
    brand: Identity,
    zone: String,
    /// Both authorities.
    both: String,
}

impl World {
    fn new() -> World {
        let (servers, marks) = (Authority::new(), Authority::new());
        let folder = servers.folder.path();
        let (zone, both) = (folder.join("example.com.zone"), folder.join("both.pem"));
        std::fs::write(&zone, ZONE).unwrap();
        let read = |authority: &Authority| std::fs::read_to_string(authority.file()).unwrap();
        std::fs::write(&both, read(&servers) + &read(&marks)).unwrap();
        let (zone, both) = (zone.display().to_string(), both.display().to_string());
        let brand = servers.certify(&["brand.example.com", "marks.example.com"], 2085);
        World { brand, zone, both, servers, marks }
    }

    /// What `bimi --probe` says where these two answer.
    fn ask(&self, logo: SocketAddr, marks: SocketAddr, more: &[&str]) -> Value {
        let logo = format!("brand.example.com:443:{logo}");
        let marks = format!("marks.example.com:443:{marks}");
        let mut args = vec!["bimi", "example.com", "--probe", "--zone", &self.zone, "--timeout", "1"];
        args.extend(["--connect-to", &logo, "--connect-to", &marks]);
        args.extend(more);
        mailvet(&args).0
    }

    /// As [`World::ask`], the mark certificate as it should be and both authorities trusted.
    fn logo(&self, reply: &(impl AsRef<[u8]> + ?Sized)) -> Value {
        let marks =
            web(&self.brand, &file(PEM, mark(&self.marks, SVG.as_bytes(), SVG.as_bytes()).as_bytes()));
        self.ask(web(&self.brand, reply), marks, &["--ca", &self.both])
    }
}

/// The outcomes of the checks of files: unreachable, logo, differs, certificate, trust.
fn outcomes(json: &Value) -> [String; 5] {
    [
        "bimi-unreachable",
        "bimi-logo-invalid",
        "bimi-logo-differs",
        "bimi-certificate-invalid",
        "bimi-certificate-untrusted",
    ]
    .map(|code| outcome(json, code))
}

fn said(json: &Value) -> String {
    json["results"].to_string()
}

#[test]
fn world_brand_files_are_fetched_plain_and_packed() {
    let world = World::new();
    let svgz = packed(SVG.as_bytes());
    let encoded = format!("{IMAGE}Content-Encoding: gzip\r\n");
    for (what, reply) in [
        ("plain", file(IMAGE, SVG.as_bytes())),
        ("a .svgz as it lies on the disk", file(IMAGE, &svgz)),
        ("packed for the transfer", file(&encoded, &svgz)),
    ] {
        let json = world.logo(&reply);
        assert_eq!(outcomes(&json), ["pass"; 5], "{what}: {json:#}");
        assert_eq!(json["logo"]["size"], SVG.len(), "{what}");
    }
    // What is not text survives a recording.
    let kept = world.servers.folder.path().join("run.json").display().to_string();
    let marks = web(&world.brand, &file(PEM, mark(&world.marks, SVG.as_bytes(), SVG.as_bytes()).as_bytes()));
    let brand = web(&world.brand, &file(IMAGE, &svgz));
    let live = world.ask(brand, marks, &["--ca", &world.both, "--record", &kept]);
    let again = crate::cli::mailvet(&["bimi", "--replay", &kept, "--ca", &world.both, "--format", "json"]);
    let again: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(outcomes(&again), outcomes(&live), "{again:#}");
    assert_eq!(again["logo"], live["logo"]);
}

#[test]
fn world_brand_logos_are_served_in_wrong_ways() {
    let world = World::new();
    let [unreachable, logo, ..] =
        outcomes(&world.logo(&file("Content-Type: text/html\r\n", b"<html>Not here</html>")));
    assert_eq!((unreachable.as_str(), logo.as_str()), ("fail", "fail"), "a page");
    let json = world.logo("HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1/x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let [unreachable, logo, ..] = outcomes(&json);
    assert_eq!((unreachable.as_str(), logo.as_str()), ("fail", "unknown"), "a redirect is not followed");
    assert!(said(&json).contains("answers 302 and points to https://127.0.0.1/x"), "{json:#}");
    // Larger than is read, and a bomb of the transfer's encoding.
    let bomb = packed(&vec![b' '; 64 << 20]);
    for reply in [
        file(
            IMAGE,
            SVG.replace("<title>", &format!("<desc>{}</desc><title>", "x".repeat(200_000))).as_bytes(),
        ),
        file(&format!("{IMAGE}Content-Encoding: gzip\r\n"), &bomb),
    ] {
        let json = world.logo(&reply);
        let [unreachable, logo, differs, ..] = outcomes(&json);
        assert_eq!([unreachable.as_str(), &logo, &differs], ["pass", "fail", "not-applicable"], "{json:#}");
        assert!(said(&json).contains("more than 65536 bytes"), "{json:#}");
    }
    // Packed on the disk: the bound holds for what comes out.
    let json = world.logo(&file(IMAGE, &packed(&vec![b' '; 3 << 20])));
    assert_eq!(outcome(&json, "bimi-logo-invalid"), "fail", "{json:#}");
    // Another logo than the certified one, and a hash that is not the logo's.
    let json = world.logo(&file(IMAGE, SVG.replace("#036", "#630").as_bytes()));
    assert_eq!(outcome(&json, "bimi-logo-differs"), "fail", "{json:#}");
}

#[test]
fn world_brand_servers_without_trust_or_voice() {
    let world = World::new();
    let right = file(IMAGE, SVG.as_bytes());
    let pem = mark(&world.marks, SVG.as_bytes(), SVG.as_bytes());
    let marks = web(&world.brand, &file(PEM, pem.as_bytes()));
    let good = web(&world.brand, &right);
    // The web server's authority alone: who vouches for the mark stays unknown, with the reason.
    let json = world.ask(good, marks, &["--ca", &world.servers.file()]);
    assert_eq!(outcomes(&json), ["pass", "pass", "pass", "pass", "unknown"], "{json:#}");
    assert!(said(&json).contains("none of the authorities of --ca issued it"), "{json:#}");
    // A certificate for another name.
    let other = world.servers.certify(&["www.example.com"], 2085);
    let json = world.ask(web(&other, &right), marks, &["--ca", &world.both]);
    assert_eq!(outcome(&json, "bimi-unreachable"), "fail", "{json:#}");
    assert!(said(&json).contains("it is for www.example.com"), "{json:#}");
    // A mark that another key signed in the authority's name.
    let forged = mark(&Authority::new(), SVG.as_bytes(), SVG.as_bytes());
    let own = forged.split_inclusive("-----END CERTIFICATE-----\n").next().unwrap();
    let forged = format!("{own}{}", std::fs::read_to_string(world.marks.file()).unwrap());
    let json = world.ask(good, web(&world.brand, &file(PEM, forged.as_bytes())), &["--ca", &world.both]);
    assert_eq!(outcome(&json, "bimi-certificate-untrusted"), "fail", "{json:#}");
    // A hash that is not the logo's.
    let wrong = mark(&world.marks, SVG.as_bytes(), b"another file");
    let json = world.ask(good, web(&world.brand, &file(PEM, wrong.as_bytes())), &["--ca", &world.both]);
    assert_eq!(outcome(&json, "bimi-certificate-invalid"), "fail", "{json:#}");
    // Silence is no fault of anybody's.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = silent.local_addr().unwrap();
    let json = world.ask(silent, silent, &["--ca", &world.both]);
    assert_eq!(outcomes(&json), ["unknown"; 5], "{json:#}");
    // Nobody listens there at all: that is the web server's doing.
    let closed = SocketAddr::from(([127, 0, 0, 1], 1));
    let json = world.ask(closed, marks, &["--ca", &world.both]);
    assert_eq!(outcome(&json, "bimi-unreachable"), "fail", "{json:#}");
    assert_eq!(outcome(&json, "bimi-logo-invalid"), "unknown", "{json:#}");
}
