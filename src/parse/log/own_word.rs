//! Words of a sending service's closed lists, told from the words of mail servers.

/// The word behind the service's name, so that no wording of a mail server is looked for in it
/// (the groups `account-said-...` of `smtp_phrases.toml`), and what is said besides.
pub(super) fn own_word(service: &str, word: &str, said: &str) -> String {
    match (word, said) {
        ("", said) => said.to_owned(),
        (word, "") => format!("{service}: {word}"),
        (word, said) => format!("{service}: {word}: {said}"),
    }
}
