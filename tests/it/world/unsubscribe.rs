//! `--probe-unsubscribe` against a loopback HTTPS server: one POST as RFC 8058 has it,
//! announced first, never into a private network unasked.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Output};
use std::sync::{Arc, mpsc};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::Value;

const HOST: &str = "list.example.com";

/// A server that answers every request the same way; gives the requests to the test.
struct Web {
    port: u16,
    ca: String,
    requests: mpsc::Receiver<String>,
}

fn web(answer: &'static str) -> Web {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca_form = CertificateParams::new(Vec::<String>::new()).unwrap();
    ca_form.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = ca_form.self_signed(&ca_key).unwrap();
    let key = KeyPair::generate().unwrap();
    let issuer = Issuer::new(ca_form, ca_key);
    let leaf = CertificateParams::new(vec![HOST.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, requests) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = rustls::ServerConnection::new(config.clone()).unwrap();
            let mut stream = rustls::StreamOwned::new(connection, stream.unwrap());
            let (mut request, mut block) = (Vec::new(), [0; 4096]);
            while !String::from_utf8_lossy(&request).contains("One-Click") {
                match stream.read(&mut block) {
                    Ok(0) | Err(_) => break,
                    Ok(count) => request.extend_from_slice(&block[..count]),
                }
            }
            let _ = sender.send(String::from_utf8_lossy(&request).into_owned());
            let _ = stream.write_all(answer.as_bytes());
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    Web { port, ca: ca.pem(), requests }
}

/// Audits a message whose one-click address is the server's.
fn audit(web: &Web, flags: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let ca = write("ca.pem", &web.ca);
    let zone = write(
        "zone",
        &format!(
            "$ORIGIN example.com.\n@ 60 IN SOA ns a 1 1 1 1 1\n@ 60 IN NS ns\nns 60 IN A 127.0.0.1\n{HOST}. 60 IN A 127.0.0.1\n"
        ),
    );
    let message = write(
        "m.eml",
        &format!(
            "From: News <news@example.com>\r\nTo: a@example.net\r\nSubject: News\r\n\
             List-Unsubscribe: <https://{HOST}:{}/u/token>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\nHi\r\n",
            web.port
        ),
    );
    Command::new(env!("CARGO_BIN_EXE_mailvet"))
        .args(["audit", "--format", "json", "--only", "one-click-refused", "--timeout", "20"])
        .args(["--message", &message, "--zone", &zone, "--ca", &ca, "--resolver", "127.0.0.1:1"])
        .args(flags)
        .output()
        .unwrap()
}

fn outcome(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {said}"));
    report["results"].as_array().unwrap().iter().find(|r| r["code"] == "one-click-refused").unwrap().clone()
}

const PROBE: &[&str] = &["--probe-unsubscribe", "--allow-private"];

#[test]
fn one_post_is_announced_and_sent_as_the_standard_has_it() {
    let web = web("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\ndone");
    let output = audit(&web, PROBE);
    assert_eq!(outcome(&output)["outcome"], "pass", "{}", outcome(&output));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(&format!("POST https://{HOST}:{}/u/token", web.port)), "{said}");
    let request = web.requests.recv().unwrap();
    let lower = request.to_ascii_lowercase();
    assert!(request.starts_with("POST /u/token HTTP/1.1\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\nList-Unsubscribe=One-Click"), "{request}");
    assert!(lower.contains("content-type: application/x-www-form-urlencoded"), "{request}");
    assert!(
        !lower.contains("cookie") && !lower.contains("authorization") && !lower.contains("referer"),
        "{request}"
    );
    assert!(web.requests.try_recv().is_err(), "asked twice");
}

#[test]
fn a_redirect_is_a_fault_and_is_not_followed() {
    let web = web("HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let result = outcome(&audit(&web, PROBE));
    assert_eq!(result["outcome"], "fail", "{result}");
    assert!(result["problems"][0]["summary"].as_str().unwrap().contains("a redirect to /login"), "{result}");
    assert!(web.requests.recv().is_ok() && web.requests.try_recv().is_err());
}

#[test]
fn nothing_is_sent_unasked_offline_or_into_a_private_network() {
    let web = web("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    for flags in [&[][..], &["--probe-unsubscribe"], &["--probe-unsubscribe", "--allow-private", "--offline"]]
    {
        let result = outcome(&audit(&web, flags));
        assert_eq!(result["outcome"], "unknown", "{flags:?}: {result}");
        assert!(web.requests.try_recv().is_err(), "{flags:?}");
    }
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_unknown() {
    let mut web = web("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    web.ca = self::web("").ca;
    assert_eq!(outcome(&audit(&web, PROBE))["outcome"], "unknown");
}
