//! Why a chain of signatures does not hold, in words: read from what the
//! validation saw, since the validator itself only says that it does not.

use std::collections::BTreeMap;

use hickory_resolver::proto::dnssec::rdata::{DNSKEY, DNSSECRData, DS, RRSIG};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};

use super::tap::Seen;
use crate::gather::wire::name_from_wire;
use crate::model::untrusted::{Width, plain};

/// What stands in the replies, by owner and type.
pub(super) struct Picture<'s> {
    seen: &'s [Seen],
    sets: BTreeMap<(Name, u16), Vec<&'s Record>>,
    /// Signatures by the owner and type they cover.
    signatures: BTreeMap<(Name, u16), Vec<&'s RRSIG>>,
}

/// The end of the signature that ends first, and for how long it was made.
pub(super) struct Expiry {
    pub zone: Name,
    /// Seconds since the Unix epoch.
    pub at: i64,
    /// Seconds.
    pub lifetime: i64,
}

impl<'s> Picture<'s> {
    pub(super) fn of(seen: &'s [Seen]) -> Picture<'s> {
        let mut sets: BTreeMap<(Name, u16), Vec<&Record>> = BTreeMap::new();
        let mut signatures: BTreeMap<(Name, u16), Vec<&RRSIG>> = BTreeMap::new();
        for record in seen.iter().flat_map(|reply| &reply.records) {
            let owner = record.name.to_lowercase();
            match &record.data {
                RData::DNSSEC(DNSSECRData::RRSIG(signature)) => {
                    let covered = u16::from(signature.input().type_covered);
                    let all = signatures.entry((owner, covered)).or_default();
                    if !all.contains(&signature) {
                        all.push(signature);
                    }
                }
                _ => sets.entry((owner, record.record_type().into())).or_default().push(record),
            }
        }
        Picture { seen, sets, signatures }
    }

    /// True where a single signature came at all.
    pub(super) fn has_signatures(&self) -> bool {
        !self.signatures.is_empty()
    }

    /// Why a question for a key or a delegation got no answer, as `com DNSKEY: no answer in time`.
    pub(super) fn failures(&self) -> Vec<String> {
        let failed = self.seen.iter().filter_map(|reply| {
            let failure = reply.failure.as_ref()?;
            Some(format!("{} {}: {}", shown(&reply.name), reply.rtype, super::failure_text(failure)))
        });
        let mut all: Vec<String> = failed.collect();
        all.dedup();
        all
    }

    fn keys(&self, zone: &Name) -> Vec<&'s DNSKEY> {
        let records = self.sets.get(&(zone.clone(), RecordType::DNSKEY.into()));
        let key = |record: &&'s Record| match &record.data {
            RData::DNSSEC(DNSSECRData::DNSKEY(key)) => Some(key),
            _ => None,
        };
        records.into_iter().flatten().filter_map(key).collect()
    }

    fn was_asked(&self, name: &Name, rtype: RecordType) -> bool {
        self.seen.iter().any(|reply| reply.name == *name && reply.rtype == rtype)
    }

    fn signatures_of(&self, name: &Name, rtype: RecordType) -> &[&'s RRSIG] {
        self.signatures.get(&(name.clone(), rtype.into())).map_or(&[], Vec::as_slice)
    }

    /// The first broken link from the anchor downwards, in words.
    pub(super) fn reason(&self, name: &Name, rtype: RecordType, now: u32) -> String {
        self.broken_delegation(now)
            .or_else(|| self.outdated(now))
            .or_else(|| self.unsigned(name, rtype))
            .or_else(|| self.foreign_key())
            .unwrap_or_else(|| {
                if self.sets.contains_key(&(name.clone(), rtype.into())) {
                    format!("no signature over {} {rtype} verifies", shown(name))
                } else {
                    format!("the proof that there is no {} {rtype} is missing or does not hold", shown(name))
                }
            })
    }

    /// A DS record that none of the zone's keys matches.
    fn broken_delegation(&self, now: u32) -> Option<String> {
        let delegations = self.sets.iter().filter(|((_, rtype), _)| *rtype == u16::from(RecordType::DS));
        delegations.into_iter().find_map(|((zone, _), records)| {
            if !self.was_asked(zone, RecordType::DNSKEY) {
                return None;
            }
            let digests: Vec<&DS> = records
                .iter()
                .filter_map(|record| match &record.data {
                    RData::DNSSEC(DNSSECRData::DS(ds)) => Some(ds),
                    _ => None,
                })
                .collect();
            let zone_shown = shown(zone);
            let tags = |tags: &mut dyn Iterator<Item = u16>| {
                let mut tags: Vec<u16> = tags.collect();
                tags.sort_unstable();
                tags.dedup();
                tags.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")
            };
            let named = tags(&mut digests.iter().map(|ds| ds.key_tag()));
            let keys = self.keys(zone);
            if keys.is_empty() {
                return Some(format!(
                    "the parent of {zone_shown} publishes a DS record (key tag {named}), and {zone_shown} has no DNSKEY record"
                ));
            }
            let matched: Vec<&DNSKEY> =
                keys.iter().copied().filter(|key| digests.iter().any(|ds| ds.covers(zone, key).unwrap_or(false))).collect();
            if matched.is_empty() {
                let own = tags(&mut keys.iter().filter_map(|key| key.calculate_key_tag().ok()));
                return Some(format!(
                    "the DS record of {zone_shown} names key tag {named}, and none of its DNSKEY records (key tags {own}) matches"
                ));
            }
            let matched: Vec<u16> = matched.iter().filter_map(|key| key.calculate_key_tag().ok()).collect();
            let by_matched: Vec<&RRSIG> = self
                .signatures_of(zone, RecordType::DNSKEY)
                .iter()
                .copied()
                .filter(|signature| matched.contains(&signature.input().key_tag))
                .collect();
            if by_matched.is_empty() {
                return Some(format!(
                    "the DNSKEY records of {zone_shown} are not signed by the key its DS record names (key tag {named})"
                ));
            }
            all_outdated(&by_matched, zone, RecordType::DNSKEY, now)
        })
    }

    /// Records all of whose signatures are past or not yet begun.
    fn outdated(&self, now: u32) -> Option<String> {
        self.signatures
            .iter()
            .find_map(|((name, rtype), all)| all_outdated(all, name, RecordType::from(*rtype), now))
    }

    /// The records asked for stand there without a signature, while others have one.
    fn unsigned(&self, name: &Name, rtype: RecordType) -> Option<String> {
        let there = self.sets.contains_key(&(name.clone(), rtype.into()));
        (there && self.signatures_of(name, rtype).is_empty()).then(|| {
            format!(
                "{} {rtype} has no signature, though the zone's parent says that the zone is signed",
                shown(name)
            )
        })
    }

    /// Records signed only by keys that the zone does not publish.
    fn foreign_key(&self) -> Option<String> {
        self.signatures.iter().find_map(|((name, rtype), all)| {
            let rtype = RecordType::from(*rtype);
            let strange = all.iter().all(|signature| {
                let signer = signature.input().signer_name.to_lowercase();
                let keys = self.keys(&signer);
                let tag = signature.input().key_tag;
                !keys.is_empty()
                    && !keys.iter().any(|key| key.calculate_key_tag().is_ok_and(|own| own == tag))
            });
            let first = all.first().filter(|_| strange)?;
            Some(format!(
                "{} {rtype} is signed with key tag {}, which {} does not publish",
                shown(name),
                first.input().key_tag,
                shown(&first.input().signer_name)
            ))
        })
    }

    /// When the data of the zone that signs `name` first loses its signature.
    pub(super) fn expiry(&self, name: &Name, rtype: RecordType) -> Option<Expiry> {
        let zone = self.signatures_of(name, rtype).first()?.input().signer_name.to_lowercase();
        let ends = self.signatures.values().filter_map(|all| {
            let own = all.iter().filter(|signature| signature.input().signer_name.to_lowercase() == zone);
            // A set with two signatures holds as long as the longer one.
            own.map(|signature| {
                let (from, to) =
                    (signature.input().sig_inception.get(), signature.input().sig_expiration.get());
                (i64::from(to), i64::from(to.wrapping_sub(from)))
            })
            .max()
        });
        ends.min().map(|(at, lifetime)| Expiry { zone: zone.clone(), at, lifetime })
    }
}

