//! The report as JSON: zones with their names and results, and what a change did.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::judge::finding::CheckResult;
use crate::judge::finding::Outcome;
use crate::judge::report::rfc3339;
use crate::judge::zone::{Row, State, ZoneReport, ZoneResult};
use crate::model::remedy::Remedy;

/// Frozen as `mailvet/zone/1`.
pub(crate) fn report(report: &ZoneReport) -> Value {
    let mut value = json!({
        "schema": "mailvet/zone/1",
        "taken_at": rfc3339(report.taken_at),
        "zones": report.zones.iter().map(zone).collect::<Vec<_>>(),
    });
    if let Some(change) = &report.change {
        let of = |wanted: State| -> Vec<Value> {
            report
                .rows()
                .filter(|row| row.state == Some(wanted) && row.ignored.is_none() && !row.is_consequence())
                .map(finding)
                .collect()
        };
        let consequences: Vec<Value> =
            report.rows().filter(|row| row.is_consequence()).map(finding).collect();
        value["change"] = json!({
            "consequences": consequences,
            "new": of(State::New),
            "worse": of(State::Worse),
            "fixed": change.fixed.iter().map(finding).collect::<Vec<_>>(),
            "same": of(State::Same),
            "hidden": change.hidden.iter().map(finding).collect::<Vec<_>>(),
        });
    }
    value
}

fn zone(zone: &ZoneResult) -> Value {
    let mut settled: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in &zone.rows {
        if let Some(id) = &row.finding.remedy {
            settled.entry(id).or_default().push(&row.finding.fingerprint);
        }
    }
    let names: Vec<Value> = zone
        .names
        .iter()
        .map(|name| {
            json!({
                "name": name.name.as_str(),
                "role": name.role.name(),
                "results": name.results.iter().map(result).collect::<Vec<_>>(),
                "remedies": name.remedies.iter().map(|one| remedy(&settled, one)).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "origin": zone.origin.as_str(),
        "file": zone.file,
        "format": zone.format,
        "refused": zone.is_refused,
        "names": names,
        "results": zone.results.iter().map(result).collect::<Vec<_>>(),
        "problems": zone.rows.iter().map(finding).collect::<Vec<_>>(),
    })
}

fn result(result: &CheckResult) -> Value {
    let mut value = json!({ "code": result.check.code, "outcome": result.outcome_name() });
    match &result.outcome {
        Outcome::Unknown(gap) => value["reason"] = json!(gap.to_string()),
        Outcome::NotApplicable(why) => value["reason"] = json!(why),
        Outcome::Pass | Outcome::Fail { .. } => {}
    }
    value
}

/// As in a report of one target; it settles the findings of this report that point to it.
fn remedy(settled: &BTreeMap<&str, Vec<&str>>, remedy: &Remedy) -> Value {
    let settles = settled.get(&*remedy.id).into_iter().flatten().map(|one| (*one).to_owned());
    let settled = Remedy { settles: settles.collect(), ..remedy.clone() };
    json!(crate::render::json::remedy::remedy(&settled))
}

fn finding(row: &Row) -> Value {
    let mut value = json!({
        "zone": row.zone.as_str(),
        "name": row.name.as_str(),
        "code": row.check.code,
        "severity": row.finding.severity.name(),
        "subject": row.finding.problem.subject.to_string(),
        "summary": row.finding.problem.summary,
        "fix": row.fix(),
        "file": row.location.file,
        "line": row.location.line,
        "fingerprint": row.finding.fingerprint,
    });
    if let Some(remedy) = &row.finding.remedy {
        value["remedy"] = json!(remedy);
    }
    if let Some(state) = row.state {
        value["state"] = json!(state.name());
    }
    if let Some(reason) = &row.ignored {
        value["ignored"] = json!(reason);
    }
    if !row.explains.is_empty() {
        value["explains"] = json!(row.explains);
    }
    value
}
