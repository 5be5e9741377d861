//! Failures that have ending and cause in common.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::traffic::{ReplyCount, TrafficSummary};
use crate::triage::cause::Cause;

/// Failures of one ending and cause.
pub(super) struct Group<'s> {
    pub ending: &'static str,
    pub cause: &'s str,
    pub count: u64,
    /// The busiest first.
    pub providers: Vec<(&'s str, u64)>,
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    /// The most frequent reply.
    pub example: Option<&'s ReplyCount>,
}

impl Group<'_> {
    /// The cause in words.
    pub(super) fn title(&self) -> String {
        Cause::from_name(self.cause).map_or_else(|| self.cause.to_owned(), |cause| cause.title().to_owned())
    }

    /// `2024-03-10 10:00 to 11:30`; empty where no line has a time.
    pub(super) fn time(&self) -> String {
        match (self.first, self.last) {
            (Some(first), Some(last)) if first == last => first.strftime("%Y-%m-%d %H:%M").to_string(),
            (Some(first), Some(last)) => {
                let same = first.strftime("%F").to_string() == last.strftime("%F").to_string();
                let end = last.strftime(if same { "%H:%M" } else { "%Y-%m-%d %H:%M" });
                format!("{} to {end}", first.strftime("%Y-%m-%d %H:%M"))
            }
            _ => String::new(),
        }
    }
}

/// What failed for good first, the most frequent first.
pub(super) fn of(summary: &TrafficSummary) -> Vec<Group<'_>> {
    /// A group, and how many replies each provider gave.
    type Counted<'s> = (Group<'s>, BTreeMap<&'s str, u64>);
    let mut groups: BTreeMap<(&'static str, &str), Counted<'_>> = BTreeMap::new();
    for reply in summary.replies.iter().filter(|reply| !reply.provider.is_empty()) {
        let (ending, cause) = (reply.ending.name(), reply.cause.as_deref().unwrap_or("undetermined"));
        let (group, providers) = groups.entry((ending, cause)).or_insert_with(|| {
            let (count, first, last, example) = (0, None, None, None);
            (Group { ending, cause, count, providers: Vec::new(), first, last, example }, BTreeMap::new())
        });
        group.count += reply.count;
        group.first = group.first.into_iter().chain(reply.first).min();
        group.last = group.last.max(reply.last);
        *providers.entry(&reply.provider).or_default() += reply.count;
        group.example.get_or_insert(reply);
    }
    let mut groups: Vec<Group<'_>> = groups
        .into_values()
        .map(|(group, providers)| {
            let mut providers: Vec<_> = providers.into_iter().collect();
            providers.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            Group { providers, ..group }
        })
        .collect();
    let final_first = |group: &Group<'_>| u8::from(group.ending == "deferred");
    groups.sort_by(|a, b| final_first(a).cmp(&final_first(b)).then(b.count.cmp(&a.count)));
    groups
}
