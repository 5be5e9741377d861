//! What is wrong with a zone's records about mail that no audit of a name can see: records at
//! names nobody asks, records in pieces, and records that another one hides.

use std::collections::{BTreeMap, BTreeSet};

use super::lexer::Token;
use super::{Diagnostic, Level, MAX_DIAGNOSTICS, Zone, ZoneAnswer, ZoneRecord};
use crate::model::untrusted::Width;
use crate::model::{Name, Rdata, RecordType, untrusted};

/// All problems, in no order.
pub(super) fn lint(zone: &Zone) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let targets: BTreeSet<&Name> = zone
        .records()
        .iter()
        .filter_map(|record| match &record.rdata {
            Rdata::Cname(target) => Some(target),
            _ => None,
        })
        .collect();
    let mut hidden: BTreeMap<Name, Vec<&ZoneRecord>> = BTreeMap::new();
    for record in zone.records() {
        if found.len() >= MAX_DIAGNOSTICS {
            break;
        }
        if let Some(cut) = zone.cut(&record.owner) {
            if is_about_mail(record) {
                hidden.entry(cut).or_default().push(record);
            }
            continue;
        }
        found.extend(orphan(record, &targets));
        found.extend(mx_host(record));
        found.extend(wildcard_key(record));
        found.extend(policy_host(zone, record));
    }
    for records in zone.owners() {
        found.extend(split(&records));
    }
    for (cut, records) in hidden {
        found.extend(hides(zone, &cut, &records));
    }
    found.truncate(MAX_DIAGNOSTICS);
    found
}

fn shown(name: &Name) -> String {
    untrusted::plain(name.as_str(), Width::Line)
}

fn say(
    code: &'static str,
    record: &ZoneRecord,
    token: Option<Token>,
    message: String,
    remedy: String,
) -> Diagnostic {
    let place = &record.place;
    Diagnostic {
        level: Level::Warning,
        code,
        file: place.file.clone(),
        line: token.map_or(place.line, |token| token.line),
        span: token.map_or(place.span, |token| token.span).range(),
        message,
        remedy,
        owner: Some(record.owner.clone()),
    }
}

/// A kind of text record, by the version it begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Spf,
    Dmarc,
    Dkim,
    MtaSts,
    TlsRpt,
    Bimi,
}

const KINDS: &[(Kind, &str)] = &[
    (Kind::Spf, "v=spf1"),
    (Kind::Dmarc, "v=dmarc1"),
    (Kind::Dkim, "v=dkim1"),
    (Kind::MtaSts, "v=stsv1"),
    (Kind::TlsRpt, "v=tlsrptv1"),
    (Kind::Bimi, "v=bimi1"),
];

impl Kind {
    pub(super) const ALL: [Kind; 6] =
        [Kind::Spf, Kind::Dmarc, Kind::Dkim, Kind::MtaSts, Kind::TlsRpt, Kind::Bimi];

    /// The kind of a text, where its version is exact.
    pub(super) fn of(text: &[u8]) -> Option<Kind> {
        kind_of(&version(text)).filter(|(_, is_exact)| *is_exact).map(|(kind, _)| kind)
    }

    pub(super) fn named(self) -> &'static str {
        match self {
            Kind::Spf => "v=spf1",
            Kind::Dmarc => "v=DMARC1",
            Kind::Dkim => "v=DKIM1",
            Kind::MtaSts => "v=STSv1",
            Kind::TlsRpt => "v=TLSRPTv1",
            Kind::Bimi => "v=BIMI1",
        }
    }

    /// Where such a record is looked for, for the remedy.
    fn place(self) -> &'static str {
        match self {
            Kind::Spf => "at the domain itself",
            Kind::Dmarc => "at _dmarc below the domain",
            Kind::Dkim => "at SELECTOR._domainkey below the domain",
            Kind::MtaSts => "at _mta-sts below the domain",
            Kind::TlsRpt => "at _smtp._tls below the domain",
            Kind::Bimi => "at default._bimi below the domain",
        }
    }

    /// Whether receivers ask for such a record at this name.
    pub(super) fn is_asked_at(self, labels: &[&str]) -> bool {
        // No mail domain has a label with an underscore.
        let is_domain = |labels: &[&str]| !labels.iter().any(|label| label.starts_with('_'));
        match (self, labels) {
            // An asterisk stands for other names as the first label alone (RFC 4592 section 2.1.1).
            (_, [_, rest @ ..]) if rest.contains(&"*") => false,
            // A wildcard answers for whatever is asked below.
            (_, ["*", domain @ ..]) if is_domain(domain) => true,
            (Kind::Spf, _) => true,
            (Kind::Dmarc, ["_dmarc", domain @ ..]) | (Kind::MtaSts, ["_mta-sts", domain @ ..]) => {
                is_domain(domain)
            }
            // Who takes reports for others says so below `_report._dmarc` (RFC 9990 section 4).
            (Kind::Dmarc, _) => labels.windows(2).any(|pair| pair == ["_report", "_dmarc"]),
            (Kind::TlsRpt, ["_smtp", "_tls", domain @ ..]) | (Kind::Bimi, [_, "_bimi", domain @ ..]) => {
                is_domain(domain)
            }
            (Kind::Dkim, _) => labels.iter().skip(1).any(|label| *label == "_domainkey"),
            _ => false,
        }
    }
}

