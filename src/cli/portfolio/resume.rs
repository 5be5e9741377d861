//! The file that a run writes to as it goes, and that a later run goes on with.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::Deserialize;

use crate::model::Name;
use crate::model::untrusted::Shown as _;
use crate::render::json;

/// A report has some hundred thousand bytes; a hostile domain's may have many more.
const LONGEST_LINE: u64 = 256 << 20;

/// A file that only this run writes to.
#[derive(Debug)]
pub(super) struct Target {
    path: PathBuf,
    file: File,
    /// Bytes of whole lines, which stay.
    whole: u64,
}

impl Target {
    /// Opens the file and changes nothing in it.
    pub(super) fn open(path: &Path) -> anyhow::Result<Target> {
        let shown = path.shown();
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .with_context(|| format!("cannot write {shown}"))?;
        if let Err(std::fs::TryLockError::WouldBlock) = file.try_lock() {
            bail!("{shown} is being written by another run of mailvet; wait for it or name another file");
        }
        Ok(Target { path: path.to_owned(), file, whole: 0 })
    }

    /// The domains that have a whole line in the file.
    ///
    /// # Errors
    /// Where a line is no report of a domain: the file is then something else.
    pub(super) fn done(&mut self) -> anyhow::Result<HashSet<Name>> {
        let shown = self.path.shown();
        let mut done = HashSet::new();
        let mut reader = BufReader::with_capacity(1 << 20, &self.file);
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let read = (&mut reader)
                .take(LONGEST_LINE)
                .read_until(b'\n', &mut line)
                .with_context(|| format!("cannot read {shown}"))?;
            let other = || {
                anyhow::anyhow!(
                    "{shown}:{number}: this line is no report of a domain, so the file is no output of \
                     mailvet portfolio; it is left as it is. Name another file with --output"
                )
            };
            if line.last() != Some(&b'\n') {
                // What a killed run began is known by its first bytes.
                let head = json::portfolio::head();
                let same = head.as_bytes().iter().zip(&line).all(|(expected, found)| expected == found);
                return if same && (read as u64) < LONGEST_LINE { Ok(done) } else { Err(other()) };
            }
            let head: Head = serde_json::from_slice(&line).map_err(|_| other())?;
            if head.schema != json::v1::AUDIT {
                return Err(other());
            }
            done.insert(head.target.domain);
            self.whole += read as u64;
        }
        Ok(done)
    }

    /// Cuts off what is no whole line, and goes to the end.
    pub(super) fn into_file(mut self) -> anyhow::Result<File> {
        let shown = self.path.shown();
        let ready = self.file.set_len(self.whole).and_then(|()| self.file.seek(SeekFrom::End(0)));
        ready.with_context(|| format!("cannot write {shown}"))?;
        Ok(self.file)
    }
}

/// What a line's domain is known by; the rest is only read as JSON.
#[derive(Deserialize)]
struct Head {
    schema: String,
    target: Domain,
}

#[derive(Deserialize)]
struct Domain {
    domain: Name,
}
