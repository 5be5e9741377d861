//! What was lost on the way in - a file that could not be read, a question that nobody answered - is named on
//! standard error, and no run that lost something ends with 0.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;

use mailvet::model::{Absence, Answer, Observation, Rdata, Record, RecordType};

use crate::cli::{ZONE, mailvet_in, text};
use crate::world::dns::{Say, serve};

/// A file larger than any bound, of no content: it takes no room on the disk.
fn too_large(path: &Path) {
    std::fs::File::create(path).unwrap().set_len(600 << 20).unwrap();
}

/// Words of a command; `RESOLVER` stands for the address of a server that is silent.
const ASKING: [&str; 11] = [
    "zone check example.com.zone --fail-on never",
    "spf example.com",
    "dmarc example.com",
    "dkim example.com --selector s1",
    "bimi example.com",
    "mx example.com",
    "transport example.com",
    "ptr 192.0.2.1",
    "blocklist 192.0.2.1",
    "audit example.com --ip 192.0.2.1",
    "portfolio list.txt",
];

/// Whether each question ends by its own time or all of them by the run's: the answer is as unknown.
#[test]
fn no_deadline_turns_unknown_into_clean() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("example.com.zone"),
        ZONE.replace("mx -all", "include:example.net -all"),
    )
    .unwrap();
    std::fs::write(folder.path().join("list.txt"), "example.com\nexample.net\n").unwrap();
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for words in ASKING {
            for bounds in [["--timeout", "0.3", "--deadline", "60"], ["--timeout", "60", "--deadline", "1"]] {
                let (folder, address, wrong) = (folder.path(), &address, &wrong);
                scope.spawn(move || {
                    let mut args: Vec<&str> = words.split(' ').collect();
                    args.extend(["--resolver", address]);
                    args.extend(bounds);
                    let output = mailvet_in(folder, &args);
                    if output.status.code() != Some(3) {
                        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
                        wrong.lock().unwrap().push(format!("{args:?}: {:?}\n{said}", output.status.code()));
                    }
                });
            }
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a folder of zones holds and nobody can read; the rest of the folder is judged.
#[test]
fn an_unread_file_in_a_folder_of_zones_fails_the_run() {
    let check = ["zone", "check", "zones", "--offline", "--fail-on", "never", "--format", "json"];
    let deep: std::path::PathBuf = std::iter::repeat_n("d", 40).collect();
    for (lost, named, is_judged) in [
        ("large.zone".to_owned(), "zones/large.zone", true),
        (
            format!("{}/a.zone", deep.display()),
            "/d lies deeper than 32 folders: name that folder itself",
            false,
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let zones = folder.path().join("zones");
        std::fs::create_dir(&zones).unwrap();
        std::fs::write(zones.join("example.com.zone"), ZONE).unwrap();
        let sound = mailvet_in(folder.path(), &check);
        assert_eq!(sound.status.code(), Some(0), "{}", text(&sound.stderr));
        std::fs::create_dir_all(zones.join(&lost).parent().unwrap()).unwrap();
        too_large(&zones.join(&lost));
        let output = mailvet_in(folder.path(), &check);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{lost}: {said}");
        assert!(said.contains("error: ") && said.contains(named), "{lost}: {said}");
        assert_eq!(text(&output.stdout).contains("\"example.com\""), is_judged, "{lost}: {said}");
    }
}

/// `--append` goes through the same door as every other output, and knows its file.
#[test]
fn what_is_appended_is_masked_and_has_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let zone = ZONE.replace(
        "rua=mailto:d@example.com",
        "rua=mailto:jane.doe@example.com; ruf=mailto:jane.doe@example.com; pct=40; fo=q",
    );
    std::fs::write(folder.path().join("example.com.zone"), zone).unwrap();
    let check =
        ["zone", "check", "example.com.zone", "--offline", "--redact", "--append", "--fail-on", "never"];
    let written = || std::fs::read_to_string(folder.path().join("s.md")).unwrap();
    std::fs::write(folder.path().join("s.md"), "before\n").unwrap();
    let mut once = String::new();
    for times in 1..=2 {
        let output = mailvet_in(folder.path(), &[&check[..], &["--format", "markdown=s.md"]].concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let shown = written();
        assert!(shown.starts_with("before\n") && shown.contains("j***@"), "{shown}");
        assert!(!shown.contains("jane.doe"), "{shown}");
        if times == 1 {
            once = shown.clone();
        }
        // The second run stands behind the first, whole.
        assert!(shown.starts_with(&once), "{shown}");
        let headings = |text: &str| text.lines().filter(|line| line.starts_with('#')).count();
        assert_ne!(headings(&once), 0, "{once}");
        assert_eq!(headings(&shown), times * headings(&once), "{shown}");
    }
    for formats in [&[][..], &["--format", "markdown"], &["--format", "json=s.json"]] {
        let output = mailvet_in(folder.path(), &[&check[..], formats].concat());
        assert_eq!(output.status.code(), Some(2), "{formats:?}");
        assert!(text(&output.stderr).contains("markdown=FILE"), "{formats:?}: {}", text(&output.stderr));
    }
}

/// A log in which one message is delivered, so long that the damage lies behind what is read of it at opening.
fn packed_logs() -> Vec<(&'static str, Vec<u8>)> {
    use std::io::Write as _;
    let log: String = (0..6_000u32)
        .map(|n| {
            let (id, second) = (n.wrapping_mul(2_654_435_761), n % 60);
            format!("Mar  3 10:00:{second:02} h postfix/smtp[1]: {id:08X}: to=<x{id}@example.org>, relay=mx[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 ok)\n")
        })
        .collect();
    let bytes = log.as_bytes();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(bytes).unwrap();
    let mut xz = xz2::write::XzEncoder::new(Vec::new(), 1);
    xz.write_all(bytes).unwrap();
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bzip2.write_all(bytes).unwrap();
    vec![
        ("mail.log.gz", gzip.finish().unwrap()),
        ("mail.log.xz", xz.finish().unwrap()),
        ("mail.log.bz2", bzip2.finish().unwrap()),
        ("mail.log.zst", zstd::encode_all(bytes, 1).unwrap()),
    ]
}

/// Everything that reads a log says that a packed one is damaged, and says so with its exit code.
#[test]
fn a_damaged_packed_log_is_named_by_every_command() {
    let commands = [
        "traffic LOG",
        "suppress LOG",
        "triage LOG",
        "triage LOG --recipient nobody@example.net",
        "audit --offline --log LOG",
        "audit example.com --offline --log LOG",
        "warmup --target 100/day --log LOG",
        "dkim example.com --offline --log LOG",
        "zone check example.com.zone --offline --log LOG",
    ];
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("example.com.zone"), ZONE).unwrap();
    let (mut wrong, mut sound) = (Vec::new(), 0);
    for (name, packed) in packed_logs() {
        for (log, bytes) in [("whole", &packed[..]), ("cut", &packed[..packed.len() * 2 / 3])] {
            let log = format!("{log}-{name}");
            std::fs::write(folder.path().join(&log), bytes).unwrap();
            for words in commands {
                let words = words.replace("LOG", &log);
                let args: Vec<&str> = words.split(' ').chain(["--now", "2026-11-23T12:00:00Z"]).collect();
                let output = mailvet_in(folder.path(), &args);
                let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
                let is_named = said.contains(&format!("{log}: read only in part: damaged"));
                match (log.starts_with("cut"), output.status.code()) {
                    (true, Some(2)) if is_named => {}
                    (false, Some(0 | 1 | 3)) if !is_named => sound += 1,
                    (_, code) => wrong.push(format!("{words}: {code:?}\n{said}")),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(sound, 4 * commands.len());
}

/// The record given is the one that is judged, whatever names the domain.
#[test]
fn the_record_given_is_judged_whoever_names_its_domain() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("m.eml"), "From: a@example.com\r\nSubject: s\r\n\r\ntext\r\n").unwrap();
    let record = "v=DMARC1; p=reject; rua=mailto:d@example.com";
    let line = format!("_dmarc.example.com. 300 IN TXT \"{record}\"");
    let ways = [
        vec!["example.com", "--text", record],
        vec!["--text", &line],
        vec!["--from", "a@example.com", "--text", record],
        vec!["--message", "m.eml", "--text", record],
        vec!["--message", "m.eml", "--text", &line],
        vec!["example.com", "--message", "m.eml", "--text", record],
    ];
    for way in ways {
        let output = mailvet_in(folder.path(), &[&["dmarc", "--offline"], &way[..]].concat());
        let shown = text(&output.stdout);
        assert!(shown.contains("asks for reject"), "{way:?}: {shown}{}", text(&output.stderr));
    }
}

/// Asked once or again and again, lists that cannot tell leave the same open, and what weighs too little fails no run.
#[test]
fn a_watch_ends_as_its_last_pass_would() {
    let folder = tempfile::tempdir().unwrap();
    let answer = |observation| Say::Answer(Answer::given(observation));
    let server = serve(move |name, rtype| match (name.as_str(), rtype) {
        // The test point of RFC 5782 and one address.
        ("2.0.0.127.bl.example.net" | "1.2.0.192.bl.example.net", RecordType::A) => {
            answer(Observation::Seen(vec![Record::new(Rdata::A([127, 0, 0, 2].into()))]))
        }
        (name, _) if name.ends_with("silent.example.net") => Say::Silence,
        _ => answer(Observation::Absent(Absence::Nxdomain)),
    })
    .to_string();
    let asking = ["--resolver", &server, "--timeout", "0.5", "--list", "bl.example.net"];
    let silent = ["--resolver", &server, "--timeout", "0.5", "--list", "silent.example.net"];
    for (subjects, more, code, change) in [
        (&["192.0.2.1"][..], &["--offline"][..], 3, "192.0.2.1 "),
        (&["192.0.2.1"], &["--offline", "--fail-on", "critical"], 3, "192.0.2.1 "),
        (&["192.0.2.1"], &["--offline", "--list", "bl.example.net"], 3, "192.0.2.1 bl.example.net: unknown"),
        (&["192.0.2.1"], &asking, 1, "192.0.2.1 bl.example.net: listed (127.0.0.2"),
        (
            &["192.0.2.1"],
            &[&asking[..], &["--fail-on", "critical"]].concat(),
            0,
            "192.0.2.1 bl.example.net: listed",
        ),
        (&["192.0.2.2"], &asking, 0, ""),
        (&["192.0.2.2", "192.0.2.1"], &asking, 1, "192.0.2.1 bl.example.net: listed"),
        (&["192.0.2.2"], &silent, 3, "192.0.2.2 silent.example.net: unknown"),
    ] {
        let once = [&["blocklist"], subjects, more].concat();
        let watched = [&once[..], &["--watch", "1s", "--passes", "2"]].concat();
        let (once, watched) = (mailvet_in(folder.path(), &once), mailvet_in(folder.path(), &watched));
        assert_eq!(once.status.code(), Some(code), "{subjects:?} {more:?}: {}", text(&once.stderr));
        assert_eq!(watched.status.code(), Some(code), "{subjects:?} {more:?}: {}", text(&watched.stderr));
        // What the first pass found, once: nothing has changed in the second.
        let said = text(&watched.stdout);
        assert_eq!(said.is_empty(), change.is_empty(), "{subjects:?} {more:?}: {said}");
        let first = said.lines().next().unwrap_or_default();
        assert!(first.contains(change), "{subjects:?} {more:?}: {said}");
        assert_eq!(
            said.lines().filter(|line| *line == first).count(),
            usize::from(!change.is_empty()),
            "{said}"
        );
    }
}

/// Every command that reads a file the user names, `BAD` in its place.
const READING: [&str; 40] = [
    "lint BAD",
    "lint good.eml BAD",
    "lint --format ndjson good.eml BAD",
    "bounce BAD",
    "bounce good.eml BAD",
    "bounce --format json good.eml BAD",
    "reports BAD",
    "reports good.xml BAD",
    "reports --format json good.xml BAD",
    "suppress BAD",
    "suppress mail.log BAD",
    "traffic BAD",
    "traffic mail.log BAD",
    "triage BAD",
    "triage mail.log BAD",
    "queue BAD",
    "queue queue.json BAD",
    "dmarc example.com --offline --reports BAD",
    "dmarc example.com --offline --reports good.xml --reports BAD",
    "dmarc example.com --offline --message BAD",
    "audit example.com --offline --message BAD",
    "audit example.com --offline --log BAD",
    "audit example.com --offline --reports good.xml --reports BAD",
    "audit example.com --offline --ibmi BAD",
    "audit --offline --log mail.log --consent BAD",
    "dkim example.com --offline --log BAD",
    "dkim --offline --message BAD",
    "dkim --offline --key-table BAD",
    "dkim example.com --offline --selector s --private-key BAD",
    "bimi example.com --offline --logo BAD",
    "bimi example.com --offline --certificate BAD",
    "warmup --target 100/day --log BAD",
    "zone check --offline BAD",
    "zone check --offline example.com.zone BAD",
    "zone check --offline example.com.zone --log BAD",
    "zone check --offline example.com.zone --reports good.xml --reports BAD",
    "zone check --offline example.com.zone --baseline BAD",
    "portfolio --offline BAD",
    "spf example.com --offline --zone BAD",
    "spf example.com --offline --trust-anchor BAD",
];

const REPORT: &str = "<?xml version=\"1.0\"?><feedback><report_metadata><org_name>receiver.example</org_name>\
    <report_id>1</report_id><date_range><begin>1795305600</begin><end>1795391999</end></date_range></report_metadata>\
    <policy_published><domain>example.com</domain><p>none</p></policy_published><record><row>\
    <source_ip>192.0.2.1</source_ip><count>3</count><policy_evaluated><disposition>none</disposition><dkim>pass</dkim>\
    <spf>pass</spf></policy_evaluated></row><identifiers><header_from>example.com</header_from></identifiers>\
    <auth_results></auth_results></record></feedback>";

const LOG: &str = "Mar  3 10:00:00 h postfix/smtp[1]: 3AAAAAA1: to=<x@example.org>, relay=mx[192.0.2.1]:25, delay=1, \
    dsn=2.0.0, status=sent (250 ok)\n";

const LETTER: &str = "From: a@example.com\r\nTo: b@example.org\r\nSubject: s\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\n\
    Message-ID: <1@example.com>\r\n\r\ntext\r\n";

/// A folder with one good file of each kind.
fn good_files() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let queue = "{\"queue_name\":\"deferred\",\"queue_id\":\"3AAAAAA1\",\"arrival_time\":1795305600,\"message_size\":9,\
        \"sender\":\"a@example.com\",\"recipients\":[{\"address\":\"x@example.org\",\"delay_reason\":\"connect to \
        mx.example.org[192.0.2.1]:25: Connection timed out\"}]}\n";
    for (name, content) in [
        ("good.eml", LETTER),
        ("good.xml", REPORT),
        ("mail.log", LOG),
        ("queue.json", queue),
        ("example.com.zone", ZONE),
    ] {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

/// Alone or beside good ones, a file that is not there or beyond every bound gives exit code 2 and is named.
#[test]
fn every_command_names_what_it_could_not_read() {
    let folder = good_files();
    too_large(&folder.path().join("large"));
    let (work, wrong) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    // Any text may be the log of a signer, however large: it is read to its end.
    let has_no_bound =
        |words: &str| words.starts_with("dkim example.com --offline --log") || words.contains(".zone --log");
    work.lock().unwrap().extend(READING.iter().map(|words| (words, "gone")));
    work.lock()
        .unwrap()
        .extend(READING.iter().filter(|words| !has_no_bound(words)).map(|words| (words, "large")));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some((words, bad)) = work.lock().unwrap().pop() else { return };
                    let words = words.replace("BAD", bad);
                    let args: Vec<&str> = words.split(' ').collect();
                    let output = mailvet_in(folder.path(), &args);
                    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
                    if output.status.code() != Some(2) || !said.contains(bad) {
                        wrong.lock().unwrap().push(format!("{words}: {:?}\n{said}", output.status.code()));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A letter among reports, or a message that is no bounce, was read: that is no loss.
#[test]
fn what_was_read_and_is_nothing_of_the_kind_is_no_loss() {
    let folder = good_files();
    for (words, code) in [
        ("reports good.xml good.eml", 0),
        ("suppress mail.log good.eml", 0),
        ("lint good.eml --fail-on never", 0),
    ] {
        let output = mailvet_in(folder.path(), &words.split(' ').collect::<Vec<_>>());
        assert_eq!(output.status.code(), Some(code), "{words}: {}", text(&output.stderr));
    }
}

/// However deep a file lies, each command that takes folders finds it.
#[test]
fn no_folder_is_too_deep() {
    let folder = good_files();
    let deep: std::path::PathBuf = std::iter::once("deep").chain(std::iter::repeat_n("d", 90)).collect();
    for (name, words) in [
        ("good.eml", "lint --format ndjson --fail-on never"),
        ("good.eml", "bounce --format ndjson"),
        ("good.xml", "reports --format ndjson"),
        ("mail.log", "suppress --format json --now 2026-11-23T12:00:00Z"),
    ] {
        let _ = std::fs::remove_dir_all(folder.path().join("deep"));
        std::fs::create_dir_all(folder.path().join(&deep)).unwrap();
        std::fs::copy(folder.path().join(name), folder.path().join(&deep).join(name)).unwrap();
        let words: Vec<&str> = words.split(' ').collect();
        let flat = mailvet_in(folder.path(), &[&words[..], &[name]].concat());
        let found = mailvet_in(folder.path(), &[&words[..], &["deep"]].concat());
        let long = deep.join(name).display().to_string();
        // Found and read: what is said of it is not that it holds nothing.
        assert!(
            !flat.stdout.is_empty() && flat.status.code() != Some(2),
            "{words:?}: {}",
            text(&flat.stderr)
        );
        assert!(words[0] == "suppress" || text(&found.stdout).contains(&long), "{words:?}");
        assert_eq!(text(&found.stdout).replace(&long, name), text(&flat.stdout), "{words:?}");
        assert_eq!(found.status.code(), flat.status.code(), "{words:?}: {}", text(&found.stderr));
        std::fs::create_dir(folder.path().join("empty")).unwrap();
        let none = mailvet_in(folder.path(), &[&words[..], &[name, "empty"]].concat());
        assert_eq!(none.status.code(), Some(2), "{words:?}");
        assert!(text(&none.stderr).contains("the folder empty holds no file"), "{}", text(&none.stderr));
        std::fs::remove_dir(folder.path().join("empty")).unwrap();
    }
}

/// A bound that is none is refused by every command, whether it asks somebody or not.
#[test]
fn a_wrong_bound_is_a_mistake_of_usage_everywhere() {
    let folder = good_files();
    let commands = [
        "lint good.eml",
        "bounce good.eml",
        "reports good.xml",
        "suppress mail.log",
        "traffic mail.log",
        "triage mail.log",
        "warmup --target 100/day",
        "reply 550",
        "spf example.com --offline",
        "audit --demo",
        "zone check example.com.zone --offline",
        "portfolio --offline good.eml",
        "explain spf-missing",
        "schema",
        "completions bash",
        "man",
    ];
    for words in commands {
        for flag in ["--timeout", "--deadline"] {
            for value in ["nan", "-5", "0", "-0", "inf", "1e300", "86401", "x"] {
                let bound = format!("{flag}={value}");
                let args: Vec<&str> = words.split(' ').chain([bound.as_str()]).collect();
                let output = mailvet_in(folder.path(), &args);
                let said = text(&output.stderr);
                assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
                assert!(said.contains(flag) && said.contains("give seconds"), "{args:?}: {said}");
            }
        }
    }
}

/// A key file that nobody could compare leaves open whether mail is signed with it.
#[test]
fn a_private_key_that_was_not_compared_is_unknown() {
    let folder = good_files();
    let key = "s1._domainkey TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n";
    std::fs::write(folder.path().join("signed.zone"), format!("{ZONE}{key}")).unwrap();
    std::fs::write(folder.path().join("empty.key"), "").unwrap();
    // The half of it that signs (RFC 8463 appendix A.2).
    let private = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
                   -----END PRIVATE KEY-----\n";
    std::fs::write(folder.path().join("good.key"), private).unwrap();
    for (file, code) in [("/nonexistent/key", 3), ("good.eml", 3), ("empty.key", 3), ("good.key", 0)] {
        std::fs::write(folder.path().join("KeyTable"), format!("s1 example.com:s1:{file}\n")).unwrap();
        let args =
            ["dkim", "--offline", "--zone", "signed.zone", "--key-table", "KeyTable", "--fail-on", "never"];
        let output = mailvet_in(folder.path(), &args);
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{file}: {said}");
    }
}

/// A plan compared with nothing is kept by nobody.
#[test]
fn a_log_without_mail_out_compares_with_nothing() {
    let folder = good_files();
    let quiet = "Mar  3 10:00:00 h postfix/smtpd[1]: connect from unknown[192.0.2.1]\n";
    std::fs::write(folder.path().join("quiet.log"), quiet).unwrap();
    for (log, code) in [("quiet.log", 3), ("mail.log", 0)] {
        let args = ["warmup", "--target", "100/day", "--log", log, "--now", "2026-03-04T12:00:00Z", "-q"];
        let output = mailvet_in(folder.path(), &args);
        assert_eq!(output.status.code(), Some(code), "{log}: {}", text(&output.stderr));
    }
}

/// A mistake in the flags is none of the resolver's.
#[test]
fn a_mistake_of_usage_is_no_want_of_a_resolver() {
    let folder = good_files();
    let bounced = LOG.replace("sent (250 ok)", "bounced (550 5.7.1 [192.0.2.9] listed at zen.spamhaus.org)");
    std::fs::write(folder.path().join("bounced.log"), bounced.replace("2.0.0", "5.7.1")).unwrap();
    let reply = "550 5.7.1 Service unavailable; client [192.0.2.9] blocked using zen.spamhaus.org";
    for command in [&["reply", reply][..], &["triage", "bounced.log"]] {
        for flags in [["--trust-anchor", "/nonexistent"], ["--trust-anchor", "good.eml"], ["--timeout", "-1"]]
        {
            let output = mailvet_in(folder.path(), &[command, &flags].concat());
            let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
            assert_eq!(output.status.code(), Some(2), "{command:?} {flags:?}: {said}");
        }
    }
}

/// The files of a folder whose name begins so.
fn names(folder: &Path, start: &str) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.retain(|name| name.starts_with(start));
    names.sort();
    names
}

/// A run that fails leaves the older output as it was, and nothing beside it.
#[test]
fn a_failed_run_leaves_no_part_of_an_output() {
    let folder = good_files();
    std::fs::write(folder.path().join("no.eml"), [0u8, 1, 2, 3]).unwrap();
    for words in [
        "reports gone --format json",
        "reports gone --format csv",
        "lint no.eml",
        "lint gone",
        "blocklist a..b",
        "portfolio gone --format json",
    ] {
        std::fs::write(folder.path().join("out.txt"), "older").unwrap();
        let args: Vec<&str> = words.split(' ').chain(["--offline", "--output", "out.txt"]).collect();
        let output = mailvet_in(folder.path(), &args);
        assert_eq!(output.status.code(), Some(2), "{words}: {}", text(&output.stderr));
        assert_eq!(names(folder.path(), "out.txt"), ["out.txt"], "{words}");
        assert_eq!(std::fs::read_to_string(folder.path().join("out.txt")).unwrap(), "older", "{words}");
    }
}

/// What a watch wrote is in its file while the watch goes on, and stays when it is killed.
#[test]
fn a_watch_writes_its_file_as_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    let mut watch = Command::new(env!("CARGO_BIN_EXE_mailvet"))
        .args(["blocklist", "192.0.2.1", "--offline", "--watch", "1h", "--output", "w.txt"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let started = std::time::Instant::now();
    let written = || std::fs::read_to_string(folder.path().join("w.txt")).unwrap_or_default();
    while written().is_empty() && started.elapsed().as_secs() < 60 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    watch.kill().unwrap();
    watch.wait().unwrap();
    assert!(written().contains("192.0.2.1"), "{}", written());
    assert_eq!(names(folder.path(), "w.txt"), ["w.txt"]);
}

/// More threads than any machine runs are no reason to begin them.
#[test]
fn a_number_of_jobs_is_bounded_everywhere() {
    let folder = good_files();
    for words in [
        "reports good.xml",
        "bounce good.eml",
        "lint good.eml",
        "dmarc example.com --offline --reports good.xml",
        "zone check example.com.zone --offline",
    ] {
        let run = |jobs: &str| {
            let args: Vec<&str> =
                words.split(' ').chain(["--now", "2026-11-23T12:00:00Z", "--jobs", jobs]).collect();
            mailvet_in(folder.path(), &args)
        };
        let one = run("1");
        assert_ne!(one.status.code(), Some(2), "{words}: {}", text(&one.stderr));
        let started = std::time::Instant::now();
        let many = run("1000000");
        assert!(started.elapsed().as_secs() < 30, "{words}: {:?}", started.elapsed());
        assert_eq!(many.status.code(), one.status.code(), "{words}: {}", text(&many.stderr));
        assert_eq!(text(&many.stdout), text(&one.stdout), "{words}");
    }
}

/// Masked is whatever is said, on standard error too: announcements, notes, errors.
#[test]
fn what_is_said_is_masked_too() {
    let folder = good_files();
    let token = "SECRETTOKENSECRETTOKENSECRETTOKEN";
    let letter = format!(
        "From: a@example.com\r\nTo: jane.doe@example.org\r\nSubject: s\r\n\
         List-Unsubscribe: <https://127.0.0.1:9/u/jane.doe@example.org/{token}>\r\n\
         List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nContent-Type: text/html\r\n\r\n\
         <a href=\"https://127.0.0.1:9/c?t={token}&e=jane.doe@example.org\">shop</a>\r\n"
    );
    std::fs::write(folder.path().join("news.eml"), letter).unwrap();
    let bounds = ["--redact", "--deadline", "3"];
    // Only who asks may be told whom.
    let asks = ["--timeout", "1", "--resolver", "127.0.0.1:9"];
    for (words, announced) in [
        ("audit --message news.eml --probe-unsubscribe", true),
        ("audit --message news.eml --follow-links", true),
        ("lint news.eml --follow-links", true),
        ("lint jane.doe@example.org.eml", false),
        ("bounce jane.doe@example.org.eml", false),
        ("suppress jane.doe@example.org.eml", false),
        ("spf jane.doe@example.org", false),
    ] {
        let mut args: Vec<&str> = words.split(' ').chain(bounds).collect();
        if announced || words.starts_with("spf") {
            args.extend(asks);
        }
        let said = text(&mailvet_in(folder.path(), &args).stderr);
        let unmasked: Vec<&str> = args.iter().filter(|arg| **arg != "--redact").copied().collect();
        let bare = text(&mailvet_in(folder.path(), &unmasked).stderr);
        // There is something to mask.
        assert!(bare.contains("jane.doe") || bare.contains(token), "{words}: {bare}");
        assert!(!said.contains("jane.doe") && !said.contains(token), "{words}: {said}");
        assert!(said.contains("will send") == announced, "{words}: {said}");
    }
}

/// A stamp without a year is of the past, in every command that reads logs.
#[test]
fn no_command_dates_a_line_into_the_future() {
    let folder = good_files();
    let line = |day: &str, to: &str| {
        format!(
            "{day} 10:00:00 h postfix/smtp[1]: 3AAAAAA1: to=<{to}@example.org>, relay=mx.example.org[192.0.2.1]:25, delay=1, \
             dsn=5.1.1, status=bounced (host mx.example.org[192.0.2.1] said: 550 5.1.1 <{to}@example.org>: Recipient address \
             rejected: User unknown (in reply to RCPT TO command))\n"
        )
    };
    let log = line("Nov 20", "x") + &line("Dec  5", "y");
    std::fs::write(folder.path().join("year.log"), log).unwrap();
    for words in [
        "suppress year.log --format json",
        "traffic year.log --format json",
        "triage year.log --offline --format json",
    ] {
        let args: Vec<&str> = words.split(' ').chain(["--now", "2026-11-25T12:00:00Z"]).collect();
        let output = mailvet_in(folder.path(), &args);
        let shown = text(&output.stdout);
        assert!(shown.contains("2025-11-20") && shown.contains("2025-12-05"), "{words}: {shown}");
        assert!(!shown.contains("2026-11-20") && !shown.contains("2026-12-05"), "{words}: {shown}");
    }
}

/// Nobody's name is asked about: a record without an owner is judged by itself.
#[test]
fn a_record_without_an_owner_asks_nothing_of_nobody() {
    let folder = tempfile::tempdir().unwrap();
    for (command, record) in [
        ("spf", "v=spf1 ip4:192.0.2.1 -all"),
        ("dmarc", "v=DMARC1; p=reject"),
        ("dkim", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="),
        ("bimi", "v=BIMI1; l=https://example.com/logo.svg"),
        ("transport", "v=STSv1; id=20260101"),
        ("transport", "v=TLSRPTv1; rua=mailto:t@example.com"),
    ] {
        let server = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        server.set_nonblocking(true).unwrap();
        let address = server.local_addr().unwrap().to_string();
        let args = [command, "--text", record, "--resolver", &address, "--timeout", "0.3", "--deadline", "5"];
        let output = mailvet_in(folder.path(), &args);
        let mut asked = [0; 512];
        let got = server.recv(&mut asked).map(|got| String::from_utf8_lossy(&asked[..got]).into_owned());
        assert!(got.is_err(), "{command}: asked {got:?}");
        assert_ne!(output.status.code(), Some(2), "{command}: {}", text(&output.stderr));
    }
}

/// Whatever stands before the label of the service, the domain is what stands behind it.
#[test]
fn the_owner_of_a_pasted_line_names_the_domain() {
    let folder = tempfile::tempdir().unwrap();
    for (command, owner, record) in [
        ("spf", "", "v=spf1 ip4:192.0.2.1 -all"),
        ("dmarc", "_dmarc.", "v=DMARC1; p=reject"),
        ("dkim", "s1._domainkey.", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="),
        ("bimi", "default._bimi.", "v=BIMI1; l=https://example.net/logo.svg"),
        ("bimi", "brand._bimi.", "v=BIMI1; l=https://example.net/logo.svg"),
        ("transport", "_mta-sts.", "v=STSv1; id=20260101rua"),
        ("transport", "_smtp._tls.", "v=TLSRPTv1; rua=mailto:t@example.net"),
    ] {
        let line = format!("{owner}example.com. 300 IN TXT \"{record}\"");
        let output = mailvet_in(folder.path(), &[command, "--text", &line, "--offline", "--format", "json"]);
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{command} {owner}: {error}: {}", text(&output.stderr)));
        // Where the domain and the record stand, by command.
        let (domain, judged) = match (command, owner) {
            ("dkim", _) => ("/keys/0/domain", "/keys/0/records/0"),
            ("spf", _) => ("/domain", "/records/0"),
            ("transport", "_mta-sts.") => ("/domain", "/mta_sts/record"),
            ("transport", _) => ("/domain", "/tls_rpt/record"),
            _ => ("/domain", "/record"),
        };
        let at = |pointer: &str| answer.pointer(pointer).and_then(|value| value.as_str());
        assert_eq!(at(domain), Some("example.com"), "{command} {owner}: {answer:#}");
        assert_eq!(at(judged), Some(record), "{command} {owner}: {answer:#}");
    }
    // A record of MTA-STS is none of TLS reports, whatever its id looks like.
    let output = mailvet_in(
        folder.path(),
        &["transport", "example.com", "--text", "v=STSv1; id=20260101rua", "--offline"],
    );
    assert!(!text(&output.stdout).contains("MTA-STS unknown"), "{}", text(&output.stdout));
}

/// The demo judges nothing but itself.
#[test]
fn the_demo_takes_nothing_else_in_silence() {
    let folder = good_files();
    for flags in [
        "--reports good.xml",
        "--message good.eml",
        "--log mail.log",
        "--selector s1",
        "--mail-from a@example.com",
        "--relay relay.example.com",
        "--list bl.example.net",
        "--probe",
    ] {
        let args: Vec<&str> = ["audit", "--demo"].into_iter().chain(flags.split(' ')).collect();
        let output = mailvet_in(folder.path(), &args);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{flags}: {said}");
        let flag = flags.split(' ').next().unwrap();
        assert!(
            said.starts_with(&format!("error: the argument '--demo' cannot be used with '{flag}")),
            "{flags}: {said}"
        );
        assert!(output.stdout.is_empty(), "{flags}: {}", text(&output.stdout));
    }
    let alone = mailvet_in(folder.path(), &["audit", "--demo", "--fail-on", "never"]);
    assert_eq!(alone.status.code(), Some(0), "{}", text(&alone.stderr));
}

/// Lines of a queue's listing that nobody understood may hold the worst.
#[test]
fn a_torn_listing_of_the_queue_is_not_clean() {
    let folder = good_files();
    let whole = std::fs::read_to_string(folder.path().join("queue.json")).unwrap();
    std::fs::write(folder.path().join("torn.json"), format!("{whole}{}", &whole[..whole.len() / 2])).unwrap();
    for (file, code) in [("queue.json", 0), ("torn.json", 3)] {
        let output = mailvet_in(folder.path(), &["queue", file, "--fail-on", "critical"]);
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{file}: {said}");
    }
}
