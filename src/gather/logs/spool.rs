//! What can be read once only (standard input, a pipe), kept so that it can be read again: a private file that
//! has no name any more, bounded by a stated number.

use std::fs::File;
use std::io::{self, Read, Write as _};

use super::packing::Packing;

/// Most that is kept; a log of this size fills no disk of today, `/dev/zero` would.
const MOST: u64 = 64 << 30;
/// Lines of logs have at most some thousand octets: what has none by here is no log.
const FIRST_LINE: usize = 4 << 20;
const CHUNK: usize = 256 << 10;

/// Copies to a file that only we can open and that has no name any more.
pub(super) fn copy(mut from: impl Read) -> io::Result<File> {
    let mut file = nameless()?;
    let (mut chunk, mut kept, mut has_line) = (vec![0; CHUNK], 0_usize, false);
    loop {
        let count = match from.read(&mut chunk) {
            Ok(0) => return Ok(file),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let new = chunk.get(..count).unwrap_or_default();
        // Packed logs have their line breaks inside.
        let is_packed = kept == 0 && Packing::of(new) != Packing::Plain;
        has_line = has_line || is_packed || memchr::memchr(b'\n', new).is_some();
        kept += count;
        if !has_line && kept > FIRST_LINE {
            return Err(io::Error::other(format!(
                "no line break in the first {FIRST_LINE} octets: this is no log"
            )));
        }
        if kept as u64 > MOST {
            return Err(io::Error::other(format!("more than {MOST} octets came; give the log as a file")));
        }
        file.write_all(new)?;
    }
}

fn nameless() -> io::Result<File> {
    let folder = std::env::temp_dir();
    for attempt in 0..100_u32 {
        let path = folder.join(format!(".mailvet-{}-{attempt}", std::process::id()));
        let mut options = File::options();
        options.read(true).write(true).create_new(true);
        // Mail logs name people: nobody else may open the file while it has a name.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&path) {
            Ok(file) => {
                // Where an open file cannot be deleted it stays until the system cleans up.
                let _ = std::fs::remove_file(&path);
                return Ok(file);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("no name is free in the folder for temporary files"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_ends_is_refused_and_nobody_else_may_read() {
        let error = copy(io::repeat(0)).unwrap_err().to_string();
        assert!(error.contains("no line break"), "{error}");
        let file = copy(&b"Nov 23 12:00:00 mx x: y\n"[..]).unwrap();
        assert_eq!(file.metadata().unwrap().len(), 24);
        #[cfg(unix)]
        {
            use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
            let metadata = file.metadata().unwrap();
            assert_eq!((metadata.permissions().mode() & 0o777, metadata.nlink()), (0o600, 0));
        }
    }
}
