//! `mailvet.toml`: every key is in the README and in the schema, errors name file and line, and
//! what it says of targets, demands, ignores and zones holds.

use serde_json::Value;

use crate::cli::{ZONE, mailvet_in, text};
use crate::root;

fn folder(settings: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mailvet.toml"), settings).unwrap();
    folder
}

fn schema() -> Value {
    let printed = mailvet_in(root(), &["schema", "config"]);
    assert_eq!(printed.status.code(), Some(0), "{}", text(&printed.stderr));
    serde_json::from_slice(&printed.stdout).unwrap()
}

/// The settings that the README shows.
fn documented() -> String {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let block = readme.split("```toml\n").nth(1).unwrap();
    block.split("```").next().unwrap().to_owned()
}

#[test]
fn the_readme_shows_every_key_and_its_example_holds() {
    let example: toml::Table = documented().parse().unwrap();
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let as_json = serde_json::to_value(&example).unwrap();
    let wrong: Vec<String> = validator.iter_errors(&as_json).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    // What the schema knows, the example has.
    let schema = schema();
    let mut missing = Vec::new();
    keys(&schema, &schema, &as_json, "", &mut missing);
    assert!(missing.is_empty(), "not in the README: {missing:?}");
    let folder = folder(&documented());
    std::fs::write(folder.path().join("sample.eml"), "From: a@example.com\n\nx\n").unwrap();
    std::fs::write(folder.path().join("mail.log"), "").unwrap();
    std::fs::create_dir(folder.path().join("reports")).unwrap();
    let run = mailvet_in(folder.path(), &["explain", "spf-missing"]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    let run = mailvet_in(folder.path(), &["spf", "example.com", "--offline"]);
    assert!(!text(&run.stderr).contains("mailvet.toml"), "{}", text(&run.stderr));
}

fn keys(schema: &Value, part: &Value, example: &Value, path: &str, missing: &mut Vec<String>) {
    let part = match part["$ref"].as_str() {
        Some(name) => schema.pointer(name.trim_start_matches('#')).unwrap(),
        None => part,
    };
    if let Some(properties) = part["properties"].as_object() {
        for (name, inner) in properties {
            match example.get(name) {
                None => missing.push(format!("{path}{name}")),
                Some(value) => keys(schema, inner, value, &format!("{path}{name}."), missing),
            }
        }
    }
    if let (Some(items), Some(first)) = (part.get("items"), example.get(0)) {
        keys(schema, items, first, path, missing);
    }
}

#[test]
fn errors_name_file_and_line() {
    let cases = [
        ("fail-on = \"high\"\nfail_on = \"low\"\n", "line 2"),
        ("\n[severity]\nspf-mising = \"low\"\n", "mailvet.toml:3"),
        ("[severity]\n\nspf-missing = \"bad\"\n", "mailvet.toml:3"),
        ("[[ignore]]\ncode = \"no-such\"\nreason = \"x\"\n", "mailvet.toml:2"),
        ("[[ignore]]\ncode = \"spf-missing\"\nreason = \"x\"\nuntil = \"soon\"\n", "mailvet.toml:4"),
        ("[[target]]\ndomain = \"a b\"\n", "mailvet.toml:2"),
        ("[[target]]\ndomain = \"example.com\"\nrole = \"king\"\n", "mailvet.toml:3"),
        ("[require]\ndmarc.min-policy = \"all\"\n", "line 2"),
        ("[[zone]]\nserved-by = \"me\"\n", "line 2"),
    ];
    for (settings, wanted) in cases {
        let run = mailvet_in(folder(settings).path(), &["spf", "example.com", "--offline"]);
        let said = text(&run.stderr);
        assert_eq!(run.status.code(), Some(2), "{settings}: {said}");
        assert!(said.contains("mailvet.toml") && said.contains(wanted), "{settings}: {said}");
    }
}

const TWO: &str = "[[target]]\ndomain = \"example.com\"\nselectors = [\"s1\"]\n[[target]]\ndomain = \"example.org\"\n\
                   role = \"parked\"\n";

#[test]
fn an_audit_without_a_name_is_of_every_target() {
    let folder = folder(TWO);
    let run = mailvet_in(folder.path(), &["audit", "--offline", "--format", "json"]);
    let report: Value =
        serde_json::from_slice(&run.stdout).unwrap_or_else(|_| panic!("{}", text(&run.stderr)));
    assert_eq!(report["schema"], "mailvet/audits/1");
    let targets: Vec<&Value> =
        report["reports"].as_array().unwrap().iter().map(|one| &one["target"]).collect();
    assert_eq!(
        (&targets[0]["domain"], &targets[1]["domain"]),
        (&"example.com".into(), &"example.org".into())
    );
    assert_eq!(targets[0]["selectors"], serde_json::json!(["s1"]));
    // Nothing was answered: an audit of nobody is not clean.
    assert_eq!(run.status.code(), Some(3));
    let of = |format: &str| {
        let run = mailvet_in(folder.path(), &["audit", "--offline", "--format", format]);
        assert_eq!(run.status.code(), Some(3), "{format}: {}", text(&run.stderr));
        let said = text(&run.stdout);
        for domain in ["example.com", "example.org"] {
            assert!(said.contains(domain), "{format} says nothing of {domain}: {said}");
        }
        said
    };
    for format in ["terminal", "sarif", "markdown", "github", "csv"] {
        of(format);
    }
    let whole = of("junit");
    assert_eq!(
        (whole.matches("<testsuites").count(), whole.matches("</testsuites>").count()),
        (1, 1),
        "{whole}"
    );
    let page = of("html");
    for once in ["<body>", "</body>", "<!DOCTYPE html>", "</html>", "<title>"] {
        assert_eq!(page.matches(once).count(), 1, "{once}");
    }
    let plugin = of("nagios");
    let lines: Vec<&str> = plugin.lines().collect();
    assert!(lines[0].starts_with("MAILVET UNKNOWN - ") && lines.len() == 3, "{plugin}");
    assert_eq!(plugin.matches('|').count(), 1, "{plugin}");
    assert!(lines[0].contains("'example.com score'=U;;;0;100 'example.org score'=U;;;0;100"), "{plugin}");
    let metrics = of("prometheus");
    let heads: Vec<&str> = metrics.lines().filter(|line| line.starts_with("# TYPE ")).collect();
    let once: std::collections::BTreeSet<&&str> = heads.iter().collect();
    assert_eq!(heads.len(), once.len(), "a metric has two heads: {heads:?}");
    // Samples of a metric stand together behind its head.
    let mut metric = String::new();
    for line in metrics.lines() {
        match line.strip_prefix("# TYPE ") {
            Some(rest) => metric = rest.split(' ').next().unwrap().to_owned(),
            None if line.starts_with('#') => {}
            None => assert!(line.starts_with(&format!("{metric}{{")), "{line} behind {metric}"),
        }
    }
    // The printed settings of an IBM i are read as --ibmi reads them.
    let system = self::folder("[[target]]\ndomain = \"example.com\"\nibmi = [\"no-such.txt\"]\n");
    let run = mailvet_in(system.path(), &["audit", "--offline"]);
    assert_eq!(run.status.code(), Some(2));
    assert!(text(&run.stderr).contains("no-such.txt"), "{}", text(&run.stderr));
    // One that is named takes the rest from its target, and a flag wins.
    let named = |more: &[&str]| {
        let mut args = vec!["audit", "Example.com.", "--offline", "--format", "json"];
        args.extend(more);
        let run = mailvet_in(folder.path(), &args);
        let report: Value = serde_json::from_slice(&run.stdout).unwrap();
        report["target"]["selectors"].clone()
    };
    assert_eq!(named(&[]), serde_json::json!(["s1"]));
    assert_eq!(named(&["--selector", "x"]), serde_json::json!(["x"]));
    let nobody = mailvet_in(self::folder("").path(), &["audit", "--offline"]);
    assert_eq!(nobody.status.code(), Some(2));
    assert!(text(&nobody.stderr).contains("[[target]]"), "{}", text(&nobody.stderr));
}

/// The zone with a policy that asks for nothing.
fn zone() -> String {
    ZONE.replace("p=reject", "p=none")
}

fn checked(settings: &str, zone: &str) -> Value {
    let folder = folder(settings);
    std::fs::create_dir(folder.path().join("zones")).unwrap();
    std::fs::write(folder.path().join("zones/example.com.zone"), zone).unwrap();
    let run = mailvet_in(
        folder.path(),
        &["zone", "check", "zones", "--offline", "--format", "json", "--root", "."],
    );
    serde_json::from_slice(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(&run.stderr)))
}

