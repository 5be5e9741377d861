//! `mailvet reports PATH ...`: what receivers report about our mail, read and
//! added up. Nothing is asked of the network.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::global_args::GlobalArgs;
use super::output::{self, Output, Stream};
use super::report_files::{self, Item};
use crate::parse::report::file::Document;
use crate::parse::report::summary::Summing;
use crate::render::json;
use crate::render::json::reports::{ComplaintV1, RejectedV1, TlsV1};
use crate::render::reports::ReportsView;

#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Reads DMARC aggregate reports (XML, gzip, ZIP), SMTP TLS reports (JSON) and feedback
reports (ARF), as files, as attachments of mail, or in mailbox files.

Examples:
  mailvet reports ~/Maildir/.dmarc/cur
  mailvet reports 'google.com!example.com!1763856000!1763942399.zip'
  mailvet reports reports/ --format json --output reports.json
  mailvet dmarc example.com --reports reports/    what they mean for the policy

Formats: terminal, json, ndjson (a line a report), csv (a line a source)

Exit codes: 0 the reports are read, whatever they say; 2 usage, no report in what is given, or a file or a report
in one that cannot be read (the rest is shown). A letter among reports is named and fails no run.")]
pub struct ReportsArgs {
    /// Reports as they came: files, folders, mail, - for standard input
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
}

/// Formats of what reports say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportsFormat {
    Terminal,
    Json,
    Ndjson,
    Csv,
}

/// One output that grows while the files are read.
struct Writer<'a> {
    output: &'a Output<ReportsFormat>,
    stream: Option<Stream>,
    first: bool,
}

/// What is written after the aggregate reports.
#[derive(Default)]
struct Rest {
    tls: Vec<TlsV1>,
    complaints: Vec<ComplaintV1>,
    rejected: Vec<RejectedV1>,
    /// Why nothing is known of a file, or of a report in one.
    unread: Vec<String>,
}

pub(super) fn run(args: &ReportsArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let outputs = output::outputs(global)?;
    let files = report_files::files(&args.paths)?;
    let mut writers = Vec::new();
    for output in &outputs {
        let mut stream = match output.format {
            ReportsFormat::Terminal => None,
            ReportsFormat::Json | ReportsFormat::Ndjson | ReportsFormat::Csv => Some(Stream::open(output)?),
        };
        match (&mut stream, output.format) {
            (Some(stream), ReportsFormat::Json) => {
                stream.write("{\n  \"schema\": \"mailvet/reports/1\",\n  \"aggregate\": [")?
            }
            (Some(stream), ReportsFormat::Csv) => stream.write(json::reports::CSV_HEAD)?,
            _ => {}
        }
        writers.push(Writer { output, stream, first: true });
    }
    let mut sum = Summing::default();
    let mut rest = Rest::default();
    report_files::read(&files, global, &mut |item| {
        sum.add(&item.result);
        for writer in &mut writers {
            writer.item(&item)?;
        }
        rest.keep(item);
        Ok(())
    })?;
    let read = sum.summary.reports + sum.summary.duplicates + sum.summary.complaints;
    let nothing = read == 0 && rest.tls.is_empty() && sum.summary.figures.is_empty();
    for unread in &rest.unread {
        output::say(&format!("error: {}", crate::render::escape::terminal(unread)));
    }
    if !global.quiet && outputs.iter().all(|output| output.format != ReportsFormat::Terminal) {
        for rejected in &rest.rejected {
            let text = format!("{}: {}", rejected.file, rejected.error);
            let text = crate::render::escape::terminal(&text);
            output::say(&format!("note: {text}"));
        }
    }
    let unread = !rest.unread.is_empty();
    let view = ReportsView { summary: sum.summary, rejected: &rest.rejected };
    for writer in writers {
        writer.finish(&view, &rest, global)?;
    }
    // What stands in a file that could not be read may be the worst of all.
    Ok(if nothing || unread { Exit::Usage } else { Exit::Clean })
}

impl Rest {
    fn keep(&mut self, item: Item) {
        if let Err(error) = &item.result
            && error.is_lost
        {
            self.unread.push(match item.unread {
                true => error.to_string(),
                false => format!("{}: {error}", item.file),
            });
        }
        match item.result {
            Ok(Document::Aggregate(report)) if report.is_cut => {
                let why = report.faults.last().map_or("the file ends before the report does", String::as_str);
                self.unread.push(format!("{}: {why}", item.file));
            }
            Ok(Document::Aggregate(_) | Document::Figures(_)) => {}
            Ok(Document::Tls(report)) => self.tls.push(json::reports::tls(&item.file, &report)),
            Ok(Document::Complaint(complaint)) => {
                self.complaints.push(json::reports::complaint(&item.file, &complaint));
            }
            Err(error) => self.rejected.push(RejectedV1 { file: item.file, error: error.why }),
        }
    }
}

impl Writer<'_> {
    fn item(&mut self, item: &Item) -> anyhow::Result<()> {
        let Some(stream) = &mut self.stream else { return Ok(()) };
        match (self.output.format, &item.result) {
            (ReportsFormat::Json, Ok(Document::Aggregate(report))) => {
                stream.write(if self.first { "\n    " } else { ",\n    " })?;
                self.first = false;
                stream.write(json::line(&json::reports::aggregate(&item.file, report)).trim_end())?;
            }
            (ReportsFormat::Csv, Ok(Document::Aggregate(report))) => {
                stream.write(&json::reports::csv(&json::reports::aggregate(&item.file, report)))?;
            }
            (ReportsFormat::Ndjson, Ok(Document::Aggregate(report))) => {
                stream.write(&json::line(&json::reports::aggregate(&item.file, report)))?;
            }
            (ReportsFormat::Ndjson, Ok(Document::Tls(report))) => {
                stream.write(&json::line(&json::reports::tls(&item.file, report)))?;
            }
            (ReportsFormat::Ndjson, Ok(Document::Complaint(complaint))) => {
                stream.write(&json::line(&json::reports::complaint(&item.file, complaint)))?;
            }
            _ => {}
        }
        Ok(())
    }

    fn finish(self, view: &ReportsView, rest: &Rest, global: &GlobalArgs) -> anyhow::Result<()> {
        let Some(mut stream) = self.stream else {
            let look = output::look(global, self.output);
            return output::write(self.output, &crate::render::reports::terminal(view, look));
        };
        if self.output.format == ReportsFormat::Json {
            stream.write(if self.first { "],\n" } else { "\n  ],\n" })?;
            stream.write(&list("tls", &rest.tls))?;
            stream.write(&list("complaints", &rest.complaints))?;
            stream.write(&list("rejected_files", &rest.rejected))?;
            let summary = json::line(&json::reports::totals(&view.summary));
            stream.write(&format!("  \"totals\": {}\n}}\n", summary.trim_end()))?;
        }
        stream.close(self.output)
    }
}

/// One array of the document, an item a line.
fn list(name: &str, items: &[impl serde::Serialize]) -> String {
    let lines: Vec<String> =
        items.iter().map(|item| format!("    {}", json::line(item).trim_end())).collect();
    match lines.is_empty() {
        true => format!("  \"{name}\": [],\n"),
        false => format!("  \"{name}\": [\n{}\n  ],\n", lines.join(",\n")),
    }
}
