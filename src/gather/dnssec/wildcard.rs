//! Wildcard answers that hickory 0.26 refuses: where the wildcard's own NSEC
//! record is the one that covers the name asked for, it looks for another.

use hickory_resolver::proto::dnssec::Proof;
use hickory_resolver::proto::dnssec::rdata::{DNSSECRData, NSEC};
use hickory_resolver::proto::op::DnsResponse;
use hickory_resolver::proto::rr::{Name, RData, RecordType};

/// True where every record made from a wildcard comes with the proof that no
/// closer name exists (RFC 4035 section 5.3.4).
pub(super) fn is_proven(response: &DnsResponse) -> bool {
    let denials: Vec<(Name, &NSEC)> = response
        .authorities
        .iter()
        .filter(|record| record.proof == Proof::Secure)
        .filter_map(|record| match &record.data {
            RData::DNSSEC(DNSSECRData::NSEC(nsec)) => Some((record.name.to_lowercase(), nsec)),
            _ => None,
        })
        .collect();
    let expanded: Vec<(Name, u8)> = response
        .answers
        .iter()
        .filter_map(|record| match &record.data {
            RData::DNSSEC(DNSSECRData::RRSIG(signature)) => {
                let labels = signature.input().num_labels;
                (labels < record.name.num_labels()).then(|| (record.name.to_lowercase(), labels))
            }
            _ => None,
        })
        .collect();
    !expanded.is_empty()
        && expanded.iter().all(|(name, labels)| {
            denials.iter().any(|(owner, nsec)| {
                let next = nsec.next_domain_name().to_lowercase();
                denies(name, owner, &next, nsec) && closest(name, owner, &next) == *labels
            })
        })
}

/// Whether an NSEC record proves that the name does not exist.
fn denies(name: &Name, owner: &Name, next: &Name, nsec: &NSEC) -> bool {
    let last = next <= owner;
    let covered = owner < name && if last { next.zone_of(name) } else { name < next };
    // The parent's record at a zone cut says nothing of the names below (RFC 6840 section 4.1).
    let types = nsec.type_set();
    let cut = types.contains(RecordType::NS) && !types.contains(RecordType::SOA);
    covered && !(owner.zone_of(name) && (cut || types.contains(RecordType::from(39))))
}

/// Labels of the longest existing name above `name`, as the NSEC record's two names show it.
fn closest(name: &Name, owner: &Name, next: &Name) -> u8 {
    let mut above = name.base_name();
    while !above.is_root() && !above.zone_of(owner) && !above.zone_of(next) {
        above = above.base_name();
    }
    above.num_labels()
}
