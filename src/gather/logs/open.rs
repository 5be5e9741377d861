//! Finds, unpacks and orders log files. Rotated sets are read oldest first.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use thiserror::Error;

use super::packing::Packing;
use super::{spool, utf16};
use crate::gather::patience;
use crate::model::untrusted::Shown as _;
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
    /// See [`LogFile::unread`].
    pub(super) lost: Arc<Lost>,
    head: Vec<u8>,
}

const HEAD: usize = 256 << 10;

/// What of a log never came to the one who reads it; noted where it is met, asked for once all was read.
#[derive(Debug, Default)]
pub(super) struct Lost {
    /// Octets that were there at opening and gone at reading.
    missing: AtomicU64,
    /// What stopped the reading.
    damage: OnceLock<String>,
}

impl Lost {
    /// The file ended before its length at opening. Of several readers, the first to miss something misses most.
    pub(super) fn ended_early(&self, missing: u64) {
        self.missing.fetch_max(missing, Ordering::Relaxed);
    }

    pub(super) fn damaged(&self, error: &io::Error) {
        self.damage.get_or_init(|| error.to_string());
    }
}

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
            lost: Arc::default(),
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
        let whole = Whole { file: self.file()?, left: self.len, lost: self.lost.clone() };
        let file = BufReader::with_capacity(256 << 10, whole);
        Ok(match self.packing {
            Packing::Plain => Box::new(file),
            Packing::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(file)),
            Packing::Xz => Box::new(xz2::bufread::XzDecoder::new_multi_decoder(file)),
            Packing::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(file)?),
            Packing::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(file)),
        })
    }

    /// All of it, unpacked, where that is no more than `limit` bytes.
    ///
    /// # Errors
    /// Where the file cannot be read, or is larger.
    pub fn whole(&self, limit: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.stored()?.take(limit + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            return Err(io::Error::other(format!("larger than {limit} bytes, and no mail log: not read")));
        }
        Ok(bytes)
    }

    /// Whether the two are parts of one rotated set.
    pub(super) fn is_before(&self, other: &LogFile) -> bool {
        rotation(Path::new(&self.name)).0 == rotation(Path::new(&other.name)).0
            && !matches!((&self.source, &other.source), (Source::Spool(_), _) | (_, Source::Spool(_)))
    }

    /// What of the log is unknown, and what to do: the file was cut while it was read, or is damaged. `None`
    /// where all of it was read, or not all was needed.
    pub fn unread(&self) -> Option<String> {
        let (name, missing) = (&self.name, self.lost.missing.load(Ordering::Relaxed));
        if missing > 0 {
            return Some(format!(
                "{name}: the last {missing} of {} octets were gone when they were read: the file was cut meanwhile, and \
                 what stood there is unknown; give the rotated file too",
                self.len
            ));
        }
        let damage = self.lost.damage.get()?;
        Some(match self.packing {
            Packing::Plain => format!(
                "{name}: read only in part: {damage}; what stands behind is unknown, give a whole copy"
            ),
            packing => format!(
                "{name}: read only in part: damaged {} data: {damage}; what stands behind is unknown, give a whole copy",
                packing.name()
            ),
        })
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

/// The file as far as it went at opening; notes where it ends before that.
struct Whole {
    file: File,
    left: u64,
    lost: Arc<Lost>,
}

impl Read for Whole {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let count = self.file.read(buffer.get_mut(..most).unwrap_or_default())?;
        if count == 0 && most > 0 {
            self.lost.ended_early(self.left);
        }
        self.left -= count as u64;
        Ok(count)
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
        let name = path.shown();
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
            found.extend(inside.into_iter().map(|path| (path.shown(), Source::Path(path))));
        } else {
            let meta = std::fs::metadata(path).map_err(unreadable)?;
            // A pipe can be read once only.
            let source = if meta.is_file() {
                Source::Path(path.clone())
            } else {
                Source::Spool(patience::open(path).and_then(spool::copy).map_err(unreadable)?)
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

/// Standard input, so that it can be read again.
fn spool() -> io::Result<File> {
    spool::copy(io::stdin().lock())
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
