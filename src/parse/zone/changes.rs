//! What an edit of a zone does that no reading of the new file alone can show: times to live
//! raised, names given away, the serial kept.

use std::collections::{BTreeMap, BTreeSet};

use super::dependents::{changed, summed};
use super::losses::losses;
use super::{Parsed, Zone, ZoneRecord, line_of, words};
use crate::model::untrusted::Width;
use crate::model::{Location, Name, Rdata, RecordType, Severity, ZoneProblem, untrusted};

/// Seconds above which a mistake in a record lasts for more than a day.
const LONG_TTL: u32 = 86_400;
/// Problems of one kind at most.
const MOST: usize = 100;

/// The problems that the step from `old` to `new` brings. Both are the same zone.
pub fn changes(old: &Parsed, new: &Parsed) -> Vec<ZoneProblem> {
    let mut found = ttl_raised(&old.zone, new);
    found.extend(delegated(&old.zone, &new.zone));
    found.extend(losses(&old.zone, &new.zone));
    // A zone that is gone is told as one thing.
    if !new.zone.records().is_empty() {
        found.extend(changed(&old.zone, &new.zone));
    }
    found.extend(serial_kept(&old.zone, &new.zone));
    if new.zone.records().is_empty() && new.zone.lost().is_empty() {
        let file = new.sources.first().map(|source| source.file.to_string()).unwrap_or_default();
        found.extend(removed(old, Location { file, line: 1 }));
    }
    found
}

/// The problem that a zone with records is gone or empty; `None` where it had none.
pub fn removed(old: &Parsed, location: Location) -> Option<ZoneProblem> {
    let (count, name) = (old.zone.records().len(), old.zone.origin()?.clone());
    let mail = match summed(&old.zone) {
        none if none.is_empty() => none,
        some => format!("; {some}"),
    };
    (count > 0).then(|| ZoneProblem {
        code: "change-zone-removed".to_owned(),
        summary: format!("the zone {} held {count} records and holds none now{mail}", shown(&name)),
        name,
        fix: "put the zone back; to give the domain up keep `v=spf1 -all`, a null MX and `p=reject` there"
            .to_owned(),
        severity: None,
        whole: None,
        location,
    })
}

fn shown(name: &Name) -> String {
    untrusted::plain(name.as_str(), Width::Line)
}

/// Records of one name and type.
type Sets<'z> = BTreeMap<(&'z Name, RecordType), Vec<&'z ZoneRecord>>;

fn sets(zone: &Zone) -> Sets<'_> {
    let mut sets: Sets = BTreeMap::new();
    for record in zone.records() {
        sets.entry((&record.owner, record.rdata.record_type())).or_default().push(record);
    }
    sets
}

/// Whether a delay in a change of the record delays mail.
fn carries_mail(record: &ZoneRecord) -> bool {
    matches!(record.rdata, Rdata::Mx { .. } | Rdata::Txt(_) | Rdata::Tlsa { .. })
        || record.owner.labels().any(|label| label == "_domainkey")
}

/// Times to live that rise beyond a day, reported once for each place that sets them.
fn ttl_raised(old: &Zone, new: &Parsed) -> Vec<ZoneProblem> {
    let before = sets(old);
    let mut places: BTreeMap<Location, (u32, u32, Name, usize)> = BTreeMap::new();
    for (key, records) in sets(&new.zone) {
        let (Some(earlier), Some(record)) = (before.get(&key), records.first()) else { continue };
        let was = earlier.iter().map(|record| record.ttl).max().unwrap_or_default();
        if record.ttl > was && record.ttl > LONG_TTL && carries_mail(record) {
            let entry = places.entry(ttl_place(new, record)).or_insert((was, record.ttl, key.0.clone(), 0));
            entry.3 += 1;
        }
    }
    places
        .into_iter()
        .take(MOST)
        .map(|(location, (was, now, name, count))| ZoneProblem {
            code: "change-ttl-raised".to_owned(),
            summary: format!(
                "the TTL rises from {was} to {now} seconds for {count} sets of records about mail ({} first); a mistake in them stays with receivers for {} hours",
                shown(&name),
                now / 3600
            ),
            name,
            fix: format!("keep {was} until the change has proven itself, then raise the TTL"),
            severity: None,
            whole: None,
            location,
        })
        .collect()
}

