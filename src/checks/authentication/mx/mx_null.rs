//! The domain says that it takes no mail.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "mx-null",
    area: Area::Authentication,
    title: "the domain says that it takes no mail",
    severity: Severity::High,
    why: "\
        A null MX (0 .) means that nothing can be sent to the domain. Receivers may refuse mail from \
        such a domain, since no bounce or reply could reach it (550 5.7.27).",
    fix: "Remove the null MX and name a host that takes mail, or send from a domain that has one.",
    references: &[
        Reference::Rfc { number: 7505, section: "4.2" },
        Reference::Rfc { number: 7505, section: "3" },
    ],
    needs: &[Topic::Mx, Topic::Spf],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let mx = facts.mx()?;
    let domain = &mx.domain;
    let null = mx.hosts.iter().find(|host| host.name.is_root());
    let Some(null) = null else { return Ok(Verdict::Pass) };
    let summary = if mx.is_null() {
        format!("{domain} publishes MX 0 . and so takes no mail, yet it is to send some")
    } else {
        format!(
            "{domain} publishes a null MX beside {} other MX records, which forbids it",
            mx.hosts.len() - 1
        )
    };
    let fix = match mx.is_null() {
        true => {
            format!("Delete the null MX of {domain} and name a host that takes its mail, bounces among it")
        }
        false => format!("Delete the null MX (preference {}) of {domain}", null.preference),
    };
    let problem =
        Problem::at(Subject::Domain(domain.clone()), summary).fix(fix).located(null.location.clone());
    Ok(Verdict::Fail(vec![problem]))
}
