//! The List-Unsubscribe address is not one receivers will call.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::subscription::unsubscribe::Scheme;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "list-unsubscribe-host",
    area: Area::Subscription,
    title: "the List-Unsubscribe address is not one receivers will call",
    severity: Severity::Medium,
    why: "\
        Receivers call the address from outside: plain http, an IP address or a private host \
        name is not called, so the button does not appear.",
    fix: "Use https and a public host name with a valid certificate.",
    references: &[
        Reference::Rfc { number: 8058, section: "3.1" },
        Reference::Rfc { number: 2369, section: "3.2" },
    ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some(unsubscribe) = facts.unsubscribe()? else {
        return Ok(Verdict::NotApplicable("no List-Unsubscribe header, see list-unsubscribe-missing"));
    };

    let mut problems = Vec::new();
    for target in &unsubscribe.targets {
        let host = target.host.as_deref().unwrap_or_default();
        let literal = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
        let private = !host.is_empty()
            && !literal
            && (!host.contains('.') || host.ends_with(".local") || host.ends_with(".internal"));
        let https = unsubscribe.has(Scheme::Https);
        let (what, severity) = match target.scheme {
            _ if literal => ("names an IP address instead of a host", Severity::Medium),
            _ if private => ("names a host of a private network", Severity::Medium),
            Scheme::Http if https => ("is plain http beside an https address", Severity::Low),
            Scheme::Http => ("is plain http, which RFC 8058 excludes", Severity::Medium),
            _ => continue,
        };
        problems.push(
            Problem::at(
                message.header_subject(unsubscribe.field),
                format!("<{}> {what}", plain(&target.raw, Width::Name)),
            )
            .fix(format!(
                "write: <https://{}>",
                plain(
                    target.raw.split_once("://").map_or("example.com/u/TOKEN", |(_, rest)| rest),
                    Width::Name
                )
            ))
            .severity(severity)
            .located(message.location(unsubscribe.field.line)),
        );
    }
    problems.truncate(10);
    Ok(Verdict::from_problems(problems))
}
