//! Links in conditional comments, which Outlook for Windows alone reads: buttons drawn in VML
//! (`<v:roundrect href>`) and whole letters that no other program shows. Judges nothing.

use html5gum::emitters::callback::CallbackEvent;

use super::limits;
use super::tokenizer;

/// One link that only Outlook offers.
#[derive(Debug)]
pub(crate) struct OutlookLink {
    pub(crate) href: String,
    /// What stands between its tags.
    pub(crate) text: String,
    /// Byte of the comment's content.
    pub(super) offset: usize,
}

/// Characters of a link's text that are kept.
const TEXT: usize = 2_000;

/// The links of a comment such as `[if mso]> ... <![endif]`. Comments within are not opened
/// again: no program does, and each would be read as often as it is deep.
pub(super) fn links(comment: &str) -> Vec<OutlookLink> {
    let mut found: Vec<OutlookLink> = Vec::new();
    if !is_shown(comment) || memchr::memmem::find(comment.as_bytes(), b"href").is_none() {
        return found;
    }
    let mut reader = Reader { found: &mut found, start: None, open: None, in_href: false };
    tokenizer::read(comment, |event, span| reader.event(event, span.start));
    found
}

/// Some Outlook shows it: `[if !mso]` in a comment is shown by none.
fn is_shown(comment: &str) -> bool {
    let condition = comment.trim_start().strip_prefix('[').map(str::trim_start);
    let condition = condition
        .and_then(|rest| rest.get(..2).filter(|word| word.eq_ignore_ascii_case("if")).map(|_| &rest[2..]));
    condition.is_some_and(|rest| !rest.trim_start().starts_with('!'))
}

struct Reader<'f> {
    found: &'f mut Vec<OutlookLink>,
    /// A start tag that may carry a link: its name, the link and where the tag stands.
    start: Option<(String, Option<String>, usize)>,
    /// The element whose text belongs to the last link.
    open: Option<String>,
    in_href: bool,
}

impl Reader<'_> {
    fn event(&mut self, event: CallbackEvent<'_>, at: usize) {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                let name = String::from_utf8_lossy(name).into_owned();
                let carries = matches!(&*name, "a" | "area") || name.contains(':');
                self.start = carries.then_some((name, None, at));
            }
            CallbackEvent::AttributeName { name } => self.in_href = name == b"href",
            CallbackEvent::AttributeValue { value } if self.in_href => {
                if let Some((_, href, _)) = &mut self.start {
                    href.get_or_insert_with(|| String::from_utf8_lossy(value).into_owned());
                }
            }
            CallbackEvent::CloseStartTag { self_closing } => {
                let Some((name, Some(href), offset)) = self.start.take() else { return };
                if self.found.len() < limits::FAULTS {
                    self.found.push(OutlookLink { href, text: String::new(), offset });
                    self.open = (!self_closing).then_some(name);
                }
            }
            CallbackEvent::EndTag { name } => {
                self.open.take_if(|open| open.as_bytes() == name);
            }
            CallbackEvent::String { value } => {
                if let Some(link) = self.found.last_mut().filter(|_| self.open.is_some())
                    && link.text.len() < TEXT
                {
                    let text = String::from_utf8_lossy(value);
                    let words = text.split_whitespace().flat_map(|word| [" ", word]);
                    link.text.extend(words.skip(usize::from(link.text.is_empty())));
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(comment: &str) -> Vec<(String, String)> {
        links(comment).into_iter().map(|link| (link.href, link.text)).collect()
    }

    #[test]
    fn links_that_outlook_alone_offers() {
        let button = "[if mso]><v:roundrect xmlns:v=\"urn:x\" href=\"https://a.example/?a=1&amp;b=2\" \
                      arcsize=\"5%\"><w:anchorlock/><center>Buy\n  now</center></v:roundrect><p>more</p><![endif]";
        assert_eq!(seen(button), [("https://a.example/?a=1&b=2".to_owned(), "Buy now".to_owned())]);
        assert_eq!(seen("[ IF gte mso 9 ]><a href=x>y<![endif]"), [("x".to_owned(), "y".to_owned())]);
        assert!(seen("[if !mso]><a href=x>y</a><![endif]").is_empty());
        assert!(seen(" a remark with <a href=x>y</a>").is_empty());
        // A comment within stays closed, however many begin.
        assert!(seen(&"[if mso]><!--".repeat(2_000)).is_empty());
    }
}
