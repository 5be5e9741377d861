//! Does a signature speak for the author's domain?

use super::message;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::dmarc::alignment::align;
use crate::facts::dmarc::walk::Walk;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::parse::dmarc::Mode;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dkim-unaligned",
    area: Area::Authentication,
    title: "no DKIM signature speaks for the From domain",
    severity: Severity::High,
    why: "\
        DMARC counts a signature only if its d= belongs to the domain in From. One of the mail \
        service's own domain proves who carried the mail, not whose it is.",
    fix: "Let the service sign with your domain: publish the key or CNAME records it gives you.",
    references: &[Reference::Rfc { number: 9989, section: "4.4.1" }],
    needs: &[Topic::Dkim, Topic::Dmarc],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = message(facts)?;
    let domains: Vec<_> = message.signatures.iter().filter_map(|at| at.signature.domain.clone()).collect();
    if domains.is_empty() {
        return Ok(Verdict::NotApplicable("the message has no readable signature"));
    }
    let [author] = message.author_domains.as_slice() else {
        return Ok(Verdict::NotApplicable("From does not name exactly one domain"));
    };
    let dmarc = facts.dmarc()?;
    let own;
    let walk = match dmarc.walk.start() == author {
        true => &dmarc.walk,
        false => {
            own = Walk::take(facts, author);
            &own
        }
    };
    let mode = walk.discover()?.map_or(Mode::Relaxed, |found| found.record.adkim);
    let mut disputed = None;
    for domain in &domains {
        let alignment = align(walk, &Walk::take(facts, domain), mode)?;
        if alignment.aligned && alignment.by_walk == alignment.by_list {
            return Ok(Verdict::Pass);
        }
        if alignment.by_walk != alignment.by_list {
            disputed = Some((domain.clone(), alignment));
        }
    }
    let shown: Vec<String> = domains.iter().map(|domain| format!("d={domain}")).collect();
    let problem = match disputed {
        Some((domain, alignment)) => {
            let yes = if alignment.by_walk { "RFC 9989" } else { "RFC 7489" };
            Problem::at(
                Subject::Message,
                format!("d={domain} is aligned with {author} only for receivers that follow {yes}"),
            )
            .severity(Severity::Medium)
        }
        None => {
            let strict = if mode == Mode::Strict { " (adkim=s wants the same name)" } else { "" };
            Problem::at(Subject::Message, format!("{} but From is at {author}{strict}", shown.join(", ")))
        }
    };
    Ok(Verdict::Fail(vec![problem.fix(format!(
        "Sign with d={author}: have the service generate a key for it and publish s._domainkey.{author}"
    ))]))
}
