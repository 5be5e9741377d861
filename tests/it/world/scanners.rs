//! Real scanner engines on free loopback ports: clamd with a database of one
//! test signature, rspamd and spamd without any network test. They prove that
//! EICAR and GTUBE are found, that honest mail is not, and that a dead engine
//! is unknown.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// An engine that ends with its test.
struct Engine {
    child: Child,
    address: String,
    _folder: tempfile::TempDir,
}

impl Drop for Engine {
    fn drop(&mut self) {
        // The engines forward SIGTERM to their workers; a kill would leave those behind.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let until = Instant::now() + Duration::from_secs(5);
        while Instant::now() < until {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program(name: &str) -> Option<PathBuf> {
    let found = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin", "/sbin"]
        .iter()
        .map(|folder| Path::new(folder).join(name))
        .find(|path| path.is_file());
    if found.is_none() {
        let required = std::env::var("MAILVET_REQUIRE_WORLD").is_ok_and(|value| value == "1");
        assert!(!required, "{name} is not installed and MAILVET_REQUIRE_WORLD=1");
        eprintln!("SKIPPED: {name} is not installed");
    }
    found
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Starts the engine and waits until it listens.
fn start(command: &mut Command, port: u16, folder: tempfile::TempDir) -> Engine {
    let log = std::fs::File::create(folder.path().join("output.log")).unwrap();
    let child = command
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let mut engine = Engine { child, address: format!("127.0.0.1:{port}"), _folder: folder };
    let until = Instant::now() + Duration::from_secs(90);
    while TcpStream::connect(&engine.address).is_err() {
        let ended = engine.child.try_wait().unwrap();
        let log = || std::fs::read_to_string(engine._folder.path().join("output.log")).unwrap_or_default();
        assert!(ended.is_none(), "the engine ended: {}", log());
        assert!(Instant::now() < until, "the engine does not listen: {}", log());
        std::thread::sleep(Duration::from_millis(100));
    }
    engine
}

/// The EICAR test file in two halves, so that no scanner alarms on this source.
fn eicar() -> String {
    format!("{}{}", r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STAND", "ARD-ANTIVIRUS-TEST-FILE!$H+H*")
}

/// SpamAssassin's and rspamd's test line, in two halves.
fn gtube() -> String {
    format!("{}{}", "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STAND", "ARD-ANTI-UBE-TEST-EMAIL*C.34X")
}

fn letter(body: &str) -> String {
    format!(
        "From: Anna <anna@example.com>\r\nTo: Ben <ben@example.org>\r\nSubject: Minutes\r\n\
         Date: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@example.com>\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n"
    )
}

/// The result of one check, as `mailvet lint` prints it.
fn lint(flag: &str, address: &str, message: &str, code: &str) -> Value {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(message.as_bytes()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_mailvet"))
        .args(["lint", "--format", "json", "--timeout", "40", "--only", code, flag, address])
        .arg(file.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let report: Value = serde_json::from_str(&text)
        .unwrap_or_else(|e| panic!("{e}: {text} {}", String::from_utf8_lossy(&output.stderr)));
    let results = report["results"].as_array().unwrap();
    results
        .iter()
        .find(|result| result["code"] == code)
        .unwrap_or_else(|| panic!("no {code}: {report}"))
        .clone()
}

fn finds(flag: &str, engine: &Engine, test: &str, code: &str, word: &str) {
    let bad = lint(flag, &engine.address, &letter(test), code);
    assert_eq!(bad["outcome"], "fail", "{bad}");
    assert!(bad["problems"][0]["summary"].as_str().unwrap().contains(word), "{bad}");
    let good = lint(flag, &engine.address, &letter("See you on Friday at ten."), code);
    assert_eq!(good["outcome"], "pass", "{good}");
}

#[test]
fn clamd_finds_eicar() {
    let Some(program) = program("clamd") else { return };
    let folder = tempfile::tempdir().unwrap();
    let hex: String = eicar().bytes().map(|byte| format!("{byte:02x}")).collect();
    let database = folder.path().join("db");
    std::fs::create_dir(&database).unwrap();
    std::fs::write(database.join("test.ndb"), format!("Mailvet.Test.Eicar:0:*:{hex}\n")).unwrap();
    let port = free_port();
    let settings = folder.path().join("clamd.conf");
    let text = format!(
        "TCPSocket {port}\nTCPAddr 127.0.0.1\nDatabaseDirectory {}\nForeground yes\nTemporaryDirectory {}\n",
        database.display(),
        folder.path().display()
    );
    std::fs::write(&settings, text).unwrap();
    let engine = start(Command::new(program).arg("-c").arg(&settings), port, folder);
    finds("--clamd", &engine, &eicar(), "scanner-virus-found", "Mailvet.Test.Eicar");
}

#[test]
fn rspamd_finds_gtube() {
    let Some(program) = program("rspamd") else { return };
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let settings = folder.path().join("rspamd.conf");
    let at = folder.path().display();
    let text = format!(
        "options {{ pidfile = \"{at}/pid\"; tempdir = \"{at}\"; filters = \"\"; gtube_patterns = \"all\"; \
         dns {{ nameserver = [\"127.0.0.1:1\"]; }} }}\nlogging {{ type = \"console\"; level = \"warning\"; }}\n\
         actions {{ reject = 15; add_header = 6; }}\ngroup \"main\" {{ }}\n\
         worker \"normal\" {{ bind_socket = \"127.0.0.1:{port}\"; count = 1; }}\n"
    );
    std::fs::write(&settings, text).unwrap();
    let engine = start(Command::new(program).args(["-f", "-i", "-c"]).arg(&settings), port, folder);
    finds("--rspamd", &engine, &gtube(), "scanner-rspamd-spam", "15.0");
}

#[test]
fn spamassassin_finds_gtube() {
    let Some(program) = program("spamd") else { return };
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let pid = folder.path().join("pid");
    let mut command = Command::new(program);
    command.args(["--listen", "127.0.0.1", "--port", &port.to_string(), "--local", "--nouser-config"]);
    command.args(["--max-children", "1", "--syslog", "stderr", "--pidfile"]).arg(&pid);
    let engine = start(&mut command, port, folder);
    finds("--spamd", &engine, &gtube(), "scanner-spamassassin-spam", "GTUBE");
}

/// Needs no program: nobody listens, or somebody who never answers.
#[test]
fn a_dead_engine_is_unknown() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent_address = silent.local_addr().unwrap().to_string();
    let closed = format!("127.0.0.1:{}", free_port());
    for (flag, code) in [
        ("--clamd", "scanner-virus-found"),
        ("--rspamd", "scanner-rspamd-spam"),
        ("--spamd", "scanner-spamassassin-spam"),
    ] {
        let result = lint(flag, &closed, &letter("Hello."), code);
        assert_eq!(result["outcome"], "unknown", "{result}");
    }
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(letter("Hello.").as_bytes()).unwrap();
    let begun = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_mailvet"))
        .args(["lint", "--format", "json", "--timeout", "1", "--only", "scanner-virus-found", "--clamd"])
        .arg(&silent_address)
        .arg(file.path())
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["results"][0]["outcome"], "unknown", "{report}");
    assert!(begun.elapsed() < Duration::from_secs(20), "the bound was not kept");
}
