//! CAA forbids the authority whose certificate a host uses.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::transport::caa::domains_of;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::parse::transport::certificate::Certificate;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "caa-issuer-excluded",
    area: Area::Authentication,
    title: "CAA forbids the authority whose certificate a host uses",
    severity: Severity::Medium,
    why: "\
        The authority must refuse the next renewal. The certificate then runs out, and with it the \
        MTA-STS policy and encrypted delivery.",
    fix: "\
        Add the authority in use to the CAA records, or change to one they name.",
    references: &[
        Reference::Rfc { number: 8659, section: "4.2" },
        Reference::Rfc { number: 8659, section: "3" },
    ],
    needs: &[Topic::Dane, Topic::Servers, Topic::MtaSts],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let hosts = facts.caa()?;
    let (mut problems, mut gap, mut judged) = (Vec::new(), None, false);
    for host in hosts {
        let (name, records) = match &host.records {
            Ok(Some(found)) => found,
            Ok(None) => continue,
            Err(why) => {
                gap = Some(why.clone());
                continue;
            }
        };
        let allowed: Vec<&str> =
            records.iter().filter(|record| record.tag == "issue").map(|record| record.issuer()).collect();
        // Records about wildcards or reports alone restrict nothing here.
        if allowed.is_empty() {
            judged = true;
            continue;
        }
        let certificate = match certificate_of(facts, host.host.as_str()) {
            Ok(Some(certificate)) => certificate,
            Ok(None) => continue,
            Err(why) => {
                gap = Some(why);
                continue;
            }
        };
        let issuer = crate::model::untrusted::plain(&certificate.issuer, Width::Line);
        let domains = domains_of(&certificate.issuer);
        let Some(first) = domains.first() else {
            gap =
                Some(Gap::undecidable(format!("the CAA domain of the authority {issuer} is not known here")));
            continue;
        };
        judged = true;
        if allowed.iter().any(|one| domains.iter().any(|domain| one.eq_ignore_ascii_case(domain))) {
            continue;
        }
        let shown = crate::model::untrusted::plain(host.host.as_str(), Width::Line);
        let list = crate::model::untrusted::plain(&allowed.join(", "), Width::Line);
        let summary = format!("{shown} uses a certificate of {issuer}, and CAA at {name} allows only {list}");
        problems.push(
            Problem::at(Subject::Host(host.host.clone()), summary)
                .fix(format!("add {name}. CAA 0 issue \"{first}\"")),
        );
    }
    match gap {
        Some(gap) if problems.is_empty() => Err(gap),
        Some(gap) => Ok(Verdict::FailInPart(problems, gap)),
        _ if problems.is_empty() && !judged => {
            Ok(Verdict::NotApplicable("no certificate of the domain's hosts falls under CAA"))
        }
        _ => Ok(Verdict::from_problems(problems)),
    }
}

/// The certificate the host showed: as an MX host, or as the policy's web server.
fn certificate_of<'f>(facts: &'f Facts, host: &str) -> Result<Option<&'f Certificate>, Gap> {
    if let Some(sts) = facts.mta_sts()?.filter(|sts| sts.host.as_str() == host) {
        let fetched = sts.fetched.as_ref().map_err(Gap::clone)?;
        return Ok(fetched.chain.as_ref().and_then(|chain| chain.own()));
    }
    let mut gap = None;
    for server in facts.mx_servers()?.of_host(host)? {
        match &server.session {
            Ok(session) => {
                if let Some(own) = session.chain.as_ref().and_then(|chain| chain.own()) {
                    return Ok(Some(own));
                }
            }
            Err(why) => gap = Some(why.clone()),
        }
    }
    gap.map_or(Ok(None), Err)
}
