//! Ways to bring a record under its limits: each is a set of records to publish,
//! evaluated by the same engine, and offered only where it holds.

use std::collections::BTreeSet;

use ipnet::IpNet;

use crate::model::Name;
use crate::parse::spf::{Mechanism, Qualifier, SpfRecord, TermKind};

use super::authorised::{Authorised, Others, TermShare};
use super::ranges::AddressSet;
use super::tree::{Node, TermFound};
use super::{Cost, Evaluation, Limits, evaluate};
use crate::facts::Ledger;

/// Octets of one record; RFC 7208 section 3.4 counts on about this much.
const RECORD_OCTETS: usize = 450;

/// A set of records that keeps the limits.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The way taken, in a few words for people.
    pub title: String,
    /// What its publisher must look after from then on.
    pub warning: Option<String>,
    /// What was compared with the record as it stands.
    pub proof: String,
    /// Name and text; the domain's own record first.
    pub records: Vec<(Name, String)>,
    /// What a receiver spends on it at worst.
    pub cost: Cost,
}

/// One term of the record on its way to a better one.
#[derive(Clone)]
struct Piece {
    text: String,
    lookups: usize,
    /// What it permits, where that is settled and may be written as addresses.
    flat: Option<AddressSet>,
    /// A host of one's own, whose addresses change only by one's own hand.
    own_host: bool,
    /// Means the same at another name.
    movable: bool,
    /// Gives another result than pass: nothing is moved past it.
    bars: bool,
}

/// Plans for a record over its limits, the least intrusive first; none where
/// part of the tree is unknown or broken, since that may hold anything.
pub fn plans(ledger: &Ledger, policy: &Evaluation) -> Vec<Plan> {
    let cost = policy.cost();
    let Some(record) = policy.root.record() else { return Vec::new() };
    let over = cost.lookups > Limits::RFC.lookups || cost.voids > Limits::RFC.voids;
    if !over || cost.gap.is_some() || policy.cut || !record.faults.is_empty() {
        return Vec::new();
    }
    let authorised = Authorised::of(&policy.root);
    let (pieces, end) = pieces(&policy.root, record, &authorised);
    let mut plans = Vec::new();
    let trimmed = write_hosts(&pieces);
    let kept: Vec<String> = trimmed.iter().map(|piece| piece.text.clone()).collect();
    let name = &policy.root.name;
    plans.extend(verified(
        ledger,
        policy,
        "Drop terms that permit nothing new, and write own hosts as addresses",
        None,
        vec![(name.clone(), join(&kept, &end))],
    ));
    if plans.is_empty() {
        plans.extend(by_subdomain(ledger, policy, &trimmed, &end));
        // With room for two more, where that can be had.
        let roomy = flattened(ledger, policy, &trimmed, &end, Limits::RFC.lookups - 2);
        plans.extend(roomy.or_else(|| flattened(ledger, policy, &trimmed, &end, Limits::RFC.lookups)));
    }
    plans
}

/// Every include and host written out as addresses, which somebody asked for; `None`
/// where part of the tree is unknown or broken.
pub fn flat(ledger: &Ledger, policy: &Evaluation) -> Option<Plan> {
    let record = policy.root.record().filter(|record| record.faults.is_empty())?;
    let authorised = Authorised::of(&policy.root);
    if policy.cost().gap.is_some() || authorised.gap.is_some() || policy.cut {
        return None;
    }
    let (pieces, end) = pieces(&policy.root, record, &authorised);
    (1..=Limits::RFC.lookups).find_map(|limit| flattened(ledger, policy, &pieces, &end, limit))
}

/// The terms worth keeping, and what follows them.
fn pieces(root: &Node, record: &SpfRecord, authorised: &Authorised) -> (Vec<Piece>, Vec<String>) {
    let mut pieces = Vec::new();
    let mut end = Vec::new();
    let mut seen = BTreeSet::new();
    for (index, term) in record.terms.iter().enumerate() {
        let text = record.text_of(term).to_owned();
        let step = root.steps.iter().find(|step| step.term == index);
        match (&term.kind, step) {
            (TermKind::Exp(_), _) => end.push(text),
            (TermKind::Redirect(_), Some(_)) => end.push(text),
            (TermKind::Directive { mechanism: Mechanism::All, .. }, Some(_)) => end.insert(0, text),
            (TermKind::Directive { qualifier, mechanism }, Some(step)) => {
                let share = authorised.terms.iter().find(|s| s.domain == root.domain && s.term == index);
                let lookups = Cost::of_step(root, step, None).lookups;
                if !seen.insert(text.to_ascii_lowercase())
                    || share.is_some_and(|share| is_useless(share, *qualifier))
                {
                    continue;
                }
                let passes = *qualifier == Qualifier::Pass;
                let settled = share.filter(|share| passes && !share.open);
                let host = matches!(mechanism, Mechanism::A { .. } | Mechanism::Mx { .. });
                let include = matches!(mechanism, Mechanism::Include(_));
                pieces.push(Piece {
                    movable: include && passes && !text.contains('%'),
                    bars: !passes,
                    text,
                    lookups,
                    flat: settled.map(|share| share.names.clone()),
                    own_host: host && settled.is_some_and(|share| share.own == share.adds),
                });
            }
            _ => {}
        }
    }
    (pieces, end)
}

