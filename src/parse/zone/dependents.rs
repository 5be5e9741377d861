//! What a change takes from mail or turns elsewhere, by one rule over all kinds of records.

use std::collections::{BTreeMap, BTreeSet};

use super::lint_mail::Kind;
use super::uses::{Named, Use, shown};
use super::{Zone, ZoneAnswer, ZoneRecord};
use crate::model::untrusted::Width;
use crate::model::{Name, Rdata, RecordType, Severity, ZoneProblem, untrusted};

/// Problems of one kind at most.
const MOST: usize = 100;

/// Records of one name and use.
type Sets<'z> = BTreeMap<(&'z Name, RecordType, Use), Vec<&'z ZoneRecord>>;

/// What the step from `old` to `new` takes from mail, or turns elsewhere.
pub(super) fn changed(old: &Zone, new: &Zone) -> Vec<ZoneProblem> {
    let named = Named::by(old, new);
    let mut sets: Sets = BTreeMap::new();
    for record in old.records() {
        if let Some(kind) = named.use_of(&record.owner, &record.rdata) {
            sets.entry((&record.owner, record.rdata.record_type(), kind)).or_default().push(record);
        }
    }
    let mut found = Vec::new();
    let (mut gone, mut turned) = (0, 0);
    for ((owner, rtype, kind), records) in sets {
        if old.is_delegated(owner) || new.is_delegated(owner) {
            continue;
        }
        match fate(new, &named, (owner, rtype, kind), &records) {
            Fate::Gone if gone < MOST => {
                let problem = removed(owner, kind, &records);
                gone += usize::from(problem.is_some());
                found.extend(problem);
            }
            Fate::Turned(now) if turned < MOST => {
                let problem = replaced(owner, kind, &records, &now);
                turned += usize::from(problem.is_some());
                found.extend(problem);
            }
            _ => {}
        }
    }
    found.extend(hidden(old, new, &named));
    found
}

/// Names that a wildcard answered for until they got records of their own (RFC 4592 section 3.3.1).
fn hidden(old: &Zone, new: &Zone, named: &Named) -> Vec<ZoneProblem> {
    let mut found = Vec::new();
    for records in new.owners() {
        let Some(first) = records.first().filter(|_| found.len() < MOST) else { continue };
        let owner = &first.owner;
        let is_host = !owner.labels().any(|label| label.starts_with(['_', '*']));
        if !is_host || old.exists(owner) || new.is_delegated(owner) {
            continue;
        }
        for (rtype, kind) in [(RecordType::Mx, Use::Mx), (RecordType::Txt, Use::Text(Kind::Spf))] {
            let of = |zone: &'_ Zone| -> Option<Name> {
                let ZoneAnswer::Records(all) = zone.lookup(owner, rtype) else { return None };
                let one = all.into_iter().find(|one| named.use_of(owner, &one.rdata) == Some(kind))?;
                Some(one.owner.clone())
            };
            let is_open = !matches!(
                new.lookup(owner, rtype),
                ZoneAnswer::Records(_) | ZoneAnswer::NoData | ZoneAnswer::Nxdomain
            );
            let Some(wild) = of(old).filter(|wild| wild != owner && new.exists(wild)) else { continue };
            if is_open || of(new).is_some() {
                continue;
            }
            let [name, wild] = [owner, &wild].map(shown);
            let word = kind.word();
            found.push(ZoneProblem {
                code: "change-mail-record-removed".to_owned(),
                name: owner.clone(),
                severity: Some(Severity::Info),
                summary: format!(
                    "{name} had the {word} record of {wild} and has records of its own now, none of them {word}; a wildcard answers only for names without any"
                ),
                fix: format!("write the {word} record of {wild} at {name} too, where mail uses the name"),
                whole: None,
                location: first.location(),
            });
        }
    }
    found
}

/// What became of the records of one name and use.
enum Fate<'z> {
    Gone,
    Turned(Vec<&'z ZoneRecord>),
    /// Still there, told elsewhere, or not known.
    Kept,
}

