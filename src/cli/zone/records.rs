//! `mailvet zone records`: what a file of any format says, as one list.

use anyhow::bail;
use clap::Args;
use serde::Serialize;

use super::files::{Disk, Reading};
use crate::cli::exit::Exit;
use crate::cli::global_args::GlobalArgs;
use crate::cli::output;
use crate::model::untrusted::Width;
use crate::model::{Rdata, untrusted};
use crate::parse::zone::ZoneRecord;
use crate::parse::zone::foreign::Format;
use crate::render::json;

/// What to show.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  mailvet zone records example.com.yaml
  mailvet zone records zones/ --format json")]
pub(super) struct RecordsArgs {
    /// A zone file, octoDNS YAML, dnscontrol print-ir, Cloudflare export, Route 53 JSON, tinydns
    /// data, Windows DNS file or plan of Terraform; ORIGIN=FILE where it does not name its zone
    #[arg(value_name = "[ORIGIN=]FILE")]
    file: String,
    /// The format, where it is not told rightly
    #[arg(long, value_name = "FORMAT", value_parser = Format::ALL.map(Format::name))]
    input: Option<String>,
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    format: &'static str,
    records: Vec<RecordView>,
}

#[derive(Serialize)]
struct RecordView {
    zone: String,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    ttl: u32,
    value: String,
    file: String,
    line: u32,
}

pub(super) fn run(args: &RecordsArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let outputs = output::outputs(global)?;
    let store = Disk { root: std::env::current_dir().unwrap_or_default() };
    let format = args.input.as_deref().and_then(Format::from_name);
    let reading = Reading { store: &store, format, path_as: "-", is_earlier: false };
    let inputs = reading.all(std::slice::from_ref(&args.file));
    if let Some(error) = inputs.errors.first() {
        bail!("{error}");
    }
    let Some(first) = inputs.zones.first() else { bail!("{} holds no zone", args.file) };
    let mut view =
        View { schema: "mailvet/zone-records/1", format: first.format.name(), records: Vec::new() };
    let mut broken = Vec::new();
    for zone in &inputs.zones {
        view.records
            .extend(zone.parsed.zone.records().iter().map(|record| shown(record, zone.origin.as_str())));
        broken.extend(zone.parsed.errors().map(|error| {
            format!(
                "error[{}]: {}:{}: {}",
                error.code,
                error.file,
                error.line,
                untrusted::plain(&error.message, Width::Record)
            )
        }));
    }
    let terminal = |_| {
        let row = |r: &RecordView| format!("{:>6}  {} {} {} {}\n", r.line, r.name, r.ttl, r.kind, r.value);
        crate::render::escape::terminal(&view.records.iter().map(row).collect::<String>()) + "\n"
    };
    output::answer(global, &outputs, || json::text(&view), terminal)?;
    if !broken.is_empty() {
        bail!("{}", broken.join("\n"));
    }
    Ok(Exit::Clean)
}

fn shown(record: &ZoneRecord, zone: &str) -> RecordView {
    RecordView {
        zone: format!("{zone}."),
        name: complete(record.owner.as_str()),
        kind: record.rdata.record_type().to_string(),
        ttl: record.ttl,
        value: value(&record.rdata),
        file: record.place.file.to_string(),
        line: record.place.line,
    }
}

fn complete(name: &str) -> String {
    if name.is_empty() || name.ends_with('.') { ".".to_owned() } else { format!("{name}.") }
}

/// The data as people compare it: texts joined and without quotes, names complete.
fn value(rdata: &Rdata) -> String {
    match rdata {
        Rdata::Txt(strings) | Rdata::Spf(strings) => String::from_utf8_lossy(&strings.concat()).into_owned(),
        Rdata::Mx { preference, exchange } => format!("{preference} {}", complete(exchange.as_str())),
        Rdata::Ptr(name) | Rdata::Cname(name) | Rdata::Dname(name) | Rdata::Ns(name) => {
            complete(name.as_str())
        }
        Rdata::Soa { mname, rname, serial, refresh, retry, expire, minimum } => format!(
            "{} {} {serial} {refresh} {retry} {expire} {minimum}",
            complete(mname.as_str()),
            complete(rname.as_str())
        ),
        other => other.to_string(),
    }
}
