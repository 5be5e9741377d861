//! Between a page's text and html5gum. Where nothing in a text can be an "error in the input
//! stream" of the HTML standard, its tokenizer need not examine every byte for one, which is
//! a quarter of its time.

use std::cell::Cell;
use std::convert::Infallible;

use html5gum::emitters::callback::{Callback, CallbackEmitter, CallbackEvent};
use html5gum::{Emitter, ForwardingEmitter, Reader, Span, Tokenizer};

/// Reads a page to its end, handing on what is found with the bytes it spans.
pub(super) fn read(text: &str, mut event: impl FnMut(CallbackEvent<'_>, Span<usize>)) {
    let mut emitter = CallbackEmitter::new(|seen: CallbackEvent<'_>, span: Span<usize>| {
        event(seen, span);
        None::<Infallible>
    });
    emitter.naively_switch_states(true);
    if is_clean(text) {
        let just_read = Cell::new(false);
        let reader = CleanReader { rest: text.as_bytes(), just_read: &just_read };
        let Ok(()) =
            Tokenizer::new_with_emitter(reader, CleanEmitter { emitter, just_read: &just_read }).finish();
    } else {
        let Ok(()) = Tokenizer::new_with_emitter(text, emitter).finish();
    }
}

/// True where the examination finds nothing: neither control characters, but for white
/// space, nor noncharacters (HTML, preprocessing the input stream).
fn is_clean(text: &str) -> bool {
    let is_control = |b: u8| (b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\x0c' | b'\r')) || b == 0x7f;
    // Without an early exit this becomes vector code.
    if text.bytes().fold(false, |seen, b| seen | is_control(b)) {
        return false;
    }
    let is_odd = |c: char| {
        matches!(c, '\u{80}'..='\u{9f}' | '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe
    };
    text.is_ascii() || !text.chars().any(is_odd)
}

/// A reader of clean text that informs its emitter when something was read.
struct CleanReader<'t> {
    rest: &'t [u8],
    just_read: &'t Cell<bool>,
}

impl<'t> CleanReader<'t> {
    /// Takes so many bytes, none only at the end.
    #[inline(always)]
    fn take(&mut self, bytes: usize) -> Option<&'t [u8]> {
        let (read, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        self.just_read.set(bytes > 0);
        (bytes > 0).then_some(read)
    }
}

impl Reader for CleanReader<'_> {
    type Error = Infallible;

    #[inline(always)]
    fn read_byte(&mut self) -> Result<Option<u8>, Infallible> {
        let byte = self.rest.first().copied();
        self.take(usize::from(byte.is_some()));
        Ok(byte)
    }

    #[inline(always)]
    fn try_read_string(&mut self, text: &[u8], case_sensitive: bool) -> Result<bool, Infallible> {
        let Some(next) = self.rest.get(..text.len()) else { return Ok(false) };
        let same = next == text || (!case_sensitive && next.eq_ignore_ascii_case(text));
        if same {
            self.rest = &self.rest[text.len()..];
        }
        Ok(same)
    }

    #[inline(always)]
    fn read_until<'b>(
        &'b mut self,
        needle: &[u8],
        _: &'b mut [u8; 4],
    ) -> Result<Option<&'b [u8]>, Infallible> {
        let found = match self.rest.first() {
            Some(first) if needle.contains(first) => 1,
            _ => match *needle {
                // There is no NUL in clean text; the rest can be looked for many bytes at a time.
                [a, b, 0, c] => memchr::memchr3(a, b, c, self.rest),
                // Names are short, and few bytes of them are signs.
                _ => self.rest.iter().position(|byte| SIGNS[usize::from(*byte)] && needle.contains(byte)),
            }
            .unwrap_or(self.rest.len()),
        };
        Ok(self.take(found))
    }
}

/// Bytes that are neither letters nor digits: the tokenizer never looks for those.
const SIGNS: [bool; 256] = {
    let mut signs = [false; 256];
    let mut at = 0;
    while at < 128 {
        signs[at] = !(at as u8).is_ascii_alphanumeric();
        at += 1;
    }
    signs
};

/// An emitter that takes every error but has nothing examined: html5gum asks once after each
/// reading whether errors are wanted, before it examines what was read, and again for
/// each error it has found.
struct CleanEmitter<'t, F: Callback<Infallible, usize>> {
    emitter: CallbackEmitter<F, Infallible, usize>,
    just_read: &'t Cell<bool>,
}

impl<F: Callback<Infallible, usize>> ForwardingEmitter for CleanEmitter<'_, F> {
    type Token = Infallible;

    #[inline(always)]
    fn inner(&mut self) -> &mut impl Emitter<Token = Infallible> {
        &mut self.emitter
    }

    #[inline(always)]
    fn should_emit_errors(&mut self) -> bool {
        !self.just_read.replace(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    fn events(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        read(text, |event, span| all.push(format!("{event:?} {span:?}")));
        all
    }

    /// As html5gum reads by itself.
    fn plainly(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, span: Span<usize>| {
            all.push(format!("{event:?} {span:?}"));
            None::<Infallible>
        });
        emitter.naively_switch_states(true);
        let Ok(()) = Tokenizer::new_with_emitter(text, emitter).finish();
        all
    }

    #[test]
    fn what_is_to_be_examined_is_told_apart() {
        for clean in ["", "a\r\n\t\u{c}b", "caf\u{e9}\u{a0}\u{1f389}\u{fffd}"] {
            assert!(is_clean(clean), "{clean:?}");
        }
        for odd in ["\0", "a\u{1}", "\u{7f}", "\u{85}", "\u{fdd0}", "\u{fffe}", "x\u{1ffff}"] {
            assert!(!is_clean(odd), "{odd:?}");
        }
        assert!(events("a\u{1}b").iter().any(|event| event.contains("ControlCharacterInInputStream")));
    }

    #[test]
    fn errors_stay() {
        let all = events("<a a a=\"\"b><br/ ></p x>&#0;&copy &nope; <!-- <!-- --!><a<b =c='\"d><!doctype><x");
        for error in ["UnexpectedSolidusInTag", "EndTagWithAttributes", "NullCharacterReference", "EofInTag"]
        {
            assert!(all.iter().any(|event| event.contains(error)), "{error} of {all:#?}");
        }
    }

    proptest! {
        /// The examination left out changes nothing, in ASCII not even where errors are seen.
        #[test]
        fn nothing_else_changes(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "<", ">", "</", "/>", "a", "td", " ", "\r", "\n", "\r\n", "=", "'", "\"", "`", "&", "&amp", "&amp;",
                    "&#x41;", "&#x80;", "&#xZ", "&#99999999;", "&notit;", "<!--", "-->", "--!>", "<!doctype", "html",
                    "public", "<title>", "</title>", "<script>", "</script>", "<style>", "<![CDATA[", "]]>", "?", "!", "1",
                ]),
                0..40,
            )
        ) {
            let text = parts.concat();
            prop_assert_eq!(events(&text), plainly(&text));
        }
    }
}
