//! Who may send: the addresses a record permits, term by term.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::model::Gap;
use crate::parse::spf::{DualCidr, Mechanism, Qualifier, TermKind};

use super::ranges::{AddressSet, around};
use super::tree::{Hosts, Node, Published, Step, TermFound};
use crate::parse::web::psl;

/// The addresses a tree permits.
#[derive(Clone, Debug, Default)]
pub struct Authorised {
    /// All of them, as far as they do not depend on the sender.
    pub set: AddressSet,
    /// The terms of the first record (and of those behind `redirect`), in order.
    pub terms: Vec<TermShare>,
    /// Terms that permit by sender, such as `ptr` and macros: no set can be told.
    pub by_sender: Vec<String>,
    /// The addresses that terms and the end give another result.
    pub others: Others,
    /// An answer is missing, so there may be more.
    pub gap: Option<Gap>,
}

/// The addresses that get a result other than pass, each where the first matching term says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Others {
    /// By `-`.
    pub fail: AddressSet,
    /// By `~`.
    pub softfail: AddressSet,
    /// By `?`.
    pub neutral: AddressSet,
}

/// What one term adds.
#[derive(Clone, Debug)]
pub struct TermShare {
    /// The domain whose record holds the term.
    pub domain: String,
    /// Index into that record's terms.
    pub term: usize,
    /// The term as the record has it.
    pub text: String,
    /// Everything the term names.
    pub names: AddressSet,
    /// What no term before it has settled; empty for a term without effect.
    pub adds: AddressSet,
    /// Of those, what the organisation's own records and names settle; the rest
    /// is in the hands of others.
    pub own: AddressSet,
    /// What it permits depends on the sender or on answers that are missing.
    pub open: bool,
}

impl TermShare {
    /// True where the term by itself lets every address of a family in.
    pub fn is_world(&self) -> bool {
        !self.adds.is_empty() && self.names.is_world()
    }
}

impl Authorised {
    /// Adds up what a tree of records permits.
    pub fn of(root: &Node) -> Authorised {
        let mut scan = Scan::default();
        scan.record(root, &psl::organization_of(&root.domain), true);
        Authorised {
            set: scan.permitted,
            terms: scan.terms,
            by_sender: scan.by_sender,
            others: scan.others,
            gap: scan.gap,
        }
    }

    /// Addresses that only records of other organisations permit.
    pub fn foreign(&self) -> AddressSet {
        let own = self.terms.iter().fold(AddressSet::default(), |sum, term| sum.union(&term.own));
        self.set.minus(&own)
    }

    /// True where every address of a family may send, or all but those that are refused first.
    pub fn is_world(&self) -> bool {
        self.set.is_world()
    }
}

#[derive(Default)]
struct Scan {
    permitted: AddressSet,
    /// Of what is permitted, what the owner's own records and names settle.
    own: AddressSet,
    decided: AddressSet,
    terms: Vec<TermShare>,
    by_sender: Vec<String>,
    others: Others,
    gap: Option<Gap>,
}

impl Scan {
    fn record(&mut self, node: &Node, owner: &str, listed: bool) {
        if let Published::Unknown(gap) = &node.published {
            self.note(gap);
        }
        for step in &node.steps {
            let Some(term) = node.term(step) else { continue };
            if let (TermKind::Redirect(_), TermFound::Nested(target)) = (&term.kind, &step.found) {
                self.record(target, owner, listed);
                continue;
            }
            let TermKind::Directive { qualifier, mechanism } = &term.kind else { continue };
            let before = (self.gap.is_some(), self.by_sender.len());
            let (names, by_owner) = self.names(node, step, mechanism, owner);
            let adds = names.minus(&self.decided);
            let own = by_owner.minus(&self.decided);
            self.decided = self.decided.union(&names);
            let passes = *qualifier == Qualifier::Pass;
            let result = match qualifier {
                Qualifier::Pass => &mut self.permitted,
                Qualifier::Fail => &mut self.others.fail,
                Qualifier::SoftFail => &mut self.others.softfail,
                Qualifier::Neutral => &mut self.others.neutral,
            };
            *result = result.union(&adds);
            if passes {
                self.own = self.own.union(&own);
            }
            if listed {
                self.terms.push(TermShare {
                    domain: node.domain.clone(),
                    term: step.term,
                    text: node.text_of(step).to_owned(),
                    names,
                    adds: if passes { adds } else { AddressSet::default() },
                    own: if passes { own } else { AddressSet::default() },
                    open: before != (self.gap.is_some(), self.by_sender.len()),
                });
            }
        }
    }

