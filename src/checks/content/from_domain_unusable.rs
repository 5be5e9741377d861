//! The From domain cannot exist on the internet.

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "from-domain-unusable",
    area: Area::Content,
    title: "the From domain cannot exist on the internet",
    severity: Severity::High,
    why: "\
        Receivers look the From domain up. A bare host name, an address literal or a private \
        suffix cannot resolve, so the mail is refused or filed as spam and nobody can reply.",
    fix: "Send from an address at a public domain that you own and that has DMARC.",
    references: &[
        Reference::Rfc { number: 5321, section: "2.3.5" },
        Reference::Rfc { number: 6761, section: "" },
        pages::YAHOO_FAQ,
    ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some((field, from)) = message.first("From").zip(message.from()) else {
        return Ok(Verdict::NotApplicable("no From header, see from-missing"));
    };
    let mut problems = Vec::new();
    for mailbox in &from.mailboxes {
        let Some(domain) = mailbox.domain() else { continue };
        if let Some(why) = unusable(&domain) {
            problems.push(
                Problem::at(
                    message.header_subject(field),
                    format!("the From domain {} {why}", plain(&domain, Width::Name)),
                )
                .proof(format!("From: {}", plain(field.text(), Width::Line)))
                .fix("use an address at your public domain, such as news@example.com")
                .located(message.location(field.line)),
            );
        }
    }
    Ok(Verdict::from_problems(problems))
}

/// Why a domain cannot be looked up in the public DNS. `test`, `example` and
/// `invalid` are reserved (RFC 2606) but stand in samples; only what leaks from
/// private networks is named.
fn unusable(domain: &str) -> Option<&'static str> {
    const PRIVATE: [&str; 12] = [
        "local",
        "localdomain",
        "localhost",
        "internal",
        "intranet",
        "lan",
        "home",
        "corp",
        "private",
        "invalid",
        "arpa",
        "onion",
    ];
    if domain.starts_with('[') {
        return Some("is an address literal; receivers refuse it");
    }
    if domain.parse::<std::net::Ipv4Addr>().is_ok() {
        return Some("is an IP address; receivers refuse it");
    }
    let Some((_, suffix)) = domain.rsplit_once('.') else {
        return Some("has no dot: it is a host name of a private network");
    };
    PRIVATE.contains(&suffix).then_some("ends in a suffix of private networks and cannot be looked up")
}
