//! hickory's messages to our observations. What a message does not prove is a failure.

use hickory_resolver::net::{DnsError, NetError, NoRecords};
use hickory_resolver::proto::op::{DnsResponse, ResponseCode};
use hickory_resolver::proto::rr::{self, RData};
use hickory_resolver::proto::serialize::binary::BinEncodable as _;

use crate::model::untrusted::{Width, plain};
use crate::model::{Absence, Failure, Name, Observation, Rdata, Record, RecordType};

/// Longest chain of aliases in one answer; resolvers give up at 8 to 16.
const MAX_ALIASES: usize = 16;

/// What a response says of a question.
pub(super) enum Said {
    Settled {
        observation: Observation<Vec<Record>>,
        aliases: Vec<Name>,
        authenticated: bool,
    },
    /// The chain ends at a name the response says nothing about: ask for it.
    GoOn {
        target: Name,
        aliases: Vec<Name>,
    },
}

impl Said {
    pub(super) fn failed(failure: Failure) -> Said {
        Said::Settled { observation: Observation::Failed(failure), aliases: Vec::new(), authenticated: false }
    }
}

pub(super) fn name_to_wire(name: &Name) -> Result<rr::Name, String> {
    let labels = name.raw_labels();
    let mut wire = rr::Name::from_labels(labels.iter().map(Vec::as_slice)).map_err(|e| e.to_string())?;
    wire.set_fqdn(true);
    Ok(wire)
}

pub(super) fn name_from_wire(name: &rr::Name) -> Name {
    Name::from_labels(name.iter())
}

/// Reads a response: follows its aliases from the name asked for, and takes only
/// the records that stand at their end.
pub(super) fn read(response: &DnsResponse, name: &Name, rtype: RecordType) -> Said {
    let mut current = name.clone();
    let mut aliases = Vec::new();
    let records: Vec<(Name, &rr::Record)> =
        response.answers.iter().map(|record| (name_from_wire(&record.name), record)).collect();
    loop {
        let here = |wanted: RecordType| {
            let current = &current;
            records
                .iter()
                .filter(move |(owner, record)| {
                    owner == current && u16::from(record.record_type()) == wanted.number()
                })
                .map(|(_, record)| *record)
        };
        let found: Result<Vec<Record>, Failure> = here(rtype).map(record_from_wire).collect();
        match found.map(once_each) {
            Err(failure) => return Said::failed(failure),
            Ok(found) if !found.is_empty() => {
                return Said::Settled {
                    observation: Observation::Seen(found),
                    aliases,
                    authenticated: response.authentic_data,
                };
            }
            Ok(_) => {}
        }
        let target = here(RecordType::Cname).find_map(|record| match &record.data {
            RData::CNAME(target) => Some(name_from_wire(&target.0)),
            _ => None,
        });
        match target {
            Some(target) if aliases.contains(&target) || target == *name || aliases.len() >= MAX_ALIASES => {
                return Said::failed(Failure::CnameLoop);
            }
            Some(target) => {
                aliases.push(target.clone());
                current = target;
            }
            None => break,
        }
    }
    let authenticated = response.authentic_data;
    let settled = |observation| Said::Settled { observation, aliases: aliases.clone(), authenticated };
    let is_nxdomain = response.response_code == ResponseCode::NXDomain;
    let soa = response.soa().map(|soa| name_from_wire(soa.name()));
    match proven(is_nxdomain, soa.as_ref(), &current) {
        Ok(absence) => return settled(Observation::Absent(absence)),
        // What stands at the alias's end can be asked for by itself.
        Err(_) if !aliases.is_empty() => return Said::GoOn { target: current, aliases },
        Err(failure) if is_nxdomain || soa.is_some() => return Said::failed(failure),
        Err(_) => {}
    }
    if records.is_empty() {
        return Said::failed(Failure::Empty);
    }
    Said::failed(Failure::Mismatched("the records are for another name or type".to_owned()))
}

/// Absence is proven by the SOA record of the zone that the name is in, at or above
/// it (RFC 2308 section 2): any other names a zone that cannot know.
fn proven(is_nxdomain: bool, soa: Option<&Name>, name: &Name) -> Result<Absence, Failure> {
    let code = if is_nxdomain { "NXDOMAIN" } else { "an empty answer" };
    match soa {
        Some(soa) if name.is_within(soa) => Ok(if is_nxdomain { Absence::Nxdomain } else { Absence::NoData }),
        Some(soa) => Err(Failure::Mismatched(format!(
            "{code} with the SOA record of {}, a zone that {} is not in",
            plain(soa.as_str(), Width::Line),
            plain(name.as_str(), Width::Line)
        ))),
        None if is_nxdomain => {
            Err(Failure::Mismatched(format!("{code} without the SOA record that proves it")))
        }
        None => Err(Failure::Empty),
    }
}

/// The same record twice is one record (RFC 2181 section 5); the first one stays.
fn once_each(records: Vec<Record>) -> Vec<Record> {
    let mut seen = std::collections::HashSet::new();
    records.into_iter().filter(|record| seen.insert(record.rdata.to_string())).collect()
}

