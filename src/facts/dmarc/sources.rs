//! Who sends as the domain, by the DMARC reports given: the sender's own
//! systems, services that are not aligned yet, forwarders that break what was
//! right, and those nobody authorised.

use std::net::IpAddr;

use crate::facts::Facts;
use crate::facts::spf::Authorised;
use crate::model::Gap;
use crate::model::reports::{SourceTally, Tally};
use crate::parse::web::psl;

/// What a source is to the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Relation {
    /// The sender's, by `--ip`, by SPF, or because its mail passes.
    Own,
    /// Passes SPF or DKIM, but for another domain: a service not yet set up, or a stranger's.
    Service,
    /// Passes on mail that was right when it left.
    Forwarder,
    /// Nothing speaks for it.
    Unauthorised,
    /// It may be the sender's: SPF could not be looked up.
    Undetermined,
}

impl Relation {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Relation::Own => "own",
            Relation::Service => "service",
            Relation::Forwarder => "forwarder",
            Relation::Unauthorised => "unauthorised",
            Relation::Undetermined => "undetermined",
        }
    }
}

/// One address that sent mail From one domain.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// `None`: those beyond the number kept, or without a readable address.
    pub ip: Option<IpAddr>,
    /// The domain in From.
    pub from: String,
    pub relation: Relation,
    /// Why it counts as such.
    pub why: String,
    pub tally: SourceTally,
}

/// The reports on the author domain and its subdomains.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reported {
    /// Most failing messages first.
    pub sources: Vec<Source>,
    pub total: Tally,
    /// Days since the epoch that reports cover, with the policy then in force.
    pub days: Vec<(i64, String)>,
    /// Subdomains seen in From.
    pub subdomains: Vec<String>,
    pub reporters: usize,
    /// Why not all of SPF is known, where that is so.
    pub spf_gap: Option<Gap>,
}

impl Reported {
    /// Messages of sources of one relation.
    pub(crate) fn of(&self, relation: Relation) -> Tally {
        let mut sum = Tally::default();
        for source in self.sources.iter().filter(|source| source.relation == relation) {
            sum.add(&source.tally.tally);
        }
        sum
    }

    /// Sources of one relation whose mail fails, the worst first.
    pub(crate) fn failing(&self, relation: Relation) -> impl Iterator<Item = &Source> {
        self.sources
            .iter()
            .filter(move |source| source.relation == relation && source.tally.tally.failed() > 0)
    }
}

impl Facts<'_> {
    /// The reports that are about the author domain. A gap where none were given,
    /// or none of those given is about it.
    pub(crate) fn reported(&self) -> Result<Reported, Gap> {
        let summary = self.reports()?;
        let domain = self.author_domain()?;
        let (permitted, spf_gap) = match self.spf() {
            Ok(spf) => {
                let authorised = Authorised::of(&spf.policy.root);
                // A record that permits everybody says nothing about who is ours.
                let set = if authorised.is_world() { None } else { Some(authorised.set) };
                (set, authorised.gap)
            }
            Err(gap) => (None, Some(gap)),
        };
        let mut reported = Reported { reporters: summary.reporters.len(), spf_gap, ..Reported::default() };
        let mut days = std::collections::BTreeMap::new();
        for (from, about) in &summary.domains {
            let name = crate::model::Name::lenient(from);
            if !name.is_within(&domain) && psl::organizational(&domain) != name {
                continue;
            }
            if name.is_within(&domain) && name != domain {
                reported.subdomains.push(from.clone());
            }
            reported.total.add(&about.tally);
            for (day, seen) in &about.days {
                days.entry(*day).or_insert_with(|| seen.policy.clone());
            }
            for (ip, tally) in &about.sources {
                let by_ip = self.target().ips.iter().any(|own| own.to_canonical() == *ip);
                let by_spf = permitted.as_ref().is_some_and(|set| set.contains(*ip));
                let (relation, why) = relation(tally, by_ip, by_spf, reported.spf_gap.is_some());
                let (ip, from, tally) = (Some(*ip), from.clone(), tally.clone());
                reported.sources.push(Source { ip, from, relation, why, tally });
            }
            if about.other_sources.tally.messages > 0 {
                let (relation, why) = relation(&about.other_sources, false, false, true);
                let tally = about.other_sources.clone();
                reported.sources.push(Source { ip: None, from: from.clone(), relation, why, tally });
            }
        }
        if reported.total.messages == 0 {
            return Err(Gap::undecidable(format!("no report among those given counts mail From {domain}")));
        }
        reported.days = days.into_iter().collect();
        reported.sources.sort_by(|a, b| {
            let failed = |source: &Source| source.tally.tally.failed();
            failed(b)
                .cmp(&failed(a))
                .then_with(|| b.tally.tally.messages.cmp(&a.tally.tally.messages))
                .then_with(|| (a.ip, &a.from).cmp(&(b.ip, &b.from)))
        });
        Ok(reported)
    }
}

fn relation(source: &SourceTally, by_ip: bool, by_spf: bool, spf_unknown: bool) -> (Relation, String) {
    let names = || source.passes_as.keys().take(3).cloned().collect::<Vec<_>>().join(", ");
    let tally = &source.tally;
    if by_ip {
        (Relation::Own, "given with --ip".to_owned())
    } else if by_spf {
        (Relation::Own, "permitted by the SPF record".to_owned())
    } else if tally.spf > 0 {
        (Relation::Own, "mail from it passed aligned SPF".to_owned())
    } else if source.broken > 0 || source.forwarded > 0 {
        let why = if source.broken > 0 {
            "carries signatures of the domain that no longer verify"
        } else {
            "called forwarded by the receiver"
        };
        (Relation::Forwarder, why.to_owned())
    } else if !source.passes_as.is_empty() {
        (Relation::Service, format!("passes SPF or DKIM as {}, not as the domain in From", names()))
    } else if tally.dkim > 0 {
        (Relation::Own, "mail from it passed aligned DKIM".to_owned())
    } else if spf_unknown {
        (Relation::Undetermined, "not in the part of SPF that could be looked up".to_owned())
    } else {
        (Relation::Unauthorised, "no SPF, no signature, not among --ip".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_follow_from_what_passes() {
        let source = |passed: [u64; 3], broken, forwarded, name: &str| SourceTally {
            tally: Tally { messages: 10, passed: passed[0], dkim: passed[1], spf: passed[2] },
            broken,
            forwarded,
            passes_as: (!name.is_empty()).then(|| (name.to_owned(), 1)).into_iter().collect(),
            ..SourceTally::default()
        };
        for (tally, by_ip, by_spf, unknown, expected) in [
            (source([0; 3], 0, 0, ""), true, false, false, Relation::Own),
            (source([0; 3], 0, 0, ""), false, true, false, Relation::Own),
            (source([5, 0, 5], 1, 1, ""), false, false, false, Relation::Own),
            (source([5, 5, 0], 1, 0, ""), false, false, false, Relation::Forwarder),
            (source([5, 5, 0], 0, 0, ""), false, false, false, Relation::Own),
            (source([0; 3], 0, 2, "list.example"), false, false, false, Relation::Forwarder),
            (source([0; 3], 0, 0, "esp.example"), false, false, true, Relation::Service),
            (source([0; 3], 0, 0, ""), false, false, true, Relation::Undetermined),
            (source([0; 3], 0, 0, ""), false, false, false, Relation::Unauthorised),
        ] {
            assert_eq!(relation(&tally, by_ip, by_spf, unknown).0, expected, "{tally:?}");
        }
    }
}