fn fate<'z>(
    new: &'z Zone,
    named: &Named,
    (owner, rtype, kind): (&Name, RecordType, Use),
    was: &[&ZoneRecord],
) -> Fate<'z> {
    // An alias to a text may have given way to the text itself.
    let asked = if matches!(kind, Use::Text(_) | Use::Consent) { RecordType::Txt } else { rtype };
    let now: Vec<&ZoneRecord> = match new.lookup(owner, asked) {
        ZoneAnswer::Records(all) => {
            all.into_iter().filter(|record| named.use_of(owner, &record.rdata) == Some(kind)).collect()
        }
        ZoneAnswer::Cname(_, alias) if rtype == RecordType::Cname => vec![alias],
        ZoneAnswer::Nxdomain | ZoneAnswer::NoData => Vec::new(),
        // Told as an alias, as a delegation, or as what cannot be read.
        _ => return Fate::Kept,
    };
    if now.is_empty() {
        let other: Vec<&ZoneRecord> = match rtype {
            RecordType::Cname => new.at(owner).filter(|record| is_target(record)).collect(),
            _ => Vec::new(),
        };
        return if other.is_empty() { Fate::Gone } else { Fate::Turned(other) };
    }
    let held: BTreeSet<String> = now.iter().map(|record| record.rdata.to_string()).collect();
    // Other words of a text are what the audit of the name reads.
    let is_text = now.iter().any(|record| matches!(record.rdata, Rdata::Txt(_)));
    let is_kept = was.iter().all(|record| held.contains(&record.rdata.to_string()));
    if is_text || is_kept { Fate::Kept } else { Fate::Turned(now) }
}

/// What can stand in the place of an alias.
fn is_target(record: &ZoneRecord) -> bool {
    matches!(record.rdata, Rdata::A(_) | Rdata::Aaaa(_) | Rdata::Mx { .. })
}

/// The first values of a set.
fn values(records: &[&ZoneRecord]) -> String {
    let value = |record: &&ZoneRecord| match &record.rdata {
        Rdata::Other { .. } => None,
        Rdata::Txt(_) => {
            let text = record.rdata.joined_text()?;
            Some(untrusted::plain(&String::from_utf8_lossy(&text), Width::Word))
        }
        rdata => Some(untrusted::plain(&rdata.to_string(), Width::Name)),
    };
    let all: Vec<String> = records.iter().take(3).filter_map(value).collect();
    let more = if records.len() > 3 { format!(" and {} more", records.len() - 3) } else { String::new() };
    format!("{}{more}", all.join(", "))
}

fn removed(owner: &Name, kind: Use, was: &[&ZoneRecord]) -> Option<ZoneProblem> {
    let (loss, severity) = kind.loss(owner)?;
    let values = match values(was) {
        none if none.is_empty() => String::new(),
        some => format!(" ({some})"),
    };
    let word = kind.word();
    let (article, records) = match word {
        _ if was.len() > 1 => ("several", "records"),
        "MX" | "SRV" => ("an", "record"),
        _ => ("a", "record"),
    };
    Some(ZoneProblem {
        code: "change-mail-record-removed".to_owned(),
        name: owner.clone(),
        severity: Some(severity),
        summary: format!(
            "{} held {article} {word} {records}{values} and holds none now; {loss}",
            untrusted::plain(owner.as_str(), Width::Line)
        ),
        fix: "put the record back, unless nothing of mail uses the name any more".to_owned(),
        whole: None,
        location: was.first()?.location(),
    })
}

fn replaced(owner: &Name, kind: Use, was: &[&ZoneRecord], now: &[&ZoneRecord]) -> Option<ZoneProblem> {
    let held: BTreeSet<String> = was.iter().map(|record| record.rdata.to_string()).collect();
    let is_disjoint = now.iter().all(|record| !held.contains(&record.rdata.to_string()));
    let (turn, severity) = kind.turn(is_disjoint)?;
    Some(ZoneProblem {
        code: "change-mail-record-replaced".to_owned(),
        name: owner.clone(),
        severity: Some(severity),
        summary: format!(
            "{} held {} {} and holds {} now; {turn}",
            untrusted::plain(owner.as_str(), Width::Line),
            kind.word(),
            values(was),
            values(now)
        ),
        fix: "make sure that the new value is meant and serves what the old one served".to_owned(),
        whole: None,
        location: now.first()?.location(),
    })
}

