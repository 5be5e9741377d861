//! `--before`: the MTA-STS policy of an earlier recording beside that of today.

use serde_json::Value;

use crate::cli::{mailvet, mailvet_in};

use super::mail::{Authority, Identity, codes, outcome, page, web};

struct World {
    authority: Authority,
    identity: Identity,
}

impl World {
    fn path(&self, name: &str) -> String {
        self.authority.folder.path().join(name).display().to_string()
    }

    /// A run against this id and policy; JSON, standard error, exit code.
    fn run(&self, id: &str, policy: &str, more: &[&str]) -> (Value, String, i32) {
        let zone = format!(
            "$ORIGIN example.com.\n$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 300\n@ NS ns\nns A 127.0.0.1\n\
             @ MX 10 mx\nmx A 127.0.0.1\n_mta-sts TXT \"v=STSv1; id={id};\"\nmta-sts A 127.0.0.1\n"
        );
        std::fs::write(self.path("example.com.zone"), zone).unwrap();
        let to = format!("mta-sts.example.com:443:{}", web(&self.identity, &page(policy)));
        let always = [
            "transport",
            "example.com",
            "--format",
            "json",
            "--resolver",
            "127.0.0.1:1",
            "--zone",
            &self.path("example.com.zone"),
            "--ca",
            &self.authority.file(),
            "--connect-to",
            &to,
        ];
        let output = mailvet_in(self.authority.folder.path(), &[&always, more].concat());
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        let json = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        (json, error, output.status.code().unwrap())
    }
}

#[test]
fn mta_sts_policy_changed_under_the_same_id() {
    const TESTING: &str = "version: STSv1\nmode: testing\nmx: mx.example.com\nmax_age: 604800\n";
    const ENFORCE: &str = "version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 604800\n";
    let authority = Authority::new();
    let identity = authority.certify(&["mta-sts.example.com"], 2085);
    let world = World { authority, identity };
    let (first, then, today) = (world.path("first.json"), world.path("then.json"), world.path("today.json"));
    let (json, error, _) = world.run("1", TESTING, &["--record", &then, "--now", "2026-11-01T00:00:00Z"]);
    let found = json["results"].as_array().unwrap_or_else(|| panic!("{json} {error}"));
    let alone = found.iter().find(|one| one["code"] == "mta-sts-id-unchanged").unwrap();
    assert_eq!(alone["outcome"], "unknown", "{alone}");
    assert!(alone["gap"].to_string().contains("no earlier recording was given"), "{alone}");

    let before = ["--before", then.as_str(), "--now", "2026-11-23T12:00:00Z"];
    let (json, _, _) = world.run("1", TESTING, &before);
    assert_eq!(outcome(&json, "mta-sts-id-unchanged"), "pass", "{json}");
    let (json, _, _) = world.run("2", ENFORCE, &before);
    assert_eq!(outcome(&json, "mta-sts-id-unchanged"), "pass", "{json}");
    let recorded: Vec<&str> = before.into_iter().chain(["--record", today.as_str()]).collect();
    let (json, _, _) = world.run("1", ENFORCE, &recorded);
    let problem =
        json["problems"].as_array().unwrap().iter().find(|one| one["code"] == "mta-sts-id-unchanged");
    let problem = problem.unwrap_or_else(|| panic!("{json}"));
    assert_eq!(problem["fix"], "_mta-sts.example.com. TXT \"v=STSv1; id=20261123T120000Z;\"");
    // The recording of this run holds what it was compared with.
    let replay =
        mailvet(&["transport", "--format", "json", "--replay", &today, "--ca", &world.authority.file()]);
    let again: Value = serde_json::from_slice(&replay.stdout).unwrap();
    assert!(codes(&again).contains(&"mta-sts-id-unchanged".to_owned()), "{again}");

    // A recording that is none, of another time, of another domain, of another version, not there.
    std::fs::write(&first, "{").unwrap();
    let wrong = |file: &str, now: &str, says: &str| {
        let (json, error, exit) = world.run("1", TESTING, &["--before", file, "--now", now]);
        assert_eq!((exit, json), (2, Value::Null), "{error}");
        assert!(error.contains(says) && error.contains(file), "{says:?} is not said: {error}");
    };
    wrong(&first, "2026-11-23T12:00:00Z", "is no recording");
    wrong(&then, "2026-10-23T12:00:00Z", "give the older recording");
    wrong(&world.path("missing.json"), "2026-11-23T12:00:00Z", "cannot read the earlier recording");
    let text = std::fs::read_to_string(&then).unwrap();
    std::fs::write(&first, text.replace("\"example.com\"", "\"example.net\"")).unwrap();
    wrong(&first, "2026-11-23T12:00:00Z", "is a recording of example.net, and this run is about example.com");
    std::fs::write(&first, text.replace("mailvet/recording/1", "mailvet/recording/9")).unwrap();
    wrong(&first, "2026-11-23T12:00:00Z", "is of format");
}
