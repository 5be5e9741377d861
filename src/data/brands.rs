//! Names that phishing lives on, the words they are recognised by, and where
//! the real ones send from. Own list, from what sending teams and phishing
//! feeds name most; a brand's absence means only that it is not recognised.

mod digital;
mod hosted;
mod japan;
mod parcels_and_banks;
mod trade;

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use foldhash::{HashMap, HashSet};

use super::link_hosts::with_parents;

/// One brand.
#[derive(Debug)]
pub(crate) struct Brand {
    pub name: &'static str,
    /// Lower case, as they occur in names and, without blanks, in host names.
    pub words: &'static [&'static str],
    /// Registrable domains that are its own; the first is its main one.
    pub domains: &'static [&'static str],
    /// The word is an everyday one too, and proves nothing by itself.
    pub common: bool,
}

const fn brand(
    name: &'static str,
    words: &'static [&'static str],
    domains: &'static [&'static str],
) -> Brand {
    Brand { name, words, domains, common: false }
}

const fn everyday(
    name: &'static str,
    words: &'static [&'static str],
    domains: &'static [&'static str],
) -> Brand {
    Brand { name, words, domains, common: true }
}

/// Every brand of the list.
pub(crate) fn all() -> impl Iterator<Item = &'static Brand> {
    [digital::BRANDS, parcels_and_banks::BRANDS, japan::BRANDS, trade::BRANDS].into_iter().flatten()
}

impl Brand {
    /// True where this registrable domain is the brand's own: listed, or the
    /// brand's plain name under a country's domain.
    pub(crate) fn owns(&self, registrable: &str) -> bool {
        if self.domains.contains(&registrable) {
            return true;
        }
        let Some((label, suffix)) = registrable.split_once('.') else { return false };
        if self.has_house(label, suffix) {
            return true;
        }
        is_national(suffix) && self.domains.first().and_then(|main| main.split('.').next()) == Some(label)
    }

    /// True for a house of a group of banks: `sparkasse-koelnbonn.de`.
    fn has_house(&self, label: &str, suffix: &str) -> bool {
        hosted::HOUSES.iter().any(|(name, starts, below)| {
            let place =
                starts.iter().filter_map(|start| label.strip_prefix(start)).min_by_key(|rest| rest.len());
            *name == self.name
                && *below == suffix
                && place.is_some_and(|place| !hosted::NO_HOUSE.iter().any(|word| place.contains(word)))
        })
    }

    /// True for a host that is the brand's, or that it hands out to its customers.
    pub(crate) fn serves(&self, host: &str) -> bool {
        with_parents(host)
            .any(|name| self.domains.contains(&name) || (hosted::TENANTS.contains(&name) && self.is_in(name)))
    }

    /// The brand's word stands in this domain.
    fn is_in(&self, domain: &str) -> bool {
        self.domains.contains(&domain) || self.labels().any(|label| domain.contains(&label))
    }

    /// Words usable in a host name: no blanks, long enough to mean the brand.
    pub(crate) fn labels(&self) -> impl Iterator<Item = String> + '_ {
        let words = self.words.iter().filter(|word| word.is_ascii());
        words
            .map(|word| word.chars().filter(char::is_ascii_alphanumeric).collect::<String>())
            .filter(|word| word.len() >= 3)
    }
}

/// A country's suffix that its firms use: not those given away (Freenom's, Palau's) or sold the world
/// over for what their letters say.
pub(crate) fn is_national(suffix: &str) -> bool {
    const SOLD: [&str; 22] = [
        "ai", "cc", "cd", "cf", "fm", "ga", "gg", "gq", "io", "la", "ly", "me", "ml", "nu", "pw", "sh", "st",
        "su", "tk", "to", "vc", "ws",
    ];
    let country = |letters: &str| letters.len() == 2 && !SOLD.contains(&letters);
    match suffix.split_once('.') {
        None => country(suffix),
        Some((kind, letters)) => matches!(kind, "co" | "com" | "or" | "ne") && country(letters),
    }
}

/// True for a host of a service that serves pages under the names of its customers.
pub(crate) fn is_vendor(host: &str) -> bool {
    static VENDORS: LazyLock<HashSet<&str>> = LazyLock::new(|| hosted::VENDORS.iter().copied().collect());
    with_parents(host).any(|name| VENDORS.contains(name))
}

/// The brand that owns a registrable domain.
pub(crate) fn owner(registrable: &str) -> Option<&'static Brand> {
    OWNERS.get(registrable).copied()
}

/// Host-name words of the brands that are no everyday words.
pub(crate) fn labels() -> &'static [(&'static Brand, String)] {
    &LABELS
}

/// The brand whose host-name word this is.
pub(crate) fn of_label(label: &str) -> Option<&'static Brand> {
    BY_LABEL.get(label).copied()
}

