//! The list of domains: one a line, comments, mistakes told line by line, and the
//! part of it that one machine of several judges.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::str::FromStr;

use crate::cli::input;
use crate::judge::report::Report;
use crate::model::untrusted::Shown as _;
use crate::model::untrusted::{Width, plain};
use crate::model::{Location, Name};

/// What a list holds.
#[derive(Debug, Default)]
pub(super) struct List {
    /// Each once, in the order of the list.
    pub names: Vec<Name>,
    /// Where they stand.
    pub places: Places,
    /// Lines that name a domain again.
    pub repeated: usize,
    /// Lines that are no domain: file, line, what is wrong and the remedy.
    pub refusals: Vec<String>,
}

/// Where the domains stand in the list.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// The list as reports name it.
    file: String,
    /// The first line of each.
    lines: HashMap<Name, u32>,
}

impl Places {
    /// The line of a report's domain.
    pub(super) fn of(&self, report: &Report) -> Location {
        let line = report.target.domain.as_ref().and_then(|name| self.lines.get(name));
        Location { file: self.file.clone(), line: line.copied().unwrap_or(1) }
    }
}

/// Reads the list; `-` is standard input.
///
/// # Errors
/// Where the file cannot be read at all; lines that are no domain are no error here.
pub(super) fn read(path: &Path) -> anyhow::Result<List> {
    let bytes = input::read(path, "list of domains", input::MAX_TEXT)?;
    let shown = if path == Path::new("-") { "standard input".to_owned() } else { path.shown() };
    Ok(parse(&shown, &bytes))
}

fn parse(file: &str, bytes: &[u8]) -> List {
    let places = Places { file: file.to_owned(), ..Places::default() };
    let mut list = List { places, ..List::default() };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        match domain(line) {
            Ok(None) => {}
            Ok(Some(name)) => {
                let line = u32::try_from(index + 1).unwrap_or(u32::MAX);
                list.places.lines.entry(name.clone()).or_insert(line);
                list.names.push(name);
            }
            Err(why) => list.refusals.push(format!("{file}:{}: {why}", index + 1)),
        }
    }
    let mut seen = HashSet::with_capacity(list.names.len());
    let first: Vec<bool> = list.names.iter().map(|name| seen.insert(name)).collect();
    let all = first.len();
    let mut first = first.into_iter();
    list.names.retain(|_| first.next().unwrap_or_default());
    list.repeated = all - list.names.len();
    list
}

fn domain(line: &[u8]) -> Result<Option<Name>, String> {
    let line = line.split(|byte| *byte == b'#').next().unwrap_or_default();
    let Ok(text) = std::str::from_utf8(line) else {
        let shown = plain(&String::from_utf8_lossy(line), Width::Name);
        return Err(format!("{:?} is not UTF-8; save the list as UTF-8", shown.trim()));
    };
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let name = Name::parse(text).map_err(|error| error.to_string())?;
    if !name.as_str().contains('.') {
        return Err(format!("{name} has no dot; give a whole domain such as example.com"));
    }
    Ok(Some(name))
}

/// One part of several of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// From 1 to `of`.
    number: usize,
    of: usize,
}

impl Shard {
    /// Whether the domain at this place of the list, from 0, is of this part.
    pub fn holds(self, place: usize) -> bool {
        place % self.of == self.number - 1
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let parts =
            text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match parts {
            Some((number, of)) if (1..=of).contains(&number) => Ok(Shard { number, of }),
            _ => Err("write I/N with I from 1 to N, such as 2/3 for the second of three parts".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_domain_once_and_each_mistake_told() {
        let text =
            b"\xef\xbb\xbfexample.com\r\n# a comment\r\n\r\nEXAMPLE.com.\r\nm\xc3\xbcller.example # ours\n\
            a@b.example\nhttps://c.example/x\n192.0.2.1\nhost\n\xff.example\nlast.example";
        let list = parse("d.txt", text);
        let names: Vec<&str> = list.names.iter().map(Name::as_str).collect();
        assert_eq!(names, ["example.com", "xn--mller-kva.example", "last.example"]);
        assert_eq!((list.repeated, list.refusals.len()), (1, 5));
        for (refusal, parts) in list.refusals.iter().zip([
            ["d.txt:6:", "b.example"],
            ["d.txt:7:", "c.example"],
            ["d.txt:8:", "IP address"],
            ["d.txt:9:", "no dot"],
            ["d.txt:10:", "UTF-8"],
        ]) {
            assert!(parts.iter().all(|part| refusal.contains(part)), "{refusal}");
        }
        assert!(parse("d.txt", b"").names.is_empty());
    }

    #[test]
    fn shards_are_disjoint_and_together_complete() {
        let shards: Vec<Shard> = (1..=3).map(|i| format!("{i}/3").parse().unwrap()).collect();
        for place in 0..100 {
            assert_eq!(shards.iter().filter(|shard| shard.holds(place)).count(), 1);
        }
        for wrong in ["", "1", "0/3", "4/3", "1/0", "a/b", "1/3/4", "-1/3"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
