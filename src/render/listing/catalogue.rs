//! `mailvet blocklist --lists`: the catalogue as it is built in.

use crate::data::blocklists::{Catalogue, Kind, List, Role};
use crate::render::escape;
use crate::render::style::{Look, table, wrap};

fn kinds(list: &List) -> String {
    let name = |kind: &Kind| match kind {
        Kind::Ip4 => "ip4",
        Kind::Ip6 => "ip6",
        Kind::Domain => "domain",
        Kind::Hash => "hash",
    };
    list.subjects.iter().map(name).collect::<Vec<_>>().join(" ")
}

fn asked(list: &List) -> &'static str {
    match (list.is_default(), list.is_askable()) {
        (true, _) => "default",
        (_, true) => "--all",
        _ => list.access.name(),
    }
}

/// A table; with `-v` a paragraph a list.
pub(crate) fn catalogue_terminal(catalogue: &Catalogue, look: Look) -> String {
    let mut out = String::new();
    if look.verbose {
        for list in &catalogue.lists {
            out.push_str(&paragraph(list, catalogue, look));
        }
    } else {
        let mut rows = comfy_table::Table::new();
        rows.load_style(table());
        rows.set_header(["zone", "asked", "weight", "kinds", "operator"]);
        for list in &catalogue.lists {
            let weight = if list.role == Role::Allow { "credit" } else { list.weight.name() };
            rows.add_row([&list.zone, asked(list), weight, &kinds(list), &list.operator]);
        }
        out.push_str(&format!("{rows}\n"));
    }
    let count = |role: Role| catalogue.lists.iter().filter(|list| list.role == role).count();
    out.push_str(&wrap(
        &format!(
            "{} lists, {} allowlists, {} entries of zones that are gone. asked: default (without a flag), \
             --all, or what it takes (registered resolver, key, subscription; hash is never asked). \
             -v shows codes, policy, removal and sources.",
            count(Role::Block),
            count(Role::Allow),
            catalogue.dead.len()
        ),
        look.width,
        "",
        "",
    ));
    out
}

fn paragraph(list: &List, catalogue: &Catalogue, look: Look) -> String {
    let mut out = format!("{}\n", look.bold(&list.zone));
    let mut line = |name: &str, text: &str| {
        out.push_str(&wrap(text, look.width, &format!("  {name:<9}"), "           "));
    };
    line("lists", &format!("{} ({})", list.lists, kinds(list)));
    line("by", &list.operator);
    line("weight", &format!("{}; asked: {}", list.weight.name(), asked(list)));
    for code in &list.codes {
        line("code", &format!("{} {}", code.code, code.means));
    }
    for code in &list.errors {
        line("error", &format!("{} {}", code.code, code.means));
    }
    line("policy", &list.policy);
    line("removal", list.delist.as_deref().unwrap_or("none offered"));
    line("lasts", list.expiry.as_deref().unwrap_or("the operator does not say"));
    let sources: Vec<&str> =
        list.source.split(',').map(|s| catalogue.sources.get(s).map_or(s, String::as_str)).collect();
    line("status", &format!("{} {}: {}", list.status, list.seen, sources.join("; ")));
    if let Some(note) = &list.note {
        line("note", note);
    }
    out
}

pub(crate) fn catalogue_csv(catalogue: &Catalogue) -> String {
    let mut out = String::from(
        "zone,role,kinds,operator,lists,weight,access,asked,policy,delist,expiry,status,seen\r\n",
    );
    for list in &catalogue.lists {
        let role = if list.role == Role::Allow { "allow" } else { "block" };
        let fields = [
            &list.zone,
            role,
            &kinds(list),
            &list.operator,
            &list.lists,
            list.weight.name(),
            list.access.name(),
            asked(list),
            &list.policy,
            list.delist.as_deref().unwrap_or_default(),
            list.expiry.as_deref().unwrap_or_default(),
            &list.status,
            &list.seen,
        ];
        out.push_str(&fields.map(escape::csv).join(","));
        out.push_str("\r\n");
    }
    out
}

pub(crate) fn catalogue_json(catalogue: &Catalogue) -> serde_json::Value {
    let list = |list: &List| {
        let code = |code: &crate::data::blocklists::Code| serde_json::json!({ "code": code.code.to_string(), "meaning": code.means });
        serde_json::json!({
            "zone": list.zone,
            "role": list.role,
            "kinds": list.subjects,
            "operator": list.operator,
            "lists": list.lists,
            "about": list.about.name(),
            "weight": list.weight.name(),
            "access": list.access.name(),
            "asked_by_default": list.is_default(),
            "codes": list.codes.iter().map(code).collect::<Vec<_>>(),
            "errors": list.errors.iter().map(code).collect::<Vec<_>>(),
            "policy": list.policy,
            "delist": list.delist,
            "expiry": list.expiry,
            "status": list.status,
            "seen": list.seen,
            "source": list.source,
        })
    };
    let dead = |dead: &crate::data::blocklists::Dead| serde_json::json!({ "zones": dead.zones, "since": dead.since, "state": dead.state, "source": dead.source });
    serde_json::json!({
        "schema": "mailvet/blocklist-catalogue/1",
        "lists": catalogue.lists.iter().map(list).collect::<Vec<_>>(),
        "dead": catalogue.dead.iter().map(dead).collect::<Vec<_>>(),
        "sources": catalogue.sources,
    })
}
