//! The public suffix list: the boundary at which registrations are sold, which
//! RFC 7489 took for the organizational domain. The list is compiled in by the
//! `psl` crate, so it is as old as this program.

use ::psl::{Info, List, Psl, Suffix, Type};

use crate::model::Name;

/// The list behind one look-up. The crate's own look-up is a megabyte of
/// inlined matches that every module calling it would carry (and compile) anew.
struct Once;

impl Psl for Once {
    fn find<'a, T: Iterator<Item = &'a [u8]>>(&self, labels: T) -> Info {
        // No rule has more labels than this.
        let mut last: [&[u8]; 8] = [&[]; 8];
        let count = last.iter_mut().zip(labels).map(|(slot, label)| *slot = label).count();
        find(last.get(..count).unwrap_or_default())
    }
}

#[inline(never)]
fn find(labels: &[&[u8]]) -> Info {
    List.find(labels.iter().copied())
}

/// The public suffix of a lower-case name.
pub fn suffix(name: &[u8]) -> Option<Suffix<'_>> {
    Once.suffix(name)
}

/// The public suffix of a lower-case name, without a final dot.
pub fn suffix_str(name: &str) -> Option<&str> {
    std::str::from_utf8(suffix(name.as_bytes())?.trim().as_bytes()).ok()
}

/// The name directly below the public suffix of a lower-case name, without a final dot.
pub fn domain_str(name: &str) -> Option<&str> {
    std::str::from_utf8(Once.domain(name.as_bytes())?.trim().as_bytes()).ok()
}

/// The name directly below its public suffix: `example.co.uk` for
/// `mail.example.co.uk`. `None` for a public suffix itself. A name below no
/// listed suffix counts by the list's default rule `*`.
pub fn registrable(name: &Name) -> Option<Name> {
    domain_str(name.as_str()).map(Name::lenient)
}

/// True where the lower-case text is itself a suffix of the list's ICANN part: no private one, and
/// none by the default rule.
pub(crate) fn is_icann_suffix(text: &str) -> bool {
    suffix(text.as_bytes()).is_some_and(|found| found == text.as_bytes() && found.typ() == Some(Type::Icann))
}

/// The organizational domain as RFC 7489 section 3.2 finds it; a public suffix
/// is its own.
pub fn organizational(name: &Name) -> Name {
    registrable(name).unwrap_or_else(|| name.clone())
}

/// The same of a text in any case, which need be no name: it is its own organization then.
pub(crate) fn organization_of(domain: &str) -> String {
    let lower = domain.to_ascii_lowercase();
    domain_str(&lower).map_or(lower.clone(), str::to_owned)
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
        assert_eq!(organizational(&Name::lenient("com")).as_str(), "com");
        let listed = |text: &&str| is_icann_suffix(text);
        let texts = ["com", "co.uk", "example.com", "unlisted", "github.io", ""];
        assert_eq!(texts.iter().filter(|text| listed(text)).collect::<Vec<_>>(), [&"com", &"co.uk"]);
    }
}
