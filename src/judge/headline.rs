//! The first line of a report: one sentence that says what will happen to the mail, what to mend
//! first and who must act.

use crate::judge::finding::{CheckResult, Finding};
use crate::judge::forecast::{Expected, ReceiverResult};
use crate::judge::priority;
use crate::judge::report::Report;
use crate::judge::score::Basis;
use crate::model::{Area, Role, Severity};

/// The sentence. Parts written by others come through as the report holds them: escape it.
pub(crate) fn sentence(report: &Report) -> String {
    let said = what_becomes(report);
    // What was found is no verdict on the rest: a score that is withheld is told beside it.
    match report.score.reason.as_deref().map(|reason| reason.trim_end_matches('.')) {
        Some(reason) if report.score.total.is_none() && !said.contains(reason) && !is_missing(report) => {
            format!("{said} Not all is known: {reason}.")
        }
        _ => said,
    }
}

/// True where the domain does not exist: nothing else is to be known of it.
fn is_missing(report: &Report) -> bool {
    report.findings().iter().any(|(result, _)| result.check.code == "domain-missing")
}

fn what_becomes(report: &Report) -> String {
    let whose = mail_of(report);
    let tasks = priority::tasks(report);
    let first = tasks.first().and_then(priority::Task::lead);
    if let Some((_, finding)) =
        report.findings().iter().find(|(result, _)| result.check.code == "domain-missing")
    {
        return sentence_of(&finding.problem.summary);
    }
    if report.role == Some(Role::Parked) {
        return parked(report, first);
    }
    let refusing = named(report, Expected::Refuse);
    if !refusing.is_empty() {
        return with_fix(format!("{whose} will be refused by {refusing}"), first);
    }
    if first.is_some_and(|(_, finding)| finding.severity == Severity::Critical) {
        return with_fix(format!("{whose} will be refused"), first);
    }
    if let Some((result, _)) = first
        && result.check.area == Area::MalwarePhishing
        && report.worst() >= Some(Severity::High)
    {
        return with_fix(format!("{whose} will be taken for fraud or malware"), first);
    }
    if report.score.total.is_none() {
        return not_scored(report, first);
    }
    let suspecting = named(report, Expected::Suspect);
    if !suspecting.is_empty() {
        return with_fix(format!("{whose} is bound for the spam folder at {suspecting}"), first);
    }
    let open = match report.score.at_least {
        Some(least) if Some(least) != report.score.total => {
            format!("; {} checks got no answer", report.score.unanswered)
        }
        _ => String::new(),
    };
    let outgoing = report
        .findings()
        .into_iter()
        .find(|(result, finding)| finding.severity >= Severity::Medium && !is_of_incoming(result.check.code));
    match first {
        Some((_, finding)) if finding.severity >= Severity::Medium => match outgoing {
            None => with_fix(format!("{whose} should arrive{open}; mail to the domain is at risk"), first),
            found => with_fix(format!("{whose} may be taken for spam{open}"), found),
        },
        Some(_) => with_fix(format!("{whose} should arrive{open}, small faults aside"), first),
        None if set_aside(report) > 0 => format!(
            "Nothing but what was set aside ({}) stands against {}{open}.",
            set_aside(report),
            lower(&whose)
        ),
        None => format!("{} {}{open}.", "Nothing found stands against", lower(&whose)) + &seen(report),
    }
}

/// Whether a check is about mail to the domain, which says nothing of mail from it.
fn is_of_incoming(code: &str) -> bool {
    const OF_INCOMING: [&str; 7] =
        ["mta-sts-", "tls-rpt-", "dane-", "tlsa-", "caa-", "starttls-", "mx-host-"];
    OF_INCOMING.iter().any(|start| code.starts_with(start))
}

/// What the sentence is about.
fn mail_of(report: &Report) -> String {
    match (&report.target.domain, report.score.basis) {
        (_, Basis::Message) | (None, Basis::SenderAndMessage) => "This message".to_owned(),
        (Some(domain), _) => format!("Mail from {}", domain.unicode()),
        (None, Basis::Settings) => "The mail of this system".to_owned(),
        (None, Basis::Logs) => "The mail of these logs".to_owned(),
        (None, _) => "The mail".to_owned(),
    }
}

