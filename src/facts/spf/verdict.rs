//! The verdict a receiver reaches: terms in order, the first match decides,
//! limits counted up to there (RFC 7208 sections 4.6 and 5).

use std::net::IpAddr;
use std::ops::Range;

use ipnet::{Ipv4Net, Ipv6Net};

use crate::model::Gap;
use crate::parse::spf::{DualCidr, MacroString, Mechanism, Qualifier, TermKind};

use super::input::{SpfInput, query_name};
use super::tree::{self, Hosts, Node, Published, Step, TermFound};
use super::{Limits, SpfResult};
use crate::facts::Ledger;

/// The outcome of one evaluation.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// As a receiver with these answers would say; a gap only where an answer is
    /// missing altogether.
    pub result: Result<SpfResult, Gap>,
    /// A failed answer the result hangs on.
    pub uncertain: Option<Gap>,
    /// The text of `exp`, expanded; attacker-written.
    pub explanation: Option<String>,
    /// Terms with a look-up, up to the one that decided.
    pub lookups: usize,
    /// Those of them whose questions found nothing.
    pub voids: usize,
    /// The terms that matched, outermost first; empty for a default result.
    pub path: Vec<Hit>,
    /// What made it an error or left it without a policy.
    pub trouble: Option<Trouble>,
}

/// A term that matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The domain whose record holds the term.
    pub domain: String,
    /// The term as the record has it.
    pub term: String,
    /// Where the term stands in the record's text, in bytes.
    pub span: Range<usize>,
}

/// Where an evaluation broke off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The domain whose record is at fault.
    pub domain: String,
    /// The record's text and the guilty bytes in it.
    pub record: Option<(String, Range<usize>)>,
    /// What is wrong, for people; escaped.
    pub message: String,
}

pub(super) fn judge(ledger: &Ledger, input: &SpfInput, root: &Node, limits: Limits) -> Verdict {
    let mut walk =
        Walk { input, limits, lookups: 0, voids: 0, uncertain: None, path: Vec::new(), trouble: None };
    let (result, decided_by) = match walk.check_host(root) {
        Ok((result, node)) => (Ok(result), Some(node)),
        Err(gap) => (Err(gap), None),
    };
    let explanation = match (&result, decided_by) {
        (Ok(SpfResult::Fail), Some(node)) => explanation(ledger, input, node, limits),
        _ => None,
    };
    if !matches!(result, Ok(SpfResult::None | SpfResult::PermError | SpfResult::TempError)) {
        walk.trouble = None;
    }
    Verdict {
        result,
        uncertain: walk.uncertain,
        explanation,
        lookups: walk.lookups,
        voids: walk.voids,
        path: walk.path,
        trouble: walk.trouble,
    }
}

struct Walk<'a> {
    input: &'a SpfInput,
    limits: Limits,
    lookups: usize,
    voids: usize,
    uncertain: Option<Gap>,
    path: Vec<Hit>,
    trouble: Option<Trouble>,
}

/// A result and the record it came from; an early end that is no match.
enum Stop {
    Result(SpfResult),
    Missing(Gap),
}

type Checked<'n> = Result<(SpfResult, &'n Node), Gap>;

