//! What `lint` says of messages, for people.

use super::escape;
use super::style::{Look, wrap};
use super::terminal;
use crate::facts::links::chains::LinkChains;
use crate::facts::spam_score::SpamScore;
use crate::judge::finding::{CheckResult, Finding, Outcome};
use crate::judge::report::Report;
use crate::model::{Area, Severity};

/// One message: score, every finding in full, then what was looked at.
pub(crate) fn in_full(
    file: &str,
    report: &Report,
    spam: Option<&SpamScore>,
    chains: Option<&LinkChains>,
    look: Look,
) -> String {
    let mut out = headline(file, report, look);
    if look.quiet {
        return out;
    }
    out.push_str(&standing(report, spam, look));
    let (scoring, notes): (Vec<_>, Vec<_>) =
        ordered(report).into_iter().partition(|(_, finding)| finding.severity > Severity::Info);
    for (result, finding) in &scoring {
        out.push_str(&terminal::in_full("-", result, finding, look));
    }
    if !notes.is_empty() {
        out.push_str(&format!("\n{}\n", look.bold("Notes, without points")));
        for (result, finding) in &notes {
            out.push_str(&terminal::in_brief(result, finding, look));
        }
    }
    out.push_str(&terminal::unknowns(report, look));
    out.push_str(&chains.map(|chains| followed(chains, look)).unwrap_or_default());
    let judged: Vec<String> = Area::ALL
        .into_iter()
        .filter_map(|area| report.score.areas.iter().find(|score| score.area == area && score.assessed()))
        .map(|score| format!("{} {}", score.area.title(), score.judged))
        .collect();
    let mut line = format!("Checks judged: {}.", judged.join(", "));
    if let Some((result, _)) = ordered(report).first() {
        line.push_str(&format!(" More: mailvet explain {}", result.check.code));
    }
    out.push('\n');
    out.push_str(&look.dim(wrap(&line, look.width, "", "").trim_end_matches('\n')));
    out.push('\n');
    out
}

/// The worst first; of the same weight what may harm the reader, then what the large receivers ask of a
/// mailing, then matters of form, and a sum behind its parts.
fn ordered(report: &Report) -> Vec<(&CheckResult, &Finding)> {
    let mut findings = report.findings();
    findings.sort_by_key(|(result, finding)| {
        let place = match result.check.area {
            Area::MalwarePhishing => 0,
            Area::Subscription => 1,
            _ if result.check.code == "spam-score-high" => 3,
            _ => 2,
        };
        (std::cmp::Reverse(finding.severity), place)
    });
    findings
}

/// The spam score with its scale, and what was not judged because nothing told the kind of mail.
fn standing(report: &Report, spam: Option<&SpamScore>, look: Look) -> String {
    let mut out = String::new();
    if let Some(spam) = spam {
        let line = format!(
            "Spam score {} on a scale of 0 to 100, lower is better; from {} on content filters are likely to call the message spam.",
            spam.total,
            SpamScore::THRESHOLD
        );
        out.push_str(&wrap(&line, look.width, "", ""));
        out.push_str(&wrap(&heaviest(report, spam), look.width, "", ""));
    }
    let unjudged = report.results.iter().find(|result| result.check.code == "list-unsubscribe-missing");
    if let Some(Outcome::NotApplicable(reason)) = unjudged.map(|result| &result.outcome)
        && reason.contains("--kind bulk")
    {
        out.push_str(&wrap(
            &format!("Subscription not judged: {}; add --kind bulk if it goes to many.", before_hint(reason)),
            look.width,
            "",
            "",
        ));
    }
    if let Some(consent) = report.blind_spots.first() {
        out.push_str(&wrap(&format!("Not to be seen in a message: {consent}."), look.width, "", ""));
    }
    out
}

/// What makes most of a score that no finding explains and that is not far from the threshold.
fn heaviest(report: &Report, spam: &SpamScore) -> String {
    let told = report.findings().iter().any(|(result, _)| result.check.code == "spam-score-high");
    let parts = spam.parts.iter().filter(|part| part.kind.is_some() && part.points >= 4.5).take(3);
    let shown: Vec<String> =
        parts.map(|part| format!("{} (+{:.0})", escape::terminal(&part.evidence), part.points)).collect();
    if told || spam.total < NOTABLE || shown.is_empty() {
        return String::new();
    }
    format!("Most of the score: {}.", shown.join(", "))
}

/// From here on a reader asks what the score is made of.
const NOTABLE: u8 = 30;

/// A reason without the option it names, which the line names itself.
fn before_hint(reason: &str) -> &str {
    reason.split_once(" (--kind").map_or(reason, |(reason, _)| reason)
}

/// Where each link leads, hop by hop.
fn followed(chains: &LinkChains, look: Look) -> String {
    if chains.chains.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}\n", look.bold("Links followed"));
    for chain in &chains.chains {
        for (at, hop) in chain.hops.iter().enumerate() {
            let arrow = if at == 0 { "" } else { "-> " };
            let status = hop.status.map_or_else(|| "  ?".to_owned(), |status| status.to_string());
            let url = escape::terminal(hop.url.as_str());
            let most = look.width.saturating_sub(10 + arrow.len()).max(40);
            let url: String = match url.char_indices().nth(most) {
                Some((cut, _)) => format!("{}...", &url[..cut]),
                None => url,
            };
            out.push_str(&format!("  {status} {arrow}{url}\n"));
        }
        if let Some(reason) = chain.end.reason() {
            out.push_str(&wrap(&escape::terminal(&reason), look.width, "      ", "      "));
        }
    }
    out
}

fn headline(file: &str, report: &Report, look: Look) -> String {
    let found = report.findings().len();
    let text = escape::terminal(&super::report::score_line(report));
    let painted = match report.worst() {
        Some(severity) if severity >= Severity::Medium => look.severity(severity, &text),
        _ => look.good(&text),
    };
    let findings = match found {
        0 => "nothing found".to_owned(),
        1 => "1 finding".to_owned(),
        many => format!("{many} findings"),
    };
    format!("{}  {painted}, {findings}\n", look.bold(&escape::terminal(file)))
}

/// One message of many: a line, and a line for each finding that counts.
pub(crate) fn in_brief(file: &str, report: &Report, look: Look) -> String {
    let mut out = headline(file, report, look);
    if look.quiet {
        return out;
    }
    let least = if look.verbose { Severity::Info } else { Severity::Medium };
    let found: Vec<(&CheckResult, &Finding)> =
        ordered(report).into_iter().filter(|(_, finding)| finding.severity >= least).collect();
    for (result, finding) in found {
        out.push_str(&terminal::in_brief(result, finding, look));
    }
    out
}

/// A file that is no message.
pub(crate) fn refused(error: &str, look: Look) -> String {
    wrap(&escape::terminal(error), look.width, "error: ", "       ")
}

/// The last line of many.
pub(crate) fn total(read: usize, refused: usize, look: Look) -> String {
    let mut line = format!("{read} messages judged");
    if refused > 0 {
        line.push_str(&format!(", {refused} files are no mail"));
    }
    format!("\n{}\n", look.dim(&line))
}
