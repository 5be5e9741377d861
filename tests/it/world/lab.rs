//! The DNS lab of `../shared/lab` on free loopback ports: NSD, rbldnsd, Unbound
//! and a relay that adds 20 ms. Started once per test process, torn down when
//! the process ends, however it ends.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use crate::root;

/// A running lab.
pub struct Lab {
    /// Unbound: give it as `--resolver`.
    pub resolver: SocketAddr,
    /// The same, each query 20 ms later.
    pub delayed: SocketAddr,
    /// NSD, authoritative for the lab's zones.
    pub authoritative: SocketAddr,
    /// The lab's state: `data/inventory.json`, `data/domains.txt`, `data/dnsbls.txt`.
    pub state: PathBuf,
    script: PathBuf,
    ports: Ports,
    /// Holds the keeper's standard input open; see [`keeper`].
    _keeper: Child,
}

/// The lab, started on first use. `None`, said aloud, where its programs are
/// missing; a failure while `MAILVET_REQUIRE_WORLD=1`.
pub fn lab() -> Option<&'static Lab> {
    static LAB: OnceLock<Option<Lab>> = OnceLock::new();
    LAB.get_or_init(|| match start() {
        Ok(lab) => Some(lab),
        Err(why) => {
            let required = std::env::var("MAILVET_REQUIRE_WORLD").is_ok_and(|value| value == "1");
            assert!(!required, "no DNS lab and MAILVET_REQUIRE_WORLD=1: {why}");
            eprintln!("SKIPPED: no DNS lab: {why}");
            None
        }
    })
    .as_ref()
}

