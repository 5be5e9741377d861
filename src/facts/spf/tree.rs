//! The tree of records below a domain, every term with what the DNS says to it.
//! Visits all terms, reached by a sender or not, so that one round asks all that
//! can be asked.

use std::cell::OnceCell;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::model::{Absence, Gap, Location, Name, Rdata, RecordType};
use crate::parse::spf::{MacroString, Mechanism, SpfRecord, Term, TermKind, is_spf};

use super::super::{Found, Ledger};
use super::Limits;
use super::allowance::Allowance;
use super::input::{SpfInput, is_initial_domain, query_name};

/// Terms with a look-up that one tree may hold. A receiver stops at ten; beyond
/// this the count says enough.
const TREE_TERMS: usize = 120;
/// Records below one another: each costs a look-up, so a receiver stops at eleven.
const TREE_DEPTH: usize = 20;

/// One domain asked for its policy.
#[derive(Clone, Debug)]
pub struct Node {
    /// As the record or the sender wrote it, macros expanded, without a last dot.
    pub domain: String,
    /// The same as a name of the DNS; the root where it cannot be one.
    pub name: Name,
    /// What was found there.
    pub published: Published,
    /// The terms that are evaluated for some sender, in order.
    pub steps: Vec<Step>,
    /// What `exp` leads to, on the first record and behind `redirect`.
    pub explain: Option<Explain>,
}

/// What stands at a domain.
#[derive(Clone, Debug)]
pub enum Published {
    /// No server can be asked for such a name.
    Malformed,
    /// The domain is being evaluated already further up.
    Loop,
    /// Not followed: the tree is too deep or too large.
    Beyond,
    /// The question for the record has no usable answer.
    Unknown(Gap),
    /// No SPF record; with the proof where there is no TXT record at all.
    Nothing(Option<Absence>),
    /// More than one SPF record, each as raw bytes: permerror (RFC 7208 section 4.5).
    Several(Vec<Vec<u8>>),
    /// The one record, and its line where it came from a zone file.
    Record(SpfRecord, Option<Location>),
}

/// One term and what came of its questions.
#[derive(Clone, Debug)]
pub struct Step {
    /// Index into the record's terms.
    pub term: usize,
    /// The domain it asks for; `None` for terms without one.
    pub target: Option<String>,
    /// What the answers say.
    pub found: TermFound,
}

/// What came of a term's questions.
#[derive(Clone, Debug)]
pub enum TermFound {
    /// `all`, `ip4`, `ip6`: nothing to ask.
    Settled,
    /// Its name depends on a sender that was not given.
    NeedsSender,
    /// Its name cannot be worked out yet.
    Unexpanded(Gap),
    /// The addresses of the name in `a`.
    Hosts(Hosts),
    /// The hosts of `mx`, at most as many as are looked at.
    Exchanges(Result<Vec<Exchange>, Gap>),
    /// The names of `ptr` that lead back to the client.
    Names(Result<Vec<Name>, Gap>),
    /// The A records of `exists`.
    Exists(Result<bool, Gap>),
    /// `include` and `redirect`.
    Nested(Box<Node>),
}

/// The addresses of one name; empty where there provably are none.
#[derive(Clone, Debug)]
pub struct Hosts {
    /// Its A records.
    pub four: Result<Vec<Ipv4Addr>, Gap>,
    /// Its AAAA records.
    pub six: Result<Vec<Ipv6Addr>, Gap>,
    /// False where no server can be asked for the name.
    pub asked: bool,
}

/// A host of an `mx` term.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The host as the MX record names it.
    pub name: Name,
    /// `None` past the limit.
    pub hosts: Option<Hosts>,
}

/// The explanation behind `exp=` (section 6.2).
#[derive(Clone, Debug)]
pub struct Explain {
    /// The name of `exp=`, macros expanded; `None` where it depends on a sender not given.
    pub target: Option<String>,
    /// All TXT records there.
    pub texts: Result<Vec<Vec<u8>>, Gap>,
}

impl Node {
    /// The record, where exactly one is published.
    pub fn record(&self) -> Option<&SpfRecord> {
        match &self.published {
            Published::Record(record, _) => Some(record),
            _ => None,
        }
    }

    /// The record's line, where it came from a zone file.
    pub fn location(&self) -> Option<&Location> {
        match &self.published {
            Published::Record(_, location) => location.as_ref(),
            _ => None,
        }
    }

