//! Whether a host name may be shown as it is written, after the display policy
//! browsers apply to internationalised names. Judges labels; it must not decide
//! what a brand is: `facts::links` compares skeletons with the brand list.
//!
//! Source: Chromium's "Internationalized Domain Names (IDN) in Google Chrome"
//! (docs/idn.md, read 2026-11-23) and UTS 39, Unicode Security Mechanisms.

use std::fmt;
use std::sync::LazyLock;

use unicode_script::{Script, ScriptExtension, UnicodeScript as _};
use unicode_security::GeneralSecurityProfile as _;
use unicode_security::mixed_script::AugmentedScriptSet;

use crate::parse::web::idn_tables::{CONFUSABLE_EXTRAS, DIGIT_LOOKALIKES, RARE_BLOCKS, WHOLE_SCRIPTS};

/// What a label does that lets it pass for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spoof {
    /// Scripts that do not belong together in one word.
    MixedScripts,
    /// A character UTS 39 does not recommend for identifiers.
    RestrictedCharacter(char),
    /// Letters of one script that all look like Latin letters.
    WholeScriptConfusable,
    /// Nothing but digits and letters that look like digits.
    DigitLookalikes,
    /// Digits of two numbering systems.
    MixedDigits,
    /// The same combining mark twice, or one where it cannot be seen.
    InvisibleMark,
    /// Sharp s, final sigma and the joiners: IDNA 2003 and 2008 differ on them.
    Deviation(char),
    /// Thorn, eth, schwa or the middle dot outside the domains whose languages use them.
    ForeignLetter(char),
    /// An accented Latin letter beside another script.
    AccentedLatinMixed,
    /// A sign that can be taken for a slash, a dash or a Latin letter where it stands.
    DangerousPattern,
}

impl fmt::Display for Spoof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Spoof::MixedScripts => f.write_str("mixes scripts that no language writes together"),
            Spoof::RestrictedCharacter(c) => {
                write!(f, "contains U+{:04X}, which UTS 39 keeps out of identifiers", u32::from(*c))
            }
            Spoof::WholeScriptConfusable => {
                f.write_str("is written in another script with letters that all look Latin")
            }
            Spoof::DigitLookalikes => f.write_str("consists of letters that look like digits"),
            Spoof::MixedDigits => f.write_str("mixes digits of two numbering systems"),
            Spoof::InvisibleMark => f.write_str("hides a combining mark under another"),
            Spoof::Deviation(c) => {
                write!(f, "contains U+{:04X}, which IDNA 2003 and 2008 resolve differently", u32::from(*c))
            }
            Spoof::ForeignLetter(c) => {
                write!(f, "contains U+{:04X}, easily misread outside its own country", u32::from(*c))
            }
            Spoof::AccentedLatinMixed => f.write_str("mixes accented Latin letters with another script"),
            Spoof::DangerousPattern => {
                f.write_str("contains a sign that can be taken for a Latin letter or for punctuation")
            }
        }
    }
}

/// A host name with its labels decoded from punycode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// Unicode form; a label that does not decode stays as it is.
    pub unicode: String,
    /// Labels that begin with `xn--` and are no valid IDNA label.
    pub invalid: Vec<String>,
}

/// Longest host name looked at (RFC 1035 section 2.3.4, in characters).
const LONGEST_HOST: usize = 255;

/// Decodes the punycode labels of an ASCII or Unicode host name.
pub fn decode(host: &str) -> Decoded {
    let mut invalid = Vec::new();
    let mut labels = Vec::new();
    for label in host.split('.') {
        let lower = label.to_lowercase();
        match lower.strip_prefix("xn--") {
            Some(_) if lower.len() <= 63 => match decode_label(&lower) {
                Some(unicode) => labels.push(unicode),
                None => {
                    invalid.push(lower.clone());
                    labels.push(lower);
                }
            },
            Some(_) => {
                invalid.push(lower.clone());
                labels.push(lower);
            }
            None => labels.push(lower),
        }
    }
    Decoded { unicode: labels.join("."), invalid }
}

fn decode_label(label: &str) -> Option<String> {
    let (unicode, result) = idna::domain_to_unicode(label);
    if result.is_err() || unicode.is_ascii() {
        return None;
    }
    // What decodes must encode to the same again (RFC 5891 section 5.3).
    (idna::domain_to_ascii(&unicode).ok()? == label).then_some(unicode)
}

