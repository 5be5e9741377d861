//! Bytes to Unicode by the declared charset, saying when the declaration is wrong.

use mail_parser::decoders::charsets::map::charset_decoder;

/// Text decoded from bytes.
#[derive(Debug, Default)]
pub(crate) struct Text {
    pub text: String,
    /// The charset is none we know.
    pub unknown: bool,
    /// The bytes are not of the declared charset; decoded by a guess.
    pub invalid: bool,
}

pub(crate) fn is_utf8(name: &str) -> bool {
    name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("utf8")
}

pub(crate) fn is_ascii(name: &str) -> bool {
    name.eq_ignore_ascii_case("us-ascii") || name.eq_ignore_ascii_case("ascii")
}

/// True for a charset whose bytes mean what the escape sequence before them says.
pub(crate) fn has_states(name: &str) -> bool {
    let starts = |with: &str| name.get(..with.len()).is_some_and(|head| head.eq_ignore_ascii_case(with));
    starts("iso-2022-") || starts("hz-gb-") || starts("utf-7")
}

/// Decodes by the declared charset; by a guess where none is declared or it is wrong.
pub(crate) fn decode(bytes: &[u8], charset: Option<&str>) -> Text {
    let guessed = |unknown, invalid| Text { text: guess(bytes), unknown, invalid };
    let Some(name) = charset.map(str::trim).filter(|name| !name.is_empty()) else {
        return guessed(false, !bytes.is_ascii());
    };
    if is_utf8(name) {
        return match std::str::from_utf8(bytes) {
            Ok(text) => Text { text: text.to_owned(), ..Text::default() },
            Err(_) => guessed(false, true),
        };
    }
    if is_ascii(name) {
        // Some mailers send ISO-2022 escapes under this name; they are ASCII bytes all the same.
        return guessed(false, !bytes.is_ascii());
    }
    match charset_decoder(name.as_bytes()) {
        Some(decoder) => Text { text: decoder(bytes), ..Text::default() },
        None => guessed(true, false),
    }
}

/// UTF-8 where it is, windows-1252 where it is not.
pub(crate) fn guess(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => match charset_decoder(b"windows-1252") {
            Some(decoder) => decoder(bytes),
            None => String::from_utf8_lossy(bytes).into_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_charset_is_believed_where_it_can_be() {
        assert_eq!(decode(b"caf\xe9", Some("ISO-8859-1")).text, "café");
        let wrong = decode(b"caf\xe9", Some("utf-8"));
        assert_eq!((wrong.text.as_str(), wrong.invalid), ("café", true));
        assert!(decode(b"abc", Some("x-none-such")).unknown);
        assert!(decode(b"caf\xe9", Some("us-ascii")).invalid);
        assert!(!decode(b"abc", None).invalid);
    }
}
