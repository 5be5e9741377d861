//! MTA-STS records, policies and MX patterns of foxcpp/go-mtasts.

use mailvet::parse::transport::mta_sts;
use mailvet::parse::transport::mta_sts_policy;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::record;
use crate::cases;

#[derive(Deserialize)]
struct RecordCase {
    record: String,
    id: Option<String>,
    fail: bool,
}

#[derive(Deserialize)]
struct PolicyCase {
    policy: String,
    fail: bool,
}

#[derive(Deserialize)]
struct MatchCase {
    mx: String,
    patterns: Vec<String>,
    #[serde(rename = "match")]
    matches: bool,
}

fn read<T: DeserializeOwned>(folder: &std::path::Path, file: &str) -> Vec<T> {
    serde_json::from_str(&std::fs::read_to_string(folder.join(file)).unwrap()).unwrap()
}

#[test]
fn mta_sts_go() {
    let Some(folder) = cases("mtasts-go") else { return };
    let mut wrong = Vec::new();
    let records: Vec<RecordCase> = read(&folder, "records.json");
    for case in &records {
        let id = mta_sts::policy_id(case.record.as_bytes());
        if id.is_err() != case.fail || id.ok() != case.id {
            wrong.push(format!("record {:?}", case.record));
        }
    }
    let policies: Vec<PolicyCase> = read(&folder, "policies.json");
    for case in &policies {
        if mta_sts_policy::read(&case.policy).is_err() != case.fail {
            wrong.push(format!("policy {:?}", case.policy));
        }
    }
    let matches: Vec<MatchCase> = read(&folder, "mx-match.json");
    for case in &matches {
        if mta_sts_policy::covers(&case.patterns, &case.mx) != case.matches {
            wrong.push(format!("mx {:?} {:?}", case.mx, case.patterns));
        }
    }
    let total = records.len() + policies.len() + matches.len();
    let note = "TXT records, policy files and MX patterns, each accepted or refused as there";
    eprintln!("wrong: {wrong:#?}");
    record("mtasts-go", total - wrong.len(), total, 36, note);
}
