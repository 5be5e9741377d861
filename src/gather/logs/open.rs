//! Finds, unpacks and orders log files. Rotated sets are read oldest first.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::utf16;
use crate::parse::log::{Dialect, detect};

/// Why a log cannot be read, and what to do.
#[derive(Debug, Error)]
pub enum LogError {
    /// The file cannot be opened or read.
    #[error("{file}: cannot be read: {source}. Check the path and your permission to read it")]
    Unreadable {
        /// The log's path.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// The file is packed, and what is in it cannot be unpacked.
    #[error("{file}: damaged {kind} data: {source}. Unpack it by hand, or give the part that can be read")]
    Damaged {
        /// The log's path.
        file: String,
        /// Its packing: `gzip`, `bzip2`, `xz` or `zstd`.
        kind: &'static str,
        /// Where unpacking stopped.
        source: io::Error,
    },
    /// The folder given has no file in it.
    #[error("{dir}: no files in this folder")]
    EmptyFolder {
        /// The folder's path.
        dir: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Plain,
    Gzip,
    Xz,
    Zstd,
    Bzip2,
}

impl Packing {
    /// By magic number, whatever the name says.
    fn of(head: &[u8]) -> Packing {
        match head {
            [0x1f, 0x8b, ..] => Packing::Gzip,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Packing::Xz,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Packing::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Packing::Bzip2,
            _ => Packing::Plain,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Packing::Plain => "plain",
            Packing::Gzip => "gzip",
            Packing::Xz => "xz",
            Packing::Zstd => "zstd",
            Packing::Bzip2 => "bzip2",
        }
    }
}

/// Where the bytes are.
#[derive(Debug)]
pub(super) enum Source {
    Path(PathBuf),
    /// Standard input that cannot be read twice: a spool, deleted on close.
    Spool(File),
}

/// A log ready to be read, as often as need be.
#[derive(Debug)]
pub struct LogFile {
    /// Its path as the user gave it, `-` for standard input; what locations show.
    pub name: String,
    /// `None` where the content looks like no dialect known.
    pub dialect: Option<Dialect>,
    pub(super) source: Source,
    pub(super) packing: Packing,
    /// The text is in UTF-16.
    pub(super) wide: bool,
    /// Bytes on disk, at opening: a log that grows meanwhile is read this far.
    pub(super) len: u64,
    head: Vec<u8>,
}

const HEAD: usize = 256 << 10;

impl LogFile {
    fn new(name: String, source: Source, dialect: Option<Dialect>) -> Result<LogFile, LogError> {
        let unreadable = |source| LogError::Unreadable { file: name.clone(), source };
        let mut log = LogFile {
            name: name.clone(),
            dialect,
            source,
            packing: Packing::Plain,
            wide: false,
            len: 0,
            head: Vec::new(),
        };
        let mut file = log.file().map_err(unreadable)?;
        log.len = file.metadata().map_err(unreadable)?.len();
        let mut magic = Vec::new();
        file.by_ref().take(8).read_to_end(&mut magic).map_err(unreadable)?;
        log.packing = Packing::of(&magic);
        let mut mark = Vec::new();
        // Damage shows, with its name, when the head is read.
        let _ = log.stored().and_then(|reader| reader.take(4).read_to_end(&mut mark));
        log.wide = utf16::is_utf16(&mark);
        let mut head = Vec::new();
        log.unpacked().and_then(|reader| reader.take(HEAD as u64).read_to_end(&mut head)).map_err(
            |source| match log.packing {
                Packing::Plain => LogError::Unreadable { file: name.clone(), source },
                packing => LogError::Damaged { file: name.clone(), kind: packing.name(), source },
            },
        )?;
        log.dialect = dialect.or_else(|| detect::dialect(&head));
        log.head = head;
        Ok(log)
    }

    pub(super) fn file(&self) -> io::Result<File> {
        match &self.source {
            Source::Path(path) => File::open(path),
            Source::Spool(file) => {
                let mut file = file.try_clone()?;
                io::Seek::rewind(&mut file)?;
                Ok(file)
            }
        }
    }

    /// The text, from the beginning.
    pub(super) fn unpacked(&self) -> io::Result<Box<dyn Read + Send>> {
        let stored = self.stored()?;
        Ok(match self.wide {
            true => Box::new(utf16::decoded(stored)),
            false => stored,
        })
    }

    /// The bytes, unpacked.
    fn stored(&self) -> io::Result<Box<dyn Read + Send>> {
        let file = BufReader::with_capacity(256 << 10, self.file()?.take(self.len));
        Ok(match self.packing {
            Packing::Plain => Box::new(file),
            Packing::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(file)),
            Packing::Xz => Box::new(xz2::bufread::XzDecoder::new_multi_decoder(file)),
            Packing::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(file)?),
            Packing::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(file)),
        })
    }

    /// Whether the two are parts of one rotated set.
    pub(super) fn is_before(&self, other: &LogFile) -> bool {
        rotation(Path::new(&self.name)).0 == rotation(Path::new(&other.name)).0
            && !matches!((&self.source, &other.source), (Source::Spool(_), _) | (_, Source::Spool(_)))
    }

    /// Size on disk, at opening.
    pub fn bytes(&self) -> u64 {
        self.len
    }

    /// The first part of the text.
    pub fn head(&self) -> &[u8] {
        &self.head
    }
}

