//! What is an error depends on who serves the zone: `served-by` of `[[zone]]`, or the format or
//! the resources that one provider alone has.

use std::sync::Arc;

use super::files::ZoneInput;
use crate::config::zones::{ServedBy, ZoneSetting};
use crate::model::{Location, Severity, ZoneProblem};
use crate::parse::zone::foreign::Format;
use crate::parse::zone::{Provider, Serving};

/// What certain servers do not load, and others take.
const REFUSED: [(ServedBy, &str); 3] = [
    (ServedBy::Knot, "zone-strings-touching"),
    (ServedBy::Knot, "zone-name-not-ascii"),
    (ServedBy::Nsd, "zone-out-of-zone"),
];

/// What certain servers load, and others refuse.
const TAKEN: [(ServedBy, &str); 1] = [(ServedBy::Nsd, "zone-target-alias")];

/// Servers without `$GENERATE`, which is BIND's.
const WITHOUT_GENERATE: [ServedBy; 2] = [ServedBy::Nsd, ServedBy::Knot];

/// Types that only one kind of server works out.
const OWN_TYPES: [(ServedBy, &[&str]); 2] =
    [(ServedBy::Powerdns, &["ALIAS", "LUA"]), (ServedBy::Windows, &["WINS", "WINS-R"])];

fn server(zone: &ZoneInput, settings: &[ZoneSetting]) -> Option<ServedBy> {
    let said = settings.iter().filter(|setting| setting.is_about(&zone.file, zone.origin.as_str()));
    let own = match zone.format {
        Format::Cloudflare => Some(ServedBy::Cloudflare),
        Format::Route53 => Some(ServedBy::Route53),
        Format::Windows => Some(ServedBy::Windows),
        _ => zone.parsed.provider.map(|provider| match provider {
            Provider::Cloudflare => ServedBy::Cloudflare,
            Provider::Route53 => ServedBy::Route53,
            Provider::Azure => ServedBy::Azure,
            Provider::Google => ServedBy::Google,
        }),
    };
    said.filter_map(|setting| setting.served_by).next_back().or(own)
}

/// The zones as their servers publish them.
pub(super) fn publish(zones: &mut [ZoneInput], settings: &[ZoneSetting]) {
    for zone in zones {
        let Some(server) = server(zone, settings) else { continue };
        let serving =
            Serving { splits_strings: server.splits_strings(), flattens_apex: server.flattens_apex() };
        if let Some(served) = zone.parsed.as_served(serving) {
            zone.parsed = Arc::new(served);
        }
    }
}

/// Takes away what is no problem there, and makes an error of what the servers refuse.
pub(super) fn weigh(zone: &ZoneInput, settings: &[ZoneSetting], found: &mut Vec<ZoneProblem>) {
    let server = server(zone, settings);
    let is_of_apex =
        |problem: &ZoneProblem| matches!(problem.code.as_str(), "zone-soa-missing" | "zone-ns-missing");
    let loads = server.filter(|server| server.loads_files());
    // The provider writes SOA and NS records of the apex itself.
    if loads.is_none() && (server.is_some() || !zone.format.has_apex()) {
        found.retain(|problem| !is_of_apex(problem) && problem.code != "change-serial-kept");
    }
    if server.is_some_and(ServedBy::flattens_apex) {
        found.retain(|problem| problem.code != "zone-cname-at-apex");
    }
    let Some(server) = loads else { return };
    for problem in found.iter_mut() {
        let is_in = |list: &[(ServedBy, &str)]| list.contains(&(server, problem.code.as_str()));
        if is_of_apex(problem) || is_in(&REFUSED) || is_foreign_type(server, problem) {
            problem.severity = Some(Severity::High);
        } else if is_in(&TAKEN) {
            problem.severity = None;
        }
    }
    if WITHOUT_GENERATE.contains(&server) {
        found.extend(generated(zone, server));
    }
}

/// An entry of a provider's type, in a file for a server that does not know the type.
fn is_foreign_type(server: ServedBy, problem: &ZoneProblem) -> bool {
    let word = problem.summary.split(' ').next().unwrap_or_default().to_ascii_uppercase();
    let own = OWN_TYPES.iter().find(|(own, _)| *own == server).map_or(&[][..], |(_, types)| types);
    problem.code == "zone-address-unknown" && !own.contains(&word.as_str())
}

/// Lines that these servers stop at.
fn generated(zone: &ZoneInput, server: ServedBy) -> Vec<ZoneProblem> {
    let mut found = Vec::new();
    for source in &zone.parsed.sources {
        for (line, text) in (1u32..).zip(source.bytes.split(|byte| *byte == b'\n')) {
            if text.get(..9).is_some_and(|word| word.eq_ignore_ascii_case(b"$GENERATE")) {
                found.push(ZoneProblem {
                    whole: None,
                    code: "zone-entry-broken".to_owned(),
                    severity: Some(Severity::High),
                    name: zone.origin.clone(),
                    summary: format!("$GENERATE is BIND's; {} does not load the file", server.name()),
                    fix: "write the records out".to_owned(),
                    location: Location { file: source.file.to_string(), line },
                });
            }
        }
    }
    found
}
