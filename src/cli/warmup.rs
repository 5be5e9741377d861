//! `mailvet warmup`: how to raise the volume of a new address or domain, and
//! whether the log kept to it.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use jiff::civil::Date;

use super::exit::Exit;
use super::global_args::GlobalArgs;
use super::session::Session;
use super::{output, reading};
use crate::data::warmup::Pace;
use crate::facts::warmup::{self, Verdict};
use crate::model::untrusted::Width;
use crate::model::{Severity, Target};
use crate::render::{json, warmup as render};

#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Asks no network. Exit codes: 0 the log keeps to the plan, or none was given;
1 a day of the log is above it, or too much was deferred to go on rising; 3 the log
holds no mail out.

Examples:
  mailvet warmup --target 20000/day
  mailvet warmup --target 20000/day --start 2026-12-01 --format csv
  mailvet warmup --target 5000/day --log /var/log/mail.log --format svg=plan.svg")]
pub struct WarmupArgs {
    /// Messages a day to reach
    #[arg(long, value_name = "N/day")]
    pub target: String,
    /// First day, such as 2026-12-01; default: the log's first mail out, or today
    #[arg(long, value_name = "DATE")]
    pub start: Option<String>,
    /// How fast: conservative without any history, usual for a new address of a known domain
    #[arg(long, value_enum, default_value_t = PaceArg::Conservative)]
    pub pace: PaceArg,
    /// Compare with what this log shows was sent; may be repeated
    #[arg(long, value_name = "FILE")]
    pub log: Vec<PathBuf>,
}

/// Formats of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PlanFormat {
    Terminal,
    Json,
    Csv,
    Svg,
}

/// How fast the volume is raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PaceArg {
    Conservative,
    Usual,
}

pub(super) fn run(args: &WarmupArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let outputs = output::outputs(global)?;
    let session = Session::new(global)?;
    let target = target(&args.target)?;
    let start = args
        .start
        .as_deref()
        .map(|text| {
            let shown = crate::model::untrusted::plain(text, Width::Word);
            text.parse::<Date>().with_context(|| format!("--start {shown:?} is no date; write 2026-12-01"))
        })
        .transpose()?;
    let now = session.evidence(Target::default())?.taken_at;
    let today = jiff::Timestamp::from_second(now)
        .context("the clock is out of range")?
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date();
    let log = if args.log.is_empty() { None } else { Some(reading::logs(&args.log, None, now)?) };
    let pace = match args.pace {
        PaceArg::Conservative => Pace::Conservative,
        PaceArg::Usual => Pace::Usual,
    };
    let plan = warmup::plan(target, pace, start, today, log.as_ref());
    if log.is_some() && plan.compared.is_none() {
        session.note("the log holds no mail out, so there is nothing to compare");
    }
    for out in &outputs {
        let look = output::look(global, out);
        let text = match out.format {
            PlanFormat::Json => json::text(&render::json(&plan)),
            PlanFormat::Csv => render::csv(&plan),
            PlanFormat::Svg => render::svg(&plan),
            PlanFormat::Terminal => render::terminal(&plan, look),
        };
        output::write(out, &text)?;
    }
    if log.is_some() && plan.compared.is_none() {
        return Ok(Exit::Unknown);
    }
    let trouble = plan.days.iter().any(|day| !matches!(day.verdict, Verdict::Open | Verdict::Within));
    session.exit(trouble.then_some(Severity::High))
}

/// `20000/day` or `20000`.
fn target(text: &str) -> anyhow::Result<u64> {
    let number = text.strip_suffix("/day").or(text.strip_suffix("/d")).unwrap_or(text).trim();
    match number.replace(['_', '\''], "").parse::<u64>() {
        Ok(target @ 1..=1_000_000_000) => Ok(target),
        _ => {
            let shown = crate::model::untrusted::plain(text, Width::Word);
            bail!("--target {shown:?}: give messages a day, such as 20000/day, at most 1000000000")
        }
    }
}
