//! Reports the user names, read in parallel and handed over in the order of
//! their names, a few files in memory at a time.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use rayon::prelude::*;

use super::global_args::GlobalArgs;
use super::input;
use crate::model::ReportSummary;
use crate::model::untrusted::Shown as _;
use crate::model::untrusted::Width;
use crate::parse::report::file::{self, Document, Unread};
use crate::parse::report::summary::Summing;

/// Files read before they are handed over, per thread.
const AHEAD: usize = 8;

/// One report of a file, or why there is none.
pub(super) struct Item {
    /// The file, and the part of it.
    pub file: String,
    /// True where the file itself could not be read: what it holds is unknown.
    pub unread: bool,
    pub result: Result<Document, Unread>,
}

/// Hands every report of the files to `take`.
pub(super) fn read(
    files: &[PathBuf],
    global: &GlobalArgs,
    take: &mut dyn FnMut(Item) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(global.threads(256)).build()?;
    for chunk in files.chunks(AHEAD * pool.current_num_threads()) {
        let read: Vec<Vec<Item>> = pool.install(|| chunk.par_iter().map(|path| one_file(path)).collect());
        for item in read.into_iter().flatten() {
            take(item)?;
        }
    }
    Ok(())
}

/// The reports added up; a file that holds none is the user's mistake only where all are so. One that cannot be read
/// ends the run: sums over the rest would flatter.
pub(super) fn summary(
    paths: &[PathBuf],
    global: &GlobalArgs,
    note: &dyn Fn(&str),
) -> anyhow::Result<ReportSummary> {
    let mut sum = Summing::default();
    let mut first = None;
    read(&files(paths)?, global, &mut |item| {
        sum.add(&item.result);
        if let Err(why) = &item.result {
            if item.unread {
                bail!("{why}");
            }
            let text = format!("{}: {why}", item.file);
            note(&format!("note: {}", crate::render::escape::terminal(&text)));
            first.get_or_insert(text);
        }
        Ok(())
    })?;
    let summary = sum.summary;
    if let (Some(first), true) = (
        first,
        summary.reports == 0
            && summary.tls.is_empty()
            && summary.complaints == 0
            && summary.figures.is_empty(),
    ) {
        bail!(
            "no report could be read; the first: {}",
            crate::model::untrusted::plain(&first, Width::Record)
        );
    }
    Ok(summary)
}

fn one_file(path: &Path) -> Vec<Item> {
    let name = path.shown();
    let mut items = Vec::new();
    match input::read(path, "report", input::MAX_TEXT) {
        Ok(bytes) => file::read(&name, &bytes, &mut |file, result| {
            items.push(Item { file: file.to_owned(), unread: false, result });
        }),
        Err(error) => items.push(Item {
            file: name,
            unread: true,
            result: Err(Unread { why: format!("{error:#}"), is_lost: true }),
        }),
    }
    items
}

/// The files that the paths name. A path that is not there is refused before anything is read or written.
pub(super) fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    for path in paths.iter().filter(|path| path.as_path() != Path::new("-")) {
        std::fs::metadata(path).with_context(|| format!("cannot read the report {}", path.shown()))?;
    }
    input::named(paths)
}
