//! The plan of Terraform or OpenTofu as JSON (`terraform show -json PLAN`): the records after
//! the plan, or before it. Values that only the run itself brings are unknown.

use std::sync::Arc;

use serde_json::Value;

use super::json_lines::lines_of_key;
use super::records::{Records, below};
use super::tf_blocks::{Blocks, TfFiles};
use super::tf_plan::{Plan, State, Step, text};
use super::tf_texts::Texts;
use super::tf_values::{At, azurerm, given, values};
use super::tf_zones::{Zones, is_private, private_zones, zones};
use crate::model::untrusted::Width;
use crate::model::{Name, RecordType, untrusted};
use crate::parse::zone::{Parsed, Provider};

/// Which state of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    After,
}

/// The records of one side; each has its place in the `.tf` files, else in the plan.
pub(super) fn read(file: &str, bytes: &[u8], side: Side, files: TfFiles) -> Result<Vec<Parsed>, String> {
    let plan: Plan = serde_json::from_slice(bytes).map_err(|error| format!("no plan as JSON: {error}"))?;
    if plan.resource_changes.is_none() && plan.format_version.is_none() {
        return Err("no plan: neither a format version nor changes of resources".to_owned());
    }
    let mut records = Records::new(file, bytes);
    let lines = lines_of_key(bytes, "change");
    let state = |step: &Step| match side {
        Side::Before => (step.before.clone(), Value::Null),
        Side::After => (step.after.clone(), step.after_unknown.clone()),
    };
    let private = private_zones(&plan);
    let (mut blocks, plan_file) = (Blocks::of(files), Arc::<str>::from(file));
    let states: Vec<State> = plan
        .resource_changes
        .iter()
        .flatten()
        .zip(lines.into_iter().chain(std::iter::repeat(1)))
        .filter(|(resource, _)| is_of_dns(&resource.kind))
        .map(|(resource, line)| {
            let (values, later) = state(&resource.change);
            let place = blocks.place(&resource.module_address, &resource.kind, &resource.name);
            let place = place.unwrap_or((plan_file.clone(), line));
            State { kind: resource.kind.clone(), values, later, place }
        })
        .filter(|state| state.values.is_object() && !is_private(state, &private))
        .collect();
    let zones = zones(&states, &plan.prior_state);
    let mut homeless = Vec::new();
    for state in &states {
        let (file, line) = &state.place;
        records.stand_in(file);
        if !resource(&mut records, state, *line, &zones) {
            homeless.push(state);
        }
    }
    let first = zones.by_id.values().chain(&zones.only).next();
    for state in homeless {
        let (file, line) = &state.place;
        let shown = untrusted::plain(text(&state.values, "name").unwrap_or_default(), Width::Name);
        let why = format!("nothing in the plan says which zone the record {shown} is in");
        // What it says may be about any name.
        let Some(zone) = first else { return Err(format!("line {line} of {file}: {why}")) };
        records.stand_in(file);
        match is_later(state, &["zone_id", "managed_zone", "zone", "zone_name"]) {
            true => records.later(zone, None, None, *line, why),
            false => records.broken(zone, zone.clone(), None, *line, why),
        }
    }
    records.read_too(blocks.sources());
    Ok(records.finish())
}

/// Zones and records of any provider; other resources are none of a zone's business.
fn is_of_dns(kind: &str) -> bool {
    ["zone", "record", "rrset", "dns"].iter().any(|word| kind.contains(word))
}

