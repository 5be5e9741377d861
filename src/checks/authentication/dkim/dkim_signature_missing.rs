//! Is the message signed?

use super::message;
use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dkim-signature-missing",
    area: Area::Authentication,
    title: "the message carries no DKIM signature",
    severity: Severity::High,
    why: "\
        Google, Yahoo and Microsoft ask for DKIM from those who send in bulk. Without a signature DMARC \
        rests on SPF alone, which breaks as soon as the mail is forwarded.",
    fix: "Let the last system of your own sign with DKIM, and publish its key.",
    references: &[Reference::Rfc { number: 6376, section: "3.5" }, pages::GOOGLE_SENDERS],
    needs: &[Topic::Dkim],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = message(facts)?;
    if !message.signatures.is_empty() {
        return Ok(Verdict::Pass);
    }
    let old = message.header.all("DomainKey-Signature").next().is_some();
    let summary = match old {
        true => "the message has only a DomainKey-Signature, which no receiver looks at any more",
        false => "the message has no DKIM-Signature field",
    };
    let domain = message.author_domains.first().map_or("your domain".to_owned(), ToString::to_string);
    // A selector of its own month meets no key that is published already.
    let selector: String =
        format!("s{}", crate::facts::day_of(facts.now()).replace('-', "")).chars().take(7).collect();
    Ok(Verdict::Fail(vec![Problem::at(Subject::Message, summary).fix(format!(
        "Sign as {domain} at the relay that sends to the internet; a key pair and its record: mailvet dkim \
         keygen --domain {domain} --selector {selector}. If the file was saved before signing, save one that was sent"
    ))]))
}
