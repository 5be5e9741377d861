//! Reads the `.tar.xz` archives of the suites: regular files, by name.

use std::io::Read as _;
use std::path::Path;

/// Name and bytes of every regular file, sorted by name.
pub fn unpacked(archive: &Path) -> Vec<(String, Vec<u8>)> {
    let packed = std::fs::File::open(archive).unwrap_or_else(|e| panic!("{}: {e}", archive.display()));
    let mut tar = Vec::new();
    xz2::read::XzDecoder::new(packed).read_to_end(&mut tar).unwrap();
    let mut files = Vec::new();
    let mut at = 0;
    let mut long_name = None;
    while at + 512 <= tar.len() && tar[at] != 0 {
        let header = &tar[at..at + 512];
        let text = |range: std::ops::Range<usize>| {
            let bytes = &header[range];
            let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
            String::from_utf8_lossy(&bytes[..end]).trim().to_owned()
        };
        let size = usize::from_str_radix(&text(124..136), 8).unwrap();
        let body = &tar[at + 512..at + 512 + size];
        match header[156] {
            b'L' => long_name = Some(String::from_utf8_lossy(body).trim_end_matches('\0').to_owned()),
            b'0' | 0 => {
                let prefix = text(345..500);
                let short =
                    if prefix.is_empty() { text(0..100) } else { format!("{prefix}/{}", text(0..100)) };
                files.push((long_name.take().unwrap_or(short), body.to_vec()));
            }
            _ => {}
        }
        at += 512 + size.div_ceil(512) * 512;
    }
    files.sort();
    files
}
