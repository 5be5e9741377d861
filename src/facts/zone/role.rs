//! What the audited name is to mail: it sends, is parked, only receives, is a zone of addresses,
//! or none of these. Looks only at answers that other facts ask for: it wants none itself.

use crate::model::{Gap, Name, Rdata, RecordType, Role};

use crate::facts::{Facts, role};

/// The role of the audited domain: what the user states, what was given to judge by, then the records.
///
/// # Errors
/// The answer that would settle it, where it is missing or failed. It is never taken for an absence.
pub(crate) fn of(facts: &Facts) -> Result<Role, Gap> {
    let target = facts.target();
    if let Some(stated) = target.role {
        return Ok(stated);
    }
    let sender_given = !target.ips.is_empty()
        || target.helo.is_some()
        || target.mail_from.is_some()
        || !target.selectors.is_empty()
        || facts.message().is_ok()
        || facts.traffic().is_ok();
    if sender_given {
        return Ok(Role::Sends);
    }
    by_records(facts, facts.domain()?)
}

/// The role of a name by its own records alone.
///
/// # Errors
/// As [`of`].
pub(crate) fn by_records(facts: &Facts, name: &Name) -> Result<Role, Gap> {
    if ["in-addr.arpa", "ip6.arpa"].iter().any(|zone| name.is_within(&Name::lenient(zone))) {
        return Ok(Role::ReverseZone);
    }
    let ledger = facts.ledger();
    let texts = ledger.peek(name, RecordType::Txt)?;
    let policies: Vec<String> = texts
        .records()
        .iter()
        .filter_map(|record| record.rdata.joined_text())
        .map(|text| String::from_utf8_lossy(&text).to_ascii_lowercase())
        .filter(|text| text.split_ascii_whitespace().next() == Some("v=spf1"))
        .collect();
    let sends_nothing = !policies.is_empty() && policies.iter().all(|policy| denies_all(policy));
    // Softer than `-all`, and yet no address is let in: beside a null MX the name means to be parked.
    let permits_nobody = !policies.is_empty() && policies.iter().all(|policy| role::denies_all(policy));
    if !policies.is_empty() && !permits_nobody {
        return Ok(Role::Sends);
    }
    let hosts = ledger.peek(name, RecordType::Mx)?.records();
    let exchanges: Vec<&Name> = hosts
        .iter()
        .filter_map(|record| match &record.rdata {
            Rdata::Mx { exchange, .. } => Some(exchange),
            _ => None,
        })
        .collect();
    let takes_mail = exchanges.iter().any(|host| !host.is_root());
    if permits_nobody && !sends_nothing && (takes_mail || exchanges.is_empty()) {
        return Ok(Role::Sends);
    }
    Ok(match (sends_nothing, takes_mail) {
        (true, true) => Role::ReceivesOnly,
        (true, false) => Role::Parked,
        (false, true) => Role::Sends,
        // RFC 7505 section 4.2: a name that takes no mail should send none either.
        (false, false) if !exchanges.is_empty() => Role::Parked,
        (false, false) => Role::Nothing,
    })
}

/// `v=spf1 -all` and nothing that could pass.
fn denies_all(policy: &str) -> bool {
    policy.split_ascii_whitespace().eq(["v=spf1", "-all"])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::evidence::Evidence;
    use crate::facts::Prepared;
    use crate::model::{Absence, Answer, Failure, Observation, Question, Record, Scope, Target};

    fn role(
        txt: Observation<Vec<Record>>,
        mx: Observation<Vec<Record>>,
        target: Target,
    ) -> Result<Role, Gap> {
        let name = Name::lenient("example.com");
        let question = |rtype| Question::Dns { name: name.clone(), rtype };
        let answers = BTreeMap::from([
            (question(RecordType::Txt), Answer::given(txt)),
            (question(RecordType::Mx), Answer::given(mx)),
        ]);
        let target = Target { domain: Some(name.clone()), ..target };
        let evidence = Evidence { target, answers, ..Evidence::default() };
        let (scope, prepared) = (Scope::everything(), Prepared::new(&evidence));
        of(&Facts::build(&evidence, &scope, &prepared))
    }

    fn seen(rtype: RecordType, text: &str) -> Observation<Vec<Record>> {
        Observation::Seen(vec![Record::new(Rdata::from_text(rtype, text).unwrap())])
    }

    #[test]
    fn roles_follow_the_records() {
        let txt = |text: &str| seen(RecordType::Txt, text);
        let none = || Observation::Absent(Absence::NoData);
        let (null, host) = (|| seen(RecordType::Mx, "0 ."), || seen(RecordType::Mx, "10 mx.example.com."));
        let of = |txt, mx| role(txt, mx, Target::default()).unwrap();
        assert_eq!(of(txt("v=spf1 -all"), null()), Role::Parked);
        assert_eq!(of(txt("V=SPF1 -ALL"), none()), Role::Parked);
        assert_eq!(of(txt("v=spf1 -all"), host()), Role::ReceivesOnly);
        assert_eq!(of(txt("v=spf1 mx -all"), null()), Role::Sends);
        assert_eq!(of(txt("v=spf1 ~all"), none()), Role::Sends);
        assert_eq!(of(txt("v=spf1 ~all"), host()), Role::Sends);
        assert_eq!(of(txt("v=spf1 ~all"), null()), Role::Parked);
        assert_eq!(of(txt("v=spf1 ?all"), null()), Role::Sends);
        assert_eq!(of(none(), null()), Role::Parked);
        assert_eq!(of(none(), host()), Role::Sends);
        assert_eq!(of(none(), none()), Role::Nothing);
    }

    #[test]
    fn a_sender_that_was_given_sends() {
        let given = Target { ips: vec!["192.0.2.25".parse().unwrap()], ..Target::default() };
        let parked = || (seen(RecordType::Txt, "v=spf1 -all"), seen(RecordType::Mx, "0 ."));
        let (txt, mx) = parked();
        assert_eq!(role(txt, mx, given), Ok(Role::Sends));
        let (txt, mx) = parked();
        let stated = Target { role: Some(Role::ReceivesOnly), ..Target::default() };
        assert_eq!(role(txt, mx, stated), Ok(Role::ReceivesOnly));
    }

    #[test]
    fn a_lost_answer_parks_nothing() {
        let failed = || Observation::Failed(Failure::Timeout);
        assert!(role(failed(), seen(RecordType::Mx, "0 ."), Target::default()).is_err());
        assert!(role(seen(RecordType::Txt, "v=spf1 -all"), failed(), Target::default()).is_err());
    }
}
