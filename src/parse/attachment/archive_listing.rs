//! Archives whose content is not unpacked here: RAR, 7z, CAB. Names and
//! encryption flags are read from the headers; the content stays in doubt.

use super::{Examination, Format, Member, SignKind, u16_at, u32_at};
use crate::model::untrusted::{Width, plain};

const MOST: usize = 1000;

pub(super) fn examine(format: Format, bytes: &[u8], found: &mut Examination) {
    match format {
        Format::Rar if bytes.get(6) == Some(&0) => rar4(bytes, found),
        Format::Rar => rar5(bytes, found),
        Format::Cab => cab(bytes, found),
        // The header is usually packed itself; AES shows as coder 06F10701 when it is not.
        Format::SevenZip if memchr::memmem::find(bytes, b"\x06\xf1\x07\x01").is_some() => {
            found.sign(SignKind::Encrypted, "the 7z archive needs a password");
        }
        _ => {}
    }
    found.doubt(format!("not inspected: {} is not unpacked here", format.label()));
}

fn member(name: &[u8], encrypted: bool, found: &mut Examination) {
    let name = plain(&String::from_utf8_lossy(name), Width::Record);
    if encrypted {
        found.sign(SignKind::Encrypted, &format!("{name} needs a password"));
    }
    found.members.push(Member { name, encrypted, examination: Examination::default() });
}

/// RAR 1.5-4: blocks of CRC, type, flags, size (technote.txt).
fn rar4(bytes: &[u8], found: &mut Examination) {
    let mut at = 7_usize;
    for _ in 0..MOST {
        let (Some(kind), Some(flags), Some(size)) =
            (bytes.get(at.saturating_add(2)).copied(), u16_at(bytes, at + 3), u16_at(bytes, at + 5))
        else {
            return;
        };
        if kind == 0x73 && flags & 0x0080 != 0 {
            return found.sign(SignKind::Encrypted, "the RAR archive hides even its names behind a password");
        }
        let mut extra = 0_usize;
        if kind == 0x74 {
            let length = usize::from(u16_at(bytes, at + 26).unwrap_or(0));
            let from = at + 32 + if flags & 0x0100 != 0 { 8 } else { 0 };
            let name = bytes.get(from..from.saturating_add(length)).unwrap_or_default();
            // A Unicode name follows the plain one behind a zero.
            member(name.split(|b| *b == 0).next().unwrap_or_default(), flags & 0x0004 != 0, found);
        }
        if kind == 0x74 || flags & 0x8000 != 0 {
            extra = u32_at(bytes, at + 7).and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
        }
        at = at.saturating_add(usize::from(size)).saturating_add(extra);
        if size < 7 {
            return;
        }
    }
}

/// RAR 5: vint fields (rarlab.com "RAR 5.0 archive format").
fn rar5(bytes: &[u8], found: &mut Examination) {
    let mut at = 8_usize;
    for _ in 0..MOST {
        let Some((size, body)) = vint(bytes, at.saturating_add(4)) else { return };
        let Some((kind, next)) = vint(bytes, body) else { return };
        let Some((flags, mut next)) = vint(bytes, next) else { return };
        let mut extra = 0;
        let mut data = 0;
        if flags & 1 != 0 {
            let Some((value, after)) = vint(bytes, next) else { return };
            (extra, next) = (value, after);
        }
        if flags & 2 != 0 {
            let Some((value, after)) = vint(bytes, next) else { return };
            (data, next) = (value, after);
        }
        let Some(end) = body.checked_add(usize::try_from(size).unwrap_or(usize::MAX)) else { return };
        match kind {
            4 => {
                return found
                    .sign(SignKind::Encrypted, "the RAR archive hides even its names behind a password");
            }
            2 => drop(file5(bytes, next, end, extra, found)),
            5 => return,
            _ => {}
        }
        at = end.saturating_add(usize::try_from(data).unwrap_or(usize::MAX));
        if size == 0 {
            return;
        }
    }
}

fn file5(bytes: &[u8], at: usize, end: usize, extra: u64, found: &mut Examination) -> Option<()> {
    let (flags, at) = vint(bytes, at)?;
    let (_, at) = vint(bytes, at)?;
    let (_, mut at) = vint(bytes, at)?;
    at += if flags & 2 != 0 { 4 } else { 0 } + if flags & 4 != 0 { 4 } else { 0 };
    let (_, at) = vint(bytes, at)?;
    let (_, at) = vint(bytes, at)?;
    let (length, at) = vint(bytes, at)?;
    let name = bytes.get(at..at.checked_add(usize::try_from(length).ok()?)?)?;
    // The extra area at the header's end: record size, type 1 is encryption.
    let from = end.checked_sub(usize::try_from(extra).ok()?)?;
    let encrypted =
        extra > 0 && vint(bytes, from).and_then(|(_, next)| vint(bytes, next)).is_some_and(|(t, _)| t == 1);
    member(name, encrypted, found);
    Some(())
}

fn vint(bytes: &[u8], mut at: usize) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for shift in (0..63).step_by(7) {
        let byte = *bytes.get(at)?;
        at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some((value, at));
        }
    }
    None
}

/// Cabinet: the CFFILE table (MS-CAB section 2.3).
fn cab(bytes: &[u8], found: &mut Examination) {
    let Some(mut at) = u32_at(bytes, 16).and_then(|at| usize::try_from(at).ok()) else { return };
    let count = usize::from(u16_at(bytes, 28).unwrap_or(0)).min(MOST);
    for _ in 0..count {
        let Some(name) = at.checked_add(16).and_then(|at| bytes.get(at..)) else { return };
        let Some(length) = memchr::memchr(0, name.get(..name.len().min(260)).unwrap_or_default()) else {
            return;
        };
        member(name.get(..length).unwrap_or_default(), false, found);
        at = at.saturating_add(17).saturating_add(length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cabinet_lists_its_files() {
        let mut bytes = b"MSCF".to_vec();
        bytes.resize(36, 0);
        bytes[16] = 36;
        bytes[28] = 1;
        bytes.extend([0; 16]);
        bytes.extend(b"run.exe\0");
        let mut found = Examination::default();
        examine(Format::Cab, &bytes, &mut found);
        assert_eq!(found.members[0].name, "run.exe");
        assert!(found.doubts[0].contains("not inspected"));
    }
}
