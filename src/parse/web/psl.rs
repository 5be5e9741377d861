//! The public suffix list: the boundary at which registrations are sold, which
//! RFC 7489 took for the organizational domain. The list is compiled in by the
//! `psl` crate, so it is as old as this program.

use ::psl::{Info, List, Psl, Suffix};

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

/// The organizational domain as RFC 7489 section 3.2 finds it; a public suffix
/// is its own.
pub fn organizational(name: &Name) -> Name {
    registrable(name).unwrap_or_else(|| name.clone())
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
    }
}
