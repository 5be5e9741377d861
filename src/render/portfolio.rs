//! A list of domains for people and spreadsheets: a row a domain, and the summary.

use std::collections::BTreeMap;

use super::escape;
use super::style::{Look, wrap};
use crate::judge::report::Report;
use crate::model::Severity;
use crate::model::counted::counted;

/// Codes that the summary names; -v names all.
const MOST_CODES: usize = 10;
/// Domains that the summary names for one reason.
const MOST_NAMES: usize = 20;
/// Columns of a row's domain; a longer one has a line to itself.
const DOMAIN_COLUMNS: usize = 32;

/// What is said of one domain in one line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub domain: String,
    pub score: Option<u32>,
    /// `none` where there is no score.
    pub grade: &'static str,
    /// Judged checks among those that apply, 0 to 1.
    pub coverage: f64,
    pub worst: Option<Severity>,
    /// Failing checks with their worst severity, worst first.
    pub codes: Vec<(Severity, &'static str)>,
    /// Checks with findings that the settings set aside.
    pub ignored: Vec<&'static str>,
    /// Too little is known to judge.
    pub says_nothing: bool,
    /// Why the domain could not be judged.
    pub error: Option<String>,
}

impl Row {
    pub(crate) fn of(report: &Report, error: Option<&str>) -> Row {
        let mut codes: Vec<(Severity, &'static str)> = Vec::new();
        for (result, finding) in report.findings() {
            if !codes.iter().any(|(_, code)| *code == result.check.code) {
                codes.push((finding.severity, result.check.code));
            }
        }
        Row {
            domain: report.target.domain.as_ref().map(ToString::to_string).unwrap_or_default(),
            score: report.score.total,
            grade: report.score.grade.unwrap_or("none"),
            coverage: report.score.coverage,
            worst: report.worst(),
            codes,
            ignored: report.ignored().into_iter().map(|(result, _)| result.check.code).collect(),
            says_nothing: report.says_too_little(),
            error: error.map(str::to_owned),
        }
    }
}

/// RFC 4180.
pub(crate) const CSV_HEAD: &str = "domain,score,grade,coverage,worst,codes,error\r\n";

/// A row for spreadsheets; no field can become a formula.
pub(crate) fn csv(row: &Row) -> String {
    let codes: Vec<&str> = row.codes.iter().map(|(_, code)| *code).collect();
    let fields = [
        row.domain.as_str(),
        &row.score.map(|score| score.to_string()).unwrap_or_default(),
        row.grade,
        &format!("{:.3}", row.coverage),
        row.worst.map_or("", Severity::name),
        &codes.join(" "),
        row.error.as_deref().unwrap_or_default(),
    ];
    fields.map(escape::csv).join(",") + "\r\n"
}

/// The table's head for people.
pub(crate) fn terminal_head(look: Look) -> String {
    let head =
        format!("{:<DOMAIN_COLUMNS$} {:>5} {:<5} {:>6}  findings", "domain", "score", "grade", "judged");
    look.dim(&head) + "\n"
}

/// A row for people: the worst codes, and how many more there are.
pub(crate) fn terminal(row: &Row, look: Look) -> String {
    let domain = escape::terminal(&row.domain);
    let columns = domain.chars().count();
    let first = match columns > DOMAIN_COLUMNS {
        true => format!("{}\n{:DOMAIN_COLUMNS$}", look.bold(&domain), ""),
        false => format!("{}{:2$}", look.bold(&domain), "", DOMAIN_COLUMNS - columns),
    };
    let score = row.score.map_or_else(|| "-".to_owned(), |score| score.to_string());
    let judged = format!("{:.0} %", (row.coverage * 100.0).floor());
    let indent = DOMAIN_COLUMNS + 21;
    let scored: Vec<_> = row.codes.iter().filter(|(severity, _)| *severity > Severity::Info).collect();
    let found = match (&row.error, scored.as_slice()) {
        (Some(error), _) => format!("not judged: {}", escape::terminal(error)),
        (None, []) if row.says_nothing => "unknown: too little was answered".to_owned(),
        (None, []) => look.good("none"),
        (None, [(severity, code), rest @ ..]) => {
            let more = if rest.is_empty() { String::new() } else { format!(" +{}", rest.len()) };
            let painted = look.severity(*severity, severity.name());
            // Under the severity, where both together are too wide.
            let fits = indent + severity.name().len() + 1 + code.len() + more.len() <= look.width;
            let gap = if fits { " ".to_owned() } else { format!("\n{:1$}", "", indent) };
            format!("{painted}{gap}{code}{more}")
        }
    };
    format!("{first} {score:>5} {:<5} {judged:>6}  {found}\n", row.grade)
}

/// Sums over a run.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    pub judged: usize,
    pub grades: BTreeMap<&'static str, usize>,
    /// Failing checks: domains by code and worst severity.
    pub codes: BTreeMap<&'static str, (Severity, usize)>,
    pub worst: Option<Severity>,
    /// Domains of which too little is known, the first few by name.
    pub nothing: Named,
    /// Domains whose audit ended unexpectedly.
    pub failed: Named,
    /// Domains that the deadline kept from being judged.
    pub unreached: Named,
    /// Domains that an earlier run has judged.
    pub resumed: usize,
    /// Questions that went out, each once, and those without a usable answer.
    pub questions: (usize, usize),
    pub seconds: f64,
}

