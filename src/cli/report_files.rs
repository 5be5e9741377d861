//! Reports the user names, read in parallel and handed over in the order of
//! their names, a few files in memory at a time.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use rayon::prelude::*;

use super::input;
use crate::model::ReportSummary;
use crate::model::untrusted::Width;
use crate::parse::report::file::{self, Document};
use crate::parse::report::summary::Summing;

/// Files read before they are handed over, per thread.
const AHEAD: usize = 8;

/// One report of a file, or why there is none.
pub(super) struct Item {
    /// The file, and the part of it.
    pub file: String,
    pub result: Result<Document, String>,
}

/// Hands every report below `paths` to `take`.
pub(super) fn read(
    paths: &[PathBuf],
    jobs: Option<usize>,
    take: &mut dyn FnMut(Item) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let files = files(paths)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.unwrap_or(0)).build()?;
    for chunk in files.chunks(AHEAD * pool.current_num_threads()) {
        let read: Vec<Vec<Item>> = pool.install(|| chunk.par_iter().map(|path| one_file(path)).collect());
        for item in read.into_iter().flatten() {
            take(item)?;
        }
    }
    Ok(())
}

/// The reports added up; a file that holds none is the user's mistake only where all are so.
pub(super) fn summary(
    paths: &[PathBuf],
    jobs: Option<usize>,
    note: &dyn Fn(&str),
) -> anyhow::Result<ReportSummary> {
    let mut sum = Summing::default();
    let mut first = None;
    read(paths, jobs, &mut |item| {
        sum.add(&item.result);
        if let Err(why) = &item.result {
            let text = format!("{}: {why}", item.file);
            note(&format!("note: {}", crate::render::escape::terminal(&text)));
            first.get_or_insert(text);
        }
        Ok(())
    })?;
    let summary = sum.summary;
    if let (Some(first), true) =
        (first, summary.reports == 0 && summary.tls.is_empty() && summary.complaints == 0)
    {
        bail!(
            "no report could be read; the first: {}",
            crate::model::untrusted::plain(&first, Width::Record)
        );
    }
    Ok(summary)
}

fn one_file(path: &Path) -> Vec<Item> {
    let name = path.display().to_string();
    let mut items = Vec::new();
    match input::read(path, "report", input::MAX_TEXT) {
        Ok(bytes) => file::read(&name, &bytes, &mut |file, result| {
            items.push(Item { file: file.to_owned(), result });
        }),
        Err(error) => items.push(Item { file: name, result: Err(format!("{error:#}")) }),
    }
    items
}

/// The files named, and those below the folders named, sorted folder by folder.
fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = files.len();
            input::files_below(path, &mut files)?;
            if files.len() == before {
                bail!("the folder {} holds no file", path.display());
            }
        } else if path == Path::new("-") || path.exists() {
            files.push(path.clone());
        } else {
            std::fs::metadata(path).with_context(|| format!("cannot read the report {}", path.display()))?;
        }
    }
    Ok(files)
}
