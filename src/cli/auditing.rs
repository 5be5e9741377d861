//! What the commands share that judge one target: audit, lint, listen and portfolio.

use std::collections::BTreeSet;
use std::net::IpAddr;

use anyhow::Context as _;
use clap::ValueEnum;

use super::exit::Exit;
use super::session::Session;
use crate::evidence::Evidence;
use crate::facts::{Facts, Prepared, zone_names};
use crate::judge::finding::{CheckResult, Finding};
use crate::judge::forecast::Posture;
use crate::judge::judge;
use crate::judge::priority;
use crate::judge::report::{AfterRemedies, Questions, Report};
use crate::model::untrusted::Width;
use crate::model::{Name, Role, Scope, Severity};
use crate::parse::zone::problems;
use crate::policy::{MailKind, Policy};
use crate::remedy;
use crate::render;
use crate::render::portfolio_formats::ManyFormat;
use crate::render::style::Look;

/// What `--kind` says a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum KindArg {
    Bulk,
    Transactional,
}

/// What the user says the message is; unstated where nothing is said.
pub(super) fn kind(given: Option<KindArg>) -> MailKind {
    match given {
        Some(KindArg::Bulk) => MailKind::Bulk,
        Some(KindArg::Transactional) => MailKind::Transactional,
        None => MailKind::Unstated,
    }
}

/// Formats of one report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportFormat {
    Terminal,
    Json,
    Sarif,
    Junit,
    Markdown,
    Html,
    Github,
    Nagios,
    Prometheus,
    Csv,
}

impl ReportFormat {
    /// The report as text. `fail_on` is the lowest severity that fails the run: formats
    /// that know "failed" say it of nothing below.
    pub(super) fn render(self, report: &Report, fail_on: Option<Severity>, look: Look) -> String {
        use render::report;
        match self {
            ReportFormat::Terminal => render::terminal::audit(report, look),
            ReportFormat::Json => render::json::text(&render::json::v1::audit(report)),
            ReportFormat::Sarif => render::json::text(&report::sarif::sarif(report)),
            ReportFormat::Junit => report::junit::junit(report, fail_on),
            ReportFormat::Markdown => report::markdown::markdown(report),
            ReportFormat::Html => report::html::html(report),
            ReportFormat::Github => report::github::github(report, fail_on),
            ReportFormat::Nagios => report::nagios::nagios(report, fail_on),
            ReportFormat::Prometheus => report::prometheus::prometheus(report),
            ReportFormat::Csv => report::csv::csv(report),
        }
    }
}

/// The reports on several senders as one output.
pub(super) fn together(
    format: ReportFormat,
    reports: &[Report],
    fail_on: Option<Severity>,
    look: Look,
) -> String {
    let each = |report: &Report| format.render(report, fail_on, look);
    match format {
        ReportFormat::Json => {
            let reports: Vec<_> = reports.iter().map(render::json::v1::audit).collect();
            render::json::text(&serde_json::json!({ "schema": "mailvet/audits/1", "reports": reports }))
        }
        ReportFormat::Sarif => {
            let mut all: Vec<serde_json::Value> =
                reports.iter().map(render::report::sarif::sarif).map(|one| serde_json::json!(one)).collect();
            let runs: Vec<serde_json::Value> =
                all.iter().filter_map(|one| one["runs"].as_array()).flatten().cloned().collect();
            let mut first = all.drain(..).next().unwrap_or_default();
            first["runs"] = runs.into();
            render::json::text(&first)
        }
        ReportFormat::Csv => {
            let texts = reports.iter().enumerate().map(|(at, report)| {
                let text = each(report);
                match text.split_once('\n').filter(|_| at > 0) {
                    Some((_, rows)) => rows.to_owned(),
                    None => text,
                }
            });
            texts.collect()
        }
        ReportFormat::Github => reports.iter().map(each).collect(),
        ReportFormat::Junit => {
            let many = ManyFormat::Junit;
            let parts: String =
                reports.iter().map(|report| render::report::junit::suites(report, fail_on, None)).collect();
            many.head() + &parts + &many.foot(&BTreeSet::new(), &[])
        }
        ReportFormat::Nagios => render::report::nagios::several(reports, fail_on),
        ReportFormat::Prometheus => render::report::prometheus::several(reports),
        ReportFormat::Html => render::report::html::several(reports),
        ReportFormat::Terminal | ReportFormat::Markdown => {
            reports.iter().map(each).collect::<Vec<_>>().join("\n")
        }
    }
}

/// What may be asked: the topics of the selected checks; `lists` as `--list` names them.
pub(super) fn scope(policy: &Policy, lists: &[String]) -> anyhow::Result<Scope> {
    let topics = crate::judge::catalog::all()
        .filter(|check| policy.selected.contains(check.code))
        .flat_map(|check| check.needs.iter().copied())
        .collect();
    let lists = lists
        .iter()
        .map(|zone| Name::parse(zone).with_context(|| format!("--list {zone:?}")))
        .collect::<anyhow::Result<_>>()?;
    Ok(Scope { topics, lists, ..Scope::everything() })
}

/// What `--ip` names.
pub(super) fn addresses(typed: &[String]) -> anyhow::Result<Vec<IpAddr>> {
    let address = |text: &String| {
        text.parse::<IpAddr>().map(|ip| ip.to_canonical()).map_err(|_| {
            let shown = crate::model::untrusted::plain(text, Width::Name);
            anyhow::anyhow!("--ip {shown:?} is no IP address; give one such as 192.0.2.25 or 2001:db8::25")
        })
    };
    typed.iter().map(address).collect()
}

