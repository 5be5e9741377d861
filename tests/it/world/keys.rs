//! Servers whose keys our own TLS library cannot check: they are weak or rare, and
//! senders with OpenSSL talk to them, so they must not look broken.

use std::io::Write as _;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::mail::{codes, mailvet};
use super::servers::{found, free, lacks, run};

/// `openssl s_server`; killed when dropped.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server that speaks TLS first and greets, with a key made by these arguments.
fn start(folder: &std::path::Path, key: &[&str]) -> (Server, SocketAddr) {
    let names = ["-subj", "/CN=mx.example.com", "-addext", "subjectAltName=DNS:mx.example.com"];
    let files = ["-nodes", "-days", "30", "-keyout", "key.pem", "-out", "own.pem"];
    let args: Vec<&str> = ["req", "-x509", "-newkey"].into_iter().chain(key.iter().copied()).collect();
    run(folder, "openssl", &[args.as_slice(), &files, &names].concat());
    let address = free();
    let mut child = Command::new(found("openssl").unwrap())
        .args(["s_server", "-quiet", "-cert", "own.pem", "-key", "key.pem", "-cipher", "ALL:@SECLEVEL=0"])
        .args(["-accept", &address.to_string()])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.as_mut().unwrap().write_all(b"220 mx.example.com ESMTP\r\n").unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    // Binding it ourselves fails once it listens, and costs it no connection.
    while std::net::TcpListener::bind(address).is_ok() {
        assert!(Instant::now() < until, "openssl s_server does not listen");
        std::thread::sleep(Duration::from_millis(50));
    }
    (Server(child), address)
}

#[test]
fn world_keys_that_only_openssl_checks_are_not_broken() {
    if lacks(&["openssl"]) {
        return;
    }
    for (key, shown, weak) in [
        (&["rsa:1024"] as &[&str], "RSA 1024", true),
        (&["ec", "-pkeyopt", "ec_paramgen_curve:P-521"], "EC 521", false),
        (&["rsa:2048"], "RSA 2048", false),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (_server, address) = start(folder.path(), key);
        let to = format!("localhost:465:{address}");
        let (json, _): (Value, i32) =
            mailvet(&["relay", "localhost:465", "--connect-to", &to, "--timeout", "0.5"]);
        let found = codes(&json);
        assert!(!found.contains(&"starttls-broken".to_owned()), "{shown}: {json}");
        assert_eq!(json["certificate"]["key"], shown, "{json}");
        assert_eq!(json["banner"], "220 mx.example.com ESMTP", "{json}");
        assert_eq!(found.contains(&"starttls-certificate-weak".to_owned()), weak, "{shown}: {found:?}");
    }
}
