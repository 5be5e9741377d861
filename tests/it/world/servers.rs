//! NSD and Unbound on free loopback ports, ended with the value that holds them.

use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hickory_resolver::proto::op::{Message, MessageType, OpCode, Query};
use hickory_resolver::proto::rr::{Name, RecordType};

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        // NSD's children hold its sockets and end only when it tells them to.
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        let until = Instant::now() + Duration::from_secs(5);
        while asked.as_ref().is_ok_and(|status| status.success()) && Instant::now() < until {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The first of these programs that is missing; a failure while `MAILVET_REQUIRE_WORLD=1`.
pub fn lacks(programs: &[&str]) -> bool {
    let missing = programs.iter().find(|program| found(program).is_none());
    if let Some(program) = missing {
        let required = std::env::var("MAILVET_REQUIRE_WORLD").is_ok_and(|value| value == "1");
        assert!(!required, "{program} is missing and MAILVET_REQUIRE_WORLD=1");
        eprintln!("SKIPPED: {program} is missing");
    }
    missing.is_some()
}

/// Where a program is, also where only root looks for it.
pub fn found(program: &str) -> Option<PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// An address whose port is free for UDP and TCP now.
pub fn free() -> SocketAddr {
    loop {
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = udp.local_addr().unwrap();
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// A socket that takes questions and never answers.
pub fn hole() -> UdpSocket {
    loop {
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        if TcpListener::bind(udp.local_addr().unwrap()).is_ok() {
            return udp;
        }
    }
}

/// Runs a program to its end, in a folder; its standard output.
pub fn run(folder: &Path, program: &str, args: &[&str]) -> String {
    let output = Command::new(found(program).unwrap()).args(args).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// NSD with these zones, each in a file of the folder.
pub fn nsd(folder: &Path, address: SocketAddr, zones: &[(&str, &str)]) -> Server {
    let folder_text = folder.display();
    let port = address.port();
    let name = format!("nsd-{}-{port}", address.ip());
    let mut config = format!(
        "server:\n  ip-address: {}\n  port: {port}\n  zonesdir: \"{folder_text}\"\n  database: \"\"\n  \
         zonelistfile: \"{folder_text}/{name}.list\"\n  xfrdfile: \"{folder_text}/{name}.xfrd\"\n  \
         xfrdir: \"{folder_text}\"\n  pidfile: \"{folder_text}/{name}.pid\"\n  username: \"\"\n  chroot: \"\"\n  \
         logfile: \"{folder_text}/{name}.log\"\n  server-count: 1\n  rrl-ratelimit: 0\n  \
         rrl-whitelist-ratelimit: 0\nremote-control:\n  control-enable: no\n",
        address.ip()
    );
    for (zone, file) in zones {
        config.push_str(&format!("zone:\n  name: \"{zone}\"\n  zonefile: \"{file}\"\n"));
    }
    let path = folder.join(format!("{name}.conf"));
    std::fs::write(&path, config).unwrap();
    let first = zones.first().unwrap().0;
    start("nsd", &["-d", "-c", &path.display().to_string()], folder, address, first)
}

/// Unbound with these lines in `server:` and what follows it. `probe` is a name it answers for.
pub fn unbound(folder: &Path, address: SocketAddr, server: &str, rest: &str, probe: &str) -> Server {
    let config = format!(
        "server:\n  interface: {}@{}\n  access-control: 127.0.0.0/8 allow\n  do-not-query-localhost: no\n  \
         do-ip6: no\n  username: \"\"\n  chroot: \"\"\n  directory: \"{2}\"\n  pidfile: \"\"\n  use-syslog: no\n  \
         logfile: \"{2}/unbound-{1}.log\"\n  num-threads: 1\n  local-zone: \"test.\" nodefault\n{server}\n\
         remote-control:\n  control-enable: no\n{rest}\n",
        address.ip(),
        address.port(),
        folder.display()
    );
    let path = folder.join(format!("unbound-{}.conf", address.port()));
    std::fs::write(&path, config).unwrap();
    start("unbound", &["-d", "-c", &path.display().to_string()], folder, address, probe)
}

/// Starts a server and waits until it answers for the SOA of `probe`.
pub fn start(program: &str, args: &[&str], folder: &Path, address: SocketAddr, probe: &str) -> Server {
    let child = Command::new(found(program).unwrap())
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(folder.join(format!("{program}-{}.err", address.port()))).unwrap())
        .spawn()
        .unwrap();
    let server = Server { child, address };
    let mut question = Message::new(7, MessageType::Query, OpCode::Query);
    question.metadata.recursion_desired = true;
    question.add_query(Query::query(Name::from_ascii(probe).unwrap(), RecordType::SOA));
    let question = question.to_vec().unwrap();
    let socket = UdpSocket::bind(if address.is_ipv4() { "127.0.0.1:0" } else { "[::1]:0" }).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let until = Instant::now() + Duration::from_secs(15);
    while Instant::now() < until {
        let _ = socket.send_to(&question, address);
        if socket.recv(&mut [0; 2048]).is_ok() {
            return server;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let log = std::fs::read_to_string(folder.join(format!("{program}-{}.err", address.port())));
    panic!("{program} does not answer: {}", log.unwrap_or_default());
}
