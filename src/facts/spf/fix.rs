//! Records to publish instead, each evaluated by the same engine before it is shown.

use std::net::IpAddr;

use crate::model::Name;
use crate::model::record::quoted;
use crate::parse::spf::{Mechanism, Qualifier, SpfRecord, TermKind};

use super::{Cost, Evaluation, Limits, SpfInput, evaluate};
use crate::facts::Ledger;

/// A record that was evaluated as if it were published.
#[derive(Clone, Debug)]
pub struct Proposal {
    pub record: String,
    pub evaluation: Evaluation,
    pub cost: Cost,
}

impl Proposal {
    /// What the record would be worth at the domain of `input`.
    pub fn evaluated(ledger: &Ledger, input: &SpfInput, record: String) -> Proposal {
        let evaluation = evaluate(ledger, &input.with_record(&record), Limits::RFC);
        let cost = evaluation.cost();
        Proposal { record, evaluation, cost }
    }

    /// True where receivers can work with it: no error, all limits kept.
    pub fn is_sound(&self) -> bool {
        let faultless = self.evaluation.root.record().is_some_and(|record| record.faults.is_empty());
        faultless
            && !self.evaluation.cut
            && self.cost.lookups <= Limits::RFC.lookups
            && self.cost.voids <= Limits::RFC.voids
    }

    /// The line for a zone file.
    pub fn line(&self, domain: &Name) -> String {
        zone_line(domain, &self.record)
    }
}

/// `example.com. TXT "v=spf1 ..."`, cut into strings of at most 255 octets, at a
/// space where one is near (RFC 7208 section 3.3).
pub(crate) fn zone_line(domain: &Name, record: &str) -> String {
    let mut line = format!("{domain}. TXT");
    let mut rest = record.as_bytes();
    loop {
        let mut cut = rest.len().min(255);
        if cut < rest.len()
            && let Some(space) = rest[..cut].iter().rposition(|byte| *byte == b' ')
            && space > 0
        {
            cut = space + 1;
        }
        line.push(' ');
        line.push_str(&quoted(&rest[..cut]));
        rest = &rest[cut..];
        if rest.is_empty() {
            return line;
        }
    }
}

/// One record that allows what any of several allow; `None` where one of them
/// cannot be read. The mildest of their ends wins, but never `+all`.
pub(crate) fn merged(records: &[Vec<u8>]) -> Option<String> {
    let mut terms: Vec<String> = Vec::new();
    let mut modifiers: Vec<String> = Vec::new();
    let mut ends: Vec<Qualifier> = Vec::new();
    for text in records {
        let record = SpfRecord::parse(text);
        let repaired = SpfRecord::parse(record.repaired()?.as_bytes());
        for (index, term) in repaired.terms.iter().enumerate() {
            let text = repaired.text_of(term).to_owned();
            let kept = match &term.kind {
                TermKind::Directive { mechanism: Mechanism::All, qualifier } => {
                    ends.push(*qualifier);
                    continue;
                }
                // Its end decides for all others, so it can only be kept as an include.
                TermKind::Redirect(_) if repaired.is_live(index) => {
                    let target = text.split_once('=').map(|(_, target)| target.to_owned())?;
                    ends.push(Qualifier::SoftFail);
                    format!("include:{target}")
                }
                TermKind::Redirect(_) => continue,
                TermKind::Exp(_) => {
                    if modifiers.is_empty() {
                        modifiers.push(text);
                    }
                    continue;
                }
                TermKind::Unknown { .. } => continue,
                _ => text,
            };
            let bare = kept.strip_prefix('+').unwrap_or(&kept).to_owned();
            if !terms.iter().any(|known| known.eq_ignore_ascii_case(&bare)) {
                terms.push(bare);
            }
        }
    }
    let strictest_first = [Qualifier::Neutral, Qualifier::SoftFail, Qualifier::Fail];
    let end = strictest_first.into_iter().find(|q| ends.contains(q)).unwrap_or(Qualifier::SoftFail);
    // Terms that ask nothing go first: they are cheap and often match. Never past one of another
    // qualifier, since the first match decides (RFC 7208 section 4.6.2).
    if !terms.iter().any(|term| term.starts_with(['-', '~', '?'])) {
        terms.sort_by_key(|term| !(term.starts_with("ip4:") || term.starts_with("ip6:")));
    }
    Some(join(&terms, end, &modifiers))
}

/// `v=spf1`, terms, the end, modifiers.
fn join(terms: &[String], end: Qualifier, modifiers: &[String]) -> String {
    let mut record = String::from("v=spf1");
    for term in terms {
        record.push(' ');
        record.push_str(term);
    }
    record.push(' ');
    record.push(end.symbol());
    record.push_str("all");
    for modifier in modifiers {
        record.push(' ');
        record.push_str(modifier);
    }
    record
}

/// The record with these addresses allowed in front of everything else.
pub(crate) fn with_addresses(record: &str, ips: &[IpAddr]) -> String {
    let rest = record.get(6..).unwrap_or_default().trim_start_matches(' ');
    let mut out = String::from("v=spf1");
    for ip in ips {
        out.push(' ');
        out.push_str(&address_term(*ip));
    }
    if !rest.is_empty() {
        out.push(' ');
        out.push_str(rest);
    }
    out
}

/// `ip4:192.0.2.1` or `ip6:2001:db8::1`.
pub(crate) fn address_term(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(ip) => format!("ip4:{ip}"),
        IpAddr::V6(ip) => format!("ip6:{ip}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merges_terms_and_ends() {
        let merge = |records: &[&str]| {
            merged(&records.iter().map(|record| record.as_bytes().to_vec()).collect::<Vec<_>>())
        };
        assert_eq!(
            merge(&["v=spf1 include:a.example ip4:192.0.2.1 -all", "v=spf1 MX Include:a.example ~all"])
                .unwrap(),
            "v=spf1 ip4:192.0.2.1 include:a.example MX ~all"
        );
        assert_eq!(
            merge(&["v=spf1 mx -all", "v=spf1 redirect=_spf.b.example"]).unwrap(),
            "v=spf1 mx include:_spf.b.example ~all"
        );
        assert_eq!(merge(&["v=spf1 mx +all", "v=spf1 a -all"]).unwrap(), "v=spf1 mx a -all");
        assert_eq!(merge(&["v=spf1 gibberish -all", "v=spf1 a -all"]), None);
    }

    #[test]
    fn lines_are_cut_at_spaces() {
        let record = format!("v=spf1 {}-all", "ip4:192.0.2.111 ".repeat(30));
        let line = zone_line(&Name::parse("example.com").unwrap(), &record);
        let strings: Vec<&str> = line.split('"').skip(1).step_by(2).collect();
        assert_eq!(strings.concat(), record);
        assert!(strings.iter().all(|s| s.len() <= 255) && strings.len() == 2);
    }

    #[test]
    fn addresses_go_first() {
        let ip = "::ffff:192.0.2.9".parse().unwrap();
        assert_eq!(with_addresses("v=spf1  -all", &[ip]), "v=spf1 ip4:192.0.2.9 -all");
        assert_eq!(with_addresses("v=spf1", &[ip]), "v=spf1 ip4:192.0.2.9");
    }
}
