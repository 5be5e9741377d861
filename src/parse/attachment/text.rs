//! Files of plain text whose reader follows their links by a click: calendars, contacts, saved
//! messages. Nothing else of a text is looked at.

use base64::Engine as _;

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
    for line in unfolded.lines().filter(|line| starts_with_name(line, "ATTACH")).take(20) {
        inline_file(line, budget, found);
    }
}

/// A property of this name, with parameters or without.
fn starts_with_name(line: &str, name: &str) -> bool {
    let (head, rest) = line.split_at_checked(name.len()).unwrap_or_default();
    head.eq_ignore_ascii_case(name) && rest.starts_with([';', ':'])
}

/// `ATTACH;FMTTYPE=application/pdf;ENCODING=BASE64;VALUE=BINARY;FILENAME=a.pdf:JVBE...`
/// (RFC 5545 section 3.8.1.1): a file inside the calendar.
fn inline_file(line: &str, budget: &mut Budget, found: &mut Examination) {
    let Some((parameters, data)) = line.split_once(':') else { return };
    let parameters = parameters.split(';').filter_map(|parameter| parameter.split_once('='));
    let (mut packed, mut name) = (false, "attached file");
    for (key, value) in parameters {
        let value = value.trim_matches('"');
        packed |= key.eq_ignore_ascii_case("ENCODING") && value.eq_ignore_ascii_case("BASE64");
        // Outlook, Google and Apple each have their own parameter for the name.
        if key.to_ascii_uppercase().ends_with("FILENAME") && !value.is_empty() {
            name = value;
        }
    }
    if !packed {
        return;
    }
    let engine = base64::engine::general_purpose::STANDARD_NO_PAD;
    let tight: String = data.chars().filter(|c| !c.is_whitespace() && *c != '=').collect();
    match engine.decode(tight) {
        Ok(bytes) => super::examine_member(name, false, Some(&bytes), budget, found),
        Err(_) => found.doubt("not inspected: a file inside the calendar that is no base64"),
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
    for link in message.links().iter().filter(|link| link.place.is_followed() && !link.hidden) {
        found.link(&link.url);
    }
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
    fn files_inside_a_calendar() {
        let ics = b"BEGIN:VCALENDAR\r\nATTACH:https://e.example/b\r\nattach;VALUE=BINARY;ENCODING=BASE64;X-FILENAME=\"a.exe\":TVqQ\r\n AAMAAAAEAAAA\r\nEND:VCALENDAR";
        let mut found = Examination::default();
        examine("a.ics", ics, &mut Budget::default(), &mut found);
        assert_eq!(found.links, ["https://e.example/b"]);
        assert_eq!(found.members[0].name, "a.exe");
        let broken = b"BEGIN:VCALENDAR\r\nATTACH;ENCODING=BASE64:\xff*\r\nATTACH\r\nEND:VCALENDAR";
        let mut found = Examination::default();
        examine("a.ics", broken, &mut Budget::default(), &mut found);
        assert_eq!(found.doubts.len(), 1);
    }

    #[test]
    fn links_of_a_saved_message() {
        let mut found = Examination::default();
        let saved = b"MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nOpen https://e.example/a or f-g.example.com/b now";
        examine("a.eml", saved, &mut Budget::default(), &mut found);
        assert_eq!(found.links, ["https://e.example/a", "http://f-g.example.com/b"]);
    }

    #[test]
    fn pages_of_a_saved_message() {
        let mut found = Examination::default();
        let saved = b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<html><form><input type=password></form></html>";
        examine("a.mht", saved, &mut Budget::default(), &mut found);
        assert!(found.members[0].examination.has(super::super::SignKind::CredentialForm), "{found:?}");
    }
}
