//! An MX host leads to an address that nobody outside can reach.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::listings::public::hidden;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "mx-address-private",
    area: Area::Authentication,
    title: "an MX host leads to an address that nobody outside can reach",
    severity: Severity::High,
    why: "\
        Senders on the internet cannot connect to a private, loopback or reserved address. Replies and \
        bounces wait in their queues until they are given up.",
    fix: "\
        Publish the public address of the host, and keep private addresses in the internal view of the \
        DNS.",
    references: &[
        Reference::Rfc { number: 5321, section: "5.1" },
        Reference::Rfc { number: 6890, section: "2.2" },
    ],
    needs: &[Topic::Mx],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let mx = facts.mx()?;
    let (mut problems, mut gap) = (Vec::new(), None);
    for host in &mx.hosts {
        let addresses = match &host.addresses {
            Ok(addresses) => addresses,
            Err(why) => {
                gap = Some(why.clone());
                continue;
            }
        };
        let name = crate::model::untrusted::plain(host.name.as_str(), Width::Line);
        // What stands for another address stands there on purpose; all others got into public DNS by mistake.
        let hidden = addresses.iter().filter_map(|ip| hidden(*ip).map(|not| (*ip, not.what)));
        problems.extend(hidden.map(|(ip, what)| {
            let rtype = if ip.is_ipv4() { "A" } else { "AAAA" };
            Problem::at(
                Subject::Host(host.name.clone()),
                format!("the MX host {name} leads to {ip}, which is {what}"),
            )
            .fix(format!("replace {name}. {rtype} {ip} by the host's public address"))
            .located(host.location.clone())
        }));
    }
    Verdict::so_far(problems, gap)
}
