//! The message names no recipient.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "recipient-missing",
    area: Area::Content,
    title: "the message names no recipient",
    severity: Severity::Low,
    why: "\
        Mail without To or Cc looks like a blind mailing: SpamAssassin adds about one point, \
        and more where a Reply-To is set.",
    fix: "Write each recipient's own address in To and send one message to each.",
    references: &[Reference::Rfc { number: 5322, section: "3.6.3" }],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let named = ["To", "Cc"]
        .iter()
        .filter_map(|name| message.addresses(name))
        .any(|addresses| !addresses.mailboxes.is_empty() || !addresses.groups.is_empty());
    if named {
        return Ok(Verdict::Pass);
    }
    let summary = match message.first("To") {
        Some(_) => "To is empty and there is no Cc; filters take the mail for a blind mailing",
        None => "neither To nor Cc; filters take the mail for a blind mailing",
    };
    Ok(Verdict::Fail(vec![
        Problem::at(Subject::Message, summary).fix("write: To: Jane Doe <jane@example.net>"),
    ]))
}
