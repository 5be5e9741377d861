//! Workflow commands: annotations on the lines of a pull request.
//! <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>

use crate::judge::report::Report;
use crate::model::untrusted::{Width, plain};
use crate::model::{Location, Severity};

use super::{score_line, subject};

/// An annotation a finding; errors are those that fail the run.
pub(crate) fn github(report: &Report, fail_on: Option<Severity>) -> String {
    placed(report, None, fail_on, None)
}

/// The same, where a finding without a line of its own stands at `place`; `error` is why nothing
/// could be judged.
pub(crate) fn placed(
    report: &Report,
    place: Option<&Location>,
    fail_on: Option<Severity>,
    error: Option<&str>,
) -> String {
    let mut out = String::new();
    if let Some(error) = error {
        let at = place.map(|at| format!("file={},line={},", property(&at.file), at.line)).unwrap_or_default();
        let text = message(&format!("{} was not judged: {error}", subject(report)));
        return format!("::error {at}title=mailvet::{text}\n");
    }
    for (result, finding) in report.findings() {
        let problem = &finding.problem;
        let level = match finding.severity {
            severity if fail_on.is_some_and(|least| severity >= least) => "error",
            Severity::Info => "notice",
            _ => "warning",
        };
        let at = problem.location.as_ref().or(place);
        let place = at.map(|at| format!("file={},line={},", property(&at.file), at.line)).unwrap_or_default();
        let title = format!("{} ({})", result.check.code, finding.severity.name());
        let fix = problem.fix.as_deref().unwrap_or(result.check.fix);
        let text = format!("{}\nFix: {fix}", problem.summary);
        out.push_str(&format!("::{level} {place}title={}::{}\n", property(&title), message(&text)));
    }
    let ignored = match report.ignored().len() {
        0 => String::new(),
        1 => "; 1 finding ignored by the settings".to_owned(),
        count => format!("; {count} findings ignored by the settings"),
    };
    let line = format!(
        "{} mailvet: {}: {}{ignored}",
        crate::judge::headline::sentence(report),
        subject(report),
        score_line(report)
    );
    out.push_str(&format!("::notice title=mailvet::{}\n", message(&line)));
    out
}

/// The text of a command: a line break would end it.
pub(crate) fn message(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| plain(line, Width::Block).replace('%', "%25")).collect();
    lines.join("%0A")
}

/// A property of a command: its separators too.
pub(crate) fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_command_cannot_be_broken_out_of() {
        assert_eq!(super::message("100 %\r\n::error::x"), "100 %25%0A\\u{3a}:error::x");
        assert_eq!(super::property("a:b,c\n"), "a%3Ab%2Cc");
        assert!(!super::message("a\u{2028}b\rc\u{85}d").contains(['\r', '\n']));
    }
}