/// A number of domains, and the first few of them.
#[derive(Debug, Default)]
pub(crate) struct Named {
    pub count: usize,
    first: Vec<String>,
}

impl Named {
    pub(crate) fn add(&mut self, domain: &str) {
        self.count += 1;
        if self.first.len() < MOST_NAMES {
            self.first.push(domain.to_owned());
        }
    }
}

impl Summary {
    /// True where no domain had enough evidence, or some could not be judged: then
    /// nothing bad found is not nothing bad.
    pub(crate) fn tells_too_little(&self) -> bool {
        let judged_none = self.judged > 0 && self.nothing.count == self.judged;
        judged_none || self.failed.count > 0 || self.unreached.count > 0
    }

    pub(crate) fn add(&mut self, row: &Row) {
        if row.error.is_some() {
            self.failed.add(&row.domain);
            return;
        }
        self.judged += 1;
        *self.grades.entry(row.grade).or_default() += 1;
        self.worst = self.worst.max(row.worst);
        for (severity, code) in &row.codes {
            let (worst, count) = self.codes.entry(code).or_insert((*severity, 0));
            *worst = (*worst).max(*severity);
            *count += 1;
        }
        if row.says_nothing {
            self.nothing.add(&row.domain);
        }
    }
}

/// The summary for standard error; without colour, since it may be a log.
pub(crate) fn summary(summary: &Summary, verbose: bool) -> String {
    let mut out = String::new();
    let line = |out: &mut String, text: &str| out.push_str(&wrap(text, 80, "", "  "));
    let grades: Vec<String> =
        summary.grades.iter().map(|(grade, count)| format!("{grade} {count}")).collect();
    let grades = if grades.is_empty() { String::new() } else { format!("; grades: {}", grades.join(", ")) };
    let domains = counted(summary.judged as u64, "domain");
    line(&mut out, &format!("{domains} judged in {:.1} s{grades}", summary.seconds));
    if summary.resumed > 0 {
        line(
            &mut out,
            &format!("{} judged by an earlier run and skipped", counted(summary.resumed as u64, "domain")),
        );
    }
    let mut codes: Vec<_> =
        summary.codes.iter().filter(|(_, (severity, _))| *severity > Severity::Info || verbose).collect();
    codes.sort_by_key(|(code, (severity, count))| (std::cmp::Reverse((*severity, *count)), **code));
    let most = if verbose { usize::MAX } else { MOST_CODES };
    for (code, (severity, count)) in codes.iter().take(most) {
        let domains = counted(*count as u64, "domain");
        out.push_str(&format!("  {:<8} {code:<34} {domains}\n", severity.name()));
    }
    if codes.len() > most {
        line(
            &mut out,
            &format!("  and {} of less weight; -v names all", counted((codes.len() - most) as u64, "check")),
        );
    }
    let named = |named: &Named| {
        let more = named.count - named.first.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{}: {}{more}", counted(named.count as u64, "domain"), named.first.join(", "))
    };
    if summary.nothing.count > 0 {
        line(&mut out, &format!("too little evidence for {}", named(&summary.nothing)));
    }
    if summary.failed.count > 0 {
        line(&mut out, &format!("not judged because of a fault in mailvet, {}", named(&summary.failed)));
    }
    if summary.unreached.count > 0 {
        line(
            &mut out,
            &format!(
                "not reached before the deadline, so unknown, {}; --resume with --output FILE goes on with them",
                named(&summary.unreached)
            ),
        );
    }
    let (asked, failed) = summary.questions;
    line(
        &mut out,
        &format!(
            "{} asked, each once for all domains; {failed} without a usable answer",
            counted(asked as u64, "question")
        ),
    );
    out
}
