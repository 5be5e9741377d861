//! Zone files as a source of answers: authoritative for their names.

use std::collections::BTreeMap;
use std::path::{Component, Path};
use std::sync::Arc;

use anyhow::bail;

use crate::model::{Absence, Answer, Failure, Name, Observation, RecordType, Source};
use crate::parse::zone::{self, Files, Parsed, ZoneAnswer};

/// Aliases followed from one question; BIND stops at 16 too.
const MAX_ALIASES: usize = 16;

/// The zone files of `--zone`, parsed; a copy shares what was read.
#[derive(Clone, Default)]
pub struct ZoneFiles {
    zones: Vec<Arc<Parsed>>,
    /// Those with an origin, by it: a repository has hundreds.
    by_origin: Arc<BTreeMap<Name, Arc<Parsed>>>,
    /// Those that answer before them.
    over: BTreeMap<Name, Arc<Parsed>>,
}

/// Said of an entry whose data stands elsewhere or comes later.
const OPEN: &str = "leaves it open";

/// What the zone files say of a question.
pub enum Local {
    /// What the files say to the end of the alias chain, denials included.
    Answer(Answer),
    /// An alias whose target stands in none of the files.
    Alias {
        /// The name that is still to be asked.
        target: Name,
        /// CNAME targets followed so far, in order, the last of them `target`.
        aliases: Vec<Name>,
    },
}

type Read<'r> = &'r mut dyn FnMut(&Path) -> anyhow::Result<Vec<u8>>;

/// Files beside or below the zone file. Elsewhere nothing is read: a proposed
/// zone must not be able to show a file of the machine that checks it.
struct Beside<'r, 'p> {
    folder: &'p Path,
    read: Read<'r>,
}

impl Files for Beside<'_, '_> {
    fn resolve(&self, path: &str, from: &str) -> String {
        let folder = Path::new(from).parent().unwrap_or(Path::new(""));
        folder.join(path).to_string_lossy().into_owned()
    }

    fn read(&mut self, path: &str, _: &str) -> Result<Vec<u8>, String> {
        let path = Path::new(path);
        let inside = path.strip_prefix(self.folder).is_ok_and(|rest| {
            rest.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
        });
        const ELSEWHERE: &str = "only files in the folder of the zone file, or below it, are read";
        if !inside {
            return Err(ELSEWHERE.to_owned());
        }
        // A link may lead out of the folder, to a device or to a file of secrets.
        let folder = if self.folder.as_os_str().is_empty() { Path::new(".") } else { self.folder };
        if let (Ok(folder), Ok(real)) = (folder.canonicalize(), path.canonicalize()) {
            if !real.starts_with(&folder) {
                return Err(ELSEWHERE.to_owned());
            }
            if !real.is_file() {
                return Err("only regular files are read".to_owned());
            }
        }
        (self.read)(path).map_err(|error| format!("{error:#}"))
    }
}

impl ZoneFiles {
    /// Reads and parses the files of `--zone [ORIGIN=]FILE`.
    ///
    /// # Errors
    /// A file that cannot be read, or one whose origin nothing states.
    pub fn read(files: &[String], read: Read) -> anyhow::Result<ZoneFiles> {
        let mut zones = Vec::new();
        for given in files {
            zones.push(read_one(given, read)?);
        }
        Ok(ZoneFiles::of(zones.into_iter().map(Arc::new).collect()))
    }

    /// Zones that were read already. Of two with one origin the first answers.
    pub fn of(zones: Vec<Arc<Parsed>>) -> ZoneFiles {
        let mut by_origin = BTreeMap::new();
        for zone in &zones {
            if let Some(origin) = zone.zone.origin() {
                by_origin.entry(origin.clone()).or_insert_with(|| zone.clone());
            }
        }
        ZoneFiles { zones, by_origin: Arc::new(by_origin), over: BTreeMap::new() }
    }

    /// The same, with these in the place of those of their origins.
    #[must_use]
    pub fn with(&self, zones: Vec<Arc<Parsed>>) -> ZoneFiles {
        let over = zones.into_iter().filter_map(|zone| Some((zone.zone.origin()?.clone(), zone))).collect();
        ZoneFiles { zones: Vec::new(), by_origin: self.by_origin.clone(), over }
    }

    /// The files as read, with what is wrong in them.
    pub fn parsed(&self) -> impl Iterator<Item = &Parsed> {
        self.zones.iter().map(|zone| &**zone)
    }

    /// The closest zone the name is in.
    fn zone_of(&self, name: &Name) -> Option<&Parsed> {
        let mut origins = (0..=name.label_count()).rev().map(|count| name.suffix(count));
        origins
            .find_map(|origin| self.over.get(&origin).or_else(|| self.by_origin.get(&origin)))
            .map(|zone| &**zone)
    }

