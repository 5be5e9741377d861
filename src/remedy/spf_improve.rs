//! A sound SPF record made better: what has no effect or does harm goes, what is
//! missing comes, and no sender is lost.

use std::net::IpAddr;

use ipnet::IpNet;

use super::draft::Codes;
use super::public::{is_public, is_public_address};
use super::spf_named::{Instead, instead};
use crate::facts::Facts;
use crate::facts::spf::fix::address_term;
use crate::facts::spf::{
    Authorised, Cost, Evaluation, Node, Published, SpfResult, Step, TermFound, default_result, plans,
};
use crate::model::untrusted::Width;
use crate::parse::spf::{Mechanism, Qualifier, SpfRecord, TermKind};

/// Modifiers of other standards, which stay (RFC 6652).
const REGISTERED: [&str; 3] = ["ra", "rp", "rr"];

/// A better text for the same name.
pub(super) struct Better {
    pub text: String,
    pub safe: bool,
    pub notes: Vec<String>,
}

struct Draft<'r> {
    record: &'r SpfRecord,
    /// The terms that stay, by index, with their text.
    terms: Vec<(usize, String)>,
    notes: Vec<String>,
    safe: bool,
}

/// The domain's own record, improved; `None` where nothing is to be done.
pub(super) fn improved(facts: &Facts, codes: &Codes) -> Result<Option<Better>, String> {
    let Ok(spf) = facts.spf() else { return Ok(None) };
    let node = &spf.policy.root;
    let Some(record) = node.record().filter(|record| record.faults.is_empty()) else { return Ok(None) };
    let named = instead(facts, node, record, codes)?;
    let terms = record.terms.iter().enumerate().map(|(index, term)| (index, record.text_of(term).to_owned()));
    let mut draft = Draft { record, terms: terms.collect(), notes: Vec::new(), safe: true };
    named.into_iter().for_each(|one| draft.write(one));
    draft.name_near_includes(facts, node);
    if draft.text() != record.text && draft.terms.iter().any(|(index, _)| *index == usize::MAX) {
        // Who passes by what is named rightly need not be added, nor does a term look useless: seen as
        // published, the record is judged again.
        return Ok(Some(Better { text: draft.text(), safe: draft.safe, notes: draft.notes }));
    }
    draft.drop_dead(node, codes);
    draft.order(codes);
    draft.close(node, codes);
    if codes.contains("spf-ptr-mechanism") {
        draft.replace_ptr(facts)?;
    }
    let mut text = draft.text();
    if codes.contains("spf-ip-unauthorised") {
        let own: Vec<_> =
            spf.senders.iter().filter(|sender| sender.root.name == spf.domain).cloned().collect();
        let ips = failing(&own);
        let parked =
            matches!(record.terms.as_slice(), [only] if record.text_of(only).eq_ignore_ascii_case("-all"));
        if parked && !ips.is_empty() && facts.mx().is_ok_and(crate::facts::transport::mx::MxFacts::is_null) {
            return Err(format!(
                "{} says that it sends no mail and takes none; decide that first",
                spf.domain
            ));
        }
        if let Some(term) = refused_by_name(&own, node) {
            return Err(format!("{term} refuses the address by name; decide that first"));
        }
        if !ips.is_empty() {
            draft.notes.push("with the sending addresses given".to_owned());
        }
        text = with_addresses(&text, &ips);
    }
    let over = codes.contains("spf-lookup-limit") || codes.contains("spf-void-lookups");
    if over
        && text == record.text
        && let Some(plan) =
            plans(facts.ledger(), &spf.policy).into_iter().find(|plan| plan.records.len() == 1)
    {
        draft.notes.push(plan.title.clone());
        text = plan.records[0].1.clone();
    }
    if text == record.text {
        return Ok(None);
    }
    Ok(Some(Better { text, safe: draft.safe, notes: draft.notes }))
}

