//! The TLS reporting record is broken.

use super::judge_announced;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "tls-rpt-syntax",
    area: Area::Authentication,
    title: "the TLS reporting record is broken",
    severity: Severity::Low,
    why: "\
        Senders ignore a record they cannot read, or all of them where there are several, so the reports \
        that would show failing encryption never come.",
    fix: "Publish exactly one record: v=TLSRPTv1; rua=mailto:ADDRESS",
    references: &[Reference::Rfc { number: 8460, section: "3" }],
    needs: &[Topic::Transport],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let found = facts.transport()?.tls_rpt.as_ref().map_err(Gap::clone)?;
    Ok(judge_announced(
        found,
        "Write v=TLSRPTv1; rua=mailto: and the address into one record at _smtp._tls below the domain",
    ))
}