    /// Every node of the tree, parents first, with its depth.
    pub fn visit<'n>(&'n self, depth: usize, seen: &mut dyn FnMut(&'n Node, usize)) {
        seen(self, depth);
        for step in &self.steps {
            if let TermFound::Nested(node) = &step.found {
                node.visit(depth + 1, seen);
            }
        }
    }

    /// The term that a step of this node belongs to.
    pub fn term(&self, step: &Step) -> Option<&Term> {
        self.record()?.terms.get(step.term)
    }

    /// The step's term as the record has it.
    pub fn text_of(&self, step: &Step) -> &str {
        match (self.record(), self.term(step)) {
            (Some(record), Some(term)) => record.text_of(term),
            _ => "",
        }
    }
}

pub(super) fn grow(ledger: &Ledger, input: &SpfInput, limits: Limits, allowance: &Allowance) -> (Node, bool) {
    let mut grower = Grower {
        ledger,
        input,
        limits,
        allowance,
        left: TREE_TERMS,
        spent: 0,
        cut: false,
        validated: OnceCell::new(),
    };
    let mut root = if is_initial_domain(&input.domain) {
        grower.node(&input.domain, &mut Vec::new(), true)
    } else {
        Node::bare(&input.domain, Name::root(), Published::Malformed)
    };
    root.domain = input.domain.strip_suffix('.').unwrap_or(&input.domain).to_owned();
    (root, grower.cut)
}

impl Node {
    fn bare(domain: &str, name: Name, published: Published) -> Node {
        Node { domain: domain.to_owned(), name, published, steps: Vec::new(), explain: None }
    }
}

struct Grower<'a, 'e> {
    ledger: &'a Ledger<'e>,
    input: &'a SpfInput,
    limits: Limits,
    allowance: &'a Allowance,
    left: usize,
    /// Terms with a look-up so far, in the order of evaluation: behind the limit no
    /// receiver asks anything.
    spent: usize,
    cut: bool,
    validated: OnceCell<Result<Vec<Name>, Gap>>,
}

impl Grower<'_, '_> {
    /// `explains`: an `exp` here would be used, which is not so below an include.
    fn node(&mut self, domain: &str, path: &mut Vec<Name>, explains: bool) -> Node {
        let Some(name) = query_name(domain) else {
            return Node::bare(domain, Name::root(), Published::Malformed);
        };
        if path.contains(&name) {
            return Node::bare(domain, name, Published::Loop);
        }
        if path.len() >= TREE_DEPTH {
            self.cut = true;
            return Node::bare(domain, name, Published::Beyond);
        }
        let published = match self.input.given.get(&name) {
            Some(text) => Published::Record(SpfRecord::parse(text), None),
            None => published(self.ledger, &name),
        };
        let mut node = Node::bare(domain, name.clone(), published);
        path.push(name);
        let mut steps = Vec::new();
        if let Some(record) = node.record() {
            for (index, term) in record.terms.iter().enumerate() {
                if matches!(term.kind, TermKind::Exp(_)) || !record.is_live(index) {
                    continue;
                }
                if let Some(step) = self.step(domain, index, term, path, explains) {
                    steps.push(step);
                }
            }
            if let Some((_, target)) = record.exp().filter(|_| explains) {
                node.explain = Some(self.explain(domain, target));
            }
        }
        path.pop();
        node.steps = steps;
        node
    }