/// What mail loses with a whole zone, in words; empty where nothing of mail stood in it.
pub(super) fn summed(zone: &Zone) -> String {
    let named = Named::by(zone, zone);
    // In the order of the file, which begins with the apex.
    let (mut hosts, mut seen) = (Vec::new(), BTreeSet::new());
    let mut texts: BTreeMap<Use, usize> = BTreeMap::new();
    for record in zone.records().iter().filter(|record| !zone.is_delegated(&record.owner)) {
        match named.use_of(&record.owner, &record.rdata) {
            Some(Use::Mx) if seen.insert(&record.owner) => hosts.push(&record.owner),
            Some(kind @ (Use::Text(_) | Use::Consent | Use::Tlsa | Use::Pointer)) => {
                *texts.entry(kind).or_default() += 1;
            }
            _ => {}
        }
    }
    let mut parts = Vec::new();
    let first: Vec<String> = hosts.iter().take(3).map(|name| shown(name)).collect();
    let more = if hosts.len() > 3 { format!(" and {} more names", hosts.len() - 3) } else { String::new() };
    if !first.is_empty() {
        parts.push(format!("mail to {}{more} has no MX host", first.join(", ")));
    }
    let counted = |(kind, count): (&Use, &usize)| match count {
        1 => kind.word().to_owned(),
        count => format!("{} ({count})", kind.word()),
    };
    if !texts.is_empty() {
        parts.push(format!(
            "gone with the zone: {}",
            texts.iter().map(counted).collect::<Vec<_>>().join(", ")
        ));
    }
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::zone::{NoFiles, Parsed, parse};

    fn read(text: &str) -> Parsed {
        let head = "$TTL 60\n@ SOA ns.example.net. h 1 1 1 1 1\n@ NS ns.example.net.\n";
        parse("z", format!("{head}{text}").as_bytes(), Some(&Name::lenient("example.com")), &mut NoFiles)
    }

    fn told(old: &str, new: &str) -> Vec<String> {
        let all = changed(&read(old).zone, &read(new).zone);
        let line = |one: &ZoneProblem| {
            let what = one.code.rsplit('-').next().unwrap_or_default();
            format!("{} {what} {} {}", one.location.line, one.severity.map_or("", Severity::name), one.name)
        };
        all.iter().map(line).collect()
    }

    /// Every kind of record that mail depends on: what its loss is told as, at the name itself.
    const KINDS: &[(&str, &str, &str)] = &[
        ("*", "MX 10 mx.example.net.", "medium"),
        ("info", "MX 10 mx.example.net.", "medium"),
        ("*", "TXT \"v=spf1 -all\"", "medium"),
        ("_spf", "TXT \"v=spf1 ip4:192.0.2.1 -all\"", "medium"),
        ("a.b", "TXT \"V=SPF1 -all\"", "medium"),
        ("*", "TXT \"v=DMARC1; p=reject\"", "medium"),
        ("example.org._report._dmarc", "TXT \"v=DMARC1\"", "medium"),
        ("*._report._dmarc", "TXT \"v=DMARC1;\"", "medium"),
        ("_25._tcp.mx", "TLSA 3 1 1 ab", "medium"),
        ("bounces", "CNAME r.esp.example.", "medium"),
        ("pm-bounces", "CNAME r.esp.example.", "medium"),
        ("em123", "CNAME r.esp.example.", "medium"),
        ("click", "CNAME r.esp.example.", "low"),
        ("url4321", "CNAME r.esp.example.", "low"),
        ("shop", "CNAME r.shop.example.", "info"),
        ("_dmarc", "CNAME d.esp.example.", "medium"),
        ("old", "DNAME new.example.net.", "medium"),
        ("_submissions._tcp", "SRV 0 1 465 mail.example.net.", "low"),
        ("autodiscover", "CNAME a.host.example.", "low"),
        ("@", "TXT \"google-site-verification=abc\"", "info"),
        ("@", "TXT \"MS=ms123\"", "info"),
    ];

    #[test]
    fn every_kind_that_is_gone_is_told_and_a_kept_one_never() {
        for (owner, data, severity) in KINDS {
            let line = format!("{owner} {data}\n");
            let at = if *owner == "@" { String::new() } else { format!("{owner}.") };
            assert_eq!(told(&line, ""), [format!("4 removed {severity} {at}example.com")], "{line}");
            assert_eq!(told(&line, &line), [""; 0], "{line}");
            let again = format!("@ A 192.0.2.9\n{owner} 30 {data}\n");
            assert_eq!(told(&line, &again), [""; 0], "{line}");
            // What cannot be read may be the record, and what others answer for is theirs.
            assert_eq!(
                told(&line, &format!("{owner} {}\n", data.split(' ').next().unwrap())),
                [""; 0],
                "{line}"
            );
            if *owner != "@" {
                let cut = owner.rsplit('.').next().unwrap();
                assert_eq!(told(&line, &format!("{cut} NS ns.example.org.\n")), [""; 0], "{line}");
            }
        }
        // Nothing of mail hangs on these.
        for line in [
            "shop CNAME www\n",
            "www CNAME r.example.net.\n",
            "_acme-challenge CNAME r.example.net.\n",
            "x TXT \"hello\"\n",
        ] {
            assert_eq!(told(line, ""), [""; 0], "{line}");
        }
    }

    #[test]
    fn what_turns_elsewhere_is_told() {
        let mx = |address: &str| format!("@ MX 10 mx\nmx A {address}\n");
        assert_eq!(told(&mx("192.0.2.1"), &mx("192.0.2.2")), ["5 replaced info mx.example.com"]);
        let sts = |address: &str| format!("_mta-sts TXT \"v=STSv1; id=1\"\nmta-sts A {address}\n");
        assert_eq!(told(&sts("192.0.2.1"), &sts("192.0.2.2")), ["5 replaced info mta-sts.example.com"]);
        assert_eq!(told("www A 192.0.2.1\n", "www A 192.0.2.2\n"), [""; 0]);
        let tlsa = |data: &str| format!("_25._tcp.mx TLSA 3 1 1 {data}\n");
        let name = "_25._tcp.mx.example.com";
        assert_eq!(told(&tlsa("ab"), &tlsa("cd")), [format!("4 replaced low {name}")]);
        // A key added before the old one goes is how it is done (RFC 7671 section 8.1).
        assert_eq!(told(&tlsa("ab"), &format!("{}{}", tlsa("cd"), tlsa("ab"))), [""; 0]);
        assert_eq!(told(&format!("{}{}", tlsa("cd"), tlsa("ab")), &tlsa("cd")), [""; 0]);
        let bounce = "bounces CNAME a.esp.example.\n";
        assert_eq!(told(bounce, "bounces CNAME b.esp.example.\n"), ["4 replaced info bounces.example.com"]);
        assert_eq!(told(bounce, "bounces A 192.0.2.1\n"), ["4 replaced info bounces.example.com"]);
        let key = "k1._domainkey CNAME k.esp.example.\n";
        assert_eq!(told(key, "k1._domainkey TXT \"v=DKIM1; p=AAAA\"\n"), [""; 0]);
        // A wildcard answers in the place of what it is the same as.
        assert_eq!(told("* MX 1 m\ninfo MX 1 m\n", "* MX 1 m\n"), [""; 0]);
    }

    #[test]
    fn a_name_that_hides_behind_its_own_records_is_told() {
        let wild = "* MX 10 mx.example.net.\n* TXT \"v=spf1 -all\"\n";
        let with = |more: &str| told(wild, &format!("{wild}{more}\n"));
        let both = ["6 removed info info.example.com", "6 removed info info.example.com"];
        assert_eq!(with("info A 192.0.2.1"), both);
        assert_eq!(with("info MX 10 mx.example.net."), [both[0]]);
        assert_eq!(with("info MX 10 mx.example.net.\ninfo TXT \"v=spf1 a -all\""), [""; 0]);
        assert_eq!(with("info CNAME www.example.net."), [""; 0]);
        assert_eq!(with("info MX"), [""; 0]);
        assert_eq!(with("_x A 192.0.2.1"), [""; 0]);
        assert_eq!(told("", "info A 192.0.2.1\n"), [""; 0]);
    }

    #[test]
    fn a_whole_zone_is_summed_up() {
        let text = "@ MX 10 mx\n* MX 10 mx\n@ TXT \"v=spf1 -all\"\na TXT \"v=spf1 -all\"\n_25._tcp.mx TLSA 3 1 1 ab\n";
        let expected =
            "mail to example.com, *.example.com has no MX host; gone with the zone: v=spf1 (2), TLSA";
        assert_eq!(summed(&read(text).zone), expected);
        assert_eq!(summed(&read("www A 192.0.2.1\n").zone), "");
    }
}
