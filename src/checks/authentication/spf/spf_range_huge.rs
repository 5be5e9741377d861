//! Does one term open a range far larger than any sender needs?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::SpfFacts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::spf::{Mechanism, TermKind};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-range-huge",
    area: Area::Authentication,
    title: "one term of the SPF record permits a huge range",
    severity: Severity::Medium,
    why: "\
        Whoever rents an address in the range may send in your name and pass SPF and DMARC. Receivers score \
        such records as open, since a spammer needs only one host in the range.",
    fix: "Name the addresses that send, not the network they lie in.",
    references: &[
        Reference::Rfc { number: 7208, section: "5.6" },
        Reference::Rfc { number: 7208, section: "11.4" },
    ],
    needs: &[Topic::Spf],
    since: "0.1.0",
    run,
};

/// An IPv4 range shorter than this is wider than any one sender's.
const LEAST_FOUR: u8 = 16;
/// A provider's whole allocation (RFC 6177).
const LEAST_SIX: u8 = 32;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let spf = facts.spf()?;
    let record = match spf.single()? {
        Ok(record) => record,
        Err(why) => return Ok(Verdict::NotApplicable(why)),
    };
    let node = &spf.policy.root;
    let problems = record.terms.iter().enumerate().filter(|(index, _)| record.is_live(*index));
    let problems = problems.filter_map(|(_, term)| {
        let TermKind::Directive { mechanism, .. } = &term.kind else { return None };
        let (four, six) = match mechanism {
            Mechanism::Ip4(net) => (net.prefix_len(), 128),
            Mechanism::Ip6(net) => (32, net.prefix_len()),
            Mechanism::A { cidr, .. } | Mechanism::Mx { cidr, .. } => (cidr.four, cidr.six),
            _ => return None,
        };
        // The whole space is another check's.
        let four = (1..LEAST_FOUR).contains(&four).then(|| format!("2^{} IPv4", 32 - four));
        let six = (1..LEAST_SIX).contains(&six).then(|| format!("2^{} IPv6", 128 - u32::from(six)));
        let size = four.or(six)?;
        let text = plain(record.text_of(term), Width::Name);
        Some(
            Problem::at(
                SpfFacts::subject(node, Some(term.span.clone())),
                format!("{text} permits {size} addresses to send as {}", spf.domain),
            )
            .proof(plain(&record.text, Width::Record))
            .located(node.location().cloned()),
        )
    });
    Ok(Verdict::from_problems(problems.collect()))
}
