//! The MX hosts changed and the id of the MTA-STS record did not.

use std::collections::BTreeSet;

use super::{NOTHING_EARLIER, place};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::{Facts, Ledger};
use crate::model::{Area, Confidence, Gap, Name, Rdata, RecordType, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "change-mx-sts-id-kept",
    area: Area::Authentication,
    title: "MX hosts changed and the id of the MTA-STS record did not",
    severity: Severity::Medium,
    why: "\
        Senders that keep the old policy deliver only to the hosts it names; a new host that the policy \
        does not cover gets no mail from them until the id changes.",
    fix: "\
        If the policy does not cover the new hosts, change the policy first and then the id.",
    references: &[Reference::Rfc { number: 8461, section: "3.1" }],
    needs: &[Topic::Transport],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(before) = facts.before() else { return Ok(Verdict::NotApplicable(NOTHING_EARLIER)) };
    let domain = facts.domain()?;
    let at = domain.prefixed("_mta-sts");
    let (Some(old), Some(new)) = (text(&before, &at)?, text(facts.ledger(), &at)?) else {
        return Ok(Verdict::NotApplicable("there is no MTA-STS record on both sides"));
    };
    let (Some(was), Some(now)) = (hosts(&before, domain)?, hosts(facts.ledger(), domain)?) else {
        return Ok(Verdict::NotApplicable("there are no MX records on both sides"));
    };
    let added: Vec<String> = now.difference(&was).map(ToString::to_string).collect();
    if old != new || added.is_empty() {
        return Ok(Verdict::Pass);
    }
    let summary = format!(
        "{domain} has new MX hosts ({}) and the MTA-STS record is the same; senders with the old policy refuse hosts it does not name",
        added.join(", ")
    );
    // Senders that cannot use the new host still have the old ones.
    let severity = if was.is_subset(&now) { Severity::Low } else { Severity::Medium };
    let problem = Problem::at(Subject::Domain(at.clone()), summary)
        .severity(severity)
        .confidence(Confidence::Tentative)
        .located(place(facts, &before, &at));
    Ok(Verdict::Fail(vec![problem]))
}

/// The text of the one record that begins with `v=STSv1`.
fn text(ledger: &Ledger, name: &Name) -> Result<Option<Vec<u8>>, Gap> {
    let found = ledger.dns(name, RecordType::Txt)?;
    let mut texts = found.records().iter().filter_map(|record| record.rdata.joined_text());
    Ok(texts.find(|text| text.starts_with(b"v=STSv1")))
}

fn hosts(ledger: &Ledger, domain: &Name) -> Result<Option<BTreeSet<Name>>, Gap> {
    let found = ledger.dns(domain, RecordType::Mx)?;
    let exchange = |rdata: &Rdata| match rdata {
        Rdata::Mx { exchange, .. } if !exchange.is_root() => Some(exchange.clone()),
        _ => None,
    };
    let hosts: BTreeSet<Name> = found.records().iter().filter_map(|record| exchange(&record.rdata)).collect();
    Ok((!hosts.is_empty()).then_some(hosts))
}
