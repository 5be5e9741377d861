//! Text as a hurried reader sees it: disguises removed, so that words can be
//! looked for; and the disguises themselves counted. Judges nothing.

use unicode_normalization::UnicodeNormalization as _;
use unicode_script::{Script, UnicodeScript as _};

use crate::parse::text::plain_text;

/// What was done to a text so that filters do not read it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Disguise {
    /// Letters from the mathematical alphabets and their kin.
    pub styled: usize,
    /// Characters without width inside words.
    pub invisible: usize,
    /// Words that mix Latin with look-alike letters.
    pub mixed_words: usize,
}

impl Disguise {
    pub(crate) fn of(text: &str) -> Disguise {
        let mut found = Disguise::default();
        let mut before: Option<char> = None;
        let mut chars = text.chars().peekable();
        // Beside ideographs and kana full-width Latin is how Latin is set.
        let wide_is_plain = is_wide(text);
        while let Some(c) = chars.next() {
            if is_styled(c) && !(wide_is_plain && is_full_width(c)) {
                found.styled += 1;
            }
            let in_word = before.is_some_and(char::is_alphanumeric)
                && chars.peek().is_some_and(|c| c.is_alphanumeric());
            if in_word && is_invisible(c) {
                found.invisible += 1;
            }
            if !is_invisible(c) {
                before = Some(c);
            }
        }
        found.mixed_words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| mixes(word)).count();
        found
    }

    /// Beyond what happens by accident.
    pub(crate) fn is_deliberate(self) -> bool {
        self.styled >= 4 || self.invisible >= 2 || self.mixed_words >= 1
    }
}

/// Letters of other purposes that read as Latin: mathematical, enclosed, full-width, small capitals.
fn is_styled(c: char) -> bool {
    is_full_width(c) || is_ornamental(c)
}

/// As [`is_styled`], full-width letters apart.
pub(crate) fn is_ornamental(c: char) -> bool {
    matches!(c, '\u{1d400}'..='\u{1d7ff}' | '\u{1f130}'..='\u{1f189}' | '\u{24b6}'..='\u{24e9}')
        || small_capital(c).is_some()
}

fn is_full_width(c: char) -> bool {
    matches!(c, '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}')
}

/// Written with full-width signs: Chinese, Japanese, Korean.
fn is_wide(text: &str) -> bool {
    !text.is_ascii()
        && text
            .chars()
            .any(|c| matches!(c.script(), Script::Han | Script::Hiragana | Script::Katakana | Script::Hangul))
}

/// The letter a small capital stands for. Phonetic writing has some of them too.
pub(crate) fn small_capital(c: char) -> Option<char> {
    Some(match c {
        '\u{1d00}' => 'a',
        '\u{299}' => 'b',
        '\u{1d04}' => 'c',
        '\u{1d05}' => 'd',
        '\u{1d07}' => 'e',
        '\u{a730}' => 'f',
        '\u{262}' => 'g',
        '\u{29c}' => 'h',
        '\u{26a}' => 'i',
        '\u{1d0a}' => 'j',
        '\u{1d0b}' => 'k',
        '\u{29f}' => 'l',
        '\u{1d0d}' => 'm',
        '\u{274}' => 'n',
        '\u{1d0f}' => 'o',
        '\u{1d18}' => 'p',
        '\u{280}' => 'r',
        '\u{a731}' => 's',
        '\u{1d1b}' => 't',
        '\u{1d1c}' => 'u',
        '\u{1d20}' => 'v',
        '\u{1d21}' => 'w',
        '\u{28f}' => 'y',
        '\u{1d22}' => 'z',
        _ => return None,
    })
}

/// Joins or separates nothing a reader could see. ZWJ and ZWNJ belong to
/// Indic and Arabic writing and to emoji, so they count between Latin letters only.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{34f}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{180e}' | '\u{e0000}'..='\u{e007f}')
}

