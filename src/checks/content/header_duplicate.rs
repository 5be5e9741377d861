//! A header that may stand only once stands more often.

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "header-duplicate",
    area: Area::Content,
    title: "a header that may stand only once stands more often",
    severity: Severity::High,
    why: "\
        RFC 5322 allows these fields once. Google refuses mail with a second one, and \
        readers and DKIM may each take a different copy.",
    fix: "Let one program write the header; look for a template or a relay that adds it again.",
    references: &[Reference::Rfc { number: 5322, section: "3.6" }, pages::GOOGLE_SMTP_ERRORS],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let mut problems = Vec::new();
    for name in ONCE {
        let mut copies = message.all(name);
        let Some((first, second)) = copies.next().zip(copies.next()) else { continue };
        let count = 2 + copies.count();
        let same = first.unfolded() == second.unfolded();
        let how = if same { "with equal values" } else { "with different values" };
        problems.push(
            Problem::at(message.header_subject(second), format!("{name} stands {count} times, {how}"))
                .proof(format!(
                    "line {}: {}\nline {}: {}",
                    first.line,
                    plain(first.text(), Width::Name),
                    second.line,
                    plain(second.text(), Width::Name)
                ))
                .fix(format!("keep the {name} of line {} and remove the other", first.line))
                .severity(if GRAVE.contains(name) { Severity::High } else { Severity::Medium })
                .located(message.location(second.line)),
        );
    }
    Ok(Verdict::from_problems(problems))
}

/// RFC 5322 section 3.6, RFC 2045 section 3, RFC 8058 section 3.1.
const ONCE: &[&str] = &[
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Bcc",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Id",
];
/// The ones Google names.
const GRAVE: &[&str] =
    &["From", "Sender", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "Content-Type"];
