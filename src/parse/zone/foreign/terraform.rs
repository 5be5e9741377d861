//! The plan of Terraform or OpenTofu as JSON (`terraform show -json PLAN`): the records after
//! the plan, or before it. Values that only the run itself brings are unknown.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::json_lines::lines_of_key;
use super::records::{Records, below};
use crate::model::untrusted::Width;
use crate::model::{Name, Rdata, RecordType, untrusted};
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
    /// What was read before the plan: data sources name the zones.
    #[serde(default)]
    prior_state: Value,
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
    let zones = zones(&states, &plan.prior_state);
    let mut homeless = Vec::new();
    for (kind, state, line) in &states {
        if !resource(&mut records, kind, state, *line, &zones) {
            homeless.push((text(state, "name").unwrap_or_default(), *line));
        }
    }
    let first = zones.by_id.values().chain(&zones.only).next();
    for (name, line) in homeless {
        let shown = untrusted::plain(name, Width::Name);
        let why = format!("nothing in the plan says which zone the record {shown} is in");
        // What it says may be about any name.
        let Some(zone) = first else { return Err(format!("line {line}: {why}")) };
        records.broken(zone, zone.clone(), None, line, why);
    }
    Ok(records.finish())
}

fn text<'v>(state: &'v Value, key: &str) -> Option<&'v str> {
    state.get(key).and_then(Value::as_str)
}

/// What the plan tells of zones.
#[derive(Default)]
struct Zones {
    /// By an identifier that records name.
    by_id: BTreeMap<String, Name>,
    /// The one that all complete names are in.
    only: Option<Name>,
}

impl Zones {
    /// The zone of a record: by its identifier, by its complete name, else the only one there is.
    fn of(&self, state: &Value, key: &str, name: &str) -> Option<Name> {
        let complete = ["hostname", "fqdn"].into_iter().find_map(|key| text(state, key));
        let by_id = text(state, key).and_then(|id| self.by_id.get(id)).cloned();
        by_id.or_else(|| complete.and_then(registrable)).or_else(|| registrable(name)).or(self.only.clone())
    }
}

/// Resources of the state before the plan, those of modules too.
fn prior(module: &Value, depth: usize, found: &mut Vec<(String, Value, u32)>) {
    let list = |key: &str| module.get(key).and_then(Value::as_array).into_iter().flatten();
    for resource in list("resources") {
        if let (Some(kind), Some(values)) = (text(resource, "type"), resource.get("values")) {
            found.push((kind.to_owned(), values.clone(), 1));
        }
    }
    for child in list("child_modules").filter(|_| depth < 16) {
        prior(child, depth + 1, found);
    }
}

/// Records of one zone share its identifier: the zone that most of their complete names are in.
fn by_records(states: &[(String, Value, u32)]) -> BTreeMap<String, Name> {
    let mut votes: BTreeMap<&str, BTreeMap<Name, usize>> = BTreeMap::new();
    for (_, state, _) in states {
        let Some(id) = ["zone_id", "managed_zone"].into_iter().find_map(|key| text(state, key)) else {
            continue;
        };
        let complete = ["hostname", "fqdn", "name"].into_iter().find_map(|key| text(state, key));
        let Some(zone) = complete.filter(|name| !name.starts_with('_')).and_then(registrable) else {
            continue;
        };
        *votes.entry(id).or_default().entry(zone).or_default() += 1;
    }
    let most = |zones: BTreeMap<Name, usize>| {
        zones.into_iter().max_by_key(|(_, count)| *count).map(|(zone, _)| zone)
    };
    votes.into_iter().filter_map(|(id, zones)| Some((id.to_owned(), most(zones)?))).collect()
}

fn zones(states: &[(String, Value, u32)], prior_state: &Value) -> Zones {
    let mut known = by_records(states);
    let mut all = states.to_vec();
    prior(&prior_state["values"]["root_module"], 0, &mut all);
    known.extend(named_zones(&all));
    let names = states.iter().filter_map(|(_, state, _)| text(state, "hostname").or(text(state, "name")));
    let complete = names.filter(|name| !name.starts_with('_')).filter_map(registrable);
    let distinct: BTreeSet<Name> = complete.chain(known.values().cloned()).collect();
    let only = distinct.first().filter(|_| distinct.len() == 1).cloned();
    Zones { by_id: known, only }
}