/// Permits nothing that no term before it permits.
fn is_useless(share: &TermShare, qualifier: Qualifier) -> bool {
    !share.open && share.adds.is_empty() && qualifier == Qualifier::Pass
}

/// Own hosts as addresses: they change by one's own hand.
fn write_hosts(pieces: &[Piece]) -> Vec<Piece> {
    let written = pieces.iter().map(|piece| match &piece.flat {
        Some(set) if piece.own_host => flat_piece(set),
        _ => piece.clone(),
    });
    written.collect()
}

fn flat_piece(set: &AddressSet) -> Piece {
    let text = terms_of(set).join(" ");
    Piece { text, lookups: 0, flat: Some(set.clone()), own_host: false, movable: false, bars: false }
}

pub(crate) fn terms_of(set: &AddressSet) -> Vec<String> {
    let term = |net: IpNet| match net {
        IpNet::V4(net) if net.prefix_len() == 32 => format!("ip4:{}", net.addr()),
        IpNet::V4(net) => format!("ip4:{net}"),
        IpNet::V6(net) if net.prefix_len() == 128 => format!("ip6:{}", net.addr()),
        IpNet::V6(net) => format!("ip6:{net}"),
    };
    set.networks().into_iter().map(term).collect()
}

/// Each of the dearest includes gets a subdomain to send from, with its own ten.
fn by_subdomain(ledger: &Ledger, policy: &Evaluation, pieces: &[Piece], end: &[String]) -> Option<Plan> {
    let mut order: Vec<usize> = (0..pieces.len()).filter(|i| pieces[*i].movable).collect();
    order.sort_by_key(|i| std::cmp::Reverse((pieces[*i].lookups, *i)));
    let mut total: usize = pieces.iter().map(|piece| piece.lookups).sum();
    let mut moved = Vec::new();
    for index in order {
        if total <= Limits::RFC.lookups {
            break;
        }
        total -= pieces[index].lookups;
        moved.push(index);
    }
    let apex: Vec<String> = pieces
        .iter()
        .enumerate()
        .filter(|(index, _)| !moved.contains(index))
        .map(|(_, piece)| piece.text.clone())
        .collect();
    let name = &policy.root.name;
    let mut records = vec![(name.clone(), join(&apex, end))];
    let mut group: Vec<&Piece> = Vec::new();
    let mut spent = 0;
    moved.sort_unstable();
    let mut subdomain = |group: &mut Vec<&Piece>| {
        let at = name.prefixed(&format!("mail{}", records.len()));
        let texts: Vec<String> = group.drain(..).map(|piece| piece.text.clone()).collect();
        records.push((at, join(&texts, &["-all".to_owned()])));
    };
    for index in moved {
        let piece = &pieces[index];
        if piece.lookups > Limits::RFC.lookups {
            return None;
        }
        if spent + piece.lookups > Limits::RFC.lookups {
            subdomain(&mut group);
            spent = 0;
        }
        spent += piece.lookups;
        group.push(piece);
    }
    if !group.is_empty() {
        subdomain(&mut group);
    }
    let warning = "Publish the subdomain's record first and let the services moved use an envelope sender \
                   (Return-Path) below it; only then the shorter record, or their mail loses its pass. Relaxed \
                   DMARC alignment keeps passing.";
    verified(
        ledger,
        policy,
        "Give services that can set their own envelope sender a subdomain each",
        Some(warning.to_owned()),
        records,
    )
}

/// As few includes as needed written as addresses, spread over records that fit.
fn flattened(
    ledger: &Ledger,
    policy: &Evaluation,
    pieces: &[Piece],
    end: &[String],
    limit: usize,
) -> Option<Plan> {
    let costly = |i: &usize| pieces[*i].lookups > 0 && pieces[*i].flat.is_some();
    let mut order: Vec<usize> = (0..pieces.len()).filter(costly).collect();
    // Most look-ups saved for the fewest networks written.
    order.sort_by_key(|i| {
        let networks = pieces[*i].flat.as_ref().map_or(0, |set| set.networks().len());
        (std::cmp::Reverse(pieces[*i].lookups), networks, *i)
    });
    let name = &policy.root.name;
    let mut chosen = BTreeSet::new();
    for index in order {
        chosen.insert(index);
        let (apex, mut records) = spread(name, pieces, &chosen);
        let left: usize =
            pieces.iter().enumerate().filter(|(i, _)| !chosen.contains(i)).map(|(_, p)| p.lookups).sum();
        if left + records.len() > limit {
            continue;
        }
        records.insert(0, (name.clone(), join(&apex, end)));
        let written: Vec<&str> = chosen.iter().map(|index| pieces[*index].text.as_str()).collect();
        let warning = format!(
            "Addresses written out go stale when the provider changes them: compare them with {} at least weekly.",
            written.join(", ")
        );
        return verified(
            ledger,
            policy,
            "Write includes out as addresses (flattening)",
            Some(warning),
            records,
        );
    }
    None
}

