//! What is wrong with a zone as a whole though each record reads well: what
//! servers refuse to load, and what is legal and rarely meant.

use std::collections::BTreeSet;

use foldhash::{HashMap, HashMapExt as _};

use super::lexer::Token;
use super::{Diagnostic, Level, MAX_DIAGNOSTICS, Zone, ZoneAnswer, ZoneRecord};
use crate::model::untrusted::Width;
use crate::model::{Name, Rdata, RecordType, untrusted};

/// Types that may stand beside a CNAME (RFC 4034 sections 3 and 4, RFC 2535 section 2.3.5).
const BESIDE_CNAME: [u16; 5] = [24, 25, 30, 46, 47];
const RRSIG: u16 = 46;

/// All problems, in the order of file and line.
pub fn lint(zone: &Zone) -> Vec<Diagnostic> {
    let mut lint = Lint { zone, found: Vec::new(), addresses: HashMap::new() };
    lint.apex();
    for records in zone.owners() {
        lint.aliases(&records);
        lint.record_sets(&records);
        lint.several_spf(&records);
    }
    for record in zone.records() {
        lint.place(record);
        lint.target(record);
        lint.text(record);
    }
    let mut found = lint.found;
    found.sort_by(|a, b| {
        (&a.file, a.line, a.span.start, a.code, &a.message).cmp(&(
            &b.file,
            b.line,
            b.span.start,
            b.code,
            &b.message,
        ))
    });
    found.dedup();
    found.truncate(MAX_DIAGNOSTICS);
    found
}

struct Lint<'z> {
    zone: &'z Zone,
    found: Vec<Diagnostic>,
    /// By target: a hundred thousand records may name one host with as many addresses.
    addresses: HashMap<Name, Addresses>,
}

fn shown(name: &Name) -> String {
    let text = untrusted::plain(name.as_str(), Width::Line);
    if text.is_empty() { ".".to_owned() } else { text }
}

/// Where a name's addresses are to be had.
#[derive(Clone)]
enum Addresses {
    Here,
    Nowhere,
    Alias,
    /// Another zone knows.
    Elsewhere(Option<Name>),
}

