//! The answer of `mailvet bimi` for people.

use super::escape;
use super::finding_block;
use super::style::{Look, wrap};
use crate::facts::bimi::record::Bimi;
use crate::facts::day_of;
use crate::judge::finding::CheckResult;
use crate::model::{Gap, Name, Severity};
use crate::parse::bimi::brand_logo::Logo;
use crate::parse::bimi::mark_certificate::MarkCertificate;

/// Everything the command shows.
pub(crate) struct BimiView {
    pub domain: Name,
    pub bimi: Result<Option<Bimi>, Gap>,
    pub logo: Option<Logo>,
    pub certificate: Option<Result<MarkCertificate, String>>,
    pub results: Vec<CheckResult>,
}

pub(crate) fn terminal(view: &BimiView, look: Look) -> String {
    let domain = look.bold(&escape::terminal(&view.domain.unicode()));
    let state = match &view.bimi {
        Err(gap) => {
            look.severity(Severity::Medium, &format!("unknown: {}", escape::terminal(&gap.to_string())))
        }
        Ok(None) => "publishes no BIMI record".to_owned(),
        Ok(Some(bimi)) if bimi.records.iter().all(|record| record.declines()) => {
            "declines to show a logo".to_owned()
        }
        Ok(Some(_)) => "publishes a BIMI record".to_owned(),
    };
    let mut out = format!("{domain}  {state}\n");
    if let Ok(Some(bimi)) = &view.bimi {
        out.push_str(&format!("  {}\n", escape::terminal(bimi.name.as_str())));
        for record in &bimi.records {
            out.push_str(&format!("  {}\n", escape::terminal(&record.text)));
        }
    }
    let mut line = |text: &str| out.push_str(&wrap(&escape::terminal(text), look.width, "  ", "    "));
    if let Some(logo) = &view.logo {
        let title = logo.title.as_deref().unwrap_or("no title");
        let faults = match logo.faults.len() {
            0 => "fits SVG Tiny P/S".to_owned(),
            1 => "1 fault".to_owned(),
            n => format!("{n} faults"),
        };
        line(&format!("logo: {title}, {} bytes, {faults}", logo.size));
    }
    match &view.certificate {
        Some(Ok(mark)) => line(&format!(
            "certificate: {} for {}, by {}, valid until {}",
            mark.mark_type.as_deref().unwrap_or("mark"),
            mark.subject,
            mark.issuer,
            day_of(mark.not_after)
        )),
        Some(Err(why)) => line(&format!("certificate: {why}")),
        None => {}
    }
    if !look.quiet {
        out.push_str(&finding_block::findings(&view.results, look));
    }
    out
}
