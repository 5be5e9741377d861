//! PDF: names that make a document act, links, and embedded files. Not a PDF
//! interpreter: objects are found by their text, also inside compressed object
//! streams (ISO 32000-1 section 7.5.7), with `#xx` in names resolved (7.3.5).

use std::borrow::Cow;
use std::io::Read as _;

use super::pdf_actions;
use super::pdf_values::{is_blank, latin, referred, trim_start};
use super::{Budget, Examination, SignKind, between, read_limited};

/// Object streams read, and output of each.
const MOST_STREAMS: usize = 400;
const LARGEST_STREAM: usize = 4 << 20;
const MOST_IMAGES: usize = 4;
/// Bytes of a name, three for a character that is written as `#xx` (annex C: 127).
const LONGEST_NAME: usize = 3 * 127;

pub(super) fn examine(bytes: &[u8], budget: &mut Budget, found: &mut Examination) {
    let mut texts = Vec::new();
    let mut plain_from = 0;
    let mut streams = 0;
    for at in memchr::memmem::find_iter(bytes, b"stream") {
        if at < plain_from || at.checked_sub(3).is_some_and(|before| bytes.get(before..at) == Some(b"end")) {
            continue;
        }
        let head = bytes.get(plain_from..at).unwrap_or_default();
        texts.push(resolve(head));
        let mut from = at + 6;
        from += match bytes.get(from..) {
            Some([b'\r', b'\n', ..]) => 2,
            Some([b'\n' | b'\r', ..]) => 1,
            _ => 0,
        };
        let rest = bytes.get(from..).unwrap_or_default();
        let length = memchr::memmem::find(rest, b"endstream").unwrap_or(rest.len());
        let body = rest.get(..length).unwrap_or_default();
        plain_from = from + length;
        streams += 1;
        if streams > 20_000 {
            found.doubt("not inspected to its end: more PDF streams than the limit");
            break;
        }
        let dictionary = texts.last().map(|text| last_dictionary(text).to_vec()).unwrap_or_default();
        stream(&dictionary, body, budget, &mut texts, found);
    }
    texts.push(resolve(bytes.get(plain_from..).unwrap_or_default()));
    for text in &texts {
        judge(text, found);
    }
    let opens = texts.iter().any(|text| memchr::memmem::find(text, b"/OpenAction").is_some());
    let acts_at_once = opens || pdf_actions::on_opening(&texts);
    opens_elsewhere(&texts, found);
    if acts_at_once && (found.has(SignKind::PdfScript) || found.has(SignKind::PdfLaunch)) {
        found.sign(SignKind::AutoRun, "an action runs when the PDF is opened (/OpenAction or /AA)");
    }
}

fn is_picture(dictionary: &[u8]) -> bool {
    [&b"/Subtype/Image"[..], b"/Subtype /Image"]
        .iter()
        .any(|mark| memchr::memmem::find(dictionary, mark).is_some())
}

