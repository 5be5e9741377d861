//! The names of a zone that publish something about mail, each with its role and its DKIM
//! selectors: what an audit of the zone is to look at.

use std::collections::{BTreeMap, BTreeSet};

use super::role::{self, Published};
use crate::model::{Name, NameRole, Rdata};
use crate::parse::dkim::key::{KeyRecord, PublicKey};
use crate::parse::spf;
use crate::parse::zone::{Zone, ZoneRecord};

/// One name to audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MailName {
    /// Without the labels that records about mail stand below, such as `_dmarc`.
    pub name: Name,
    pub role: NameRole,
    /// Selectors whose key is published here and not revoked, as text before `._domainkey`.
    pub selectors: Vec<String>,
}

#[derive(Default)]
struct Seen {
    published: Published,
    selectors: Vec<String>,
    /// Another record about mail: DMARC, MTA-STS, TLS-RPT, BIMI.
    other: bool,
}

/// The apex, and every name below it that publishes MX, SPF, DKIM, DMARC, MTA-STS, TLS-RPT or
/// BIMI records. Names below a delegation are their own zone's; a wildcard is a name where it
/// publishes SPF, and a name with an underscore where an SPF record stands that no other names.
pub(crate) fn of(zone: &Zone) -> Vec<MailName> {
    let Some(apex) = zone.origin() else { return Vec::new() };
    let mut names: BTreeMap<Name, Seen> = BTreeMap::from([(apex.clone(), Seen::default())]);
    let included = included(zone);
    for record in zone.records() {
        if record.owner.is_within(apex) && !zone.is_delegated(&record.owner) {
            note(record, apex, &mut names);
            if is_part(&record.owner) && spf_of(record).is_some() && !included.contains(&record.owner) {
                names.entry(record.owner.clone()).or_default();
            }
        }
    }
    names
        .into_iter()
        .map(|(name, mut seen)| {
            seen.published.is_apex = name == *apex;
            seen.selectors.sort_unstable();
            seen.selectors.dedup();
            MailName { role: role::of(&name, &seen.published), selectors: seen.selectors, name }
        })
        .collect()
}

/// Whether an SPF record at the name is a part of others (`_spf`): no mail domain is called so.
pub(crate) fn is_part(name: &Name) -> bool {
    let mut labels = name.labels();
    labels.next().is_some_and(|first| first != "*") && name.labels().any(|label| label.starts_with('_'))
}

/// Names that the zone's own SPF records include or lead to: they are judged there.
fn included(zone: &Zone) -> BTreeSet<Name> {
    let mut names = BTreeSet::new();
    for text in zone.records().iter().filter_map(spf_of) {
        for word in text.to_ascii_lowercase().split_ascii_whitespace() {
            let word = word.trim_start_matches(['+', '-', '~', '?']);
            let target = word.strip_prefix("include:").or_else(|| word.strip_prefix("redirect="));
            names.extend(target.map(|target| Name::lenient(target.trim_end_matches('.'))));
        }
    }
    names
}

