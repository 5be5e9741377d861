//! Files of plain text whose reader follows their links by a click: calendars, contacts, saved
//! messages. Nothing else of a text is looked at.

use super::Examination;
use crate::parse::message::links::spans_in_text;

const LARGEST: usize = 1 << 20;

pub(super) fn examine(bytes: &[u8], found: &mut Examination) {
    let text = super::magic::text_of(bytes.get(..bytes.len().min(LARGEST)).unwrap_or_default());
    let start = text.trim_start().get(..20).unwrap_or_default().to_ascii_uppercase();
    if !start.starts_with("BEGIN:VCALENDAR") && !start.starts_with("BEGIN:VCARD") {
        return;
    }
    // RFC 5545 section 3.1: a line goes on after a line break and one blank.
    let unfolded = text.replace("\r\n ", "").replace("\r\n\t", "").replace("\n ", "").replace("\n\t", "");
    // Section 3.3.11: commas, semicolons and line ends of a text are written with a backslash.
    let plain = unfolded.replace("\\n", " ").replace("\\N", " ").replace("\\,", ",").replace("\\;", ";");
    for span in spans_in_text(&plain).into_iter().take(200) {
        found.link(&plain[span]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_a_calendar() {
        let mut found = Examination::default();
        examine(
            b"BEGIN:VCALENDAR\r\nDESCRIPTION:Verify: https://e.exam\r\n ple/a\\nSoon\r\nEND:VCALENDAR",
            &mut found,
        );
        assert_eq!(found.links, ["https://e.example/a"]);
        let mut found = Examination::default();
        examine(b"see https://e.example/a", &mut found);
        assert!(found.links.is_empty());
    }
}
