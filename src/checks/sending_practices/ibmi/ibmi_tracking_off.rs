//! Nothing keeps track of the mail that left.

use super::{NONE_GIVEN, of_keyword};
use crate::check::{Check, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "ibmi-tracking-off",
    area: Area::SendingPractices,
    title: "the IBM i keeps no record of the mail that it sent",
    severity: Severity::Medium,
    why: "\
        Without the journal (DIRTYPE *SDD) or kept tracking data (*SMTP, *SMTPMSF) nobody can say what \
        became of one message: the relay's queue id, which leads to the answer, is lost.",
    fix: "\
        Keep the record: CHGSMTPA JOURNAL(*YES) with DIRTYPE(*SDD), CHGSMTPA KEEPUNTIL(10) with the \
        others.",
    references: &[pages::IBM_CHGSMTPA],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(ibmi) = facts.ibmi() else { return Ok(NONE_GIVEN) };
    let directory = ibmi.get("DIRTYPE").map(|stated| stated.value());
    let by_journal = |kind: &String| kind == "*SDD";
    let (keyword, on) = match &directory {
        Ok(kind) if by_journal(kind) => ("JOURNAL", "JOURNAL(*YES)"),
        Ok(_) => ("KEEPUNTIL", "KEEPUNTIL(10)"),
        // Without the directory type the journal is the one that every type writes.
        Err(_) => ("JOURNAL", "JOURNAL(*YES)"),
    };
    let stated = ibmi.get(keyword)?;
    let value = stated.value();
    if !matches!(value.as_str(), "*NO" | "*NONE" | "0") {
        return Ok(Verdict::Pass);
    }
    let kind = directory.map_or_else(|_| String::new(), |kind| format!(" with DIRTYPE {kind}"));
    let summary = format!("{keyword} is {value}{kind}: no record of sent mail is kept");
    Ok(Verdict::Fail(vec![of_keyword(&stated, summary).fix(format!("CHGSMTPA {on}"))]))
}
