//! JSON in frozen, versioned shapes (a contract: scripts read them). Add fields freely; never
//! rename or repurpose one.

pub mod bimi;
pub mod bounce;
pub mod dkim;
pub mod dmarc;
pub mod lint;
pub mod mx;
pub mod pages;
pub mod portfolio;
pub mod problem;
pub mod ptr;
pub mod relay;
pub mod remedy;
pub mod reply;
pub mod reports;
mod result_line;
pub mod send;
pub mod server;
pub mod spf;
pub mod traffic;
pub mod transport;
pub mod triage;
pub mod v1;

/// Compact JSON on one line.
pub fn line(value: &impl serde::Serialize) -> String {
    let mut text = serde_json::to_string(value).unwrap_or_else(|_| "{}".to_owned());
    text.push('\n');
    text
}

/// Pretty JSON with a final newline.
pub fn text(value: &impl serde::Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_else(|_| "{}".to_owned());
    text.push('\n');
    text
}
