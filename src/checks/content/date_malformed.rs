//! The Date header does not follow RFC 5322.

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "date-malformed",
    area: Area::Content,
    title: "the Date header does not follow RFC 5322",
    severity: Severity::Medium,
    why: "\
        Yahoo refuses dates it cannot read, and a wrong weekday, a two-digit year or a \
        missing zone are marks of home-made mailers that filters score.",
    fix: "\
        Write day, month name, four-digit year, time and numeric zone: `Mon, 23 Nov 2026 \
        12:00:00 +0000`.",
    references: &[Reference::Rfc { number: 5322, section: "3.3" }, pages::YAHOO_SMTP_ERRORS],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some(field) = message.first("Date") else {
        return Ok(Verdict::NotApplicable("no Date header, see date-missing"));
    };
    let text = field.text();
    let Some(fault) = fault(text, message.sent_at().map(|sent| sent.timestamp)) else {
        return Ok(Verdict::Pass);
    };
    Ok(Verdict::Fail(vec![
        Problem::at(
            message.header_subject(field),
            format!("Date is {:?}: {fault}", plain(text, Width::Name)),
        )
        .proof(format!("Date: {}", plain(text, Width::Name)))
        .fix("write it as: Date: Mon, 23 Nov 2026 12:00:00 +0000")
        .located(message.location(field.line)),
    ]))
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["thu", "fri", "sat", "sun", "mon", "tue", "wed"];

/// What is wrong with the date's form. Comments at the end are allowed.
fn fault(text: &str, timestamp: Option<i64>) -> Option<&'static str> {
    let text = text.split('(').next().unwrap_or_default().replace(',', " , ");
    let mut words = text.split_ascii_whitespace().peekable();
    let mut weekday = None;
    if words.peek().is_some_and(|word| word.starts_with(|c: char| c.is_alphabetic())) {
        weekday = words.next().map(str::to_ascii_lowercase);
        if words.peek() != Some(&",") {
            return Some("a comma follows the weekday");
        }
        words.next();
    }
    let day = words.next().and_then(|word| word.parse::<u32>().ok()).filter(|day| (1..=31).contains(day));
    if day.is_none() {
        return Some("the day of the month cannot be read");
    }
    let month = words.next().map(str::to_ascii_lowercase).unwrap_or_default();
    if !MONTHS.contains(&month.as_str()) {
        return Some("the month is no English three-letter name");
    }
    let year = words.next().unwrap_or_default();
    if year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) {
        return Some("the year has not four digits");
    }
    let time: Vec<&str> = words.next().unwrap_or_default().split(':').collect();
    let number = |at: usize, most: u32| {
        time.get(at).is_some_and(|t| t.len() == 2 && t.parse::<u32>().is_ok_and(|value| value <= most))
    };
    if !(number(0, 23) && number(1, 59) && (time.len() == 2 || (time.len() == 3 && number(2, 60)))) {
        return Some("the time is not hh:mm:ss");
    }
    let zone = words.next().unwrap_or_default();
    let numeric =
        zone.len() == 5 && zone.starts_with(['+', '-']) && zone[1..].bytes().all(|b| b.is_ascii_digit());
    let named = matches!(
        zone,
        "GMT" | "UT" | "UTC" | "EST" | "EDT" | "CST" | "CDT" | "MST" | "MDT" | "PST" | "PDT" | "Z"
    );
    if zone.is_empty() {
        return Some("the time zone is missing");
    }
    if !numeric && !named {
        return Some("the time zone is not of the form +0000");
    }
    let offset = if numeric {
        let part = |range: std::ops::Range<usize>| {
            zone.get(range).and_then(|t| t.parse::<i64>().ok()).unwrap_or_default()
        };
        let minutes = part(1..3) * 60 + part(3..5);
        if zone.starts_with('-') { -minutes } else { minutes }
    } else {
        0
    };
    // 1 January 1970 was a Thursday. Named zones are left out: their offset is a guess.
    let local = timestamp?.checked_add(offset * 60)?;
    let expected = DAYS.get(usize::try_from(local.div_euclid(86_400).rem_euclid(7)).ok()?)?;
    match weekday {
        Some(day) if numeric && !day.starts_with(expected) => Some("the weekday is not that of the date"),
        _ => None,
    }
}
