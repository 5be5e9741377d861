//! What a name is to mail, by what it publishes: no policy and no network, so that a zone
//! file, a recording and a live answer give the same role.

use crate::model::{Name, NameRole};
use crate::parse::spf::{Mechanism, Qualifier, SpfRecord, TermKind};

/// What one name publishes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Published {
    /// Exchanges of the MX records; the root name for a null MX (RFC 7505).
    pub exchanges: Vec<Name>,
    /// The text of the SPF record, where there is one.
    pub spf: Option<String>,
    /// A DKIM key, or an alias to one, that is not revoked.
    pub has_key: bool,
    /// The name is the apex of its zone or directly registered.
    pub is_apex: bool,
}

/// The role of a name. Taking or signing mail makes it a mail domain; saying that nobody may
/// send, or that nothing is taken, parks it (RFC 7208 section 10.1.2, RFC 7505).
pub(crate) fn of(name: &Name, published: &Published) -> NameRole {
    let reverse = ["in-addr.arpa", "ip6.arpa"].map(Name::lenient);
    if reverse.iter().any(|tree| name.is_within(tree)) {
        return NameRole::Reverse;
    }
    let takes = published.exchanges.iter().any(|exchange| !exchange.is_root());
    let permits = published.spf.as_deref().is_some_and(|text| !denies_all(text));
    if takes || published.has_key || (permits && published.is_apex) {
        return NameRole::Mail;
    }
    let refuses = published.exchanges.iter().any(Name::is_root);
    let denies = published.spf.as_deref().is_some_and(denies_all);
    if refuses || denies { NameRole::Parked } else { NameRole::Nothing }
}

/// Whether the record permits nobody: no term but `all`, and that one not with `+`.
pub(crate) fn denies_all(text: &str) -> bool {
    let record = SpfRecord::parse(text.as_bytes());
    record.terms.iter().all(|term| match &term.kind {
        TermKind::Directive { qualifier, mechanism: Mechanism::All } => {
            matches!(qualifier, Qualifier::Fail | Qualifier::SoftFail)
        }
        TermKind::Directive { .. } | TermKind::Redirect(_) => false,
        _ => true,
    }) && record.all().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_published_makes_the_role() {
        let role = |name: &str, mx: &[&str], spf: Option<&str>, has_key: bool, is_apex: bool| {
            let exchanges = mx.iter().map(|name| Name::lenient(name)).collect();
            of(&Name::lenient(name), &Published { exchanges, spf: spf.map(str::to_owned), has_key, is_apex })
        };
        assert_eq!(role("example.com", &["mx.example.com"], None, false, true), NameRole::Mail);
        assert_eq!(role("example.com", &["."], Some("v=spf1 -all"), false, true), NameRole::Parked);
        assert_eq!(role("example.com", &[], Some("v=spf1 -all"), false, true), NameRole::Parked);
        assert_eq!(role("example.com", &[], Some("v=spf1 a -all"), false, true), NameRole::Mail);
        // The HELO name of a host permits itself and is no domain of addresses.
        assert_eq!(role("mail.example.com", &[], Some("v=spf1 a -all"), false, false), NameRole::Nothing);
        assert_eq!(role("news.example.com", &[], Some("v=spf1 -all"), true, false), NameRole::Mail);
        assert_eq!(role("2.0.192.in-addr.arpa", &[], None, false, true), NameRole::Reverse);
        assert_eq!(role("example.com", &[], None, false, true), NameRole::Nothing);
        assert_eq!(
            role("example.com", &[], Some("v=spf1 redirect=example.net"), false, true),
            NameRole::Mail
        );
        assert_eq!(role("example.com", &[], Some("v=spf1 +all"), false, false), NameRole::Nothing);
    }
}
