//! What the DNS lists say of the sender: which lists, whether they can be
//! believed now and from here, and their verdict per identity. Questions about
//! a list's health and about the subject travel in the same round.

pub(crate) mod asked;
pub(crate) mod delist;
pub(crate) mod health;
pub(crate) mod public;
mod sender;
pub(crate) mod subjects;
pub(crate) mod verdict;

use std::collections::BTreeMap;

use crate::data::blocklists::{About, Role, Weight};
use crate::facts::Ledger;
use crate::model::{Gap, Name};

pub(crate) use asked::{Asked, Family, Origin};
pub(crate) use health::{Health, Sickness};
pub(super) use sender::subjects;
pub(crate) use subjects::{Identity, Part, Subjects};
pub(crate) use verdict::{Extent, Hit, Listed, Outcome, Unknown};

/// Health found out before, by zone and kind of question.
pub(crate) type Known = BTreeMap<(Name, Family), Health>;

/// All lists, all identities, all verdicts.
#[derive(Debug)]
pub struct Listings {
    pub lists: Vec<Asked>,
    /// Per list, the health of each kind of question that was put to it.
    pub health: Vec<BTreeMap<Family, Health>>,
    pub subjects: Subjects,
    /// By list, then by identity.
    pub listings: Vec<Listing>,
}

/// One list's verdict on one identity.
#[derive(Clone, Debug)]
pub struct Listing {
    pub identity: Identity,
    /// Index into [`Listings::lists`].
    pub list: usize,
    pub outcome: Outcome,
}

/// The part of the verdicts that one check is about.
#[derive(Debug, Default)]
pub struct Selection<'a> {
    pub listed: Vec<(&'a Listing, &'a Listed, &'a Hit)>,
    pub unknown: Vec<&'a Unknown>,
    /// Verdicts that say "not listed".
    pub clean: usize,
}

impl Listings {
    /// Asks and judges. Pure: what is missing is noted in the ledger. The health
    /// of a list that is already known is not asked for again.
    pub fn build(ledger: &Ledger, lists: Vec<Asked>, subjects: Subjects, known: &Known) -> Listings {
        let mut families: Vec<Family> = subjects
            .parts
            .keys()
            .map(|identity| match identity {
                Identity::Ip(ip) => Family::of(*ip),
                Identity::Name(_) => Family::Name,
            })
            .collect();
        families.sort_unstable();
        families.dedup();
        let mut health = Vec::with_capacity(lists.len());
        let mut listings = Vec::new();
        for (index, asked) in lists.iter().enumerate() {
            let of_list: BTreeMap<Family, Health> = families
                .iter()
                .filter(|family| asked.takes(**family) != Some(false))
                .filter(|family| worth_testing(asked, **family, &subjects))
                .map(|family| {
                    let known = known.get(&(asked.zone.clone(), *family)).cloned();
                    (*family, known.unwrap_or_else(|| health::health(ledger, asked, *family)))
                })
                .collect();
            for (identity, parts) in &subjects.parts {
                let family = match identity {
                    Identity::Ip(ip) => Family::of(*ip),
                    Identity::Name(_) => Family::Name,
                };
                let health = of_list.get(&family).unwrap_or(&Health::Healthy);
                let given = parts.contains(&Part::Given);
                if let Some(outcome) = verdict::verdict(ledger, asked, identity, given, health) {
                    listings.push(Listing { identity: identity.clone(), list: index, outcome });
                }
            }
            health.push(of_list);
        }
        Listings { lists, health, subjects, listings }
    }

