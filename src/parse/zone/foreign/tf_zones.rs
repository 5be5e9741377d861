//! Which zone each record of a plan is in: by the identifier of the zone, by complete names.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::tf_plan::{Plan, State, text};
use crate::model::Name;

/// What the plan tells of zones.
#[derive(Default)]
pub(super) struct Zones {
    /// By an identifier that records name.
    pub by_id: BTreeMap<String, Name>,
    /// The one that all complete names are in.
    pub only: Option<Name>,
}

impl Zones {
    /// The zone of a record: by its identifier, by its complete name, else the only one there is.
    pub(super) fn of(&self, state: &Value, key: &str, name: &str) -> Option<Name> {
        let complete = ["hostname", "fqdn"].into_iter().find_map(|key| text(state, key));
        let by_id = text(state, key).and_then(|id| self.by_id.get(id)).cloned();
        by_id.or_else(|| complete.and_then(registrable)).or_else(|| registrable(name)).or(self.only.clone())
    }
}

/// Resources of the state before the plan, those of modules too.
fn prior<'p>(module: &'p Value, depth: usize, found: &mut Vec<(&'p str, &'p Value)>) {
    let list = |key: &str| module.get(key).and_then(Value::as_array).into_iter().flatten();
    for resource in list("resources") {
        if let (Some(kind), Some(values)) = (text(resource, "type"), resource.get("values")) {
            found.push((kind, values));
        }
    }
    for child in list("child_modules").filter(|_| depth < 16) {
        prior(child, depth + 1, found);
    }
}

/// Records of one zone share its identifier: the zone that most of their complete names are in.
fn by_records(states: &[State]) -> BTreeMap<String, Name> {
    let mut votes: BTreeMap<&str, BTreeMap<Name, usize>> = BTreeMap::new();
    for State { values: state, .. } in states {
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

pub(super) fn zones(states: &[State], prior_state: &Value) -> Zones {
    let mut known = by_records(states);
    let mut all: Vec<(&str, &Value)> =
        states.iter().map(|state| (state.kind.as_str(), &state.values)).collect();
    prior(&prior_state["values"]["root_module"], 0, &mut all);
    known.extend(named_zones(&all));
    let names =
        states.iter().filter_map(|state| text(&state.values, "hostname").or(text(&state.values, "name")));
    let complete = names.filter(|name| !name.starts_with('_')).filter_map(registrable);
    let distinct: BTreeSet<Name> = complete.chain(known.values().cloned()).collect();
    let only = distinct.first().filter(|_| distinct.len() == 1).cloned();
    Zones { by_id: known, only }
}

/// Identifier of a zone, and its name.
fn named_zones(states: &[(&str, &Value)]) -> BTreeMap<String, Name> {
    let mut zones = BTreeMap::new();
    for (kind, state) in states {
        let name = match *kind {
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

/// The domain that a complete name is registered under; of one label there is none.
pub(super) fn registrable(name: &str) -> Option<Name> {
    let name = Name::parse(name.trim_end_matches('.').trim_start_matches("*.")).ok()?;
    crate::parse::web::psl::registrable(&name)
}

/// Identifiers of zones that only a private network asks, before and after the plan: a name there
/// says nothing of the same name in public.
pub(super) fn private_zones(plan: &Plan) -> BTreeSet<String> {
    let mut all = Vec::new();
    for resource in plan.resource_changes.iter().flatten() {
        all.extend([
            (resource.kind.as_str(), &resource.change.before),
            (resource.kind.as_str(), &resource.change.after),
        ]);
    }
    prior(&plan.prior_state["values"]["root_module"], 0, &mut all);
    let ids =
        all.into_iter().filter(|(kind, values)| is_private_zone(kind, values)).flat_map(|(kind, values)| {
            // The name of a zone of Google is an identifier; elsewhere it is the domain.
            let keys = if kind.starts_with("google_") { &["id", "name"][..] } else { &["zone_id", "id"] };
            keys.iter().filter_map(|key| text(values, key)).map(str::to_owned)
        });
    ids.collect()
}

fn is_private_zone(kind: &str, values: &Value) -> bool {
    match kind {
        "aws_route53_zone" => {
            let networks = values.get("vpc").and_then(Value::as_array);
            networks.is_some_and(|networks| !networks.is_empty())
                || values.get("private_zone").and_then(Value::as_bool) == Some(true)
        }
        "google_dns_managed_zone" => text(values, "visibility") == Some("private"),
        _ => false,
    }
}

/// A private zone, or a record of one.
pub(super) fn is_private(state: &State, private: &BTreeSet<String>) -> bool {
    let is_there = |key: &str| text(&state.values, key).is_some_and(|id| private.contains(id));
    is_private_zone(&state.kind, &state.values) || is_there("zone_id") || is_there("managed_zone")
}
