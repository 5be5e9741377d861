//! What an attachment is and what it could do, by its bytes. Nothing is run,
//! fetched or written; every reader stops at the shared [`Budget`] and says so
//! as a doubt, which a check must turn into "unknown", never into "clean".

mod archive;
mod archive_listing;
mod biff;
mod flat_office;
pub(crate) mod magic;
mod markup;
mod ole;
mod opc;
mod pdf;
mod pdf_actions;
mod pdf_drawing;
mod pdf_image;
mod pdf_values;
mod rtf;
mod shortcut;
mod text;
mod vba;

use crate::model::untrusted::{Width, plain};

pub use magic::Format;

/// One trait that matters to a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignKind {
    /// A VBA project.
    Macro,
    /// A macro, script or action that starts by itself when the file is opened.
    AutoRun,
    /// An Excel 4.0 macro sheet.
    XlmMacro,
    /// A DDE field or formula.
    Dde,
    /// A template loaded from elsewhere when opened.
    ExternalTemplate,
    /// An object or frame linked to something elsewhere.
    ExternalObject,
    /// Another document or control inside.
    EmbeddedObject,
    /// A program, script or shortcut inside a document.
    EmbeddedProgram,
    /// Content that needs a password.
    Encrypted,
    /// JavaScript in a PDF.
    PdfScript,
    /// JavaScript in a PDF that only computes or formats what a form's fields hold.
    PdfFormScript,
    /// A PDF action that starts a program.
    PdfLaunch,
    /// A PDF action that opens an address or another file, or sends a form.
    PdfElsewhere,
    /// A file inside a PDF.
    PdfEmbeddedFile,
    /// Script in HTML or SVG.
    Script,
    /// HTML that builds a file in the reader's browser.
    Smuggling,
    /// HTML that asks for a password.
    CredentialForm,
    /// HTML that leads elsewhere by itself.
    Redirect,
    /// A shortcut that runs a command.
    ShortcutCommand,
    /// Far more content than its size lets expect.
    Bomb,
}

/// A trait and what was seen of it, safe to print.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sign {
    /// Which trait.
    pub kind: SignKind,
    /// What was seen: a name, an address, a number. Escaped.
    pub detail: String,
}

/// A file inside the attachment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The path inside the archive, escaped.
    pub name: String,
    /// True where its content is encrypted and so was not examined.
    pub encrypted: bool,
    pub(crate) examination: Examination,
}

/// The result for one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examination {
    /// What kind of file its bytes are.
    pub format: Format,
    /// Sorted, without duplicates.
    pub signs: Vec<Sign>,
    /// What was not looked into, and why.
    pub doubts: Vec<String>,
    /// Link targets found inside.
    pub links: Vec<String>,
    /// Files inside: of archives and of documents.
    pub members: Vec<Member>,
    /// Images inside that may hold a QR code.
    pub images: Vec<Vec<u8>>,
    /// Pages of a PDF that draw with many rectangles: left, top, width and height in thousandths of a
    /// point, and whether dark.
    pub drawn: Vec<Vec<([i32; 4], bool)>>,
}

/// What all readers of one message share.
#[derive(Clone, Debug)]
pub struct Budget {
    /// Decompressed bytes still allowed.
    pub bytes: usize,
    /// Members of archives still allowed.
    pub members: usize,
    /// Nesting still allowed.
    pub depth: u32,
    /// Streams of PDFs still unpacked for what they draw.
    pub pages: usize,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget { bytes: 48 << 20, members: 1000, depth: 4, pages: 40 }
    }
}

/// The largest single file decompressed.
const LARGEST_PART: usize = 12 << 20;
/// Signs, doubts and links kept of one file.
const MOST_NOTES: usize = 60;

impl Examination {
    fn sign(&mut self, kind: SignKind, detail: &str) {
        let sign = Sign { kind, detail: plain(detail.trim(), Width::Line) };
        if self.signs.len() < MOST_NOTES && !self.signs.contains(&sign) {
            self.signs.push(sign);
        }
    }

    fn doubt(&mut self, why: impl Into<String>) {
        let why = plain(&why.into(), Width::Line);
        if self.doubts.len() < MOST_NOTES && !self.doubts.contains(&why) {
            self.doubts.push(why);
        }
    }

    fn link(&mut self, target: &str) {
        let target: String = target.trim().chars().take(2000).collect();
        if self.links.len() < 200 && !target.is_empty() && !self.links.contains(&target) {
            self.links.push(target);
        }
    }

    /// True where this file itself shows the trait; members are not looked at.
    pub fn has(&self, kind: SignKind) -> bool {
        self.signs.iter().any(|sign| sign.kind == kind)
    }

    /// This file and all inside it, with their paths such as `a.zip/b.doc`.
    pub fn walk(&self, name: &str) -> Vec<(String, &Examination)> {
        let mut found = vec![(name.to_owned(), self)];
        let mut at = 0;
        while let Some((path, examination)) = found.get(at).cloned() {
            for member in &examination.members {
                found.push((format!("{path}/{}", member.name), &member.examination));
            }
            at += 1;
        }
        found
    }
}