/// True for a name that holds nothing but ASCII and no punycode: nothing to decode.
pub fn is_plain(host: &str) -> bool {
    let bytes = host.as_bytes();
    let is_punycode = |hyphen: usize| {
        let mark = hyphen.checked_sub(2).and_then(|start| bytes.get(start..start + 4));
        mark.is_some_and(|mark| mark.eq_ignore_ascii_case(b"xn--"))
    };
    host.is_ascii() && !memchr::memchr_iter(b'-', bytes).any(is_punycode)
}

/// Why a browser would not show this host in Unicode; empty for plain and harmless names.
pub fn spoofs(host: &str) -> Vec<(String, Spoof)> {
    if is_plain(host) {
        return Vec::new();
    }
    let decoded = decode(host.trim_end_matches('.'));
    if decoded.unicode.chars().count() > LONGEST_HOST {
        return Vec::new();
    }
    let labels: Vec<&str> = decoded.unicode.split('.').collect();
    let top = labels.last().copied().unwrap_or_default();
    labels
        .iter()
        .filter(|label| !label.is_ascii())
        .filter_map(|label| spoof_of(label, top).map(|spoof| ((*label).to_owned(), spoof)))
        .collect()
}

fn spoof_of(label: &str, top: &str) -> Option<Spoof> {
    if let Some(spoof) = character_spoof(label, top) {
        return Some(spoof);
    }
    let single = match mixture(label) {
        Mixture::Single => true,
        Mixture::LatinWithOneCjk => false,
        Mixture::Other => return Some(Spoof::MixedScripts),
    };
    if mixed_digits(label) {
        return Some(Spoof::MixedDigits);
    }
    if hidden_mark(label) {
        return Some(Spoof::InvisibleMark);
    }
    if is_digit_lookalike(label) {
        return Some(Spoof::DigitLookalikes);
    }
    let exceptional = label.chars().any(|c| is_kana_exception(c) || is_common_diacritic(c));
    if single && !exceptional {
        return whole_script(label, top).then_some(Spoof::WholeScriptConfusable);
    }
    let accented = label.chars().any(|c| !c.is_ascii() && c.script() == Script::Latin);
    if accented && !label.chars().all(is_latin_greek_cyrillic_or_ascii) {
        return Some(Spoof::AccentedLatinMixed);
    }
    dangerous(label).then_some(Spoof::DangerousPattern)
}

/// UTS 39 section 5.2, as far as "highly restrictive" needs.
enum Mixture {
    Single,
    /// Latin beside Chinese, Japanese or Korean writing.
    LatinWithOneCjk,
    Other,
}

fn mixture(label: &str) -> Mixture {
    let mut all = AugmentedScriptSet::default();
    let mut beside_latin = AugmentedScriptSet::default();
    for c in label.chars() {
        let set = AugmentedScriptSet::for_char(c);
        all.intersect_with(set);
        if !set.base.contains_script(Script::Latin) {
            beside_latin.intersect_with(set);
        }
    }
    match () {
        () if !all.is_empty() => Mixture::Single,
        () if beside_latin.kore || beside_latin.hanb || beside_latin.jpan => Mixture::LatinWithOneCjk,
        () => Mixture::Other,
    }
}

fn character_spoof(label: &str, top: &str) -> Option<Spoof> {
    let long = label.chars().nth(1).is_some();
    for (at, c) in label.char_indices() {
        if c.is_ascii() {
            continue;
        }
        match c {
            '\u{df}' | '\u{3c2}' | '\u{200c}' | '\u{200d}' => return Some(Spoof::Deviation(c)),
            '\u{fe}' | '\u{f0}' if long && top != "is" => return Some(Spoof::ForeignLetter(c)),
            '\u{259}' if long && top != "az" => return Some(Spoof::ForeignLetter(c)),
            // Catalan writes it between two l: ce·la is not, col·legi is.
            '\u{b7}' => {
                let between = label[..at].ends_with('l') && label[at + c.len_utf8()..].starts_with('l');
                if top != "cat" || !between {
                    return Some(Spoof::ForeignLetter(c));
                }
            }
            _ if !is_allowed(c) => return Some(Spoof::RestrictedCharacter(c)),
            _ => {}
        }
    }
    None
}

