//! mailvet: audits outbound mail. The modules, top to bottom; who may import
//! whom is a test (`tests/it/layers.rs`).

pub mod check;
mod checks;
#[allow(clippy::disallowed_methods, reason = "here the process meets the world")]
pub mod cli;
mod config;
pub mod data;
pub mod evidence;
pub mod facts;
#[allow(clippy::disallowed_methods, reason = "here the process meets the world")]
pub mod gather;
pub mod judge;
pub mod model;
pub mod parse;
pub mod policy;
pub mod remedy;
mod render;
pub mod triage;
