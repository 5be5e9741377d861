//! Mail servers that lie, dawdle or attack: scripts on free loopback ports.
//! None may cost more than its bound, crash the program or pass for good.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::mail::{Authority, codes, mailvet, outcome, page, web};

/// Serves each connection with the script; its threads live as long as the process.
fn serve(script: impl Fn(TcpStream) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let script = Arc::new(script);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let script = script.clone();
            std::thread::spawn(move || script(stream));
        }
    });
    address
}

/// Greets, then answers line by line; `None` hangs up.
fn chat(mut stream: TcpStream, greeting: &str, answer: impl Fn(&str) -> Option<String>) -> Option<()> {
    stream.write_all(greeting.as_bytes()).ok()?;
    let mut lines = BufReader::new(stream.try_clone().ok()?);
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).ok()? == 0 {
            return None;
        }
        stream.write_all(answer(line.trim_end())?.as_bytes()).ok()?;
    }
}

fn usual(line: &str) -> String {
    match line.split(' ').next().unwrap_or_default() {
        "EHLO" => "250-mx.example.com greets [198.51.100.9]\r\n250 SIZE 1000\r\n",
        "QUIT" => "221 bye\r\n",
        _ => "250 Ok\r\n",
    }
    .to_owned()
}

fn relay(address: &str) -> serde_json::Value {
    mailvet(&["relay", address, "--timeout", "1"]).0
}

#[test]
fn hostile_mail_servers_stay_bounded() {
    let endless = serve(|mut stream| {
        let _ = stream.write_all(b"220 mx.example.com\r\n");
        while stream.write_all(&[b'x'; 4096]).is_ok() {}
    });
    let endless_reply = serve(|stream| {
        chat(stream, "220 mx.example.com\r\n", |_| Some("250-more\r\n".repeat(100_000)));
    });
    let binary = serve(|mut stream| {
        let _ = stream.write_all(&(0..=255).cycle().take(3000).collect::<Vec<u8>>());
        std::thread::sleep(Duration::from_secs(1));
    });
    let drip = serve(|mut stream| {
        while stream.write_all(b"2").is_ok() {
            std::thread::sleep(Duration::from_millis(300));
        }
    });
    for (address, symptom) in
        [(&endless, "EHLO"), (&endless_reply, "EHLO"), (&binary, "greeting"), (&drip, "greeting")]
    {
        let begun = Instant::now();
        let json = relay(address);
        assert!(begun.elapsed() < Duration::from_secs(30), "{symptom}: the bound was not kept");
        let text = json["symptom"].as_str().unwrap_or_else(|| panic!("no symptom: {json}"));
        assert!(text.contains(symptom), "{text:?} does not name {symptom}");
        assert!(!codes(&json).is_empty(), "{json}");
        let size = json.to_string().len();
        assert!(size < 400_000, "{size} octets of output");
    }
}

#[test]
fn hostile_mail_servers_that_refuse_are_told_apart() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let hangs_up = serve(drop);
    let refuses = serve(|stream| {
        chat(stream, "554 5.7.1 no mail from \u{1b}[31myou\r\n", |_| None);
    });
    let closed = format!("127.0.0.1:{}", super::servers::free().port());
    let json = relay(&silent.local_addr().unwrap().to_string());
    assert!(json["symptom"].as_str().unwrap().contains("no greeting comes"), "{json}");
    assert_eq!(json["reachable"], true);
    let json = relay(&hangs_up);
    let text = json["symptom"].as_str().unwrap();
    assert!(text.contains("without a greeting") || text.contains("before the greeting"), "{text}");
    let json = relay(&refuses);
    assert!(codes(&json).contains(&"relay-session-refused".to_owned()), "{json}");
    let json = relay(&closed);
    assert_eq!((&json["reachable"], &json["symptom"]), (&false.into(), &"the connection is refused".into()));
    assert!(codes(&json).contains(&"relay-unreachable".to_owned()));
}

#[test]
fn hostile_firewalls_show() {
    let stripped = serve(|stream| {
        chat(stream, "220 ****************************\r\n", |line| {
            Some(match line.starts_with("EHLO") {
                true => "250-mx.example.com\r\n250-XXXXXXXA\r\n250 AUTH PLAIN\r\n".to_owned(),
                false => usual(line),
            })
        });
    });
    let found = codes(&relay(&stripped));
    for code in ["starttls-missing", "smtp-greeting-nameless", "auth-before-tls"] {
        assert!(found.iter().any(|one| one == code), "no {code}: {found:?}");
    }
    let old = serve(|stream| {
        chat(stream, "220 mx.example.com\r\n", |line| {
            Some(if line.starts_with("EHLO") { "502 what?\r\n".to_owned() } else { usual(line) })
        });
    });
    assert!(codes(&relay(&old)).contains(&"ehlo-refused".to_owned()));
    let seen = serve(|stream| {
        chat(stream, "220 mx.example.com\r\n", |line| Some(usual(line)));
    });
    let json = relay(&seen);
    assert_eq!(json["seen_as"], "198.51.100.9", "{json}");
}

