//! The formats of many reports, each with its own frame around the domains' parts.

use super::list::Places;
use crate::judge::report::Report;
use crate::model::Severity;
use crate::render::json;
use crate::render::portfolio::{self as render, Row};
use crate::render::portfolio_formats::ManyFormat;
use crate::render::style::Look;

/// How a domain becomes text.
#[derive(Clone, Copy)]
pub(super) enum Format {
    Ndjson,
    /// One object around all reports.
    Json,
    Csv,
    Terminal(Look),
    /// A format that frames its parts.
    Many(ManyFormat),
}

impl Format {
    pub(super) fn head(self) -> String {
        match self {
            Format::Ndjson => String::new(),
            Format::Json => "{\n\"schema\": \"mailvet/portfolio/1\",\n\"reports\": [\n".to_owned(),
            Format::Csv => render::CSV_HEAD.to_owned(),
            Format::Terminal(look) => render::terminal_head(look),
            Format::Many(many) => many.head(),
        }
    }

    pub(super) fn text(
        self,
        report: &Report,
        row: &Row,
        places: &Places,
        fail_on: Option<Severity>,
    ) -> String {
        match self {
            Format::Many(many) => many.part(report, row.error.as_deref(), &places.of(report), fail_on),
            Format::Ndjson => json::portfolio::line(report, row.error.as_deref()) + "\n",
            Format::Json => json::portfolio::line(report, row.error.as_deref()),
            Format::Csv => render::csv(row),
            Format::Terminal(look) => render::terminal(row, look),
        }
    }
}
