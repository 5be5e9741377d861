//! VBA source from a project's streams (MS-OVBA section 2.4.1), only to see
//! whether it starts by itself and what it reaches for.

use super::{Examination, SignKind};

/// Procedures Office calls without being asked.
const AUTO: &[&str] = &[
    "autoexec",
    "autoopen",
    "auto_open",
    "autoclose",
    "auto_close",
    "autonew",
    "autoexit",
    "document_open",
    "document_close",
    "document_new",
    "documentopen",
    "document_beforeclose",
    "workbook_open",
    "workbook_activate",
    "workbook_beforeclose",
    "workbook_close",
    "presentation_open",
    "slideshowbegin",
    "onslideshowpagechange",
    "userform_initialize",
    "_onconnecting",
    "_docupdate",
    "_layout",
    "inkpicture1_painted",
];
/// What harmless macros hardly ever need.
const REACHING: &[&str] = &[
    "shell",
    "wscript.shell",
    "createobject",
    "urldownloadtofile",
    "powershell",
    "cmd.exe",
    "xmlhttp",
    "adodb.stream",
    "environ",
    "virtualalloc",
    "createthread",
    "winmgmts",
    "shellexecute",
    "mshta",
    "rundll32",
    "regsvr32",
];
const LARGEST_SOURCE: usize = 1 << 20;

/// Notes what a stream of a VBA storage says.
pub(super) fn examine(stream: &[u8], found: &mut Examination) {
    // Every module's source begins with "Attribute": in compressed form a literal
    // run of eight bytes behind a flag byte of zero.
    for at in memchr::memmem::find_iter(stream, b"\0Attribut") {
        let Some(start) = at.checked_sub(3) else { continue };
        let Some(container) = stream.get(start..) else { continue };
        if container.first() != Some(&1) {
            continue;
        }
        let source = decompress(container);
        let source = String::from_utf8_lossy(&source).to_ascii_lowercase();
        judge(&source, found);
    }
}

fn judge(source: &str, found: &mut Examination) {
    for name in AUTO {
        let called = source.match_indices(name).any(|(at, _)| {
            let line = source.get(..at).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
            line.contains("sub ") || line.contains("function ")
        });
        if called {
            found.sign(SignKind::AutoRun, &format!("macro {name} runs when the file is opened or closed"));
        }
    }
    let reaching: Vec<&str> = REACHING.iter().copied().filter(|word| source.contains(word)).take(6).collect();
    if !reaching.is_empty() {
        found.sign(SignKind::Macro, &format!("the macro uses {}", reaching.join(", ")));
    }
}

/// MS-OVBA 2.4.1.3.1: chunks of at most 4096 bytes, literals and copy tokens.
fn decompress(container: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 1;
    while let Some(header) = super::u16_at(container, at) {
        if (header >> 12) & 7 != 3 {
            break;
        }
        let size = usize::from(header & 0x0fff) + 3;
        let end = (at + size).min(container.len());
        let mut pos = at + 2;
        let chunk_start = out.len();
        if header & 0x8000 == 0 {
            out.extend_from_slice(container.get(pos..end).unwrap_or_default());
            at = end;
            continue;
        }
        while pos < end {
            let Some(flags) = container.get(pos) else { break };
            pos += 1;
            for bit in 0..8 {
                if pos >= end {
                    break;
                }
                if flags & (1 << bit) == 0 {
                    out.extend(container.get(pos));
                    pos += 1;
                    continue;
                }
                let Some(token) = super::u16_at(container, pos) else { return out };
                pos += 2;
                let done = out.len() - chunk_start;
                let bits = (4..=12).find(|bits| (1_usize << bits) >= done).unwrap_or(12);
                let length = usize::from(token & (0xffff >> bits)) + 3;
                let offset = usize::from(token >> (16 - bits)) + 1;
                let Some(from) = out.len().checked_sub(offset) else { return out };
                if from < chunk_start || out.len() > LARGEST_SOURCE {
                    return out;
                }
                for step in 0..length {
                    let Some(&byte) = out.get(from + step) else { return out };
                    out.push(byte);
                }
            }
        }
        at = end;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_example_decompresses() {
        // MS-OVBA section 3.2.3 (normal compression).
        let container = [
            0x01, 0x2f, 0xb0, 0x00, 0x23, 0x61, 0x61, 0x61, 0x62, 0x63, 0x64, 0x65, 0x82, 0x66, 0x00, 0x70,
            0x61, 0x67, 0x68, 0x69, 0x6a, 0x01, 0x38, 0x08, 0x61, 0x6b, 0x6c, 0x00, 0x30, 0x6d, 0x6e, 0x6f,
            0x70, 0x06, 0x71, 0x02, 0x70, 0x04, 0x10, 0x72, 0x73, 0x74, 0x75, 0x76, 0x10, 0x77, 0x78, 0x79,
            0x7a, 0x00, 0x3c,
        ];
        let text = decompress(&container);
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa"
        );
    }

    #[test]
    fn only_procedures_count() {
        let mut found = Examination::default();
        judge("attribute vb_name\nprivate sub document_open()\nshell \"x\"\n", &mut found);
        assert!(found.has(SignKind::AutoRun) && found.has(SignKind::Macro));
        let mut found = Examination::default();
        judge("' see document_open elsewhere", &mut found);
        assert!(!found.has(SignKind::AutoRun));
    }
}
