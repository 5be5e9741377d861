//! A link that begins encrypted goes on in the clear.

use crate::check::link_ends::judge;
use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "link-downgrade",
    area: Area::Content,
    title: "a link that begins encrypted goes on in the clear",
    severity: Severity::Low,
    why: "\
        One http address among redirects shows every network on the way which page the reader \
        opens, lets it put another in its place, and is blocked by browsers that insist on https.",
    fix: "\
        Let every redirect name https.",
    references: &[Reference::Rfc { number: 9110, section: "17.1" }, pages::WHATWG_URL],
    needs: &[Topic::Message, Topic::Links],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    judge(facts, |link, chain| {
        let steps = chain.hops.iter().zip(chain.hops.iter().skip(1));
        let down =
            steps.into_iter().find(|(from, to)| from.url.scheme() == "https" && to.url.scheme() == "http");
        Ok(down.map(|(from, to)| {
            let (from, to) = (plain(from.url.as_str(), Width::Name), plain(to.url.as_str(), Width::Name));
            Problem::at(link.subject(), format!("{from} redirects to {to}, unencrypted"))
                .fix(format!("let {from} redirect to the https address"))
        }))
    })
}
