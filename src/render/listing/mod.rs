//! What the lists say, for people, programs, spreadsheets and monitors. Results
//! come in windows, so that a run over many subjects needs no memory for them.

mod catalogue;
mod csv;
mod json;
mod nagios;
mod prometheus;
mod terminal;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::data::blocklists::Weight;
use crate::facts::listings::{Asked, Extent, Health, Identity, Listing, Listings, Outcome, Sickness, delist};
use crate::model::untrusted::Width;

pub(crate) use catalogue::{catalogue_csv, catalogue_json, catalogue_terminal};
pub(crate) use csv::Csv;
pub(crate) use json::Json;
pub(crate) use nagios::{Nagios, NagiosState};
pub(crate) use prometheus::Prometheus;
pub(crate) use terminal::Terminal;

/// One list's word on one subject, as every format shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Row {
    pub subject: String,
    pub zone: String,
    /// listed, clean or unknown.
    pub outcome: &'static str,
    /// The answer, where there was one.
    pub code: Option<String>,
    pub meaning: Option<String>,
    /// high, medium, low or none: how much receivers act on the list.
    pub weight: &'static str,
    /// The page to be removed at.
    pub delist: Option<String>,
    /// Why the outcome is unknown.
    pub reason: Option<String>,
    /// What to do about an unknown.
    pub remedy: Option<String>,
    pub operator: String,
    /// address, network, policy, name or fresh: whom a listing is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<&'static str>,
    /// What an IPv6 listing covers: the address, or its /64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extent: Option<String>,
    /// The list's own words; whoever runs it wrote them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiry: Option<String>,
    /// The way off the list, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<String>,
    /// What speaks for the subject; no points, only credit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit: Option<String>,
    #[serde(skip)]
    pub weighs: Weight,
}

/// How one list fared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ListState {
    pub zone: String,
    /// healthy, untestable, refused, dead, wildcard, foreign, silent, not-asked
    /// or wrong-kind.
    pub state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// The run as a whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Summary {
    pub subjects: usize,
    /// Subjects of which a list at least could tell.
    pub told: usize,
    pub listed: usize,
    pub clean: usize,
    pub unknown: usize,
    pub lists: Vec<ListState>,
    pub seconds: f64,
    /// Questions a second to each operator, at most.
    pub rate: f64,
    /// Seconds since the Unix epoch.
    pub taken_at: i64,
}

impl Summary {
    /// True where no list could tell of some subject: nothing listed is then no good news.
    pub(crate) fn leaves_open(&self) -> bool {
        self.told < self.subjects
    }

    pub(crate) fn in_state(&self, states: &[&str]) -> usize {
        self.lists.iter().filter(|list| states.contains(&list.state.as_str())).count()
    }
}

/// A format. Each part is text to be written as it comes.
pub(crate) trait Format {
    fn head(&mut self) -> String;
    fn rows(&mut self, rows: &[Row]) -> String;
    fn tail(&mut self, summary: &Summary) -> String;
}

/// The window's rows: subjects in the order given, lists in theirs.
pub(crate) fn rows(listings: &Listings, order: &[Identity]) -> Vec<Row> {
    let mut of: BTreeMap<&Identity, Vec<&Listing>> = BTreeMap::new();
    for listing in &listings.listings {
        of.entry(&listing.identity).or_default().push(listing);
    }
    let listings_of = |identity| of.get(identity).into_iter().flatten();
    order.iter().flat_map(|identity| listings_of(identity).map(|l| row(&listings.lists[l.list], l))).collect()
}

/// Subjects of which a list at least could tell; each has all its rows here.
pub(crate) fn told(rows: &[Row]) -> usize {
    let telling = rows.iter().filter(|row| matches!(row.outcome, "listed" | "clean"));
    telling.map(|row| row.subject.as_str()).collect::<BTreeSet<_>>().len()
}

fn row(asked: &Asked, listing: &Listing) -> Row {
    let list = asked.list.as_ref();
    let mut row = Row {
        subject: listing.identity.to_string(),
        zone: asked.shown(),
        outcome: "clean",
        code: None,
        meaning: None,
        weight: asked.weight().name(),
        weighs: asked.weight(),
        delist: None,
        reason: None,
        remedy: None,
        operator: asked.operator(),
        about: None,
        extent: None,
        text: None,
        expiry: None,
        steps: Vec::new(),
        credit: None,
    };
    match &listing.outcome {
        Outcome::Listed(listed) => {
            row.outcome = "listed";
            let codes: Vec<String> = listed.codes().iter().map(ToString::to_string).collect();
            let mut meanings: Vec<&str> = listed.hits.iter().map(|hit| hit.means.as_str()).collect();
            meanings.dedup();
            row.code = Some(codes.join(" "));
            row.meaning = Some(meanings.join("; "));
            if let Some(worst) = listed.worst() {
                row.weight = worst.weight.name();
                row.weighs = worst.weight;
                row.about = Some(worst.about.name());
                row.steps = delist::steps(asked, worst, &listing.identity);
            }
            row.extent = listed.extent.map(|extent| match extent {
                Extent::Network(first) => format!("{first}/64"),
                Extent::Address => format!("{}/128", listing.identity),
            });
            row.delist = list.and_then(|list| list.delist.clone());
            row.expiry = list.and_then(|list| list.expiry.clone());
            row.text = listed.text.as_ref().map(|text| text.plain(Width::Record));
        }
        Outcome::Clean { credit } => {
            if let Some(hit) = credit.first() {
                row.code = Some(hit.code.to_string());
                row.credit = Some(hit.means.clone());
            }
        }
        Outcome::Unknown(unknown) => {
            row.outcome = "unknown";
            row.reason = Some(unknown.reason.clone());
            row.remedy = Some(unknown.remedy.clone()).filter(|remedy| !remedy.is_empty());
        }
    }
    row
}

/// The state of a list over all kinds of question that were put to it.
pub(crate) fn state<'h>(asked: &Asked, healths: impl Iterator<Item = &'h Health>) -> Option<ListState> {
    // A list that works for addresses and keeps no names, or no IPv6 test entry, works.
    let rank = |health: &&Health| match health {
        Health::Pending(_) => 9,
        Health::Sick(Sickness::Refused { .. }) => 8,
        Health::Sick(Sickness::Wildcard { .. }) => 7,
        Health::Sick(Sickness::Foreign { .. }) => 6,
        Health::Sick(Sickness::Silent { .. }) => 5,
        Health::Sick(Sickness::NotAsked(_)) => 4,
        Health::Healthy => 3,
        Health::Untestable => 2,
        Health::Sick(Sickness::Dead { .. }) => 1,
        Health::WrongKind => 0,
    };
    let worst = healths.max_by_key(rank)?;
    let (state, sick): (&str, Option<&Sickness>) = match worst {
        Health::Healthy => ("healthy", None),
        Health::Untestable => ("untestable", None),
        Health::WrongKind => ("wrong-kind", None),
        Health::Pending(_) => ("not-asked", None),
        Health::Sick(sickness) => (sickness.name(), Some(sickness)),
    };
    Some(ListState {
        zone: asked.shown(),
        state: state.to_owned(),
        reason: sick.map(|sickness| format!("{} {}", asked.shown(), sickness.reason())),
        remedy: sick.map(|sickness| sickness.remedy(asked)).filter(|remedy| !remedy.is_empty()),
    })
}
