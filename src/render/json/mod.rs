//! JSON in frozen, versioned shapes (a contract: scripts read them). Add fields freely; never
//! rename or repurpose one.

pub(crate) mod bimi;
pub(crate) mod bounce;
pub(crate) mod dkim;
pub(crate) mod dmarc;
pub(crate) mod lint;
pub(crate) mod mx;
pub(crate) mod pages;
pub(crate) mod portfolio;
pub(crate) mod problem;
pub(crate) mod ptr;
pub(crate) mod queue;
pub(crate) mod relay;
pub(crate) mod remedy;
pub(crate) mod reply;
pub(crate) mod reports;
mod result_line;
pub(crate) mod send;
pub(crate) mod server;
pub(crate) mod spf;
pub(crate) mod suppress;
mod throttling;
pub(crate) mod traffic;
pub(crate) mod transport;
pub(crate) mod triage;
pub(crate) mod v1;

/// Compact JSON on one line.
pub(crate) fn line(value: &impl serde::Serialize) -> String {
    let mut text = serde_json::to_string(value).unwrap_or_else(|_| "{}".to_owned());
    text.push('\n');
    text
}

/// Pretty JSON with a final newline.
pub(crate) fn text(value: &impl serde::Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_else(|_| "{}".to_owned());
    text.push('\n');
    text
}
