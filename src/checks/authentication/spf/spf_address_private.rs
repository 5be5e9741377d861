//! Does the record name addresses that no mail can come from?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::listings::public::special_range;
use crate::facts::spf::SpfFacts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::spf::{Mechanism, TermKind};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-address-private",
    area: Area::Authentication,
    title: "the SPF record names addresses that are not public",
    severity: Severity::Low,
    why: "\
        Receivers never see such an address as the client, so the term permits nothing and only makes the \
        record longer. Often the public address of a gateway was meant, and mail from that one fails.",
    fix: "Name the address receivers see, which is that of the gateway or NAT, and drop the private one.",
    references: &[
        Reference::Rfc { number: 7208, section: "5.6" },
        Reference::Rfc { number: 6890, section: "2.2" },
    ],
    needs: &[Topic::Spf],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let spf = facts.spf()?;
    let record = match spf.single()? {
        Ok(record) => record,
        Err(why) => return Ok(Verdict::NotApplicable(why)),
    };
    let node = &spf.policy.root;
    let within = |kind: &TermKind| {
        let net = match kind {
            TermKind::Directive { mechanism: Mechanism::Ip4(net), .. } => ipnet::IpNet::V4(*net),
            TermKind::Directive { mechanism: Mechanism::Ip6(net), .. } => ipnet::IpNet::V6(*net),
            _ => return None,
        };
        special_range(net).map(|(range, _)| range)
    };
    let problems = record.terms.iter().filter_map(|term| {
        let range = within(&term.kind)?;
        let text = plain(record.text_of(term), Width::Name);
        Some(
            Problem::at(
                SpfFacts::subject(node, Some(term.span.clone())),
                format!("{text} lies in {range}, from where no receiver is ever reached"),
            )
            .proof(plain(&record.text, Width::Record))
            .fix(format!("Drop {text}, and name the public address that receivers see in its place."))
            .located(node.location().cloned()),
        )
    });
    Ok(Verdict::from_problems(problems.collect()))
}
