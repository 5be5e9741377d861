//! `--follow-links` against a web server on loopback: HEAD and nothing else, announced
//! first, never into a private network unasked, never to an unsubscribe page.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A server that answers by path, and remembers what it was asked.
struct Web {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Web {
    fn asked(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// Request lines only.
    fn lines(&self) -> Vec<String> {
        let line = |request: &String| request.lines().next().unwrap_or_default().to_owned();
        self.asked().iter().map(line).collect()
    }
}

/// `answer` gives the whole reply to a path; `@PORT@` in it stands for the server's port.
fn web(answer: fn(&str) -> String) -> Web {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let requests = Arc::new(Mutex::new(Vec::new()));
    let seen = requests.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let seen = seen.clone();
            std::thread::spawn(move || {
                let (mut request, mut block) = (Vec::new(), [0; 4096]);
                while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                    match stream.read(&mut block) {
                        Ok(0) | Err(_) => return,
                        Ok(count) => request.extend_from_slice(&block[..count]),
                    }
                }
                let request = String::from_utf8_lossy(&request).into_owned();
                let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
                seen.lock().unwrap().push(request);
                if path == "/silent" {
                    std::thread::sleep(Duration::from_secs(30));
                }
                let _ = stream.write_all(answer(&path).replace("@PORT@", &port.to_string()).as_bytes());
            });
        }
    });
    Web { port, requests }
}

fn status(line: &str, fields: &str) -> String {
    format!("HTTP/1.1 {line}\r\n{fields}Content-Length: 0\r\nConnection: close\r\n\r\n")
}

fn to(target: &str) -> String {
    status("302 Found", &format!("Location: {target}\r\n"))
}

/// Lints a message with this HTML; `@PORT@` stands for the server's port.
fn lint(web: &Web, html: &str, flags: &[&str]) -> (Value, Output) {
    let folder = tempfile::tempdir().unwrap();
    let zone = folder.path().join("zone");
    let text = "$ORIGIN example.com.\n@ 60 IN SOA ns a 1 1 1 1 1\n@ 60 IN NS ns\nns 60 IN A 127.0.0.1\n\
                www 60 IN A 127.0.0.1\ninside 60 IN A 127.0.0.1\nmixed 60 IN A 8.8.8.8\nmixed 60 IN A 10.0.0.1\n\
                public 60 IN A 8.8.8.8\n";
    std::fs::write(&zone, text).unwrap();
    let message = folder.path().join("m.eml");
    let text = format!(
        "From: News <news@example.com>\r\nTo: a@example.net\r\nSubject: News\r\n\
         List-Unsubscribe: <http://www.example.com:@PORT@/leave/1>\r\nContent-Type: text/html\r\n\r\n{html}\r\n"
    );
    std::fs::write(&message, text.replace("@PORT@", &web.port.to_string())).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_mailvet"))
        .args(["lint", "--format", "json", "--only", "content", "--only", "malware-phishing"])
        .args(["--now", "2026-11-23T12:00:00Z"])
        .arg(&message)
        .args(flags)
        // Without the flag no answers are wanted, and whoever gives some is told so.
        .args(
            flags
                .contains(&"--follow-links")
                .then_some(["--resolver", "127.0.0.1:1", "--zone"])
                .into_iter()
                .flatten(),
        )
        .args(flags.contains(&"--follow-links").then_some(&zone))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {said}"));
    (report, output)
}

fn result<'r>(report: &'r Value, code: &str) -> &'r Value {
    report["results"].as_array().unwrap().iter().find(|r| r["code"] == code).unwrap_or(&Value::Null)
}

const FOLLOW: &[&str] = &["--follow-links", "--allow-private"];

fn site(path: &str) -> String {
    match path {
        "/start" => to("/middle?x=1"),
        "/middle?x=1" => {
            status("301 Moved", "Location: http://www.example.com:@PORT@/end\r\nSet-Cookie: a=b\r\n")
        }
        "/gone" => status("404 Not Found", ""),
        "/circle" => to("/circle2"),
        "/circle2" => to("/circle"),
        "/refuses" => status("405 Method Not Allowed", ""),
        "/leads-out" => to("/leave/1?from=click"),
        // A body where there must be none.
        "/talks" => format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", "x".repeat(1 << 20)),
        "/junk" => "\0\x01junk\r\n\r\n".to_owned(),
        path if path.starts_with("/long") => to(&format!("{path}g")),
        _ => status("200 OK", ""),
    }
}

