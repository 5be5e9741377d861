//! `mailvet bounce FILE|DIR|- ...`: bounces, delays, complaints and automatic
//! replies, judged in parallel and put out in the order of their names.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use rayon::prelude::*;

use super::exit::Exit;
use super::global_args::GlobalArgs;
use super::{input, output};
use crate::model::untrusted::Shown as _;
use crate::parse::bounce::messages;
use crate::parse::message;
use crate::render::json;
use crate::render::style::Look;
use crate::triage::bounce::{BounceVerdict, Kind, Recipient, judge};
use crate::triage::cause::Cause;

/// Files judged before their verdicts are written: bounds the memory.
const CHUNK: usize = 512;

#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Examples:\n  mailvet bounce returned.eml\n  mailvet bounce --format ndjson ~/Maildir/cur\n  \
                        mailvet bounce - < returned.eml\n\nFormats: terminal, json, ndjson (a line a message), markdown\n\n\
                        Exit codes: 0 every recipient's cause is known; 2 usage, or a file that cannot be read;\n\
                        3 no message is about a delivery, or the cause of a recipient is undetermined"
)]
pub struct BounceArgs {
    /// Messages, mailbox files, folders of them, or - for standard input
    #[arg(value_name = "FILE|DIR|-", required = true)]
    pub paths: Vec<PathBuf>,
}

/// One file's verdicts, or why there are none.
type Judged = (String, anyhow::Result<Vec<BounceVerdict>>);

/// Formats of verdicts on bounces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum BounceFormat {
    Terminal,
    Json,
    Ndjson,
    Markdown,
}

pub(super) fn run(args: &BounceArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let outputs = output::outputs(global)?;
    let single = matches!(args.paths.as_slice(), [only] if !only.is_dir());
    let files = input::named(&args.paths)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(global.threads(256)).build()?;
    let (mut failed, mut seen) = (0, Seen::default());
    let mut kept: Vec<(String, Vec<BounceVerdict>)> = Vec::new();
    let streams =
        outputs.len() == 1 && outputs[0].format == BounceFormat::Ndjson && outputs[0].file.is_none();
    for chunk in files.chunks(CHUNK) {
        let judged: Vec<Judged> = pool.install(|| chunk.par_iter().map(|file| one_file(file)).collect());
        for (file, result) in judged {
            result.iter().flatten().for_each(|verdict| seen.add(verdict));
            match result {
                Ok(verdicts) if streams => output::write(&outputs[0], &lines(&file, &verdicts))?,
                Ok(verdicts) => kept.push((file, verdicts)),
                Err(error) => {
                    failed += 1;
                    output::say(&format!(
                        "error: {}",
                        crate::render::escape::terminal(&format!("{error:#}"))
                    ));
                }
            }
        }
    }
    if !streams {
        for out in &outputs {
            let look = output::look(global, out);
            if !kept.is_empty() {
                output::write(out, &text(out.format, &kept, single, look))?;
            }
        }
    }
    Ok(match () {
        () if failed > 0 => Exit::Usage,
        () if seen.notices == 0 || seen.undetermined => Exit::Unknown,
        () => Exit::Clean,
    })
}

/// What decides the exit code of all messages together.
#[derive(Default)]
struct Seen {
    /// Messages about a delivery.
    notices: usize,
    /// One at least leaves open why, or for whom.
    undetermined: bool,
}

impl Seen {
    fn add(&mut self, verdict: &BounceVerdict) {
        if verdict.kind != Kind::None {
            self.notices += 1;
            let open = |recipient: &Recipient| recipient.cause == Cause::Undetermined;
            self.undetermined |= verdict.recipients.is_empty() || verdict.recipients.iter().any(open);
        }
    }
}

fn one_file(path: &Path) -> Judged {
    let shown = path.shown();
    let result = input::read(path, "message", input::MAX_MESSAGE).and_then(|raw| {
        let verdicts: Vec<BounceVerdict> = messages(&raw).into_par_iter().filter_map(judge).collect();
        // What is no mail is another mistake than mail about nothing.
        if verdicts.iter().all(|verdict| verdict.kind == Kind::None) {
            message::plausible(&raw).with_context(|| shown.clone())?;
        }
        Ok(verdicts)
    });
    (shown, result)
}

/// A line of JSON a message.
fn lines(file: &str, verdicts: &[BounceVerdict]) -> String {
    let mut out = String::new();
    let several = verdicts.len() > 1;
    for (index, verdict) in verdicts.iter().enumerate() {
        let object = json::bounce::bounce(file, several.then_some(index + 1), verdict);
        out.push_str(&serde_json::to_string(&object).unwrap_or_default());
        out.push('\n');
    }
    if verdicts.is_empty() {
        let object = json::bounce::bounce(file, None, &BounceVerdict::none());
        out.push_str(&serde_json::to_string(&object).unwrap_or_default());
        out.push('\n');
    }
    out
}

fn text(format: BounceFormat, judged: &[(String, Vec<BounceVerdict>)], single: bool, look: Look) -> String {
    use crate::render::bounce as show;
    match format {
        BounceFormat::Ndjson => judged.iter().map(|(file, verdicts)| lines(file, verdicts)).collect(),
        BounceFormat::Json => match judged {
            [(file, verdicts)] if single => json::text(&json::bounce::mailbox(file, verdicts)),
            _ => {
                let all =
                    judged.iter().map(|(file, verdicts)| json::bounce::mailbox(file, verdicts)).collect();
                json::text(&json::bounce::bounces(all))
            }
        },
        BounceFormat::Markdown => judged
            .iter()
            .flat_map(|(file, verdicts)| verdicts.iter().map(move |verdict| show::markdown(file, verdict)))
            .collect::<Vec<_>>()
            .join("\n"),
        BounceFormat::Terminal => match judged {
            [(file, verdicts)] if single && verdicts.len() <= 1 => {
                let none = BounceVerdict::none();
                show::one(file, verdicts.first().unwrap_or(&none), look)
            }
            _ => {
                let flat: Vec<(String, BounceVerdict)> = judged
                    .iter()
                    .flat_map(|(file, verdicts)| verdicts.iter().map(|v| (file.clone(), v.clone())))
                    .collect();
                show::many(&flat, look)
            }
        },
    }
}
