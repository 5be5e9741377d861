//! Reports to text. Renderers return strings; they never print, filter or judge.

pub mod bounce;
pub mod check_page;
pub mod counted;
pub mod dkim;
pub mod dkim_keygen;
pub mod dmarc;
pub mod dmarc_ladder;
pub mod escape;
pub mod finding_block;
pub mod json;
pub mod lint;
pub mod listing;
pub mod ptr;
pub mod reply;
pub mod report;
pub mod reports;
pub mod source_caret;
pub mod spf;
pub mod style;
pub mod terminal;
pub mod traffic;
pub mod triage;
pub mod warmup;
