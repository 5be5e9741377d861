//! Failures of delivery are told to nobody.

use super::{NONE_GIVEN, of_keyword, value_of};
use crate::check::{Check, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "ibmi-delivery-notice-off",
    area: Area::SendingPractices,
    title: "the IBM i tells nobody of mail that could not be delivered",
    severity: Severity::Low,
    why: "\
        Delivery status notifications are the only word of a receiver that refuses later; where they are \
        switched off a lost quote is found out by the customer.",
    fix: "\
        Let notifications be sent and name who reads them: CHGSMTPA NFYDLVRY.",
    references: &[Reference::Rfc { number: 3461, section: "" }, pages::IBM_CHGSMTPA],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(ibmi) = facts.ibmi() else { return Ok(NONE_GIVEN) };
    let notify = ibmi.get("NFYDLVRY")?;
    let value = value_of(&notify, &["*YES", "*NO", "*NONE"])?;
    if !matches!(value.as_str(), "*NO" | "*NONE") {
        return Ok(Verdict::Pass);
    }
    Ok(Verdict::Fail(vec![of_keyword(&notify, format!("NFYDLVRY is {value}: no notification is sent"))]))
}
