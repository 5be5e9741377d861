//! Receivers that slow the sender down and get no configuration, each with the reason.

use std::collections::BTreeSet;

use super::settings::Lane;
use super::{CAUSES, is_of_others, named};
use crate::model::traffic::{Ending, ReplyCount, TrafficSummary};
use crate::triage::reply::classify;

const SHARED: &str = "the host that replied takes mail for other receivers too, as a relay does: its limit is one on \
                      all that mail, and a rate for one receiver would go past it";

/// Name and reason of each whose replies ask for less and who has no lane of `lanes`.
pub(crate) fn withheld<'t>(
    summary: &'t TrafficSummary,
    has_lane: &dyn Fn(&str) -> bool,
) -> BTreeSet<(&'t str, &'static str)> {
    let replies = summary.replies.iter().filter(|reply| reply.ending != Ending::Rejected);
    replies
        .filter(|reply| !has_lane(&reply.provider))
        .filter_map(|reply| Some((reply.provider.as_str(), why(summary, reply)?)))
        .collect()
}

/// `None` where the reply is about no limit.
fn why(summary: &TrafficSummary, reply: &ReplyCount) -> Option<&'static str> {
    let verdict = classify(reply.text.raw(), Some(named(reply).unwrap_or(&reply.provider)));
    if !CAUSES.contains(&verdict.cause) {
        return None;
    }
    Some(match summary.by_provider.get_key_value(&reply.provider) {
        _ if reply.shared => SHARED,
        _ if is_of_others(summary, reply, &verdict) => {
            "the limit is none of this receiver: the sender's own server, a relay or one mailbox sets it"
        }
        None => "the log has more receivers than are told apart, and this one was counted with others",
        _ if reply.ending != Ending::Deferred => {
            "it refused for good and deferred nothing, which tells no rate"
        }
        Some((name, traffic)) if Lane::new(&super::receiver(summary, name, traffic)).is_none() => {
            "none of its names can be written into a configuration"
        }
        Some(_) => return None,
    })
}