/// What is wrong with the time a signature is made for.
pub(super) enum TimeFault {
    Early,
    Late,
}

/// By serial number arithmetic (RFC 4034 section 3.1.5).
pub(super) fn time_fault(signature: &RRSIG, now: u32) -> Option<TimeFault> {
    let (from, to) = (signature.input().sig_inception.get(), signature.input().sig_expiration.get());
    if (to.wrapping_sub(now) as i32) < 0 {
        return Some(TimeFault::Late);
    }
    ((now.wrapping_sub(from) as i32) < 0).then_some(TimeFault::Early)
}

fn all_outdated(all: &[&RRSIG], name: &Name, rtype: RecordType, now: u32) -> Option<String> {
    let text = |signature: &&RRSIG| {
        let input = signature.input();
        let day = |seconds: u32| crate::facts::day_of(i64::from(seconds));
        let when = match time_fault(signature, now)? {
            TimeFault::Late => format!("expired on {}", day(input.sig_expiration.get())),
            TimeFault::Early => format!("is valid only from {}", day(input.sig_inception.get())),
        };
        let (name, signer, tag) = (shown(name), shown(&input.signer_name), input.key_tag);
        Some(format!("the signature over {name} {rtype} by {signer} (key tag {tag}) {when}"))
    };
    let texts: Option<Vec<String>> = all.iter().map(text).collect();
    texts?.into_iter().next()
}

fn shown(name: &Name) -> String {
    let name = name_from_wire(name);
    if name.is_root() { "the root".to_owned() } else { plain(name.as_str(), Width::Line) }
}
