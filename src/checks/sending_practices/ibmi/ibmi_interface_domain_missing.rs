//! Several addresses, and no domain for each.

use super::{NONE_GIVEN, of_keyword};
use crate::check::{Check, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "ibmi-interface-domain-missing",
    area: Area::SendingPractices,
    title: "the IBM i has several addresses and no domain for each",
    severity: Severity::Low,
    why: "\
        A system with several interfaces greets with one host name from all of them; where an address has \
        another PTR name, HELO and PTR disagree for the mail that leaves by it.",
    fix: "\
        Give each interface its domain: CHGSMTPA IFCDMN((ADDRESS DOMAIN)).",
    references: &[pages::IBM_CHGSMTPA],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(ibmi) = facts.ibmi() else { return Ok(NONE_GIVEN) };
    let domains = ibmi.get("IFCDMN")?;
    let own = ibmi.own_addresses();
    if own.len() < 2 {
        return Ok(Verdict::NotApplicable("the host table shows one address of the system, or none"));
    }
    if domains.value() != "*NONE" {
        return Ok(Verdict::Pass);
    }
    let shown: Vec<String> = own.iter().take(4).map(ToString::to_string).collect();
    let summary = format!("IFCDMN is *NONE with {} addresses ({})", own.len(), shown.join(", "));
    Ok(Verdict::Fail(vec![of_keyword(&domains, summary)]))
}
