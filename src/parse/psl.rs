//! The public suffix list: the boundary at which registrations are sold, which
//! RFC 7489 took for the organizational domain. The list is compiled in by the
//! `psl` crate, so it is as old as this program.

use crate::model::Name;

/// The name directly below its public suffix: `example.co.uk` for
/// `mail.example.co.uk`. `None` for a public suffix itself. A name below no
/// listed suffix counts by the list's default rule `*`.
pub fn registrable(name: &Name) -> Option<Name> {
    psl::domain_str(name.as_str()).map(Name::lenient)
}

/// The organizational domain as RFC 7489 section 3.2 finds it; a public suffix
/// is its own.
pub fn organizational(name: &Name) -> Name {
    registrable(name).unwrap_or_else(|| name.clone())
}

/// True for a name that the list has as a suffix in its own right (`co.uk`,
/// `github.io`): registrations below it belong to different people.
pub fn is_public_suffix(name: &Name) -> bool {
    !name.is_root()
        && psl::suffix_str(name.as_str()).is_some_and(|suffix| suffix == name.as_str())
        && psl::suffix(name.as_str().as_bytes()).is_some_and(|suffix| suffix.is_known())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boundaries() {
        let registrable = |text: &str| super::registrable(&Name::lenient(text)).map(|n| n.to_string());
        assert_eq!(registrable("a.b.example.co.uk").as_deref(), Some("example.co.uk"));
        assert_eq!(registrable("co.uk"), None);
        assert_eq!(registrable("a.unlisted").as_deref(), Some("a.unlisted"));
        assert!(is_public_suffix(&Name::lenient("co.uk")));
        assert!(!is_public_suffix(&Name::lenient("unlisted")));
        assert_eq!(organizational(&Name::lenient("com")).as_str(), "com");
    }
}
