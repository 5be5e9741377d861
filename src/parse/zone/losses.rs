//! What an edit of a zone takes from names that no question about one name shows: who answers for
//! them, keys that stood elsewhere, a stricter policy from above.

use std::collections::{BTreeMap, BTreeSet};

use super::{Zone, ZoneAnswer, ZoneRecord};
use crate::model::untrusted::Width;
use crate::model::{Location, Name, Rdata, RecordType, Severity, ZoneProblem, untrusted};
use crate::parse::dkim::key::{KeyRecord, PublicKey};
use crate::parse::dmarc::{Disposition, DmarcRecord};

/// Problems of one kind at most.
const MOST: usize = 100;

/// What the step from `old` to `new` takes away.
pub(super) fn losses(old: &Zone, new: &Zone) -> Vec<ZoneProblem> {
    // A zone that is gone is told as one thing.
    if new.records().is_empty() {
        return Vec::new();
    }
    let mut found = delegations(old, new);
    found.extend(aliased(old, new));
    found.extend(keys_elsewhere(old, new));
    found.extend(opened(old, new));
    found
}

fn shown(name: &Name) -> String {
    untrusted::plain(name.as_str(), Width::Line)
}

fn problem(
    code: &str,
    name: &Name,
    severity: Severity,
    location: Location,
    (summary, fix): (String, &str),
) -> ZoneProblem {
    ZoneProblem {
        code: code.to_owned(),
        name: name.clone(),
        severity: Some(severity),
        summary,
        fix: fix.to_owned(),
        whole: None,
        location,
    }
}

/// Name servers by the name that they answer for.
fn servers(zone: &Zone) -> BTreeMap<&Name, (BTreeSet<&Name>, &ZoneRecord)> {
    let mut all: BTreeMap<&Name, (BTreeSet<&Name>, &ZoneRecord)> = BTreeMap::new();
    for record in zone.records() {
        if let Rdata::Ns(server) = &record.rdata {
            all.entry(&record.owner).or_insert_with(|| (BTreeSet::new(), record)).0.insert(server);
        }
    }
    all
}

/// Delegations that are gone, and names that other servers answer for than before.
fn delegations(old: &Zone, new: &Zone) -> Vec<ZoneProblem> {
    let (before, after) = (servers(old), servers(new));
    let mut found = Vec::new();
    for (name, (was, record)) in before {
        if found.len() >= MOST {
            break;
        }
        let is_apex = Some(name) == old.origin();
        let names = |servers: &BTreeSet<&Name>| {
            let names: Vec<String> = servers.iter().take(4).map(|name| shown(name)).collect();
            names.join(", ")
        };
        match after.get(name) {
            Some((now, record)) if was.is_disjoint(now) => {
                let summary = format!(
                    "{} is answered by {} from now on, and by {} no longer; what those servers publish counts",
                    shown(name),
                    names(now),
                    names(&was)
                );
                let severity = if is_apex { Severity::Info } else { Severity::Low };
                let fix = "have the new servers publish the same records before this change goes live";
                found.push(problem("change-delegated", name, severity, record.location(), (summary, fix)));
            }
            None if !is_apex && !new.is_delegated(name) && may_be_gone(new, name) => {
                let (what, severity) = match new.exists(name) {
                    true => ("this zone answers for it now", Severity::Low),
                    false => ("no name there exists now, and mail to and from them fails", Severity::Medium),
                };
                let summary =
                    format!("{} was delegated to {} and is not any more; {what}", shown(name), names(&was));
                let fix = "put the NS records back, or bring the records of those servers into this zone";
                found.push(problem("change-delegated", name, severity, record.location(), (summary, fix)));
            }
            _ => {}
        }
    }
    found
}

/// False where an entry that could not be read may be the one that is missed.
fn may_be_gone(zone: &Zone, name: &Name) -> bool {
    let answer = zone.lookup(name, RecordType::Ns);
    !matches!(answer, ZoneAnswer::Unreadable(_) | ZoneAnswer::Open(_) | ZoneAnswer::OutOfZone)
}