/// The same where the zone's own servers were asked, as in recursion: with their
/// authority NXDOMAIN needs no SOA record, and many that serve lists send none.
pub(super) fn read_own_error(error: NetError) -> Said {
    let is_bare = matches!(
        &error,
        NetError::Dns(DnsError::NoRecordsFound(NoRecords {
            response_code: ResponseCode::NXDomain,
            soa: None,
            ..
        }))
    );
    if is_bare {
        let observation = Observation::Absent(Absence::Nxdomain);
        return Said::Settled { observation, aliases: Vec::new(), authenticated: false };
    }
    read_error(error)
}

/// hickory's error for a question: some are proven absences, the rest failures.
pub(super) fn read_error(error: NetError) -> Said {
    let failure = match error {
        NetError::Dns(DnsError::NoRecordsFound(NoRecords { query, response_code, soa, ns, .. })) => {
            let is_nxdomain = response_code == ResponseCode::NXDomain;
            let soa = soa.map(|soa| name_from_wire(&soa.name));
            let observation = match response_code {
                ResponseCode::NoError if soa.is_none() && ns.is_some() => Observation::Failed(Failure::Lame),
                ResponseCode::NXDomain | ResponseCode::NoError => {
                    match proven(is_nxdomain, soa.as_ref(), &name_from_wire(query.name())) {
                        Ok(absence) => Observation::Absent(absence),
                        Err(failure) => Observation::Failed(failure),
                    }
                }
                code => Observation::Failed(from_code(code)),
            };
            return Said::Settled { observation, aliases: Vec::new(), authenticated: false };
        }
        NetError::Dns(DnsError::ResponseCode(code)) => from_code(code),
        NetError::Dns(DnsError::DnssecBogus) => Failure::Bogus("the signatures do not verify".to_owned()),
        NetError::Timeout => Failure::Timeout,
        NetError::Truncated => Failure::Truncated,
        NetError::QueryCaseMismatch => {
            Failure::Mismatched("the name came back in other letter case".to_owned())
        }
        NetError::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => Failure::Timeout,
        NetError::Io(error) => Failure::Network(error.to_string()),
        NetError::NoConnections => Failure::Network("no connection to the server".to_owned()),
        NetError::RustlsError(error) => Failure::Protocol(format!("TLS with the resolver failed ({error})")),
        // Only recursion speaks in words: what ended the search for a zone's servers.
        NetError::Msg(words) => searched(&words),
        NetError::Proto(error) => Failure::Malformed(error.to_string()),
        other => Failure::Malformed(other.to_string()),
    };
    Said::failed(failure)
}

fn searched(words: &str) -> Failure {
    if words.contains("Refused") || words.contains("forward NS") {
        return Failure::Lame;
    }
    Failure::Network(plain(words, Width::Line))
}

fn from_code(code: ResponseCode) -> Failure {
    match code {
        ResponseCode::ServFail => Failure::Servfail(None),
        ResponseCode::Refused => Failure::Refused,
        other => Failure::Rcode(other.to_string()),
    }
}

fn record_from_wire(record: &rr::Record) -> Result<Record, Failure> {
    let rdata = match &record.data {
        RData::A(ip) => Rdata::A(ip.0),
        RData::AAAA(ip) => Rdata::Aaaa(ip.0),
        RData::MX(mx) => Rdata::Mx { preference: mx.preference, exchange: name_from_wire(&mx.exchange) },
        RData::TXT(txt) => Rdata::Txt(txt.txt_data.iter().map(|string| string.to_vec()).collect()),
        RData::PTR(name) => Rdata::Ptr(name_from_wire(&name.0)),
        RData::CNAME(name) => Rdata::Cname(name_from_wire(&name.0)),
        RData::NS(name) => Rdata::Ns(name_from_wire(&name.0)),
        RData::SOA(soa) => Rdata::Soa {
            mname: name_from_wire(&soa.mname),
            rname: name_from_wire(&soa.rname),
            serial: soa.serial,
            refresh: soa.refresh.unsigned_abs(),
            retry: soa.retry.unsigned_abs(),
            expire: soa.expire.unsigned_abs(),
            minimum: soa.minimum,
        },
        RData::TLSA(tlsa) => Rdata::Tlsa {
            usage: tlsa.cert_usage.into(),
            selector: tlsa.selector.into(),
            matching: tlsa.matching.into(),
            data: tlsa.cert_data.clone(),
        },
        RData::CAA(caa) => Rdata::Caa {
            flags: u8::from(caa.issuer_critical) << 7 | caa.reserved_flags,
            tag: caa.tag.clone(),
            value: caa.value.clone(),
        },
        RData::Unknown { rdata, .. } if u16::from(record.record_type()) == 99 => {
            Rdata::Spf(strings(rdata.anything.as_ref())?)
        }
        other => {
            let rtype = RecordType::from_number(record.record_type().into());
            let data = other.to_bytes().map_err(|error| Failure::Malformed(error.to_string()))?;
            Rdata::Other { rtype, data }
        }
    };
    Ok(Record { rdata, ttl: record.ttl, location: None })
}

/// Character-strings of wire bytes: a length octet each.
fn strings(mut bytes: &[u8]) -> Result<Vec<Vec<u8>>, Failure> {
    let mut strings = Vec::new();
    while let Some((&length, rest)) = bytes.split_first() {
        let Some((string, rest)) = rest.split_at_checked(length.into()) else {
            return Err(Failure::Malformed("a character-string runs past the record's end".to_owned()));
        };
        strings.push(string.to_vec());
        bytes = rest;
    }
    Ok(strings)
}