/// Identifier of a zone, and its name.
fn named_zones(states: &[(String, Value, u32)]) -> BTreeMap<String, Name> {
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

/// The records of one resource; false where its zone is not known.
fn resource(records: &mut Records, kind: &str, state: &Value, line: u32, zones: &Zones) -> bool {
    let name = text(state, "name").unwrap_or_default();
    let ttl = state.get("ttl").and_then(Value::as_u64).and_then(|ttl| u32::try_from(ttl).ok());
    match kind {
        "aws_route53_record" => {
            let Some(zone) = zones.of(state, "zone_id", name) else { return false };
            let owner = within(&zone, name);
            if state.get("alias").and_then(Value::as_array).is_some_and(|alias| !alias.is_empty()) {
                records.unknown(&zone, owner, "alias", line);
                return true;
            }
            values(records, &zone, owner, ttl, state, line, "records");
        }
        "cloudflare_record" | "cloudflare_dns_record" => {
            let Some(zone) = zones.of(state, "zone_id", name) else { return false };
            let owner = within(&zone, name);
            let kind = text(state, "type").unwrap_or_default();
            let value = text(state, "content").or(text(state, "value")).unwrap_or_default();
            let priority =
                state.get("priority").and_then(Value::as_u64).filter(|_| kind == "MX" || kind == "URI");
            let value = match (fields(kind, state), priority) {
                (Some(value), _) if value.len() > 2 => value,
                (_, Some(priority)) => format!("{priority} {value}"),
                _ => value.to_owned(),
            };
            one(records, &zone, owner, ttl, kind, &value, line);
        }
        "google_dns_record_set" => {
            let Some(zone) = zones.of(state, "managed_zone", name) else { return false };
            values(records, &zone, Name::lenient(name), ttl, state, line, "rrdatas");
        }
        "hetznerdns_record" => {
            let Some(zone) = zones.of(state, "zone_id", name) else { return false };
            let value = text(state, "value").unwrap_or_default();
            one(
                records,
                &zone,
                within(&zone, name),
                ttl,
                text(state, "type").unwrap_or_default(),
                value,
                line,
            );
        }
        azure if azure.starts_with("azurerm_dns_") && azure.ends_with("_record") => {
            let zone = text(state, "zone_name").and_then(|name| Name::parse(name).ok());
            let Some(zone) = zone.or(zones.only.clone()) else { return false };
            azurerm(records, &zone, below(&zone, name), ttl, azure, state, line);
        }
        // Of another provider: most have these fields by one of these names.
        other if other.contains("record") && text(state, "type").is_some() => {
            let named = ["domain", "zone", "zone_name"].into_iter().find_map(|key| text(state, key));
            let named = named.and_then(|name| Name::parse(name.trim_end_matches('.')).ok());
            let named = named.filter(|zone| zone.label_count() > 1);
            let Some(zone) = named.or_else(|| zones.of(state, "zone_id", name)) else { return false };
            let owner = within(&zone, text(state, "subdomain").unwrap_or(name));
            let kind = text(state, "type").unwrap_or_default();
            let lists = ["records", "values", "rrdatas", "rrset_values"];
            let priority = state.get("priority").and_then(Value::as_u64).filter(|_| kind == "MX");
            let single =
                ["value", "content", "data", "target", "rdata"].into_iter().find_map(|key| text(state, key));
            if let Some(key) = lists.into_iter().find(|key| state.get(*key).is_some_and(Value::is_array)) {
                values(records, &zone, owner, ttl, state, line, key);
            } else if let Some(value) = single {
                let value = priority.map_or(value.to_owned(), |priority| format!("{priority} {value}"));
                one(records, &zone, owner, ttl, kind, &value, line);
            } else {
                let why = "the value is known only after the run".to_owned();
                records.broken(&zone, owner, RecordType::from_text(kind), line, why);
            }
        }
        _ => {}
    }
    true
}

/// A complete name, or one below the zone.
fn within(zone: &Name, name: &str) -> Name {
    if Name::lenient(name).is_within(zone) { Name::lenient(name) } else { below(zone, name) }
}

/// The value out of a `data` block, in the order of a master file.
fn fields(kind: &str, state: &Value) -> Option<String> {
    let data = state.get("data")?;
    let data = data.as_array().map_or(Some(data), |list| list.first())?;
    let word = |key: &str| match data.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let words: Vec<String> = match kind {
        "CAA" => vec![word("flags"), word("tag"), format!("\"{}\"", word("value"))],
        "SRV" => ["priority", "weight", "port", "target"].map(word).into(),
        "TLSA" => ["usage", "selector", "matching_type", "certificate"].map(word).into(),
        "SSHFP" => ["algorithm", "type", "fingerprint"].map(word).into(),
        _ => return None,
    };
    Some(words.join(" "))
}

/// The domain that a complete name is registered under; of one label there is none.
fn registrable(name: &str) -> Option<Name> {
    let name = Name::parse(name.trim_end_matches('.').trim_start_matches("*.")).ok()?;
    crate::parse::web::psl::registrable(&name)
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