/// The records of one resource; false where its zone is not known.
fn resource(records: &mut Records, whole: &State, line: u32, zones: &Zones) -> bool {
    let (kind, state, later) = (whole.kind.as_str(), &whole.values, &whole.later);
    let name = text(state, "name").unwrap_or_default();
    let ttl = state.get("ttl").and_then(Value::as_u64).and_then(|ttl| u32::try_from(ttl).ok());
    let at = |zone: Name, owner: Name| At { zone, owner, ttl, line, later };
    let rtype = text(state, "type").unwrap_or_default();
    if let Some(is_read) = nameless(records, whole, line, zones) {
        return is_read;
    }
    match kind {
        "aws_route53_record" => {
            let Some(zone) = zones.of(state, "zone_id", name) else { return false };
            let owner = within(&zone, name);
            route53(records, &at(zone, owner), rtype, state);
        }
        "cloudflare_record" | "cloudflare_dns_record" => {
            let Some(zone) = zones.of(state, "zone_id", name) else { return false };
            let owner = within(&zone, name);
            records.served_by(&zone, Provider::Cloudflare);
            let joined = fields(rtype, state).filter(|value| value.len() > 2);
            let value = joined.as_deref().or(text(state, "content")).or(text(state, "value"));
            let is_split = joined.is_none() && (rtype == "MX" || rtype == "URI");
            let value = (&["content", "value", "data"][..], value);
            given(records, &at(zone, owner), rtype, value, priority(state).filter(|_| is_split));
        }
        "google_dns_record_set" => {
            let Some(zone) = zones.of(state, "managed_zone", name) else { return false };
            records.served_by(&zone, Provider::Google);
            if has_blocks(state, "routing_policy") {
                let why = "which values are answered depends on who asks".to_owned();
                let rtype = RecordType::from_text(rtype);
                records.later(&zone, Some(Name::lenient(name)), rtype, line, why);
                return true;
            }
            values(records, &at(zone, Name::lenient(name)), rtype, state, ("rrdatas", Texts::Google));
        }
        "hetznerdns_record" => {
            let Some(zone) = zones.of(state, "zone_id", name) else { return false };
            let owner = within(&zone, name);
            given(records, &at(zone, owner), rtype, (&["value"], text(state, "value")), None);
        }
        azure if azure.starts_with("azurerm_dns_") && azure.ends_with("_record") => {
            let zone = text(state, "zone_name").and_then(|name| Name::parse(name).ok());
            let Some(zone) = zone.or(zones.only.clone()) else { return false };
            let owner = below(&zone, name);
            records.served_by(&zone, Provider::Azure);
            azurerm(records, &at(zone, owner), azure, state);
        }
        other if other.contains("record") || other.contains("rrset") => {
            return of_another(records, whole, line, zones);
        }
        _ => {}
    }
    true
}

/// A record set of Route 53.
fn route53(records: &mut Records, at: &At, rtype: &str, state: &Value) {
    records.served_by(&at.zone, Provider::Route53);
    let mut is_another = |set| records.is_another(&at.zone, &at.owner, rtype, set, at.line);
    if text(state, "set_identifier").is_some_and(&mut is_another) {
        return;
    }
    match has_blocks(state, "alias") {
        true => records.unknown(&at.zone, at.owner.clone(), "alias", at.line),
        false => values(records, at, rtype, state, ("records", Texts::Aws)),
    }
}

/// A record whose name only the run brings, such as one for a key that it makes: it may be any name's.
/// `None` where the name is known; else whether its zone is.
fn nameless(records: &mut Records, whole: &State, line: u32, zones: &Zones) -> Option<bool> {
    let is_record = ["record", "rrset"].iter().any(|word| whole.kind.contains(word));
    let key = ["name", "subname", "subdomain"].into_iter().find(|key| is_later(whole, &[key]))?;
    if !is_record || whole.kind.contains("private") || text(&whole.values, key).is_some() {
        return None;
    }
    let named = text(&whole.values, "zone_name").and_then(|name| Name::parse(name).ok());
    let zone =
        ["zone_id", "managed_zone", "zone"].into_iter().find_map(|key| zones.of(&whole.values, key, ""));
    let Some(zone) = named.or(zone) else { return Some(false) };
    let rtype = text(&whole.values, "type").and_then(RecordType::from_text);
    records.later(&zone, None, rtype, line, "the name of the record is known only after the run".to_owned());
    Some(true)
}

/// Whether only the run brings one of the values.
fn is_later(state: &State, keys: &[&str]) -> bool {
    keys.iter().any(|key| state.later.get(*key).and_then(Value::as_bool) == Some(true))
}

fn has_blocks(state: &Value, key: &str) -> bool {
    state.get(key).and_then(Value::as_array).is_some_and(|blocks| !blocks.is_empty())
}

