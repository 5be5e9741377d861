//! Suites that nobody here wrote. Each test leaves one line under
//! `target/conformance/`; `tests/run` makes `tests/CONFORMANCE.md` of them.

mod archive;
mod bounce_deviations;
mod bounces;
mod content;
mod dkim;
mod dmarc;
mod lab;
mod logs;
mod mime;
mod modern;
mod mta_sts;
mod phish;
mod replies;
mod reports;
mod spf;
mod spf_differential;
mod wording;
mod zones;

use std::fmt::Write as _;

pub use archive::unpacked;

/// Notes a suite's count for the table, and fails when it is below `least`.
/// `note` says what is counted and which cases are left out, and why. Figures
/// must be the same on every machine: no times.
pub fn record(suite: &str, passed: usize, total: usize, least: usize, note: &str) {
    let folder = crate::root().join("target/conformance");
    std::fs::create_dir_all(&folder).unwrap();
    let mut line = String::new();
    writeln!(line, "| {suite} | {passed} | {total} | {} |", note.replace('|', "\\|").replace('\n', " "))
        .unwrap();
    std::fs::write(folder.join(format!("{suite}.md")), line).unwrap();
    eprintln!("{suite}: {passed} of {total} ({note})");
    assert!(passed >= least, "{suite}: {passed} of {total} passed, at least {least} wanted");
}
