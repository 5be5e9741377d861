//! The certificate of the MTA-STS policy host is not valid.

use super::announced;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::transport::certificate::fault;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "mta-sts-certificate-invalid",
    area: Area::Authentication,
    title: "the certificate of the MTA-STS policy host is not valid",
    severity: Severity::Medium,
    why: "\
        Senders fetch the policy only over HTTPS with a certificate they trust. With this one they \
        ignore the policy, and those that have an older copy cannot renew it.",
    fix: "\
        Install a certificate of a public authority for the policy host, with its intermediate \
        certificates.",
    references: &[
        Reference::Rfc { number: 8461, section: "3.3" },
        Reference::Rfc { number: 9525, section: "6.3" },
    ],
    needs: &[Topic::MtaSts],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    announced(facts, |sts| {
        let fetched = sts.fetched.as_ref().map_err(Gap::clone)?;
        let host = sts.host.as_str();
        let Some(chain) = &fetched.chain else {
            return Err(Gap::undecidable(format!("{host} showed no certificate that can be read")));
        };
        Ok(match fault(chain, host, facts.now()) {
            None => Verdict::Pass,
            Some(why) => {
                let summary = format!("the certificate of {host} does not count: {why}");
                let fix =
                    format!("install a certificate for {host} from a public authority, renewed by itself");
                Verdict::Fail(vec![Problem::at(Subject::Host(sts.host.clone()), summary).fix(fix)])
            }
        })
    })
}
