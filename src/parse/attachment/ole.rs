//! OLE compound files: old Office documents, encrypted new ones, MSI packages,
//! and the objects embedded in other documents.

use std::io::{Cursor, Read as _};

use super::{Budget, Examination, Format, SignKind, biff, read_limited, u16_at, u32_at, vba};

const MOST_ENTRIES: usize = 4000;
const LARGEST_STREAM: usize = 12 << 20;

pub(super) fn examine(bytes: &[u8], budget: &mut Budget, found: &mut Examination) {
    let Ok(mut file) = cfb::CompoundFile::open(Cursor::new(bytes)) else {
        found.doubt("not inspected: the OLE structure is damaged");
        by_names_alone(bytes, found);
        return;
    };
    if is_installer(&file.root_entry().clsid().to_string()) {
        found.sign(SignKind::EmbeddedProgram, "a Windows Installer package");
        return;
    }
    let entries: Vec<(String, bool, u64)> = file
        .walk()
        .take(MOST_ENTRIES)
        .map(|entry| (entry.path().to_string_lossy().into_owned(), entry.is_stream(), entry.len()))
        .collect();
    if entries.len() == MOST_ENTRIES {
        found.doubt("not inspected: more OLE entries than the limit");
    }
    for (path, is_stream, _) in &entries {
        name(path, *is_stream, found);
    }
    for (path, _, length) in entries.iter().filter(|(_, is_stream, _)| *is_stream) {
        let leaf = leaf(path);
        if !worth_reading(path, leaf) || *length == 0 {
            continue;
        }
        let Ok(stream) = file.open_stream(path) else {
            found.doubt(format!("not inspected: stream {leaf:?} is damaged"));
            continue;
        };
        let (data, cut) = read_limited(&mut stream.take(LARGEST_STREAM as u64 + 1), LARGEST_STREAM, budget);
        if cut {
            found.doubt(format!("not inspected to its end: stream {leaf:?} is over the limit"));
        }
        read_stream(path, leaf, &data, budget, found);
    }
}