    fn step(
        &mut self,
        domain: &str,
        index: usize,
        term: &Term,
        path: &mut Vec<Name>,
        explains: bool,
    ) -> Option<Step> {
        if term.costs_lookup() {
            if self.left == 0 {
                self.cut = true;
                return None;
            }
            self.left -= 1;
            self.spent += 1;
        }
        let target = match term.macros() {
            _ if !term.costs_lookup() => None,
            None => Some(Ok(domain.to_owned())),
            Some(text) => match self.expand(text, domain) {
                Some(expanded) => Some(expanded),
                None => return Some(Step { term: index, target: None, found: TermFound::NeedsSender }),
            },
        };
        let target = match target.transpose() {
            Ok(target) => target,
            Err(gap) => return Some(Step { term: index, target: None, found: TermFound::Unexpanded(gap) }),
        };
        let at = target.as_deref().unwrap_or_default();
        if term.costs_lookup() && self.spent > self.limits.lookups && !self.may_follow(term, at) {
            self.cut = true;
            return Some(Step { term: index, found: TermFound::Unexpanded(not_followed()), target });
        }
        let found = match &term.kind {
            TermKind::Redirect(_) => TermFound::Nested(Box::new(self.node(at, path, explains))),
            TermKind::Directive { mechanism, .. } => match mechanism {
                Mechanism::All | Mechanism::Ip4(_) | Mechanism::Ip6(_) => TermFound::Settled,
                Mechanism::Include(_) => TermFound::Nested(Box::new(self.node(at, path, false))),
                Mechanism::A { .. } => TermFound::Hosts(hosts(self.ledger, query_name(at).as_ref())),
                Mechanism::Mx { .. } => TermFound::Exchanges(self.exchanges(at)),
                Mechanism::Ptr(_) => match self.input.ip {
                    Some(_) => TermFound::Names(self.validated()),
                    None => TermFound::NeedsSender,
                },
                Mechanism::Exists(_) => TermFound::Exists(match query_name(at) {
                    Some(name) => self.ledger.dns(&name, RecordType::A).map(|f| !f.records().is_empty()),
                    None => Ok(false),
                }),
            },
            _ => return None,
        };
        Some(Step { term: index, target, found })
    }

    /// Whether the question of a term behind the limit may still be put.
    fn may_follow(&self, term: &Term, at: &str) -> bool {
        let Some(name) = query_name(at) else { return true };
        let TermKind::Directive { mechanism, .. } = &term.kind else {
            return self.allowance.permits(&name, RecordType::Txt);
        };
        match mechanism {
            Mechanism::A { .. } => {
                self.allowance.permits(&name, RecordType::A)
                    && self.allowance.permits(&name, RecordType::Aaaa)
            }
            Mechanism::Mx { .. } => self.allowance.permits(&name, RecordType::Mx),
            Mechanism::Exists(_) => self.allowance.permits(&name, RecordType::A),
            Mechanism::Include(_) => self.allowance.permits(&name, RecordType::Txt),
            // The names of `ptr` are looked up once for all terms.
            _ => true,
        }
    }

    /// `None` where the text depends on a sender that was not given.
    fn expand(&self, text: &MacroString, domain: &str) -> Option<Result<String, Gap>> {
        if self.input.ip.is_none() && text.uses("slhipv") {
            return None;
        }
        let validated = if text.uses("p") {
            match self.validated() {
                Ok(names) => preferred(&names, domain),
                Err(gap) => return Some(Err(gap)),
            }
        } else {
            String::new()
        };
        Some(Ok(text.expand_domain(&self.input.values(domain, &validated))))
    }

    fn exchanges(&mut self, domain: &str) -> Result<Vec<Exchange>, Gap> {
        let Some(name) = query_name(domain) else { return Ok(Vec::new()) };
        let found = self.ledger.dns(&name, RecordType::Mx)?;
        let names = found.records().iter().filter_map(|record| match &record.rdata {
            Rdata::Mx { exchange, .. } => Some(exchange),
            _ => None,
        });
        let names: Vec<&Name> = names.collect();
        let looked_at = names.iter().take(self.limits.names);
        let may_ask = |name: &&Name| {
            self.allowance.permits(name, RecordType::A) && self.allowance.permits(name, RecordType::Aaaa)
        };
        if self.spent > self.limits.lookups && !looked_at.copied().all(|name| may_ask(&name)) {
            self.cut = true;
            return Err(not_followed());
        }
        // Behind the limit no receiver asks: an audit does, to write the hosts out.
        for name in names.iter().skip(self.limits.names).filter(|name| may_ask(name)) {
            self.ledger.want(name, RecordType::A);
            self.ledger.want(name, RecordType::Aaaa);
        }
        Ok(names
            .into_iter()
            .enumerate()
            .map(|(index, name)| Exchange {
                name: name.clone(),
                // The root is the null MX (RFC 7505): no host at all.
                hosts: (index < self.limits.names)
                    .then(|| hosts(self.ledger, Some(name).filter(|n| !n.is_root()))),
            })
            .collect())
    }

    fn validated(&self) -> Result<Vec<Name>, Gap> {
        if self.input.is_nobody {
            return Ok(Vec::new());
        }
        self.validated.get_or_init(|| validated_names(self.ledger, self.input.ip, self.limits)).clone()
    }

