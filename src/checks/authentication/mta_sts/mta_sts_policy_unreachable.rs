//! The MTA-STS policy cannot be fetched.

use super::announced;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::Failure;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "mta-sts-policy-unreachable",
    area: Area::Authentication,
    title: "the MTA-STS policy cannot be fetched",
    severity: Severity::Medium,
    why: "\
        The record promises a policy that nobody can read. Senders that hold no older copy deliver \
        without protection, and the TLS reports fill with failures.",
    fix: "\
        Serve the policy at https://mta-sts.DOMAIN/.well-known/mta-sts.txt without a redirect, or remove \
        the record.",
    references: &[Reference::Rfc { number: 8461, section: "3.3" }],
    needs: &[Topic::MtaSts],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    announced(facts, |sts| {
        let fail = |summary: String, fix: String| {
            Ok(Verdict::Fail(vec![Problem::at(Subject::Host(sts.host.clone()), summary).fix(fix)]))
        };
        let serve = format!("serve the policy at {} with status 200", sts.url);
        if sts.addresses.as_ref().is_ok_and(Vec::is_empty) {
            let fix = format!("{}. A <the web server's address>", sts.host);
            return fail(format!("{} has no address, so the policy is nowhere", sts.host), fix);
        }
        let transcript = match &sts.fetched {
            Ok(fetched) => &fetched.transcript,
            // The web server's own doing; a silent network is none of it.
            Err(Gap::Failed { failure: Failure::Protocol(what), .. }) => {
                let fix = if what.contains("TLS") {
                    format!("repair TLS on {}, then {serve}", sts.host)
                } else {
                    serve
                };
                return fail(format!("{} cannot be fetched: {}", sts.url, plain(what, Width::Line)), fix);
            }
            Err(gap) => return Err(gap.clone()),
        };
        match transcript.status {
            200 => Ok(Verdict::Pass),
            status @ 300..=399 => fail(
                format!(
                    "{} answers {status} and points to {}; senders must not follow",
                    sts.url,
                    plain(&transcript.location, Width::Line)
                ),
                serve,
            ),
            status => fail(format!("{} answers with HTTP status {status}", sts.url), serve),
        }
    })
}