/// Actions that lead out of the document without a click: an address, another file, a form sent.
fn opens_elsewhere(texts: &[Cow<'_, [u8]>], found: &mut Examination) {
    for text in texts {
        for at in memchr::memmem::find_iter(text, b"/OpenAction").take(20) {
            let value = trim_start(text.get(at + 11..).unwrap_or_default());
            let action = match value.first() {
                Some(b'<') => latin(value),
                _ => referred(texts, value).unwrap_or_default(),
            };
            let action: String = action.chars().take(400).collect();
            let kind = match () {
                () if action.contains("/GoToR") || action.contains("/GoToE") => "another file",
                // A jump within the document names no file.
                () if action.contains("/GoTo")
                    && (action.contains("/F(") || action.contains("/F (") || action.contains("/F<<")) =>
                {
                    "another file"
                }
                () if action.contains("/URI") => "an address",
                () if action.contains("/SubmitForm") => "an address, and sends the form there",
                () if action.contains("/ImportData") => "another file for its data",
                () => continue,
            };
            let target = between(&action, "(", ")").unwrap_or_default();
            found.sign(SignKind::PdfElsewhere, &format!("opens {kind} when it is opened: {target}"));
        }
    }
}

fn last_dictionary(text: &[u8]) -> &[u8] {
    let last = |mark: &[u8]| memchr::memmem::rfind(text, mark);
    let from = last(b" obj").or_else(|| last(b"\nobj")).map_or(0, |at| at + 4);
    text.get(from..).unwrap_or_default()
}

fn stream(
    dictionary: &[u8],
    body: &[u8],
    budget: &mut Budget,
    texts: &mut Vec<Cow<'_, [u8]>>,
    found: &mut Examination,
) {
    let has = |name: &str| memchr::memmem::find(dictionary, name.as_bytes()).is_some();
    if has("/DCTDecode") && !has("/FlateDecode") {
        if found.images.len() < MOST_IMAGES && body.len() < 4 << 20 {
            found.images.push(body.to_vec());
        }
        return;
    }
    if is_picture(dictionary) && has("/FlateDecode") {
        if found.images.len() < MOST_IMAGES && body.len() < 4 << 20 {
            found.images.extend(super::pdf_image::pictures(dictionary, body));
        }
        return;
    }
    if found.drawn.len() < MOST_IMAGES && budget.pages > 0 && !has("/Type") && !has("/Length1") {
        budget.pages -= 1;
        found.drawn.extend(super::pdf_drawing::rectangles(has("/FlateDecode"), has("/Filter"), body));
    }
    let is_objects = has("/ObjStm");
    let is_file = has("/EmbeddedFile");
    if !is_objects && !is_file {
        return;
    }
    let flate = has("/FlateDecode") || has("/Fl ") || has("/Fl>");
    let filtered = has("/Filter");
    if filtered && (!flate || has("/ASCII85Decode") || has("/ASCIIHexDecode")) {
        found.doubt("not inspected: an object stream uses a filter not supported");
        return;
    }
    if texts.len() > MOST_STREAMS + 20_000 || budget.bytes == 0 {
        found.doubt("not inspected to its end: more object streams than the limit");
        return;
    }
    let (data, cut) = if filtered {
        read_limited(
            &mut flate2::read::ZlibDecoder::new(body).take(LARGEST_STREAM as u64 + 1),
            LARGEST_STREAM,
            budget,
        )
    } else {
        (body.to_vec(), false)
    };
    if cut {
        found.doubt("not inspected to its end: an object stream is over the limit");
    }
    if is_file {
        super::examine_member("embedded file", false, Some(&data), budget, found);
    } else {
        texts.push(Cow::Owned(resolve(&data).into_owned()));
    }
}

/// `#xx` in names resolved (7.3.5).
fn resolve(bytes: &[u8]) -> Cow<'_, [u8]> {
    let hex = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
    let mut out = Vec::new();
    let mut from = 0;
    for at in memchr::memchr_iter(b'#', bytes) {
        if let (true, Some(high), Some(low)) = (at >= from, hex(at + 1), hex(at + 2))
            && is_in_name(bytes, at)
        {
            if from == 0 {
                out.reserve_exact(bytes.len());
            }
            out.extend_from_slice(bytes.get(from..at).unwrap_or_default());
            out.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
            from = at + 3;
        }
    }
    if from == 0 {
        return Cow::Borrowed(bytes);
    }
    out.extend_from_slice(bytes.get(from..).unwrap_or_default());
    Cow::Owned(out)
}

/// True where a name reaches to this place: a solidus, then regular characters (7.2.2).
fn is_in_name(bytes: &[u8], at: usize) -> bool {
    let before = &bytes[at.saturating_sub(LONGEST_NAME)..at];
    let is_delimiter = |byte: &u8| b"\0\t\n\x0c\r ()<>[]{}/%".contains(byte);
    before.iter().rfind(|byte| is_delimiter(byte)) == Some(&b'/')
}

/// Notes what the names of a text stand for.
fn judge(text: &[u8], found: &mut Examination) {
    for at in memchr::memchr_iter(b'/', text) {
        let rest = text.get(at + 1..).unwrap_or_default();
        let length = rest.iter().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let (name, value) = rest.split_at(length);
        let value = || latin(trim_start(value));
        match name {
            b"JS" if pdf_actions::is_form_script(&string_of(&value())) => {
                found.sign(SignKind::PdfFormScript, "JavaScript of a form field");
            }
            b"JS" => found.sign(SignKind::PdfScript, "JavaScript"),
            // Beside its script the kind of an action says nothing more.
            b"JavaScript" if before_is_action(text, at) && !has_script_near(text, at) => {
                found.sign(SignKind::PdfScript, "JavaScript");
            }
            b"Launch" if before_is_action(text, at) => {
                let value = value();
                let program = between(&value, "(", ")").unwrap_or_default();
                found.sign(SignKind::PdfLaunch, &format!("a launch action {program}"));
            }
            b"SubmitForm" if before_is_action(text, at) => {
                found.sign(SignKind::PdfElsewhere, "a form that sends what is typed elsewhere");
            }
            b"EmbeddedFile" | b"EmbeddedFiles" => found.sign(SignKind::PdfEmbeddedFile, "an embedded file"),
            b"RichMedia" => found.sign(SignKind::EmbeddedObject, "rich media (Flash or 3D)"),
            b"XFA" => found.sign(SignKind::EmbeddedObject, "an XFA form"),
            b"Encrypt" if value().starts_with(|c: char| c.is_ascii_digit() || c == '<') => {
                found.sign(SignKind::Encrypted, "the PDF is encrypted");
            }
            b"URI" => {
                let value = value();
                if value.starts_with('(') {
                    found.link(&string_of(&value));
                } else if value.starts_with('<') && !value.starts_with("<<") {
                    found.link(&hex_string(&value));
                }
            }
            _ => {}
        }
    }
}

