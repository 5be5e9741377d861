//! The Message-ID header is missing.

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "message-id-missing",
    area: Area::Content,
    title: "the Message-ID header is missing",
    severity: Severity::Medium,
    why: "\
        Google asks for a valid Message-ID and refuses or junks mail without one; filters \
        score its absence, and bounces and complaints cannot be tied to the message.",
    fix: "\
        Have the mailer write a unique Message-ID at your own domain, or let the first relay \
        add it.",
    references: &[Reference::Rfc { number: 5322, section: "3.6.4" }, pages::GOOGLE_SMTP_ERRORS],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    Ok(match message.first("Message-ID") {
        Some(_) => Verdict::Pass,
        None => {
            let domain = message.from_domain().unwrap_or_else(|| "example.com".to_owned());
            Verdict::Fail(vec![
                Problem::at(
                    Subject::Message,
                    "no Message-ID header; Google asks for one and filters score its absence",
                )
                .fix(format!("write: Message-ID: <unique-part@{}>", plain(&domain, Width::Name))),
            ])
        }
    })
}
