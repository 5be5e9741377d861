//! The earlier state that zone files are compared with: a commit, a file, a folder, what is
//! live, or a recording.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context as _, bail};

use super::files::{Disk, Inputs, Reading, Store, ZoneInput};
use crate::cli::input;
use crate::evidence::{self, Evidence};
use crate::gather::zonefile::split_origin;
use crate::model::untrusted::Width;
use crate::parse::zone::foreign::{self, Format};

/// The earlier state.
pub(super) enum Earlier {
    Zones(Vec<ZoneInput>),
    /// What the DNS answers now.
    Live,
    Recording(Box<Evidence>),
}

/// Finds out what `--against` names and reads it. `paths` are those of the new side.
pub(super) fn read(
    given: &str,
    paths: &[String],
    format: Option<Format>,
    root: &Path,
) -> anyhow::Result<Earlier> {
    if given == "live" {
        return Ok(Earlier::Live);
    }
    let (_, file) = split_origin(given);
    let path = Path::new(file);
    if path.exists() {
        if path.is_file()
            && let Ok(text) = String::from_utf8(input::read(path, "earlier state", input::MAX_TEXT)?)
            && text.trim_start().starts_with('{')
            && text.contains(evidence::FORMAT)
        {
            return Ok(Earlier::Recording(Box::new(evidence::load(file, &text)?)));
        }
        let store = Disk { root: root.to_owned() };
        return zones(&store, &[given.to_owned()], format, paths);
    }
    let (revision, only) = match given.split_once(':') {
        Some((revision, path)) => (revision, Some(path.to_owned())),
        None => (given, None),
    };
    let store = Commit::open(revision)?;
    let wanted: Vec<String> = match only {
        Some(path) => vec![format!("{}{path}", store.mark())],
        None => paths.iter().map(|path| format!("{}{}", store.mark(), store.relative(path))).collect(),
    };
    zones(&store, &wanted, format, paths)
}

fn zones(
    store: &dyn Store,
    wanted: &[String],
    format: Option<Format>,
    new: &[String],
) -> anyhow::Result<Earlier> {
    let reading = Reading { store, format, path_as: "-", is_earlier: true };
    let mut all = Inputs::default();
    for (at, path) in wanted.iter().enumerate() {
        // The origin named for the new file is the old one's too.
        let origin =
            new.get(if wanted.len() == new.len() { at } else { 0 }).map(|given| split_origin(given).0);
        let named = split_origin(path).0.is_none();
        let given = match origin.flatten().filter(|_| named) {
            Some(origin) => format!("{origin}={path}"),
            None => path.clone(),
        };
        match reading.all(std::slice::from_ref(&given)) {
            inputs if inputs.errors.is_empty() => all.zones.extend(inputs.zones),
            // A file that the earlier state does not have is new.
            inputs if store.below(Path::new(split_origin(path).1)).is_err() => drop(inputs),
            inputs => all.errors.extend(inputs.errors),
        }
    }
    if let Some(error) = all.errors.first() {
        bail!("the earlier state cannot be read: {error}");
    }
    Ok(Earlier::Zones(all.zones))
}

/// Paths of now that are gone: a change that takes them away where the earlier state has zones
/// there, else a mistake. Where no zone is left, each of the earlier ones stands there empty.
pub(super) fn miss(inputs: &mut Inputs, earlier: Option<&Earlier>) {
    let before: &[ZoneInput] = match earlier {
        Some(Earlier::Zones(zones)) => zones,
        _ => &[],
    };
    for (path, error) in std::mem::take(&mut inputs.missing) {
        if before.iter().any(|zone| is_at_or_below(&zone.file, &path)) {
            inputs.errors.retain(|told| *told != error);
        }
    }
    if inputs.zones.is_empty() && inputs.errors.is_empty() {
        inputs.zones.extend(before.iter().map(ZoneInput::emptied));
    }
}

/// Whether a file, as the repository names it, is the path given in some folder of it or below.
fn is_at_or_below(file: &str, given: &str) -> bool {
    let path = split_origin(given).1.trim_start_matches("./").trim_end_matches('/');
    let (file, path) = (format!("/{file}/"), format!("/{path}/"));
    path.len() > 2 && file.contains(&path)
}

/// Change batches made on the listings that they are compared with: what a batch does not name stays.
pub(super) fn apply_batches(zones: &mut [ZoneInput], before: &[ZoneInput]) {
    let is_whole = |zone: &&ZoneInput| {
        zone.format == Format::Route53 && zone.parsed.zone.lost().iter().all(|lost| lost.owner.is_some())
    };
    let mut listings: Vec<&ZoneInput> = before.iter().filter(is_whole).collect();
    listings.sort_by_key(|zone| std::cmp::Reverse(zone.origin.label_count()));
    for zone in zones.iter_mut().filter(|zone| zone.format == Format::Route53) {
        let Some(source) = zone.parsed.sources.first() else { continue };
        let of = |listing: &&ZoneInput| {
            let made = foreign::applied(&source.file, &source.bytes, &listing.parsed)?;
            Some((listing.origin.clone(), made))
        };
        if let Some((origin, made)) = listings.iter().find_map(of) {
            zone.origin = origin;
            zone.parsed = Arc::new(made);
        }
    }
}

