//! Which kind of message it is: known by its form first, then by who sent it
//! and what it says.

use serde::Serialize;

use super::kind_words::{
    CHALLENGE, DAEMONS, DELAY_SUBJECTS, DELAYED, FAILED, SUBJECTS, VACATION_SUBJECTS, VAGUE_SUBJECTS,
};
use super::{held, scanner};
use crate::parse::bounce::Notice;
use crate::parse::bounce::dsn::Action;

/// The kinds, by their names in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Delivery failed: a non-delivery report.
    Bounce,
    /// A recipient's complaint, such as an ARF report (RFC 5965).
    Complaint,
    /// An automatic reply, such as an absence notice (RFC 3834).
    AutoReply,
    /// A delivery that is late and still tried.
    Delay,
    /// A success (RFC 3464 section 2.3.3).
    Delivered,
    /// Passed on and no more: relayed to where nobody reports, expanded to a list.
    Relayed,
    /// No message about a delivery.
    None,
}

impl Kind {
    /// The word in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Bounce => "bounce",
            Kind::Complaint => "complaint",
            Kind::AutoReply => "auto-reply",
            Kind::Delay => "delay",
            Kind::Delivered => "delivered",
            Kind::Relayed => "relayed",
            Kind::None => "none",
        }
    }
}

fn of_event(name: &str) -> Kind {
    match name {
        "complaint" => Kind::Complaint,
        "delivery" => Kind::Delivered,
        "bounce" => Kind::Bounce,
        "deliverydelay" => Kind::Delay,
        _ => Kind::None,
    }
}

/// By the fields of a delivery report; `None` where it has none.
fn of_report(notice: &Notice, text: &str) -> Option<Kind> {
    let report = notice.report.as_ref()?;
    if report.recipients.is_empty() && report.reporting_mta.is_none() {
        return None;
    }
    let actions = || report.recipients.iter().filter_map(|r| r.action);
    Some(if actions().next().is_none() {
        if DELAYED.iter().any(|word| text.contains(word)) { Kind::Delay } else { Kind::Bounce }
    } else if actions().any(|a| a == Action::Failed) {
        Kind::Bounce
    } else if actions().any(|a| a == Action::Delayed) {
        Kind::Delay
    } else {
        Kind::Delivered
    })
}

