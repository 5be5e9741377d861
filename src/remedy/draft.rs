//! One step towards the records a name should have.

use std::collections::BTreeSet;

use crate::facts::revision::Edit;
use crate::facts::{Facts, Found};
use crate::model::{Name, Rdata, RecordType};
use crate::parse::repair::Repaired;
use crate::parse::web::psl;

/// Octets of one string of a TXT record (RFC 1035 section 3.3.14).
const STRING: usize = 255;

/// Codes of the checks that fail.
pub(super) type Codes = BTreeSet<&'static str>;

/// What kind of record a name has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Topic {
    Spf,
    /// The HELO name's SPF record.
    HeloSpf,
    Dmarc,
    DkimKey,
    MtaSts,
    TlsRpt,
    Bimi,
    Mx,
    /// Records of the discontinued type 99.
    SpfType,
}

/// What a topic wants published next.
pub(super) enum Step {
    /// Nothing to improve.
    Done,
    Change(Change),
    /// Something is wrong that no record can be computed for, and why.
    Withheld(String),
}

/// Records of one name and type that go, and those that come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub old: Vec<Rdata>,
    pub new: Vec<Rdata>,
    /// False where publishing it blindly may cost somebody something.
    pub safe: bool,
    /// What was repaired, in words.
    pub notes: Vec<String>,
}

/// The records at a name, and whose they are.
pub(super) struct Standing<'e> {
    pub records: Vec<&'e Rdata>,
    /// The name at which they are edited: the end of the alias chain.
    pub publish_at: Name,
    /// The alias's target where it is another organisation's.
    pub foreign: Option<Name>,
}

/// What stands at a name; `None` where that is not known.
pub(super) fn standing<'e>(facts: &Facts<'e>, name: &Name, rtype: RecordType) -> Option<Standing<'e>> {
    let found: Found<'e> = facts.ledger().dns(name, rtype).ok()?;
    let target = found.aliases().last();
    let foreign = target.filter(|target| psl::organizational(target) != psl::organizational(name)).cloned();
    Some(Standing {
        records: found.records().iter().map(|record| &record.rdata).collect(),
        publish_at: target.unwrap_or(name).clone(),
        foreign,
    })
}

impl Change {
    /// The whole record set of the name after the change.
    pub(super) fn applied(&self, facts: &Facts, name: &Name, rtype: RecordType) -> Edit {
        let standing = standing(facts, name, rtype);
        let before: Vec<&Rdata> = standing.map(|standing| standing.records).unwrap_or_default();
        let mut rdata: Vec<Rdata> = Vec::new();
        let mut placed = false;
        for record in before {
            if !self.old.contains(record) {
                rdata.push(record.clone());
            } else if !placed {
                rdata.extend(self.new.iter().cloned());
                placed = true;
            }
        }
        if !placed {
            rdata.extend(self.new.iter().cloned());
        }
        Edit { name: name.clone(), rtype, rdata }
    }
}

/// A text as a TXT record, cut at spaces where one is near (RFC 7208 section 3.3).
pub(super) fn txt(text: &str) -> Rdata {
    let mut strings = Vec::new();
    let mut rest = text.as_bytes();
    loop {
        let mut cut = rest.len().min(STRING);
        if cut < rest.len()
            && let Some(space) = rest[..cut].iter().rposition(|byte| *byte == b' ')
            && space > 0
        {
            cut = space + 1;
        }
        strings.push(rest[..cut].to_vec());
        rest = &rest[cut..];
        if rest.is_empty() {
            return Rdata::Txt(strings);
        }
    }
}

/// What a record was meant to be, by its reader: of a line that was cut short the whole of the
/// line. Several lines that are cut to the same text were meant to be several records, of which
/// none is chosen.
pub(super) fn meant(
    facts: &Facts,
    name: &Name,
    rdata: &Rdata,
    read: impl Fn(&[Vec<u8>]) -> Option<Repaired>,
) -> Option<Repaired> {
    let published = strings(rdata)?;
    let wholes: BTreeSet<&str> = facts.cut_from(name, rdata).into_iter().map(|(whole, _)| whole).collect();
    let Some(whole) = wholes.first() else { return read(published) };
    if wholes.len() > 1 {
        let mut meant = read(published)?;
        meant.unread.extend(wholes.into_iter().map(str::to_owned));
        return Some(meant);
    }
    let mut meant = read(&[whole.as_bytes().to_vec()])?;
    meant.repairs.insert(0, "the whole text in quotes, which the zone file lacks".to_owned());
    Some(meant)
}

/// The strings of a TXT record.
pub(super) fn strings(rdata: &Rdata) -> Option<&[Vec<u8>]> {
    match rdata {
        Rdata::Txt(strings) => Some(strings),
        _ => None,
    }
}
