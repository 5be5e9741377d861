//! Is the logo an SVG that mail clients show?

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::bimi::brand_logo;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "bimi-logo-invalid",
    area: Area::Authentication,
    title: "the logo breaks the rules of SVG Tiny P/S",
    severity: Severity::Low,
    why: "\
        Receivers show only logos of the profile SVG Tiny Portable/Secure: square, small, without \
        scripts, animation, raster images or anything from outside. Others are not shown.",
    fix: "Export the logo as SVG Tiny 1.2, and mend what each finding names.",
    references: &[pages::BIMI_DRAFT],
    needs: &[Topic::Bimi],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some((_, logo)) = facts.brand_logo()? else {
        return Ok(Verdict::NotApplicable("the domain names no logo"));
    };
    let subject = match facts.bimi() {
        Ok(Some(bimi)) => bimi.subject(None),
        _ => facts.domain_subject(),
    };
    let problems = logo.faults.iter().map(|fault| {
        let at = if fault.line > 0 { format!("line {}: ", fault.line) } else { String::new() };
        // A large file is slow, and shown by some.
        let mild = logo.size > brand_logo::LARGEST && fault.line == 0;
        let severity = if mild { Severity::Info } else { Severity::Low };
        Problem::at(subject.clone(), format!("the logo, {at}{}", fault.text))
            .fix(fault.fix)
            .severity(severity)
    });
    Ok(Verdict::from_problems(problems.collect()))
}
