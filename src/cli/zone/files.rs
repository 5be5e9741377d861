//! Zone files from the paths given: a file, a folder, standard input, or a commit.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context as _, bail};

use crate::cli::input;
use crate::gather::zonefile::{parse_source, split_origin};
use crate::model::{Location, Name, Rdata};
use crate::parse::zone::Parsed;
use crate::parse::zone::foreign::{self, Format};

/// Files of one folder at most; more is no repository of zones.
const MOST_FILES: usize = 100_000;
/// Folders within folders.
const DEEPEST: usize = 32;

/// A zone that was read.
#[derive(Clone)]
pub(super) struct ZoneInput {
    pub parsed: Arc<Parsed>,
    /// As reports show it.
    pub file: String,
    pub origin: Name,
    pub format: Format,
}

/// Where files are read from: the disk, or a commit.
pub(super) trait Store {
    /// # Errors
    /// The file cannot be read.
    fn read(&self, path: &Path) -> anyhow::Result<Vec<u8>>;
    /// Regular files below a folder, `None` where the path is none.
    ///
    /// # Errors
    /// The folder cannot be read.
    fn below(&self, path: &Path) -> anyhow::Result<Option<Vec<PathBuf>>>;
    /// The path as reports show it.
    fn shown(&self, path: &Path) -> String;
}

/// The files of this machine, shown relative to a root.
pub(super) struct Disk {
    pub root: PathBuf,
}

impl Disk {
    /// Paths shown relative to this folder, else to the repository's, else to the working one.
    pub(super) fn at(root: Option<&Path>) -> anyhow::Result<Disk> {
        if let Some(root) = root {
            let root = root.canonicalize().with_context(|| format!("--root {}", root.display()))?;
            return Ok(Disk { root });
        }
        let here = std::env::current_dir().context("this folder cannot be found")?;
        let top = Command::new("git").args(["rev-parse", "--show-toplevel"]).output().ok();
        let top = top.filter(|output| output.status.success());
        let top = top.map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end()));
        let root = top.unwrap_or(here);
        Ok(Disk { root: root.canonicalize().unwrap_or(root) })
    }
}

impl Store for Disk {
    fn read(&self, path: &Path) -> anyhow::Result<Vec<u8>> {
        input::read(path, "zone file", input::MAX_TEXT)
    }

    fn below(&self, path: &Path) -> anyhow::Result<Option<Vec<PathBuf>>> {
        if !path.is_dir() {
            return Ok(None);
        }
        let mut files = Vec::new();
        walk(path, 0, &mut files)?;
        files.sort();
        Ok(Some(files))
    }

    fn shown(&self, path: &Path) -> String {
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let relative = real.strip_prefix(&self.root).map(Path::to_owned);
        relative.unwrap_or_else(|_| path.to_owned()).to_string_lossy().replace('\\', "/")
    }
}

/// Regular files that are not hidden; links are not followed, since they may lead anywhere.
fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot read {}", folder.display()))?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() && depth < DEEPEST {
            walk(&entry.path(), depth + 1, files)?;
        } else if kind.is_file() && files.len() < MOST_FILES {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// What was read of the paths, and what of them could not be.
#[derive(Default)]
pub(super) struct Inputs {
    pub zones: Vec<ZoneInput>,
    pub errors: Vec<String>,
}

/// How to read what the paths name.
pub(super) struct Reading<'s> {
    pub store: &'s dyn Store,
    /// `--input`.
    pub format: Option<Format>,
    /// `--path-as`: the name of standard input.
    pub path_as: &'s str,
    /// Of a plan, the state that it starts from.
    pub is_earlier: bool,
}

