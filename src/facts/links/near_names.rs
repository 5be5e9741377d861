//! Names that are taken for the reader's own: a stranger's domain one stroke beside it. Judges
//! nothing.

use crate::data::house_words::{BESIDE_A_NAME, EVERYBODYS};
use crate::parse::web::idn;

/// How one domain comes near another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Near {
    /// The same letters to a hurried reader, or one letter more, less, other or swapped.
    Alike,
    /// The same name with a word such as `-group` behind it.
    Extended,
    /// The same name below another suffix.
    Suffix,
}

/// Letters of a name in which one stroke is no other word.
const LONG: usize = 7;

/// How `domain` comes near `other`; both are registrable domains.
pub(crate) fn near(domain: &str, other: &str) -> Option<Near> {
    let ((name, suffix), (wanted, of_other)) = (domain.split_once('.')?, other.split_once('.')?);
    // `example` is nobody's by rule (RFC 2606 section 3).
    if wanted.len() < 5 || wanted == "example" || EVERYBODYS.contains(&wanted) {
        return None;
    }
    if name == wanted {
        return (suffix != of_other).then_some(Near::Suffix);
    }
    let (read, looked_for) = (idn::decode(domain).unicode, idn::decode(other).unicode);
    let label = |whole: &str| whole.split('.').next().unwrap_or_default().to_owned();
    let (read, looked_for) = (label(&read), label(&looked_for));
    if idn::skeleton(&read) == idn::skeleton(&looked_for) {
        return Some(Near::Alike);
    }
    if extends(name, wanted) || extends(wanted, name) {
        return Some(Near::Extended);
    }
    let long = read.chars().count() >= LONG && looked_for.chars().count() >= LONG;
    (long && is_one_stroke(&read, &looked_for)).then_some(Near::Alike)
}

fn extends(longer: &str, name: &str) -> bool {
    let rest = longer.strip_prefix(name).and_then(|rest| rest.strip_prefix('-'));
    rest.is_some_and(|word| BESIDE_A_NAME.contains(&word))
}

/// One letter more, less, other, or two neighbours swapped. Names that count (`depot1`, `depot2`)
/// differ in a digit and are sisters.
fn is_one_stroke(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let ahead = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let (left, right) = (&one[ahead..], &other[ahead..]);
    match (left, right) {
        ([a, rest @ ..], [b, tail @ ..]) if rest == tail => !(a.is_ascii_digit() && b.is_ascii_digit()),
        ([extra, rest @ ..], tail) | (tail, [extra, rest @ ..]) if rest == tail => !extra.is_ascii_digit(),
        ([a, b, rest @ ..], [c, d, tail @ ..]) => a == d && b == c && rest == tail,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_told() {
        for (domain, how) in [
            ("kundenfirrna.de", Some(Near::Alike)),
            ("kundenfirma.com", Some(Near::Suffix)),
            ("kundenfirma-group.com", Some(Near::Extended)),
            ("kundenfirma-de.com", Some(Near::Extended)),
            ("kundenfrma.de", Some(Near::Alike)),
            ("kundenfirmaa.de", Some(Near::Alike)),
            ("kundnefirma.de", Some(Near::Alike)),
            ("kundemfirma.de", Some(Near::Alike)),
            ("kundenfirm4.de", Some(Near::Alike)),
            ("kundenfirma.de", None),
            ("kundenfirma2.de", None),
            ("kundenfirma-reparaturen.de", None),
            ("lieferfirma.de", None),
        ] {
            assert_eq!(near(domain, "kundenfirma.de"), how, "{domain}");
        }
        assert_eq!(near("holt.de", "holz.de"), None);
        assert_eq!(near("mailer.com", "mailer.de"), None);
        assert_eq!(near("example.com", "example.net"), None);
        assert_eq!(near("depot-11.de", "depot-12.de"), None);
    }
}
