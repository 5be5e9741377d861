//! The CFBL-Address header cannot be used.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::subscription::unsubscribe::signed_fields;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "cfbl-address-malformed",
    area: Area::FeedbackLoops,
    title: "the CFBL-Address header cannot be used",
    severity: Severity::Low,
    why: "\
        Receivers send complaint reports to the address in this header; a malformed one gets \
        none, and the domain must be that of the From address or of a second signature.",
    fix: "Write one address and the format: `CFBL-Address: fbl@example.com; report=arf`.",
    references: &[
        Reference::Rfc { number: 9477, section: "5.1" },
        Reference::Rfc { number: 9477, section: "3.1" },
    ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some(field) = message.first("CFBL-Address") else {
        return Ok(Verdict::NotApplicable("no CFBL-Address header; it is optional"));
    };
    let text = field.unfolded();
    let mut pieces = text.split(';').map(str::trim);
    let address = pieces.next().unwrap_or_default().trim_matches(['<', '>']);
    let domain = address.rsplit_once('@').map(|(local, domain)| (local, domain.to_ascii_lowercase()));
    let report = pieces.find_map(|piece| piece.strip_prefix("report=")).map(str::to_ascii_lowercase);
    let from = message.from_domain().unwrap_or_default();
    let signers = signed_fields(message);
    let related = |domain: &str, other: &str| {
        domain == other || domain.ends_with(&format!(".{other}")) || other.ends_with(&format!(".{domain}"))
    };
    let fault = match (&domain, report.as_deref()) {
        (None, _) => "holds no address".to_owned(),
        (Some((local, domain)), _) if local.is_empty() || !domain.contains('.') || address.contains(' ') => {
            format!("holds {:?}, which is no address", plain(address, Width::Name))
        }
        (_, Some(format)) if !matches!(format, "arf" | "xarf") => {
            format!("asks for report={}, which is neither arf nor xarf", plain(format, Width::Word))
        }
        (Some((_, domain)), _)
            if !related(domain, &from) && !signers.iter().any(|(signer, _)| related(domain, signer)) =>
        {
            format!("names {}, which is neither the From domain nor a signer's", plain(domain, Width::Name))
        }
        _ => return Ok(Verdict::Pass),
    };
    Ok(Verdict::Fail(vec![
        Problem::at(message.header_subject(field), format!("CFBL-Address {fault}"))
            .proof(format!("CFBL-Address: {}", plain(&text, Width::Line)))
            .fix(format!("write: CFBL-Address: fbl@{}; report=arf", plain(&from, Width::Name)))
            .located(message.location(field.line)),
    ]))
}