/// UTS 39 "Allowed", without what looks like punctuation and blocks nobody needs.
fn is_allowed(c: char) -> bool {
    let quirk = matches!(
        c,
        '\u{338}'
            | '\u{58a}'
            | '\u{2010}'
            | '\u{2019}'
            | '\u{2027}'
            | '\u{30a0}'
            | '\u{2bb}'
            | '\u{2bc}'
            | '\u{2ec}'
            | '\u{138}'
    );
    // Unicode 17 made Bopomofo a script of limited use; Taiwan still writes it.
    let bopomofo = matches!(c, '\u{3105}'..='\u{312f}' | '\u{31a0}'..='\u{31bf}');
    !quirk && !RARE_BLOCKS.iter().any(|block| block.contains(&c)) && (bopomofo || c.identifier_allowed())
}

/// The digits' numbering system: the code point of its zero.
fn zero_of(c: char) -> Option<u32> {
    if !c.is_numeric() {
        return None;
    }
    let code = u32::from(c);
    const ZEROS: [u32; 21] = [
        0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6,
        0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810,
    ];
    ZEROS.into_iter().find(|zero| (*zero..zero + 10).contains(&code))
}

fn mixed_digits(label: &str) -> bool {
    let mut zeros = label.chars().filter_map(zero_of);
    zeros.next().is_some_and(|first| zeros.any(|other| other != first))
}

/// UTS 39 section 5.4: a mark that repeats, or the dot over a letter that has one.
fn hidden_mark(label: &str) -> bool {
    let mut before = None;
    for c in label.chars() {
        if is_mark(c) && before == Some(c) {
            return true;
        }
        before = Some(c);
    }
    false
}

fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

fn is_digit_lookalike(label: &str) -> bool {
    label.chars().any(|c| DIGIT_LOOKALIKES.contains(c))
        && label.chars().all(|c| c.is_ascii_digit() || DIGIT_LOOKALIKES.contains(c))
}

/// All letters of one script, and each of them with a Latin twin.
fn whole_script(label: &str, top: &str) -> bool {
    WHOLE_SCRIPTS.iter().any(|entry| {
        let mut seen = false;
        for c in label.chars() {
            if c.script() == entry.script {
                if !entry.lookalikes.contains(c) {
                    return false;
                }
                seen = true;
            }
        }
        seen && !entry.home.contains(&top) && !top.chars().any(|c| c.script() == entry.script)
    })
}

fn is_kana_exception(c: char) -> bool {
    matches!(c, '\u{3078}'..='\u{307a}' | '\u{30d8}'..='\u{30da}' | '\u{30fb}'..='\u{30fe}')
}

fn is_common_diacritic(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{339}')
}

fn is_latin_greek_cyrillic_or_ascii(c: char) -> bool {
    c.is_ascii() || is_mark(c) || matches!(c.script(), Script::Latin | Script::Greek | Script::Cyrillic)
}