/// Names whose records about mail gave way to an alias that leads out of the zone.
fn aliased(old: &Zone, new: &Zone) -> Vec<ZoneProblem> {
    let is_mail = |record: &&ZoneRecord| match &record.rdata {
        Rdata::Mx { .. } => true,
        Rdata::Txt(_) => record.rdata.joined_text().is_some_and(|text| text.starts_with(b"v=")),
        _ => false,
    };
    let outside = |record: &&ZoneRecord| match &record.rdata {
        Rdata::Cname(target) => leads_out(new, target),
        _ => false,
    };
    let handed = new.records().iter().filter(outside).filter_map(|alias| {
        let Rdata::Cname(target) = &alias.rdata else { return None };
        let count = old.at(&alias.owner).filter(|record| is_mail(record)).count();
        // A record below `_dmarc` and the like is often kept by a provider, who reads the reports.
        let is_below = alias.owner.labels().any(|label| label.starts_with('_'));
        let is_hidden = is_below || old.is_delegated(&alias.owner) || new.is_delegated(&alias.owner);
        let first = old.at(&alias.owner).find(|record| is_mail(record)).filter(|_| !is_hidden)?;
        let summary = format!(
            "{} held {count} records about mail ({} first) and is an alias of {} now; what stands there counts",
            shown(&alias.owner),
            first.rdata.record_type(),
            shown(target)
        );
        let fix = "make sure that the alias's target publishes the same records, or keep them here";
        let at = alias.location();
        Some(problem("change-delegated", &alias.owner, Severity::Medium, at, (summary, fix)))
    });
    handed.take(MOST).collect()
}

fn leads_out(zone: &Zone, target: &Name) -> bool {
    matches!(zone.lookup(target, RecordType::A), ZoneAnswer::OutOfZone | ZoneAnswer::Delegated(_))
}

/// Keys whose text the old file did not hold, or held for any selector, and whose name is gone.
fn keys_elsewhere(old: &Zone, new: &Zone) -> Vec<ZoneProblem> {
    let mut found = Vec::new();
    for record in old.records() {
        let labels: Vec<&str> = record.owner.labels().collect();
        let is_key = labels.iter().skip(1).any(|label| *label == "_domainkey");
        let is_wild = labels.first() == Some(&"*");
        let what = match &record.rdata {
            _ if !is_key || found.len() >= MOST || old.is_delegated(&record.owner) => continue,
            Rdata::Cname(target) if leads_out(old, target) => {
                format!("led to a key at {}", shown(target))
            }
            Rdata::Txt(_) if is_wild && is_live(record) => "held a DKIM key for every selector".to_owned(),
            _ => continue,
        };
        // What stands at the name of a wildcard answers for no other name.
        let answer = new.lookup(&record.owner, RecordType::Txt);
        if !matches!(answer, ZoneAnswer::Nxdomain | ZoneAnswer::NoData) {
            continue;
        }
        let summary =
            format!("{} {what} and holds none now; mail signed with it fails DKIM", shown(&record.owner));
        let fix = "keep the record until a week after the last mail was signed with it";
        let at = record.location();
        found.push(problem("change-selector-removed", &record.owner, Severity::Medium, at, (summary, fix)));
    }
    found
}

fn is_live(record: &ZoneRecord) -> bool {
    let text = record.rdata.joined_text().unwrap_or_default();
    matches!(KeyRecord::parse(&String::from_utf8_lossy(&text)).key, PublicKey::Rsa(_) | PublicKey::Ed25519(_))
}

/// The one DMARC record at a name.
fn dmarc<'z>(zone: &'z Zone, name: &Name) -> Option<(DmarcRecord, &'z ZoneRecord)> {
    let ZoneAnswer::Records(records) = zone.lookup(&name.prefixed("_dmarc"), RecordType::Txt) else {
        return None;
    };
    let read = |record: &&'z ZoneRecord| {
        let text = record.rdata.joined_text()?;
        Some((DmarcRecord::parse(&String::from_utf8_lossy(&text))?, *record))
    };
    let mut found = records.iter().filter_map(read);
    found.next().filter(|_| found.next().is_none())
}

fn asked(record: &DmarcRecord, policy: Option<Disposition>) -> Option<Disposition> {
    policy.map(|policy| if record.testing { policy.one_lower() } else { policy })
}

/// Names that had a policy from above and get a weaker one of their own.
fn opened(old: &Zone, new: &Zone) -> Vec<ZoneProblem> {
    let Some(apex) = old.origin() else { return Vec::new() };
    let names: BTreeSet<Name> = new
        .records()
        .iter()
        .filter(|record| record.owner.labels().next() == Some("_dmarc"))
        .filter_map(|record| record.owner.parent())
        .filter(|name| name != apex && name.is_within(apex))
        .collect();
    let mut found = Vec::new();
    for name in names {
        let was = old.lookup(&name.prefixed("_dmarc"), RecordType::Txt);
        if found.len() >= MOST || !matches!(was, ZoneAnswer::Nxdomain | ZoneAnswer::NoData) {
            continue;
        }
        let Some((own, record)) = dmarc(new, &name) else { continue };
        let Some((above, from)) = inherited(old, apex, &name) else { continue };
        let Some(now) = asked(&own, own.policy()).filter(|now| *now < above) else { continue };
        let name = name.prefixed("_dmarc");
        let summary = format!(
            "mail as names below {} was under {} by the record of {}; {} asks for {} now",
            shown(&name.suffix(name.label_count() - 1)),
            above.name(),
            shown(&from),
            shown(&name),
            now.name()
        );
        let fix = "ask for no less than the record above does, unless the change is meant";
        let at = record.location();
        found.push(problem("change-policy-weakened", &name, Severity::Medium, at, (summary, fix)));
    }
    found
}