impl Draft<'_> {
    fn text(&self) -> String {
        self.terms.iter().fold(String::from("v=spf1"), |text, (_, term)| text + " " + term)
    }

    fn kind(&self, index: usize) -> Option<&TermKind> {
        self.record.terms.get(index).map(|term| &term.kind)
    }

    fn drop(&mut self, index: usize, why: &str) {
        if let Some(at) = self.terms.iter().position(|(known, _)| *known == index) {
            let (_, text) = self.terms.remove(at);
            self.notes.push(format!("without {}, {why}", crate::model::untrusted::plain(&text, Width::Name)));
        }
    }

    /// Other terms in the place of one.
    fn write(&mut self, one: Instead) {
        let Some(at) = self.terms.iter().position(|(known, _)| *known == one.term) else { return };
        let known: Vec<String> = self.terms.iter().map(|(_, text)| text.to_ascii_lowercase()).collect();
        let new = one.terms.into_iter().filter(|term| !known.contains(&term.to_ascii_lowercase()));
        self.terms.splice(at..=at, new.map(|term| (usize::MAX, term)));
        self.notes.push(one.note);
        self.safe &= one.safe;
    }

    /// Includes one letter away from a record that is there.
    fn name_near_includes(&mut self, facts: &Facts, node: &Node) {
        for step in node.steps.iter().filter(|step| leads_nowhere(node, step)) {
            let (TermFound::Nested(target), Some(at)) =
                (&step.found, self.terms.iter().position(|(index, _)| *index == step.term))
            else {
                continue;
            };
            let Some(near) = facts.near_include(&target.domain, &node.name) else { continue };
            let known = facts.spf_record_names().contains(&near.to_string());
            let twice =
                self.terms.iter().any(|(_, text)| text.eq_ignore_ascii_case(&format!("include:{near}")));
            if known && !twice {
                self.notes.push(format!(
                    "include:{near} for {}",
                    crate::model::untrusted::plain(&self.terms[at].1, Width::Name)
                ));
                self.terms[at] = (usize::MAX, format!("include:{near}"));
            }
        }
    }

    /// Terms that permit nobody, or only what others permit.
    fn drop_dead(&mut self, node: &Node, codes: &Codes) {
        let authorised = Authorised::of(node);
        for (index, term) in self.record.terms.iter().enumerate() {
            let step = node.steps.iter().find(|step| step.term == index);
            let share =
                authorised.terms.iter().find(|share| share.domain == node.domain && share.term == index);
            match &term.kind {
                TermKind::Unknown { name, .. }
                    if codes.contains("spf-modifier-unknown")
                        && !REGISTERED.contains(&name.to_ascii_lowercase().as_str()) =>
                {
                    self.drop(index, "which receivers ignore");
                }
                TermKind::Exp(_) if codes.contains("spf-exp-broken") => {
                    self.drop(index, "which leads to no text")
                }
                TermKind::Directive { mechanism, qualifier } => {
                    let net = match mechanism {
                        Mechanism::Ip4(net) => Some(IpNet::V4(*net)),
                        Mechanism::Ip6(net) => Some(IpNet::V6(*net)),
                        _ => None,
                    };
                    if codes.contains("spf-address-private")
                        && net.is_some_and(|net| net.prefix_len() > 0 && !is_public(net))
                    {
                        self.drop(index, "which no receiver ever sees");
                    } else if step.is_some_and(|step| leads_nowhere(node, step)) {
                        let still = self.terms.iter().any(|(known, _)| *known == index);
                        let include = matches!(mechanism, Mechanism::Include(_));
                        // Somebody was meant to send by it: that is for a person to see.
                        self.safe &= !still;
                        let why = match include {
                            true => {
                                "which leads to no record: if the service still sends for you, write the name it documents"
                            }
                            false => "which leads to nothing",
                        };
                        self.drop(index, why);
                    } else if codes.contains("spf-term-useless")
                        // Beside a range that is too wide to be meant every other term is useless.
                        && !codes.contains("spf-range-huge")
                        && *qualifier == Qualifier::Pass
                        && share.is_some_and(|share| {
                            !share.open && share.adds.is_empty() && !share.names.is_empty()
                        })
                    {
                        self.drop(index, "which permits nothing that the others do not");
                    }
                }
                _ => {}
            }
        }
    }

    /// `all` last, and what stood behind it or beside it before it.
    fn order(&mut self, codes: &Codes) {
        let Some((all, _)) = self.record.all() else { return };
        if codes.contains("spf-terms-after-all")
            && let Some(at) = self.terms.iter().position(|(index, _)| *index == all)
        {
            let lets_in = |(index, _): &(usize, String)| {
                matches!(self.record.terms.get(*index).map(|term| &term.kind),
                    Some(TermKind::Directive { qualifier: Qualifier::Pass, mechanism }) if !matches!(mechanism, Mechanism::All))
            };
            // Nobody passes by what stands behind `all` today.
            self.safe &= !self.terms[at + 1..].iter().any(lets_in);
            let end = self.terms.remove(at);
            let others: Vec<usize> = self
                .terms
                .iter()
                .filter(|(index, text)| {
                    *index != all && text.trim_start_matches(['+', '-', '~', '?']).eq_ignore_ascii_case("all")
                })
                .map(|(index, _)| *index)
                .collect();
            self.terms.retain(|(index, _)| !others.contains(index));
            self.terms.push(end);
        }
        if codes.contains("spf-redirect-ignored")
            && let Some((redirect, _)) = self.record.redirect()
            && let Some(at) = self.terms.iter().position(|(index, _)| *index == redirect)
        {
            let (_, text) = self.terms.remove(at);
            let target = text.split_once('=').map_or(String::new(), |(_, target)| target.to_owned());
            let end = self.terms.iter().position(|(index, _)| *index == all).unwrap_or(self.terms.len());
            self.terms.insert(end, (redirect, format!("include:{target}")));
        }
    }

    /// An end that says what becomes of strangers.
    fn close(&mut self, node: &Node, codes: &Codes) {
        if codes.contains("spf-all-permissive") {
            let authorised = Authorised::of(node);
            let own = authorised.terms.iter().filter(|share| share.domain == node.domain);
            for share in own.filter(|share| share.is_world()) {
                self.drop(share.term, "which lets anybody send");
            }
        }
        let end = |terms: &[(usize, String)]| {
            terms.iter().position(|(_, text)| {
                text.trim_start_matches(['+', '-', '~', '?']).eq_ignore_ascii_case("all")
            })
        };
        let redirects =
            self.terms.iter().any(|(index, _)| matches!(self.kind(*index), Some(TermKind::Redirect(_))));
        let open = codes.contains("spf-all-missing") || codes.contains("spf-all-permissive");
        if open && !redirects && end(&self.terms).is_none() && default_result(node).is_ok() {
            self.terms.push((usize::MAX, "-all".to_owned()));
        }
        if codes.contains("spf-all-neutral")
            && let Some(at) = end(&self.terms)
            && self.terms[at].1.starts_with('?')
        {
            self.terms[at].1 = "~all".to_owned();
        }
    }

    /// The addresses given in place of `ptr`, which lets through whoever has a name.
    fn replace_ptr(&mut self, facts: &Facts) -> Result<(), String> {
        let leans = |kind: Option<&TermKind>| {
            matches!(kind, Some(TermKind::Directive { mechanism: Mechanism::Ptr(_), .. }))
        };
        let indices: Vec<usize> =
            self.terms.iter().map(|(index, _)| *index).filter(|index| leans(self.kind(*index))).collect();
        if indices.is_empty() {
            return Ok(());
        }
        let ips: Vec<IpAddr> =
            facts.target().ips.iter().copied().filter(|ip| super::public::is_public_address(*ip)).collect();
        if ips.is_empty() {
            return Err(
                "which addresses ptr lets through is not known; give the sending ones with --ip".to_owned()
            );
        }
        for index in indices {
            self.drop(
                index,
                "so that only the addresses given with --ip take its place: add others that send",
            );
        }
        self.safe = false;
        let known: Vec<String> = self.terms.iter().map(|(_, text)| text.clone()).collect();
        let missing = ips.iter().map(|ip| address_term(*ip)).filter(|term| !known.contains(term));
        let terms: Vec<(usize, String)> = missing.map(|term| (usize::MAX, term)).collect();
        self.terms.splice(0..0, terms);
        Ok(())
    }
}