/// Signs that pass for a slash, a dash or a letter, judged by their neighbours.
fn dangerous(label: &str) -> bool {
    let chars: Vec<char> = label.chars().collect();
    let in_scripts = |c: char, scripts: &[Script]| {
        let extension: ScriptExtension = c.script_extension();
        !extension.is_common()
            && !extension.is_inherited()
            && scripts.iter().any(|script| extension.contains_script(*script))
    };
    let kana = |c: char| in_scripts(c, &[Script::Katakana]);
    let hira = |c: char| in_scripts(c, &[Script::Hiragana]);
    let japanese = |c: char| in_scripts(c, &[Script::Katakana, Script::Hiragana, Script::Han]);
    let cjk = |c: char| {
        in_scripts(c, &[Script::Katakana, Script::Hiragana, Script::Han, Script::Bopomofo, Script::Hangul])
    };
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| chars.get(at)).copied();
        let after = chars.get(at + 1).copied();
        let bad = match c {
            // no, n, so, zo and the strokes pass for slashes between Latin words.
            '\u{30ce}' | '\u{30f3}' | '\u{30bd}' | '\u{30be}' | '\u{4e36}' | '\u{4e40}' | '\u{4e41}'
            | '\u{4e3f}' => before.is_some_and(|b| !japanese(b)) && after.is_some_and(|a| !japanese(a)),
            '\u{30fc}' => before.is_none_or(|b| !kana(b) && !hira(b)),
            '\u{30fd}' | '\u{30fe}' => before.is_none_or(|b| !kana(b)),
            '\u{30fb}' => {
                before.is_some_and(|b| b.is_ascii_lowercase())
                    || after.is_some_and(|a| a.is_ascii_lowercase())
            }
            '\u{4e00}' | '\u{3127}' | '\u{4e28}' | '\u{4e5b}' | '\u{4e03}' | '\u{4e05}' | '\u{5341}'
            | '\u{3007}' | '\u{3112}' | '\u{311a}' | '\u{311f}' | '\u{3128}' | '\u{3129}' | '\u{3108}'
            | '\u{31ba}' | '\u{31b3}' | '\u{5369}' | '\u{53e3}' | '\u{56d7}' | '\u{4e29}' | '\u{3110}' => {
                before.is_some_and(|b| !cjk(b)) || after.is_some_and(|a| !cjk(a))
            }
            '\u{300}'..='\u{339}' => match before {
                None => true,
                Some('\u{131}') => true,
                Some('i' | 'j' | 'l') if c == '\u{307}' => true,
                Some(b) => !is_latin_greek_cyrillic_or_ascii(b),
            },
            _ => false,
        };
        if bad {
            return true;
        }
    }
    // he, be, pe look alike in both kana: one of them alone among the other kana.
    let is_he_kata = |c: char| matches!(c, '\u{30d8}'..='\u{30da}');
    let is_he_hira = |c: char| matches!(c, '\u{3078}'..='\u{307a}');
    let all = |test: &dyn Fn(char) -> bool| chars.iter().all(|&c| test(c));
    chars.len() > 1
        && ((chars.iter().any(|&c| is_he_hira(c))
            && all(&|c| is_he_hira(c) || kana(c))
            && chars.iter().any(|&c| kana(c) && !hira(c)))
            || (chars.iter().any(|&c| is_he_kata(c))
                && all(&|c| is_he_kata(c) || hira(c))
                && chars.iter().any(|&c| hira(c) && !kana(c))))
}

/// What a name looks like: UTS 39 skeleton without accents, plus the pairs that
/// look alike on a screen though the Unicode list has them apart.
pub fn skeleton(text: &str) -> String {
    // Names are ASCII nearly always, and then each letter stands by itself.
    static ASCII: LazyLock<Vec<String>> = LazyLock::new(|| {
        (0..128u8).map(|byte| skeleton_of_any(char::from(byte).encode_utf8(&mut [0; 4]))).collect()
    });
    if text.is_ascii() {
        return text.bytes().filter_map(|byte| ASCII.get(usize::from(byte))).map(String::as_str).collect();
    }
    skeleton_of_any(text)
}

fn skeleton_of_any(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    let mapped: String = text
        .chars()
        .flat_map(char::to_lowercase)
        .nfd()
        .filter(|c| !is_mark(*c))
        .flat_map(|c| {
            let extra = CONFUSABLE_EXTRAS.iter().find(|(from, _)| from.contains(c));
            extra.map_or_else(|| c.to_string(), |(_, to)| (*to).to_owned()).chars().collect::<Vec<_>>()
        })
        .collect();
    unicode_security::skeleton(&mapped).filter(|c| !is_mark(*c)).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_and_national_names_are_quiet() {
        for host in ["example.com", "müller.example", "пример.рф", "例え.jp", "café.fr"] {
            assert_eq!(spoofs(host), [], "{host}");
        }
    }

    #[test]
    fn mixtures_are_seen() {
        assert_eq!(spoofs("exаmple.com")[0].1, Spoof::MixedScripts);
        assert_eq!(spoofs("соре.com")[0].1, Spoof::WholeScriptConfusable);
        assert_eq!(spoofs("a\u{301}\u{301}b.com")[0].1, Spoof::InvisibleMark);
    }

    #[test]
    fn skeletons_meet() {
        assert_eq!(skeleton("раураl"), skeleton("paypal"));
        assert_eq!(skeleton("gọọgle"), skeleton("google"));
    }

    #[test]
    fn hostile_names_do_not_panic() {
        for host in ["", ".", "xn--", "xn--\u{ffff}", "·", "l·", &"ー".repeat(400), "xn--99999999999"] {
            let _ = spoofs(host);
            let _ = skeleton(host);
        }
    }
}
