//! What a record costs in the worst case: every live term counted, reached or not.

use std::net::IpAddr;

use crate::model::Gap;

use super::tree::{Hosts, Node, Published, Step, TermFound};

/// The sums over a tree.
#[derive(Clone, Debug, Default)]
pub struct Cost {
    /// Terms with a look-up; ten are allowed (RFC 7208 section 4.6.4).
    pub lookups: usize,
    /// Terms whose questions found nothing; two are allowed.
    pub voids: usize,
    /// The first answer that is missing, so that the sums are lower bounds.
    pub gap: Option<Gap>,
}

impl Cost {
    /// Voids are those of the sender's family; without a sender, those where
    /// neither family has an address.
    pub fn of(node: &Node, ip: Option<IpAddr>) -> Cost {
        let mut cost = Cost::default();
        if let Published::Unknown(gap) = &node.published {
            cost.gap = Some(gap.clone());
        }
        for step in &node.steps {
            let own = Cost::of_step(node, step, ip);
            cost.lookups += own.lookups;
            cost.voids += own.voids;
            cost.gap = cost.gap.or(own.gap);
        }
        cost
    }

    /// One term with everything below it.
    pub fn of_step(node: &Node, step: &Step, ip: Option<IpAddr>) -> Cost {
        let own = usize::from(node.term(step).is_some_and(|term| term.costs_lookup()));
        let mut cost = Cost { lookups: own, ..Cost::default() };
        let void = match &step.found {
            TermFound::Settled | TermFound::NeedsSender => Ok(false),
            TermFound::Unexpanded(gap) => Err(gap.clone()),
            TermFound::Hosts(hosts) => is_void(hosts, ip),
            TermFound::Exchanges(Err(gap)) | TermFound::Names(Err(gap)) | TermFound::Exists(Err(gap)) => {
                Err(gap.clone())
            }
            TermFound::Exchanges(Ok(exchanges)) => exchanges
                .iter()
                .filter_map(|exchange| exchange.hosts.as_ref())
                .try_fold(exchanges.is_empty(), |void, hosts| Ok(is_void(hosts, ip)? || void)),
            TermFound::Names(Ok(_)) => Ok(false),
            TermFound::Exists(Ok(found)) => Ok(!found),
            TermFound::Nested(below) => {
                let inner = Cost::of(below, ip);
                cost.lookups += inner.lookups;
                cost.voids += inner.voids;
                cost.gap = inner.gap;
                Ok(matches!(below.published, Published::Nothing(Some(_))))
            }
        };
        match void {
            Ok(void) => cost.voids += usize::from(void),
            Err(gap) => cost.gap = cost.gap.or(Some(gap)),
        }
        cost
    }
}

fn is_void(hosts: &Hosts, ip: Option<IpAddr>) -> Result<bool, Gap> {
    let four = || hosts.four.as_ref().map(Vec::is_empty).map_err(Clone::clone);
    let six = || hosts.six.as_ref().map(Vec::is_empty).map_err(Clone::clone);
    Ok(hosts.asked
        && match ip {
            Some(IpAddr::V4(_)) => four()?,
            Some(IpAddr::V6(_)) => six()?,
            None => four()? && six()?,
        })
}