/// Looks into a file. `name` only helps where bytes alone do not tell (`.csv`).
pub fn examine(name: &str, bytes: &[u8], budget: &mut Budget) -> Examination {
    let format = Format::of(name, bytes);
    let mut found = Examination { format, ..Examination::default() };
    if budget.depth == 0 {
        found.doubt("not inspected: nested deeper than the limit");
        return found;
    }
    budget.depth -= 1;
    match format {
        Format::Ole => ole::examine(bytes, budget, &mut found),
        Format::Zip => archive::examine_zip(bytes, budget, &mut found),
        Format::Gzip | Format::Bzip2 | Format::Xz | Format::Zstd => {
            archive::examine_compressed(name, bytes, budget, &mut found);
        }
        Format::Tar => archive::examine_tar(bytes, budget, &mut found),
        Format::Rar | Format::SevenZip | Format::Cab | Format::OtherArchive => {
            archive_listing::examine(format, bytes, &mut found);
        }
        Format::Pdf => pdf::examine(bytes, budget, &mut found),
        Format::Rtf => rtf::examine(bytes, budget, &mut found),
        Format::FlatOffice => flat_office::examine_xml(bytes, budget, &mut found),
        Format::Sylk => flat_office::examine_sylk(bytes, &mut found),
        Format::Csv => flat_office::examine_csv(bytes, &mut found),
        Format::Html => markup::examine_html(bytes, &mut found),
        Format::Svg => markup::examine_svg(bytes, &mut found),
        Format::Lnk => shortcut::examine_lnk(bytes, &mut found),
        Format::UrlFile => shortcut::examine_url_file(bytes, &mut found),
        Format::Text => text::examine(name, bytes, budget, &mut found),
        _ => {}
    }
    budget.depth += 1;
    found.signs.sort();
    found
}

/// Examines a file found inside another, and notes it there.
fn examine_member(
    name: &str,
    encrypted: bool,
    bytes: Option<&[u8]>,
    budget: &mut Budget,
    into: &mut Examination,
) {
    let examination = match bytes {
        Some(bytes) => examine(name, bytes, budget),
        None => Examination::default(),
    };
    into.members.push(Member { name: plain(name, Width::Record), encrypted, examination });
}

/// Reads at most what the budget and `most` allow; true where something was left.
fn read_limited(reader: &mut dyn std::io::Read, most: usize, budget: &mut Budget) -> (Vec<u8>, bool) {
    let limit = most.min(LARGEST_PART).min(budget.bytes);
    let mut bytes = Vec::new();
    let mut block = [0_u8; 16 * 1024];
    loop {
        let room = limit.saturating_sub(bytes.len());
        match reader.read(&mut block) {
            Ok(0) | Err(_) => break,
            Ok(count) if count > room => {
                bytes.extend_from_slice(block.get(..room).unwrap_or_default());
                budget.bytes = budget.bytes.saturating_sub(bytes.len());
                return (bytes, true);
            }
            Ok(count) => bytes.extend_from_slice(block.get(..count).unwrap_or_default()),
        }
    }
    budget.bytes = budget.bytes.saturating_sub(bytes.len());
    (bytes, false)
}

/// Little-endian numbers at an offset; `None` past the end.
fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

/// Text between two marks, for small tolerant readers.
fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    let from = text.find(start)? + start.len();
    let rest = text.get(from..)?;
    rest.get(..rest.find(end)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, bytes) in files {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn nesting_ends_in_doubt() {
        let mut bytes = zip_of(&[("a.txt", b"x")]);
        for _ in 0..8 {
            bytes = zip_of(&[("in.zip", &bytes)]);
        }
        let found = examine("a.zip", &bytes, &mut Budget::default());
        let all = found.walk("a.zip");
        assert!(all.iter().any(|(_, e)| e.doubts.iter().any(|d| d.contains("deeper"))));
    }

    #[test]
    fn a_bomb_is_named_and_not_unpacked() {
        let zeros = vec![0_u8; 40 << 20];
        let bytes = zip_of(&[("zeros.bin", &zeros)]);
        let found = examine("a.zip", &bytes, &mut Budget::default());
        assert!(found.has(SignKind::Bomb), "{found:?}");
    }

    #[test]
    fn cut_files_never_panic() {
        let samples: Vec<(&str, Vec<u8>)> = vec![
            (
                "a.zip",
                zip_of(&[
                    ("word/document.xml", b"<w:instrText>DDE</w:instrText>"),
                    ("[Content_Types].xml", b"<x/>"),
                ]),
            ),
            ("a.pdf", b"%PDF-1.4\n1 0 obj<</OpenAction<</S/JavaScript/JS(app)>>>>endobj".to_vec()),
            ("a.rtf", b"{\\rtf1{\\object\\objemb{\\*\\objdata 0105000002000000}}}".to_vec()),
            ("a.lnk", [&b"\x4c\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"[..], &[0xff; 80]].concat()),
            ("a.doc", [&b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"[..], &[0xff; 900]].concat()),
        ];
        for (name, bytes) in samples {
            for cut in 0..bytes.len() {
                let _ = examine(name, &bytes[..cut], &mut Budget::default());
                let mut broken = bytes.clone();
                broken[cut] ^= 0xff;
                let _ = examine(name, &broken, &mut Budget::default());
            }
        }
    }
}
