//! An MX record names an alias.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "mx-alias",
    area: Area::Authentication,
    title: "an MX record names an alias",
    severity: Severity::Medium,
    why: "\
        The name in an MX record must have addresses of its own. Some mail servers refuse to follow a \
        CNAME there, so replies from them never arrive.",
    fix: "Name the alias's target in the MX record.",
    references: &[
        Reference::Rfc { number: 5321, section: "5.1" },
        Reference::Rfc { number: 2181, section: "10.3" },
    ],
    needs: &[Topic::Mx],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let mx = facts.mx()?;
    let (mut problems, mut gap) = (Vec::new(), None);
    for host in &mx.hosts {
        match (&host.alias, &host.addresses) {
            (Some(target), _) => {
                let name = crate::model::untrusted::plain(host.name.as_str(), Width::Line);
                let target = crate::model::untrusted::plain(target.as_str(), Width::Line);
                problems.push(
                    Problem::at(
                        Subject::Host(host.name.clone()),
                        format!("the MX host {name} is a CNAME to {target}, which an MX host must not be"),
                    )
                    .fix(match host.addresses.as_ref().is_ok_and(Vec::is_empty) {
                        true => format!(
                            "{target} does not exist: remove {}. MX {} {name}. or mend the alias",
                            mx.domain, host.preference
                        ),
                        false => format!("{}. MX {} {target}.", mx.domain, host.preference),
                    })
                    .located(host.location.clone()),
                );
            }
            (None, Err(why)) => gap = Some(why.clone()),
            (None, Ok(_)) => {}
        }
    }
    Verdict::so_far(problems, gap)
}