/// The line that sets a record's TTL: the `$TTL` above it, where it has that value.
fn ttl_place(parsed: &Parsed, record: &ZoneRecord) -> Location {
    let source = parsed.sources.iter().find(|source| source.file == record.place.file);
    let bytes = source.map_or(&[][..], |source| &source.bytes);
    let (mut offset, mut place) = (0, None);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let text = line.trim_ascii();
        if text.get(..4).is_some_and(|head| head.eq_ignore_ascii_case(b"$TTL")) {
            let word = text[4..].trim_ascii_start().split(u8::is_ascii_whitespace).next().unwrap_or_default();
            let number = line_of(bytes, offset);
            if number < record.place.line && words::ttl(word) == Some(record.ttl) {
                place = Some(number);
            }
        }
        offset += line.len();
    }
    Location { file: record.place.file.to_string(), line: place.unwrap_or(record.place.line) }
}

/// Names with records about mail that another server answers for from now on.
fn delegated(old: &Zone, new: &Zone) -> Vec<ZoneProblem> {
    let mut lost: BTreeMap<Name, (usize, Name)> = BTreeMap::new();
    for record in old.records().iter().filter(|record| carries_mail(record)) {
        if old.cut(&record.owner).is_none()
            && let Some(cut) = new.cut(&record.owner)
        {
            lost.entry(cut).or_insert((0, record.owner.clone())).0 += 1;
        }
    }
    lost.into_iter()
        .take(MOST)
        .filter_map(|(cut, (count, first))| {
            let server = new.at(&cut).find(|record| matches!(record.rdata, Rdata::Ns(_)))?;
            Some(ZoneProblem {
                code: "change-delegated".to_owned(),
                summary: format!(
                    "{} is handed to other name servers, and with it {count} records about mail ({} first); what those servers publish counts from now on",
                    shown(&cut),
                    shown(&first)
                ),
                name: cut,
                fix: "have the other servers publish the same records before this change goes live".to_owned(),
                severity: None,
                whole: None,
                location: server.location(),
            })
        })
        .collect()
}

/// Servers that take the zone by transfer look at the serial alone (RFC 1996, RFC 1982).
fn serial_kept(old: &Zone, new: &Zone) -> Option<ZoneProblem> {
    let serial = |zone: &Zone| {
        zone.records().iter().find_map(|record| match record.rdata {
            Rdata::Soa { serial, .. } => Some((serial, record.location(), record.owner.clone())),
            _ => None,
        })
    };
    let ((was, ..), (now, location, name)) = (serial(old)?, serial(new)?);
    // Serials wrap: greater means less than half the circle ahead.
    if (1..=0x7fff_ffff).contains(&now.wrapping_sub(was)) || is_same(old, new) {
        return None;
    }
    // Deployments often raise it; none lowers it.
    let severity = if now == was { Severity::Info } else { Severity::Medium };
    Some(ZoneProblem {
        code: "change-serial-kept".to_owned(),
        summary: format!(
            "the serial was {was} and is {now} though records changed; secondary servers go on with the old zone"
        ),
        name,
        fix: format!("raise the serial, to {} at least, unless the deployment does", was.wrapping_add(1)),
        severity: Some(severity),
        whole: None,
        location,
    })
}

fn is_same(old: &Zone, new: &Zone) -> bool {
    let all = |zone: &Zone| -> BTreeSet<String> {
        let text = |record: &ZoneRecord| format!("{} {} {}", record.owner, record.ttl, record.rdata);
        zone.records().iter().map(text).collect()
    };
    all(old) == all(new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::zone::{NoFiles, parse};

    fn found(old: &str, new: &str) -> Vec<String> {
        let read =
            |text: &str| parse("z", text.as_bytes(), Some(&Name::lenient("example.com")), &mut NoFiles);
        let all = changes(&read(old), &read(new));
        all.iter()
            .map(|problem| format!("{} {} {}", problem.location.line, problem.code, problem.name))
            .collect()
    }

    #[test]
    fn each_change_has_its_place() {
        let soa = "@ SOA ns h 1 1 1 1 1\n";
        let old = format!("$TTL 3600\n{soa}@ MX 10 mx\nnews MX 10 mx\nweb A 192.0.2.1\n");
        assert_eq!(found(&old, &old), [""; 0]);
        assert_eq!(
            found(&old, &old.replace("3600", "604800")),
            ["1 change-ttl-raised example.com", "2 change-serial-kept example.com"]
        );
        assert_eq!(
            found(&old, &format!("{old}news NS ns.example.net.\n").replace(" 1 1 1 1 1", " 2 1 1 1 1")),
            ["6 change-delegated news.example.com"]
        );
        // Shorter is never a risk, and the serial may wrap.
        let short = old.replace("3600", "60").replace(" 1 1 1 1 1", " 4294967295 1 1 1 1");
        assert_eq!(found(&short, &old), [""; 0]);
    }
}
