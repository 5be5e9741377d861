//! `mailvet dkim` and `mailvet dmarc` as a script meets them: JSON, exit codes,
//! bad input. Answers come from zone files; nothing is asked.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cli::mailvet;

/// Zones of a sender with a few faults; the TLD is here so that walks end.
const ZONE: &str = "\
$ORIGIN example.
$TTL 3600
@ SOA ns h 1 3600 600 86400 300
@ NS ns
ns A 192.0.2.1
good TXT \"v=spf1 ip4:192.0.2.25 -all\"
_dmarc.good TXT \"v=DMARC1; p=reject; sp=quarantine; adkim=r; rua=mailto:agg@good.example\"
good MX 10 mx.good
mx.good A 192.0.2.2
s1._domainkey.good TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"
_dmarc.bad TXT \"v=DMARC1; p=rejct; rua=agg@good.example\"
s1._domainkey.bad TXT \"v=DKIM1; k=rsa; p=\"
s2._domainkey.bad TXT \"v=DKIM1; p=MIIB*\"
esp TXT \"v=spf1 ip4:192.0.2.25 -all\"
";

/// The private half of the key at `s1._domainkey.good.example` (RFC 8463 appendix A.2).
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("example.zone"), ZONE).unwrap();
    folder
}

/// Runs with the zone and JSON; the object and the exit code.
fn json(folder: &Path, args: &[&str]) -> (Value, i32) {
    let zone = folder.join("example.zone").display().to_string();
    let mut all = args.to_vec();
    all.extend(["--zone", &zone, "--offline", "--format", "json"]);
    let output = mailvet(&all);
    let shown = String::from_utf8_lossy(&output.stderr).into_owned();
    let value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}: {shown}"));
    (value, output.status.code().unwrap())
}

#[test]
fn dkim_lists_keys_with_their_problems() {
    let folder = folder();
    let (good, code) = json(folder.path(), &["dkim", "good.example", "--selector", "s1"]);
    assert_eq!((&good["schema"], code), (&Value::from("mailvet/dkim/1"), 0));
    assert_eq!((&good["keys"][0]["algorithm"], &good["keys"][0]["bits"]), (&"ed25519".into(), &256.into()));
    let (bad, code) = json(folder.path(), &["dkim", "bad.example", "--selector", "s1", "--selector", "s2"]);
    assert_eq!(code, 1);
    let codes: Vec<_> =
        bad["keys"].as_array().unwrap().iter().map(|k| k["problems"][0]["code"].clone()).collect();
    assert_eq!(codes, ["dkim-key-revoked", "dkim-key-syntax"]);
    assert_eq!(bad["keys"][1]["problems"][0]["span"], serde_json::json!([15, 16]));
    // No usual selector is there: unknown, not missing.
    let (guessed, code) = json(folder.path(), &["dkim", "esp.example"]);
    assert_eq!((guessed["keys"].as_array().unwrap().len(), code), (0, 3));
}

#[test]
fn a_private_key_is_compared_with_the_published_one() {
    let folder = folder();
    let key: PathBuf = folder.path().join("good.key");
    std::fs::write(&key, KEY).unwrap();
    let path = key.display().to_string();
    let (same, code) =
        json(folder.path(), &["dkim", "good.example", "--selector", "s1", "--private-key", &path]);
    assert_eq!((&same["private_keys"][0]["matches"], code), (&Value::Bool(true), 0));
    let table = folder.path().join("KeyTable");
    std::fs::write(&table, format!("k1 good.example:s1:{path}\nk2 bad.example:s1:good.key\n")).unwrap();
    let (both, code) = json(folder.path(), &["dkim", "--key-table", &table.display().to_string()]);
    let matches: Vec<_> =
        both["private_keys"].as_array().unwrap().iter().map(|k| k["matches"].clone()).collect();
    assert_eq!((matches, code), (vec![Value::Bool(true), Value::Bool(false)], 1));
}

