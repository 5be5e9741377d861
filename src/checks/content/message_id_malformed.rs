//! The Message-ID is not of the form <left@right>.

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "message-id-malformed",
    area: Area::Content,
    title: "the Message-ID is not of the form <left@right>",
    severity: Severity::Medium,
    why: "\
        Receivers that check RFC 5322 refuse or score an invalid Message-ID, and a local \
        host name on its right side betrays an unconfigured mailer.",
    fix: "\
        Write one identifier in angle brackets, unique, at a domain you own: \
        `<20261123.1@example.com>`.",
    references: &[Reference::Rfc { number: 5322, section: "3.6.4" }, pages::GOOGLE_SMTP_ERRORS],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some(field) = message.first("Message-ID") else {
        return Ok(Verdict::NotApplicable("no Message-ID header, see message-id-missing"));
    };
    let text = field.unfolded();
    let Some((fault, severity)) = fault(text.trim()) else { return Ok(Verdict::Pass) };
    let domain = message.from_domain().unwrap_or_else(|| "example.com".to_owned());
    Ok(Verdict::Fail(vec![
        Problem::at(
            message.header_subject(field),
            format!("Message-ID is {:?}: {fault}", plain(text.trim(), Width::Name)),
        )
        .proof(format!("Message-ID: {}", plain(text.trim(), Width::Line)))
        .fix(format!("write: Message-ID: <unique-part@{}>", plain(&domain, Width::Name)))
        .severity(severity)
        .located(message.location(field.line)),
    ]))
}

fn fault(text: &str) -> Option<(&'static str, Severity)> {
    use Severity::{Low, Medium};
    if text.is_empty() {
        return Some(("it is empty", Medium));
    }
    let Some(inner) = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) else {
        return Some(("it does not stand in angle brackets alone", Medium));
    };
    let Some((left, right)) = inner.rsplit_once('@') else {
        return Some(("it has no @", Medium));
    };
    if left.is_empty() || right.is_empty() {
        return Some(("one side of the @ is empty", Medium));
    }
    if inner.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>')) {
        return Some(("it holds spaces or brackets", Medium));
    }
    if !inner.is_ascii() {
        return Some(("it holds characters outside ASCII", Medium));
    }
    if left.contains('@') && !left.starts_with('"') {
        return Some(("it has more than one @", Low));
    }
    let local =
        matches!(right.to_ascii_lowercase().as_str(), "localhost" | "localhost.localdomain" | "localdomain");
    local.then_some(("its right side names no host of yours", Low))
}
