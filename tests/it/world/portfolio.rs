//! A portfolio against the lab's servers: each line is the report that `audit` gives of
//! the domain alone, and shared questions reach the resolver once.

use serde_json::Value;

use super::lab::lab;
use crate::cli::mailvet;

/// A sample of the lab's healthy domains and every defect but those that quote several
/// records of one name, which the resolver gives in another order each time.
fn sample(inventory: &[Value]) -> Vec<&str> {
    let all = inventory.iter().map(|entry| entry["domain"].as_str().unwrap());
    let all = all.filter(|domain| !domain.ends_with("-two.test"));
    let numbered = |domain: &&str| domain.starts_with('d');
    let healthy = all.clone().filter(numbered).step_by(91);
    healthy.chain(all.clone().filter(|domain| !numbered(domain))).collect()
}

#[test]
fn world_portfolio_lines_are_the_reports_of_audit() {
    let Some(lab) = lab() else { return };
    let inventory = lab.inventory();
    let domains = sample(&inventory);
    assert!(domains.len() > 30, "{domains:?}");
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("domains.txt");
    std::fs::write(&list, domains.join("\n")).unwrap();
    let resolver = lab.resolver.to_string();
    // The lab's lists are healthy. Lists that turn out dead are asked for a few names
    // first, and for how many depends on which answer comes first.
    let options = [
        "--resolver",
        &resolver,
        "--now",
        "2026-11-29T12:00:00Z",
        "--ip",
        "198.18.0.11",
        "--helo",
        "out1.d0001.test",
        "--selector",
        "s1",
        "--list",
        "bl01.dnsbl.test",
        "--list",
        "bl05.dnsbl.test",
        // A machine busy with other tests must not make anything unknown.
        "--timeout",
        "30",
    ];
    let run = |jobs: &str| {
        let base = ["portfolio", list.to_str().unwrap(), "--jobs", jobs];
        let output = mailvet(&[&base[..], &options].concat());
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let lines = run("2");
    for (one, other) in lines.lines().zip(run("1").lines()) {
        assert_eq!(one, other, "the number of threads changes the output");
    }
    assert_eq!(lines.lines().count(), domains.len());
    for (domain, line) in domains.iter().zip(lines.lines()) {
        let output = mailvet(&[&["audit", domain, "--format", "json"][..], &options].concat());
        let alone: Value = serde_json::from_slice(&output.stdout).unwrap();
        let here: Value = serde_json::from_str(line).unwrap();
        let parts = ["target", "score", "receivers", "questions", "results"];
        for part in parts {
            assert_eq!(here[part], alone[part], "{domain}: {part}");
        }
        assert_eq!(here, alone, "{domain}");
    }
}