/// A term of one's own record that provably finds nothing: no host, no record, a circle.
fn leads_nowhere(node: &Node, step: &Step) -> bool {
    match &step.found {
        TermFound::Nested(target) => {
            matches!(target.published, Published::Nothing(_) | Published::Malformed | Published::Loop)
                && matches!(node.term(step).map(|term| &term.kind), Some(TermKind::Directive { .. }))
        }
        TermFound::Hosts(hosts) => {
            hosts.four.as_ref().is_ok_and(Vec::is_empty) && hosts.six.as_ref().is_ok_and(Vec::is_empty)
        }
        TermFound::Exchanges(Ok(found)) => found.is_empty(),
        TermFound::Exists(Ok(found)) => !found && Cost::of_step(node, step, None).voids > 0,
        _ => false,
    }
}

/// Public addresses that get no pass, where that is known.
pub(super) fn failing(senders: &[Evaluation]) -> Vec<IpAddr> {
    let fails = |sender: &&Evaluation| {
        matches!(
            sender.known(),
            Ok(SpfResult::Fail | SpfResult::SoftFail | SpfResult::Neutral | SpfResult::PermError)
        )
    };
    senders
        .iter()
        .filter(fails)
        .filter_map(|sender| sender.input.ip)
        .filter(|ip| is_public_address(*ip))
        .collect()
}

/// The term of the record that refuses a sending address and is no `all`: its owner meant that.
fn refused_by_name(senders: &[Evaluation], node: &Node) -> Option<String> {
    let refused =
        senders.iter().filter(|sender| matches!(sender.known(), Ok(SpfResult::Fail | SpfResult::SoftFail)));
    let record = node.record()?;
    let hits: Vec<&str> =
        refused.filter_map(|sender| sender.verdict.path.first()).map(|hit| hit.term.as_str()).collect();
    let term = record.terms.iter().find(|term| {
        hits.contains(&record.text_of(term))
            && matches!(&term.kind, TermKind::Directive { qualifier, mechanism }
                if *qualifier != Qualifier::Pass && !matches!(mechanism, Mechanism::All))
    })?;
    Some(crate::model::untrusted::plain(record.text_of(term), Width::Name))
}

/// The record with these addresses in front of everything else.
pub(super) fn with_addresses(record: &str, ips: &[IpAddr]) -> String {
    match ips {
        [] => record.to_owned(),
        ips => crate::facts::spf::fix::with_addresses(record, ips),
    }
}
