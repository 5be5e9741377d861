//! Which delivery a line of the mailbox program is about, where it names no session
//! that the mail server wrote down: by Message-ID, recipient and machine.

use std::collections::{BTreeMap, BTreeSet};

use super::node::Node;
use crate::parse::log::Kind;
use crate::parse::log::event::{Millis, NO_TIME};
use crate::parse::log::record::LogEvent;

/// Between the line of the mail server and that of the mailbox program.
const SOON: i64 = 60_000;

/// Message-ID, local part and machine.
type Copy<'e> = (&'e str, String, String);

/// Pairs of a delivery to a mailbox and what Dovecot says of it.
pub(super) fn filed(events: &[LogEvent], nodes: &[Node], known: &BTreeSet<usize>) -> Vec<(usize, usize)> {
    let of = |node: &Node| node.events.iter().map(|index| &events[*index]).collect::<Vec<_>>();
    let is_sieve = |node: &[&LogEvent]| node.first().is_some_and(|event| event.agent == "dovecot");
    let mut taken: BTreeMap<Copy<'_>, Vec<(Millis, usize)>> = BTreeMap::new();
    let mut open: Vec<(usize, &LogEvent)> = Vec::new();
    for (number, node) in nodes.iter().enumerate() {
        let lines = of(node);
        if is_sieve(&lines) {
            open.extend(lines.first().filter(|_| !known.contains(&number)).map(|event| (number, *event)));
            continue;
        }
        let Some(named) = lines.iter().find(|event| !event.message_id.is_empty()) else { continue };
        for event in lines.iter().filter(|event| to_mailbox(event)) {
            taken.entry(copy(&named.message_id, event)).or_default().push((event.at, number));
        }
    }
    taken.values_mut().for_each(|of| of.sort_unstable());
    let mut out = Vec::new();
    for (number, event) in open.into_iter().filter(|(_, event)| !event.message_id.is_empty()) {
        let Some(of) = taken.get(&copy(&event.message_id, event)) else { continue };
        out.extend(nearest(of, event.at).map(|from| (from, number)));
    }
    out
}

fn copy<'e>(message_id: &'e str, event: &LogEvent) -> Copy<'e> {
    let local = event.recipient.split('@').next().unwrap_or_default();
    (message_id, local.to_ascii_lowercase(), event.log_host.to_ascii_lowercase())
}

fn to_mailbox(event: &LogEvent) -> bool {
    let agent = event.agent.to_ascii_lowercase();
    event.kind == Kind::Delivered
        && (matches!(agent.as_str(), "pipe" | "lmtp" | "local" | "virtual")
            || ["dovecot", "lmtp", "lda"].iter().any(|word| agent.contains(word)))
}

fn nearest(of: &[(Millis, usize)], at: Millis) -> Option<usize> {
    let here = of.partition_point(|(known, _)| *known < at);
    let near = of.get(here.saturating_sub(2)..(here + 2).min(of.len())).unwrap_or_default();
    near.iter()
        .map(|(known, number)| (known.saturating_sub(at).saturating_abs(), *number))
        .filter(|(apart, _)| at == NO_TIME || *apart <= SOON)
        .min()
        .map(|(_, number)| number)
}
