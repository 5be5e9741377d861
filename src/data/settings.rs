//! What to set in common mail servers, by the check that finds it wanting: `settings.toml`. Reads
//! the embedded file.

use std::sync::LazyLock;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    setting: Vec<Setting>,
}

/// The lines of one setting, by server.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Setting {
    pub codes: Vec<String>,
    #[serde(default)]
    postfix: Vec<String>,
    #[serde(default)]
    exim: Vec<String>,
    #[serde(default)]
    exchange: Vec<String>,
    #[serde(default)]
    ibmi: Vec<String>,
}

static FILE: LazyLock<File> = LazyLock::new(|| {
    #[allow(clippy::expect_used, reason = "embedded; a test reads it")]
    let file: File = toml::from_str(include_str!("settings.toml")).expect("settings.toml");
    file
});

/// All settings.
pub(crate) fn all() -> &'static [Setting] {
    &FILE.setting
}

/// Those of one check.
pub(crate) fn of(code: &str) -> Option<&'static Setting> {
    all().iter().find(|setting| setting.codes.iter().any(|known| known == code))
}

impl Setting {
    /// A line a server: its name, and what to write there.
    pub(crate) fn lines(&self) -> Vec<String> {
        [
            ("Postfix", &self.postfix),
            ("Exim", &self.exim),
            ("Exchange", &self.exchange),
            ("IBM i", &self.ibmi),
        ]
        .into_iter()
        .filter(|(_, lines)| !lines.is_empty())
        .map(|(server, lines)| format!("{server}: {}", lines.join("; ")))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_stands_once_and_has_lines() {
        let mut seen = std::collections::BTreeSet::new();
        for setting in all() {
            assert!(!setting.lines().is_empty(), "{:?}", setting.codes);
            for code in &setting.codes {
                assert!(seen.insert(code), "{code} twice");
            }
        }
        assert!(of("helo-invalid").unwrap().lines().iter().any(|line| line.starts_with("IBM i: CFGTCP")));
    }
}
