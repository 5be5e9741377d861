//! The plan of Terraform or OpenTofu as JSON (`terraform show -json PLAN`): the records after
//! the plan, or before it. Values that only the run itself brings are unknown.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::json_lines::lines_of_key;
use super::records::{Records, below};
use crate::model::{Name, Rdata, RecordType};
use crate::parse::zone::Parsed;

/// Which state of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    After,
}

#[derive(Deserialize)]
struct Plan {
    #[serde(default)]
    resource_changes: Vec<Resource>,
}

#[derive(Deserialize)]
struct Resource {
    #[serde(rename = "type")]
    kind: String,
    change: Step,
}

#[derive(Deserialize)]
struct Step {
    #[serde(default)]
    before: Value,
    #[serde(default)]
    after: Value,
}

pub(super) fn read(file: &str, bytes: &[u8], side: Side) -> Result<Vec<Parsed>, String> {
    let plan: Plan = serde_json::from_slice(bytes).map_err(|error| format!("no plan as JSON: {error}"))?;
    let mut records = Records::new(file, bytes);
    let lines = lines_of_key(bytes, "change");
    let state = |step: &Step| match side {
        Side::Before => step.before.clone(),
        Side::After => step.after.clone(),
    };
    let states: Vec<(String, Value, u32)> = plan
        .resource_changes
        .iter()
        .zip(lines.into_iter().chain(std::iter::repeat(1)))
        .map(|(resource, line)| (resource.kind.clone(), state(&resource.change), line))
        .filter(|(_, state, _)| state.is_object())
        .collect();
    let zones = zones(&states);
    for (kind, state, line) in &states {
        resource(&mut records, kind, state, *line, &zones);
    }
    Ok(records.finish())
}

fn text<'v>(state: &'v Value, key: &str) -> Option<&'v str> {
    state.get(key).and_then(Value::as_str)
}

/// Identifier of a zone, and its name.
fn zones(states: &[(String, Value, u32)]) -> BTreeMap<String, Name> {
    let mut zones = BTreeMap::new();
    for (kind, state, _) in states {
        let name = match kind.as_str() {
            "aws_route53_zone" | "azurerm_dns_zone" | "hetznerdns_zone" | "hcloud_zone" => {
                text(state, "name")
            }
            "cloudflare_zone" => text(state, "zone").or(text(state, "name")),
            "google_dns_managed_zone" => text(state, "dns_name"),
            _ => None,
        };
        let Some(name) = name.and_then(|name| Name::parse(name.trim_end_matches('.')).ok()) else { continue };
        for key in ["zone_id", "id", "name"] {
            if let Some(id) = text(state, key) {
                zones.insert(id.to_owned(), name.clone());
            }
        }
    }
    zones
}

fn resource(records: &mut Records, kind: &str, state: &Value, line: u32, zones: &BTreeMap<String, Name>) {
    let by = |key: &str| text(state, key).and_then(|id| zones.get(id)).cloned();
    let name = text(state, "name").unwrap_or_default();
    let ttl = state.get("ttl").and_then(Value::as_u64).and_then(|ttl| u32::try_from(ttl).ok());
    match kind {
        "aws_route53_record" => {
            let zone = by("zone_id").unwrap_or_else(|| registrable(name));
            let owner =
                if Name::lenient(name).is_within(&zone) { Name::lenient(name) } else { below(&zone, name) };
            if state.get("alias").and_then(Value::as_array).is_some_and(|alias| !alias.is_empty()) {
                return records.unknown(&zone, owner, "alias", line);
            }
            values(records, &zone, owner, ttl, state, line, "records");
        }
        "cloudflare_record" | "cloudflare_dns_record" => {
            let zone = by("zone_id").unwrap_or_else(|| registrable(name));
            let owner =
                if Name::lenient(name).is_within(&zone) { Name::lenient(name) } else { below(&zone, name) };
            let value = text(state, "content").or(text(state, "value")).unwrap_or_default();
            let priority = state.get("priority").and_then(Value::as_u64);
            let value = priority.map_or(value.to_owned(), |priority| format!("{priority} {value}"));
            one(records, &zone, owner, ttl, text(state, "type").unwrap_or_default(), &value, line);
        }
        "google_dns_record_set" => {
            let zone = by("managed_zone").unwrap_or_else(|| registrable(name));
            values(records, &zone, Name::lenient(name), ttl, state, line, "rrdatas");
        }
        "hetznerdns_record" => {
            let Some(zone) = by("zone_id") else { return };
            let value = text(state, "value").unwrap_or_default();
            one(
                records,
                &zone,
                below(&zone, name),
                ttl,
                text(state, "type").unwrap_or_default(),
                value,
                line,
            );
        }
        azure if azure.starts_with("azurerm_dns_") && azure.ends_with("_record") => {
            let zone = text(state, "zone_name").and_then(|name| Name::parse(name).ok());
            if let Some(zone) = zone {
                azurerm(records, &zone, below(&zone, name), ttl, azure, state, line);
            }
        }
        _ => {}
    }
}

