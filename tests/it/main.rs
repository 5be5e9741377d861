//! The one integration-test binary. Every module says what it proves.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    unreachable_pub,
    reason = "a test fails by panicking, says why on standard error, and starts real servers"
)]

mod checks;
mod cli;
mod cli_authentication;
mod cli_logs;
mod cli_reports;
mod cli_suppress;
mod closure;
mod closure_lab;
mod conformance;
mod consent;
mod conventions;
mod corpus;
mod dead_resolver;
mod demo;
mod dependencies;
mod dice;
mod everybody;
mod faults;
mod figures_of_receivers;
mod fixture;
mod flattery;
mod fuzz;
mod git;
mod growth;
mod headline;
mod help;
mod hostile_authentication;
mod ignores;
mod imports;
mod index;
mod languages;
mod layers;
mod lint;
mod lost_input;
mod planted;
mod portfolio;
mod practice;
mod ptr;
mod published_fixes;
mod quiet_mail;
mod readme;
mod ready_made;
mod receivers;
mod reply_and_bounce;
mod reply_wordings;
mod report_formats;
mod rounds;
mod sarif;
mod server_settings;
mod settings;
mod stories;
mod throttling;
mod traffic_volumes;
mod warmup;
mod wildcards;
mod world;
mod written_spf;
mod wrong_kind;
mod zone_changes;
mod zone_check;
mod zone_fix;
mod zone_peers;
mod zone_sources;

use std::path::{Path, PathBuf};

/// The repository's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A third-party suite under `../shared/cases`, read in place and never copied.
/// `None`, said aloud, where it is absent; a failure while `MAILVET_REQUIRE_CASES=1`.
pub fn cases(suite: &str) -> Option<PathBuf> {
    let base = std::env::var_os("MAILVET_CASES").map(PathBuf::from);
    let found = base
        .into_iter()
        .chain(root().ancestors().skip(1).map(|above| above.join("shared/cases")))
        .map(|base| base.join(suite))
        .find(|path| path.is_dir());
    if found.is_none() {
        let required = std::env::var("MAILVET_REQUIRE_CASES").is_ok_and(|value| value == "1");
        assert!(!required, "the suite {suite} is absent and MAILVET_REQUIRE_CASES=1");
        eprintln!("SKIPPED: the suite {suite} is absent (looked for shared/cases above the repository)");
    }
    found
}

/// All files below a folder, sorted by path.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(folder) = todo.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() { todo.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}
