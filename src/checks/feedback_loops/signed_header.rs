//! A header that receivers take only from a DKIM signature that covers it.

use crate::check::{Problem, Verdict};
use crate::facts::Facts;
use crate::facts::subscription::unsubscribe::signed_fields;
use crate::model::Gap;
use crate::model::untrusted::{Width, plain};

/// Whether a signature of the sample covers `header`; `absent` is said where it is not there.
pub(super) fn judge(facts: &Facts, header: &str, absent: &'static str) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some(field) = message.first(header) else {
        return Ok(Verdict::NotApplicable(absent));
    };
    let signed = signed_fields(message);
    let Some((domain, _)) = signed.first() else {
        return Err(Gap::undecidable("the sample carries no DKIM signature; give it as it left the signer"));
    };
    if signed.iter().any(|(_, names)| names.iter().any(|name| name.eq_ignore_ascii_case(header))) {
        return Ok(Verdict::Pass);
    }
    let summary = format!("no DKIM signature covers {header}; receivers ignore it");
    let fix = format!(
        "add {} to the signed header fields (h=) of the signer for {}",
        header.to_ascii_lowercase(),
        plain(domain, Width::Name)
    );
    Ok(Verdict::Fail(vec![
        Problem::at(message.header_subject(field), summary).fix(fix).located(message.location(field.line)),
    ]))
}
