//! The answer of `mailvet dmarc` for people: the policy, where it was found, the
//! verdict and what to expect, the findings.

use super::dmarc_ladder;
use super::escape;
use super::finding_block;
use super::style::{Look, wrap};
use crate::facts::dmarc::Dmarc;
use crate::facts::dmarc::ladder::Rung;
use crate::facts::dmarc::prediction::Prediction;
use crate::facts::dmarc::sources::Reported;
use crate::facts::dmarc::verdict::{DmarcResult, DmarcVerdict};
use crate::facts::dmarc::walk::Place;
use crate::judge::finding::CheckResult;
use crate::model::Severity;
use crate::parse::web::psl;

/// Everything the command shows.
pub(crate) struct DmarcView {
    pub dmarc: Dmarc,
    /// For a message or given results.
    pub verdict: Option<DmarcVerdict>,
    /// For a described sender.
    pub prediction: Option<Prediction>,
    /// The steps above the policy in force.
    pub ladder: Vec<Rung>,
    /// Who sends as the domain, by the reports given.
    pub reported: Option<Reported>,
    pub results: Vec<CheckResult>,
}

pub(crate) fn dmarc(view: &DmarcView, look: Look) -> String {
    let mut out = policy(&view.dmarc, look);
    if let Some(verdict) = &view.verdict {
        out.push_str(&verdict_lines("verdict", verdict, look));
    }
    if let Some(prediction) = &view.prediction {
        out.push_str(&verdict_lines("delivered directly", &prediction.direct, look));
        out.push_str(&verdict_lines("forwarded by others", &prediction.forwarded, look));
        if !look.quiet && !prediction.assumptions.is_empty() {
            let text = format!("assumed: {}", prediction.assumptions.join("; "));
            out.push_str(&wrap(&escape::terminal(&text), look.width, "  ", "  "));
        }
    }
    if !look.quiet {
        if let Some(reported) = &view.reported {
            out.push_str(&dmarc_ladder::reported(reported, look));
        }
        out.push_str(&dmarc_ladder::ladder(&view.ladder, look));
        out.push_str(&finding_block::findings(&view.results, look));
    }
    out
}

fn policy(dmarc: &Dmarc, look: Look) -> String {
    let domain = look.bold(&escape::terminal(&dmarc.domain.unicode()));
    let found = match dmarc.walk.discover() {
        Err(gap) => {
            let text = format!("unknown: {}", escape::terminal(&gap.to_string()));
            return format!("{domain}  {}\n", look.severity(Severity::Medium, &text));
        }
        Ok(None) => {
            let text = look.severity(Severity::High, "no DMARC record applies");
            return format!("{domain}  {text}\n");
        }
        Ok(Some(found)) => found,
    };
    let effective = match &dmarc.policy {
        Ok(Some(policy)) => policy.name().to_owned(),
        Ok(None) => look.severity(Severity::High, "nothing: the record is useless"),
        Err(gap) => format!("unknown: {}", escape::terminal(&gap.to_string())),
    };
    let mut out = format!("{domain}  asks for {effective}\n");
    let place = match found.place {
        Place::Author => "its own record",
        Place::Organizational => "the record of its organizational domain",
        Place::PublicSuffix => "the record of its public suffix",
    };
    let at = escape::terminal(found.step.name.prefixed("_dmarc").as_str());
    out.push_str(&format!("  {at}  ({place})\n  {}\n", escape::terminal(&found.record.text)));
    if let Ok((organizational, _)) = dmarc.walk.organizational() {
        let by_list = psl::organizational(&dmarc.domain);
        let differs = match by_list == organizational {
            true => String::new(),
            false => format!("; {by_list} by the public suffix list"),
        };
        let text = format!("organizational domain {organizational}{differs}");
        out.push_str(&wrap(&escape::terminal(&text), look.width, "  ", "  "));
    }
    out
}

fn verdict_lines(label: &str, verdict: &DmarcVerdict, look: Look) -> String {
    let word = verdict.result.name();
    let painted = match verdict.result {
        DmarcResult::Pass => look.good(word),
        DmarcResult::None | DmarcResult::Temperror => look.severity(Severity::Medium, word),
        _ => look.severity(Severity::High, word),
    };
    let ask = match verdict.result {
        DmarcResult::Fail => format!(", receivers are asked to: {}", verdict.disposition.name()),
        _ => String::new(),
    };
    let mut out = format!("{label}: {painted}{ask}\n");
    if !look.quiet {
        for reason in &verdict.reasons {
            out.push_str(&wrap(&escape::terminal(reason), look.width, "  - ", "    "));
        }
    }
    out
}
