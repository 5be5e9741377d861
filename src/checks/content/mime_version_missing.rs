//! MIME headers stand without MIME-Version.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "mime-version-missing",
    area: Area::Content,
    title: "MIME headers stand without MIME-Version",
    severity: Severity::Medium,
    why: "\
        Without MIME-Version a strict reader shows the source of the parts; Rspamd adds 2 \
        points.",
    fix: "Add the line `MIME-Version: 1.0` to the header.",
    references: &[Reference::Rfc { number: 2045, section: "4" }],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some(field) = message.fields().iter().find(|field| MIME.iter().any(|name| field.is(name))) else {
        return Ok(Verdict::NotApplicable("the message uses no MIME header"));
    };
    match message.first("MIME-Version") {
        None => Ok(Verdict::Fail(vec![
            Problem::at(
                message.header_subject(field),
                format!("{} is set and MIME-Version is missing; strict readers ignore it", field.name),
            )
            .fix("add: MIME-Version: 1.0")
            .located(message.location(field.line)),
        ])),
        Some(version) => {
            let text = version.unfolded();
            let number: String = text.split('(').next().unwrap_or_default().split_whitespace().collect();
            if number == "1.0" {
                return Ok(Verdict::Pass);
            }
            Ok(Verdict::Fail(vec![
                Problem::at(
                    message.header_subject(version),
                    format!("MIME-Version is {:?}; only 1.0 exists", plain(&text, Width::Word)),
                )
                .fix("write: MIME-Version: 1.0")
                .severity(Severity::Low)
                .located(message.location(version.line)),
            ]))
        }
    }
}

const MIME: [&str; 3] = ["Content-Type", "Content-Transfer-Encoding", "Content-Disposition"];
