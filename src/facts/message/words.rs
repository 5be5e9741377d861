//! What the message says, made comparable: folded text, phrases, single words, and
//! the tricks by which words are hidden from filters. Must not judge.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization as _;

use crate::data::phrases::{self, Phrase};
use crate::parse::message::Message;
use crate::parse::text::distinct::Distinct;
use crate::parse::text::letters::Letters;
use crate::parse::text::phrase_index::{End, PhraseIndex};
use crate::parse::text::plain_text;

/// Longest text looked at, in bytes; a letter has far less.
const TEXT_LIMIT: usize = 200_000;

/// Where words stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The decoded Subject field.
    Subject,
    /// The text a reader sees in the body.
    Body,
}

/// A listed phrase that occurs.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The listed phrase.
    pub phrase: &'static Phrase,
    /// Where it stands.
    pub place: Place,
    /// How often it stands there.
    pub count: usize,
}

/// Lower case, one kind of apostrophe, white space single, invisible characters gone.
pub fn folded(text: &str) -> String {
    // Letters with their marks apart (NFD) are put together; these octets begin U+0300 to U+036F.
    if memchr::memchr2(0xCC, 0xCD, text.as_bytes()).is_some() && !text.chars().any(is_stacked) {
        let mut end = text.len().min(TEXT_LIMIT);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        return folded_whole(&text[..end].nfc().collect::<String>());
    }
    folded_whole(text)
}

/// Marks that no language puts on letters in running text: those belong to disguises.
fn is_stacked(c: char) -> bool {
    matches!(c, '\u{315}'..='\u{322}' | '\u{329}'..='\u{344}' | '\u{346}'..='\u{362}')
}

fn folded_whole(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(TEXT_LIMIT) + 4);
    let mut gap = true;
    let mut rest = text;
    while out.len() < TEXT_LIMIT {
        let taken = plain_text::take(rest, TEXT_LIMIT - out.len(), &mut out);
        if taken > 0 {
            gap = out.ends_with(' ');
            rest = &rest[taken..];
        }
        // Runs of plain ASCII are taken at once.
        let run = rest.bytes().position(|b| !(b'!'..=b'~').contains(&b) || b == b'`').unwrap_or(rest.len());
        let run = run.min(TEXT_LIMIT - out.len());
        if run > 0 {
            let start = out.len();
            out.push_str(&rest[..run]);
            out[start..].make_ascii_lowercase();
            gap = false;
        }
        rest = &rest[run..];
        let Some(c) = rest.chars().next() else { break };
        rest = &rest[c.len_utf8()..];
        match c {
            '\u{2018}' | '\u{2019}' | '\u{02bc}' | '`' | '´' => {
                out.push('\'');
                gap = false;
            }
            c if is_invisible(c) => {}
            c if c.is_whitespace() || c.is_control() => {
                if !gap {
                    out.push(' ');
                    gap = true;
                }
            }
            c => {
                out.extend(c.to_lowercase());
                gap = false;
            }
        }
    }
    out
}

/// Characters without width that split a word unseen.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{180e}' | '\u{e0000}'..='\u{e007f}')
}

/// Listed phrases in a folded text, whole words only, with their counts; of phrases that
/// begin with the same word the longest, and what follows it.
pub fn phrases_in(folded: &str) -> Vec<(&'static Phrase, usize)> {
    static INDEX: LazyLock<PhraseIndex> =
        LazyLock::new(|| PhraseIndex::new(phrases::all().iter().map(|p| (p.text.clone(), End::Whole))));
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for at in INDEX.find(folded) {
        *counts.entry(at).or_default() += 1;
    }
    counts.into_iter().filter_map(|(at, count)| Some((phrases::all().get(at)?, count))).collect()
}

/// No letter or digit touches the span.
pub fn is_whole(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).and_then(|t| t.chars().next_back());
    let after = text.get(end..).and_then(|t| t.chars().next());
    !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
}