/// Words of brands in a folded text, with where they begin; overlapping ones too.
pub(crate) fn words_in(text: &str) -> Vec<(&'static Brand, &'static str, usize)> {
    let Some(finder) = NAME_FINDER.as_ref() else { return Vec::new() };
    let hits = finder.find_overlapping_iter(text).take(200);
    hits.filter_map(|hit| NAME_WORDS.get(hit.pattern().as_usize()).map(|(b, w)| (*b, *w, hit.start())))
        .collect()
}

/// Brands whose host-name word of six letters or more is in a host.
pub(crate) fn labels_within(host: &str) -> Vec<(&'static Brand, &'static str)> {
    let Some(finder) = LABEL_FINDER.as_ref() else { return Vec::new() };
    let hits = finder.find_overlapping_iter(host).take(50);
    hits.filter_map(|hit| LONG_LABELS.get(hit.pattern().as_usize()).copied()).collect()
}

/// Brands one of whose domains stands inside a longer host name: `paypal.com.`,
/// `paypal.com-` or `paypal-com.` at the beginning or after a dot.
pub(crate) fn domains_within(host: &str) -> impl Iterator<Item = &'static Brand> {
    let starts = std::iter::once(0).chain(memchr::memchr_iter(b'.', host.as_bytes()).map(|dot| dot + 1));
    starts.flat_map(move |start| {
        let rest = &host[start..];
        let ends = memchr::memchr2_iter(b'.', b'-', rest.as_bytes()).take_while(|end| *end <= 63);
        ends.filter_map(move |end| {
            let name = &rest[..end];
            let hyphened = || HYPHENED.get(name).filter(|_| rest.as_bytes()[end] == b'.');
            OWNERS.get(name).or_else(hyphened).copied()
        })
    })
}

static OWNERS: LazyLock<HashMap<&'static str, &'static Brand>> = LazyLock::new(|| {
    all().flat_map(|brand| brand.domains.iter().map(move |domain| (*domain, brand))).collect()
});
static LABELS: LazyLock<Vec<(&'static Brand, String)>> = LazyLock::new(|| {
    all()
        .filter(|brand| !brand.common)
        .flat_map(|brand| brand.labels().map(move |label| (brand, label)))
        .collect()
});
static BY_LABEL: LazyLock<HashMap<&'static str, &'static Brand>> =
    LazyLock::new(|| LABELS.iter().map(|(brand, label)| (label.as_str(), *brand)).collect());
static LONG_LABELS: LazyLock<Vec<(&'static Brand, &'static str)>> = LazyLock::new(|| {
    LABELS
        .iter()
        .filter(|(_, label)| label.len() >= 6)
        .map(|(brand, label)| (*brand, label.as_str()))
        .collect()
});
static LABEL_FINDER: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| built(LONG_LABELS.iter().map(|(_, label)| *label)));
/// What is quickest to build: names and hosts are short.
fn built(words: impl Iterator<Item = &'static str>) -> Option<AhoCorasick> {
    AhoCorasick::builder().kind(Some(AhoCorasickKind::NoncontiguousNFA)).build(words).ok()
}
static NAME_WORDS: LazyLock<Vec<(&'static Brand, &'static str)>> =
    LazyLock::new(|| all().flat_map(|brand| brand.words.iter().map(move |word| (brand, *word))).collect());
static NAME_FINDER: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| built(NAME_WORDS.iter().map(|(_, word)| *word)));
/// [`OWNERS`] by the domain with hyphens for its dots.
static HYPHENED: LazyLock<HashMap<String, &'static Brand>> =
    LazyLock::new(|| OWNERS.iter().map(|(domain, brand)| (domain.replace('.', "-"), *brand)).collect());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_lower_case_and_domains_registrable() {
        for brand in all() {
            assert!(!brand.domains.is_empty(), "{}", brand.name);
            for word in brand.words {
                assert_eq!(*word, word.to_lowercase(), "{}", brand.name);
            }
        }
    }

    #[test]
    fn own_domains() {
        let amazon = all().find(|brand| brand.name == "Amazon").unwrap();
        assert!(amazon.owns("amazon.it") && amazon.owns("amazon.co.uk") && amazon.owns("amazonaws.com"));
        assert!(
            !amazon.owns("amazon-login.example") && !amazon.owns("amazon.top") && !amazon.owns("amazon.tk")
        );
        let brand = |name: &str| all().find(|brand| brand.name == name).unwrap();
        let bank = brand("Sparkasse");
        assert!(bank.owns("sparkasse-koelnbonn.de") && bank.owns("spk-erzgebirge.de"));
        assert!(!bank.owns("sparkasse-pushtan-update.de") && !bank.owns("sparkasse-koelnbonn.com"));
        assert!(brand("Volksbank").owns("vblh.de") && !brand("Volksbank").owns("volksbank-login.de"));
        assert!(brand("GitHub").serves("jane.github.io") && !brand("GitHub").serves("github.io.example"));
        assert!(is_vendor("royalmail.eu.qualtrics.com") && !is_vendor("qualtrics.com.example"));
    }
}