impl Walk<'_> {
    fn check_host<'n>(&mut self, node: &'n Node) -> Checked<'n> {
        let record = match &node.published {
            Published::Record(record, _) => record,
            other => return self.without_record(node, other),
        };
        // Errors anywhere in the record come before any evaluation (section 4.6).
        if let Some(fault) = record.faults.first() {
            self.blame(node, Some(fault.span.clone()), fault.message.clone());
            return Ok((SpfResult::PermError, node));
        }
        for step in &node.steps {
            let Some(term) = node.term(step) else { continue };
            let TermKind::Directive { qualifier, mechanism } = &term.kind else { continue };
            match self.matches(node, step, mechanism) {
                Ok(false) => {}
                Ok(true) => {
                    let hit = Hit {
                        domain: node.domain.clone(),
                        term: node.text_of(step).to_owned(),
                        span: term.span.clone(),
                    };
                    self.path.insert(0, hit);
                    return Ok((result_of(*qualifier), node));
                }
                Err(Stop::Result(result)) => return Ok((result, node)),
                Err(Stop::Missing(gap)) => return Err(gap),
            }
        }
        let redirects =
            |step: &&Step| node.term(step).is_some_and(|term| matches!(term.kind, TermKind::Redirect(_)));
        match node.steps.iter().find(redirects) {
            Some(step) => self.redirect(node, step),
            None => Ok((SpfResult::Neutral, node)),
        }
    }

    /// What comes of a domain that has no one record to evaluate.
    fn without_record<'n>(&mut self, node: &'n Node, published: &Published) -> Checked<'n> {
        let (result, message) = match published {
            Published::Several(records) => (
                SpfResult::PermError,
                format!("{} TXT records start with v=spf1; one is allowed", records.len()),
            ),
            Published::Record(..) | Published::Nothing(_) => {
                (SpfResult::None, "no TXT record starts with v=spf1".to_owned())
            }
            Published::Malformed => {
                (SpfResult::None, "no full domain name, so there is no policy to ask for".to_owned())
            }
            Published::Loop => (
                SpfResult::PermError,
                "the records lead back to this domain, so the limit of look-ups is reached".to_owned(),
            ),
            Published::Beyond => (SpfResult::PermError, "far more look-ups than the ten allowed".to_owned()),
            Published::Unknown(gap) => match self.failed(gap) {
                Stop::Result(result) => (result, gap.to_string()),
                Stop::Missing(gap) => return Err(gap),
            },
        };
        self.blame(node, None, message);
        Ok((result, node))
    }

    fn redirect<'n>(&mut self, node: &'n Node, step: &'n Step) -> Checked<'n> {
        if let Err(Stop::Result(result)) = self.spend(node, step) {
            return Ok((result, node));
        }
        let target = match &step.found {
            TermFound::Nested(target) => target,
            TermFound::Unexpanded(gap) => {
                return match self.failed(gap) {
                    Stop::Result(result) => Ok((result, node)),
                    Stop::Missing(gap) => Err(gap),
                };
            }
            // Without a sender nothing further can be said of it.
            _ => return Ok((SpfResult::Neutral, node)),
        };
        if let Err(stop) = self.void(node, step, is_void_policy(target)) {
            return stop.settle(node);
        }
        let (result, decided_by) = self.check_host(target)?;
        if result == SpfResult::None {
            self.blame_step(node, step, format!("{} has no SPF record", target.domain));
            return Ok((SpfResult::PermError, node));
        }
        if let (false, Some(term)) = (self.path.is_empty(), node.term(step)) {
            let term_text = node.text_of(step).to_owned();
            self.path
                .insert(0, Hit { domain: node.domain.clone(), term: term_text, span: term.span.clone() });
        }
        Ok((result, decided_by))
    }

    fn matches(&mut self, node: &Node, step: &Step, mechanism: &Mechanism) -> Result<bool, Stop> {
        match (mechanism, self.input.ip) {
            (Mechanism::All, _) => return Ok(true),
            (Mechanism::Ip4(net), Some(IpAddr::V4(ip))) => return Ok(net.contains(&ip)),
            (Mechanism::Ip6(net), Some(IpAddr::V6(ip))) => return Ok(net.contains(&ip)),
            (Mechanism::Ip4(_) | Mechanism::Ip6(_), _) => return Ok(false),
            _ => {}
        }
        self.spend(node, step)?;
        match (&step.found, mechanism) {
            (TermFound::Unexpanded(gap), _) => Err(self.blamed_failure(node, step, gap)),
            (TermFound::Hosts(hosts), Mechanism::A { cidr, .. }) => {
                let (matched, void) = self.match_hosts(node, step, hosts, *cidr)?;
                self.void(node, step, void)?;
                Ok(matched)
            }
            (TermFound::Exchanges(found), Mechanism::Mx { cidr, .. }) => {
                let exchanges = match found {
                    Ok(exchanges) => exchanges,
                    Err(gap) => return Err(self.blamed_failure(node, step, gap)),
                };
                self.match_exchanges(node, step, exchanges, *cidr)
            }
            (TermFound::Names(found), Mechanism::Ptr(_)) => match found {
                Ok(names) => {
                    let target = step.target.as_deref().and_then(query_name);
                    Ok(target.is_some_and(|target| names.iter().any(|name| name.is_within(&target))))
                }
                // A failed look-up is no match (section 5.5), but a check must not build on it.
                Err(gap) => match self.failed(gap) {
                    Stop::Result(_) => Ok(false),
                    missing => Err(missing),
                },
            },
            (TermFound::Exists(found), _) => match found {
                Ok(exists) => {
                    let asked = step.target.as_deref().and_then(query_name).is_some();
                    self.void(node, step, !exists && asked)?;
                    Ok(*exists)
                }
                Err(gap) => Err(self.blamed_failure(node, step, gap)),
            },
            (TermFound::Nested(target), _) => self.include(node, step, target),
            _ => Ok(false),
        }
    }

    fn match_exchanges(
        &mut self,
        node: &Node,
        step: &Step,
        exchanges: &[tree::Exchange],
        cidr: DualCidr,
    ) -> Result<bool, Stop> {
        if exchanges.len() > self.limits.names {
            let message = format!("{} mail exchangers; at most ten are looked at", exchanges.len());
            self.blame_step(node, step, message);
            return Err(Stop::Result(SpfResult::PermError));
        }
        let mut any_void = exchanges.is_empty();
        for hosts in exchanges.iter().filter_map(|exchange| exchange.hosts.as_ref()) {
            let (matched, void) = self.match_hosts(node, step, hosts, cidr)?;
            any_void |= void;
            if matched {
                return Ok(true);
            }
        }
        let asked = step.target.as_deref().and_then(query_name).is_some();
        self.void(node, step, any_void && asked)?;
        Ok(false)
    }

    fn include(&mut self, node: &Node, step: &Step, target: &Node) -> Result<bool, Stop> {
        self.void(node, step, is_void_policy(target))?;
        match self.check_host(target).map_err(Stop::Missing)?.0 {
            SpfResult::Pass => Ok(true),
            // Whatever matched inside did not decide.
            SpfResult::Fail | SpfResult::SoftFail | SpfResult::Neutral => {
                self.path.clear();
                Ok(false)
            }
            SpfResult::None => {
                self.blame_step(node, step, format!("{} has no SPF record", target.domain));
                Err(Stop::Result(SpfResult::PermError))
            }
            error => Err(Stop::Result(error)),
        }
    }

    /// Whether an address of the sender's family matches, and whether that family
    /// has none.
    fn match_hosts(
        &mut self,
        node: &Node,
        step: &Step,
        hosts: &Hosts,
        cidr: DualCidr,
    ) -> Result<(bool, bool), Stop> {
        let gap = match self.input.ip {
            Some(IpAddr::V4(ip)) => match &hosts.four {
                Ok(found) => {
                    let near = |a: &_| Ipv4Net::new(*a, cidr.four).is_ok_and(|net| net.contains(&ip));
                    return Ok((found.iter().any(near), found.is_empty() && hosts.asked));
                }
                Err(gap) => gap,
            },
            Some(IpAddr::V6(ip)) => match &hosts.six {
                Ok(found) => {
                    let near = |a: &_| Ipv6Net::new(*a, cidr.six).is_ok_and(|net| net.contains(&ip));
                    return Ok((found.iter().any(near), found.is_empty() && hosts.asked));
                }
                Err(gap) => gap,
            },
            None => match (&hosts.four, &hosts.six) {
                (Ok(four), Ok(six)) => {
                    return Ok((false, four.is_empty() && six.is_empty() && hosts.asked));
                }
                (Err(gap), _) | (_, Err(gap)) => gap,
            },
        };
        Err(self.blamed_failure(node, step, gap))
    }

    /// Counts a look-up; the eleventh ends the evaluation.
    fn spend(&mut self, node: &Node, step: &Step) -> Result<(), Stop> {
        self.lookups += 1;
        if self.lookups <= self.limits.lookups {
            return Ok(());
        }
        let message = format!("look-up {} of at most {}", self.lookups, self.limits.lookups);
        self.blame_step(node, step, message);
        Err(Stop::Result(SpfResult::PermError))
    }

    fn void(&mut self, node: &Node, step: &Step, void: bool) -> Result<(), Stop> {
        self.voids += usize::from(void);
        if !void || self.voids <= self.limits.voids {
            return Ok(());
        }
        let message = format!("void look-up {} of at most {}", self.voids, self.limits.voids);
        self.blame_step(node, step, message);
        Err(Stop::Result(SpfResult::PermError))
    }

    /// A failed answer is a `temperror`; a missing one leaves the result open.
    fn failed(&mut self, gap: &Gap) -> Stop {
        match gap {
            Gap::Failed { .. } => {
                self.uncertain.get_or_insert_with(|| gap.clone());
                Stop::Result(SpfResult::TempError)
            }
            missing => Stop::Missing(missing.clone()),
        }
    }

    fn blamed_failure(&mut self, node: &Node, step: &Step, gap: &Gap) -> Stop {
        self.blame_step(node, step, gap.to_string());
        self.failed(gap)
    }

    fn blame_step(&mut self, node: &Node, step: &Step, message: String) {
        self.blame(node, node.term(step).map(|term| term.span.clone()), message);
    }

    /// The innermost cause stays, except that an include says what its target lacks.
    fn blame(&mut self, node: &Node, span: Option<Range<usize>>, message: String) {
        let record = span.and_then(|span| Some((node.record()?.text.clone(), span)));
        let replaces = self.trouble.as_ref().is_none_or(|t| t.record.is_none() && record.is_some());
        if replaces || record.is_none() && self.trouble.as_ref().is_none_or(|t| t.record.is_none()) {
            self.trouble = Some(Trouble { domain: node.domain.clone(), record, message });
        }
    }
}

