//! A record published at a name that lives by a wildcard takes from the name all else that the wildcard gave
//! (RFC 4592 section 2.2): the remedy says so, with the records, and is not safe.

use serde_json::Value;

use crate::cli::mailvet_in;

/// The record remedies of an audit of `news.example.com` over a zone with these lines.
fn remedies(lines: &str, more: &[&str]) -> Vec<Value> {
    let zone = format!(
        "$ORIGIN example.com.\n$TTL 60\n@ SOA ns h 1 1 1 1 1\n@ NS ns.example.net.\n@ MX 10 mail\nmail A 11.22.33.44\n\
         @ TXT \"v=spf1 mx -all\"\n_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:d@example.com\"\n{lines}\n"
    );
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("z.zone"), zone).unwrap();
    let args = ["audit", "news.example.com", "--zone", "z.zone", "--offline", "--format", "json"];
    let output = mailvet_in(folder.path(), &[&args, more].concat());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let all = report["remedies"].as_array().cloned().unwrap_or_default();
    all.into_iter().filter(|one| one["kind"] == "record").collect()
}

const SENDER: [&str; 2] = ["--ip", "11.22.33.55"];

#[test]
fn what_a_wildcard_gives_is_carried_along() {
    let cases = [
        // Lines of the zone, whether the remedy is safe as to that, what its note names.
        ("", None),
        ("*.other A 11.22.33.60", None),
        (
            "* MX 10 mail\n* A 11.22.33.60",
            Some(vec!["news.example.com. MX 10 mail.example.com.", "news.example.com. A 11.22.33.60"]),
        ),
        ("* MX 10 mail", Some(vec!["news.example.com. MX 10 mail.example.com."])),
        ("* CNAME web.example.net.", Some(vec!["web.example.net"])),
        // A record of the name's own: no wildcard reaches the name.
        ("* MX 10 mail\nnews A 11.22.33.61", None),
        ("* A 11.22.33.60\nnews MX 10 mail", None),
    ];
    for (lines, wanted) in cases {
        let found = remedies(lines, &SENDER);
        let spf = found
            .iter()
            .find(|one| one["record"]["name"].as_str().is_some_and(|name| name.starts_with("news.")));
        let note = spf.and_then(|one| one["note"].as_str()).unwrap_or_default();
        match &wanted {
            None => assert!(!note.contains("RFC 4592"), "{lines:?}: {note}"),
            Some(parts) => {
                let Some(spf) = spf else {
                    // An alias of another organisation is no place for a record.
                    assert!(lines.contains("CNAME"), "{lines:?}: {found:?}");
                    continue;
                };
                assert_eq!(spf["safe"], false, "{lines:?}");
                assert!(parts.iter().all(|part| note.contains(part)), "{lines:?}: {note}");
            }
        }
    }
}
