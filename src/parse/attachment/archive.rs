//! Archives that can be unpacked within bounds: ZIP, tar, and single compressed
//! streams. Sizes in headers are claims; only what is read counts.

use std::io::{Cursor, Read};

use super::{Budget, Examination, SignKind, examine_member, opc, read_limited};

/// Above this much output per input byte, and this much in all, it is a bomb:
/// DEFLATE reaches at most 1032 to 1, and ordinary text about 10.
const BOMB_RATIO: u64 = 100;
const BOMB_SIZE: u64 = 16 << 20;
const BOMB_MEMBERS: usize = 10_000;
/// Passwords that are no secret: those analysts agree on, and the most common ones.
const COMMON_PASSWORDS: &[&[u8]] = &[
    b"infected",
    b"infected-test",
    b"malware",
    b"virus",
    b"password",
    b"1234",
    b"12345",
    b"123456",
    b"111111",
];

pub(super) fn examine_zip(bytes: &[u8], budget: &mut Budget, found: &mut Examination) {
    let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) else {
        found.doubt("not inspected: the ZIP directory is damaged");
        return;
    };
    let names: Vec<String> =
        archive.file_names().filter_map(Result::ok).map(Into::into).take(BOMB_MEMBERS).collect();
    if archive.len() >= BOMB_MEMBERS {
        found.sign(SignKind::Bomb, &format!("{} members", archive.len()));
        return;
    }
    let document = opc::is_document(&names);
    if document {
        opc::names(&names, found);
    }
    let mut declared = 0_u64;
    for index in 0..archive.len() {
        let Ok(raw) = archive.by_index_raw(index) else {
            found.doubt("not inspected: a member's header is damaged");
            continue;
        };
        let member = Member {
            index,
            name: name_of(&raw),
            encrypted: raw.encrypted(),
            packed: raw.compressed_size().max(1),
            of_document: document,
        };
        let (size, is_dir) = (raw.size(), raw.is_dir());
        drop(raw);
        if is_dir {
            continue;
        }
        declared = declared.saturating_add(size);
        let (name, times) = (&member.name, size / member.packed);
        if size > BOMB_SIZE && times > BOMB_RATIO {
            found.sign(SignKind::Bomb, &format!("{name} unpacks to {size} bytes, {times} times its size"));
            found.doubt(format!("not inspected: {name} unpacks to {size} bytes"));
            continue;
        }
        if document && !opc::is_read(name) {
            continue;
        }
        if budget.members == 0 || budget.bytes == 0 {
            found.doubt("not inspected: more content than the limit");
            break;
        }
        budget.members -= 1;
        member.examine(&mut archive, budget, found);
    }
    if declared > BOMB_SIZE * 16 && declared / (bytes.len() as u64).max(1) > BOMB_RATIO {
        found.sign(SignKind::Bomb, &format!("unpacks to {declared} bytes from {}", bytes.len()));
    }
}

/// A file in an archive.
struct Member {
    index: usize,
    name: String,
    encrypted: bool,
    /// Octets in the archive, at least one.
    packed: u64,
    /// The archive is a document, whose parts are no attachments.
    of_document: bool,
}

impl Member {
    fn examine(&self, archive: &mut Archive, budget: &mut Budget, found: &mut Examination) {
        if self.encrypted {
            return self.examine_locked(archive, budget, found);
        }
        let Member { name, packed, .. } = self;
        let Ok(mut member) = archive.by_index(self.index) else {
            found.doubt(format!("not inspected: {name} is packed in a way not supported"));
            return examine_member(name, false, None, budget, found);
        };
        let (data, cut) = read_limited(&mut member, super::LARGEST_PART, budget);
        drop(member);
        if cut {
            found.doubt(format!("not inspected to its end: {name} is over the limit"));
            if data.len() as u64 / packed > BOMB_RATIO {
                let more = format!("{name} goes on after {} bytes from {packed}", data.len());
                found.sign(SignKind::Bomb, &more);
            }
        }
        if self.of_document {
            opc::part(name, &data, budget, found);
        } else {
            examine_member(name, false, Some(&data), budget, found);
        }
    }

