//! The causes behind a log's replies.

use std::collections::BTreeMap;

use super::cause::Cause;
use super::reply::classify;
use crate::model::traffic::{ReplyCount, TrafficSummary};

/// The distinct replies of a log by cause, the most frequent first in each.
pub(crate) fn replies_by_cause(traffic: &TrafficSummary) -> BTreeMap<Cause, Vec<&ReplyCount>> {
    let mut by_cause: BTreeMap<Cause, Vec<&ReplyCount>> = BTreeMap::new();
    for reply in &traffic.replies {
        let known = reply.cause.as_deref().and_then(Cause::from_name);
        let cause = known.unwrap_or_else(|| classify(reply.text.raw(), Some(&reply.host)).cause);
        by_cause.entry(cause).or_default().push(reply);
    }
    by_cause
}
