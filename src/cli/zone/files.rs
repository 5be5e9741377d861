//! Zone files from the paths given: a file, a folder, standard input, or a commit.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context as _, bail};

use super::split;
use crate::cli::input;
use crate::gather::zonefile::{parse_source, split_origin};
use crate::model::untrusted::Shown as _;
use crate::model::{Location, Name, Rdata};
use crate::parse::zone::Parsed;
use crate::parse::zone::foreign::{self, Format};

/// Files of one folder at most; more is no repository of zones.
const MOST_FILES: usize = 100_000;
/// Files of Terraform in one folder.
const MOST_TF_FILES: usize = 1000;
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

impl ZoneInput {
    /// The same zone after its file is gone.
    pub(super) fn emptied(&self) -> ZoneInput {
        ZoneInput { parsed: Arc::new(self.parsed.emptied(&self.file)), ..self.clone() }
    }

    /// Nothing is written there: no line of it can be wrong.
    pub(super) fn is_without_text(&self) -> bool {
        self.parsed.sources.iter().all(|source| source.bytes.is_empty())
    }
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
    /// The `.tf` files that a plan in this folder may have been made of; `folder` is relative to it.
    fn terraform(&self, _beside: &Path, _folder: &str) -> Vec<(String, Vec<u8>)> {
        Vec::new()
    }
}

/// The files of this machine, shown relative to a root.
pub(super) struct Disk {
    pub root: PathBuf,
}