#[test]
fn a_new_key_pair_fits_its_record() {
    let folder = folder();
    for kind in ["ed25519", "rsa"] {
        let file = folder.path().join(format!("{kind}.key")).display().to_string();
        let args = ["dkim", "keygen", "--domain", "new.example", "--selector", "s9", "--algorithm", kind];
        let mut all = args.to_vec();
        all.extend(["--key-file", &file, "--format", "json"]);
        let output = mailvet(&all);
        let made: Value = serde_json::from_slice(&output.stdout).unwrap();
        let strings = made["strings"].as_array().unwrap();
        assert!(strings.iter().all(|s| s.as_str().unwrap().len() <= 255));
        // The record, once published, is the private key's other half.
        let zone = format!(
            "$ORIGIN example.\n$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n{}\n",
            made["zone_line"].as_str().unwrap()
        );
        std::fs::write(folder.path().join("example.zone"), zone).unwrap();
        let (same, code) =
            json(folder.path(), &["dkim", "new.example", "--selector", "s9", "--private-key", &file]);
        assert_eq!((&same["private_keys"][0]["matches"], code), (&Value::Bool(true), 0), "{same}");
        // An existing key is never overwritten.
        assert_eq!(mailvet(&all).status.code(), Some(2));
    }
}

#[test]
fn dmarc_tells_record_policy_and_problems() {
    let folder = folder();
    let (good, code) = json(folder.path(), &["dmarc", "mail.good.example"]);
    assert_eq!(code, 0, "{good}");
    assert_eq!(
        (&good["found_at"], &good["organizational_domain"]),
        (&"good.example".into(), &"good.example".into())
    );
    assert_eq!((&good["policy"], &good["subdomain_policy"]), (&"reject".into(), &"quarantine".into()));
    assert_eq!(good["effective_policy"], "quarantine");
    let (bad, code) = json(folder.path(), &["dmarc", "bad.example"]);
    assert_eq!((&bad["problems"][0]["code"], code), (&"dmarc-syntax".into(), 1));
    let text = "v=DMARC1; p=none; rua=mailto:a@good.example";
    let (given, code) = json(folder.path(), &["dmarc", "good.example", "--text", text]);
    assert_eq!((&given["record"], &given["policy"], code), (&text.into(), &"none".into(), 0));
}

#[test]
fn dmarc_judges_given_results() {
    let folder = folder();
    let judge = |args: &[&str]| {
        let mut all = vec!["dmarc", "--from", "Ann <ann@good.example>"];
        all.extend(args);
        json(folder.path(), &all)
    };
    let (pass, code) = judge(&["--spf", "pass:bounce.good.example", "--dkim", "fail:good.example"]);
    assert_eq!((&pass["result"], &pass["spf_aligned"], code), (&"pass".into(), &true.into(), 0), "{pass}");
    assert_eq!((&pass["dkim_aligned"], &pass["disposition"]), (&false.into(), &"none".into()));
    let (fail, code) = judge(&["--spf", "pass:esp.example", "--dkim", "pass:esp.example"]);
    assert_eq!(
        (&fail["result"], &fail["disposition"], code),
        (&"fail".into(), &"reject".into(), 1),
        "{fail}"
    );
    let (none, _) = json(folder.path(), &["dmarc", "--from", "a@esp.example", "--spf", "pass:esp.example"]);
    assert_eq!(none["result"], "none");
}

#[test]
fn dmarc_predicts_before_the_first_mail() {
    let folder = folder();
    let args = ["dmarc", "good.example", "--ip", "192.0.2.25", "--selector", "s1"];
    let (both, code) = json(folder.path(), &args);
    assert_eq!(
        (&both["prediction"]["direct"], &both["prediction"]["forwarded"]),
        (&"pass".into(), &"pass".into())
    );
    assert_eq!(code, 0);
    let (spf, _) = json(folder.path(), &args[..4]);
    assert_eq!(
        (&spf["prediction"]["direct"], &spf["prediction"]["forwarded"]),
        (&"pass".into(), &"fail".into())
    );
}