/// The files of one commit of the repository around this folder.
struct Commit {
    revision: String,
    top: PathBuf,
    /// This folder within the repository, with a final slash, or empty.
    prefix: String,
}

impl Commit {
    fn open(revision: &str) -> anyhow::Result<Commit> {
        let shown = crate::model::untrusted::plain(revision, Width::Name);
        if revision.starts_with('-') || revision.is_empty() {
            bail!("--against {shown}: no such file, folder or commit");
        }
        let top = git(Path::new("."), &["rev-parse", "--show-toplevel"]).with_context(|| {
            format!("--against {shown}: no such file, and this folder is in no git repository")
        })?;
        let top = PathBuf::from(String::from_utf8_lossy(&top).trim_end());
        let prefix = git(Path::new("."), &["rev-parse", "--show-prefix"])?;
        let prefix = String::from_utf8_lossy(&prefix).trim_end().to_owned();
        let name = format!("{revision}^{{commit}}");
        let id = git(&top, &["rev-parse", "--verify", "--quiet", "--end-of-options", &name])
            .with_context(|| format!("--against {shown}: no such file, folder or commit"))?;
        Ok(Commit { revision: String::from_utf8_lossy(&id).trim_end().to_owned(), top, prefix })
    }

    /// A path given in this folder, as the repository names it.
    fn relative(&self, given: &str) -> String {
        let (_, file) = split_origin(given);
        let joined = match Path::new(file).strip_prefix(&self.top) {
            Ok(inside) => inside.to_owned(),
            Err(_) => Path::new(&self.prefix).join(file),
        };
        let mut parts: Vec<String> = Vec::new();
        for part in joined.components() {
            match part {
                std::path::Component::Normal(name) => parts.push(name.to_string_lossy().into_owned()),
                std::path::Component::ParentDir => drop(parts.pop()),
                _ => {}
            }
        }
        if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
    }

    /// The paths of old files carry the commit, so that no line of them is taken for one of now.
    fn mark(&self) -> String {
        format!("{}:", self.revision.get(..12).unwrap_or(&self.revision))
    }

    fn inner<'p>(&self, path: &'p Path) -> std::borrow::Cow<'p, str> {
        let text = path.to_string_lossy();
        match text.strip_prefix(&self.mark()) {
            Some(inner) => inner.to_owned().into(),
            None => text,
        }
    }
}

impl Store for Commit {
    fn read(&self, path: &Path) -> anyhow::Result<Vec<u8>> {
        let object = format!("{}:{}", self.revision, self.inner(path));
        let bytes = git(&self.top, &["cat-file", "blob", &object])?;
        Ok(bytes)
    }

    fn below(&self, path: &Path) -> anyhow::Result<Option<Vec<PathBuf>>> {
        let inner = self.inner(path).into_owned();
        let object =
            if inner == "." { format!("{}:", self.revision) } else { format!("{}:{inner}", self.revision) };
        let kind = git(&self.top, &["cat-file", "-t", &object])?;
        if kind.trim_ascii() != b"tree" {
            return Ok(None);
        }
        let listing = git(&self.top, &["ls-tree", "-r", "-z", &object])?;
        let mut files = Vec::new();
        for entry in listing.split(|byte| *byte == 0) {
            let entry = String::from_utf8_lossy(entry);
            // Links are no files: what they hold is a path.
            let Some((head, name)) = entry.split_once('\t').filter(|(head, _)| head.starts_with("100"))
            else {
                continue;
            };
            let _ = head;
            let hidden = name.split('/').any(|part| part.starts_with('.'));
            if !hidden {
                let path = if inner == "." { name.to_owned() } else { format!("{inner}/{name}") };
                files.push(PathBuf::from(format!("{}{path}", self.mark())));
            }
        }
        Ok(Some(files))
    }

    /// As the settings name the file, which are about both states.
    fn shown(&self, path: &Path) -> String {
        self.inner(path).into_owned()
    }
}

/// What git prints; nothing of the repository's own settings is run.
fn git(folder: &Path, arguments: &[&str]) -> anyhow::Result<Vec<u8>> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-pager"])
        .args(arguments)
        .env("GIT_OPTIONAL_LOCKS", "0")
        .output()
        .context("git cannot be run")?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        bail!("git: {}", crate::model::untrusted::plain(words.trim(), Width::Record));
    }
    Ok(output.stdout)
}
