//! TLS reports do not go where the settings demand.

use super::{NOT_REQUIRED, absent, listed};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, RecordType, Severity, Subject, Topic};
use crate::parse::transport::mta_sts;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "required-tls-rpt-rua",
    area: Area::Authentication,
    title: "TLS reports do not go where the settings demand",
    severity: Severity::High,
    why: "\
        Your own rule ([require] tls-rpt.rua-contains) names who must hear of failed connections.",
    fix: "\
        Add the address to rua= of the TLS-RPT record, or change the rule in mailvet.toml.",
    references: &[Reference::Rfc { number: 8460, section: "3" }],
    needs: &[Topic::Transport],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, policy: &Policy) -> Result<Verdict, Gap> {
    let wanted = policy.require.tls_rpt.rua_contains.all();
    if wanted.is_empty() {
        return Ok(Verdict::NotApplicable(NOT_REQUIRED));
    }
    let at = facts.domain()?.prefixed("_smtp._tls");
    let found = facts.ledger().dns(&at, RecordType::Txt)?;
    let read = |record: &crate::model::Record| {
        let text = record.rdata.joined_text()?;
        Some((mta_sts::report_uris(&text).ok()?, record.location.clone()))
    };
    let (texts, location) = found.records().iter().find_map(read).unwrap_or_default();
    let missing = absent(wanted, &texts);
    if missing.is_empty() {
        return Ok(Verdict::Pass);
    }
    let there = if texts.is_empty() { "no address".to_owned() } else { listed(&texts) };
    let summary = format!("{at} names {there}, and mailvet.toml demands {}", listed(&missing));
    Ok(Verdict::Fail(vec![Problem::at(Subject::Domain(at), summary).located(location)]))
}
