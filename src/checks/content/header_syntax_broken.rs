//! The header holds lines that are no header fields.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::parse::message::HeaderFaultKind;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "header-syntax-broken",
    area: Area::Content,
    title: "the header holds lines that are no header fields",
    severity: Severity::High,
    why: "\
        At such a line some receivers end the header and show the rest as text, others drop \
        it; DKIM signatures break, and Google refuses what is not RFC 5322.",
    fix: "\
        Write each field as `Name: value`, fold long values with a leading space, and end \
        the header with one empty line.",
    references: &[
        Reference::Rfc { number: 5322, section: "2.2" },
        Reference::Rfc { number: 5322, section: "3.2.2" },
    ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let mut problems = Vec::new();
    for fault in &message.header().faults {
        let (summary, fix, severity) = match &fault.kind {
            HeaderFaultKind::NotAField(text) => (
                format!("line {} is no header field: {:?}", fault.line, plain(text, Width::Name)),
                "begin a folded line with a space, or write it as Name: value",
                Severity::High,
            ),
            HeaderFaultKind::LeadingContinuation => (
                format!("the header begins with a folded line (line {})", fault.line),
                "remove the white space at the start of the line",
                Severity::High,
            ),
            HeaderFaultKind::MissingSeparator => (
                format!("no empty line stands between header and body (line {})", fault.line),
                "put one empty line after the last header field",
                Severity::High,
            ),
            HeaderFaultKind::SpaceBeforeColon(name) => (
                format!("white space stands before the colon of {}", plain(name, Width::Word)),
                "write the name and the colon without a space between",
                Severity::Medium,
            ),
            HeaderFaultKind::BlankContinuation => (
                format!("line {} is folded white space only; some relays end the header there", fault.line),
                "remove the blank folded line",
                Severity::Low,
            ),
            HeaderFaultKind::ByteOrderMark => (
                "the message begins with a byte-order mark, which hides the first header".to_owned(),
                "save the message without a byte-order mark",
                Severity::Medium,
            ),
            // How mail stores keep a message, not how it is sent.
            HeaderFaultKind::MboxFrom | HeaderFaultKind::LeadingBlank => continue,
        };
        problems.push(
            Problem::at(Subject::Header { name: "message".to_owned(), line: Some(fault.line) }, summary)
                .fix(fix)
                .severity(severity)
                .located(message.location(fault.line)),
        );
    }
    problems.truncate(20);
    Ok(Verdict::from_problems(problems))
}