fn registrable(name: &str) -> Name {
    let name = Name::lenient(name);
    crate::parse::web::psl::registrable(&name).unwrap_or(name)
}

fn values(
    records: &mut Records,
    zone: &Name,
    owner: Name,
    ttl: Option<u32>,
    state: &Value,
    line: u32,
    key: &str,
) {
    let kind = text(state, "type").unwrap_or_default().to_owned();
    match state.get(key).and_then(Value::as_array) {
        Some(values) => {
            for value in values.iter().filter_map(Value::as_str) {
                one(records, zone, owner.clone(), ttl, &kind, value, line);
            }
        }
        // Known after the run only.
        None => records.broken(
            zone,
            owner,
            RecordType::from_text(&kind),
            line,
            format!("the {key} are known only after the run"),
        ),
    }
}

fn one(
    records: &mut Records,
    zone: &Name,
    owner: Name,
    ttl: Option<u32>,
    kind: &str,
    value: &str,
    line: u32,
) {
    if kind != "TXT" {
        return records.text(zone, owner, ttl, kind, value, line);
    }
    // AWS takes `a" "b` for two strings.
    let quoted = if value.starts_with('"') { value.to_owned() } else { format!("\"{}\"", value) };
    match Rdata::from_text(RecordType::Txt, &quoted) {
        Ok(rdata) => records.push(zone, owner, ttl, rdata, line),
        Err(_) => records.txt(zone, owner, ttl, value.as_bytes(), line),
    }
}

fn azurerm(
    records: &mut Records,
    zone: &Name,
    owner: Name,
    ttl: Option<u32>,
    kind: &str,
    state: &Value,
    line: u32,
) {
    let list = |key: &str| state.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    match kind {
        "azurerm_dns_txt_record" => {
            for record in list("record") {
                records.txt(
                    zone,
                    owner.clone(),
                    ttl,
                    text(&record, "value").unwrap_or_default().as_bytes(),
                    line,
                );
            }
        }
        "azurerm_dns_mx_record" => {
            for record in list("record") {
                let preference = record.get("preference").map(|value| value.to_string().replace('"', ""));
                let value = format!(
                    "{} {}",
                    preference.unwrap_or_default(),
                    text(&record, "exchange").unwrap_or_default()
                );
                records.text(zone, owner.clone(), ttl, "MX", &value, line);
            }
        }
        "azurerm_dns_cname_record" => {
            records.text(zone, owner, ttl, "CNAME", text(state, "record").unwrap_or_default(), line);
        }
        _ => {
            let kind =
                kind.trim_start_matches("azurerm_dns_").trim_end_matches("_record").to_ascii_uppercase();
            for value in list("records").iter().filter_map(Value::as_str) {
                records.text(zone, owner.clone(), ttl, &kind, value, line);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_of_a_plan_are_read() {
        let plan = r#"{"resource_changes": [
            {"type": "aws_route53_zone", "change": {"before": null, "after": {"name": "example.com", "zone_id": "Z1"}}},
            {"type": "aws_route53_record", "change": {
              "before": {"zone_id": "Z1", "name": "example.com", "type": "TXT", "ttl": 300, "records": ["v=spf1 mx -all"]},
              "after": {"zone_id": "Z1", "name": "example.com", "type": "TXT", "ttl": 300, "records": ["v=spf1 -all"]}}},
            {"type": "cloudflare_record", "change": {"before": null,
              "after": {"zone_id": "c", "name": "mail.example.com", "type": "MX", "content": "mx.example.com", "priority": 5}}}
        ]}"#;
        let side = |side| {
            let zones = read("plan.json", plan.as_bytes(), side).unwrap();
            let records = zones.iter().flat_map(|zone| zone.zone.records());
            records.map(|record| format!("{} {}", record.owner, record.rdata)).collect::<Vec<_>>()
        };
        assert_eq!(side(Side::After), ["example.com \"v=spf1 -all\"", "mail.example.com 5 mx.example.com"]);
        assert_eq!(side(Side::Before), ["example.com \"v=spf1 mx -all\""]);
    }
}
