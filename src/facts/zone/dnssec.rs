//! Whether answers hold before DNSSEC. What could not be validated is a gap.

use std::collections::BTreeMap;

use crate::facts::Ledger;
use crate::model::{
    Answer, Gap, Name, Observation, Question, RecordType, Security, Source, Validation, ValidationOutcome,
};

/// Hosts of one domain whose addresses are validated.
const MAX_HOSTS: usize = 10;
/// Answers validated for a command of one question.
const MAX_ASKED: usize = 12;

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

/// The answers that a command of one question rests on, as many as are worth the wait: those of the
/// name asked about, then its own below it, then others; records that were found before those that
/// were not. What is left out is one link, which nobody validated.
pub(crate) fn of_asked(
    ledger: &Ledger,
    answers: &BTreeMap<Question, Answer>,
    own: Option<&Name>,
) -> Vec<Link> {
    let mail = |rtype: RecordType| {
        use RecordType::{A, Aaaa, Mx, Ptr, Tlsa, Txt};
        matches!(rtype, A | Aaaa | Mx | Ptr | Tlsa | Txt)
    };
    let mut asked: Vec<(bool, bool, bool, Name, RecordType)> = answers
        .iter()
        .filter_map(|(question, answer)| match (question, &answer.observation) {
            (Question::Dns { name, rtype }, Observation::Seen(_) | Observation::Absent(_))
                if mail(*rtype) =>
            {
                let absent = matches!(answer.observation, Observation::Absent(_));
                let other = own.is_none_or(|own| !name.is_within(own));
                Some((own != Some(name), other, absent, name.clone(), *rtype))
            }
            _ => None,
        })
        .collect();
    // Stable: within a rank the questions keep their order.
    asked.sort_by_key(|(other_name, other, absent, ..)| (*other_name, *other, *absent));
    let left_out = asked.split_off(asked.len().min(MAX_ASKED));
    let mut links: Vec<Link> = asked
        .into_iter()
        .map(|(.., name, rtype)| Link { validation: validation(ledger, &name, rtype), name, rtype })
        .collect();
    let count = left_out.len();
    links.extend(left_out.into_iter().next().map(|(.., name, rtype)| {
        let why =
            format!("{count} further answers, {name} {rtype} first, were not validated: {MAX_ASKED} are");
        Link { validation: Err(Gap::undecidable(why)), name, rtype }
    }));
    links
}

/// The answers that mail of and to the domain hangs on: its policy, its MX, its MX
/// hosts' addresses and, where those are signed, TLSA records, which senders wait for
/// while they are bogus (RFC 7672 section 2.1.3), also the proof that there are none.
pub(crate) fn links(ledger: &Ledger, domain: &Name) -> Vec<Link> {
    let mut asked = vec![(domain.clone(), RecordType::Txt), (domain.clone(), RecordType::Mx)];
    let hosts = crate::facts::transport::mx::build(ledger, domain);
    if let Ok(mx) = &hosts {
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
    let mut links: Vec<Link> = asked
        .into_iter()
        .map(|(name, rtype)| Link { validation: validation(ledger, &name, rtype), name, rtype })
        .collect();
    // Which hosts there are to validate is not known then.
    links.extend(hosts.err().map(|gap| Link {
        name: domain.clone(),
        rtype: RecordType::Mx,
        validation: Err(gap),
    }));
    links
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Absence, Rdata, Record};

    /// However many answers there are, those of the name asked about come first, and none is left out in
    /// silence.
    #[test]
    fn the_own_name_is_never_cut_off() {
        let own = Name::lenient("own.example");
        for others in [0, 5, MAX_ASKED - 1, MAX_ASKED, 40] {
            let mut answers = BTreeMap::new();
            let mut add = |name: Name, observation| {
                let question = Question::Dns { name, rtype: RecordType::Txt };
                answers.insert(question, Answer::given(observation));
            };
            for other in 0..others {
                let name = Name::lenient(&format!("a{other}.example"));
                add(name, Observation::Seen(vec![Record::new(Rdata::Txt(vec![b"x".to_vec()]))]));
            }
            add(own.clone(), Observation::Absent(Absence::NoData));
            let transcripts = BTreeMap::new();
            let links = of_asked(&Ledger::new(&answers, &transcripts), &answers, Some(&own));
            assert_eq!(links[0].name, own, "{others}");
            let said = links.iter().find_map(|link| match &link.validation {
                Err(Gap::Undecidable(why)) => Some(why.clone()),
                _ => None,
            });
            let left = (others + 1).saturating_sub(MAX_ASKED);
            assert_eq!(links.len(), (others + 1).min(MAX_ASKED) + usize::from(left > 0), "{others}");
            let wanted = (left > 0).then(|| format!("{left} further answers"));
            assert_eq!(said.map(|why| why.split(',').next().unwrap().to_owned()), wanted, "{others}");
        }
    }
}