    fn examine_locked(&self, archive: &mut Archive, budget: &mut Budget, found: &mut Examination) {
        let name = &self.name;
        found.sign(SignKind::Encrypted, &format!("{name} needs a password"));
        let opened = COMMON_PASSWORDS.iter().find_map(|password| {
            let mut member = archive.by_index_decrypt(self.index, password).ok()?;
            // A wrong password passes the check byte once in 256; the CRC shows it at the end.
            let (data, cut) = read_checked(&mut member, budget)?;
            (!cut).then_some(data)
        });
        examine_member(name, true, opened.as_deref(), budget, found);
        if opened.is_none() {
            found.doubt(format!("not inspected: {name} needs a password"));
        }
    }
}

type Archive<'b> = zip::ZipArchive<Cursor<&'b [u8]>>;

fn read_checked(reader: &mut dyn Read, budget: &mut Budget) -> Option<(Vec<u8>, bool)> {
    let limit = super::LARGEST_PART.min(budget.bytes);
    let mut data = Vec::new();
    let mut limited = reader.take(limit as u64 + 1);
    limited.read_to_end(&mut data).ok()?;
    budget.bytes = budget.bytes.saturating_sub(data.len());
    let cut = data.len() > limit;
    Some((data, cut))
}

pub(super) fn examine_compressed(name: &str, bytes: &[u8], budget: &mut Budget, found: &mut Examination) {
    let mut reader: Box<dyn Read + '_> = match found.format {
        super::Format::Gzip => Box::new(flate2::read::MultiGzDecoder::new(bytes)),
        super::Format::Bzip2 => Box::new(bzip2::read::BzDecoder::new(bytes)),
        super::Format::Xz => match xz2::stream::Stream::new_stream_decoder(64 << 20, 0) {
            Ok(stream) => Box::new(xz2::read::XzDecoder::new_stream(bytes, stream)),
            Err(_) => return found.doubt("not inspected: the xz decoder could not start"),
        },
        super::Format::Zstd => match zstd::stream::read::Decoder::new(bytes) {
            Ok(mut decoder) => {
                // A window of 8 MiB is what RFC 8878 section 3.1.1.1.2 asks of every decoder.
                let _ = decoder.window_log_max(23);
                Box::new(decoder)
            }
            Err(_) => return found.doubt("not inspected: damaged Zstandard data"),
        },
        _ => return,
    };
    let (data, cut) = read_limited(&mut reader, super::LARGEST_PART, budget);
    drop(reader);
    if cut {
        found.doubt("not inspected to its end: unpacks beyond the limit");
        if data.len() / bytes.len().max(1) > BOMB_RATIO as usize {
            found.sign(SignKind::Bomb, &format!("goes on after {} bytes from {}", data.len(), bytes.len()));
        }
    }
    if data.is_empty() {
        found.doubt("not inspected: nothing could be unpacked");
        return;
    }
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let inner = match extension.to_ascii_lowercase().as_str() {
        "tgz" | "tbz" | "txz" => format!("{stem}.tar"),
        _ => stem.to_owned(),
    };
    examine_member(&inner, false, Some(&data), budget, found);
}

/// POSIX ustar: 512-byte headers (IEEE 1003.1, pax "ustar interchange format").
pub(super) fn examine_tar(bytes: &[u8], budget: &mut Budget, found: &mut Examination) {
    let mut at = 0_usize;
    while let Some(header) = bytes.get(at..at.saturating_add(512)) {
        if header.iter().all(|b| *b == 0) {
            break;
        }
        let text = |from: usize, to: usize| {
            let field = header.get(from..to).unwrap_or_default();
            String::from_utf8_lossy(field.split(|b| *b == 0).next().unwrap_or_default()).trim().to_owned()
        };
        let Ok(size) = usize::from_str_radix(&text(124, 136), 8) else {
            return found.doubt("not inspected to its end: a tar header is damaged");
        };
        let start = at + 512;
        let Some(end) = start.checked_add(size) else { return };
        if matches!(header.get(156), Some(b'0' | 0)) {
            if budget.members == 0 {
                return found.doubt("not inspected to its end: more members than the limit");
            }
            budget.members -= 1;
            let data = bytes.get(start..end.min(bytes.len())).unwrap_or_default();
            examine_member(&text(0, 100), false, Some(data), budget, found);
        }
        at = end.saturating_add(511) / 512 * 512;
    }
}

/// A member's name; one that is no text is shown by its bytes.
fn name_of<R: Read + ?Sized>(member: &zip::read::ZipFile<'_, R>) -> String {
    String::from_utf8_lossy(member.name_raw()).into_owned()
}
