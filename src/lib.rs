//! mailvet: audits outbound mail. The modules, top to bottom; who may import
//! whom is a test (`tests/it/layers.rs`).

pub mod model;
pub mod parse;
pub mod triage;