fn lower(whose: &str) -> String {
    let mut letters = whose.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// Names of the receivers with this forecast, the large ones first, three at most.
fn named(report: &Report, expected: Expected) -> String {
    let mut found: Vec<&ReceiverResult> =
        report.receivers.iter().filter(|r| r.expected == expected).collect();
    found.sort_by_key(|receiver| !receiver.large);
    let names: Vec<&str> = found.iter().take(3).map(|receiver| receiver.name).collect();
    let more = found.len().saturating_sub(names.len());
    match (names.as_slice(), more) {
        ([], _) => String::new(),
        ([one], _) => (*one).to_owned(),
        ([some @ .., last], 0) => format!("{} and {last}", some.join(", ")),
        (names, more) => format!("{} and {more} more", names.join(", ")),
    }
}

fn parked(report: &Report, first: Option<(&CheckResult, &Finding)>) -> String {
    let name = report.target.domain.as_ref().map(|name| name.unicode()).unwrap_or_default();
    if report.score.total.is_none() {
        return not_scored(report, first);
    }
    match first {
        Some((_, finding)) if finding.severity >= Severity::Medium => {
            with_fix(format!("{name} is parked, and others can still send as it"), first)
        }
        Some(_) => with_fix(format!("{name} is parked and locked, small faults aside"), first),
        None => {
            format!("{name} is parked and locked: it sends no mail, and receivers refuse what is sent as it.")
        }
    }
}

fn not_scored(report: &Report, first: Option<(&CheckResult, &Finding)>) -> String {
    let what =
        if report.role == Some(Role::Parked) { "the name".to_owned() } else { lower(&mail_of(report)) };
    let reason = report.score.reason.clone().unwrap_or_default();
    let known =
        format!("Too little is known to say what becomes of {what}: {}", reason.trim_end_matches('.'));
    match first {
        Some((_, finding)) if finding.severity >= Severity::Medium => {
            with_fix(format!("{known}. Found so far"), first)
        }
        _ => format!("{known}."),
    }
}

fn set_aside(report: &Report) -> usize {
    report.results.iter().map(|result| result.ignored().len()).sum()
}

/// Of how many receivers it can be said.
fn seen(report: &Report) -> String {
    let accepting = report.receivers.iter().filter(|r| r.expected == Expected::Accept).count();
    match (accepting, report.score.basis) {
        (_, Basis::Records) => " Give --ip and --message to judge the mail itself.".to_owned(),
        (0, _) => String::new(),
        (some, _) => format!(" {some} of {} receivers should take it.", report.receivers.len()),
    }
}

fn with_fix(what: String, first: Option<(&CheckResult, &Finding)>) -> String {
    let Some((result, finding)) = first else { return format!("{what}.") };
    format!(
        "{what}: {} (first fix: {}; {}).",
        brief(&finding.problem.summary),
        result.check.code,
        actor(result)
    )
}

/// The summary's first clause, cut to a line.
fn brief(summary: &str) -> String {
    let clause = summary.split(['\n', ';']).next().unwrap_or_default().trim_end_matches('.');
    let shown: String = clause.chars().take(160).collect();
    if shown.len() < clause.len() { format!("{shown}...") } else { shown }
}

fn sentence_of(summary: &str) -> String {
    // A name at the start stays as it is written.
    if summary.split(' ').next().is_some_and(|word| word.contains('.')) {
        return summary.to_owned();
    }
    let mut letters = summary.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
}

/// Who must act on a finding.
pub(crate) fn actor(result: &CheckResult) -> &'static str {
    let code = result.check.code;
    match result.check.area {
        Area::Authentication if code.starts_with("relay-") => "the relay's operator acts",
        Area::Authentication if code.starts_with("dkim-signature") || code.starts_with("dkim-body") => {
            "whoever runs the signing server acts"
        }
        Area::Authentication if code.starts_with("starttls-") || code.starts_with("smtp-") => {
            "whoever runs the mail server acts"
        }
        Area::Authentication => "whoever runs the domain's DNS acts",
        Area::ReverseDns if code.starts_with("ptr-") => "the address's provider acts",
        Area::ReverseDns | Area::IpReputation | Area::Throttling => "whoever runs the sending server acts",
        Area::Content | Area::MalwarePhishing => "whoever writes the message acts",
        Area::SendingPractices if code.starts_with("ibmi-") => "whoever runs the IBM i acts",
        Area::Subscription | Area::SendingPractices | Area::FeedbackLoops => "whoever runs the mailings acts",
    }
}