/// What many checks ask of the message's words, worked out once.
#[derive(Debug)]
pub struct Wording {
    /// What the sender wrote, without quoted mail and footers.
    pub own: String,
    /// The same, folded.
    pub body: String,
    /// The subject, folded.
    pub subject: String,
    /// Listed phrases of the folded body.
    pub in_body: Vec<(&'static Phrase, usize)>,
    /// Listed phrases of the folded subject.
    pub in_subject: Vec<(&'static Phrase, usize)>,
    /// What [`Wording::own`] is made up of.
    pub letters: Letters,
}

impl Wording {
    /// Folds and searches the texts of the message.
    pub fn read(message: &Message) -> Wording {
        let own = own_text(message);
        let body = folded(&own);
        let subject = folded(message.subject().unwrap_or_default());
        Wording {
            in_body: phrases_in(&body),
            in_subject: phrases_in(&subject),
            letters: Letters::of(&own),
            own,
            body,
            subject,
        }
    }

    /// Listed phrases of subject and body.
    pub fn hits(&self) -> Vec<Hit> {
        let of = |found: &[(&'static Phrase, usize)], place| {
            found.iter().map(move |(phrase, count)| Hit { phrase, place, count: *count }).collect::<Vec<_>>()
        };
        let mut hits = of(&self.in_subject, Place::Subject);
        hits.extend(of(&self.in_body, Place::Body));
        hits
    }
}

/// What the sender wrote: the visible text without quoted mail, and without the
/// signature or list footer below a ruled line at its end.
fn own_text(message: &Message) -> String {
    let text = message.unquoted_text();
    let mut end = text.len().min(TEXT_LIMIT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let lines: Vec<&str> = text[..end].lines().collect();
    let foot = lines.len().saturating_sub(15);
    let ruled = |line: &str| {
        let line = line.trim();
        line == "--" || (line.len() >= 20 && line.chars().all(|c| matches!(c, '-' | '_' | '=' | '*')))
    };
    let stop =
        lines.iter().enumerate().skip(foot.max(1)).find(|(_, l)| ruled(l)).map_or(lines.len(), |(at, _)| at);
    let mut own = String::with_capacity(end);
    for line in &lines[..stop] {
        if !matches!(line.trim_start().chars().next(), Some('>' | '|')) {
            own.push_str(line);
            own.push('\n');
        }
    }
    own
}

/// Line of the file on which a phrase first stands in a text part; the body's first
/// line where markup or folding hides it.
pub fn line_of(message: &Message, phrase: &str) -> u32 {
    let wanted = phrase.to_lowercase();
    let start = wanted.split(' ').next().unwrap_or_default();
    for body in message.bodies() {
        // Only where lower case keeps every offset.
        let lower = body.text.to_ascii_lowercase();
        if let Some(at) = lower.find(&wanted).or_else(|| lower.find(start)) {
            return body.line(at);
        }
    }
    message.header().body_line
}

/// What stands between the blanks of a folded text, each with whether it is all ASCII
/// letters and digits.
pub fn tokens(folded: &str) -> impl Iterator<Item = (&str, bool)> {
    plain_text::tokens(folded, plain_text::alphanumeric_run, |byte| byte == b' ')
}

/// Words of letters in a folded text, two to twenty-four characters, each once, in
/// order; parts of addresses and of tokens with digits are not words.
pub fn words(folded: &str) -> Vec<&str> {
    let mut distinct = Distinct::with_capacity(folded.len() / 16);
    for (token, plain) in plain_text::tokens(folded, plain_text::lower_case_run, |byte| byte == b' ') {
        // Nearly every one.
        if plain {
            if (2..=24).contains(&token.len()) {
                distinct.insert(token);
            }
        } else {
            words_of_token(token).for_each(|word| {
                distinct.insert(word);
            });
        }
    }
    distinct.sorted()
}

fn words_of_token(token: &str) -> impl Iterator<Item = &str> {
    let bytes = token.as_bytes();
    let address = bytes.iter().enumerate().any(|(at, byte)| match byte {
        b'@' | b'_' => true,
        b':' => bytes[at..].starts_with(b"://"),
        b'.' => {
            at > 0
                && bytes[at - 1].is_ascii_alphanumeric()
                && bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic)
        }
        _ => false,
    });
    let token = if address || token.len() > 80 { "" } else { token };
    token
        .split(
            |c: char| {
                if c.is_ascii() { !(c.is_ascii_alphanumeric() || c == '\'') } else { !c.is_alphanumeric() }
            },
        )
        .map(|word| word.trim_matches('\''))
        .filter(|word| word.len() >= 2 && word.len() <= 48 && !word.bytes().any(|b| b.is_ascii_digit()))
        .filter(|word| word.chars().count() <= 24)
}

/// Words written letter by letter: `F R E E`, `v.i.a.g.r.a`. Five letters or more, or
/// four in capitals; initials and spelled-out abbreviations are shorter.
pub fn spaced_words(text: &str) -> Vec<String> {
    if text.is_ascii() {
        return spaced_in(&text.as_bytes()[..text.len().min(TEXT_LIMIT)]);
    }
    spaced_in(&text.chars().take(TEXT_LIMIT).collect::<Vec<char>>())
}

/// Of characters, or of the bytes of a text that is all ASCII.
fn spaced_in<C: Copy + Into<char>>(chars: &[C]) -> Vec<String> {
    let mut found = Vec::new();
    let get = |at: usize| chars.get(at).map(|c| (*c).into());
    let mut at = 0;
    while found.len() < 20 {
        let Some(ahead) = chars.get(at..).and_then(first_spaced) else { break };
        at += ahead;
        let gap: char = chars[at + 1].into();
        let starts = get(at).is_some_and(char::is_alphabetic)
            && at.checked_sub(1).and_then(get).is_none_or(|c| !c.is_alphanumeric());
        if !starts {
            at += 1;
            continue;
        }
        let mut end = at;
        while get(end + 1) == Some(gap)
            && get(end + 2).is_some_and(char::is_alphabetic)
            && !get(end + 3).is_some_and(char::is_alphanumeric)
        {
            end += 2;
        }
        if end == at {
            at += 2;
            continue;
        }
        let letters: Vec<char> = chars[at..=end].iter().step_by(2).map(|c| (*c).into()).collect();
        let upper = letters.iter().all(|c| c.is_uppercase());
        let distinct = letters.iter().collect::<std::collections::BTreeSet<_>>().len();
        let least = if gap == ' ' && upper { 4 } else { 5 };
        if letters.len() >= least && distinct > 2 && letters.iter().any(|c| "aeiouyäöüAEIOUYÄÖÜ".contains(*c))
        {
            found.push(chars[at..=end].iter().map(|c| (*c).into()).collect());
        }
        at = end + 2;
    }
    found
}

/// Where four letters or more may begin that have the same sign between them. Without an
/// early exit from each stretch this becomes vector code.
fn first_spaced<C: Copy + Into<char>>(chars: &[C]) -> Option<usize> {
    let spaced = |(a, (b, c)): (&C, (&C, &C))| {
        let (a, b, c): (char, char, char) = ((*a).into(), (*b).into(), (*c).into());
        is_spacer(a) & (a == b) & (a == c)
    };
    let mut start = 0;
    while chars.len() >= start + 6 {
        let rest = &chars[start..];
        let stretch = (rest.len() - 5).min(64);
        let signs = |from: usize| rest[from..from + stretch].iter();
        let triples = || signs(1).zip(signs(3).zip(signs(5)));
        if triples().fold(false, |seen, triple| seen | spaced(triple)) {
            return triples().position(spaced).map(|at| start + at);
        }
        start += stretch;
    }
    None
}

fn is_spacer(c: char) -> bool {
    matches!(c, ' ' | '.' | '-' | '_' | '*' | '~')
}

/// Share of capitals among the letters, with their number; only letters that have case.
pub fn capitals(text: &str) -> (f64, usize) {
    let letters = Letters::of(text);
    (letters.capitals(), letters.cased())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_phrase_is_found() {
        for phrase in phrases::all() {
            let found = phrases_in(&phrase.text);
            assert!(found.iter().any(|(found, _)| *found == phrase), "{:?} would not be found", phrase.text);
        }
    }

    #[test]
    fn phrases_are_found_as_whole_words() {
        let found =
            |text: &str| phrases_in(&folded(text)).iter().map(|(p, _)| p.text.clone()).collect::<Vec<_>>();
        assert_eq!(found("Act\u{a0}NOW, don\u{2019}t delay!"), ["act now", "don't delay"]);
        assert!(found("factual cashier essex").is_empty());
        assert_eq!(found("Cli\u{200b}quez   ici"), ["cliquez ici"]);
    }

    #[test]
    fn spaced_words_are_read() {
        assert_eq!(spaced_words("get it F R E E today"), ["F R E E"]);
        assert_eq!(spaced_words("v.i.a.g.r.a"), ["v.i.a.g.r.a"]);
        assert!(spaced_words("U. S. A. and I a m here; e.g. J. R. R. Tolkien, B B C").is_empty());
    }

    #[test]
    fn words_leave_addresses_and_numbers_out() {
        assert_eq!(
            words(&folded("Visit www.example.com or write a@example.com in 2002, it's free/easy.")),
            ["easy", "free", "in", "it's", "or", "visit", "write"]
        );
    }
}