    /// `None` where no file is authoritative for the name.
    pub fn answer(&self, name: &Name, rtype: RecordType) -> Option<Local> {
        let mut source = None;
        let mut aliases: Vec<Name> = Vec::new();
        let mut name = name.clone();
        loop {
            let here = self.zone_of(&name).map(|parsed| (parsed, parsed.zone.lookup(&name, rtype)));
            let observation = match here {
                None | Some((_, ZoneAnswer::Delegated(_) | ZoneAnswer::OutOfZone)) => {
                    return (!aliases.is_empty()).then_some(Local::Alias { target: name, aliases });
                }
                Some((parsed, answer)) => {
                    source.get_or_insert_with(|| {
                        parsed.sources.first().map(|s| s.file.to_string()).unwrap_or_default()
                    });
                    match answer {
                        ZoneAnswer::Cname(target, _) => {
                            if aliases.len() < MAX_ALIASES && !aliases.contains(&target) {
                                aliases.push(target.clone());
                                name = target;
                                continue;
                            }
                            Observation::Failed(Failure::CnameLoop)
                        }
                        ZoneAnswer::Records(records) => {
                            Observation::Seen(records.iter().map(|r| r.to_record()).collect())
                        }
                        ZoneAnswer::Unreadable(at) => Observation::Failed(Failure::Malformed(format!(
                            "the entry in {}, line {}, cannot be read",
                            at.file, at.line
                        ))),
                        ZoneAnswer::Open(at) => {
                            Observation::NotAttempted(format!("{}, line {}, {OPEN}", at.file, at.line))
                        }
                        ZoneAnswer::NoData => Observation::Absent(Absence::NoData),
                        ZoneAnswer::TooLong(_) => Observation::Failed(Failure::Rcode("YXDOMAIN".to_owned())),
                        _ => Observation::Absent(Absence::Nxdomain),
                    }
                }
            };
            let source = Source::ZoneFile(source.unwrap_or_default());
            return Some(Local::Answer(Answer { aliases, source, ..Answer::given(observation) }));
        }
    }
}

/// Reads and parses `[ORIGIN=]FILE`.
///
/// # Errors
/// A file that cannot be read, or one whose origin nothing states.
fn read_one(given: &str, read: Read) -> anyhow::Result<Parsed> {
    let (origin, file) = split_origin(given);
    let path = Path::new(file);
    let source = read(path)?;
    let parsed = parse_source(file, &source, origin.as_ref(), read);
    // Errors in the text come first: they are the likelier cause.
    if parsed.zone.origin().is_none() && parsed.errors().next().is_none() {
        bail!(
            "{file} does not say which zone it is; begin it with `$ORIGIN example.com.` or give --zone example.com={file}"
        );
    }
    Ok(parsed)
}

/// Origin and file of `[ORIGIN=]FILE`.
pub fn split_origin(given: &str) -> (Option<Name>, &str) {
    match given.split_once('=').and_then(|(origin, file)| Some((Name::parse(origin).ok()?, file))) {
        Some((origin, file)) => (Some(origin), file),
        None => (None, given),
    }
}

/// Parses a zone file that stands at `file`; what it includes is read below its folder.
pub fn parse_source(file: &str, source: &[u8], origin: Option<&Name>, read: Read) -> Parsed {
    let folder = Path::new(file).parent().unwrap_or(Path::new(""));
    zone::parse(file, source, origin, &mut Beside { folder, read })
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    fn files(zones: &[(&str, &str)]) -> anyhow::Result<ZoneFiles> {
        let given: Vec<String> = zones.iter().map(|(name, _)| (*name).to_owned()).collect();
        ZoneFiles::read(&given, &mut |path| {
            let found =
                zones.iter().find(|(name, _)| Path::new(name.rsplit('=').next().unwrap_or_default()) == path);
            found.map(|(_, text)| text.as_bytes().to_vec()).context("no such file")
        })
    }

    #[test]
    fn answers_aliases_and_the_network() {
        let zones = files(&[
            ("d/a", "$ORIGIN example.com.\n$TTL 60\n@ A 192.0.2.1\nout CNAME x.example.net.\nin CNAME h.example.org.\nsub NS ns.example.net.\nl CNAME l\n$INCLUDE ../secret\n$INCLUDE /etc/passwd\n"),
            ("example.org=b", "$TTL 60\nh A 192.0.2.2\n"),
        ])
        .unwrap();
        assert_eq!(zones.parsed().next().unwrap().errors().count(), 2);
        assert!(
            zones
                .parsed()
                .next()
                .unwrap()
                .diagnostics
                .iter()
                .all(|d| d.message.contains("only files in the folder"))
        );
        let ask = |name: &str| match zones.answer(&Name::lenient(name), RecordType::A) {
            None => "network".to_owned(),
            Some(Local::Alias { target, aliases }) => format!("alias {target} {}", aliases.len()),
            Some(Local::Answer(answer)) => match answer.observation {
                Observation::Seen(records) => {
                    let location = records[0].location.as_ref().unwrap();
                    format!(
                        "{} {}:{} {}",
                        records[0].rdata,
                        location.file,
                        location.line,
                        answer.aliases.len()
                    )
                }
                other => format!("{other:?}"),
            },
        };
        assert_eq!(ask("example.com"), "192.0.2.1 d/a:3 0");
        assert_eq!(ask("in.example.com"), "192.0.2.2 b:2 1");
        assert_eq!(ask("out.example.com"), "alias x.example.net 1");
        assert_eq!(ask("sub.example.com"), "network");
        assert_eq!(ask("example.net"), "network");
        assert_eq!(ask("no.example.org"), "Absent(Nxdomain)");
        // A file that could not be included may hold the name.
        assert!(ask("no.example.com").starts_with("Failed(Malformed("));
        assert_eq!(ask("l.example.com"), "Failed(CnameLoop)");
        assert!(files(&[("c", "a 1 A 192.0.2.1\n")]).is_err());
    }
}
