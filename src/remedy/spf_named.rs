//! Terms of an SPF record that name something else than they can ask for: a list of hosts, the record of a
//! service in the place of a host, more mail exchangers than receivers look at.

use super::draft::Codes;
use super::public::{is_public_address, is_public_name};
use crate::facts::Facts;
use crate::facts::spf::{AddressSet, Limits, Node, Published, Step, TermFound, around, terms_of};
use crate::model::untrusted::{Width, plain};
use crate::model::{Name, RecordType};
use crate::parse::repair::spf::host_list;
use crate::parse::spf::{Mechanism, Qualifier, SpfRecord, TermKind, is_spf};
use crate::parse::web::psl;

/// What stands in the place of one term.
pub(super) struct Instead {
    /// The term's index in the record.
    pub term: usize,
    pub terms: Vec<String>,
    pub note: String,
    pub safe: bool,
}

/// The terms that are written otherwise; the error says which one nobody can read.
pub(super) fn instead(
    facts: &Facts,
    node: &Node,
    record: &SpfRecord,
    codes: &Codes,
) -> Result<Vec<Instead>, String> {
    let mut found = Vec::new();
    for (index, term) in record.terms.iter().enumerate() {
        let text = record.text_of(term);
        if let Some(terms) = names_several(&term.kind, text) {
            found.push(listed(facts, index, text, terms)?);
            continue;
        }
        let Some(step) = node.steps.iter().find(|step| step.term == index) else { continue };
        let TermKind::Directive { qualifier, mechanism } = &term.kind else { continue };
        if let Some(one) = service(facts, node, step, *qualifier, mechanism) {
            found.push(Instead { term: index, ..one });
        } else if codes.contains("spf-mx-limit")
            && let Some(one) = exchangers(facts, node, step, *qualifier, mechanism)?
        {
            found.push(Instead { term: index, ..one });
        }
    }
    Ok(found)
}

/// The terms of a list of hosts; an empty one where the text is a list that cannot be divided.
fn names_several(kind: &TermKind, text: &str) -> Option<Vec<String>> {
    let (_, name) = text.split_once([':', '='])?;
    let is_one = !name.contains([',', ';']) || name.contains('%');
    let asks = matches!(kind, TermKind::Redirect(_))
        || matches!(kind, TermKind::Directive { mechanism, .. } if !matches!(mechanism, Mechanism::Ip4(_) | Mechanism::Ip6(_)));
    (asks && !is_one).then(|| host_list(text).unwrap_or_default())
}

/// One term for each host of a list, where each of them is what the term asks for.
fn listed(facts: &Facts, term: usize, text: &str, terms: Vec<String>) -> Result<Instead, String> {
    let shown = plain(text, Width::Name);
    let lives = |term: &String| match term.split_once(':') {
        Some((head, host)) => {
            let (host, head) = (Name::lenient(host), head.to_ascii_lowercase());
            match head.trim_start_matches(['+', '-', '~', '?']) {
                "include" => publishes(facts, &host),
                "mx" => {
                    facts.ledger().dns(&host, RecordType::Mx).is_ok_and(|found| !found.records().is_empty())
                }
                _ => facts.ledger().has_address(&host).unwrap_or(false),
            }
        }
        None => false,
    };
    if terms.is_empty() || !terms.iter().all(lives) {
        return Err(format!(
            "{shown} names several hosts at once: write a term for each that still sends for you"
        ));
    }
    let note = format!("{} for {shown}, which receivers take for one name", terms.join(" "));
    Ok(Instead { term, terms, note, safe: true })
}

/// One sound SPF record stands at the name.
fn publishes(facts: &Facts, host: &Name) -> bool {
    let Ok(found) = facts.ledger().dns(host, RecordType::Txt) else { return false };
    let texts = found.records().iter().filter_map(|record| record.rdata.joined_text());
    let records: Vec<Vec<u8>> = texts.filter(|text| is_spf(text)).collect();
    matches!(records.as_slice(), [only] if SpfRecord::parse(only).faults.is_empty())
}

/// `a:_spf.service.example`, no host and a record of senders; `include:mail.example.com`, a host and no record.
fn service(
    facts: &Facts,
    node: &Node,
    step: &Step,
    qualifier: Qualifier,
    mechanism: &Mechanism,
) -> Option<Instead> {
    let host = Name::lenient(step.target.as_deref().filter(|_| qualifier == Qualifier::Pass)?);
    if host == node.name || !is_public_name(&host) {
        return None;
    }
    let none = |found: &Result<Vec<_>, _>| found.as_ref().is_ok_and(Vec::is_empty);
    let (term, why) = match (mechanism, &step.found) {
        (Mechanism::A { domain: Some(_), .. }, TermFound::Hosts(hosts))
            if none(&hosts.four)
                && hosts.six.as_ref().is_ok_and(Vec::is_empty)
                && publishes(facts, &host) =>
        {
            (format!("include:{host}"), "the name has no address and publishes its senders")
        }
        (Mechanism::Mx { domain: Some(_), .. }, TermFound::Exchanges(Ok(found)))
            if found.is_empty() && publishes(facts, &host) =>
        {
            (format!("include:{host}"), "the name has no MX and publishes its senders")
        }
        (Mechanism::Include(_), TermFound::Nested(target))
            if matches!(target.published, Published::Nothing(_))
                && facts.near_include(&target.domain, &node.name).is_none()
                && facts.ledger().has_address(&host).unwrap_or(false) =>
        {
            (format!("a:{host}"), "the name is a host and publishes no senders")
        }
        _ => return None,
    };
    let is_own = psl::organizational(&host) == psl::organizational(&node.name);
    let is_service = host.labels().any(|label| label.starts_with('_'));
    let text = plain(node.text_of(step), Width::Name);
    let note = format!("{term} for {text}: {why}");
    Some(Instead { term: step.term, terms: vec![term], note, safe: is_own || is_service })
}

/// The addresses of all hosts behind an `mx` that names more than receivers look at.
fn exchangers(
    facts: &Facts,
    node: &Node,
    step: &Step,
    qualifier: Qualifier,
    mechanism: &Mechanism,
) -> Result<Option<Instead>, String> {
    let (Mechanism::Mx { cidr, .. }, TermFound::Exchanges(Ok(found))) = (mechanism, &step.found) else {
        return Ok(None);
    };
    if found.len() <= Limits::RFC.names {
        return Ok(None);
    }
    let mut nets = Vec::new();
    for exchange in found.iter().filter(|exchange| !exchange.name.is_root() && !exchange.name.is_unaskable())
    {
        let addresses = facts.ledger().addresses(&exchange.name);
        let addresses =
            addresses.map_err(|gap| format!("an answer that the record needs is missing: {gap}"))?;
        let public = addresses.into_iter().filter(|ip| is_public_address(*ip));
        nets.extend(public.filter_map(|ip| around(ip, cidr.four, cidr.six)));
    }
    let sign = if qualifier == Qualifier::Pass { String::new() } else { qualifier.symbol().to_string() };
    let terms: Vec<String> =
        terms_of(&AddressSet::of(nets)).into_iter().map(|term| format!("{sign}{term}")).collect();
    if terms.is_empty() {
        return Ok(None);
    }
    let text = plain(node.text_of(step), Width::Name);
    let note =
        format!("the addresses of the {} hosts for {text}; compare them when a host moves", found.len());
    Ok(Some(Instead { term: step.term, terms, note, safe: true }))
}