impl Lint<'_> {
    fn say(
        &mut self,
        level: Level,
        code: &'static str,
        record: &ZoneRecord,
        token: Option<Token>,
        message: String,
        remedy: impl Into<String>,
    ) {
        let place = &record.place;
        self.found.push(Diagnostic {
            level,
            code,
            file: place.file.clone(),
            line: token.map_or(place.line, |t| t.line),
            span: token.map_or(place.span, |t| t.span).range(),
            message,
            remedy: remedy.into(),
            owner: Some(record.owner.clone()),
        });
    }

    fn apex(&mut self) {
        let zone = self.zone;
        let (Some(apex), Some(first)) = (zone.origin(), zone.records().first()) else { return };
        let soas = |r: &&ZoneRecord| matches!(r.rdata, Rdata::Soa { .. });
        let soa: Vec<&ZoneRecord> = zone.at(apex).filter(soas).collect();
        let name = shown(apex);
        match soa.as_slice() {
            [] => {
                let message = format!("{name} has no SOA record; servers load no zone without one");
                let remedy = format!(
                    "add `{name}. IN SOA ns1.{name}. hostmaster.{name}. 1 7200 3600 1209600 3600`, unless this is a part of a zone"
                );
                // NS records at the apex show that the whole zone is meant.
                let whole = zone.at(apex).any(|r| matches!(r.rdata, Rdata::Ns(_)));
                let level = if whole { Level::Error } else { Level::Warning };
                self.say(level, "soa-missing", first, None, message, remedy);
            }
            [_] => {}
            [one, rest @ ..] => {
                for record in rest.iter().filter(|r| r.rdata != one.rdata) {
                    let message = format!("a second SOA record; the first is on line {}", one.place.line);
                    self.say(Level::Error, "soa-multiple", record, None, message, "keep one");
                }
            }
        }
        for record in zone.records().iter().filter(soas).filter(|r| r.owner != *apex) {
            let message = format!("a SOA record at {}, and the zone is {name}", shown(&record.owner));
            self.say(Level::Error, "soa-not-apex", record, None, message, format!("move it to {name}."));
        }
        if !zone.at(apex).any(|r| matches!(r.rdata, Rdata::Ns(_))) {
            // Without a SOA record it is a part of a zone, which needs none.
            let level = if soa.is_empty() { Level::Warning } else { Level::Error };
            let at = soa.first().copied().unwrap_or(first);
            let message = format!("{name} has no NS record; servers load no zone without one");
            self.say(level, "ns-missing", at, None, message, format!("add `{name}. IN NS ns1.{name}.`"));
        }
    }

    /// CNAME and DNAME beside what they exclude (RFC 1034 section 3.6.2, RFC 6672 section 2).
    fn aliases(&mut self, records: &[&ZoneRecord]) {
        let zone = self.zone;
        let apex = records.first().is_some_and(|r| Some(&r.owner) == zone.origin());
        let cname = records.iter().find(|r| matches!(r.rdata, Rdata::Cname(_)));
        let dname = records.iter().find(|r| matches!(r.rdata, Rdata::Dname(_)));
        if let Some(cname) = cname {
            let line = cname.place.line;
            for other in records.iter().filter(|r| r.rdata != cname.rdata) {
                let rtype = other.rdata.record_type();
                if matches!(other.rdata, Rdata::Cname(_)) {
                    let message = format!("a second CNAME record; the first is on line {line}");
                    self.say(Level::Error, "cname-multiple", other, None, message, "keep one");
                } else if apex {
                    let message = "a CNAME record at the zone's apex, beside its SOA and NS records; mail to the domain follows it or fails".to_owned();
                    let remedy = "replace it by A and AAAA records, or the provider's ALIAS record";
                    self.say(Level::Error, "cname-at-apex", cname, None, message, remedy);
                    break;
                } else if !BESIDE_CNAME.contains(&rtype.number()) {
                    let message = format!(
                        "{rtype} beside the CNAME record of line {line}; a CNAME stands alone and servers refuse the zone"
                    );
                    let remedy = "remove one of them, or put the record at the CNAME's target";
                    self.say(Level::Error, "cname-and-other", other, None, message, remedy);
                }
            }
            if let Rdata::Cname(target) = &cname.rdata {
                self.alias_target(cname, target);
            }
        }
        if let Some(dname) = dname {
            for other in records.iter().filter(|r| r.rdata != dname.rdata) {
                let message = match other.rdata {
                    Rdata::Dname(_) => "a second DNAME record".to_owned(),
                    Rdata::Ns(_) if !apex => {
                        "a DNAME record beside a delegation, which hides it (RFC 6672 section 2.3)".to_owned()
                    }
                    _ => continue,
                };
                self.say(Level::Error, "dname-and-other", other, None, message, "keep one of them");
            }
            if let Some(below) = zone.below(&dname.owner).next() {
                let message = format!(
                    "{} is below the DNAME record of line {}, which replaces all names there",
                    shown(&below.owner),
                    dname.place.line
                );
                let remedy = "move it to the DNAME's target";
                self.say(Level::Error, "dname-and-below", below, below.place.owner, message, remedy);
            }
        }
    }

    /// A chain of aliases inside the zone ends at something.
    fn alias_target(&mut self, record: &ZoneRecord, target: &Name) {
        let zone = self.zone;
        let token = record.place.data.first().copied();
        let is_nowhere = matches!(zone.lookup(target, RecordType::A), ZoneAnswer::Nxdomain);
        if is_nowhere && self.doubled_origin(record, target, token) {
            return;
        }
        let mut seen = BTreeSet::from([record.owner.clone()]);
        let mut name = target.clone();
        loop {
            if !seen.insert(name.clone()) || seen.len() > 16 {
                let message = format!("{} is an alias that leads back to itself", shown(&record.owner));
                self.say(Level::Warning, "cname-loop", record, token, message, "name the host itself");
                return;
            }
            match zone.lookup(&name, RecordType::A) {
                ZoneAnswer::Cname(next, _) => name = next,
                ZoneAnswer::Nxdomain => {
                    let message =
                        format!("the alias leads to {}, which this zone does not have", shown(&name));
                    let remedy = self.dot_remedy(record, "add the name, or correct the target");
                    self.say(Level::Warning, "cname-dangling", record, token, message, remedy);
                    return;
                }
                _ => return,
            }
        }
    }

    /// Duplicates and differing TTLs (RFC 2181 section 5.2).
    fn record_sets(&mut self, records: &[&ZoneRecord]) {
        let mut sorted = records.to_vec();
        sorted.sort_by(|a, b| {
            let types = a.rdata.record_type().number().cmp(&b.rdata.record_type().number());
            types.then_with(|| a.rdata.cmp(&b.rdata))
        });
        for set in sorted.chunk_by(|a, b| a.rdata.record_type() == b.rdata.record_type()) {
            // What a transfer prints ends with the SOA record it began with (RFC 5936 section 2.2).
            let is_soa = set.first().is_some_and(|record| matches!(record.rdata, Rdata::Soa { .. }));
            let twice = |p: &&[&ZoneRecord]| p[0].rdata == p[1].rdata && opaque(p[0]).is_none() && !is_soa;
            for pair in set.windows(2).filter(twice) {
                let message = format!("the same record as on line {}", pair[0].place.line);
                self.say(Level::Warning, "duplicate-record", pair[1], None, message, "remove one of the two");
            }
            let first = set.iter().min_by_key(|r| (&r.place.file, r.place.line));
            let Some(first) = first.filter(|r| r.rdata.record_type().number() != RRSIG) else { continue };
            if let Some(other) = set.iter().find(|r| r.ttl != first.ttl) {
                let message = format!(
                    "TTL {} where the {} record of line {} has {}; records of one name and type share one TTL",
                    other.ttl,
                    first.rdata.record_type(),
                    first.place.line,
                    first.ttl
                );
                self.say(Level::Warning, "ttl-mismatch", other, None, message, "give both the same TTL");
            }
        }
    }

    fn several_spf(&mut self, records: &[&ZoneRecord]) {
        let mut spf = records.iter().filter(|r| {
            matches!(r.rdata, Rdata::Txt(_)) && r.rdata.joined_text().is_some_and(|t| is_spf(&t))
        });
        let Some(first) = spf.next() else { return };
        for other in spf.filter(|r| r.rdata != first.rdata) {
            let message = format!(
                "a second v=spf1 record; the first is on line {}; receivers stop with permerror (RFC 7208 section 4.5)",
                first.place.line
            );
            self.say(Level::Warning, "spf-multiple", other, None, message, "merge the two into one record");
        }
    }

    /// Records outside the zone or hidden by a delegation, names with the origin twice.
    fn place(&mut self, record: &ZoneRecord) {
        let zone = self.zone;
        let Some(apex) = zone.origin() else { return };
        let (owner, token) = (shown(&record.owner), record.place.owner);
        let outside = !record.owner.is_within(apex);
        if outside {
            let message = format!("{owner} is not in the zone {}; servers ignore or refuse it", shown(apex));
            let remedy = "put it into the zone it belongs to";
            self.say(Level::Warning, "out-of-zone", record, token, message, remedy);
            return;
        }
        let _ = self.doubled_origin(record, &record.owner, token);
        let rtype = record.rdata.record_type();
        if rtype == RecordType::Ns && owner.starts_with("*.") {
            let message = format!("NS at the wildcard {owner}; BIND does not load it (RFC 4592 section 4.2)");
            self.say(Level::Error, "wildcard-ns", record, token, message, "delegate each name by itself");
            return;
        }
        let Some(cut) = zone.cut(&record.owner) else {
            if rtype == RecordType::Ds && record.owner != *apex {
                let message = format!("a DS record at {owner} without a delegation there");
                let remedy = "add its NS records, or remove it";
                self.say(Level::Warning, "ds-without-delegation", record, token, message, remedy);
            }
            return;
        };
        // Aliases there are errors of their own.
        let named = [RecordType::Ns, RecordType::Ds, RecordType::Cname, RecordType::Dname];
        let beside = named.contains(&rtype) || [46, 47].contains(&rtype.number());
        let glue = matches!(rtype, RecordType::A | RecordType::Aaaa);
        if !(glue || (record.owner == cut && beside)) {
            let message =
                format!("{rtype} at {owner} is below the delegation of {}; nobody will see it", shown(&cut));
            let remedy = "put it into the delegated zone";
            self.say(Level::Warning, "below-delegation", record, token, message, remedy);
        }
    }

    /// `mx.example.com.example.com`: a name written without its final dot.
    fn doubled_origin(&mut self, record: &ZoneRecord, name: &Name, token: Option<Token>) -> bool {
        let Some(apex) = self.zone.origin().filter(|apex| apex.label_count() >= 2) else { return false };
        if !name.is_within(apex) || name.label_count() < 2 * apex.label_count() {
            return false;
        }
        let labels: Vec<&str> = name.labels().collect();
        let prefix = Name::lenient(&labels[..labels.len() - apex.label_count()].join("."));
        let is_doubled = prefix.is_within(apex);
        if is_doubled {
            let message = format!("{} has the zone's name twice", shown(name));
            let remedy = format!("end the name with a dot: `{}.`", shown(&prefix));
            self.say(Level::Warning, "missing-dot", record, token, message, remedy);
        }
        is_doubled
    }

    /// No host has its name below a reverse zone: what stands there lacks its final dot.
    fn reverse_target(&mut self, record: &ZoneRecord, target: &Name) {
        let Some(apex) = self.zone.origin().filter(|apex| is_reverse(apex)) else { return };
        let Some(count) = target.label_count().checked_sub(apex.label_count()) else { return };
        if !target.is_within(apex) || count == 0 {
            return;
        }
        let written: Vec<&str> = target.labels().take(count).collect();
        let written = untrusted::plain(&written.join("."), Width::Line);
        let message = format!("the PTR record names {}, which lies below the reverse zone", shown(target));
        let remedy = match count {
            1 => format!("write the complete name of {written}, with a dot at its end"),
            _ => format!("end the name with a dot: `{written}.`"),
        };
        let token = record.place.data.first().copied();
        self.say(Level::Warning, "missing-dot", record, token, message, remedy);
    }

    fn addresses(&mut self, name: &Name) -> Addresses {
        if let Some(known) = self.addresses.get(name) {
            return known.clone();
        }
        let found = self.look_up(name);
        self.addresses.insert(name.clone(), found.clone());
        found
    }

    fn look_up(&self, name: &Name) -> Addresses {
        let answers = [RecordType::A, RecordType::Aaaa].map(|rtype| self.zone.lookup(name, rtype));
        if answers.iter().any(|a| matches!(a, ZoneAnswer::Records(_))) {
            return Addresses::Here;
        }
        if answers.iter().any(|a| matches!(a, ZoneAnswer::Unreadable(_) | ZoneAnswer::Open(_))) {
            return Addresses::Elsewhere(None);
        }
        match &answers[0] {
            ZoneAnswer::Cname(..) => Addresses::Alias,
            ZoneAnswer::Delegated(cut) => Addresses::Elsewhere(Some(cut.clone())),
            ZoneAnswer::OutOfZone => Addresses::Elsewhere(None),
            _ => Addresses::Nowhere,
        }
    }

    /// Hosts of MX, NS and SRV have addresses and are no aliases (RFC 2181 section 10.3).
    fn target(&mut self, record: &ZoneRecord) {
        let (target, index) = match &record.rdata {
            Rdata::Mx { exchange, .. } => (exchange.clone(), 1),
            Rdata::Ns(name) => (name.clone(), 0),
            Rdata::Ptr(name) => return self.reverse_target(record, name),
            Rdata::Other { rtype: RecordType::Srv, data } => match srv_target(data) {
                Some(name) => (name, 3),
                None => return,
            },
            _ => return,
        };
        if target.is_root() {
            return;
        }
        let zone = self.zone;
        let rtype = record.rdata.record_type();
        let token = record.place.data.get(index).copied();
        let name = shown(&target);
        let _ = self.doubled_origin(record, &target, token);
        // Servers look at their own zone's servers alone: those of a zone below are hints.
        let is_own = rtype == RecordType::Ns && Some(&record.owner) == zone.origin();
        let level = if is_own { Level::Error } else { Level::Warning };
        match self.addresses(&target) {
            Addresses::Here => {}
            Addresses::Alias => {
                let message = format!(
                    "{rtype} names {name}, which is an alias; it must be a host with an address (RFC 2181 section 10.3)"
                );
                // BIND refuses a zone whose name server is an alias.
                self.say(level, "target-alias", record, token, message, "name the alias's target");
            }
            Addresses::Nowhere => {
                let message = format!("{rtype} names {name}, which has no address in this zone");
                let remedy = self.dot_remedy(record, &format!("add `{name}. IN A` with its address"));
                self.say(level, "target-without-address", record, token, message, remedy);
            }
            Addresses::Elsewhere(Some(cut)) if rtype == RecordType::Ns && record.owner == cut => {
                let glue = |r: &ZoneRecord| matches!(r.rdata, Rdata::A(_) | Rdata::Aaaa(_));
                if !zone.at(&target).any(glue) {
                    let message = format!(
                        "the server {name} is inside the zone it serves and has no glue; nobody can find it"
                    );
                    let remedy = format!("add `{name}. IN A` with its address");
                    // BIND says so and loads the zone.
                    self.say(Level::Warning, "missing-glue", record, token, message, remedy);
                }
            }
            Addresses::Elsewhere(_) => {}
        }
    }

    /// The usual reason for a target the zone does not have.
    fn dot_remedy(&self, record: &ZoneRecord, otherwise: &str) -> String {
        let target = match &record.rdata {
            Rdata::Mx { exchange: name, .. } | Rdata::Ns(name) | Rdata::Cname(name) => name,
            _ => return otherwise.to_owned(),
        };
        let count = target.label_count().saturating_sub(self.zone.origin().map_or(0, Name::label_count));
        if count < 2 {
            return otherwise.to_owned();
        }
        let written: Vec<&str> = target.labels().take(count).collect();
        let written = untrusted::plain(&written.join("."), Width::Line);
        format!("if {written} is meant, end it with a dot: `{written}.`; else {otherwise}")
    }

    /// Strings of an SPF record join without a space (RFC 7208 section 3.3).
    fn text(&mut self, record: &ZoneRecord) {
        let (Rdata::Txt(strings) | Rdata::Spf(strings)) = &record.rdata else { return };
        let data = &record.place.data;
        let versioned = strings.first().is_some_and(|s| s.to_ascii_lowercase().starts_with(b"v="));
        if versioned && data.len() == strings.len() && data.len() > 1 && data.iter().all(|t| !t.quoted) {
            let message = "each unquoted word is a string of its own, and strings join without a space";
            let token = data.get(1).copied();
            let remedy = "put the whole text in quotes";
            self.say(Level::Warning, "unquoted-text", record, token, message.to_owned(), remedy);
            return;
        }
        if !is_spf(&strings.concat()) {
            return;
        }
        for (index, pair) in strings.windows(2).enumerate() {
            let open = !pair[0].ends_with(b" ") && !pair[1].starts_with(b" ");
            if open && !pair[0].is_empty() && begins_term(&pair[1]) {
                let token = data.get(index + 1).copied();
                let message =
                    "no space between this string and the one before; joined they are one broken term";
                let remedy = "begin this string with a space inside its quotes";
                self.say(Level::Warning, "spf-string-boundary", record, token, message.to_owned(), remedy);
            }
        }
    }
}

