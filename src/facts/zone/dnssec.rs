//! Whether answers hold before DNSSEC. What could not be validated is a gap.

use crate::facts::Ledger;
use crate::model::{Gap, Name, Question, RecordType, Security, Source, Validation, ValidationOutcome};

/// Hosts of one domain whose addresses are validated.
const MAX_HOSTS: usize = 10;

/// One answer that the delivery of a domain's mail hangs on.
pub(crate) struct Link {
    pub name: Name,
    pub rtype: RecordType,
    pub validation: Result<Validation, Gap>,
}

/// The validation of one answer, or why it could not be done.
pub(crate) fn validation(ledger: &Ledger, name: &Name, rtype: RecordType) -> Result<Validation, Gap> {
    // What is not signed yet was never asked of anybody: the user did not give it.
    let answer = ledger.answer(&Question::Dns { name: name.clone(), rtype });
    if answer.is_some_and(|answer| matches!(answer.source, Source::ZoneFile(_))) {
        return Err(Gap::NotSupplied { what: "signed zone", flag: "the name as published, without --zone" });
    }
    let question = Question::Dnssec { name: name.clone(), rtype };
    let validation: &Validation = ledger.transcript(&question)?;
    match validation.outcome {
        ValidationOutcome::Indeterminate => {
            let why = validation.reason.as_deref().unwrap_or("no reason is recorded");
            Err(Gap::undecidable(format!("{name} {rtype} could not be validated: {why}")))
        }
        _ => Ok(validation.clone()),
    }
}

/// The state of one answer.
pub(crate) fn security(ledger: &Ledger, name: &Name, rtype: RecordType) -> Result<Security, Gap> {
    let validation = validation(ledger, name, rtype)?;
    Ok(match validation.outcome {
        ValidationOutcome::Secure => Security::Secure,
        ValidationOutcome::Bogus => Security::Bogus { reason: validation.reason.unwrap_or_default() },
        _ => Security::Insecure,
    })
}

/// The answers that mail of and to the domain hangs on: its policy, its MX, its MX
/// hosts' addresses and, where those are signed, TLSA records, which senders wait for
/// while they are bogus (RFC 7672 section 2.1.3), also the proof that there are none.
pub(crate) fn links(ledger: &Ledger, domain: &Name) -> Vec<Link> {
    let mut asked = vec![(domain.clone(), RecordType::Txt), (domain.clone(), RecordType::Mx)];
    if let Ok(mx) = crate::facts::transport::mx::build(ledger, domain) {
        let hosts = mx.hosts.iter().filter(|host| {
            !host.name.is_root()
                && !crate::facts::transport::mx::is_address(&host.name)
                && !host.name.is_unaskable()
        });
        for host in hosts.take(MAX_HOSTS) {
            asked.push((host.name.clone(), RecordType::A));
            if matches!(security(ledger, &host.name, RecordType::A), Ok(Security::Secure)) {
                asked.push((host.name.prefixed("_25._tcp"), RecordType::Tlsa));
            }
        }
    }
    asked
        .into_iter()
        .map(|(name, rtype)| Link { validation: validation(ledger, &name, rtype), name, rtype })
        .collect()
}