    /// The verdicts on identities of these parts, by lists that can give a hit
    /// that `wanted` takes.
    pub fn select(&self, parts: &[Part], wanted: impl Fn(About, Weight) -> bool) -> Selection<'_> {
        let mut selection = Selection::default();
        for listing in &self.listings {
            let asked = &self.lists[listing.list];
            let of_parts = self.subjects.parts.get(&listing.identity);
            if asked.role() == Role::Allow
                || !of_parts.is_some_and(|of| of.iter().any(|part| parts.contains(part)))
            {
                continue;
            }
            match &listing.outcome {
                Outcome::Listed(listed) => {
                    match listed.hits.iter().find(|hit| wanted(hit.about, hit.weight)) {
                        Some(hit) => selection.listed.push((listing, listed, hit)),
                        None if can_give(asked, &listing.identity, &wanted) => selection.clean += 1,
                        None => {}
                    }
                }
                _ if !can_give(asked, &listing.identity, &wanted) => {}
                Outcome::Clean { .. } => selection.clean += 1,
                Outcome::Unknown(unknown) => selection.unknown.push(unknown),
            }
        }
        selection
    }

    /// The parts an identity plays, in words.
    pub fn parts_of(&self, identity: &Identity) -> String {
        let parts = self.subjects.parts.get(identity).map(Vec::as_slice).unwrap_or_default();
        parts.iter().map(|part| part.title()).collect::<Vec<_>>().join(", ")
    }

    /// Why an identity of these parts could not be worked out.
    pub fn part_gap(&self, parts: &[Part]) -> Option<&Gap> {
        self.subjects.gaps.iter().find(|(part, _)| parts.contains(part)).map(|(_, gap)| gap)
    }
}

/// An address that no list can hold is no reason to test one.
fn worth_testing(asked: &Asked, family: Family, subjects: &Subjects) -> bool {
    asked.origin == Origin::Named
        || subjects.parts.keys().any(|identity| match identity {
            Identity::Ip(ip) => {
                Family::of(*ip) == family && public::not_public(*ip).is_none_or(|not| not.example)
            }
            Identity::Name(_) => family == Family::Name,
        })
}

fn can_give(asked: &Asked, identity: &Identity, wanted: &impl Fn(About, Weight) -> bool) -> bool {
    let family = match identity {
        Identity::Ip(ip) => Family::of(*ip),
        Identity::Name(_) => Family::Name,
    };
    let base = (asked.about(family), asked.weight());
    let codes = asked.list.iter().flat_map(|list| &list.codes);
    let by_code = |code: &crate::data::blocklists::Code| {
        let about = code.about.unwrap_or(base.0);
        let bad = !matches!(about, About::Good | About::Neutral | About::Test);
        bad && wanted(about, code.weight.unwrap_or(base.1))
    };
    let mut codes = codes.peekable();
    if codes.peek().is_none() { wanted(base.0, base.1) } else { codes.any(by_code) }
}

impl Selection<'_> {
    /// What keeps a check from saying "not listed": the first verdict still
    /// unknown, with the number of others.
    pub fn gap(&self) -> Option<Gap> {
        let first = self.unknown.first()?;
        if let Some(pending) = self.unknown.iter().find(|u| matches!(u.gap, Gap::Unasked(_))) {
            return Some(pending.gap.clone());
        }
        if self.unknown.len() == 1 && matches!(first.gap, Gap::Failed { .. } | Gap::NotAttempted { .. }) {
            return Some(first.gap.clone());
        }
        let mut reasons: Vec<String> = Vec::new();
        for unknown in &self.unknown {
            let text = match unknown.remedy.as_str() {
                "" => unknown.reason.clone(),
                remedy => format!("{} ({remedy})", unknown.reason),
            };
            if !reasons.contains(&text) {
                reasons.push(text);
            }
        }
        let (total, more) = (self.unknown.len() + self.clean, reasons.len().saturating_sub(3));
        let mut text = format!("{} of {total} verdicts are unknown: ", self.unknown.len());
        text.push_str(&reasons[..reasons.len().min(3)].join("; "));
        if more > 0 {
            text.push_str(&format!("; and {more} more"));
        }
        let turned_away = self.unknown.iter().all(|unknown| matches!(unknown.gap, Gap::TurnedAway(_)));
        Some(if turned_away { Gap::TurnedAway(text) } else { Gap::Undecidable(text) })
    }
}