    /// What a term names, and the part of it that the owner's own records settle.
    fn names(
        &mut self,
        node: &Node,
        step: &Step,
        mechanism: &Mechanism,
        owner: &str,
    ) -> (AddressSet, AddressSet) {
        if let (Mechanism::Include(_), TermFound::Nested(target)) = (mechanism, &step.found) {
            let mut inner = Scan::default();
            inner.record(target, owner, false);
            self.by_sender.extend(inner.by_sender);
            self.gap = self.gap.take().or(inner.gap);
            return (inner.permitted, inner.own);
        }
        let names = self.addresses(node, step, mechanism);
        if is_foreign(node, step, owner) { (names, AddressSet::default()) } else { (names.clone(), names) }
    }

    fn addresses(&mut self, node: &Node, step: &Step, mechanism: &Mechanism) -> AddressSet {
        match (mechanism, &step.found) {
            (Mechanism::All, _) => AddressSet::everything(),
            (Mechanism::Ip4(net), _) => AddressSet::of([IpNet::V4(*net)]),
            (Mechanism::Ip6(net), _) => AddressSet::of([IpNet::V6(*net)]),
            (Mechanism::A { cidr, .. }, TermFound::Hosts(hosts)) => self.hosts(hosts, *cidr),
            (Mechanism::Mx { cidr, .. }, TermFound::Exchanges(Ok(exchanges))) => {
                let hosts = exchanges.iter().filter_map(|exchange| exchange.hosts.as_ref());
                hosts.fold(AddressSet::default(), |sum, hosts| sum.union(&self.hosts(hosts, *cidr)))
            }
            // A name that exists for everyone matches everyone.
            (Mechanism::Exists(name), TermFound::Exists(Ok(true))) if name.is_constant() => {
                AddressSet::everything()
            }
            (
                _,
                TermFound::Exchanges(Err(gap)) | TermFound::Exists(Err(gap)) | TermFound::Unexpanded(gap),
            ) => {
                self.note(gap);
                AddressSet::default()
            }
            (Mechanism::Exists(name), TermFound::Exists(Ok(_))) if name.is_constant() => {
                AddressSet::default()
            }
            (_, TermFound::NeedsSender | TermFound::Names(_) | TermFound::Exists(_)) => {
                self.by_sender.push(node.text_of(step).to_owned());
                AddressSet::default()
            }
            _ => AddressSet::default(),
        }
    }

    fn hosts(&mut self, hosts: &Hosts, cidr: DualCidr) -> AddressSet {
        let mut nets = Vec::new();
        match &hosts.four {
            Ok(found) => {
                nets.extend(found.iter().filter_map(|ip| around(IpAddr::V4(*ip), cidr.four, cidr.six)))
            }
            Err(gap) => self.note(gap),
        }
        match &hosts.six {
            Ok(found) => {
                nets.extend(found.iter().filter_map(|ip| around(IpAddr::V6(*ip), cidr.four, cidr.six)))
            }
            Err(gap) => self.note(gap),
        }
        AddressSet::of(nets)
    }

    fn note(&mut self, gap: &Gap) {
        self.gap.get_or_insert_with(|| gap.clone());
    }
}

fn is_foreign(node: &Node, step: &Step, owner: &str) -> bool {
    let asks_elsewhere = step.target.as_deref().is_some_and(|target| psl::organization_of(target) != owner);
    asks_elsewhere || (psl::organization_of(&node.domain) != owner)
}

/// What an address gets that no term names, and the record that says so; `None`
/// where nothing does, which is neutral (RFC 7208 section 4.7).
///
/// # Errors
/// The gap of an answer on the way that is missing.
pub fn default_result(node: &Node) -> Result<Option<(Qualifier, &Node)>, Gap> {
    match &node.published {
        Published::Unknown(gap) => return Err(gap.clone()),
        Published::Record(record, _) => {
            if let Some((_, qualifier)) = record.all() {
                return Ok(Some((qualifier, node)));
            }
        }
        _ => return Ok(None),
    }
    for step in &node.steps {
        match (node.term(step).map(|term| &term.kind), &step.found) {
            (Some(TermKind::Redirect(_)), TermFound::Nested(target)) => return default_result(target),
            (Some(TermKind::Redirect(_)), TermFound::Unexpanded(gap)) => return Err(gap.clone()),
            _ => {}
        }
    }
    Ok(None)
}