/// `/S /JavaScript`: the name is an action's type, not a mere word.
fn before_is_action(text: &[u8], at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let end = before.iter().rposition(|b| !is_blank(*b)).map_or(0, |last| last + 1);
    let before = before.get(..end).unwrap_or_default();
    before.ends_with(b"/S") || before.ends_with(b"/Names")
}

/// The action whose kind stands here has its script in the same dictionary, or its neighbour has.
fn has_script_near(text: &[u8], at: usize) -> bool {
    let end = (at + NEAR).min(text.len());
    let near = text.get(at.saturating_sub(NEAR)..end).unwrap_or_default();
    let is_key = |found: usize| near.get(found + 3).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    memchr::memmem::find_iter(near, b"/JS").any(is_key)
}

/// Bytes on either side in which the rest of an action is looked for.
const NEAR: usize = 512;

/// A literal string (7.3.4.2) with its escapes.
fn string_of(value: &str) -> String {
    let mut out = String::new();
    let mut depth = 0;
    let mut chars = value.chars().take(4000);
    while let Some(c) = chars.next() {
        match c {
            '(' if depth == 0 => depth = 1,
            '(' => {
                depth += 1;
                out.push(c);
            }
            ')' if depth == 1 => break,
            ')' => {
                depth -= 1;
                out.push(c);
            }
            '\\' => out.extend(chars.next().filter(|c| !matches!(c, '\n' | '\r'))),
            _ => out.push(c),
        }
    }
    out
}

fn hex_string(value: &str) -> String {
    let digits: Vec<u32> =
        value.chars().skip(1).take_while(|c| *c != '>').take(4000).filter_map(|c| c.to_digit(16)).collect();
    digits.chunks_exact(2).filter_map(|pair| char::from_u32(pair[0] * 16 + pair[1])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn actions_in_plain_text_and_in_object_streams() {
        let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        packed.write_all(b"1 0 2 9 <</OpenAction 2 0 R>> <</S/J#61vaScript /JS(app.alert\\(1\\))>> <</A<</URI(https://e.example/a)>>>>").unwrap();
        let mut pdf = b"%PDF-1.5\n7 0 obj<</Type/ObjStm/N 2/Filter/FlateDecode>>\nstream\r\n".to_vec();
        pdf.extend(packed.finish().unwrap());
        pdf.extend(b"\nendstream endobj\ntrailer<</Root 1 0 R>>");
        let mut found = Examination::default();
        examine(&pdf, &mut Budget::default(), &mut found);
        assert!(found.has(SignKind::PdfScript) && found.has(SignKind::AutoRun), "{found:?}");
        assert_eq!(found.links, ["https://e.example/a"]);
    }

    #[test]
    fn actions_that_lead_out_are_named() {
        let seen = |pdf: &[u8]| {
            let mut found = Examination::default();
            examine(pdf, &mut Budget::default(), &mut found);
            found.has(SignKind::PdfElsewhere)
        };
        assert!(seen(b"%PDF-1.4 1 0 obj<</OpenAction<</S/URI/URI(https://e.example/)>>>>endobj"));
        assert!(seen(
            b"%PDF-1.4 1 0 obj<</OpenAction 12 0 R>>endobj 12 0 obj<</S/GoToR/F(\\\\\\\\h\\\\s)>>endobj"
        ));
        assert!(seen(b"%PDF-1.4 1 0 obj<</A<</S/SubmitForm/F(https://e.example/)>>>>endobj"));
        assert!(!seen(b"%PDF-1.4 1 0 obj<</OpenAction<</S/GoTo/D[3 0 R/Fit]>>>>endobj"));
        assert!(!seen(b"%PDF-1.4 1 0 obj<</OpenAction 12 0 R>>endobj 112 0 obj<</S/URI/URI(x)>>endobj"));
    }

    #[test]
    fn an_ordinary_open_action_is_quiet() {
        let pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction[3 0 R/Fit]>>endobj 4 0 obj<</S/URI/URI(https://example.com/)>>endobj";
        let mut found = Examination::default();
        examine(pdf, &mut Budget::default(), &mut found);
        assert!(found.signs.is_empty(), "{found:?}");
    }
}