/// Data that was not read, so that equal means nothing.
fn opaque(record: &ZoneRecord) -> Option<()> {
    matches!(&record.rdata, Rdata::Other { data, .. } if data.is_empty()).then_some(())
}

fn is_reverse(apex: &Name) -> bool {
    ["in-addr.arpa", "ip6.arpa"].iter().any(|top| apex.is_within(&Name::lenient(top)))
}

fn is_spf(text: &[u8]) -> bool {
    let head = text.get(..6).is_some_and(|h| h.eq_ignore_ascii_case(b"v=spf1"));
    head && text.get(6).is_none_or(|b| *b == b' ' || !b.is_ascii_alphanumeric())
}

/// The start of an SPF mechanism or modifier (RFC 7208 section 12).
fn begins_term(text: &[u8]) -> bool {
    let text = text.to_ascii_lowercase();
    let bare = match text.split_first() {
        Some((b'+' | b'-' | b'~' | b'?', rest)) => rest,
        _ => &text,
    };
    let prefixes = ["include:", "ip4:", "ip6:", "exists:", "redirect=", "exp="];
    if prefixes.iter().any(|p| bare.starts_with(p.as_bytes())) {
        return true;
    }
    ["all", "a", "mx", "ptr"].iter().any(|word| {
        bare.strip_prefix(word.as_bytes())
            .is_some_and(|rest| matches!(rest.first(), None | Some(b' ' | b':' | b'/')))
    })
}

fn srv_target(data: &[u8]) -> Option<Name> {
    let mut labels = Vec::new();
    let mut rest = data.get(6..)?;
    while let Some((length, tail)) = rest.split_first().filter(|(length, _)| **length > 0) {
        let (label, tail) = tail.split_at_checked(usize::from(*length))?;
        labels.push(label);
        rest = tail;
    }
    Some(Name::from_labels(labels))
}