fn mixes(word: &str) -> bool {
    if word.is_ascii() {
        return false;
    }
    let latin = word.chars().any(|c| c.is_ascii_alphabetic());
    latin
        && word.chars().count() > 2
        && word.chars().any(|c| twin(c).is_some() && matches!(c.script(), Script::Cyrillic | Script::Greek | Script::Armenian))
        // Units and brand marks such as µTorrent or 5Ω are one letter beside Latin.
        && word.chars().filter(|c| twin(*c).is_some()).count() * 8 >= word.chars().count()
}

/// The Latin letter a Cyrillic or Greek one passes for.
fn twin(c: char) -> Option<char> {
    Some(match c {
        'а' | 'α' | 'А' | 'Α' => 'a',
        'в' | 'В' | 'Β' | 'ь' => 'b',
        'с' | 'С' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'Е' | 'Ε' | 'є' | 'ё' => 'e',
        'һ' | 'н' | 'Н' | 'Η' => 'h',
        'і' | 'І' | 'ι' | 'Ι' | 'ї' => 'i',
        'ј' | 'Ј' => 'j',
        'к' | 'К' | 'κ' | 'Κ' => 'k',
        'ӏ' | 'Ӏ' => 'l',
        'м' | 'М' | 'Μ' => 'm',
        'п' | 'Ν' | 'η' => 'n',
        'о' | 'О' | 'ο' | 'Ο' | 'σ' => 'o',
        'р' | 'Р' | 'ρ' | 'Ρ' => 'p',
        'ԛ' => 'q',
        'г' | 'Г' => 'r',
        'ѕ' | 'Ѕ' => 's',
        'т' | 'Т' | 'Τ' | 'τ' => 't',
        'υ' | 'ս' => 'u',
        'ν' | 'ѵ' => 'v',
        'ѡ' | 'ω' | 'ш' => 'w',
        'х' | 'Х' | 'Χ' | 'χ' => 'x',
        'у' | 'У' | 'Υ' | 'γ' => 'y',
        'Ζ' => 'z',
        _ => return None,
    })
}

/// Lower case, compatibility forms resolved, accents and invisible characters
/// removed, look-alike letters of words that mix scripts replaced, blanks single.
pub(crate) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        rest = &rest[plain_text::take(rest, rest.len(), &mut out)..];
        // Nothing composes across an ASCII blank, so only words with other letters need
        // the tables; runs of plain ASCII are taken at once.
        let run = rest.bytes().position(|byte| !byte.is_ascii_graphic()).unwrap_or(rest.len());
        let next = rest.as_bytes().get(run);
        if next.is_some_and(|byte| !byte.is_ascii()) {
            let end =
                rest.bytes().position(|b| matches!(b, b' ' | b'\n' | b'\t' | b'\r')).unwrap_or(rest.len());
            fold_any(&rest[..end], &mut out);
            rest = &rest[end..];
            continue;
        }
        let start = out.len();
        out.push_str(&rest[..run]);
        out[start..].make_ascii_lowercase();
        if next.is_some() && !out.ends_with(' ') {
            out.push(' ');
        }
        rest = rest.get(run + 1..).unwrap_or_default();
    }
    if out.starts_with(char::is_whitespace) || out.ends_with(char::is_whitespace) {
        return out.trim().to_owned();
    }
    out
}