/// What the text begins with, up to the first `;` or blank, without the quotes around it.
fn version(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(&text[..text.len().min(40)]).to_ascii_lowercase();
    text.trim_start().split([';', ' ', '\t']).next().unwrap_or_default().to_owned()
}

/// The kind that a version is or was meant to be, and whether it is exact.
fn kind_of(version: &str) -> Option<(Kind, bool)> {
    if version.len() > 14 {
        return None;
    }
    let exact = KINDS.iter().find(|(_, known)| *known == version).map(|(kind, _)| (*kind, true));
    exact.or_else(|| {
        let near = |known: &str| strsim::osa_distance(known, version) == 1;
        // `v=spf2.0` and other versions are meant; a digit more or less is not.
        KINDS.iter().find(|(_, known)| near(known)).map(|(kind, _)| (*kind, false))
    })
}

/// A record at a name nobody asks, or one whose version nobody recognises.
fn orphan(record: &ZoneRecord, targets: &BTreeSet<&Name>) -> Option<Diagnostic> {
    let Rdata::Txt(strings) = &record.rdata else { return None };
    let version = version(strings.first()?);
    let Some((kind, exact)) = kind_of(&version) else { return stray_key(record, strings) };
    let labels: Vec<&str> = record.owner.labels().collect();
    let asked = kind.is_asked_at(&labels);
    let (owner, named) = (shown(&record.owner), kind.named());
    if !exact {
        let found = untrusted::plain(&version, Width::Word);
        let message = format!(
            "the text at {owner} begins with `{found}` where `{named}` is wanted; receivers ignore the record"
        );
        let remedy = format!("begin the text with `{named}`, {}", kind.place());
        return Some(say("orphaned", record, record.place.data.first().copied(), message, remedy));
    }
    if asked || targets.contains(&record.owner) {
        return None;
    }
    let why = match labels.iter().skip(1).any(|label| *label == "*") {
        true => ": `*` stands for other names as the first label alone",
        false => "",
    };
    let message = format!("{owner} holds a {named} record, and nobody asks for one at that name{why}");
    let remedy = format!("publish the record {}", kind.place());
    Some(say("orphaned", record, record.place.owner, message, remedy))
}

/// A key without a version, below a label that is nearly `_domainkey`.
fn stray_key(record: &ZoneRecord, strings: &[Vec<u8>]) -> Option<Diagnostic> {
    let near = |label: &str| label != "_domainkey" && strsim::osa_distance("_domainkey", label) <= 2;
    if !record.owner.labels().skip(1).any(near) {
        return None;
    }
    let text = String::from_utf8_lossy(&strings.concat()).into_owned();
    let is_key = |tag: &str| {
        let value = tag.trim().strip_prefix("p=").unwrap_or_default();
        value.len() >= 40 && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/= ".contains(&b))
    };
    if !text.split(';').any(is_key) {
        return None;
    }
    let message = format!("{} holds a DKIM key, and nobody asks for one at that name", shown(&record.owner));
    let remedy = format!("publish the record {}", Kind::Dkim.place());
    Some(say("orphaned", record, record.place.owner, message, remedy))
}

/// One record written as several TXT records, each read by itself.
fn split(records: &[&ZoneRecord]) -> Option<Diagnostic> {
    let owner = &records.first()?.owner;
    let labels: Vec<&str> = owner.labels().collect();
    let mut texts = records.iter().filter_map(|record| match &record.rdata {
        Rdata::Txt(strings) => Some((record, strings.concat())),
        _ => None,
    });
    let (first, kind) = texts.find_map(|(record, text)| match kind_of(&version(&text))? {
        (kind, _) if kind != Kind::Spf && kind.is_asked_at(&labels) => Some((record, kind)),
        _ => None,
    })?;
    let is_piece = |record: &&&ZoneRecord| match &record.rdata {
        Rdata::Txt(strings) => {
            let text = strings.concat();
            kind_of(&version(&text)).is_none() && is_tag(&text)
        }
        _ => false,
    };
    let pieces = records.iter().filter(is_piece).count();
    if pieces == 0 {
        return None;
    }
    let message = format!(
        "the {} record at {} stands in {} TXT records; each is read by itself, so the tags after the version are lost",
        kind.named(),
        shown(owner),
        pieces + 1
    );
    let remedy = "write one TXT record with the tags separated by `;` inside one pair of quotes".to_owned();
    Some(say("split-record", first, first.place.owner, message, remedy))
}

