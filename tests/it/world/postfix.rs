//! Real Postfix: one instance of its own with a port for each behaviour, and
//! what `transport`, `mx` and `relay` say of each.

use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::mail::{Authority, Identity, codes, mailvet, outcome, page, set_mode, web};
use super::servers::{found, free, lacks};

/// A running instance, stopped when dropped.
pub struct Postfix {
    folder: tempfile::TempDir,
}

impl Drop for Postfix {
    fn drop(&mut self) {
        let _ = self.control("stop");
    }
}

impl Postfix {
    /// Starts smtpd on these ports, each with `name=value` settings. `None`,
    /// said aloud, where Postfix is missing or we are not root.
    pub fn start(services: &[(u16, &[&str])]) -> Option<Postfix> {
        if lacks(&["postfix"]) {
            return None;
        }
        let uid = Command::new("id").arg("-u").output().unwrap();
        if String::from_utf8_lossy(&uid.stdout).trim() != "0" {
            eprintln!("SKIPPED: Postfix starts only as root");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        set_mode(folder.path(), 0o755);
        let at = folder.path().display().to_string();
        for name in ["etc", "spool", "data"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        let owned = Command::new("chown").arg("postfix").arg(format!("{at}/data")).status().unwrap();
        assert!(owned.success());
        let main = format!(
            "compatibility_level = 3.6\nqueue_directory = {at}/spool\ndata_directory = {at}/data\n\
             maillog_file = {at}/log\nmaillog_file_prefixes = {at}\nmyhostname = mx.example.com\n\
             mydestination = example.com\nmynetworks =\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4\n\
             local_recipient_maps =\nalias_maps =\nalias_database =\ndefault_transport = discard\n\
             local_transport = discard\nrelay_transport = discard\nsmtpd_peername_lookup = no\n\
             smtpd_relay_restrictions = reject_unauth_destination\n"
        );
        std::fs::write(folder.path().join("etc/main.cf"), main).unwrap();
        let mut master = String::new();
        for (port, settings) in services {
            master.push_str(&format!("127.0.0.1:{port} inet n - n - - smtpd\n"));
            for setting in *settings {
                master.push_str(&format!("  -o {{ {setting} }}\n"));
            }
        }
        master.push_str(
            "cleanup unix n - n - 0 cleanup\nqmgr unix n - n 300 1 qmgr\ntlsmgr unix - - n 1000? 1 tlsmgr\n\
             rewrite unix - - n - - trivial-rewrite\nbounce unix - - n - 0 bounce\ndefer unix - - n - 0 bounce\n\
             discard unix - - n - - discard\nanvil unix - - n - 1 anvil\nproxymap unix - - n - - proxymap\n\
             postlog unix-dgram n - n - 1 postlogd\n",
        );
        std::fs::write(folder.path().join("etc/master.cf"), master).unwrap();
        let postfix = Postfix { folder };
        assert!(postfix.control("start"), "Postfix does not start: {}", postfix.log());
        let until = Instant::now() + Duration::from_secs(20);
        for (port, _) in services {
            while TcpStream::connect(("127.0.0.1", *port)).is_err() {
                assert!(Instant::now() < until, "Postfix does not listen: {}", postfix.log());
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        Some(postfix)
    }

    fn control(&self, verb: &str) -> bool {
        let mut command = Command::new(found("postfix").unwrap());
        command.arg("-c").arg(self.folder.path().join("etc")).arg(verb);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    pub fn log_file(&self) -> String {
        self.folder.path().join("log").display().to_string()
    }
}

pub fn port() -> u16 {
    free().port()
}

pub fn tls(identity: &Identity) -> Vec<String> {
    vec![
        "smtpd_tls_security_level=may".to_owned(),
        format!("smtpd_tls_chain_files={}, {}", identity.key.display(), identity.chain.display()),
    ]
}

fn strs(settings: &[String]) -> Vec<&str> {
    settings.iter().map(String::as_str).collect()
}

/// A zone with this MX host and an MTA-STS record.
fn zone(folder: &std::path::Path, host: &str) -> String {
    let path = folder.join(format!("{host}.zone"));
    let text = format!(
        "$ORIGIN example.com.\n$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 300\n@ NS ns\nns A 127.0.0.1\n\
         @ MX 10 {host}\n{host} A 127.0.0.1\n_mta-sts TXT \"v=STSv1; id=1;\"\nmta-sts A 127.0.0.1\n"
    );
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

/// Real certificates on real servers: good, expired, for another name, none at all.
#[test]
fn postfix_transport() {
    let authority = Authority::new();
    let good = authority.certify(&["mx.example.com", "mta-sts.example.com"], 2085);
    let expired = authority.certify(&["expired.example.com"], 2024);
    let other = authority.certify(&["other.example.net"], 2085);
    let ports: Vec<u16> = (0..5).map(|_| port()).collect();
    let settings: Vec<Vec<String>> = vec![
        tls(&good).into_iter().chain(["smtpd_tls_protocols=>=TLSv1.2".to_owned()]).collect(),
        tls(&expired),
        tls(&other)
            .into_iter()
            .chain([
                "smtpd_tls_protocols=>=TLSv1".to_owned(),
                "tls_medium_cipherlist=ALL:@SECLEVEL=0".to_owned(),
            ])
            .collect(),
        vec!["smtpd_tls_security_level=none".to_owned()],
        // As on Windows Server 2012 R2 with an RSA certificate; ours is EC.
        tls(&good)
            .into_iter()
            .chain([
                "smtpd_tls_protocols=TLSv1.2".to_owned(),
                "tls_medium_cipherlist=ECDHE-ECDSA-AES256-SHA384:ECDHE-ECDSA-AES128-SHA256:@SECLEVEL=0"
                    .to_owned(),
            ])
            .collect(),
    ];
    let settings: Vec<Vec<&str>> = settings.iter().map(|list| strs(list)).collect();
    let services: Vec<(u16, &[&str])> =
        ports.iter().zip(&settings).map(|(port, list)| (*port, list.as_slice())).collect();
    let Some(_postfix) = Postfix::start(&services) else { return };
    let policy = "version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 604800\n";
    let https = web(&good, &page(policy));
    let ask = |host: &str, port: u16| -> (Value, i32) {
        let zone = zone(authority.folder.path(), host);
        let smtp = format!("{host}.example.com:25:127.0.0.1:{port}");
        let web = format!("mta-sts.example.com:443:{https}");
        mailvet(&[
            "transport",
            "example.com",
            "--probe",
            "--zone",
            &zone,
            "--ca",
            &authority.file(),
            "--connect-to",
            &smtp,
            "--connect-to",
            &web,
        ])
    };
    let (json, _) = ask("mx", ports[0]);
    let server = &json["starttls"][0];
    assert_eq!(
        (&server["starttls"], &server["certificate"]["valid"]),
        (&true.into(), &true.into()),
        "{json}"
    );
    assert_eq!(server["tls"]["version"], "TLS 1.3", "{json}");
    assert_eq!(json["mta_sts"]["policy"]["mode"], "enforce", "{json}");
    assert_eq!(json["mta_sts"]["certificate"]["valid"], true, "{json}");
    let found = codes(&json);
    assert!(
        found.iter().all(|code| !code.starts_with("starttls") && !code.starts_with("tls-v")),
        "{found:?}"
    );
    for code in ["starttls-injection", "mta-sts-mx-refused", "mta-sts-mx-unlisted", "tls-version-old"] {
        assert_eq!(outcome(&json, code), "pass", "{code}: {json}");
    }

    let (json, exit) = ask("expired", ports[1]);
    let found = codes(&json);
    for code in ["starttls-certificate-expired", "mta-sts-mx-refused", "mta-sts-mx-unlisted"] {
        assert!(found.iter().any(|one| one == code), "no {code}: {found:?}");
    }
    assert_eq!(exit, 1, "a policy that refuses the only MX host is severe");
    // The run's own clock judges: before its end the certificate was good.
    let (json, _) = ask("wrong", ports[2]);
    let found = codes(&json);
    for code in ["starttls-certificate-name-mismatch", "tls-version-old"] {
        assert!(found.iter().any(|one| one == code), "no {code}: {found:?}");
    }
    assert!(!found.iter().any(|code| code == "starttls-certificate-untrusted"), "{found:?}");

    let (json, _) = ask("mx", ports[4]);
    let broken = json["problems"].as_array().unwrap().iter().find(|one| one["code"] == "starttls-broken");
    let broken = broken.unwrap_or_else(|| panic!("{json}"));
    assert_eq!(broken["severity"], "medium", "senders with OpenSSL get through: {broken}");
    assert_eq!(outcome(&json, "mta-sts-mx-refused"), "unknown", "{json}");

    let (json, _) = ask("plain", ports[3]);
    assert_eq!(json["starttls"][0]["starttls"], false, "{json}");
    assert!(codes(&json).iter().any(|code| code == "starttls-missing"), "{json}");
}

/// Relaying: allowed, denied, deferred, slow, wide open.
#[test]
fn postfix_relay() {
    let ports: Vec<u16> = (0..4).map(|_| port()).collect();
    let services: Vec<(u16, &[&str])> = vec![
        (ports[0], &["smtpd_relay_restrictions=reject_unauth_destination"]),
        (
            ports[1],
            &[
                "mynetworks=127.0.0.0/8",
                "smtpd_relay_restrictions=permit_mynetworks, reject_unauth_destination",
            ],
        ),
        (
            ports[2],
            &[
                "smtpd_recipient_restrictions=check_recipient_access inline:{ { someone@example.com = 450 4.2.0 Greylisted, try again in 300 seconds } }",
            ],
        ),
        (ports[3], &["smtpd_delay_reject=no", "smtpd_client_restrictions=sleep 9"]),
    ];
    let Some(postfix) = Postfix::start(&services) else { return };
    let relay = |port: u16, more: &[&str]| {
        let address = format!("127.0.0.1:{port}");
        let mut args = vec!["relay", &address];
        args.extend(more);
        mailvet(&args)
    };
    let (json, exit) = relay(ports[0], &[]);
    assert_eq!(exit, 1, "{json}");
    assert!(codes(&json).contains(&"relay-denied".to_owned()), "{json}");
    assert_eq!(json["banner"], "220 mx.example.com ESMTP Postfix");
    assert_eq!((&json["starttls"], &json["certificate"]), (&false.into(), &Value::Null));
    assert!(json["ehlo"].as_array().unwrap().contains(&"PIPELINING".into()), "{json}");
    assert_eq!(json["relaying"][0]["allowed"], false, "{json}");
    // The same host takes what is its own.
    let (json, _) = relay(ports[0], &["--from", "a@example.net", "--to", "b@example.com"]);
    assert_eq!(outcome(&json, "relay-denied"), "pass", "{json}");

    let (json, _) = relay(ports[1], &["--open-relay-test", "--i-operate-this-host"]);
    assert_eq!(outcome(&json, "relay-open"), "fail", "{json}");
    let attempts = json["open_relay"]["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 18, "{json}");
    let (json, _) = relay(ports[0], &["--open-relay-test", "--i-operate-this-host"]);
    assert_eq!(outcome(&json, "relay-open"), "pass", "{}", json["open_relay"]);
    assert_eq!(
        json["open_relay"]["attempts"].as_array().unwrap().len(),
        18,
        "all tricks, over several connections"
    );

    let (json, exit) = relay(ports[2], &["--to", "someone@example.com"]);
    let greylisted = json["problems"].as_array().unwrap().iter().find(|one| one["code"] == "relay-denied");
    assert_eq!(greylisted.unwrap()["severity"], "low", "{json}");
    assert_eq!(exit, 0, "greylisting is no refusal");

    let (json, _) = relay(ports[3], &[]);
    assert!(codes(&json).contains(&"smtp-reply-slow".to_owned()), "{json}");

    // A relay given by its address is no question for DNS: no resolver is needed.
    without_resolver(&["relay", &format!("127.0.0.1:{}", ports[0])], |output| {
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(json["banner"], "220 mx.example.com ESMTP Postfix", "{json}");
    });
    without_resolver(&["relay", "relay.example.com"], |output| {
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && error.contains("--resolver ADDR"), "{error}");
    });

    // Nothing was ever handed over.
    let log = postfix.log();
    assert!(!log.contains("queue active") && !log.contains("message-id="), "mail was delivered: {log}");
}

/// The program where the system names no resolver; said aloud where that cannot be arranged.
fn without_resolver(args: &[&str], judge: impl Fn(std::process::Output)) {
    let script = "mount --bind /dev/null /etc/resolv.conf || exit 99; exec \"$@\" --format json";
    let output = Command::new("unshare")
        .args(["--mount", "sh", "-c", script, "sh", env!("CARGO_BIN_EXE_mailvet")])
        .args(args)
        .output();
    match output {
        Ok(output) if output.status.code() != Some(99) && !output.stderr.starts_with(b"unshare:") => {
            judge(output)
        }
        _ => eprintln!("SKIPPED: /etc/resolv.conf cannot be hidden here"),
    }
}

/// postmaster@ and abuse@: taken, refused, deferred.
#[test]
fn postfix_mx() {
    let authority = Authority::new();
    let ports: Vec<u16> = (0..3).map(|_| port()).collect();
    let old: Vec<String> = tls(&authority.certify(&["mx.example.com"], 2085))
        .into_iter()
        .chain(["smtpd_tls_protocols=TLSv1".to_owned()])
        .collect();
    let old = strs(&old);
    let services: Vec<(u16, &[&str])> = vec![
        (ports[2], &old),
        (ports[0], &[]),
        (
            ports[1],
            &[
                "smtpd_recipient_restrictions=check_recipient_access inline:{ { postmaster@example.com = 550 5.1.1 no such user } { abuse@example.com = 450 4.2.0 Greylisted } }",
            ],
        ),
    ];
    let Some(_postfix) = Postfix::start(&services) else { return };
    let folder = tempfile::tempdir().unwrap();
    let zone = zone(folder.path(), "mx");
    let ask = |port: u16| {
        let to = format!("mx.example.com:25:127.0.0.1:{port}");
        mailvet(&["mx", "example.com", "--probe", "--zone", &zone, "--connect-to", &to]).0
    };
    let json = ask(ports[0]);
    assert_eq!(
        (outcome(&json, "postmaster-refused"), outcome(&json, "abuse-refused")),
        ("pass".into(), "pass".into())
    );
    assert_eq!(json["hosts"][0]["servers"][0]["banner"], "220 mx.example.com ESMTP Postfix", "{json}");
    let json = ask(ports[1]);
    assert_eq!(outcome(&json, "postmaster-refused"), "fail", "{json}");
    assert_eq!(outcome(&json, "abuse-refused"), "unknown", "a deferral is no refusal: {json}");
    // A handshake that fails: opportunistic senders go on in clear, on a new connection.
    let json = ask(ports[2]);
    let server = &json["hosts"][0]["servers"][0];
    assert!(server["symptom"].to_string().contains("handshake"), "{json}");
    assert_eq!(
        (outcome(&json, "postmaster-refused"), outcome(&json, "abuse-refused")),
        ("pass".into(), "pass".into()),
        "{json}"
    );
    let dialogue = server["dialogue"].as_array().unwrap();
    let said = |what: &str| dialogue.iter().filter(|one| one["sent"] == what).count();
    assert_eq!((said(""), said("STARTTLS"), said("DATA")), (2, 1, 0), "{json}");
    // Without --probe nobody is spoken to.
    let (json, _) = mailvet(&["mx", "example.com", "--zone", &zone]);
    assert_eq!(json["hosts"][0]["servers"].as_array().unwrap().len(), 0, "{json}");
    assert_eq!((&json["null_mx"], &json["hosts"][0]["addresses"][0]), (&false.into(), &"127.0.0.1".into()));
}
