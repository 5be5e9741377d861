//! Sentences in quotation marks: a warning repeats what it warns of, and does not say it. Must not
//! judge.

use std::borrow::Cow;

/// Characters between the marks; what is longer is a text of its own.
const LONGEST: usize = 200;
/// Words between the marks; fewer are a title, a button, a name.
const WORDS: usize = 3;
/// Letters that make as much where words are written without blanks.
const LETTERS: usize = 6;

/// The text with sentences in quotation marks blanked. A text that is mostly in such marks says
/// what it says, marks or not.
pub(crate) fn without_mentions(text: &str) -> Cow<'_, str> {
    let mut own = String::new();
    let (mut from, mut blanked, mut at) = (0, 0, 0);
    while let Some(start) = next_mark(text, at) {
        let opened = text[start..].chars().next().map_or(1, char::len_utf8);
        let Some(stop) = closing(text, start) else {
            at = start + opened;
            continue;
        };
        let inside = text.get(start..stop).unwrap_or_default();
        if is_sentence(inside) {
            own.push_str(text.get(from..start).unwrap_or_default());
            // Two words that were apart stay apart, and no phrase reaches over the gap.
            own.push_str(" . ");
            blanked += letters(inside);
            from = stop;
        }
        at = stop + text[stop..].chars().next().map_or(1, char::len_utf8);
    }
    if blanked == 0 || blanked * 2 > letters(text) {
        return Cow::Borrowed(text);
    }
    own.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(own)
}

/// Where the next mark stands that may open a sentence. Most letters have none.
fn next_mark(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes().get(from..)?;
    // `“` and `„` begin with E2, `「` and `『` with E3, `«` and `»` with C2.
    let plain = || memchr::memchr(b'"', bytes);
    if memchr::memchr3(0xc2, 0xe2, 0xe3, bytes).is_none() {
        return plain().map(|at| from + at);
    }
    text.get(from..)?.find(['"', '“', '„', '«', '»', '「', '『']).map(|at| from + at)
}

/// Where the sentence ends that a mark at this place opens.
fn closing(text: &str, at: usize) -> Option<usize> {
    let mark = text.get(at..)?.chars().next()?;
    let closers: &[char] = match mark {
        '"' => &['"'],
        '“' => &['”'],
        '„' => &['“', '”'],
        '«' => &['»'],
        '»' => &['«'],
        '「' => &['」'],
        '『' => &['』'],
        _ => return None,
    };
    // An inch sign follows its number, and a closing mark its word.
    let before = text.get(..at).and_then(|head| head.chars().next_back());
    if matches!(mark, '"' | '»') && before.is_some_and(char::is_alphanumeric) {
        return None;
    }
    let mut broken = false;
    for (ahead, c) in text.get(at..)?.char_indices().skip(1).take(LONGEST + 1) {
        if closers.contains(&c) {
            return Some(at + ahead);
        }
        // A new paragraph ends what was left open.
        if c == '\n' && std::mem::replace(&mut broken, true) {
            return None;
        }
        broken &= c.is_whitespace();
    }
    None
}

fn is_sentence(inside: &str) -> bool {
    let words =
        inside.split_whitespace().filter(|word| word.contains(char::is_alphabetic)).take(WORDS).count();
    words >= WORDS
        || (!inside.is_ascii()
            && inside.chars().filter(|c| is_ideograph(*c)).take(LETTERS).count() >= LETTERS)
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}')
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_in_marks_are_blanked() {
        let text = |marked: &str| {
            format!("We have seen mails in the past week that say {marked} and more of the kind.")
        };
        for marked in [
            "\"your mailbox is full\"",
            "“your mailbox is full”",
            "„Ihr Postfach ist voll“",
            "«votre boîte est pleine»",
            "»Ihr Postfach ist voll«",
            "「アカウントが停止されました」",
            "\"your mailbox\nis full\"",
        ] {
            assert!(without_mentions(&text(marked)).len() < text(marked).len(), "{marked}");
            assert!(!without_mentions(&text(marked)).contains("full"), "{marked}");
        }
        for kept in [
            "\"click here\"",
            "a 5\" pipe, a 6\" pipe and more",
            "\"your mailbox\n\nis full\"",
            "“open mark is left",
        ] {
            assert_eq!(without_mentions(&text(kept)), text(kept), "{kept}");
        }
    }

    #[test]
    fn a_text_of_marks_says_what_it_says() {
        let lure = "Hi. \"Your mailbox is full. Verify your account within 24 hours.\" Bye";
        assert_eq!(without_mentions(lure), lure);
    }
}