impl Lab {
    /// Every domain of the lab with its defect and identities.
    pub fn inventory(&self) -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(self.state.join("data/inventory.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// The inventory's entry of one domain.
    pub fn entry(&self, domain: &str) -> serde_json::Value {
        let of_domain = |entry: &serde_json::Value| entry["domain"] == domain;
        self.inventory().into_iter().find(of_domain).unwrap_or_else(|| panic!("{domain} is not in the lab"))
    }

    /// Queries the resolver has had so far.
    pub fn count(&self) -> u64 {
        let output = self.command("count").output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim().parse().unwrap()
    }

    /// A way to the resolver on which each query takes `delay` milliseconds and
    /// `loss` of a hundred are lost.
    pub fn lossy(&self, delay: u32, loss: u32) -> Lossy {
        let at = SocketAddr::from(([127, 0, 0, 1], Ports::free().delayed));
        let relay = Command::new(self.state.join("delayproxy"))
            .arg(format!("{at},{},{delay},{loss}", self.resolver))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let up = || std::net::TcpStream::connect(at).is_ok();
        let waited = (0..500).find(|_| {
            std::thread::sleep(std::time::Duration::from_millis(10));
            up()
        });
        assert!(waited.is_some(), "the relay does not listen");
        Lossy { at, relay }
    }

    /// Empties the resolver's cache.
    #[allow(dead_code, reason = "for measurements with a cold cache")]
    pub fn flush(&self) {
        assert!(self.command("flush").status().unwrap().success());
    }

    fn command(&self, verb: &str) -> Command {
        let mut command = Command::new(&self.script);
        command.arg(verb).envs(self.ports.environment(&self.state));
        command
    }
}

/// A relay that loses queries; gone when dropped.
pub struct Lossy {
    pub at: SocketAddr,
    relay: Child,
}

impl Drop for Lossy {
    fn drop(&mut self) {
        let _ = self.relay.kill();
        let _ = self.relay.wait();
    }
}

#[derive(Clone, Copy)]
struct Ports {
    resolver: u16,
    authoritative: u16,
    lists: u16,
    hole: u16,
    delayed: u16,
}

impl Ports {
    /// Five ports that are free for UDP and TCP now.
    fn free() -> Ports {
        let mut held = Vec::new();
        let mut next = || {
            for _ in 0..100 {
                let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
                let port = udp.local_addr().unwrap().port();
                if let Ok(tcp) = TcpListener::bind(("127.0.0.1", port)) {
                    held.push((udp, tcp));
                    return port;
                }
            }
            panic!("no free port");
        };
        Ports { resolver: next(), authoritative: next(), lists: next(), hole: next(), delayed: next() }
    }

    fn environment(self, state: &Path) -> Vec<(&'static str, String)> {
        vec![
            ("LAB_STATE", state.display().to_string()),
            ("LAB_PORT", self.resolver.to_string()),
            ("LAB_AUTH_PORT", self.authoritative.to_string()),
            ("LAB_DNSBL_PORT", self.lists.to_string()),
            ("LAB_HOLE_PORT", self.hole.to_string()),
            ("LAB_DELAY_PORT", self.delayed.to_string()),
            ("LAB_PORT53", "no".to_owned()),
            // Every 25th is faulty; the defects by name come on top.
            ("LAB_DOMAINS", "1000".to_owned()),
            ("LAB_DNSBLS", "112".to_owned()),
        ]
    }
}

fn start() -> Result<Lab, String> {
    let script = std::env::var_os("MAILVET_LAB")
        .map(PathBuf::from)
        .into_iter()
        .chain(root().ancestors().skip(1).map(|above| above.join("shared/lab")))
        .map(|folder| folder.join("lab.sh"))
        .find(|path| path.is_file())
        .ok_or("shared/lab/lab.sh is not above the repository")?;
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    let missing: BTreeSet<&str> = ["nsd", "rbldnsd", "unbound", "unbound-control", "python3", "rustc"]
        .into_iter()
        .filter(|program| !std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
        .collect();
    if !missing.is_empty() {
        return Err(format!("{missing:?} missing (Debian: apt-get install nsd rbldnsd unbound python3)"));
    }
    let state = std::env::temp_dir().join(format!("mailvet-lab-{}", std::process::id()));
    let cache = root().join("target/lab-cache");
    let _ = std::fs::remove_dir_all(&state);
    // rbldnsd gives up root, so the folder must be open to others.
    std::fs::create_dir_all(&state).map_err(|error| error.to_string())?;
    if cache.is_dir() {
        // Keys, zones and the relay take seconds; lab.sh makes them anew where they are stale.
        copy(&cache, &state);
    }
    let ports = Ports::free();
    let keeper = keeper(&script, &state, ports)?;
    let output = Command::new(&script)
        .arg("up")
        .env("PATH", &path)
        .envs(ports.environment(&state))
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!("lab.sh up failed: {}", String::from_utf8_lossy(&output.stderr)));
    }
    if !cache.is_dir() {
        let fresh = root().join(format!("target/lab-cache-{}", std::process::id()));
        std::fs::create_dir_all(&fresh).map_err(|error| error.to_string())?;
        copy(&state.join("data"), &fresh);
        copy(&state.join("delayproxy"), &fresh);
        // Whoever is first wins; the others throw theirs away.
        if std::fs::rename(&fresh, &cache).is_err() {
            let _ = std::fs::remove_dir_all(&fresh);
        }
    }
    let at = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
    Ok(Lab {
        resolver: at(ports.resolver),
        delayed: at(ports.delayed),
        authoritative: at(ports.authoritative),
        state,
        script,
        ports,
        _keeper: keeper,
    })
}

/// A shell that waits for its standard input to end, which happens when this
/// process ends, also by a signal; then it takes the lab down.
fn keeper(script: &Path, state: &Path, ports: Ports) -> Result<Child, String> {
    Command::new("sh")
        .args(["-c", "cat >/dev/null; \"$1\" down; rm -rf \"$2\"", "keeper"])
        .arg(script)
        .arg(state)
        .envs(ports.environment(state))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())
}

fn copy(from: &Path, to: &Path) {
    let mut source = from.as_os_str().to_owned();
    if from.ends_with("lab-cache") {
        source.push("/.");
    }
    let copied = Command::new("cp").arg("-a").arg(source).arg(to).status();
    assert!(copied.is_ok_and(|status| status.success()), "cannot copy {}", from.display());
}

#[test]
fn world_lab_answers() {
    let Some(lab) = lab() else { return };
    // 2.0.0.127.bl01.dnsbl.test A, by hand: the lab must not be proved by what it proves.
    let mut query = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in "2.0.0.127.bl01.dnsbl.test".split('.') {
        query.push(label.len() as u8);
        query.extend(label.bytes());
    }
    query.extend([0, 0, 1, 0, 1]);
    let before = lab.count();
    for server in [lab.resolver, lab.delayed] {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(std::time::Duration::from_secs(5))).unwrap();
        socket.send_to(&query, server).unwrap();
        let mut reply = [0; 512];
        let length = socket.recv(&mut reply).unwrap();
        assert_eq!(reply[..2], query[..2]);
        assert_eq!(reply[3] & 15, 0, "response code");
        assert!(reply[7] >= 1 && length > query.len(), "no answer");
    }
    assert!(lab.count() >= before + 2);
    assert!(lab.entry("bad-listed.test")["listed_on"].is_array());
    assert_eq!(lab.authoritative.ip(), lab.resolver.ip());
}