/// Judges the evidence; pure, so that a replay gives the same bytes.
pub(super) fn report(evidence: &Evidence, scope: &Scope, prepared: &Prepared, policy: &Policy) -> Report {
    judged(evidence, scope, prepared, policy, false)
}

/// What a zone file given for the domain says beyond its answers: what is wrong with it, and the
/// selectors, all that there are, so that none is guessed.
pub(super) fn given_zones(
    session: &Session,
    evidence: &mut Evidence,
    scope: &mut Scope,
) -> anyhow::Result<()> {
    let Some(domain) = evidence.target.domain.clone().filter(|_| !session.global.zone.is_empty()) else {
        return Ok(());
    };
    let zones = session.zones()?;
    // Entries that cannot be read are findings; what they were to say is unknown.
    session.zones_are_judged.store(true, std::sync::atomic::Ordering::Relaxed);
    for parsed in zones.parsed() {
        let zone = &parsed.zone;
        if zone.origin().is_some_and(|origin| domain.is_within(origin)) {
            evidence.zone.get_or_insert_default().extend(problems(parsed));
        }
        if zone.origin().is_none_or(|origin| !domain.is_within(origin)) || zone.is_delegated(&domain) {
            continue;
        }
        scope.guess_selectors = false;
        let names = zone_names::of(zone);
        for selector in names.into_iter().filter(|one| one.name == domain).flat_map(|one| one.selectors) {
            if !evidence.target.selectors.contains(&selector) {
                evidence.target.selectors.push(selector);
            }
        }
    }
    Ok(())
}

/// The same, judged again with the record remedies published.
pub(super) fn proven(evidence: &Evidence, scope: &Scope, prepared: &Prepared, policy: &Policy) -> Report {
    judged(evidence, scope, prepared, policy, true)
}

fn judged(evidence: &Evidence, scope: &Scope, prepared: &Prepared, policy: &Policy, prove: bool) -> Report {
    let facts = Facts::build(evidence, scope, prepared);
    let mut results = judge(&facts, policy);
    let planned = remedy::plan(&facts, policy, &mut results);
    let after = planned.published(&facts).filter(|_| prove).map(|after| {
        let results = judge(&after.facts(), policy);
        let posture = Posture::of(&after.facts(), policy);
        let counts = |finding: &&Finding| finding.severity > Severity::Info;
        AfterRemedies {
            records: planned.record_sets(),
            file: planned.serves_a_file(),
            score: crate::judge::score::score(&after.facts(), &results, &posture),
            receivers: crate::judge::forecast::judge(&results, &posture),
            findings: results.iter().flat_map(CheckResult::findings).filter(counts).count(),
        }
    });
    let failed: Vec<_> = evidence.failures().map(|(question, failure)| (question.clone(), failure)).collect();
    let questions = Questions { asked: evidence.asked(), in_vain: evidence.asked_in_vain(), failed };
    let posture = Posture::of(&facts, policy);
    let score = crate::judge::score::score(&facts, &results, &posture);
    let receivers = crate::judge::forecast::judge(&results, &posture);
    let mut report = Report {
        receivers,
        remedies: planned.remedies,
        after,
        target: evidence.target.clone(),
        taken_at: evidence.taken_at,
        role: facts.role().ok(),
        unknown_fails: policy.unknown_fails,
        score,
        results,
        questions,
        blind_spots: blind_spots(&facts, policy),
    };
    priority::order(&mut report);
    report
}

/// Consent, in words.
pub(super) const CONSENT: &str = "\
    whether the recipients agreed to the mail. Ask whoever keeps the addresses: where, when and how did each \
    person agree, is it on file, was the address confirmed, and how soon does an unsubscribe or a bounce take it \
    off? (--log FILE with --consent FILE compares who was mailed with the list)";

/// What no check can look at, said in every report.
const BLIND_SPOTS: &[&str] = &[
    "reputation systems that no DNS question shows; they show in replies (give --log) or on their own \
     pages: Cloudmark CSI csi.cloudmark.com/en/reset, Proofpoint ipcheck.proofpoint.com, Cisco Talos \
     talosintelligence.com/reputation_center, Microsoft SNDS \
     substrate.office.com/ip-domain-management-snds/snds, Google Postmaster Tools postmaster.google.com, \
     Sender Score senderscore.org, GMX and WEB.DE postmaster.gmx.net, T-Online postmaster.t-online.de",
    "what receivers did with mail they accepted: inbox, spam folder or silent discard",
];

/// What this report cannot see. Whether people agreed to the mail no record and no message shows: it is
/// asked for in words, but where the mail needs no consent or a list of subscribers was compared.
fn blind_spots(facts: &Facts, policy: &Policy) -> Vec<&'static str> {
    let compared = facts.traffic().is_ok_and(|traffic| traffic.consent.is_some());
    let needs_none = facts.kind().is_ok_and(|kind| kind.needs_no_consent(policy.kind));
    let sends_none = matches!(facts.role(), Ok(Role::Parked | Role::ReverseZone | Role::ReceivesOnly));
    let mut spots = BLIND_SPOTS.to_vec();
    if !(compared || needs_none || sends_none) {
        spots.insert(0, CONSENT);
    }
    spots
}

/// The exit code of one report. Too little evidence goes before findings, which the report names all
/// the same: who mends them must not take the rest for judged.
pub(super) fn exit(session: &Session, report: &Report) -> anyhow::Result<Exit> {
    match report.says_too_little() {
        true => Ok(Exit::Unknown),
        false => session.exit(report.worst()),
    }
}
