//! mailvet: audits outbound mail. The modules, top to bottom; who may import
//! whom is a test (`tests/it/layers.rs`).

pub mod check;
pub mod checks;
pub mod cli;
pub mod config;
pub mod data;
pub mod evidence;
pub mod facts;
pub mod gather;
pub mod judge;
pub mod model;
pub mod parse;
pub mod policy;
pub mod render;
pub mod triage;
