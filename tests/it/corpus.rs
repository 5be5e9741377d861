//! Third-party mail in `.tar.xz`, read in place and never unpacked to disk.

use std::io::Read as _;
use std::path::Path;

/// Name and bytes of every file of an archive, in its order.
pub fn messages(archive: &Path) -> Vec<(String, Vec<u8>)> {
    let mut tar = Vec::new();
    let file = std::fs::File::open(archive).unwrap_or_else(|e| panic!("{}: {e}", archive.display()));
    xz2::read::XzDecoder::new(file).read_to_end(&mut tar).unwrap();
    let mut found = Vec::new();
    let mut at = 0;
    let mut long_name = None;
    while at + 512 <= tar.len() {
        let header = &tar[at..at + 512];
        if header[0] == 0 {
            break;
        }
        let text = |range: std::ops::Range<usize>| {
            let field = &header[range];
            let end = field.iter().position(|b| *b == 0).unwrap_or(field.len());
            String::from_utf8_lossy(&field[..end]).trim().to_owned()
        };
        let size = usize::from_str_radix(&text(124..136), 8).unwrap();
        let body = &tar[at + 512..at + 512 + size];
        match header[156] {
            b'L' => {
                let name = body.split(|b| *b == 0).next().unwrap();
                long_name = Some(String::from_utf8_lossy(name).into_owned());
            }
            b'0' | 0 => {
                let prefix = text(345..500);
                let short = text(0..100);
                let name = if prefix.is_empty() { short } else { format!("{prefix}/{short}") };
                found.push((long_name.take().unwrap_or(name), body.to_vec()));
            }
            _ => {}
        }
        at += 512 + size.div_ceil(512) * 512;
    }
    found
}
