//! What receivers bear, from a log to configuration that real servers take: a burst that a receiver
//! throttled is planted, and the advice, its simulation and its settings are held against it.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::cli::mailvet;
use crate::server_settings::{exim_at, program};

const THROTTLED: &str = "host gmail-smtp-in.l.google.com[192.0.2.9] said: 421-4.7.28 Our system has detected an unusual rate of unsolicited mail originating from your IP address. To protect our users, mail sent from your IP address has been temporarily rate limited. (in reply to end of DATA command)";

/// Monday, 2026-11-02: six an hour to each of two receivers from 06:00 to 18:00; at 09:00 a burst of 4100, 125
/// a minute and of it the last five in each minute deferred, as long as it lasts.
fn log() -> String {
    let (mut text, mut number) = (String::new(), 0_u64);
    let mut message = |minute: u64, domain: &str, deferred: bool| {
        number += 1;
        let id = format!("{:010X}", 0x3A00_0000_u64 + number * 7919);
        let head = format!("Nov  2 {:02}:{:02}:{:02} out postfix", minute / 60, minute % 60, number % 60);
        let _ =
            writeln!(text, "{head}/qmgr[9]: {id}: from=<app@shop.example>, size=900, nrcpt=1 (queue active)");
        let to = format!(
            "{head}/smtp[9]: {id}: to=<u{number}@{domain}>, relay=mx.{domain}[192.0.2.9]:25, delay=1, delays=0/0/0/1,"
        );
        let _ = match deferred {
            true => writeln!(text, "{to} dsn=4.7.28, status=deferred ({THROTTLED})"),
            false => {
                writeln!(text, "{to} dsn=2.0.0, status=sent (250 2.0.0 Ok)\n{head}/qmgr[9]: {id}: removed")
            }
        };
    };
    for minute in 360..1080 {
        if minute % 10 == 0 {
            message(minute, "gmail.com", false);
            message(minute, "client.example", false);
        }
        // 32 minutes of 125 and one of 100.
        if let Some(left) = 4100_u64.checked_sub((minute.max(540) - 540) * 125).filter(|_| minute >= 540) {
            let now = left.min(125);
            (0..now).for_each(|one| {
                message(minute, ["gmail.com", "googlemail.com"][usize::from(one % 5 == 0)], one >= 120)
            });
        }
    }
    text
}

fn written(folder: &Path) -> String {
    let path = folder.join("mail.log");
    std::fs::write(&path, log()).unwrap();
    path.display().to_string()
}