/// The policy for a name by the nearest record above it, and whose that is.
fn inherited(zone: &Zone, apex: &Name, name: &Name) -> Option<(Disposition, Name)> {
    let mut above = name.parent()?;
    while above.is_within(apex) {
        if let Some((record, _)) = dmarc(zone, &above) {
            let policy = match zone.exists(name) {
                true => record.subdomain_policy(),
                false => record.nonexistent_policy(),
            };
            return Some((asked(&record, policy)?, above));
        }
        above = above.parent()?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::zone::{NoFiles, parse};

    fn told(old: &str, new: &str) -> Vec<String> {
        let head = "$TTL 60\n@ SOA ns.example.net. h 1 1 1 1 1\n@ NS ns.example.net.\n";
        let read = |text: &str| {
            let text = format!("{head}{text}");
            parse("z", text.as_bytes(), Some(&Name::lenient("example.com")), &mut NoFiles)
        };
        let all = losses(&read(old).zone, &read(new).zone);
        let line = |one: &ZoneProblem| {
            let severity = one.severity.map_or("", Severity::name);
            format!("{} {} {severity} {}", one.location.line, one.code, one.name)
        };
        all.iter().map(line).collect()
    }

    #[test]
    fn who_answers_for_a_name_is_told() {
        let shop = "shop NS a.example.org.\nshop NS b.example.org.\n";
        assert_eq!(told(shop, shop), [""; 0]);
        assert_eq!(told(shop, "shop NS b.example.org.\n"), [""; 0]);
        assert_eq!(told(shop, ""), ["4 change-delegated medium shop.example.com"]);
        assert_eq!(told(shop, "x.shop A 192.0.2.1\n"), ["4 change-delegated low shop.example.com"]);
        let other = "shop NS a.example.info.\n";
        assert_eq!(told(shop, other), ["4 change-delegated low shop.example.com"]);
        let apex = |server: &str| format!("@ NS {server}.example.info.\n");
        assert_eq!(told(&apex("a"), &apex("b")), [""; 0]);
        // An entry that cannot be read may be the delegation.
        assert_eq!(told(shop, "shop NS\n"), [""; 0]);
        let mail = "news MX 10 mx.example.net.\n";
        assert_eq!(
            told(mail, "news CNAME web.example.org.\n"),
            ["4 change-delegated medium news.example.com"]
        );
        let policy = "_dmarc TXT \"v=DMARC1; p=none\"\n";
        assert_eq!(told(policy, "_dmarc CNAME d.example.org.\n"), [""; 0]);
        assert_eq!(told(mail, "news CNAME web\nweb MX 10 mx.example.net.\n"), [""; 0]);
        assert_eq!(told("www A 192.0.2.1\n", "www CNAME web.example.org.\n"), [""; 0]);
    }

    #[test]
    fn keys_that_stood_elsewhere_are_missed() {
        let alias = "k1._domainkey CNAME k1.esp.example.\n";
        let key = "k1._domainkey TXT \"v=DKIM1; p=AAAA\"\n";
        assert_eq!(told(alias, ""), ["4 change-selector-removed medium k1._domainkey.example.com"]);
        assert_eq!(told(alias, key), [""; 0]);
        assert_eq!(told(alias, "*._domainkey CNAME k.esp.example.\n"), [""; 0]);
        assert_eq!(told(alias, "k1._domainkey CNAME\n"), [""; 0]);
        // The key itself is asked for at its name.
        assert_eq!(told(key, ""), [""; 0]);
        assert_eq!(told("*._domainkey TXT \"v=DKIM1; p=\"\n", ""), [""; 0]);
    }

    #[test]
    fn a_weaker_policy_of_its_own_is_told() {
        let above = "_dmarc TXT \"v=DMARC1; p=reject; np=none\"\nshop MX 10 mx.example.net.\n";
        let with = |own: &str| format!("{above}{own}\n");
        let weak = ["6 change-policy-weakened medium _dmarc.shop.example.com"];
        assert_eq!(told(above, &with("_dmarc.shop TXT \"v=DMARC1; p=none\"")), weak);
        assert_eq!(told(above, &with("_dmarc.shop TXT \"v=DMARC1; p=reject; t=y\"")), weak);
        assert_eq!(told(above, &with("_dmarc.shop TXT \"v=DMARC1; p=reject\"")), [""; 0]);
        // Of a name that was not there the policy was none.
        assert_eq!(told(above, &with("_dmarc.new TXT \"v=DMARC1; p=none\"")), [""; 0]);
        assert_eq!(told("", "_dmarc.shop TXT \"v=DMARC1; p=none\"\n"), [""; 0]);
    }
}
