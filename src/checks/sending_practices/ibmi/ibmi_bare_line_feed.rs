//! Bare line feeds are let through.

use super::{NONE_GIVEN, of_keyword, value_of};
use crate::check::{Check, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "ibmi-bare-line-feed",
    area: Area::SendingPractices,
    title: "the IBM i lets bare line feeds through",
    severity: Severity::Medium,
    why: "\
        A line feed without its carriage return breaks DKIM when the next server mends it, is refused by \
        Exchange Online (550 5.6.11), and opens the door to smuggled messages.",
    fix: "\
        Do not let them in: CHGSMTPA ALWBARELF(*NO).",
    references: &[Reference::Rfc { number: 5321, section: "2.3.8" }, pages::IBM_CHGSMTPA],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(ibmi) = facts.ibmi() else { return Ok(NONE_GIVEN) };
    let stated = ibmi.get("ALWBARELF")?;
    if value_of(&stated, &["*YES", "*NO"])? != "*YES" {
        return Ok(Verdict::Pass);
    }
    let problem = of_keyword(&stated, "ALWBARELF is *YES: lines without a carriage return are passed on")
        .fix("CHGSMTPA ALWBARELF(*NO)");
    Ok(Verdict::Fail(vec![problem]))
}