impl Disk {
    /// Paths shown relative to this folder, else to the repository's, else to the working one.
    pub(super) fn at(root: Option<&Path>) -> anyhow::Result<Disk> {
        if let Some(root) = root {
            let root = root.canonicalize().with_context(|| format!("--root {}", root.shown()))?;
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

    /// Regular files below the root only: a proposed module must not lead out of the repository.
    fn terraform(&self, beside: &Path, folder: &str) -> Vec<(String, Vec<u8>)> {
        let folder = beside.join(folder);
        let named = if folder.as_os_str().is_empty() { Path::new(".") } else { &folder };
        let is_inside = named.canonicalize().is_ok_and(|real| real.starts_with(&self.root));
        let Some(entries) = std::fs::read_dir(named).ok().filter(|_| is_inside) else { return Vec::new() };
        let is_file = |entry: &std::fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_file());
        let mut names: Vec<PathBuf> = entries
            .flatten()
            .filter(is_file)
            .map(|entry| folder.join(entry.file_name()))
            .filter(|path| path.extension().is_some_and(|ending| ending == "tf"))
            .collect();
        names.sort();
        names.truncate(MOST_TF_FILES);
        let read = |path: PathBuf| {
            let bytes = input::read(&path, "file of Terraform", input::MAX_TEXT).ok()?;
            Some((path.to_string_lossy().into_owned(), bytes))
        };
        names.into_iter().filter_map(read).collect()
    }
}

/// Regular files that are not hidden; links are not followed, since they may lead anywhere.
fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.shown()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot read {}", folder.shown()))?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if depth == DEEPEST {
                bail!("{} lies deeper than {DEEPEST} folders: name that folder itself", entry.path().shown());
            }
            walk(&entry.path(), depth + 1, files)?;
        } else if kind.is_file() {
            if files.len() == MOST_FILES {
                bail!("{} holds more than {MOST_FILES} files: name the folders of the zones", folder.shown());
            }
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
    /// Paths that this machine does not have, each with its error, which is among the errors too.
    pub missing: Vec<(String, String)>,
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
                let error = format!("{error:#}");
                if file != "-" && !Path::new(file).exists() {
                    inputs.missing.push((given.clone(), error.clone()));
                }
                inputs.errors.push(error);
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
        let (mut found, parts) = match self.format {
            None | Some(Format::Octodns) => self.split(&files, inputs),
            Some(_) => (Vec::new(), BTreeSet::new()),
        };
        for path in files.into_iter().filter(|path| !parts.contains(path)) {
            let bytes = match self.store.read(&path) {
                Ok(bytes) => bytes,
                Err(error) => {
                    inputs.errors.push(format!("{error:#}"));
                    continue;
                }
            };
            if looks_like_text(&bytes) {
                match self.parsed(&path, &self.store.shown(&path), &bytes, None, false) {
                    Ok(zones) => found.extend(zones),
                    Err(error) => inputs.errors.push(format!("{error:#}")),
                }
            }
        }
        // A file that another one includes is no zone of its own.
        let included: BTreeSet<String> = found
            .iter()
            .filter(|zone| zone.format.is_master())
            .flat_map(|zone| zone.parsed.sources.iter().skip(1).map(|source| source.file.to_string()))
            .collect();
        inputs.zones.extend(found.into_iter().filter(|zone| {
            zone.parsed.sources.first().is_none_or(|source| !included.contains(&*source.file))
        }));
        Ok(())
    }

    /// The zones that stand in folders of their own, and the files that belong to them.
    fn split(&self, files: &[PathBuf], inputs: &mut Inputs) -> (Vec<ZoneInput>, BTreeSet<PathBuf>) {
        let (mut found, mut taken) = (Vec::new(), BTreeSet::new());
        for group in split::groups(files) {
            let read = |path: &PathBuf| {
                self.store.read(path).map(|bytes| (path.to_string_lossy().into_owned(), bytes))
            };
            let parts: Vec<(String, Vec<u8>)> =
                match group.files.iter().map(read).collect::<anyhow::Result<_>>() {
                    Ok(parts) => parts,
                    // Without one of its files nothing can be said of the zone.
                    Err(error) => {
                        inputs.errors.push(format!("{error:#}"));
                        taken.extend(group.files);
                        continue;
                    }
                };
            let (parsed, errors) = foreign::read_split(&group.zone, &parts);
            inputs.errors.extend(errors);
            found.extend(parsed.zip(group.files.first()).map(|(parsed, first)| ZoneInput {
                parsed: Arc::new(parsed),
                file: self.store.shown(first),
                origin: group.zone.clone(),
                format: Format::Octodns,
            }));
            taken.extend(group.files);
        }
        (found, taken)
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
        if format.is_master() {
            let zone = self.master(path, shown, (format, bytes), origin, is_named)?;
            return Ok(zone.into_iter().collect());
        }
        let stem = foreign::origin_of_file_name(path.to_str().unwrap_or_default());
        let given = origin.cloned().or(stem);
        let beside = path.parent().unwrap_or(Path::new(""));
        let mut files = |folder: &str| self.store.terraform(beside, folder);
        let read = match self.is_earlier && format == Format::Terraform {
            true => foreign::read_before(&path.to_string_lossy(), bytes),
            false => foreign::read(format, &path.to_string_lossy(), bytes, given.as_ref(), &mut files),
        };
        let zones = match read {
            Ok(zones) => zones,
            // Of the files in a folder those that hold no records are none of ours.
            Err(_) if !is_named && !types_records(bytes) => return Ok(Vec::new()),
            Err(why) => bail!("{shown}: {why}"),
        };
        let input = |parsed: Parsed| {
            let origin = parsed.zone.origin()?.clone();
            Some(ZoneInput { parsed: Arc::new(parsed), file: shown.to_owned(), origin, format })
        };
        Ok(zones.into_iter().filter_map(input).collect())
    }

    /// The zone of a master file.
    fn master(
        &self,
        path: &Path,
        shown: &str,
        (format, bytes): (Format, &[u8]),
        origin: Option<&Name>,
        is_named: bool,
    ) -> anyhow::Result<Option<ZoneInput>> {
        let is_zone = is_named || is_zone_like(bytes) || is_named_as_zone(path) && has_entries(bytes);
        if !is_zone {
            return Ok(None);
        }
        let mut origin = origin.cloned().or(foreign::stated_origin(format, bytes));
        let text = foreign::prepared(format, bytes);
        let parse = |origin: Option<&Name>| {
            let mut read = |path: &Path| self.store.read(path);
            parse_source(&path.to_string_lossy(), &text, origin, &mut read)
        };
        let mut parsed = parse(origin.as_ref());
        let name = path.to_str().unwrap_or_default();
        if parsed.zone.origin().is_none_or(Name::is_root) {
            origin = foreign::origin_of_file_name(name);
            parsed = parse(origin.as_ref());
        }
        let like = foreign::detect(name, bytes);
        if is_named && !like.is_master() && parsed.errors().next().is_some() {
            bail!("{shown} is no {} file\n  this looks like {1}: --input {1}", format.name(), like.name());
        }
        let Some(origin) = parsed.zone.origin().filter(|origin| !origin.is_root()).cloned() else {
            if is_named {
                bail!(
                    "{shown} does not say which zone it is; begin it with `$ORIGIN example.com.` or give example.com={shown}"
                );
            }
            return Ok(None);
        };
        Ok(Some(ZoneInput { parsed: Arc::new(parsed), file: shown.to_owned(), origin, format }))
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

/// Types that every zone holds some of, and few words of other files are.
const TYPES: [&str; 7] = ["A", "AAAA", "MX", "TXT", "CNAME", "NS", "SRV"];

/// Whether a line says the type of a record, as YAML and JSON write it: `type: TXT`, `"Type": "MX"`.
fn types_records(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(64 << 10)]);
    let words = text.split(|sign: char| !sign.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut before = "";
    words.into_iter().any(|word| {
        let is_typed = before.eq_ignore_ascii_case("type") && TYPES.contains(&word);
        before = word;
        is_typed
    })
}

/// Whether a line of a master file has an owner, a type and data.
fn has_entries(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(64 << 10)]);
    text.lines().any(|line| {
        let words: Vec<&str> = line.split_ascii_whitespace().take(6).collect();
        let at = words.iter().position(|word| TYPES.iter().any(|known| known.eq_ignore_ascii_case(word)));
        at.is_some_and(|at| at + 1 < words.len())
    })
}

/// `example.com.zone`, `db.example.com`: the endings that people give to zone files alone.
fn is_named_as_zone(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    name.starts_with("db.") || [".zone", ".hosts", ".bind"].iter().any(|ending| name.ends_with(ending))
}

/// The line of the zone's SOA record, else the first record's.
pub(super) fn soa_place(zone: &ZoneInput) -> Location {
    let records = zone.parsed.zone.records();
    let soa = records.iter().find(|record| matches!(record.rdata, Rdata::Soa { .. }));
    let line = soa.or(records.first()).map_or(1, |record| record.place.line);
    let file = soa.or(records.first()).map_or(zone.file.clone(), |record| record.place.file.to_string());
    Location { file, line }
}
