//! The Date header is far from the time of sending.

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::message::Field;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "date-skewed",
    area: Area::Content,
    title: "the Date header is far from the time of sending",
    severity: Severity::Medium,
    why: "\
        Filters compare Date with the clock: a date hours ahead or days behind costs points \
        everywhere, and Yahoo refuses dates out of range.",
    fix: "\
        Set the sending machine's clock by NTP, and write Date when the message is sent, not \
        when it is queued or first drafted.",
    references: &[Reference::Rfc { number: 5322, section: "3.6.1" }, pages::YAHOO_SMTP_ERRORS],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some((field, sent)) = message.first("Date").zip(message.sent_at()) else {
        return Ok(Verdict::NotApplicable("no readable Date header, see date-missing and date-malformed"));
    };
    // The first hop's stamp is the best clock; without it only the future is telling,
    // because a stored sample may be of any age.
    let hop = message.all("Received").last().and_then(received_at);
    let (clock, named) = match hop {
        Some(at) => (at, "the first Received stamp"),
        None => (facts.now(), "now"),
    };
    let ahead = sent.timestamp.saturating_sub(clock);
    let fault = if ahead > 3 * HOUR {
        format!("{} ahead of {named}", span(ahead))
    } else if hop.is_some() && ahead < -4 * 24 * HOUR {
        format!("{} behind {named}", span(-ahead))
    } else if sent.timestamp < EARLIEST {
        "before internet mail had dates like this: the clock was not set".to_owned()
    } else {
        return Ok(Verdict::Pass);
    };
    Ok(Verdict::Fail(vec![
        Problem::at(message.header_subject(field), format!("Date is {fault}"))
            .proof(format!("Date: {}", plain(field.text(), Width::Name)))
            .fix("synchronise the sender's clock (chronyc tracking) and stamp Date at sending time")
            .located(message.location(field.line)),
    ]))
}

const HOUR: i64 = 3600;
/// 1 January 1982, the year of RFC 822.
const EARLIEST: i64 = 378_691_200;

/// The stamp after the last semicolon.
fn received_at(field: &Field) -> Option<i64> {
    let text = field.unfolded();
    let (_, stamp) = text.rsplit_once(';')?;
    mail_date(stamp)
}

fn mail_date(text: &str) -> Option<i64> {
    crate::parse::message::addresses::date_text(text).map(|sent| sent.timestamp)
}

fn span(seconds: i64) -> String {
    match seconds / HOUR {
        hours @ 0..48 => format!("{hours} hours"),
        hours => format!("{} days", hours / 24),
    }
}