#[test]
fn bad_input_is_explained() {
    for (args, part) in [
        (&["dmarc", "--from", "nobody", "--spf", "pass:a.example"][..], "names no single domain"),
        (&["dmarc", "--from", "a@b.example", "--spf", "good:b.example"], "the results are"),
        (&["dmarc", "--from", "a@b.example", "--dkim", "pass"], "RESULT:DOMAIN"),
        (&["dkim", "192.0.2.1"], "IP address"),
        (&["dkim"], "DOMAIN"),
        (&["dkim", "keygen", "--domain", "a b", "--selector", "s"], "--domain"),
        (&["dkim", "--key-table", "/nonexistent/KeyTable"], "/nonexistent/KeyTable"),
    ] {
        let output = mailvet(args);
        let shown = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {shown}");
        assert!(shown.contains(part), "{args:?}: {shown}");
    }
}

#[test]
fn bimi_judges_record_logo_and_certificate() {
    let folder = folder();
    let zone = format!(
        "{ZONE}default._bimi.good TXT \"v=BIMI1; l=https://good.example/logo.svg; a=https://good.example/m.pem\"\n"
    );
    std::fs::write(folder.path().join("example.zone"), zone).unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let svg = file(
        "logo.svg",
        "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.2\" baseProfile=\"tiny-ps\" viewBox=\"0 0 9 9\">\n\
         <title>Good</title><rect width=\"9\" height=\"9\"/></svg>\n",
    );
    let (value, code) = json(folder.path(), &["bimi", "good.example", "--logo", &svg]);
    assert_eq!((&value["schema"], code), (&"mailvet/bimi/1".into(), 0));
    assert_eq!((&value["logo"]["title"], &value["logo"]["faults"]), (&"Good".into(), &serde_json::json!([])));
    assert_eq!(value["authority"], "https://good.example/m.pem");
    let outcome = |value: &Value, wanted: &str| {
        let all = value["results"].as_array().unwrap();
        all.iter().find(|one| one["code"] == wanted).unwrap()["outcome"].clone()
    };
    assert_eq!(outcome(&value, "bimi-logo-invalid"), "pass");
    // Named and not given is unknown, not missing.
    assert_eq!(outcome(&value, "bimi-certificate-invalid"), "unknown");
    let bad = file("bad.svg", "<svg><script>1</script></svg>");
    let (value, code) = json(
        folder.path(),
        &["bimi", "good.example", "--logo", &bad, "--certificate", &bad, "--fail-on", "low"],
    );
    assert_eq!((outcome(&value, "bimi-logo-invalid"), code), ("fail".into(), 1));
    assert_eq!(outcome(&value, "bimi-certificate-invalid"), "fail");
    let shown = mailvet(&["bimi", "good.example", "--offline", "--logo", &bad]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("faults") && shown.contains("scripts are refused"), "{shown}");
}

