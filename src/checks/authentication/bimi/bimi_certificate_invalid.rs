//! Does the mark certificate speak for the domain's logo?

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::{Facts, day_of};
use crate::model::{Area, Gap, Name, Severity, Topic};
use crate::parse::bimi::mark_certificate::MarkCertificate;
use crate::parse::web::psl;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "bimi-certificate-invalid",
    area: Area::Authentication,
    title: "the mark certificate does not speak for the logo",
    severity: Severity::Low,
    why: "\
        Gmail, Apple and others show a logo only with a mark certificate (VMC or CMC) that is valid \
        today, made for BIMI, issued for the domain, and holds the logo itself.",
    fix: "Have the certificate authority issue it anew, and publish the whole PEM chain at the a= address.",
    references: &[pages::BIMI_DRAFT, Reference::Rfc { number: 9399, section: "4" }],
    needs: &[Topic::Bimi],
    since: "0.1.0",
    run,
};

/// Days ahead in which an expiry is worth a word: an issuance takes weeks.
const SOON: i64 = 30;
const DAY: i64 = 86_400;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(mark) = facts.mark_certificate()? else {
        return Ok(Verdict::NotApplicable(
            "the domain names no mark certificate, see bimi-certificate-missing",
        ));
    };
    let subject = match facts.bimi() {
        Ok(Some(bimi)) => bimi.subject(None),
        _ => facts.domain_subject(),
    };
    let mark = match mark {
        Ok(mark) => mark,
        Err(why) => {
            return Ok(Verdict::Fail(vec![Problem::at(
                subject,
                format!("the certificate cannot be read: {why}"),
            )]));
        }
    };
    let domain = facts.author_domain()?;
    let found = faults(&mark, &domain, facts.now());
    let problems = found.into_iter().map(|(text, fix, severity)| {
        let problem =
            Problem::at(subject.clone(), format!("the mark certificate of {}: {text}", mark.subject));
        let problem = problem.severity(severity);
        match fix {
            Some(fix) => problem.fix(fix),
            None => problem,
        }
    });
    Ok(Verdict::from_problems(problems.collect()))
}

/// What is wrong, what to do, how bad it is.
type Fault = (String, Option<String>, Severity);

fn faults(mark: &MarkCertificate, domain: &Name, now: i64) -> Vec<Fault> {
    let mut found: Vec<Fault> = validity(mark, now).into_iter().collect();
    if !mark.for_bimi {
        let text = "it lacks the extended key usage 1.3.6.1.5.5.7.3.31 and so is no mark certificate";
        let fix = "Publish a VMC or CMC, not a web server's certificate".to_owned();
        found.push((text.to_owned(), Some(fix), Severity::Low));
    }
    if !mark.covers(domain.as_str(), psl::organizational(domain).as_str()) {
        let names = if mark.names.is_empty() { "no name".to_owned() } else { mark.names.join(", ") };
        let text = format!("it is for {names}, not for {domain}");
        let fix =
            format!("Have it issued with {} as a subject alternative name", psl::organizational(domain));
        found.push((text, Some(fix), Severity::Low));
    }
    if let Err(why) = &mark.logo {
        found.push((why.clone(), None, Severity::Low));
    }
    if mark.logo_hash_matches == Some(false) {
        let text = "the hash beside its logo is not the logo's: receivers that compare them show none";
        found.push((text.to_owned(), None, Severity::Low));
    }
    if !mark.logged {
        let text = "it carries no signed certificate timestamp, so it is not shown to be logged publicly";
        found.push((text.to_owned(), None, Severity::Low));
    }
    if mark.broken_chain {
        let fix = "Put the mark's certificate first, then that of its issuer, and so on".to_owned();
        found.push((
            "the certificates of the file do not follow one another".to_owned(),
            Some(fix),
            Severity::Low,
        ));
    } else if mark.ders.len() < 2 {
        let fix = "Append the issuer's intermediate certificate".to_owned();
        found.push(("the file holds no certificate of the issuer".to_owned(), Some(fix), Severity::Low));
    }
    found
}

fn validity(mark: &MarkCertificate, now: i64) -> Option<Fault> {
    let (from, to) = (mark.not_before, mark.not_after);
    if now > to {
        return Some((format!("it expired on {}", day_of(to)), None, Severity::Medium));
    }
    if now < from {
        return Some((format!("it is valid only from {}", day_of(from)), None, Severity::Low));
    }
    let fix = "Order the next one now: the mark is examined again".to_owned();
    (to.saturating_sub(now) < SOON * DAY)
        .then(|| (format!("it expires on {}", day_of(to)), Some(fix), Severity::Low))
}