/// Opens what the user named: files, folders (all files in them), `-`. A
/// dialect given holds for all.
///
/// # Errors
/// Where a file cannot be opened or unpacked, or a folder has none.
pub fn open(paths: &[PathBuf], dialect: Option<Dialect>) -> Result<Vec<LogFile>, LogError> {
    let mut found: Vec<(String, Source)> = Vec::new();
    for path in paths {
        let name = path.display().to_string();
        let unreadable = |source| LogError::Unreadable { file: name.clone(), source };
        if path.as_os_str() == "-" {
            found.push(("(standard input)".to_owned(), Source::Spool(spool().map_err(unreadable)?)));
        } else if path.is_dir() {
            let mut inside = Vec::new();
            for entry in std::fs::read_dir(path).map_err(unreadable)? {
                let entry = entry.map_err(unreadable)?.path();
                let hidden = entry.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
                if entry.is_file() && !hidden {
                    inside.push(entry);
                }
            }
            if inside.is_empty() {
                return Err(LogError::EmptyFolder { dir: name });
            }
            inside.sort();
            found.extend(inside.into_iter().map(|path| (path.display().to_string(), Source::Path(path))));
        } else {
            let meta = std::fs::metadata(path).map_err(unreadable)?;
            // A pipe can be read once only.
            let source = if meta.is_file() {
                Source::Path(path.clone())
            } else {
                Source::Spool(copy(File::open(path).map_err(unreadable)?).map_err(unreadable)?)
            };
            found.push((name, source));
        }
    }
    // Rotated sets keep the place of their first file.
    let stems: Vec<PathBuf> = found.iter().map(|(name, _)| rotation(Path::new(name)).0).collect();
    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by_key(|index| {
        let group = stems.iter().position(|stem| *stem == stems[*index]).unwrap_or(*index);
        (group, rotation(Path::new(&found[*index].0)).1)
    });
    let mut slots: Vec<Option<(String, Source)>> = found.into_iter().map(Some).collect();
    let mut logs = order
        .into_iter()
        .filter_map(|index| slots[index].take())
        .map(|(name, source)| LogFile::new(name, source, dialect))
        .collect::<Result<Vec<LogFile>, LogError>>()?;
    of_one_set(&mut logs);
    Ok(logs)
}

/// A part of a rotated set speaks as the others do, where its few lines do not tell.
fn of_one_set(logs: &mut [LogFile]) {
    for index in 0..logs.len() {
        if logs[index].dialect.is_none() && logs[index].len > 0 {
            let known = logs.iter().find(|log| log.dialect.is_some() && log.is_before(&logs[index]));
            logs[index].dialect = known.and_then(|log| log.dialect);
        }
    }
}

/// Standard input as a file: itself where it is one, else a copy.
fn spool() -> io::Result<File> {
    copy(io::stdin().lock())
}

/// Copies to a file that has no name any more.
fn copy(mut from: impl Read) -> io::Result<File> {
    let dir = std::env::temp_dir();
    let mut file = None;
    for attempt in 0..100u32 {
        let path = dir.join(format!(".mailvet-{}-{attempt}", std::process::id()));
        match File::options().read(true).write(true).create_new(true).open(&path) {
            Ok(made) => {
                // Where an open file cannot be deleted it stays until the system cleans up.
                let _ = std::fs::remove_file(&path);
                file = Some(made);
                break;
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(error),
        }
    }
    let mut file =
        file.ok_or_else(|| io::Error::other("no name is free in the folder for temporary files"))?;
    io::copy(&mut from, &mut file)?;
    Ok(file)
}

/// The name without its rotation mark, and a key that sorts old before new:
/// `mail.log.2.gz` < `mail.log.1` < `mail.log`; `mail.log-20240301` < `...0302`.
fn rotation(path: &Path) -> (PathBuf, i64) {
    let mut stem = path.to_path_buf();
    for packed in ["gz", "xz", "zst", "bz2", "lzma", "Z"] {
        if stem.extension().is_some_and(|e| e == packed) {
            stem.set_extension("");
        }
    }
    let Some(name) = stem.file_name().and_then(|name| name.to_str()).map(str::to_owned) else {
        return (stem, i64::MAX);
    };
    let split = name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (before, digits) = name.split_at(split);
    let base = before.strip_suffix(['.', '-', '_']);
    match (base, digits.parse::<i64>()) {
        (Some(base), Ok(number)) if !base.is_empty() && digits.len() <= 14 => {
            let key = if digits.len() >= 6 { number } else { i64::MAX - 1 - number };
            (stem.with_file_name(base), key)
        }
        _ => (stem, i64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotated_sets_sort_old_to_new() {
        let mut names = ["mail.log", "mail.log.1", "mail.log.10.gz", "mail.log.2.gz"];
        names.sort_by_key(|name| rotation(Path::new(name)));
        assert_eq!(names, ["mail.log.10.gz", "mail.log.2.gz", "mail.log.1", "mail.log"]);
        let mut dated = ["maillog", "maillog-20240310.xz", "maillog-20240303.xz"];
        dated.sort_by_key(|name| rotation(Path::new(name)));
        assert_eq!(dated, ["maillog-20240303.xz", "maillog-20240310.xz", "maillog"]);
    }
}