fn said(args: &[&str]) -> String {
    let output = mailvet(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn json(args: &[&str]) -> Value {
    serde_json::from_str(&said(&[args, &["--format", "json"]].concat())).unwrap()
}

#[test]
fn the_burst_is_told_with_its_limit_and_what_would_have_become_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let log = written(folder.path());
    let value = json(&["traffic", &log]);
    assert_eq!(value["throttling"].as_array().unwrap().len(), 1, "{}", value["throttling"]);
    let gmail = &value["throttling"][0];
    // The first deferral came in the burst's first minute: of it 120 got in, and the usual one.
    assert_eq!(gmail["seen"][0]["count"], 121);
    assert_eq!(gmail["seen"][0]["per"], "minute");
    assert_eq!(gmail["slowed"], 160);
    // Four fifths are 96 a minute: one each 625 ms; 4100 and the one beside them take 2563 s, those that came
    // meanwhile a little more.
    assert_eq!(gmail["advice"]["interval_milliseconds"], 625);
    assert_eq!((&gmail["advice"]["per_minute"], &gmail["advice"]["per_hour"]), (&96.into(), &Value::Null));
    let simulation = &gmail["simulation"];
    assert_eq!(simulation["burst"]["at"], "2026-11-02T09:00:00Z");
    assert_eq!(simulation["burst"]["recipients"], 4105, "with those of 09:00 to 09:40");
    assert_eq!(simulation["burst"]["seconds"], 2565, "4104 x 0.625 s");
    assert_eq!((&simulation["met"], &simulation["left"]), (&Value::Array(Vec::new()), &0.into()));

    let text = said(&["traffic", &log]).replace("\n              ", " ");
    let told = "the burst of Monday 2026-11-02 09:00 UTC (4105 recipients) would have taken 43 minutes and met no limit seen";
    assert!(text.contains(told), "{text}");

    let slower = json(&["traffic", &log, "--what-if", "gmail.com=20/min"]);
    assert_eq!(slower["throttling"][0]["asked"]["count"], 20);
    // One each 3 s from 09:00 on: until 18:00 10800 could go, so that all 4100 and the later ones did.
    assert_eq!(slower["throttling"][0]["simulation"]["left"], 0);
    let faster = said(&["traffic", &log, "--what-if", "gmail.com=200/min"]).replace("\n              ", " ");
    assert!(
        faster.contains("and met a limit: 126 a minute where deferrals began with 121 a minute let in"),
        "{faster}"
    );
    // A receiver that slows nobody down can be asked about, one that the log does not have cannot.
    assert_eq!(
        json(&["traffic", &log, "--what-if", "client.example=1/h"])["throttling"][0]["simulation"]["left"],
        60,
        "twelve of 72 by 17:00"
    );
    for wrong in ["gmail.com", "gmail.com=0/min", "other.example=5/min"] {
        assert_eq!(mailvet(&["traffic", &log, "--what-if", wrong]).status.code(), Some(2), "{wrong}");
    }
}

/// The lines between two remarks, as `--settings` prints the files one after the other.
fn part<'t>(text: &'t str, begin: &str, end: &str) -> &'t str {
    let (_, rest) = text.split_once(begin).unwrap_or_else(|| panic!("{begin} in {text}"));
    let rest = rest.split_once('\n').unwrap().1;
    if end.is_empty() { rest } else { rest.split_once(end).unwrap_or_else(|| panic!("{end} in {text}")).0 }
}

