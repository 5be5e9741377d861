//! `relay --compare`: a second host on the same port tells a blocked port from a relay that refuses.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

use super::mail::mailvet;

/// A mail server that answers every command, and what it was told.
fn server() -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let log = heard.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut out = stream.try_clone().unwrap();
            let _ = out.write_all(b"220 mx.example.net ESMTP\r\n");
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                let is_last = line.eq_ignore_ascii_case("QUIT");
                log.lock().unwrap().push(line);
                let _ = out.write_all(if is_last { b"221 2.0.0 bye\r\n" } else { b"250 2.0.0 ok\r\n" });
                if is_last {
                    break;
                }
            }
        }
    });
    (address, heard)
}

/// A port on which nobody listens.
fn closed() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[test]
fn a_second_host_tells_who_blocks() {
    let (alive, heard) = server();
    let (other, of_relay) = server();
    for (relay, compare, verdict, words) in [
        (closed(), alive, "host-refuses", "this network lets the port out"),
        (closed(), closed(), "port-blocked", "lets the port out to nobody"),
        (other, closed(), "other-refuses", "nothing is wrong with this network"),
        (other, alive, "open", "both answer"),
    ] {
        let (json, _) = mailvet(&["relay", &relay.to_string(), "--compare", &compare.to_string()]);
        let comparison = &json["comparison"];
        assert_eq!(comparison["verdict"], verdict, "{json}");
        assert!(comparison["text"].as_str().unwrap().contains(words), "{comparison}");
    }
    let told = |of: &Mutex<Vec<String>>| of.lock().unwrap().join("\n");
    assert!(!told(&heard).contains("RCPT") && told(&heard).contains("EHLO"), "{}", told(&heard));
    assert!(told(&of_relay).contains("RCPT TO"), "{}", told(&of_relay));
}