fn found<'r>(report: &'r Value, code: &str) -> Option<&'r Value> {
    report["zones"][0]["problems"].as_array().unwrap().iter().find(|problem| problem["code"] == code)
}

#[test]
fn demands_and_ignores_reach_zone_files() {
    let report = checked("[require]\ndmarc.min-policy = \"reject\"\nmx.within = \"example.net\"\n", &zone());
    let policy = found(&report, "required-dmarc-policy").unwrap();
    assert_eq!((&policy["line"], &policy["severity"]), (&8.into(), &"high".into()));
    assert_eq!(found(&report, "required-mx-within").unwrap()["line"], 5);
    assert!(found(&report, "required-dkim-bits").is_none());
    let ignore = |path: &str| {
        format!(
            "[[ignore]]\ncode = \"dmarc-policy-none\"\npath = \"{path}\"\nsubject = \"*dmarc*\"\nreason = \"soon\"\n"
        )
    };
    let report = checked(&ignore("zones/*.zone"), &zone());
    assert_eq!(found(&report, "dmarc-policy-none").unwrap()["ignored"], "soon");
    let report = checked(&ignore("other/*"), &zone());
    assert!(found(&report, "dmarc-policy-none").unwrap().get("ignored").is_none());
    // An ignore for one name is no finding at the others.
    let general = "[[ignore]]\ncode = \"spf-missing\"\nsubject = \"www.example.com\"\nreason = \"soon\"\n";
    assert!(found(&checked(general, &zone()), "ignore-unmatched").is_none());
}

#[test]
fn who_serves_a_zone_says_what_is_an_error() {
    let part = zone()
        .replace("@ SOA ns1.example.net. hostmaster 1 7200 3600 1209600 300\n@ NS ns1.example.net.\n", "");
    let severity = |served: &str| {
        let report = checked(&format!("[[zone]]\nserved-by = \"{served}\"\n"), &part);
        found(&report, "zone-soa-missing").map(|problem| problem["severity"].as_str().unwrap().to_owned())
    };
    assert_eq!(severity("bind").as_deref(), Some("high"));
    assert_eq!((severity("route53"), severity("cloudflare")), (None, None));
    let report = checked("", &part);
    assert_eq!(found(&report, "zone-soa-missing").unwrap()["severity"], "low");
    let alias = zone() + "@ CNAME x.example.net.\n";
    assert!(found(&checked("", &alias), "zone-cname-at-apex").is_some());
    assert!(
        found(&checked("[[zone]]\nserved-by = \"cloudflare\"\n", &alias), "zone-cname-at-apex").is_none()
    );
    let report = checked("[[zone]]\nname = \"example.com\"\nselectors = [\"k9\"]\n", &zone());
    assert!(found(&report, "dkim-key-missing").is_some(), "{report:#}");
}
