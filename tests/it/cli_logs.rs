//! `mailvet triage` and `traffic` from end to end: proof by MX records, tables
//! for tickets and spreadsheets, new dialects alone, mixed and packed.

use std::io::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::cli::mailvet;

const LOG: &str = "\
Mar 10 09:00:00 app1 postfix/qmgr[9]: 4ABCDEF001: from=<app@shop.example>, size=2345, nrcpt=1 (queue active)
Mar 10 09:00:02 app1 postfix/smtp[9]: 4ABCDEF001: to=<a@client.example>, relay=mail.hoster.test[192.0.2.7]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok)
Mar 10 09:00:02 app1 postfix/qmgr[9]: 4ABCDEF001: removed
";

fn zone(mx: &str) -> String {
    format!(
        "$ORIGIN client.example.\n$TTL 3600\n@ SOA ns h 1 3600 600 86400 300\n@ NS ns\nns A 192.0.2.1\n@ MX 10 {mx}\n"
    )
}

fn status(args: &[&str]) -> String {
    let output = mailvet(args);
    let value: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{args:?}: {error}: {}", String::from_utf8_lossy(&output.stderr)));
    value["messages"][0]["recipients"][0]["status"].as_str().unwrap_or_default().to_owned()
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

/// Taken by a host nobody can place: delivered only once the DNS, asked on
/// purpose, names that host; silence and other hosts prove nothing.
#[test]
fn mx_records_prove_a_delivery_only_where_they_are_asked() {
    let folder = tempfile::tempdir().unwrap();
    let log = write(folder.path(), "mail.log", LOG);
    let yes = write(folder.path(), "yes.zone", &zone("mail.hoster.test."));
    let no = write(folder.path(), "no.zone", &zone("mx.other.test."));
    let base = ["triage", &log, "--format", "json", "--offline", "--recipient", "a@client.example"];
    let with = |more: &[&str]| status(&[&base[..], more].concat());
    assert_eq!(with(&[]), "accepted-by-relay");
    assert_eq!(with(&["--zone", &yes]), "accepted-by-relay", "not asked for");
    assert_eq!(with(&["--ask-mx"]), "accepted-by-relay", "nothing answers");
    assert_eq!(with(&["--ask-mx", "--zone", &no]), "accepted-by-relay");
    assert_eq!(with(&["--ask-mx", "--zone", &yes]), "delivered");
    let kept = folder.path().join("run.json").display().to_string();
    assert_eq!(with(&["--ask-mx", "--zone", &yes, "--record", &kept]), "delivered");
    let replayed = ["triage", &log, "--format", "json", "--replay", &kept, "--recipient", "a@client.example"];
    assert_eq!(status(&[&replayed[..], &["--ask-mx"]].concat()), "delivered", "from the recording alone");
}

#[test]
fn traffic_as_tables_lets_no_log_write_markup_or_formulas() {
    let folder = tempfile::tempdir().unwrap();
    let hostile = LOG.replace("a@client.example", "x@=cmd()<script>.example").replace(
        "status=sent (250 2.0.0 Ok)",
        "status=bounced (host x said: 550 =1+1 <script>alert(1)</script> | [y](http://e.test) \u{1b}[31m)",
    );
    let log = write(folder.path(), "mail.log", &format!("{LOG}{hostile}"));
    let text = |format: &str| {
        let output = mailvet(&["traffic", &log, "--format", format]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    for format in ["csv", "html", "markdown"] {
        let text = text(format);
        assert!(!text.contains('\u{1b}'), "{format}: {text}");
        assert!(text.contains("client.example"), "{format}: {text}");
    }
    let csv = text("csv");
    assert!(csv.starts_with("kind,name,ending,received,delivered,"), "{csv}");
    let total = csv.lines().nth(1).unwrap();
    assert!(total.starts_with("\"total\",\"\",\"\",\"0\",\"1\",\"0\",\"1\""), "{total}");
    assert!(csv.lines().all(|line| !line.contains(",\"=")), "{csv}");
    assert!(!text("html").contains("<script>") && !text("markdown").replace("\\]", "").contains("](http"));
    assert_eq!(mailvet(&["traffic", &log, "--format", "sarif"]).status.code(), Some(2));
}

const APPLIANCE: &str = "\
Tue Mar 10 09:00:00 2026 Info: MID 77 ICID 5 From: <app@shop.example>
Tue Mar 10 09:00:00 2026 Info: MID 77 ICID 5 RID 0 To: <a@client.example>
Tue Mar 10 09:00:00 2026 Info: MID 77 ICID 5 RID 1 To: <b@client.example>
Tue Mar 10 09:00:01 2026 Info: New SMTP DCID 9 interface 192.0.2.1 address 192.0.2.7 port 25
Tue Mar 10 09:00:02 2026 Info: Message done DCID 9 MID 77 to RID [0]
Tue Mar 10 09:00:02 2026 Info: Bounced: DCID 9 MID 77 to RID 1 - 5.1.0 - Unknown address error ('550', ['5.1.1 no such user']) []
Tue Mar 10 09:00:03 2026 Info: Message finished MID 77 done
";

const EVENTS: &str = r#"{"RecordType":"Delivery","MessageID":"883953f4-6105","Recipient":"a@client.example","DeliveredAt":"2026-03-10T09:00:01Z","Details":"250 2.0.0 ok"}
{"RecordType":"Bounce","Type":"HardBounce","MessageID":"883953f4-6106","Email":"b@client.example","BouncedAt":"2026-03-10T09:00:02Z","Details":"smtp;550 5.1.1 no such user"}
"#;

const RECORDS: &str = r#"{"type":"Delivery","id":"1d98076abbbc11ed","sender":"app@shop.example","recipient":"a@client.example","queue":"client.example","site":"s","size":1047,"response":{"code":250,"enhanced_code":null,"content":"ok"},"peer_address":{"name":"mx.client.example.","addr":"192.0.2.7"},"timestamp":1773133201,"nodeid":"n"}
{"type":"Bounce","id":"1d98076abbbc11ef","sender":"app@shop.example","recipient":"b@client.example","queue":"client.example","site":"s","size":1047,"response":{"code":550,"enhanced_code":{"class":5,"subject":1,"detail":1},"content":"no such user"},"peer_address":{"name":"mx.client.example.","addr":"192.0.2.7"},"timestamp":1773133202,"nodeid":"n"}
"#;

const ACCOUNTING: &str = "\
type,timeLogged,timeQueued,orig,rcpt,dsnAction,dsnStatus,dsnDiag,dsnMta
d,2026-03-10 09:00:01+0000,2026-03-10 09:00:00+0000,app@shop.example,a@client.example,relayed,2.0.0 (success),smtp;250 ok,mx.client.example (192.0.2.7)
b,2026-03-10 09:00:02+0000,2026-03-10 09:00:00+0000,app@shop.example,b@client.example,failed,5.1.1 (bad destination mailbox address),smtp;550 5.1.1 no such user,mx.client.example (192.0.2.7)
";

/// Each dialect alone, beside a Postfix log, and packed: a verdict per recipient,
/// and no delivery without a host that is known to be the recipient's.
#[test]
fn dialects_are_told_apart_alone_mixed_and_packed() {
    let folder = tempfile::tempdir().unwrap();
    let other = write(folder.path(), "mail.log", LOG);
    for (name, text, taken) in [
        ("cisco-esa", APPLIANCE, "accepted-by-relay"),
        ("postmark", EVENTS, "delivered"),
        ("kumomta", RECORDS, "delivered"),
        ("powermta", ACCOUNTING, "delivered"),
    ] {
        let log = write(folder.path(), &format!("{name}.txt"), text);
        let packed = folder.path().join(format!("{name}.gz"));
        let mut writer = flate2::write::GzEncoder::new(
            std::fs::File::create(&packed).unwrap(),
            flate2::Compression::fast(),
        );
        writer.write_all(text.as_bytes()).unwrap();
        writer.finish().unwrap();
        let packed = packed.display().to_string();
        for files in [vec![log.as_str()], vec![packed.as_str()], vec![other.as_str(), log.as_str()]] {
            let of = |recipient: &str| {
                let args = ["triage", "--offline", "--format", "json", "--recipient", recipient];
                let output = mailvet(&[&args[..], &files].concat());
                let value: Value = serde_json::from_slice(&output.stdout).unwrap();
                let dialects = value["searched"]["dialects"].to_string();
                assert!(dialects.contains(name), "{files:?}: {dialects}");
                let told: Vec<String> = value["messages"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .flat_map(|message| message["recipients"].as_array().unwrap())
                    .map(|one| {
                        format!("{} {}", one["status"].as_str().unwrap(), one["cause"].as_str().unwrap())
                    })
                    .collect();
                told
            };
            assert!(of("b@client.example").contains(&"bounced unknown-user".to_owned()), "{name} {files:?}");
            let first = of("a@client.example");
            assert!(first.iter().any(|told| told.starts_with(taken)), "{name} {files:?}: {first:?}");
        }
    }
}

/// A filter that hands back under ever new ids: eight times the hops, not the square of it.
#[test]
fn long_chains_of_hand_overs_grow_with_their_length() {
    let folder = tempfile::tempdir().unwrap();
    let fastest = |hops: u32| {
        let text: String = (0..hops)
            .map(|hop| {
                format!(
                    "Mar 10 10:00:00 mx postfix/smtp[1]: {hop:09X}A: to=<b@example.org>, relay=127.0.0.1[127.0.0.1]:10025, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {:09X}A)\n",
                    hop + 1
                )
            })
            .collect();
        let log = write(folder.path(), "chain.log", &text);
        let run = || {
            let begun = std::time::Instant::now();
            assert!(!mailvet(&["triage", &log, "--offline", "--format", "json"]).stdout.is_empty());
            begun.elapsed().as_secs_f64()
        };
        (0..3).map(|_| run()).fold(f64::MAX, f64::min)
    };
    let (short, long) = (fastest(500), fastest(4000));
    assert!(long < 24.0 * short, "{short} s for 500 hops, {long} s for 4000; the square would be 64 times");
}
