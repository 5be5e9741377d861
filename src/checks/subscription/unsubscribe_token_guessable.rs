//! The unsubscribe address can be guessed.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::subscription::unsubscribe::Scheme;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Confidence, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "unsubscribe-token-guessable",
    area: Area::Subscription,
    title: "the unsubscribe address can be guessed",
    severity: Severity::Low,
    why: "\
        RFC 8058 asks for an opaque part that is hard to forge: with an address or a number \
        in it anyone can unsubscribe others, and scanners and logs learn who reads you.",
    fix: "Put a random or signed token for recipient and list into the address.",
    references: &[
        Reference::Rfc { number: 8058, section: "3.1" },
        Reference::Rfc { number: 8058, section: "6" },
    ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some(unsubscribe) = facts.unsubscribe()? else {
        return Ok(Verdict::NotApplicable("no List-Unsubscribe header, see list-unsubscribe-missing"));
    };

    let recipients: Vec<String> = ["To", "Cc"]
        .iter()
        .filter_map(|name| message.addresses(name))
        .flat_map(|addresses| addresses.mailboxes)
        .filter_map(|mailbox| mailbox.address)
        .map(|address| address.to_ascii_lowercase())
        .filter(|address| address.len() > 5)
        .collect();
    let mut problems = Vec::new();
    for target in unsubscribe.of(&Scheme::Https) {
        let lower = target.raw.to_ascii_lowercase().replace("%40", "@");
        let (_, path) =
            lower.split_once("://").and_then(|(_, rest)| rest.split_once(['/', '?'])).unwrap_or_default();
        let named = recipients.iter().any(|address| lower.contains(address.as_str()));
        let opaque = path
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| word.len() >= 8 && word.bytes().any(|b| b.is_ascii_digit()))
            || path.len() >= 24;
        let what = if named {
            "holds the recipient's address in clear"
        } else if !opaque {
            "holds nothing that is hard to guess"
        } else {
            continue;
        };
        problems.push(
            Problem::at(
                message.header_subject(unsubscribe.field),
                format!("<{}> {what}", plain(&target.raw, Width::Name)),
            )
            .fix("use a random token of 16 characters or more: <https://example.com/u/9f8c2b71d04e6a35>")
            .confidence(Confidence::Firm)
            .located(message.location(unsubscribe.field.line)),
        );
    }
    Ok(Verdict::from_problems(problems))
}