#[test]
fn rspamd_signing_sections_are_compared() {
    let folder = folder();
    std::fs::write(folder.path().join("good.key"), KEY).unwrap();
    let conf = folder.path().join("dkim_signing.conf");
    std::fs::write(&conf, "allow_username_mismatch = true;\ndomain {\n  good.example { path = \"good.key\"; selector = \"s1\"; }\n}\n")
        .unwrap();
    let (value, code) = json(folder.path(), &["dkim", "--key-table", &conf.display().to_string()]);
    assert_eq!((&value["private_keys"][0]["matches"], code), (&true.into(), 0), "{value}");
    std::fs::write(&conf, "domain {\n good.example {\n  path = x;\n").unwrap();
    let output = mailvet(&["dkim", "--key-table", &conf.display().to_string(), "--offline"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("line 4"), "{output:?}");
}

/// Lines of several programs; the mail is signed with s1, with `gone` before that,
/// and mail of others comes in.
fn signing_log() -> String {
    let mut log = String::from(
        "Nov 20 09:00:00 mx opendkim[8]: 3AAAA0: DKIM-Signature field added (s=gone, d=good.example)\n",
    );
    for number in 0..30 {
        log.push_str(&format!(
            "Nov 20 10:00:{number:02} mx opendkim[8]: 4BBBB{number}: DKIM-Signature field added (s=s1, d=good.example)\n\
             Nov 20 10:00:{number:02} mx postfix/smtp[9]: 4BBBB{number}: to=<u@example.net>, relay=mx.example.net[192.0.2.9]:25, delay=1, dsn=2.0.0, status=sent (250 ok)\n\
             Nov 20 10:00:{number:02} mx opendkim[8]: 5CCCC{number}: s=in d=other.example SSL \n\
             Nov 20 10:00:{number:02} mx opendkim[8]: 5CCCC{number}: DKIM verification successful\n"
        ));
    }
    log
}

#[test]
fn selectors_are_read_from_logs() {
    let folder = folder();
    let plain = folder.path().join("mail.log");
    std::fs::write(&plain, signing_log()).unwrap();
    let plain = plain.display().to_string();
    let (good, code) = json(folder.path(), &["dkim", "good.example", "--log", &plain]);
    let keys: Vec<_> = good["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| {
            (
                key["name"].as_str().unwrap(),
                key["origin"].as_str().unwrap(),
                key["source"].clone(),
                &key["in_use"],
            )
        })
        .collect();
    let from = |line: u32| Value::from(format!("{plain}:{line}"));
    assert_eq!(
        keys,
        [
            ("s1._domainkey.good.example", "log", from(118), &Value::Bool(true)),
            ("gone._domainkey.good.example", "log", from(1), &Value::Null),
        ]
    );
    // The retired one is no fault, and the inbound one was not asked for.
    assert_eq!(code, 0, "{good}");
    // Packed, in an audit: the same selector, a recording that holds it, and no domain at all.
    let packed = folder.path().join("packed.gz");
    let mut gz =
        flate2::write::GzEncoder::new(std::fs::File::create(&packed).unwrap(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gz, signing_log().replace("good.example", "bad.example").as_bytes())
        .unwrap();
    gz.finish().unwrap();
    let packed = packed.display().to_string();
    let kept = folder.path().join("run.json").display().to_string();
    let missing = |report: &Value| {
        let results = report["results"].as_array().unwrap();
        let one = results.iter().find(|result| result["code"] == "dkim-key-revoked").unwrap();
        (one["outcome"].clone(), one["problems"][0]["summary"].as_str().unwrap_or_default().to_owned())
    };
    let (report, _) = json(folder.path(), &["audit", "bad.example", "--log", &packed, "--record", &kept]);
    assert_eq!(
        missing(&report),
        ("fail".into(), "s1._domainkey.bad.example has an empty p=: the key is revoked".to_owned())
    );
    let replayed = mailvet(&["audit", "--replay", &kept, "--format", "json"]);
    assert_eq!(missing(&serde_json::from_slice(&replayed.stdout).unwrap()), missing(&report));
    let (all, _) = json(folder.path(), &["dkim", "--log", &packed]);
    assert_eq!(all["keys"][0]["name"], "s1._domainkey.bad.example");
    // A filter's own log is no mail log, and names selectors all the same; other text is refused.
    let own = folder.path().join("rspamd.log");
    std::fs::write(&own, "2026-11-20 10:00:01 #31(normal) <ab12cd>; task; rspamd_task_write_log: (default: F (no action): [0/15] [DKIM_SIGNED(0.00){bad.example:s=s1;}])\n").unwrap();
    let (report, _) = json(folder.path(), &["audit", "bad.example", "--log", &own.display().to_string()]);
    assert_eq!(missing(&report).0, "fail");
    std::fs::write(&own, "no log at all\n").unwrap();
    let refused = mailvet(&["audit", "bad.example", "--offline", "--log", &own.display().to_string()]);
    assert_eq!(refused.status.code(), Some(2));
}

/// With files in the place of what the record names, the record is asked for all the same.
#[test]
fn bimi_files_do_not_hide_the_record() {
    let folder = folder();
    let (logo, certificate) = (folder.path().join("logo.svg"), folder.path().join("vmc.pem"));
    std::fs::write(&logo, "<svg/>").unwrap();
    std::fs::write(&certificate, "no certificate").unwrap();
    let (logo, certificate) = (logo.display().to_string(), certificate.display().to_string());
    let (seen, _) =
        json(folder.path(), &["bimi", "good.example", "--logo", &logo, "--certificate", &certificate]);
    assert_eq!((&seen["record"], &seen["gap"]), (&Value::Null, &Value::Null), "{seen:#}");
    let missing = mailvet(&["dkim", "--log", &folder.path().join("absent.log").display().to_string()]);
    let said = String::from_utf8_lossy(&missing.stderr).into_owned();
    assert_eq!((missing.status.code(), said.matches("No such file").count()), (Some(2), 1), "{said}");
}

/// A key record as a vendor's page, dig or a zone file shows it is judged before it is published.
#[test]
fn a_key_record_is_judged_from_its_text() {
    let folder = folder();
    let key = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    let codes = |text: &str| {
        let (given, code) =
            json(folder.path(), &["dkim", "good.example", "--selector", "S9", "--text", text]);
        let checks = given["results"].as_array().unwrap();
        let failed = checks.iter().filter(|check| check["outcome"] == "fail");
        (failed.map(|check| check["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>(), code)
    };
    assert_eq!(codes(&format!("v=DKIM1; k=ed25519; p={key}")).0, [""; 0]);
    let pasted = format!("s9._domainkey.good.example. 300 IN TXT \"v=DKIM1; k=ed25519; \" \"p={key}\"");
    assert_eq!(codes(&pasted).0, [""; 0]);
    let (failed, code) = codes(&format!("k=ed25519; v=DKIM1; p={key}"));
    assert_eq!((failed, code), (vec!["dkim-key-syntax".to_owned()], 1));
}

/// A record as it is pasted, by every command that judges one: the owner in the line is the name,
/// and without one what depends on the name is not judged.
#[test]
fn a_pasted_line_names_its_owner() {
    let cases: &[(&[&str], &str, Option<i32>)] = &[
        (
            &[
                "dmarc",
                "--text",
                "_dmarc.example.com. 300 IN TXT \"v=DMARC1; p=reject; rua=reports@example.com\"",
            ],
            "_dmarc.example.com. TXT \"v=DMARC1; p=reject; rua=mailto:reports@example.com\"",
            None,
        ),
        (
            &["dmarc", "--text", "v=DMARC1; p=reject; rua=mailto:a@elsewhere.example"],
            "record.invalid",
            Some(0),
        ),
        (&["dmarc", "--text", "V=DMARC1; p=reject"], "some receivers ignore the record", None),
        (&["spf", "--text", "example.com.\tTXT\t\"v=spf1 ip4:11.2.3.4 all\""], "example.com", None),
        (&["spf", "--text", "v=spf1 ip4:11.2.3.4 -all"], "record.invalid", Some(0)),
        (&["spf", "--text", "v=spf1 mx -all"], "\"mx\" means the owner's own hosts", Some(2)),
        (&["spf", "--text", "v=spf1 exists:%{i}.x.example -all"], "give DOMAIN", Some(2)),
        (
            &["dkim", "--text", "s7._domainkey.example.com. TXT \"v=DKIM1; k=rsa; p=nope\""],
            "s7._domainkey.example.com",
            Some(1),
        ),
        (
            &["bimi", "--text", "default._bimi.example.com. IN TXT \"v=BIMI1; l=http://a.example/x.svg\""],
            "default._bimi.example.com",
            None,
        ),
        (&["transport", "--text", "v=TLSRPTv1; rua=tls@example.com"], "rua=mailto:tls@example.com", None),
        (&["transport", "--text", "v=TLSRPTv1; rua=mailto:tls@example.com"], "record.invalid", Some(0)),
        (&["transport", "--text", "v=STSv1; id=2026-01-01;"], "id=20260101", None),
        (&["transport"], "no domain is given", Some(2)),
    ];
    for (args, wanted, code) in cases {
        let output = mailvet(&[*args, &["--offline"]].concat());
        let text = String::from_utf8_lossy(&output.stdout).replace('\n', " ")
            + &String::from_utf8_lossy(&output.stderr);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(wanted), "{args:?}: {text}");
        assert!(!text.contains("dmarc-report-unauthorised"), "{args:?}: {text}");
        if let Some(code) = code {
            assert_eq!(output.status.code(), Some(*code), "{args:?}: {text}");
        }
    }
}
