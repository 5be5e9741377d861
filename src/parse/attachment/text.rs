//! Files of plain text whose reader follows their links by a click: calendars, contacts, saved
//! messages. Nothing else of a text is looked at.

use super::{Budget, Examination};
use crate::parse::message::Message;
use crate::parse::message::links::spans_in_text;

const LARGEST: usize = 1 << 20;

pub(super) fn examine(name: &str, bytes: &[u8], budget: &mut Budget, found: &mut Examination) {
    let text = super::magic::text_of(bytes.get(..bytes.len().min(LARGEST)).unwrap_or_default());
    if is_saved_message(name) {
        pages(bytes, budget, found);
        return;
    }
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

fn is_saved_message(name: &str) -> bool {
    let end = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    matches!(end.as_str(), "mht" | "mhtml" | "eml")
}

/// The pages of a saved page or message, which opens in a browser as a file of the reader's own.
fn pages(bytes: &[u8], budget: &mut Budget, found: &mut Examination) {
    if bytes.len() > LARGEST {
        found.doubt("not inspected: a saved message over the limit");
        return;
    }
    let message = Message::read(String::new(), std::sync::Arc::new(bytes.to_vec()));
    for part in message.parts().iter().filter(|part| part.content_type == "text/html").take(10) {
        super::examine_member("page.html", false, Some(&message.decoded(part).bytes), budget, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_a_calendar() {
        let mut found = Examination::default();
        examine(
            "a.ics",
            b"BEGIN:VCALENDAR\r\nDESCRIPTION:Verify: https://e.exam\r\n ple/a\\nSoon\r\nEND:VCALENDAR",
            &mut Budget::default(),
            &mut found,
        );
        assert_eq!(found.links, ["https://e.example/a"]);
        let mut found = Examination::default();
        examine("a.txt", b"see https://e.example/a", &mut Budget::default(), &mut found);
        assert!(found.links.is_empty());
    }

    #[test]
    fn pages_of_a_saved_message() {
        let mut found = Examination::default();
        let saved = b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<html><form><input type=password></form></html>";
        examine("a.mht", saved, &mut Budget::default(), &mut found);
        assert!(found.members[0].examination.has(super::super::SignKind::CredentialForm), "{found:?}");
    }
}
