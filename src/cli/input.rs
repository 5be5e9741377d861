//! Files the user names, read under a bound and with errors that say what to do.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::model::untrusted::Shown as _;
use anyhow::{Context as _, bail};

/// Largest message read; the largest a provider takes is 150 MB (Microsoft 365).
pub(super) const MAX_MESSAGE: u64 = 200 << 20;
/// Largest recording, zone file or settings read.
pub(super) const MAX_TEXT: u64 = 500 << 20;

/// The whole file, or standard input for `-`; `limit` in bytes.
pub(super) fn read(path: &Path, what: &str, limit: u64) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let shown = path.shown();
    if path == Path::new("-") {
        std::io::stdin()
            .lock()
            .take(limit + 1)
            .read_to_end(&mut bytes)
            .context("cannot read standard input")?;
    } else {
        let metadata = std::fs::metadata(path).with_context(|| format!("cannot read the {what} {shown}"))?;
        if metadata.is_dir() {
            bail!("{shown} is a folder; give a {what} file");
        }
        if metadata.len() > limit {
            bail!(
                "{shown} has {} bytes; a {what} has at most {limit}. Is it the right file?",
                metadata.len()
            );
        }
        let file =
            crate::gather::patience::open(path).with_context(|| format!("cannot read the {what} {shown}"))?;
        // One byte more, so that the end is seen without growing.
        bytes.reserve_exact(usize::try_from(metadata.len().saturating_add(1)).unwrap_or_default());
        file.take(limit + 1)
            .read_to_end(&mut bytes)
            .with_context(|| format!("cannot read the {what} {shown}"))?;
    }
    if bytes.len() as u64 > limit {
        bail!("{shown} has more than {limit} bytes; a {what} has at most that. Is it the right file?");
    }
    Ok(bytes)
}

/// A text file in UTF-8; a wrong byte is named by its line.
pub(super) fn read_text(path: &Path, what: &str) -> anyhow::Result<String> {
    let bytes = read(path, what, MAX_TEXT)?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count();
        anyhow::anyhow!("{}:{line}: this line is not UTF-8; save the {what} as UTF-8", path.shown())
    })
}

/// The files named, and all below the folders named, however deep, in the order given. A folder without a file is a
/// mistake; a file that cannot be read is told of by its reader, beside the rest.
pub(super) fn named(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let before = files.len();
        files_below(path, &mut files)?;
        if files.len() == before {
            bail!("the folder {} holds no file", path.shown());
        }
    }
    Ok(files)
}

/// Every file below `folder`, sorted; links to folders are not followed.
fn files_below(folder: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let mut todo = vec![folder.to_owned()];
    let from = files.len();
    while let Some(folder) = todo.pop() {
        let entries = std::fs::read_dir(&folder)
            .with_context(|| format!("cannot read the folder {}", folder.shown()))?;
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot read the folder {}", folder.shown()))?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                todo.push(entry.path());
            } else if entry.path().is_file() {
                files.push(entry.path());
            }
        }
    }
    if let Some(new) = files.get_mut(from..) {
        new.sort();
    }
    Ok(())
}