fn leaf(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

fn is_installer(clsid: &str) -> bool {
    let clsid = clsid.to_ascii_lowercase();
    // Installer package, merge module and patch.
    clsid.starts_with("000c1084-") || clsid.starts_with("000c1082-") || clsid.starts_with("000c1086-")
}

fn name(path: &str, is_stream: bool, found: &mut Examination) {
    let leaf = leaf(path);
    let lower = leaf.to_ascii_lowercase();
    let nested = path.matches('/').count() > 1;
    match lower.as_str() {
        "_vba_project" | "_vba_project_cur" | "vba" if !is_stream || lower == "_vba_project" => {
            found.sign(SignKind::Macro, "the document carries a VBA project");
        }
        "encryptedpackage" => {
            found.sign(SignKind::Encrypted, "the document needs a password (EncryptedPackage)")
        }
        "\u{1}ole10native" if nested || path.starts_with("/\u{1}") => {
            found.sign(SignKind::EmbeddedObject, "an embedded file (Ole10Native)");
        }
        "objectpool" if !is_stream => {}
        _ if !is_stream && path.to_ascii_lowercase().contains("objectpool/") && lower.starts_with('_') => {
            found.sign(SignKind::EmbeddedObject, "an embedded object (ObjectPool)");
        }
        _ if !is_stream && lower.starts_with("mbd") && lower.len() >= 8 => {
            found.sign(SignKind::EmbeddedObject, &format!("an embedded object ({leaf})"));
        }
        _ if !is_stream && lower.starts_with("lnk") && lower.len() >= 8 => {
            found.sign(SignKind::ExternalObject, &format!("a linked object ({leaf})"));
        }
        "drmcontent" | "\u{9}drmcontent" => found.sign(SignKind::Encrypted, "the document is rights-managed"),
        _ => {}
    }
}

fn worth_reading(path: &str, leaf: &str) -> bool {
    let lower = leaf.to_ascii_lowercase();
    matches!(
        lower.as_str(),
        "worddocument"
            | "workbook"
            | "book"
            | "powerpoint document"
            | "current user"
            | "\u{1}ole10native"
            | "package"
            | "1table"
            | "0table"
            | "contents"
            | "\u{1}ole"
    ) || path.to_ascii_lowercase().contains("/vba/")
}

fn read_stream(path: &str, leaf: &str, data: &[u8], budget: &mut Budget, found: &mut Examination) {
    let lower = leaf.to_ascii_lowercase();
    match lower.as_str() {
        "worddocument" => word(data, found),
        "workbook" | "book" => biff::examine(data, found),
        "current user" if u32_at(data, 12) == Some(0xf3d1_c4df) => {
            found.sign(SignKind::Encrypted, "the presentation is encrypted");
        }
        "powerpoint document" => presentation(data, found),
        "\u{1}ole10native" => package(data, budget, found),
        "package" | "contents"
            if (lower == "package" || path.matches('/').count() > 1)
                && Format::of(leaf, data) != Format::Unknown
                && !data.is_empty() =>
        {
            super::examine_member(leaf, false, Some(data), budget, found);
        }
        // OLEStream flags (MS-OLEDS 2.3.3): bit 0 is a link.
        "\u{1}ole" if u32_at(data, 4).is_some_and(|flags| flags & 1 == 1) => {
            found.sign(SignKind::ExternalObject, "an object linked to another file");
        }
        _ if path.to_ascii_lowercase().contains("/vba/") => vba::examine(data, found),
        _ => {}
    }
}

/// The file information block's flags, and field codes in the text.
fn word(data: &[u8], found: &mut Examination) {
    if u16_at(data, 0x0a).is_some_and(|flags| flags & 0x0100 != 0) {
        found.sign(SignKind::Encrypted, "the document is encrypted (fEncrypted)");
        return;
    }
    for at in memchr::memchr_iter(0x13, data).take(20_000) {
        let Some(code) = data.get(at + 1..(at + 400).min(data.len())) else { continue };
        let wide = code.first() == Some(&0);
        let text: String = code
            .iter()
            .skip(usize::from(wide))
            .step_by(if wide { 2 } else { 1 })
            .take_while(|b| **b != 0x14 && **b != 0x15 && **b != 0)
            .map(|b| char::from(*b))
            .take(160)
            .collect();
        super::opc::field(&text, found);
    }
}

/// Records of a presentation: embedded objects (MS-PPT 2.10.34) and external ones.
fn presentation(data: &[u8], found: &mut Examination) {
    let mut at = 0;
    let mut count = 0;
    while let (Some(version), Some(kind), Some(size)) =
        (u16_at(data, at), u16_at(data, at + 2), u32_at(data, at + 4))
    {
        match kind {
            0x1011 => found.sign(SignKind::EmbeddedObject, "an embedded object (ExOleObjStg)"),
            0x0fce => found.sign(SignKind::ExternalObject, "a linked object (ExOleLink)"),
            _ => {}
        }
        // Containers are walked into: their records follow at once.
        let skip = if version & 0x000f == 0x000f { 0 } else { usize::try_from(size).unwrap_or(usize::MAX) };
        at = at.saturating_add(8).saturating_add(skip);
        count += 1;
        if count > 200_000 {
            return;
        }
    }
}

/// Ole10Native (MS-OLEDS 2.3.6): a size, and for packages label, file name, path and the file.
pub(super) fn package(data: &[u8], budget: &mut Budget, found: &mut Examination) {
    let body = data.get(4..).unwrap_or_default();
    let body = if u16_at(body, 0) == Some(2) { body.get(2..).unwrap_or_default() } else { body };
    let Some((label, rest)) = cut_string(body) else { return };
    let Some((file, rest)) = cut_string(rest) else { return };
    // Unknown (2), flags (2), length of the temporary path, the path, length, the file.
    let temporary = u32_at(rest, 4).and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    let length_at = 8_usize.saturating_add(temporary);
    let name = if file.is_empty() { label } else { file };
    let name = name.rsplit(['\\', '/']).next().unwrap_or_default().to_owned();
    if name.is_empty() || name.len() > 260 {
        return;
    }
    if runs(&name) {
        found.sign(SignKind::EmbeddedProgram, &format!("embeds {name}, which runs when opened"));
    } else {
        found.sign(SignKind::EmbeddedObject, &format!("embeds the file {name}"));
    }
    let size = u32_at(rest, length_at).and_then(|size| usize::try_from(size).ok());
    let content = size.and_then(|size| rest.get(length_at + 4..(length_at + 4).saturating_add(size)));
    if let Some(content) = content {
        if Format::of(&name, content) == Format::Program {
            found.sign(SignKind::EmbeddedProgram, &format!("embeds the program {name}"));
        }
        super::examine_member(&name, false, Some(content), budget, found);
    }
}

fn runs(name: &str) -> bool {
    let extension = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    crate::data::extensions::is_executable(&extension)
}

fn cut_string(bytes: &[u8]) -> Option<(String, &[u8])> {
    let end = memchr::memchr(0, bytes.get(..bytes.len().min(600))?)?;
    Some((String::from_utf8_lossy(bytes.get(..end)?).into_owned(), bytes.get(end + 1..)?))
}

/// A damaged file still shows its directory names, in UTF-16.
fn by_names_alone(bytes: &[u8], found: &mut Examination) {
    let has = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        memchr::memmem::find(bytes, &wide).is_some()
    };
    if has("_VBA_PROJECT") {
        found.sign(SignKind::Macro, "a damaged document names a VBA project");
    }
    if has("EncryptedPackage") {
        found.sign(SignKind::Encrypted, "a damaged document names an encrypted package");
    }
    if has("Ole10Native") {
        found.sign(SignKind::EmbeddedObject, "a damaged document names an embedded file");
    }
}