#[test]
fn only_head_is_sent_and_announced() {
    let web = web(site);
    let html = "<a href='http://jane:secret@www.example.com:@PORT@/start#part'>the offer</a>\
                <a href='http://www.example.com:@PORT@/start'>again</a> <a href='http://www.example.com:@PORT@/talks'>b</a>\
                <img src='http://www.example.com:@PORT@/pixel'><a href='mailto:x@example.com'>mail</a>";
    let (report, output) = lint(&web, html, FOLLOW);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("will send HEAD to 2 links"), "{said}");
    assert!(said.contains(&format!("HEAD http://www.example.com:{}/start\n", web.port)), "{said}");
    let mut lines = web.lines();
    lines.sort();
    assert_eq!(
        lines,
        ["HEAD /end HTTP/1.1", "HEAD /middle?x=1 HTTP/1.1", "HEAD /start HTTP/1.1", "HEAD /talks HTTP/1.1"]
    );
    for request in web.asked() {
        let lower = request.to_ascii_lowercase();
        assert!(lower.contains("user-agent: mailvet/"), "{request}");
        for field in ["cookie:", "authorization:", "referer:"] {
            assert!(!lower.contains(field), "{request}");
        }
    }
    let hops = report["followed_links"]["links"][0]["hops"].as_array().unwrap();
    let seen: Vec<i64> = hops.iter().filter_map(|hop| hop["status"].as_i64()).collect();
    assert_eq!(seen, [302, 301, 200], "{report}");
    assert_eq!(result(&report, "link-broken")["outcome"], "pass", "{report}");
}

#[test]
fn nothing_is_asked_without_the_flag_or_offline() {
    let web = web(site);
    let html = "<a href='http://www.example.com:@PORT@/start'>a</a>";
    for flags in [&[][..], &["--offline", "--follow-links", "--allow-private"]] {
        let (report, output) = lint(&web, html, flags);
        assert!(web.asked().is_empty(), "{flags:?}");
        let outcome = &result(&report, "link-broken")["outcome"];
        assert!(outcome.is_null() || outcome == "unknown", "{flags:?}: {outcome}");
        assert!(!String::from_utf8_lossy(&output.stderr).contains("HEAD"), "{flags:?}");
    }
}

#[test]
fn private_addresses_are_refused_also_behind_names_and_redirects() {
    let trap = web(site);
    for host in
        ["www.example.com", "127.0.0.1", "[::1]", "mixed.example.com", "2130706433", "[::ffff:127.0.0.1]"]
    {
        let html = format!("<a href='http://{host}:@PORT@/start'>a</a>");
        let (report, _) = lint(&trap, &html, &["--follow-links"]);
        let gap = result(&report, "link-broken");
        assert_eq!(gap["outcome"], "unknown", "{host}: {gap}");
        assert!(gap["gap"].to_string().contains("no public address"), "{host}: {gap}");
    }
    // A public host, here led to loopback by the user's own --connect-to, redirects inside.
    let outside = web(|path| match path {
        "/metadata" => to("http://169.254.169.254/latest/meta-data/"),
        "/literal" => to("http://127.0.0.1:8099/x"),
        "/name" => to("http://inside.example.com:8099/x"),
        "/mapped" => to("http://[::ffff:169.254.169.254]/"),
        "/mail" => to("http://public.example.com:25/"),
        _ => status("200 OK", ""),
    });
    let rule = format!("public.example.com::127.0.0.1:{}", outside.port);
    for (path, why) in [
        ("/metadata", "no public address"),
        ("/literal", "no public address"),
        ("/name", "no public address"),
        ("/mapped", "no public address"),
        ("/mail", "belongs to another protocol"),
    ] {
        let html = format!("<a href='http://public.example.com{path}'>a</a>");
        let (report, _) = lint(&outside, &html, &["--follow-links", "--connect-to", &rule]);
        let gap = result(&report, "link-broken");
        assert_eq!(gap["outcome"], "unknown", "{path}: {gap}");
        assert!(gap["gap"].to_string().contains(why), "{path}: {gap}");
        assert_eq!(report["followed_links"]["links"][0]["hops"][0]["status"], 302, "{path}: {report}");
    }
    assert!(trap.asked().is_empty(), "{:?}", trap.asked());
    assert_eq!(outside.asked().len(), 5);
}

#[test]
fn circles_and_long_chains_end() {
    let web = web(site);
    let html = "<a href='http://www.example.com:@PORT@/circle'>a</a><a href='http://www.example.com:@PORT@/long'>b</a>";
    let (report, _) = lint(&web, html, FOLLOW);
    let found = result(&report, "link-redirect-loop");
    assert_eq!(found["problems"].as_array().map(Vec::len), Some(2), "{found}");
    // Two for the circle; the long chain is ten redirects and the address they start from.
    assert_eq!(web.asked().len(), 2 + 11, "{:?}", web.lines());
}