fn priority(state: &Value) -> Option<u64> {
    state.get("priority").and_then(Value::as_u64)
}

/// Of another provider: most have their fields by one of these names. What cannot be read is said,
/// since a record that nobody saw would count as missing.
fn of_another(records: &mut Records, whole: &State, line: u32, zones: &Zones) -> bool {
    let (kind, state) = (whole.kind.as_str(), &whole.values);
    // Names that only a private network asks for.
    if kind.contains("private") {
        return true;
    }
    let name = ["name", "subname", "subdomain"].into_iter().find_map(|key| text(state, key));
    let name = text(state, "subdomain").or(name).unwrap_or_default();
    let named = ["domain", "zone", "zone_name"].into_iter().find_map(|key| text(state, key));
    let named = named.and_then(|name| Name::parse(name.trim_end_matches('.')).ok());
    let named = named.filter(|zone| zone.label_count() > 1);
    let Some(zone) = named.or_else(|| zones.of(state, "zone_id", name)) else { return false };
    let owner = within(&zone, name);
    let ttl = state.get("ttl").and_then(Value::as_u64).and_then(|ttl| u32::try_from(ttl).ok());
    let at = At { zone, owner, ttl, line, later: &whole.later };
    let of_kind = kind.strip_prefix("dns_").and_then(|rest| rest.split('_').next());
    let rtype = ["type", "recordtype", "rrset_type"].into_iter().find_map(|key| text(state, key)).or(of_kind);
    let rtype = rtype.unwrap_or_default().to_ascii_uppercase();
    let lists =
        ["records", "values", "rrdatas", "rrset_values", "answers", "addresses", "mx", "txt", "target"];
    let single = ["value", "content", "data", "target", "rdata", "cname", "txt"];
    if let Some(key) = lists.into_iter().find(|key| state.get(*key).is_some_and(Value::is_array)) {
        values(records, &at, &rtype, state, (key, Texts::Split));
    } else {
        let value = single.into_iter().find_map(|key| text(state, key));
        let keys: Vec<&str> = lists.into_iter().chain(single).collect();
        given(records, &at, &rtype, (&keys, value), priority(state).filter(|_| rtype == "MX"));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Rdata;

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
            let zones = read("plan.json", plan.as_bytes(), side, &mut |_| Vec::new()).unwrap();
            let records = zones.iter().flat_map(|zone| zone.zone.records());
            records.map(|record| format!("{} {}", record.owner, record.rdata)).collect::<Vec<_>>()
        };
        assert_eq!(side(Side::After), ["example.com \"v=spf1 -all\"", "mail.example.com 5 mx.example.com"]);
        assert_eq!(side(Side::Before), ["example.com \"v=spf1 mx -all\""]);
    }

    /// What only the run brings is unknown, a record by itself or one of a list.
    #[test]
    fn what_the_plan_does_not_know_is_said() {
        let read_of = |kind: &str, after: &Value, later: &Value| {
            let change = serde_json::json!({"before": null, "after": after, "after_unknown": later});
            let plan =
                serde_json::json!({"resource_changes": [{"type": kind, "change": change}]}).to_string();
            let zones = read("plan.json", plan.as_bytes(), Side::After, &mut |_| Vec::new()).unwrap();
            let zone = zones.into_iter().next().unwrap();
            let records: Vec<String> = zone.zone.records().iter().map(|one| one.rdata.to_string()).collect();
            (records, zone.diagnostics.iter().map(|one| one.code).collect::<Vec<_>>(), zone.zone.lost().len())
        };
        // What the run brings is unknown; what nobody brings is forgotten.
        let told = |kind: &str, after: Value| {
            let all = ["records", "rrdatas", "record", "content", "value"];
            let later: Value = all.into_iter().map(|key| (key.to_owned(), Value::Bool(true))).collect();
            let brought = read_of(kind, &after, &later);
            assert_eq!((&brought.1[..], brought.2), (&["value-unknown"][..], 1), "{kind}");
            let (records, codes, lost) = read_of(kind, &after, &serde_json::json!({"id": true}));
            assert_eq!((&records, lost), (&brought.0, 1), "{kind}");
            (records, codes)
        };
        let of = |value: Value| {
            let mut whole = serde_json::json!({"name": "a.example.com", "zone_name": "example.com", "type": "TXT",
                "zone": "example.com"});
            whole.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
            whole
        };
        for (kind, value) in [
            ("aws_route53_record", serde_json::json!({"records": ["x", null]})),
            ("google_dns_record_set", serde_json::json!({"rrdatas": [null, "\"x\""]})),
            ("azurerm_dns_txt_record", serde_json::json!({"record": [{"value": null}, {"value": "x"}]})),
            ("hcloud_zone_rrset", serde_json::json!({"records": [{"value": "\"x\""}, {"value": null}]})),
            ("desec_rrset", serde_json::json!({"records": ["\"x\"", null]})),
        ] {
            assert_eq!(told(kind, of(value)), (vec!["\"x\"".to_owned()], vec!["bad-entry"]), "{kind}");
        }
        for (kind, value) in [
            ("cloudflare_record", serde_json::json!({"content": null})),
            ("hetznerdns_record", serde_json::json!({})),
            ("azurerm_dns_txt_record", serde_json::json!({"record": null})),
            ("azurerm_dns_cname_record", serde_json::json!({})),
            ("azurerm_dns_a_record", serde_json::json!({"records": null})),
            ("novel_record", serde_json::json!({"payload": "x", "content": null})),
        ] {
            assert_eq!(told(kind, of(value)), (vec![], vec!["bad-entry"]), "{kind}");
        }
        let mx = serde_json::json!({"mx": [{"preference": 5, "exchange": "mx.example.net."}]});
        assert_eq!(read_of("dns_mx_record_set", &of(mx), &Value::Null).0, ["\"5 mx.example.net.\""]);
        let nameless = serde_json::json!({"name": null, "records": null});
        let later = serde_json::json!({"name": true, "records": true});
        assert_eq!(read_of("aws_route53_record", &of(nameless), &later).1, ["value-unknown"]);
    }

    /// Route 53 and Google refuse what others split, and Google joins words without quotes.
    #[test]
    fn texts_are_what_the_provider_makes_of_them() {
        let told = |kind: &str, key: &str, value: Value| {
            let after = serde_json::json!({
                "zone_id": "z", "managed_zone": "z", "name": "a.example.com", "type": "TXT", key: value,
            });
            let change = serde_json::json!({"before": null, "after": after});
            let plan =
                serde_json::json!({"resource_changes": [{"type": kind, "change": change}]}).to_string();
            let zones = read("plan.json", plan.as_bytes(), Side::After, &mut |_| Vec::new()).unwrap();
            let zone = zones.into_iter().next().unwrap();
            let strings = zone.zone.records().iter().flat_map(|record| match &record.rdata {
                Rdata::Txt(strings) => strings.iter().map(Vec::len).collect::<Vec<_>>(),
                other => panic!("{other}"),
            });
            let codes: Vec<&str> = zone.diagnostics.iter().map(|one| one.code).collect();
            (strings.collect::<Vec<_>>(), codes)
        };
        let aws = |text: &str| told("aws_route53_record", "records", serde_json::json!([text]));
        let google = |text: &str| told("google_dns_record_set", "rrdatas", serde_json::json!([text]));
        let long = format!("v={}", "k".repeat(300));
        assert_eq!(aws(&long), (vec![], vec!["bad-entry"]));
        assert_eq!(aws("v=a\" \"b"), (vec![3, 1], vec![]));
        assert_eq!(aws("v=spf1 -all"), (vec![11], vec![]));
        assert_eq!(google("v=spf1 -all"), (vec![6, 4], vec!["unquoted-text"]));
        assert_eq!(google("\"v=spf1 -all\""), (vec![11], vec![]));
        assert_eq!(google(&long), (vec![], vec!["bad-entry"]));
        let split = told("cloudflare_record", "content", serde_json::json!(long));
        assert_eq!(split, (vec![255, 47], vec![]));
    }
}
