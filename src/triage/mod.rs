//! Delivery stories: what became of one message, why, who must act and how.
//! Pure: text and parsed events in, verdicts out.

pub mod bounce;
pub mod cause;
pub mod confirm;
pub mod confirmation;
pub mod custody;
pub mod handover;
pub mod reply;
pub mod search;
pub mod story;
pub mod traffic_causes;