fn fold_any(piece: &str, out: &mut String) {
    let flat: String = piece
        .nfkc()
        .filter(|c| !is_invisible(*c))
        .map(|c| small_capital(c).unwrap_or(c))
        .flat_map(char::to_lowercase)
        .nfd()
        .filter(|c| !matches!(c, '\u{300}'..='\u{36f}'))
        .collect();
    let mut word = String::new();
    let end_of_word = |word: &mut String, out: &mut String| {
        if mixes(word) {
            out.extend(word.chars().map(|c| twin(c).unwrap_or(c)));
        } else {
            out.push_str(word);
        }
        word.clear();
    };
    for c in flat.nfc() {
        if c.is_alphanumeric() {
            word.push(c);
            continue;
        }
        end_of_word(&mut word, out);
        let blank = c.is_whitespace() || c.is_control();
        if !blank {
            out.push(c);
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    end_of_word(&mut word, out);
}

/// Digits and capitals read as the letters they stand for: `PAYPAI`, `C0NFIRM`.
pub(crate) fn fold_digits(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    // A capital I stands for l beside small letters and at the end of a word in
    // capitals; inside one it is itself.
    let stands_for_l = |at: usize| {
        let next = chars.get(at + 1).copied();
        next.is_some_and(char::is_lowercase)
            || (at > 0 && chars[at - 1].is_alphabetic() && !next.is_some_and(char::is_alphanumeric))
    };
    let swapped: String = chars
        .iter()
        .enumerate()
        .map(|(at, c)| match *c {
            'I' if stands_for_l(at) => 'l',
            '1' | '|' => 'l',
            '0' => 'o',
            '3' => 'e',
            '5' | '$' => 's',
            '@' => 'a',
            c => c,
        })
        .collect();
    fold(&swapped)
}

/// True where the word that begins at `at` has no letter or digit beside it that could belong to it;
/// writing without blanks has no such borders, and a change of script is one (`NHKプラス`).
pub(crate) fn stands_alone(text: &str, at: usize, word: &str) -> bool {
    let before = text.get(..at).and_then(|head| head.chars().next_back());
    let after = text.get(at + word.len()..).and_then(|tail| tail.chars().next());
    // Words in other letters are inflected: `Сбербанка`.
    let goes_on = |inside: Option<char>, beside: Option<char>| {
        inside.is_some_and(|c| c.is_ascii_alphanumeric())
            && beside.is_some_and(|c| c.is_alphanumeric() && !is_unspaced(c))
    };
    !goes_on(word.chars().next(), before) && !goes_on(word.chars().next_back(), after)
}

/// Scripts that are written without blanks: kana, Chinese characters, Thai.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{e7f}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disguises_are_seen_and_removed() {
        assert_eq!(fold("𝐘𝐎𝐔 𝐀𝐑𝐄"), "you are");
        assert_eq!(fold("d\u{34f}o\u{34f}n"), "don");
        assert_eq!(fold("Pаypаl Überweisung"), "paypal uberweisung");
        assert_eq!(fold("Привет"), "привет");
        assert_eq!(fold("\u{280}\u{1d07}\u{1d20}\u{26a}\u{1d07}\u{1d21}"), "review");
        assert!(
            !Disguise::of("【ＶＩＳＡデビット】").is_deliberate() && Disguise::of("ＶＩＳＡ").is_deliberate()
        );
        assert_eq!(fold_digits("C0NFIRM Iedger"), "confirm ledger");
        assert!(Disguise::of("𝐘𝐎𝐔𝐑").is_deliberate());
        assert!(Disguise::of("d\u{34f}o\u{34f}n\u{34f}o").is_deliberate());
        assert!(Disguise::of("Pаypаl").is_deliberate());
        for text in ["Größe 10 µm", "Привет мир", "Ihr Paket", "👨\u{200d}💻", "5Ω"] {
            assert!(!Disguise::of(text).is_deliberate(), "{text}");
        }
    }

    #[test]
    fn words_stand_alone() {
        assert!(stands_alone("the ups driver", 4, "ups"));
        assert!(!stands_alone("groups", 3, "ups"));
        for (text, word) in [
            ("楽天カード", "楽天"),
            ("etc利用照会サービス", "etc利用照会"),
            ("sbi証券サービス", "sbi証券"),
            ("nhkプラス事務局", "nhkプラス"),
            ("新しいamazonから", "amazon"),
            ("דואר ישראל", "דואר ישראל"),
            ("служба сбербанка", "сбербанк"),
        ] {
            assert!(stands_alone(text, text.find(word).unwrap(), word), "{text}");
        }
        for (text, word) in [("nhkxプラス", "nhk"), ("xetc利用照会", "etc利用照会"), ("paypalé", "paypal")]
        {
            assert!(!stands_alone(text, text.find(word).unwrap(), word), "{text}");
        }
    }
}