/// A server that keeps what stands behind STARTTLS, and one that forgets it.
#[test]
fn hostile_injection_is_found() {
    let authority = Authority::new();
    let identity = authority.certify(&["mx.example.com"], 2085);
    for (keeps, expected) in [(true, "fail"), (false, "pass")] {
        let config = identity.config.clone();
        let address = serve(move |stream| {
            starttls_server(stream, config.clone(), keeps);
        });
        let json = relay(&address);
        assert_eq!(outcome(&json, "starttls-injection"), expected, "{json}");
        assert_eq!(outcome(&json, "tls-version-old"), "pass", "{json}");
    }
}

fn starttls_server(mut stream: TcpStream, config: Arc<rustls::ServerConfig>, keeps: bool) -> Option<()> {
    stream.write_all(b"220 mx.example.com\r\n").ok()?;
    let mut pending: Vec<u8> = Vec::new();
    let take = |stream: &mut dyn std::io::Read, pending: &mut Vec<u8>| -> Option<String> {
        loop {
            if let Some(at) = pending.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = pending.drain(..=at).collect();
                return Some(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            let mut chunk = [0; 1024];
            let count = stream.read(&mut chunk).ok().filter(|count| *count > 0)?;
            pending.extend_from_slice(&chunk[..count]);
        }
    };
    loop {
        let line = take(&mut stream, &mut pending)?;
        match line.as_str() {
            "STARTTLS" => break,
            _ if line.starts_with("EHLO") => {
                stream.write_all(b"250-mx.example.com\r\n250 STARTTLS\r\n").ok()?;
            }
            _ => stream.write_all(usual(&line).as_bytes()).ok()?,
        }
    }
    if !keeps {
        pending.clear();
    }
    stream.write_all(b"220 go\r\n").ok()?;
    let mut tls = rustls::ServerConnection::new(config).ok()?;
    let mut inside = rustls::Stream::new(&mut tls, &mut stream);
    loop {
        let line = take(&mut inside, &mut pending)?;
        inside.write_all(usual(&line).as_bytes()).ok()?;
        inside.flush().ok()?;
    }
}

/// The policy's web server: what it does is told apart from what the network does.
#[test]
fn hostile_policy_servers() {
    let authority = Authority::new();
    let right = authority.certify(&["mta-sts.example.com"], 2085);
    let wrong = authority.certify(&["www.example.com"], 2085);
    let zone = authority.folder.path().join("example.com.zone");
    let text = "$ORIGIN example.com.\n$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 300\n@ NS ns\n\
                ns A 127.0.0.1\n@ MX 10 mx\nmx A 127.0.0.1\n_mta-sts TXT \"v=STSv1; id=1;\"\nmta-sts A 127.0.0.1\n";
    std::fs::write(&zone, text).unwrap();
    let zone = zone.display().to_string();
    let ask = |address: &str, ca: bool| {
        let to = format!("mta-sts.example.com:443:{address}");
        let file = authority.file();
        let mut args =
            vec!["transport", "example.com", "--zone", &zone, "--timeout", "1", "--connect-to", &to];
        if ca {
            args.extend(["--ca", file.as_str()]);
        }
        mailvet(&args).0
    };
    let policy = "version: STSv1\nmode: testing\nmx: *.example.com\nmax_age: 604800\n";
    let good = web(&right, &page(policy)).to_string();
    let json = ask(&good, true);
    assert_eq!(json["mta_sts"]["policy"]["max_age"], 604_800, "{json}");
    assert_eq!(outcome(&json, "mta-sts-certificate-invalid"), "pass", "{json}");
    assert_eq!(outcome(&ask(&good, false), "mta-sts-certificate-invalid"), "fail", "an unknown authority");
    let json = ask(&web(&wrong, &page(policy)).to_string(), true);
    assert_eq!(outcome(&json, "mta-sts-certificate-invalid"), "fail", "{json}");
    let moved = "HTTP/1.1 301 Moved\r\nLocation: https://127.0.0.1/x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let json = ask(&web(&right, moved).to_string(), true);
    assert_eq!(json["mta_sts"]["http_status"], 301, "{json}");
    assert_eq!(outcome(&json, "mta-sts-policy-unreachable"), "fail", "{json}");
    let huge = page(&"mx: a.example.com\n".repeat(10_000));
    let json = ask(&web(&right, &huge).to_string(), true);
    assert!(json["mta_sts"]["policy_fault"].as_str().unwrap().contains("64 KiB"), "{json}");
    let plain = serve(|mut stream| {
        let _ = stream.read(&mut [0; 100]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    assert_eq!(outcome(&ask(&plain, true), "mta-sts-policy-unreachable"), "fail", "no TLS at all");
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let json = ask(&silent.local_addr().unwrap().to_string(), true);
    assert_eq!(outcome(&json, "mta-sts-policy-unreachable"), "unknown", "silence is no fault: {json}");
}
