//! Does an authority vouch for the mark certificate?

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::facts::bimi::mark_trust::{MarkTrust, judge};
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "bimi-certificate-untrusted",
    area: Area::Authentication,
    title: "the chain of the mark certificate does not verify",
    severity: Severity::Low,
    why: "\
        A receiver follows the signatures from the mark certificate to an authority it trusts. Where \
        one of them does not verify, the certificate is worth nothing and no logo is shown.",
    fix: "Publish the PEM file exactly as the certificate authority delivered it.",
    references: &[pages::BIMI_DRAFT, Reference::Rfc { number: 5280, section: "6.1" }],
    needs: &[Topic::Bimi],
    since: "0.1.0",
    run,
};

/// Who issues mark certificates, or did (Entrust, until 2024). A name in a
/// certificate is a claim and no proof.
const OPERATORS: [&str; 4] = ["DigiCert", "GlobalSign", "SSL Corp", "Entrust"];

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(read) = facts.mark_certificate()? else {
        return Ok(Verdict::NotApplicable("the domain names no mark certificate"));
    };
    let Ok(mark) = read else {
        return Ok(Verdict::NotApplicable("the certificate cannot be read, see bimi-certificate-invalid"));
    };
    if !mark.for_bimi {
        return Ok(Verdict::NotApplicable("it is no mark certificate, see bimi-certificate-invalid"));
    }
    if mark.broken_chain {
        return Ok(Verdict::NotApplicable(
            "the file's certificates do not follow one another, see bimi-certificate-invalid",
        ));
    }
    let why = match judge(&mark, &facts.scope().roots, facts.now()) {
        MarkTrust::Anchored => return Ok(Verdict::Pass),
        MarkTrust::Open { authority } => return Err(unknown(&authority, facts.scope().roots.is_empty())),
        MarkTrust::Broken(why) => why,
    };
    let subject = match facts.bimi() {
        Ok(Some(bimi)) => bimi.subject(None),
        _ => facts.domain_subject(),
    };
    let summary = format!("the mark certificate of {}: {why}", plain(&mark.subject, Width::Line));
    Ok(Verdict::Fail(vec![Problem::at(subject, summary)]))
}

fn unknown(authority: &str, none_given: bool) -> Gap {
    let claim = match OPERATORS.iter().find(|name| authority.contains(**name)) {
        Some(name) => format!("; {name} issues mark certificates, but a name proves nothing"),
        None => "; the authorities known for marks are DigiCert, GlobalSign and SSL.com".to_owned(),
    };
    let remedy = match none_given {
        true => "mailvet ships no root of them; give the authority's with --ca FILE",
        false => "none of the authorities of --ca issued it",
    };
    Gap::undecidable(format!(
        "the chain ends at \"{authority}\", and whether receivers trust that is not known{claim}; {remedy}"
    ))
}
