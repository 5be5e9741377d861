//! Delivery stories: what became of one message, why, who must act and how.
//! Pure: text and parsed events in, verdicts out.

pub mod bounce;
pub mod cause;
pub(crate) mod confirm;
pub(crate) mod confirmation;
pub(crate) mod custody;
pub(crate) mod handover;
pub(crate) mod queue;
pub(crate) mod queue_commands;
pub mod reply;
mod rewritten;
pub(crate) mod search;
pub(crate) mod story;
pub mod suppress;
pub(crate) mod throttle;
pub(crate) mod traffic_causes;
