//! `mailvet traffic FILE ...`: how much was sent, to whom, and how it ended.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use super::exit::Exit;
use super::global_args::GlobalArgs;
use super::log_args;
use super::output::{self, TableFormat};
use super::reading;
use super::report_files;
use super::session::Session;
use crate::facts::traffic::{compared, loops};
use crate::gather::logs;
use crate::model::traffic::TrafficSummary;
use crate::model::untrusted::{Width, plain};
use crate::parse::log::Dialect;
use crate::render::traffic::{self as render, Beside};
use crate::triage::throttle::settings::Server;
use crate::triage::throttle::{Rate, outlooks};

#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Examples:\n  mailvet traffic /var/log/mail.log*\n  zcat mail.log.gz | mailvet traffic - --format json\n  mailvet traffic mail.log --format csv=traffic.csv --format html=traffic.html\n  mailvet traffic mail.log --compare mail.log.1\n  mailvet traffic mail.log --what-if gmail.com=20/min\n  mailvet traffic mail.log --settings postfix"
)]
pub struct TrafficArgs {
    /// Mail logs: plain or packed, rotated sets, folders, - for standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// How the logs are written, where their content does not tell
    #[arg(long, value_name = "NAME", value_parser = log_args::dialects(), ignore_case = true)]
    pub dialect: Option<Dialect>,
    /// Complaints by feedback loop (ARF) over the deliveries of this log; may be repeated
    #[arg(long, value_name = "PATH")]
    pub reports: Vec<PathBuf>,
    /// An earlier log to compare the rates with: is it getting better? May be repeated
    #[arg(long, value_name = "OLD")]
    pub compare: Vec<PathBuf>,
    /// What the log's mail would have made of a rate: gmail.com=20/min, outlook.com=500/hour; may be repeated
    #[arg(long, value_name = "PROVIDER=RATE")]
    pub what_if: Vec<String>,
    /// Print the configuration that keeps to what receivers bear (terminal and json)
    #[arg(long, value_name = "SERVER", value_parser = Server::ALL.map(Server::name))]
    pub settings: Option<String>,
}

/// The rates asked about, each with a provider that the log has.
fn asked<'s>(texts: &[String], summary: &'s TrafficSummary) -> anyhow::Result<Vec<(&'s str, Rate)>> {
    let one = |text: &String| {
        let shown = plain(text, Width::Word);
        let read = text.rsplit_once('=').and_then(|(name, rate)| Some((name.trim(), Rate::read(rate)?)));
        let (name, rate) = read
            .with_context(|| format!("--what-if {shown}: write PROVIDER=RATE, such as gmail.com=20/min, up to some hundreds a second"))?;
        let known = summary.by_provider.get_key_value(&name.to_lowercase());
        let (name, _) = known.with_context(|| {
            let names: Vec<String> =
                summary.by_provider.keys().take(8).map(|name| plain(name, Width::Word)).collect();
            format!("--what-if {shown}: the log has no mail to that provider; it has {}", names.join(", "))
        })?;
        Ok((name.as_str(), rate))
    };
    texts.iter().map(one).collect()
}

/// An option that a format has no place for is refused, and not passed over.
fn refuse_unused(args: &TrafficArgs, format: TableFormat) -> anyhow::Result<()> {
    let has_settings = matches!(format, TableFormat::Terminal | TableFormat::Json);
    anyhow::ensure!(
        args.settings.is_none() || has_settings,
        "--settings is printed to a terminal or as json: leave --format out or write --format json"
    );
    anyhow::ensure!(
        args.what_if.is_empty() || format != TableFormat::Csv,
        "--what-if has no place in csv: write --format json, html or markdown"
    );
    Ok(())
}

pub(super) fn run(args: &TrafficArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let outputs = output::outputs(global)?;
    for out in &outputs {
        refuse_unused(args, out.format)?;
    }
    let session = Session::new(global)?;
    let logs = logs::open(&args.files, args.dialect)?;
    super::triage::dialects(&logs)?;
    let summary = reading::summary(&logs, session.clock())?;
    let server = args.settings.as_deref().and_then(Server::from_name);
    let outlooks = outlooks(&summary, &asked(&args.what_if, &summary)?, server);
    let earlier = logs::open(&args.compare, args.dialect)?;
    let compared = match args.compare.is_empty() {
        true => Vec::new(),
        false => {
            let before = reading::traffic(&earlier, None, session.clock().as_second())?;
            let (first, second) = (&before.totals, &summary.totals);
            for (of, what) in [(first, "the earlier log"), (second, "the log")] {
                if of.attempts() == 0 && of.expired == 0 {
                    anyhow::bail!(
                        "--compare: {what} shows no delivery attempt, so nothing is to be compared"
                    );
                }
            }
            compared::compare(&before, &summary)
        }
    };
    let reports = match args.reports.is_empty() {
        true => None,
        false => Some(report_files::summary(&args.reports, global, &|text| session.note(text))?),
    };
    let loops = loops::ranked(&summary, reports.as_ref());
    let beside = Beside { outlooks: &outlooks, loops: &loops, compared: &compared };
    let settings = server.map(|server| render::settings(&summary, &outlooks, server));
    for out in &outputs {
        let look = output::look(global, out);
        let text = match (out.format, &settings) {
            (TableFormat::Json, _) => {
                crate::render::json::traffic::text(&summary, beside, settings.as_deref(), global.redact)
            }
            (TableFormat::Terminal, Some(settings)) => settings.clone(),
            (TableFormat::Terminal, None) => render::terminal(&summary, beside, look),
            (TableFormat::Markdown, _) => render::document(&summary, beside, global.redact).markdown(),
            (TableFormat::Html, _) => render::document(&summary, beside, global.redact).html(),
            (TableFormat::Csv, _) => render::csv(&summary, global.redact),
        };
        output::write(out, &text)?;
    }
    let unread: Vec<String> =
        super::triage::not_read(&logs).chain(super::triage::not_read(&earlier)).collect();
    unread.iter().for_each(|text| output::say(&format!("error: {text}")));
    // A sum over some of the files is no sum of all.
    Ok(if unread.is_empty() { Exit::Clean } else { Exit::Usage })
}