impl Stop {
    fn settle(self, node: &Node) -> Checked<'_> {
        match self {
            Stop::Result(result) => Ok((result, node)),
            Stop::Missing(gap) => Err(gap),
        }
    }
}

fn is_void_policy(node: &Node) -> bool {
    matches!(node.published, Published::Nothing(Some(_)))
}

pub(super) fn result_of(qualifier: Qualifier) -> SpfResult {
    match qualifier {
        Qualifier::Pass => SpfResult::Pass,
        Qualifier::Fail => SpfResult::Fail,
        Qualifier::SoftFail => SpfResult::SoftFail,
        Qualifier::Neutral => SpfResult::Neutral,
    }
}

/// Any fault on the way means no explanation (section 6.2).
fn explanation(ledger: &Ledger, input: &SpfInput, node: &Node, limits: Limits) -> Option<String> {
    let texts = node.explain.as_ref()?.texts.as_ref().ok()?;
    let [text] = texts.as_slice() else { return None };
    let text = std::str::from_utf8(text).ok().filter(|text| text.is_ascii())?;
    let parsed = MacroString::parse(text, 0, true).ok()?;
    let validated = match parsed.uses("p") {
        true => tree::preferred(&tree::validated_names(ledger, input.ip, limits).ok()?, &node.domain),
        false => String::new(),
    };
    Some(parsed.expand(&input.values(&node.domain, &validated)))
}