#[test]
fn a_real_postfix_takes_the_settings() {
    let (Some(postconf), Some(postmap)) = (program(&["postconf"]), program(&["postmap"])) else {
        eprintln!("SKIPPED: no postconf");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let text = said(&["traffic", &written(folder.path()), "--settings", "postfix"]);
    let (master, main, map) = (
        part(&text, "# append to /etc/postfix/master.cf", "# /etc/postfix/main.cf"),
        part(&text, "# /etc/postfix/main.cf", "# /etc/postfix/slow_transport"),
        part(&text, "# /etc/postfix/slow_transport", ""),
    );
    let at = |name: &str| folder.path().join(name);
    let main = main.replace("/etc/postfix/slow_transport", &at("slow_transport").display().to_string());
    std::fs::write(at("main.cf"), format!("compatibility_level = 3.6\n{main}")).unwrap();
    let usual = "smtp unix - - n - - smtp\nqmgr unix n - n 300 1 qmgr\n";
    std::fs::write(at("master.cf"), format!("{usual}{master}")).unwrap();
    std::fs::write(at("slow_transport"), map).unwrap();
    let ask = |program: &Path, args: &[&str]| {
        let output = Command::new(program).arg("-c").arg(folder.path()).args(args).output().unwrap();
        let (said, complained) = (output.stdout, String::from_utf8_lossy(&output.stderr).into_owned());
        assert!(output.status.success() && complained.is_empty(), "{args:?}: {complained}\n{text}");
        String::from_utf8(said).unwrap()
    };
    // A parameter that no service uses is told on standard error.
    let set = ask(&postconf, &["-n"]);
    assert!(set.contains("slow-gmail-com_transport_rate_delay = 1s"), "{set}");
    assert!(set.contains("slow-gmail-com_destination_recipient_limit = 1"), "{set}");
    let services = ask(&postconf, &["-M", "slow-gmail-com/unix"]);
    assert!(services.contains("5       smtp"), "{services}");
    let table = format!("texthash:{}", at("slow_transport").display());
    for domain in ["gmail.com", "googlemail.com"] {
        assert_eq!(ask(&postmap, &["-q", domain, &table]), "slow-gmail-com:\n");
    }
    checked(folder.path());
}

/// `postfix check` wants the system's own folders, which it then may make; so only where it may run.
fn checked(folder: &Path) {
    let Some(postfix) = program(&["postfix"]) else { return };
    let queue = folder.join("spool");
    std::fs::create_dir_all(&queue).unwrap();
    let main = folder.join("main.cf");
    let text = std::fs::read_to_string(&main).unwrap();
    let lines = format!("{text}queue_directory = {0}\ndata_directory = {0}/data\n", queue.display());
    std::fs::write(&main, lines).unwrap();
    let output = Command::new(postfix).arg("-c").arg(folder).arg("check").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let ours = said.lines().filter(|line| line.contains("slow") || line.contains("parameter"));
    assert_eq!(ours.collect::<Vec<_>>(), Vec::<&str>::new(), "{said}");
}

#[test]
fn a_real_exim_takes_the_settings() {
    let Some(exim) = program(&["exim4", "exim"]) else {
        eprintln!("SKIPPED: no exim; tests/run unpacks Debian's exim4-daemon-light");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let text = said(&["traffic", &written(folder.path()), "--settings", "exim"]);
    let acl = part(&text, "# behind begin acl", "# behind begin routers");
    let routers = part(&text, "# behind begin routers", "# in the smtp transport");
    let transport = part(&text, "# in the smtp transport", "");
    let settings = format!(
        "keep_environment =\nspool_directory = {}\nlog_file_path = {0}/%slog\ndomainlist local_domains = @\nbegin acl\n\
         {acl}begin routers\n{routers}out:\n  driver = dnslookup\n  transport = remote_smtp\nbegin transports\n\
         remote_smtp:\n  driver = smtp\n{transport}begin retry\n* * F,2h,15m\n",
        folder.path().display()
    );
    let path = folder.path().join("exim.conf");
    std::fs::write(&path, &settings).unwrap();
    let output = exim_at(&exim).arg("-C").arg(&path).arg("-bV").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.trim().is_empty(), "{said}\n{settings}");
    assert!(acl.contains("ratelimit = 8 / 5s / leaky / per_cmd"), "{acl}");
    assert!(routers.contains("domains = gmail.com : googlemail.com"), "{routers}");
}

#[test]
fn each_server_gets_settings_and_none_are_made_up() {
    let folder = tempfile::tempdir().unwrap();
    let log = written(folder.path());
    let of = |server: &str| said(&["traffic", &log, "--settings", server]);
    let kumomta: toml::Table = of("kumomta").parse().unwrap();
    let gmail = &kumomta["provider"]["slow-gmail-com"];
    assert_eq!(gmail["provider_max_message_rate"].as_str(), Some("96/minute,max_burst=1"));
    assert_eq!(gmail["provider_connection_limit"].as_integer(), Some(5));
    assert!(of("exchange").contains("Set-TransportService NAME -MaxPerDomainOutboundConnections 5"));
    assert!(of("exchange").contains("not simulated: this server cannot hold a rate"));
    assert!(of("sendmail").contains(
        "QUEUE_GROUP(`slowgmailcom', `P=/var/spool/mqueue/slowgmailcom, R=1, r=1, I=1m, J=96, F=f')"
    ));
    assert!(of("ibmi").contains("CHGSMTPA MAXOUTEMM(5)"));
    // Where nobody slows the sender down nothing is to be set.
    let quiet = folder.path().join("quiet.log");
    let text: String = std::fs::read_to_string(&log)
        .unwrap()
        .lines()
        .filter(|line| !line.contains("deferred"))
        .map(|line| format!("{line}\n"))
        .collect();
    std::fs::write(&quiet, text).unwrap();
    let quiet = quiet.display().to_string();
    assert!(json(&["traffic", &quiet])["throttling"].as_array().unwrap().is_empty());
    let nothing = said(&["traffic", &quiet, "--settings", "postfix"]);
    assert!(nothing.lines().all(|line| line.starts_with('#')), "{nothing}");
}
