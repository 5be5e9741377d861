//! Mail of sender addresses that are not followed.

use crate::model::traffic::TrafficSummary;

/// Why what was found of addresses is not all, where some are not followed.
pub(super) fn not_followed(traffic: &TrafficSummary) -> Option<String> {
    (traffic.accounts_omitted > 0).then(|| {
        format!(
            "at least {} messages are of more sender addresses than are followed",
            traffic.accounts_omitted
        )
    })
}
