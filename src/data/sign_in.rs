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

/// Words that hosts of phishing are put together of, whole between hyphens, dots and digits.
#[rustfmt::skip]
const LURES: &[&str] = &[
    "access", "account", "accounts", "accountverify", "acct", "alert", "alerts", "auth", "authentication", "bank", "banking", "benefits",
    "billing", "check", "claim", "client", "compliance", "confirm", "confirmation", "credential", "credentials", "customs", "delivery",
    "document", "documents", "employee", "express", "fee", "gateway", "helpdesk", "hr", "identity", "id", "info", "internal", "invoice", "kunden",
    "kundenservice", "login", "logon", "mail", "mailbox", "message", "messages", "notice", "notification", "office", "online", "package", "paket",
    "paquete", "parcel", "password", "pay", "payment", "payments", "payroll", "portal", "protect", "protection", "recovery", "redelivery", "refund",
    "remboursement", "reset", "restore", "review", "reward", "rewards", "safe", "secure", "security", "server", "service", "services",
    "sicherheit", "sign", "signin", "staff", "status", "support", "survey", "suspend", "suspended", "tax", "team", "track", "tracking", "unlock",
    "update", "updates", "user", "validate", "validation", "verification", "verified", "verify", "voicemail", "wallet", "web", "webmail", "win", "zoll",
    "zustellung", "envio", "aviso", "pago", "conta", "cuenta", "seguro", "seguranca", "acesso", "cadastro", "entrega", "rastreio", "livraison",
    "colis", "compte", "espace",
];

/// The words of that kind in a host's name, and whether nothing else stands beside them.
pub(crate) struct LureWords {
    pub named: Vec<String>,
    pub bare: bool,
}

/// Looks at the labels before the top-level domain.
pub(crate) fn lure_words(host: &str) -> LureWords {
    let labels = host.rsplit_once('.').map_or(host, |(labels, _)| labels);
    let mut found = LureWords { named: Vec::new(), bare: true };
    let pieces = labels.split(|c: char| !c.is_ascii_alphabetic()).filter(|piece| !piece.is_empty());
    for piece in pieces.filter(|piece| !matches!(*piece, "www" | "com" | "co" | "m")).take(20) {
        if !LURES.contains(&piece) {
            found.bare = false;
        } else if !found.named.iter().any(|known| known == piece) {
            found.named.push(piece.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{lure_words, speaks_of_it};

    #[test]
    fn hosts_put_together_of_lures() {
        let count = |host: &str| lure_words(host).named.len();
        assert_eq!(count("internal-portal-access-verification.net"), 4);
        assert!(lure_words("secure-check.example").bare && count("secure-check.example") == 2);
        assert!(
            count("www.example.com") == 0
                && count("mail.support.example.com") == 2
                && !lure_words("mail.support.example.com").bare
        );
    }

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
