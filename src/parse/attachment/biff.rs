//! Excel's binary records: BIFF5/8 streams of `.xls` and BIFF12 parts of
//! `.xlsb`, as far as macro sheets, DDE links and encryption need.

use super::{Examination, SignKind, u16_at};

const FILEPASS: u16 = 0x002f;
const BOUNDSHEET: u16 = 0x0085;
const SUPBOOK: u16 = 0x01ae;
const EXTERNSHEET: u16 = 0x0017;
const EXTERNNAME: u16 = 0x0023;

/// Reads a `Workbook` or `Book` stream.
pub(super) fn examine(stream: &[u8], found: &mut Examination) {
    let mut at = 0;
    let mut encrypted = false;
    while let (Some(kind), Some(size)) = (u16_at(stream, at), u16_at(stream, at + 2)) {
        let body = stream.get(at + 4..(at + 4 + usize::from(size)).min(stream.len())).unwrap_or_default();
        match kind {
            FILEPASS => {
                encrypted = true;
                found.sign(SignKind::Encrypted, "the workbook is encrypted (FilePass record)");
            }
            // The sheet type is encrypted too where the workbook is.
            BOUNDSHEET if !encrypted && body.get(5) == Some(&1) => {
                let hidden = body.get(4).is_some_and(|state| state & 3 != 0);
                let state = if hidden { "a hidden" } else { "an" };
                found.sign(SignKind::XlmMacro, &format!("{state} Excel 4.0 macro sheet"));
            }
            SUPBOOK | EXTERNSHEET if !encrypted => link(kind, body, found),
            EXTERNNAME if !encrypted && u16_at(body, 0).is_some_and(|flags| flags & 0x0010 != 0) => {
                found.sign(SignKind::ExternalObject, "a link to an OLE object");
            }
            _ => {}
        }
        at += 4 + usize::from(size);
    }
}

/// An encoded path with 0x03 in it names a DDE server and its topic (MS-XLS 2.5.277).
fn link(kind: u16, body: &[u8], found: &mut Examination) {
    let path = if kind == SUPBOOK { body.get(4..) } else { body.get(1..) };
    let path = path.unwrap_or_default();
    // ctab, cch; 0x0401 and 0x3A01 stand for this workbook and for add-ins.
    if kind == SUPBOOK && matches!(u16_at(body, 2), Some(0x0401 | 0x3a01)) {
        return;
    }
    let text: String = path.iter().filter(|b| **b != 0).map(|b| char::from(*b)).take(200).collect();
    if let Some((server, topic)) = text.split_once('\u{3}') {
        let server: String = server.chars().filter(|c| !c.is_control()).collect();
        found.sign(SignKind::Dde, &format!("link to {server}|{topic}"));
    }
}

/// An external-link part of a binary workbook: BrtBeginSupBook says of what kind (MS-XLSB 2.4.221).
pub(super) fn examine_external_link(part: &[u8], found: &mut Examination) {
    let mut at = 0;
    while let Some((kind, size, body_at)) = record12(part, at) {
        let body = part.get(body_at..).unwrap_or_default();
        if kind == 360 {
            let text: String = body
                .iter()
                .skip(2)
                .take(size.min(300))
                .filter(|b| (32..127).contains(*b))
                .map(|b| char::from(*b))
                .collect();
            match u16_at(body, 0) {
                Some(1) => found.sign(SignKind::Dde, &format!("DDE link {text}")),
                Some(2) => found.sign(SignKind::ExternalObject, &format!("OLE link {text}")),
                _ => {}
            }
        }
        at = body_at.saturating_add(size);
    }
}

/// Record type (1-2 bytes) and size (1-4 bytes), seven bits a byte.
fn record12(part: &[u8], at: usize) -> Option<(u32, usize, usize)> {
    let first = *part.get(at)?;
    let (kind, mut next) = match first & 0x80 {
        0 => (u32::from(first), at + 1),
        _ => (u32::from(first & 0x7f) | (u32::from(*part.get(at + 1)? & 0x7f) << 7), at + 2),
    };
    let mut size = 0_usize;
    for shift in [0, 7, 14, 21] {
        let byte = *part.get(next)?;
        next += 1;
        size |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some((kind, size, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read() {
        let sheet = [0x85, 0, 8, 0, 0, 0, 0, 0, 1, 1, 0, 0];
        let mut found = Examination::default();
        examine(&sheet, &mut found);
        assert!(found.has(SignKind::XlmMacro));
        let plain = [0x85, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let mut found = Examination::default();
        examine(&plain, &mut found);
        assert!(found.signs.is_empty());
        let mut book = vec![0xae, 0x01, 12, 0, 0, 0, 7, 0, 0];
        book.extend(b"cmd\x03/c x");
        let mut found = Examination::default();
        examine(&book, &mut found);
        assert!(found.has(SignKind::Dde), "{found:?}");
    }
}
