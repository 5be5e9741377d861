//! The MTA-STS policy file is malformed.

use super::announced;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::parse::repair;
use crate::parse::transport::mta_sts_policy::Mode;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "mta-sts-policy-syntax",
    area: Area::Authentication,
    title: "the MTA-STS policy file is malformed",
    severity: Severity::Medium,
    why: "\
        Senders ignore a policy that they cannot read, and the protection is off without anyone \
        noticing.",
    fix: "\
        Serve plain text: version: STSv1, mode, max_age and one mx line for each host.",
    references: &[Reference::Rfc { number: 8461, section: "3.2" }],
    needs: &[Topic::MtaSts],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    announced(facts, |sts| {
        let fetched = sts.fetched.as_ref().map_err(Gap::clone)?;
        let subject = Subject::Host(sts.host.clone());
        let lines: String = match facts.mx() {
            Ok(mx) => mx
                .hosts
                .iter()
                .map(|host| format!("\nmx: {}", plain(host.name.as_str(), Width::Line)))
                .collect(),
            Err(_) => "\nmx: <each MX host>".to_owned(),
        };
        // A mode that the owner recognisably wrote is never made weaker.
        let mode = repair::mta_sts::mode(&fetched.transcript.body).unwrap_or(Mode::Testing);
        let fix = format!("version: STSv1\nmode: {}{lines}\nmax_age: 604800", mode.name());
        Ok(match &fetched.policy {
            None => Verdict::NotApplicable("the web server gives no policy, see mta-sts-policy-unreachable"),
            Some(Err(why)) => {
                let summary = format!("the policy at {} cannot be used: {why}", sts.url);
                let proof = plain(fetched.transcript.body.lines().next().unwrap_or_default(), Width::Line);
                Verdict::Fail(vec![Problem::at(subject, summary).proof(proof).fix(fix)])
            }
            Some(Ok(_)) => {
                let sent = plain(&fetched.transcript.content_type, Width::Name);
                let kind = sent.split(';').next().unwrap_or_default().trim();
                // Section 3.3: senders SHOULD check it; an empty one they let pass.
                if kind.is_empty() || kind.eq_ignore_ascii_case("text/plain") {
                    return Ok(Verdict::Pass);
                }
                let summary =
                    format!("the policy is served as {sent}, and strict senders take only text/plain");
                let fix = "let the web server send Content-Type: text/plain";
                Verdict::Fail(vec![Problem::at(subject, summary).severity(Severity::Low).fix(fix)])
            }
        })
    })
}
