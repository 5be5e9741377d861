//! Mail leaves by another router than was meant.

use super::{NONE_GIVEN, of_keyword};
use crate::check::{Check, Verdict, pages};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "ibmi-mail-router-differs",
    area: Area::SendingPractices,
    title: "the IBM i hands its mail to another relay than the one given",
    severity: Severity::High,
    why: "\
        MAILROUTER decides who takes the mail first. Mail that goes elsewhere, or straight to the \
        receivers, comes from an address that SPF and PTR were not made for.",
    fix: "\
        Name the relay: CHGSMTPA MAILROUTER(RELAY) FIREWALL(*YES).",
    references: &[pages::IBM_CHGSMTPA],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(ibmi) = facts.ibmi() else { return Ok(NONE_GIVEN) };
    let Some(relay) = facts.target().relay.as_deref() else {
        return Err(Gap::NotSupplied { what: "relay", flag: "--relay HOST" });
    };
    let host = relay.rsplit_once(':').map_or(relay, |(host, _)| host);
    let router = ibmi.get("MAILROUTER")?;
    let value = router.value().to_ascii_lowercase();
    if value.trim_end_matches('.') == host.trim_end_matches('.').to_ascii_lowercase() {
        return Ok(Verdict::Pass);
    }
    let (meant, seen) = (plain(host, Width::Name), plain(&value, Width::Name));
    let summary = match value.as_str() {
        "*none" => format!("MAILROUTER is *NONE: mail goes straight to the receivers, not by {meant}"),
        _ => format!("MAILROUTER is {seen}, and {meant} was meant"),
    };
    let problem = of_keyword(&router, summary).fix(format!("CHGSMTPA MAILROUTER('{meant}') FIREWALL(*YES)"));
    Ok(Verdict::Fail(vec![problem]))
}
