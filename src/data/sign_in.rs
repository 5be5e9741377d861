//! How addresses of pages name signing in, and which countries' domains the world uses as
//! if they were nobody's. Own lists.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// Words of a path or query, standing for themselves: `/login.php`, `/account/`, `auth_screen`.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "login", "log-in", "log_in", "logon", "log-on", "signin", "sign-in", "sign_in", "signon", "sign-on", "auth",
    "authentication", "sso", "webmail", "verify", "verification", "password", "netbank", "ebank", "account", "mypage",
];

/// Top-level domains of countries sold to everybody for their letters.
#[rustfmt::skip]
pub(crate) const OPEN_COUNTRIES: &[&str] = &[
    "io", "co", "me", "tv", "ai", "us", "cc", "fm", "ly", "gg", "to", "ws", "eu", "nu", "vu", "am", "is", "it", "sh", "st",
    "in", "ac",
];

/// The word by which a path or query speaks of signing in.
pub(crate) fn speaks_of_it(text: &str) -> Option<String> {
    static FIND: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(WORDS).ok());
    let text: String = text.chars().take(2000).collect();
    // `LoginPage` and `amcmembr_Loginam`: a capital after a small letter begins a word.
    let mut apart = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    for c in text.chars() {
        if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
            apart.push('-');
        }
        apart.push(c.to_ascii_lowercase());
        before = c;
    }
    let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
    FIND.as_ref()?
        .find_overlapping_iter(&apart)
        .find(|found| {
            let front = apart.get(..found.start()).and_then(|text| text.chars().next_back());
            let behind = apart.get(found.end()..).and_then(|text| text.chars().next());
            !letter(front) && !letter(behind)
        })
        .and_then(|found| apart.get(found.range()))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::speaks_of_it;

    #[test]
    fn words_stand_for_themselves() {
        for text in ["/login.php", "/auth_screen/", "/UserLogin/x", "/account/info.do", "next=x&page=SignIn"]
        {
            assert!(speaks_of_it(text).is_some(), "{text}");
        }
        for text in ["/authors/", "/accounting", "/blogin", "/catalogind", "/", "/é"] {
            assert_eq!(speaks_of_it(text), None, "{text}");
        }
    }
}
