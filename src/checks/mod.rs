//! The nine areas. One check is one file; the lists in the areas' `mod.rs` are
//! written by `UPDATE=1 cargo test --test it index`.

pub mod authentication;
pub mod content;
pub mod feedback_loops;
pub mod ip_reputation;
pub mod malware_phishing;
pub mod reverse_dns;
pub mod sending_practices;
pub mod subscription;
pub mod throttling;
