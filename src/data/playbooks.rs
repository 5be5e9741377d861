//! What the large receivers' own pages say to do about the refusals that come
//! most, in order and with times: `playbooks.toml`. Reads the embedded file.

#![expect(clippy::expect_used, reason = "the catalogue is compiled in, and a test reads it")]

use std::sync::LazyLock;

use serde::Deserialize;

use crate::model::enhanced_code::EnhancedCode;

/// The ordered recovery for one kind of refusal of one receiver.
#[derive(Debug, Deserialize)]
pub struct Playbook {
    pub id: String,
    /// Tags of `smtp_replies.toml`.
    pub providers: Vec<String>,
    /// Enhanced codes as written, `5.7.606` or `5.7.606-5.7.649`.
    #[serde(default)]
    pub codes: Vec<String>,
    /// Lower-case words that tell the kind once the provider is known.
    #[serde(default)]
    pub marks: Vec<String>,
    /// Lower-case words that nobody else writes.
    #[serde(default)]
    pub sure: Vec<String>,
    pub steps: Vec<String>,
    /// Where the receiver says so.
    pub page: String,
    /// The day the page was read, or the page's own date.
    pub seen: String,
}

#[derive(Deserialize)]
struct File {
    playbook: Vec<Playbook>,
}

static PLAYBOOKS: LazyLock<Vec<Playbook>> = LazyLock::new(|| {
    // Compiled in and covered by the test below.
    let file: File = toml::from_str(include_str!("playbooks.toml")).expect("playbooks.toml");
    file.playbook
});

/// The playbook for a reply of `provider` (its tag) with this code and these words, lower case.
pub(crate) fn find(
    provider: Option<&str>,
    code: Option<EnhancedCode>,
    lower: &str,
) -> Option<&'static Playbook> {
    PLAYBOOKS.iter().find(|book| {
        let holds = |words: &[String]| words.iter().any(|word| lower.contains(word.as_str()));
        let theirs = provider.is_some_and(|tag| book.providers.iter().any(|known| known == tag));
        let coded = code.is_some_and(|code| book.codes.iter().any(|range| within(range, code)));
        holds(&book.sure) || (theirs && (coded || holds(&book.marks)))
    })
}

fn within(range: &str, code: EnhancedCode) -> bool {
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    EnhancedCode::parse(first).is_some_and(|first| first <= code)
        && EnhancedCode::parse(last).is_some_and(|last| code <= last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::smtp_replies::CATALOGUE;

    #[test]
    fn every_playbook_is_whole() {
        for book in PLAYBOOKS.iter() {
            assert!(book.steps.len() >= 2, "{}", book.id);
            assert!(book.seen.len() == 10 && book.page.contains('.'), "{}: page and day", book.id);
            assert!(!(book.codes.is_empty() && book.marks.is_empty() && book.sure.is_empty()), "{}", book.id);
            for tag in &book.providers {
                assert!(CATALOGUE.providers.iter().any(|p| p.tag == *tag), "{}: provider {tag}", book.id);
            }
            for range in &book.codes {
                let first = range.split('-').next().unwrap_or_default();
                assert!(EnhancedCode::parse(first).is_some(), "{}: {range}", book.id);
            }
            for mark in book.marks.iter().chain(&book.sure) {
                assert_eq!(*mark, mark.to_lowercase(), "{}", book.id);
            }
        }
    }

    #[test]
    fn a_code_counts_for_its_provider_only() {
        let code = EnhancedCode::parse("4.7.28");
        assert_eq!(find(Some("google"), code, "").map(|book| book.id.as_str()), Some("google-rate"));
        assert!(find(Some("mail_ru"), code, "").is_none());
        assert!(find(None, code, "").is_none());
        assert_eq!(
            find(None, None, "421 [tss04] deferred").map(|book| book.id.as_str()),
            Some("yahoo-deferred")
        );
    }
}
