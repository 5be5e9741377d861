//! The embedded lists, made ready ahead of the first message.

use super::{appeals, bait, words};
use crate::data::{brands, client_support};
use crate::facts::subscription::unsubscribe;

/// Makes ready what takes longest, the last needed first. For a thread of its own, where
/// several others begin to judge: those wait for each other until the lists are there.
pub(crate) fn make_ready() {
    brands::words_in("");
    appeals::make_ready();
    bait::motives("");
    unsubscribe::says(" ");
    let _ = client_support::betrayed_by("").count();
    words::phrases_in("");
}
