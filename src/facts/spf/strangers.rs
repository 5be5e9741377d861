//! Whether a record lets everybody pass by what it asks of each sender: a wildcard that answers for
//! every address, a name that the sender chooses. Told by senders that nobody is.

use std::net::IpAddr;

use crate::model::{Gap, Name};
use crate::parse::spf::{MacroPart, MacroString, Mechanism, Qualifier, TermKind};
use crate::parse::web::psl;

use super::tree::{Node, Step, TermFound};
use super::verdict::Hit;
use super::{Allowance, Authorised, Evaluation, Limits, SpfInput, SpfResult, evaluate_within};
use crate::facts::Ledger;

/// Addresses for documentation (RFC 5737, RFC 3849, RFC 9637), from which nobody sends. Two of a
/// family that lie apart must pass: a list may answer for one of them on purpose.
const STRANGERS: [&str; 8] = [
    "203.0.113.201",
    "198.51.100.201",
    "192.0.2.201",
    "203.0.113.77",
    "2001:db8:a11::c9",
    "3fff:b22::c9",
    "2001:db8:c33::c9",
    "3fff:d44::c9",
];
/// Strangers of one family.
const EACH: usize = 2;
/// Letters of macros whose value the sender chooses freely, to the last label of a name.
const CHOSEN: &str = "hlp";

/// A term by which everybody passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anybody {
    /// The domain whose record holds the term, and the term as it stands there.
    pub domain: String,
    /// As the record has it.
    pub term: String,
    /// The name below which every name answers, where that lets everybody in.
    pub below: Option<String>,
}

/// The policy as strangers meet it; none where nothing in it depends on the sender.
pub(super) fn evaluations(
    ledger: &Ledger,
    policy: &Evaluation,
    known: &[IpAddr],
    allowance: &Allowance,
) -> Vec<Evaluation> {
    let mut depends = false;
    policy.root.visit(0, &mut |node, _| {
        depends |= node.steps.iter().any(|step| is_open(node, step));
    });
    if !depends {
        return Vec::new();
    }
    let permitted = Authorised::of(&policy.root).set;
    let ips: Vec<IpAddr> = STRANGERS.iter().filter_map(|text| text.parse().ok()).collect();
    let free = |ip: &&IpAddr| !permitted.contains(**ip) && !known.contains(ip);
    let of = |four: bool| ips.iter().filter(move |ip| ip.is_ipv4() == four).filter(free).take(EACH);
    let domain = &policy.input.domain;
    of(true)
        .chain(of(false))
        .enumerate()
        .map(|(number, ip)| {
            let sender = format!("nobody-{number}-7f3a9c@{domain}");
            let helo = format!("nobody-{number}-7f3a9c.invalid");
            let mut input = SpfInput::mail_from(Some(*ip), &sender, &helo, policy.input.now);
            input.given.clone_from(&policy.input.given);
            input.is_nobody = true;
            evaluate_within(ledger, &input, Limits::RFC, allowance)
        })
        .collect()
}

/// A term that the sender decides, other than by the name of its address, which nobody has.
fn is_open(node: &Node, step: &Step) -> bool {
    matches!(step.found, TermFound::NeedsSender)
        && node.term(step).and_then(|term| term.macros()).is_some_and(is_asked)
}

fn is_asked(text: &MacroString) -> bool {
    text.uses("slhiv")
}

/// The term by which everybody passes, if one does; a gap where an answer is missing that may tell so.
pub(super) fn anybody(policy: &Evaluation, strangers: &[Evaluation]) -> Result<Option<Anybody>, Gap> {
    if let Some(found) = chosen(&policy.root) {
        return Ok(Some(found));
    }
    let mut gap = None;
    for four in [true, false] {
        let of: Vec<&Evaluation> =
            strangers.iter().filter(|one| one.input.ip.is_some_and(|ip| ip.is_ipv4() == four)).collect();
        let known: Vec<Result<SpfResult, Gap>> = of.iter().map(|one| one.known()).collect();
        if known.iter().any(|result| matches!(result, Ok(result) if *result != SpfResult::Pass)) {
            continue;
        }
        if let Some(missing) = known.iter().find_map(|result| result.as_ref().err()) {
            gap = gap.or_else(|| Some(missing.clone()));
        } else if let Some(first) = of.first().filter(|_| of.len() == EACH) {
            return Ok(by_path(first));
        }
    }
    gap.map_or(Ok(None), Err)
}

/// The term that let a stranger in, the outermost, since its owner can edit that; `None` where no
/// term asks about the sender.
fn by_path(stranger: &Evaluation) -> Option<Anybody> {
    let path = &stranger.verdict.path;
    let mut found = None;
    stranger.root.visit(0, &mut |node, _| {
        for term in node.record().into_iter().flat_map(|record| &record.terms) {
            let hit = |hit: &&Hit| hit.domain == node.domain && hit.span == term.span;
            if let Some(text) =
                term.macros().filter(|text| path.iter().any(|one| hit(&one)) && is_asked(text))
            {
                found.get_or_insert_with(|| below(text, &node.domain));
            }
        }
    });
    let outermost = path.first()?;
    found.map(|below| Anybody { domain: outermost.domain.clone(), term: outermost.term.clone(), below })
}

/// What stands behind the last macro that the sender decides.
fn below(text: &MacroString, domain: &str) -> Option<String> {
    let open = |part: &MacroPart| matches!(part, MacroPart::Macro { letter, .. } if *letter != 'd');
    let at = text.parts.iter().rposition(open)?;
    let rest = text.parts[at + 1..].iter().map(|part| match part {
        MacroPart::Literal(text) => text.as_str(),
        MacroPart::Escape(text) => text,
        MacroPart::Macro { .. } => domain,
    });
    let rest: String = rest.collect();
    let name = rest.split_once('.').map(|(_, name)| name.trim_end_matches('.').to_owned())?;
    (!name.is_empty()).then_some(name)
}

/// A term whose name ends in what the sender chooses, so that it is asked of the sender's own zone.
fn chosen(root: &Node) -> Option<Anybody> {
    // A record with an error lets nobody in (RFC 7208 section 4.6).
    root.record().filter(|record| record.faults.is_empty())?;
    root.steps.iter().find_map(|step| {
        let term = root.term(step)?;
        let (qualifier, mechanism) = match &term.kind {
            TermKind::Directive { qualifier, mechanism } => (*qualifier, Some(mechanism)),
            TermKind::Redirect(_) => (Qualifier::Pass, None),
            _ => return None,
        };
        let here = |_: &MacroString| Anybody {
            domain: root.domain.clone(),
            term: root.text_of(step).to_owned(),
            below: None,
        };
        if let TermFound::Nested(target) = &step.found {
            return (qualifier == Qualifier::Pass).then(|| chosen(target)).flatten();
        }
        let text = term.macros().filter(|_| qualifier == Qualifier::Pass)?;
        let by_name = matches!(mechanism, Some(Mechanism::Ptr(_))) && is_registry(text);
        (by_name || ends_in_choice(text)).then(|| here(text))
    })
}

fn ends_in_choice(text: &MacroString) -> bool {
    matches!(text.parts.last(), Some(MacroPart::Macro { letter, .. }) if CHOSEN.contains(*letter))
}

/// A name below which anybody may register one.
fn is_registry(text: &MacroString) -> bool {
    match text.parts.as_slice() {
        [MacroPart::Literal(name)] => psl::registrable(&Name::lenient(name)).is_none(),
        _ => false,
    }
}