#[test]
fn pages_that_unsubscribe_are_left_alone() {
    let web = web(site);
    let html = "<a href='http://www.example.com:@PORT@/x1'>Unsubscribe</a> \
                <a href='http://www.example.com:@PORT@/leave/1?y=2'>here</a> \
                <a href='http://www.example.com:@PORT@/optout/9'>there</a> \
                <p>Wenn Sie keine E-Mails mehr erhalten wollen, <a href='http://www.example.com:@PORT@/q'>klicken Sie</a></p>\
                <p>And now a long story about something else altogether, so that the offer stands by itself, \
                far from any word that could mean that somebody wants to be rid of this mail for good: \
                <a href='http://www.example.com:@PORT@/leads-out'>the offer</a>";
    let (report, output) = lint(&web, html, FOLLOW);
    assert_eq!(web.lines(), ["HEAD /leads-out HTTP/1.1"]);
    assert_eq!(report["followed_links"]["links"][0]["end"], "unsubscribe", "{report}");
    // The four links, and the header's own.
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("left out: 5 that may unsubscribe"), "{said}");
}

#[test]
fn what_does_not_answer_properly_is_unknown() {
    let web = web(site);
    for path in ["/silent", "/junk", "/refuses"] {
        let html = format!("<a href='http://www.example.com:@PORT@{path}'>a</a>");
        let begun = Instant::now();
        let flags = ["--follow-links", "--allow-private", "--timeout", "2"];
        let (report, _) = lint(&web, &html, &flags);
        assert_eq!(result(&report, "link-broken")["outcome"], "unknown", "{path}: {report}");
        assert!(begun.elapsed() < Duration::from_secs(25), "{path}");
    }
    let (report, _) = lint(&web, "<a href='http://www.example.com:1/'>a</a>", FOLLOW);
    assert_eq!(result(&report, "link-broken")["outcome"], "unknown", "{report}");
    let (report, _) = lint(&web, "<a href='http://nowhere.example.com/'>a</a>", FOLLOW);
    assert_eq!(result(&report, "link-broken")["outcome"], "fail", "{report}");
}

#[test]
fn a_replay_asks_nothing_and_says_the_same() {
    let web = web(site);
    let html = "<a href='http://www.example.com:@PORT@/gone'>a</a><a href='http://www.example.com:@PORT@/start'>b</a>";
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("r.json").display().to_string();
    let (first, _) = lint(&web, html, &[FOLLOW, &["--record", &recording]].concat());
    assert_eq!(result(&first, "link-broken")["outcome"], "fail", "{first}");
    let asked = web.asked().len();
    assert_eq!(asked, 4, "{:?}", web.lines());
    let message = folder.path().join("m.eml");
    let saved: Value = serde_json::from_str(&std::fs::read_to_string(&recording).unwrap()).unwrap();
    use base64::Engine as _;
    let raw = base64::engine::general_purpose::STANDARD.decode(saved["message"]["base64"].as_str().unwrap());
    std::fs::write(&message, raw.unwrap()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_mailvet"))
        .args([
            "lint",
            "--format",
            "json",
            "--only",
            "content",
            "--only",
            "malware-phishing",
            "--replay",
            &recording,
        ])
        .arg(&message)
        .output()
        .unwrap();
    let again: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(again["followed_links"], first["followed_links"]);
    assert_eq!(again["results"].as_array().unwrap().len(), first["results"].as_array().unwrap().len());
    assert_eq!(result(&again, "link-broken")["outcome"], "fail");
    assert_eq!(web.asked().len(), asked);
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_redacted_recording_holds_no_token_and_replays() {
    let web = web(site);
    let html = "<a href='http://www.example.com:@PORT@/go/a1b2c3d4e5?who=jana77weber'>a</a>";
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("r.json").display().to_string();
    lint(&web, html, &[FOLLOW, &["--record", &recording, "--redact"]].concat());
    assert_eq!(web.lines(), ["HEAD /go/a1b2c3d4e5?who=jana77weber HTTP/1.1"]);
    let text = std::fs::read_to_string(&recording).unwrap();
    let saved: Value = serde_json::from_str(&text).unwrap();
    use base64::Engine as _;
    let raw = base64::engine::general_purpose::STANDARD.decode(saved["message"]["base64"].as_str().unwrap());
    let raw = String::from_utf8(raw.unwrap()).unwrap();
    for token in ["a1b2c3d4e5", "jana77weber"] {
        assert!(!text.contains(token) && !raw.contains(token), "{token}");
    }
    let message = folder.path().join("m.eml");
    std::fs::write(&message, raw).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_mailvet"))
        .args(["lint", "--format", "json", "--only", "content", "--replay", &recording])
        .arg(&message)
        .output()
        .unwrap();
    let again: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result(&again, "link-broken")["outcome"], "pass", "{again}");
    assert_eq!(web.asked().len(), 1);
}