/// The domain's own terms with those chosen in records of their own. Each of them stays between the
/// same terms of another qualifier: the first match decides (RFC 7208 section 4.6.2).
fn spread(name: &Name, pieces: &[Piece], chosen: &BTreeSet<usize>) -> (Vec<String>, Vec<(Name, String)>) {
    let (mut apex, mut records) = (Vec::new(), Vec::new());
    let mut flat = AddressSet::default();
    let mut settle = |flat: &mut AddressSet, apex: &mut Vec<String>| {
        for shard in shards(&terms_of(&std::mem::take(flat))) {
            let at = name.prefixed(&format!("_spf{}", records.len() + 1));
            apex.push(format!("include:{at}"));
            records.push((at, join(&shard, &["~all".to_owned()])));
        }
    };
    for (index, piece) in pieces.iter().enumerate() {
        if piece.bars {
            settle(&mut flat, &mut apex);
        }
        match piece.flat.as_ref().filter(|_| chosen.contains(&index)) {
            Some(set) => flat = flat.union(set),
            None => apex.push(piece.text.clone()),
        }
    }
    settle(&mut flat, &mut apex);
    (apex, records)
}

/// Terms spread over records of a size that travels.
fn shards(terms: &[String]) -> Vec<Vec<String>> {
    let mut shards: Vec<Vec<String>> = Vec::new();
    let mut octets = 0;
    let frame = "v=spf1 ~all".len();
    for term in terms {
        if shards.is_empty() || octets + term.len() + 1 > RECORD_OCTETS {
            shards.push(Vec::new());
            octets = frame;
        }
        octets += term.len() + 1;
        if let Some(last) = shards.last_mut() {
            last.push(term.clone());
        }
    }
    shards
}

fn join(terms: &[String], end: &[String]) -> String {
    let words = std::iter::once("v=spf1").chain(terms.iter().chain(end).map(String::as_str));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The plan with its cost, where every record of it keeps every limit and the
/// whole still permits what was permitted.
fn verified(
    ledger: &Ledger,
    policy: &Evaluation,
    title: &str,
    warning: Option<String>,
    records: Vec<(Name, String)>,
) -> Option<Plan> {
    let mut input = policy.input.clone();
    for (name, record) in &records {
        if record.len() > RECORD_OCTETS {
            return None;
        }
        input.given.insert(name.clone(), record.as_bytes().to_vec());
    }
    let mut cost = Cost::default();
    let mut permitted = AddressSet::default();
    let mut first = None;
    for (name, _) in &records {
        input.domain = name.as_str().to_owned();
        let evaluation = evaluate(ledger, &input, Limits::RFC);
        let own = evaluation.cost();
        let faultless = evaluation.root.record().is_some_and(|record| record.faults.is_empty());
        let within = own.lookups <= Limits::RFC.lookups && own.voids <= Limits::RFC.voids;
        if !faultless || !within || own.gap.is_some() || evaluation.cut {
            return None;
        }
        if cost.lookups <= own.lookups {
            cost = own;
        }
        let own = Authorised::of(&evaluation.root);
        permitted = permitted.union(&own.set);
        first.get_or_insert(own);
    }
    let (before, after) = (Authorised::of(&policy.root), first?);
    // Nobody passes today whom a term refuses by name, nor after; senders that move to a name of their
    // own lose their pass at the old one.
    let moved = before.set.minus(&after.set);
    let refused = before.others.fail.union(&before.others.softfail).union(&before.others.neutral);
    let keeps = permitted.minus(&before.set).is_empty()
        && before.set.minus(&permitted).is_empty()
        && refused
            .minus(&after.others.fail.union(&after.others.softfail).union(&after.others.neutral))
            .is_empty()
        && (!moved.is_empty() || before.others == after.others);
    (loops(&policy.root) || keeps).then(|| Plan {
        title: title.to_owned(),
        warning,
        proof: proof(&before, !moved.is_empty()),
        records,
        cost,
    })
}

/// What was compared, for people.
fn proof(before: &Authorised, moves: bool) -> String {
    let count = |set: &AddressSet| set.networks().len();
    let Others { fail, softfail, neutral } = &before.others;
    let where_ = if moves { "at one of the names" } else { "as they pass today" };
    let refused = count(fail) + count(softfail) + count(neutral);
    let others = match refused {
        0 => String::new(),
        _ => ", and those that a term or the end of the record gives another result keep that".to_owned(),
    };
    format!(
        "Proven: no term moves past one of another qualifier; all addresses of {} networks pass {where_}, no other one does{others}.",
        count(&before.set)
    )
}

fn loops(root: &Node) -> bool {
    let mut found = false;
    root.visit(0, &mut |node, _| found |= matches!(node.published, super::Published::Loop));
    found && root.steps.iter().any(|step| matches!(step.found, TermFound::Nested(_)))
}