    fn explain(&self, domain: &str, target: &MacroString) -> Explain {
        match self.expand(target, domain) {
            None => Explain { target: None, texts: Ok(Vec::new()) },
            Some(Err(gap)) => Explain { target: None, texts: Err(gap) },
            Some(Ok(target)) => Explain {
                texts: match query_name(&target) {
                    Some(name) => self.ledger.dns(&name, RecordType::Txt).map(texts),
                    None => Ok(Vec::new()),
                },
                target: Some(target),
            },
        }
    }
}

fn not_followed() -> Gap {
    Gap::undecidable("not followed further: a receiver stops before this term")
}

fn texts(found: Found) -> Vec<Vec<u8>> {
    found.records().iter().filter_map(|record| record.rdata.joined_text()).collect()
}

fn published(ledger: &Ledger, name: &Name) -> Published {
    let found = match ledger.dns(name, RecordType::Txt) {
        Ok(found) => found,
        Err(gap) => return Published::Unknown(gap),
    };
    let mut records: Vec<_> = found
        .records()
        .iter()
        .filter_map(|record| Some((record.rdata.joined_text()?, record.location.clone())))
        .filter(|(text, _)| is_spf(text))
        .collect();
    match records.len() {
        0 => Published::Nothing(found.absence()),
        1 => {
            let (text, location) = records.remove(0);
            Published::Record(SpfRecord::parse(&text), location)
        }
        _ => Published::Several(records.into_iter().map(|(text, _)| text).collect()),
    }
}

/// Both families travel together; which of them counts depends on the sender.
fn hosts(ledger: &Ledger, name: Option<&Name>) -> Hosts {
    let Some(name) = name.filter(|name| !name.is_unaskable()) else {
        return Hosts { four: Ok(Vec::new()), six: Ok(Vec::new()), asked: false };
    };
    let four = ledger.dns(name, RecordType::A);
    let six = ledger.dns(name, RecordType::Aaaa);
    let four = four.map(|found| {
        let address = |record: &crate::model::Record| match record.rdata {
            Rdata::A(ip) => Some(ip),
            _ => None,
        };
        found.records().iter().filter_map(address).collect()
    });
    let six = six.map(|found| {
        let address = |record: &crate::model::Record| match record.rdata {
            Rdata::Aaaa(ip) => Some(ip),
            _ => None,
        };
        found.records().iter().filter_map(address).collect()
    });
    Hosts { four, six, asked: true }
}

/// The names of an address that lead back to it (section 5.5). A name whose
/// addresses cannot be found out is skipped, as the section says; one that was
/// not asked yet is not.
pub(super) fn validated_names(ledger: &Ledger, ip: Option<IpAddr>, limits: Limits) -> Result<Vec<Name>, Gap> {
    let Some(ip) = ip else { return Ok(Vec::new()) };
    let found = ledger.dns(&Name::reverse(ip), RecordType::Ptr)?;
    let names = found.records().iter().filter_map(|record| match &record.rdata {
        Rdata::Ptr(name) => Some(name),
        _ => None,
    });
    let rtype = if ip.is_ipv4() { RecordType::A } else { RecordType::Aaaa };
    let mut validated = Vec::new();
    let mut missing = None;
    for name in names.take(limits.names).filter(|name| !name.is_root() && !name.is_unaskable()) {
        match ledger.dns(name, rtype) {
            Ok(found) => {
                let leads_back = found.records().iter().any(|record| match record.rdata {
                    Rdata::A(address) => ip == IpAddr::V4(address),
                    Rdata::Aaaa(address) => ip == IpAddr::V6(address),
                    _ => false,
                });
                if leads_back {
                    validated.push(name.clone());
                }
            }
            Err(Gap::Failed { .. }) => {}
            Err(gap) => missing = missing.or(Some(gap)),
        }
    }
    missing.map_or(Ok(validated), Err)
}

/// The name `p` stands for: the domain itself, else one below it, else any (section 7.3).
pub(super) fn preferred(names: &[Name], domain: &str) -> String {
    let domain = query_name(domain).unwrap_or_else(Name::root);
    let exact = names.iter().find(|name| **name == domain);
    let below = || names.iter().find(|name| !domain.is_root() && name.is_within(&domain));
    exact
        .or_else(below)
        .or_else(|| names.first())
        .map_or_else(|| "unknown".to_owned(), |name| name.as_str().to_owned())
}