/// `p=reject`, `rua=mailto:...`: a tag of a list by itself.
fn is_tag(text: &[u8]) -> bool {
    const TAGS: [&str; 18] = [
        "p", "sp", "np", "rua", "ruf", "adkim", "aspf", "pct", "fo", "ri", "k", "t", "h", "s", "n", "id",
        "l", "a",
    ];
    let text = String::from_utf8_lossy(&text[..text.len().min(40)]).to_ascii_lowercase();
    text.trim().split_once('=').is_some_and(|(name, _)| TAGS.contains(&name.trim()))
}

/// Top-level names that public DNS never has (RFC 6761, RFC 6762, ICANN's `internal`).
const INNER: [&str; 8] =
    ["localhost", "localdomain", "local", "invalid", "test", "internal", "lan", "intranet"];

/// An MX host that is no host name (RFC 952, RFC 1123 section 2.1): servers refuse to ask for it.
fn mx_host(record: &ZoneRecord) -> Option<Diagnostic> {
    let Rdata::Mx { exchange, .. } = &record.rdata else { return None };
    if let Some(top) = exchange.labels().last().filter(|top| INNER.contains(top)) {
        let message = format!(
            "the MX record names {}, and no name below {top} exists in public DNS; no mail arrives",
            shown(exchange)
        );
        let remedy = "name the host as other networks find it".to_owned();
        return Some(say("host-name", record, record.place.data.get(1).copied(), message, remedy));
    }
    let bad = exchange.labels().find(|label| {
        let plain = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        !plain || label.starts_with('-') || label.ends_with('-')
    })?;
    let host = shown(exchange);
    // An address in place of a name is a fault of its own.
    if host.parse::<std::net::IpAddr>().is_ok() {
        return None;
    }
    let why = if bad.contains('_') { "an underscore" } else { "a character no host name has" };
    let message = format!(
        "the MX record names {host}, and its label {} holds {why}; strict senders refuse to deliver there",
        untrusted::plain(bad, Width::Name)
    );
    let remedy = "give the host a name of letters, digits and hyphens".to_owned();
    Some(say("host-name", record, record.place.data.get(1).copied(), message, remedy))
}

/// `*._domainkey` with an empty key: every selector that has no record is revoked.
fn wildcard_key(record: &ZoneRecord) -> Option<Diagnostic> {
    let labels: Vec<&str> = record.owner.labels().take(2).collect();
    if labels != ["*", "_domainkey"] || !matches!(record.rdata, Rdata::Txt(_)) {
        return None;
    }
    let message = format!(
        "{} answers for every selector that has no record of its own, so a mistyped selector looks published",
        shown(&record.owner)
    );
    let remedy = "keep it only where no mail is signed".to_owned();
    Some(say("wildcard-key", record, record.place.owner, message, remedy))
}

/// An MTA-STS record whose policy host this zone would have to name and does not.
fn policy_host(zone: &Zone, record: &ZoneRecord) -> Option<Diagnostic> {
    let Rdata::Txt(strings) = &record.rdata else { return None };
    let mut labels = record.owner.labels();
    if labels.next() != Some("_mta-sts") || kind_of(&version(strings.first()?)) != Some((Kind::MtaSts, true))
    {
        return None;
    }
    let domain = record.owner.suffix(record.owner.label_count() - 1);
    let host = domain.prefixed("mta-sts");
    let lacks = |rtype| matches!(zone.lookup(&host, rtype), ZoneAnswer::NoData | ZoneAnswer::Nxdomain);
    if !(lacks(RecordType::A) && lacks(RecordType::Aaaa)) {
        return None;
    }
    let host = shown(&host);
    let message = format!(
        "{} announces MTA-STS, and the policy host {host} has no address; senders that know no policy find none, others keep an old one",
        shown(&record.owner)
    );
    let remedy = format!("add `{host}. IN A` with the address of the web server that holds the policy");
    Some(say("policy-host", record, record.place.owner, message, remedy))
}

/// Whether mail hangs on the record.
fn is_about_mail(record: &ZoneRecord) -> bool {
    let below = record.owner.labels().any(|label| {
        matches!(label, "_domainkey" | "_dmarc" | "_mta-sts" | "_bimi") || label.eq_ignore_ascii_case("_tls")
    });
    let text = record.rdata.joined_text();
    matches!(record.rdata, Rdata::Mx { .. })
        || text.is_some_and(|text| kind_of(&version(&text)).is_some())
        || (below && !matches!(record.rdata, Rdata::Ns(_)))
}

/// A delegation that takes mail records of this file away.
fn hides(zone: &Zone, cut: &Name, records: &[&ZoneRecord]) -> Option<Diagnostic> {
    let server = zone.at(cut).find(|record| matches!(record.rdata, Rdata::Ns(_)))?;
    let mut lines: Vec<String> = records.iter().map(|record| record.place.line.to_string()).collect();
    lines.truncate(5);
    let message = format!(
        "{} is delegated here, which hides the {} records about mail in this file (lines {}); receivers see only what the other servers publish",
        shown(cut),
        records.len(),
        lines.join(", ")
    );
    let remedy = "move the records to the delegated zone first, or remove the NS record".to_owned();
    Some(say("delegation-hides", server, server.place.owner, message, remedy))
}
