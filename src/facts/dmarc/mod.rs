//! DMARC: the record that governs the author domain, whom it asks to report to,
//! who sends by the reports, and what it says of a message.

pub mod alignment;
pub mod ladder;
pub mod prediction;
pub mod report_targets;
pub mod sources;
pub mod verdict;
pub mod walk;
