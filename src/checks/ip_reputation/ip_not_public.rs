//! Addresses that no receiver can see.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::listings::public::not_public;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "ip-not-public",
    area: Area::IpReputation,
    title: "a sending address is not a public one",
    severity: Severity::High,
    why: "\
        Receivers judge the address that connects to them. What is said here of a private or reserved \
        address (SPF, PTR, blocklists) is true of no mail; the one that counts is behind the NAT or \
        the relay.",
    fix: "Give the address receivers see with --ip: it stands in the Received header they add, or in \
          the relay's own settings.",
    references: &[
        Reference::Rfc { number: 6890, section: "2.2" },
        Reference::Rfc { number: 1918, section: "3" },
    ],
    needs: &[Topic::Blocklists],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let problems = facts.ips()?.iter().filter_map(|ip| {
        let not = not_public(*ip)?;
        let problem = Problem::at(
            Subject::Ip(*ip),
            format!("{ip} is {}: no receiver sees mail come from it", not.what),
        )
        .fix(format!("audit again with --ip and the address that receivers see instead of {ip}"));
        // An example stands for a real address, and nothing is wrong with an example.
        Some(if not.example { problem.severity(Severity::Info) } else { problem })
    });
    Ok(Verdict::from_problems(problems.collect()))
}
