//! Mail for the domain goes to other hosts than before.

use std::collections::BTreeSet;

use super::{NOTHING_EARLIER, earlier, place_of_type};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::{Facts, Ledger};
use crate::model::{Area, Gap, Name, Rdata, RecordType, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "change-mx-replaced",
    area: Area::Authentication,
    title: "mail for the domain goes to other hosts than before",
    severity: Severity::Info,
    why: "\
        Whoever runs the new hosts reads all mail to the domain, password resets included; a host that does \
        not know the domain refuses it.",
    fix: "\
        Make sure that the hosts are yours or your provider's, and that they take mail for the domain.",
    references: &[Reference::Rfc { number: 5321, section: "5.1" }],
    needs: &[Topic::Mx],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(before) = facts.before() else { return Ok(Verdict::NotApplicable(NOTHING_EARLIER)) };
    let domain = facts.domain()?;
    let was = hosts(&before, domain).map_err(earlier)?;
    let now = hosts(facts.ledger(), domain)?;
    if was.is_empty() || now.is_empty() {
        return Ok(Verdict::NotApplicable("there are no MX hosts on both sides"));
    }
    let added: Vec<&str> = now.difference(&was).map(Name::as_str).collect();
    let gone: Vec<&str> = was.difference(&now).map(Name::as_str).collect();
    let summary = match (added.is_empty(), gone.is_empty()) {
        (true, true) => return Ok(Verdict::Pass),
        (true, false) => {
            let left: Vec<&str> = now.iter().map(Name::as_str).collect();
            format!(
                "mail for {domain} is no longer delivered to {}; left to take the mail: {}",
                gone.join(", "),
                left.join(", ")
            )
        }
        (false, true) => format!("mail for {domain} is delivered to {} from now on", added.join(", ")),
        (false, false) => format!(
            "mail for {domain} is delivered to {} from now on, and no longer to {}",
            added.join(", "),
            gone.join(", ")
        ),
    };
    let problem = Problem::at(Subject::Domain(domain.clone()), summary);
    Ok(Verdict::Fail(vec![problem.located(place_of_type(facts.ledger(), domain, RecordType::Mx))]))
}

fn hosts(ledger: &Ledger, domain: &Name) -> Result<BTreeSet<Name>, Gap> {
    let found = ledger.dns(domain, RecordType::Mx)?;
    let exchange = |rdata: &Rdata| match rdata {
        Rdata::Mx { exchange, .. } if !exchange.is_root() => Some(exchange.clone()),
        _ => None,
    };
    Ok(found.records().iter().filter_map(|record| exchange(&record.rdata)).collect())
}
