//! Is the published logo the one the mark certificate holds?

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::bimi::brand_logo::unpacked;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "bimi-logo-differs",
    area: Area::Authentication,
    title: "the published logo is not the certified one",
    severity: Severity::Low,
    why: "\
        A receiver that checks the mark certificate compares the logo at the l= address with the one \
        inside the certificate, and shows none where they differ.",
    fix: "Publish the very file that the certificate holds, or have the certificate issued for the new logo.",
    references: &[pages::BIMI_DRAFT, Reference::Rfc { number: 9399, section: "4" }],
    needs: &[Topic::Bimi],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(read) = facts.mark_certificate()? else {
        return Ok(Verdict::NotApplicable("the domain names no mark certificate"));
    };
    let Ok(mark) = read else {
        return Ok(Verdict::NotApplicable("the certificate cannot be read, see bimi-certificate-invalid"));
    };
    let Ok(certified) = &mark.logo else {
        return Ok(Verdict::NotApplicable("the certificate holds no logo, see bimi-certificate-invalid"));
    };
    let Some((published, logo)) = facts.brand_logo()? else {
        return Ok(Verdict::NotApplicable("the domain names no logo"));
    };
    let Some(published) = unpacked(&published).filter(|published| published.len() >= logo.size) else {
        return Ok(Verdict::NotApplicable("the logo was not read whole, see bimi-logo-invalid"));
    };
    if same(certified, &published) {
        return Ok(Verdict::Pass);
    }
    let subject = match facts.bimi() {
        Ok(Some(bimi)) => bimi.subject(None),
        _ => facts.domain_subject(),
    };
    let only_layout = squeezed(certified) == squeezed(&published);
    let more = if only_layout { ": only in white space, which counts" } else { "" };
    let summary = format!(
        "the logo has {} bytes, the one in the certificate {}: they differ{more}",
        published.len(),
        certified.len()
    );
    Ok(Verdict::Fail(vec![Problem::at(subject, summary)]))
}

/// Equal but for the line ends, which transfer may change.
fn same(one: &[u8], other: &[u8]) -> bool {
    let plain = |bytes: &[u8]| bytes.iter().copied().filter(|b| *b != b'\r').collect::<Vec<u8>>();
    plain(one) == plain(other)
}

fn squeezed(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect()
}