pub(super) fn of(notice: &Notice) -> Kind {
    if let Some(feedback) = &notice.feedback
        && !feedback.kind.is_empty()
    {
        // "not-spam" takes a message out of the spam folder (RFC 5965 section 7.3): nobody objects.
        // "auth-failure" (RFC 6591) is a report of the same form, and told as what it is.
        return if feedback.kind == "not-spam" { Kind::None } else { Kind::Complaint };
    }
    if let Some(event) = &notice.event {
        return of_event(&event.kind);
    }
    let subject = notice.subject.to_lowercase();
    let text = notice.text.to_lowercase();
    let holds = |words: &[&str], text: &str| words.iter().any(|word| text.contains(word));

    if let Some(kind) = of_report(notice, &text) {
        return kind;
    }
    // A notice may return a receipt that failed: that is its matter, and not what it is.
    let is_receipt = notice.report_type.as_deref() == Some("disposition-notification");
    if is_receipt && notice.receipt.is_some() && notice.report.is_none() {
        return if is_automatic(notice) && replies(notice, &subject) { Kind::AutoReply } else { Kind::None };
    }
    if scanner::stopped_by_scanner(notice) {
        return Kind::Bounce;
    }
    if is_complaint(notice, &subject, &text) {
        return Kind::Complaint;
    }
    // A name is written by whoever likes: who takes answers is a daemon by the address only.
    let addresses = || notice.from.split_whitespace().filter(|word| word.contains('@'));
    let daemon = match notice.return_path_named {
        true => addresses().any(|address| holds(DAEMONS, address)),
        false => holds(DAEMONS, &notice.from),
    };
    let reports = holds(SUBJECTS, &subject);
    let delivered_report = notice.report_type.as_deref() == Some("delivery-status");
    let evidence = u8::from(daemon)
        + u8::from(reports)
        + u8::from(!notice.failed_header.is_empty()) * 2
        + u8::from(delivered_report) * 2
        + u8::from(notice.null_return_path && notice.quotes_original)
        + u8::from(notice.quotes_original && !notice.told.is_empty() && notice.null_return_path);
    let automatic = is_automatic(notice);
    let answer = holds(VACATION_SUBJECTS, &subject)
        || (automatic && holds(CHALLENGE, &text))
        || holds(CHALLENGE, &subject)
        || held::back(notice).is_some();
    if automatic && held::refused_by_list(notice) {
        return Kind::Bounce;
    }
    if answer && !reports {
        return Kind::AutoReply;
    }
    // A person who answers quotes the notice; the quotation is no notice.
    // A newsletter about bounces is none.
    if notice.of_list && notice.return_path_named && !delivered_report && notice.failed_header.is_empty() {
        return if replies(notice, &subject) { Kind::AutoReply } else { Kind::None };
    }
    let person = ["re:", "aw:", "sv:", "antw:", "odp:", "res:", "rif:", "回复:", "答复:"]
        .iter()
        .any(|re| subject.trim_start().starts_with(re));
    if person && !daemon && !automatic && notice.failed_header.is_empty() && !notice.null_return_path {
        return Kind::None;
    }
    // Words of a subject alone stand in newsletters, tickets and answers too.
    let others = |told: &crate::parse::bounce::Told| {
        !notice.to.as_deref().is_some_and(|to| to.eq_ignore_ascii_case(&told.address))
    };
    let ordinary =
        notice.of_list || notice.answers || notice.return_path_named && !notice.told.iter().any(others);
    if evidence == 1 && reports && ordinary && !held::refused_by_list(notice) {
        return if replies(notice, &subject) { Kind::AutoReply } else { Kind::None };
    }
    // A subject alone convinces by plain words only, and where no person answers.
    let only_subject = evidence == 1 && reports && !automatic;
    let answered =
        ["re:", "aw:", "fw:", "fwd:", "wg:", "sv:", "tr:"].iter().any(|re| subject.starts_with(re));
    let unconvincing = only_subject
        && notice.told.iter().all(|told| told.reasons.is_empty())
        && (answered || !is_plain(&subject));
    if evidence >= 1
        && !unconvincing
        && (holds(FAILED, &text) || holds(FAILED, &subject) || holds(DELAYED, &text) || evidence >= 2)
    {
        let warns = holds(DELAYED, &text) || holds(DELAY_SUBJECTS, &subject);
        let final_words = [
            "permanent",
            "given up",
            "giving up",
            "will not be retried",
            "i've given up",
            "not going to try again",
        ];
        return if warns && !holds(&final_words, &text) { Kind::Delay } else { Kind::Bounce };
    }
    if replies(notice, &subject) || (notice.null_return_path && answer) {
        return Kind::AutoReply;
    }
    Kind::None
}

/// True where a program answers a message. "auto-generated" alone marks whatever a program writes: reports,
/// alerts, passwords (RFC 3834 section 5).
fn replies(notice: &Notice, subject: &str) -> bool {
    let generated = notice.auto_submitted.as_deref().is_some_and(|value| value.starts_with("auto-generated"));
    let answers = notice.answers
        || ["re:", "aw:", "sv:", "antw:", "odp:", "res:", "rif:"].iter().any(|re| subject.starts_with(re))
        || VACATION_SUBJECTS.iter().any(|words| subject.contains(words));
    is_automatic(notice) && (!generated || notice.marked_automatic || answers)
}

/// True for a subject that only programs write.
fn is_plain(subject: &str) -> bool {
    SUBJECTS.iter().any(|words| !VAGUE_SUBJECTS.contains(words) && subject.contains(words))
}

/// Complaints of receivers that do not write RFC 5965.
fn is_complaint(notice: &Notice, subject: &str, text: &str) -> bool {
    let from = &notice.from;
    let staff = from.contains("staff@hotmail.com")
        || from.contains("scomp@aol.net")
        || from.contains("feedbackloop@")
        || from.contains("fbl@");
    notice.complaint_recipient.is_some()
        || (staff
            && (subject.contains("complaint") || subject.contains("client tos") || notice.quotes_original))
        || subject.starts_with("complaint about message from")
        || text.contains("this is an email abuse report")
        || text.contains("this is a spam complaint")
        || text.contains("sent this email to unsubscribe from the message")
        || subject.contains("abuse report")
        || notice.report_type.as_deref() == Some("feedback-report")
}

/// True where the message itself says that a program answered (RFC 3834 section 5).
fn is_automatic(notice: &Notice) -> bool {
    notice.marked_automatic
        || notice.auto_submitted.as_deref().is_some_and(|value| {
            value.starts_with("auto-replied")
                || value.starts_with("auto-generated")
                || value.starts_with("auto-notified")
        })
}
