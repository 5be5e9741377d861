//! `mailvet traffic FILE ...`: how much was sent, to whom, and how it ended.

use std::path::PathBuf;

use clap::Args;

use super::exit::Exit;
use super::global_args::GlobalArgs;
use super::log_args;
use super::output::{self, TableFormat};
use super::reading;
use super::session::Session;
use crate::gather::logs;
use crate::parse::log::Dialect;

#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Examples:\n  mailvet traffic /var/log/mail.log*\n  zcat mail.log.gz | mailvet traffic - --format json\n  mailvet traffic mail.log --format csv=traffic.csv --format html=traffic.html"
)]
pub struct TrafficArgs {
    /// Mail logs: plain or packed, rotated sets, folders, - for standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// How the logs are written, where their content does not tell
    #[arg(long, value_name = "NAME", value_parser = log_args::dialects(), ignore_case = true)]
    pub dialect: Option<Dialect>,
}

pub(super) fn run(args: &TrafficArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let outputs = output::outputs(global)?;
    let session = Session::new(global)?;
    let logs = logs::open(&args.files, args.dialect)?;
    super::triage::dialects(&logs)?;
    let summary = reading::summary(&logs, session.clock())?;
    for out in &outputs {
        let look = output::look(global, out);
        let text = match out.format {
            TableFormat::Json => crate::render::json::traffic::text(&summary, global.redact),
            TableFormat::Terminal => crate::render::traffic::terminal(&summary, look),
            TableFormat::Markdown => crate::render::traffic::document(&summary, global.redact).markdown(),
            TableFormat::Html => crate::render::traffic::document(&summary, global.redact).html(),
            TableFormat::Csv => crate::render::traffic::csv(&summary, global.redact),
        };
        output::write(out, &text)?;
    }
    let unread: Vec<String> = super::triage::not_read(&logs).collect();
    unread.iter().for_each(|text| output::say(&format!("error: {text}")));
    // A sum over some of the files is no sum of all.
    Ok(if unread.is_empty() { Exit::Clean } else { Exit::Usage })
}