impl Reading<'_> {
    /// Reads `[ORIGIN=]FILE`, folders and `-`. What cannot be read is an error beside the rest.
    pub(super) fn all(&self, paths: &[String]) -> Inputs {
        let mut inputs = Inputs::default();
        for given in paths {
            let (origin, file) = split_origin(given);
            if let Err(error) = self.one(origin.as_ref(), file, &mut inputs) {
                inputs.errors.push(format!("{error:#}"));
            }
        }
        inputs
    }

    fn one(&self, origin: Option<&Name>, file: &str, inputs: &mut Inputs) -> anyhow::Result<()> {
        if file == "-" {
            let mut bytes = Vec::new();
            let limit = u64::try_from(crate::parse::zone::MAX_SOURCE)? + 1;
            std::io::stdin()
                .lock()
                .take(limit)
                .read_to_end(&mut bytes)
                .context("cannot read standard input")?;
            inputs.zones.extend(self.parsed(Path::new(self.path_as), self.path_as, &bytes, origin, true)?);
            return Ok(());
        }
        let path = Path::new(file);
        let Some(files) = self.store.below(path)? else {
            let bytes = self.store.read(path)?;
            inputs.zones.extend(self.parsed(path, &self.store.shown(path), &bytes, origin, true)?);
            return Ok(());
        };
        let mut found = Vec::new();
        for path in files {
            let Ok(bytes) = self.store.read(&path) else { continue };
            if looks_like_text(&bytes) {
                found.extend(self.parsed(&path, &self.store.shown(&path), &bytes, None, false)?);
            }
        }
        // A file that another one includes is no zone of its own.
        let included: BTreeSet<String> = found
            .iter()
            .flat_map(|zone| zone.parsed.sources.iter().skip(1).map(|source| source.file.to_string()))
            .collect();
        inputs.zones.extend(found.into_iter().filter(|zone| {
            zone.parsed.sources.first().is_none_or(|source| !included.contains(&*source.file))
        }));
        Ok(())
    }

    /// The zones of one file; none where a file of a folder is no zone.
    fn parsed(
        &self,
        path: &Path,
        shown: &str,
        bytes: &[u8],
        origin: Option<&Name>,
        is_named: bool,
    ) -> anyhow::Result<Vec<ZoneInput>> {
        let format = self.format.unwrap_or_else(|| foreign::detect(path.to_str().unwrap_or_default(), bytes));
        let stem = foreign::origin_of_file_name(path.to_str().unwrap_or_default());
        if format.is_master() {
            if !is_named && !is_zone_like(bytes) {
                return Ok(Vec::new());
            }
            let stated = foreign::stated_origin(format, bytes);
            let mut origin = origin.cloned().or(stated);
            let text = foreign::prepared(format, bytes);
            let parse = |origin: Option<&Name>| {
                let mut read = |path: &Path| self.store.read(path);
                parse_source(&path.to_string_lossy(), &text, origin, &mut read)
            };
            let mut parsed = parse(origin.as_ref());
            if parsed.zone.origin().is_none() || parsed.zone.origin().is_some_and(Name::is_root) {
                origin = stem;
                parsed = parse(origin.as_ref());
            }
            let Some(origin) = parsed.zone.origin().filter(|origin| !origin.is_root()).cloned() else {
                if is_named {
                    bail!(
                        "{shown} does not say which zone it is; begin it with `$ORIGIN example.com.` or give example.com={shown}"
                    );
                }
                return Ok(Vec::new());
            };
            return Ok(vec![ZoneInput { parsed: Arc::new(parsed), file: shown.to_owned(), origin, format }]);
        }
        let given = origin.cloned().or(stem);
        let read = match self.is_earlier && format == Format::Terraform {
            true => foreign::read_before(&path.to_string_lossy(), bytes),
            false => foreign::read(format, &path.to_string_lossy(), bytes, given.as_ref()),
        };
        let zones = match read {
            Ok(zones) => zones,
            Err(_) if !is_named => return Ok(Vec::new()),
            Err(why) => bail!("{shown}: {why}"),
        };
        let input = |parsed: Parsed| {
            let origin = parsed.zone.origin()?.clone();
            Some(ZoneInput { parsed: Arc::new(parsed), file: shown.to_owned(), origin, format })
        };
        Ok(zones.into_iter().filter_map(input).collect())
    }
}

fn looks_like_text(bytes: &[u8]) -> bool {
    !bytes.is_empty() && !bytes[..bytes.len().min(4096)].contains(&0)
}

/// A word that only zone files have at the start of a line or after an owner.
fn is_zone_like(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(64 << 10)]);
    text.lines().take(400).any(|line| {
        let line = line.split(';').next().unwrap_or_default();
        let words: Vec<&str> = line.split_ascii_whitespace().take(5).collect();
        let directive = words
            .first()
            .is_some_and(|word| word.eq_ignore_ascii_case("$ORIGIN") || word.eq_ignore_ascii_case("$TTL"));
        directive || words.iter().any(|word| word.eq_ignore_ascii_case("SOA"))
    })
}

/// The line of the zone's SOA record, else the first record's.
pub(super) fn soa_place(zone: &ZoneInput) -> Location {
    let records = zone.parsed.zone.records();
    let soa = records.iter().find(|record| matches!(record.rdata, Rdata::Soa { .. }));
    let line = soa.or(records.first()).map_or(1, |record| record.place.line);
    let file = soa.or(records.first()).map_or(zone.file.clone(), |record| record.place.file.to_string());
    Location { file, line }
}
