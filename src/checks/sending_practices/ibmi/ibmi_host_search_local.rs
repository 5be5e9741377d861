//! A host table that beats DNS holds the mail router.

use super::{NONE_GIVEN, of_keyword, value_of};
use crate::check::{Check, Verdict, pages};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "ibmi-host-search-local",
    area: Area::SendingPractices,
    title: "the host table of the IBM i decides where the mail router is",
    severity: Severity::Low,
    why: "\
        With HOSTSCHPTY(*LOCAL) the host table is asked before DNS; an old entry for the mail router keeps \
        mail going to a relay that moved, and nothing in the log says so.",
    fix: "\
        Ask DNS first (CHGTCPDMN HOSTSCHPTY(*REMOTE)), or take the mail router out of the host table \
        (RMVTCPHTE).",
    references: &[pages::IBM_CHGSMTPA],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(ibmi) = facts.ibmi() else { return Ok(NONE_GIVEN) };
    let priority = ibmi.get("HOSTSCHPTY")?;
    if value_of(&priority, &["*LOCAL", "*REMOTE"])? != "*LOCAL" {
        return Ok(Verdict::Pass);
    }
    let router = ibmi.get("MAILROUTER")?.value().to_ascii_lowercase();
    let entry = ibmi.hosts().find(|(entry, _)| entry.names.contains(&router));
    let Some((entry, _)) = entry else { return Ok(Verdict::Pass) };
    let shown = plain(&router, Width::Name);
    let summary = format!("the host table says {shown} is {} and is asked before DNS", entry.address);
    Ok(Verdict::Fail(vec![of_keyword(&priority, summary).fix("CHGTCPDMN HOSTSCHPTY(*REMOTE)")]))
}
