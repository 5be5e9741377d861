//! Does the domain publish an SPF record at all?

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::facts::spf::fix::{address_term, zone_line};
use crate::facts::spf::{Published, SpfFacts};
use crate::model::untrusted::plain;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-missing",
    area: Area::Authentication,
    title: "the domain publishes no SPF record",
    severity: Severity::High,
    why: "\
        Without SPF a message has one proof of origin less. Gmail, Yahoo and Outlook.com demand SPF \
        or DKIM of every sender and both of bulk senders, and refuse or junk what has neither.",
    fix: "\
        Publish one TXT record that starts with `v=spf1`, names every system that sends for the \
        domain, and ends in `-all` or `~all`. A domain that sends no mail publishes `v=spf1 -all`.",
    references: &[Reference::Rfc { number: 7208, section: "3" }, pages::GOOGLE_SENDERS],
    needs: &[Topic::Spf],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let spf = facts.spf()?;
    match &spf.policy.root.published {
        Published::Unknown(gap) => return Err(gap.clone()),
        Published::Nothing(_) => {}
        _ => return Ok(Verdict::Pass),
    }
    let subject = SpfFacts::subject(&spf.policy.root, None);
    let texts = spf.texts.clone()?;
    let near = texts.iter().find_map(|text| {
        let joined = String::from_utf8_lossy(&text.joined()).into_owned();
        Some((meant(&joined)?, joined, text.location.clone()))
    });
    let problem = match near {
        Some((meant, text, location)) => Problem::at(
            subject,
            format!(
                "\"{}\" looks like SPF but does not start with `v=spf1` and a space, so receivers see no record",
                plain(&text, 60)
            ),
        )
        .proof(plain(&text, 300))
        .fix(format!("Publish instead: {}", zone_line(&spf.domain, &meant)))
        .located(location),
        None => Problem::at(subject, format!("{} has no TXT record that starts with v=spf1", spf.domain))
            .fix(start(facts, spf)),
    };
    Ok(Verdict::Fail(vec![problem]))
}

/// A first record out of what is known of the sender.
fn start(facts: &Facts, spf: &SpfFacts) -> String {
    let ips = &facts.target().ips;
    if ips.is_empty() {
        return format!(
            "Publish {} where ADDRESS is each address the mail leaves from; give them with --ip for the exact \
             record. If the domain sends no mail: {}",
            zone_line(&spf.domain, "v=spf1 ip4:ADDRESS -all"),
            zone_line(&spf.domain, "v=spf1 -all"),
        );
    }
    let terms: Vec<String> = ips.iter().map(|ip| address_term(*ip)).collect();
    format!("Publish: {}", zone_line(&spf.domain, &format!("v=spf1 {} -all", terms.join(" "))))
}

/// The record that a text without a proper version was meant to be.
fn meant(text: &str) -> Option<String> {
    let inner = text.trim().trim_matches(['"', '\'', '\u{201c}', '\u{201d}']).trim();
    let lower = inner.to_ascii_lowercase();
    let versions = ["v=spf1", "v= spf1", "v =spf1", "v = spf1", "v=spf 1", "v:spf1", "spf1", "v=spf"];
    let rest = versions.iter().find_map(|version| {
        let after = lower.strip_prefix(version)?;
        inner.get(inner.len() - after.len()..)
    })?;
    let rest = rest.trim_start_matches([';', ',', ':', '.', '\t', ' ', '\u{a0}']);
    let looks = ["all", "include:", "ip4:", "ip6:", "mx", "a:", "a ", "redirect="];
    let lower = rest.to_ascii_lowercase();
    // `v=spf2.0` and `v=spf10` are other versions, not slips.
    let other_version = rest.starts_with(|c: char| c.is_ascii_digit());
    (!other_version && looks.iter().any(|term| lower.contains(term))).then(|| format!("v=spf1 {rest}"))
}