/// What one record says of the name it is about.
fn note(record: &ZoneRecord, apex: &Name, names: &mut BTreeMap<Name, Seen>) {
    let labels: Vec<&str> = record.owner.labels().collect();
    let below = |count: usize| record.owner.suffix(labels.len().saturating_sub(count));
    let text = record.rdata.joined_text();
    match labels.as_slice() {
        // Each name below that has no record of its own answers with it.
        ["*", rest @ ..] if spf_of(record).is_some() && !rest.iter().any(|label| label.starts_with('_')) => {
            names.entry(record.owner.clone()).or_default().published.spf = spf_of(record);
        }
        ["*", ..] => {}
        [first, ..] if !first.starts_with('_') && !labels.iter().any(|label| label.starts_with('_')) => {
            match &record.rdata {
                Rdata::Mx { exchange, .. } => {
                    names.entry(record.owner.clone()).or_default().published.exchanges.push(exchange.clone());
                }
                Rdata::Txt(_) => {
                    if let Some(text) = spf_of(record) {
                        names.entry(record.owner.clone()).or_default().published.spf = Some(text);
                    }
                }
                _ => {}
            }
        }
        ["_dmarc" | "_mta-sts", ..] => about(names, below(1), apex),
        ["_smtp", "_tls", ..] | [_, "_bimi", ..] => about(names, below(2), apex),
        _ => {
            let Some(at) = labels.iter().position(|label| *label == "_domainkey").filter(|at| *at > 0) else {
                return;
            };
            let (selector, name) = (labels[..at].join("."), below(at + 1));
            // No keys: a policy (RFC 5617 and RFC 4870, historic), a wish for reports (RFC 6651 section 3.1).
            let is_other = matches!(labels[..at], ["_adsp" | "_policy" | "_report"]);
            if labels[..at].contains(&"*") || is_other || !name.is_within(apex) {
                return;
            }
            let live = match &record.rdata {
                Rdata::Txt(_) => text.is_none_or(|text| {
                    !matches!(KeyRecord::parse(&String::from_utf8_lossy(&text)).key, PublicKey::Revoked)
                }),
                Rdata::Cname(_) => true,
                _ => return,
            };
            let seen = names.entry(name).or_default();
            seen.published.has_key |= live;
            if live {
                seen.selectors.push(selector);
            }
        }
    }
}

/// The text of an SPF record.
fn spf_of(record: &ZoneRecord) -> Option<String> {
    let Rdata::Txt(_) = &record.rdata else { return None };
    let text = record.rdata.joined_text().filter(|text| spf::is_spf(text))?;
    Some(String::from_utf8_lossy(&text).into_owned())
}

fn about(names: &mut BTreeMap<Name, Seen>, name: Name, apex: &Name) {
    // `*._report._dmarc` and what stands above the apex are about others.
    if name.is_within(apex) && !name.labels().any(|label| label == "*" || label.starts_with('_')) {
        names.entry(name).or_default().other = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::zone::{NoFiles, parse};

    #[test]
    fn every_name_with_mail_is_found_once() {
        let text = "$ORIGIN example.com.\n$TTL 60\n@ MX 10 mx\n@ TXT \"v=spf1 mx -all\"\nmx A 192.0.2.1\n\
                    s1._domainkey TXT \"v=DKIM1; p=AAAA\"\nold._domainkey TXT \"v=DKIM1; p=\"\n\
                    *._domainkey TXT \"v=DKIM1; p=\"\nk._domainkey.news CNAME k.esp.example.\n\
                    _dmarc.shop TXT \"v=DMARC1; p=none\"\nparked TXT \"v=spf1 -all\"\nwww A 192.0.2.2\n\
                    _adsp._domainkey TXT \"dkim=all\"\n_report._domainkey TXT \"ra=dkim\"\n*.any TXT \"v=spf1 +all\"\n_spf1 TXT \"v=spf1 -all\"\n_spf2 TXT \"v=spf1 include:_spf3.example.com -all\"\n_spf3 TXT \"v=spf1 ip4:192.0.2.1 -all\"\n* TXT \"x\"\nother.example._report._dmarc TXT \"v=DMARC1\"\ngone NS ns.example.net.\n\
                    _dmarc.gone TXT \"v=DMARC1; p=none\"\n";
        let parsed = parse("z", text.as_bytes(), None, &mut NoFiles);
        let found: Vec<String> = of(&parsed.zone)
            .iter()
            .map(|one| format!("{} {} {}", one.name, one.role.name(), one.selectors.join(",")))
            .collect();
        assert_eq!(
            found,
            [
                "*.any.example.com none ",
                "_spf1.example.com none ",
                "_spf2.example.com none ",
                "example.com mail s1",
                "news.example.com mail k",
                "parked.example.com parked ",
                "shop.example.com none "
            ]
        );
    }
}
