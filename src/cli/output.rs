//! Where output goes: standard output, `--output FILE`, or `--format FORMAT=FILE`.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, bail};
use clap::ValueEnum;

use super::global_args::{ColorWhen, GlobalArgs};
use crate::model::redaction;
use crate::model::untrusted::Shown as _;
use crate::model::untrusted::Width;
use crate::render::escape::{self, Matter};
use crate::render::style::Look;

/// Formats of a command that gives one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum AnswerFormat {
    Terminal,
    Json,
}

/// Formats of an answer that goes into a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TicketFormat {
    Terminal,
    Json,
    Markdown,
}

/// Formats of counts by row: for tickets and spreadsheets too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TableFormat {
    Terminal,
    Json,
    Markdown,
    Html,
    Csv,
}

/// Formats of answers about many things, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SeriesFormat {
    Terminal,
    Json,
    Ndjson,
}

/// One output of a run: a format, of those the command offers, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Output<F> {
    pub format: F,
    /// `None`: standard output.
    pub file: Option<PathBuf>,
    /// Addresses are masked on the way out (`--redact`).
    pub redact: bool,
}

/// The outputs asked for, in the formats that the command offers, its default first.
pub(super) fn outputs<F: ValueEnum + Copy>(global: &GlobalArgs) -> anyhow::Result<Vec<Output<F>>> {
    let mut outputs = Vec::new();
    for typed in &global.format {
        let (format, file) = match typed.split_once('=') {
            Some((format, file)) => (format, Some(PathBuf::from(file))),
            None => (typed.as_str(), global.output.clone()),
        };
        let Ok(format) = F::from_str(format, false) else {
            let shown = crate::model::untrusted::plain(format, Width::Word);
            bail!("--format {shown}: this command offers {}", offered::<F>().join(", "));
        };
        outputs.push(Output { format, file, redact: global.redact });
    }
    if let (true, Some(format)) = (outputs.is_empty(), F::value_variants().first()) {
        outputs.push(Output { format: *format, file: global.output.clone(), redact: global.redact });
    }
    if outputs.iter().filter(|output| output.file.is_none()).count() > 1 {
        bail!("two formats would go to standard output; give one a file: --format json=report.json");
    }
    Ok(outputs)
}

/// The formats of a command as they are typed, its default first.
pub(super) fn offered<F: ValueEnum>() -> Vec<String> {
    F::value_variants().iter().map(name_of).collect()
}

/// The format as it is typed.
pub(super) fn name<F: ValueEnum>(format: F) -> String {
    name_of(&format)
}

fn name_of<F: ValueEnum>(format: &F) -> String {
    format.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

/// What the format is made of. On a terminal nothing obeys it, and a file is no log.
fn matter<F: ValueEnum>(output: &Output<F>) -> Matter {
    if output.file.is_some() || std::io::stdout().is_terminal() {
        return Matter::Verbatim;
    }
    match name_of(&output.format).as_str() {
        "json" | "ndjson" | "sarif" | "gitlab" => Matter::Json,
        "html" | "junit" => Matter::Markup,
        "github" => Matter::Commands,
        "csv" | "prometheus" => Matter::Table,
        _ => Matter::Text,
    }
}

/// Writes a whole document. A file is replaced only once the text is complete.
pub(super) fn write<F: ValueEnum>(output: &Output<F>, text: &str) -> anyhow::Result<()> {
    write_as(output, text, matter(output))
}

/// The same for text that must stay as it is, such as a diff.
pub(super) fn write_verbatim<F>(output: &Output<F>, text: &str) -> anyhow::Result<()> {
    write_as(output, text, Matter::Verbatim)
}

fn write_as<F>(output: &Output<F>, text: &str, matter: Matter) -> anyhow::Result<()> {
    let text = redaction::shown(text, output.redact);
    let text = escape::without_commands(&text, matter);
    match &output.file {
        Some(file) => write_file(file, &text),
        None => print(&text),
    }
}

/// Adds to the end of the output's file, such as the summary of a CI's job.
pub(super) fn append<F>(output: &Output<F>, text: &str) -> anyhow::Result<()> {
    let Some(file) = &output.file else { return print(&redaction::shown(text, output.redact)) };
    let opened = std::fs::OpenOptions::new().create(true).append(true).open(file);
    let text = redaction::shown(text, output.redact);
    opened
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("cannot write {}", file.shown()))
}

/// `--redact`, for standard error.
static MASKS: AtomicBool = AtomicBool::new(false);

/// Whether what is said is masked as what is written is. Set once a run, for announcements, notes and errors alike:
/// none of those who say something has to think of it.
pub(super) fn mask_what_is_said(redact: bool) {
    MASKS.store(redact, Ordering::Relaxed);
}

/// Says it on standard error: no line of it is a runner's command, none moves a cursor.
pub(super) fn say(text: &str) {
    let text = redaction::shown(text, MASKS.load(Ordering::Relaxed));
    let text = text.trim_end_matches('\n');
    let line = match std::io::stderr().is_terminal() {
        // What we coloured ourselves stays; paths and records in it are escaped where they are named.
        true => format!("{text}\n"),
        false => {
            let plain: Vec<String> = text.lines().map(crate::model::untrusted::unbroken).collect();
            format!("{}\n", escape::without_commands(&plain.join("\n"), Matter::Text))
        }
    };
    let _ = std::io::stderr().write_all(line.as_bytes());
}

/// How to draw for the terminal, by the flags and where it goes.
pub(super) fn look<F>(global: &GlobalArgs, output: &Output<F>) -> Look {
    Look {
        color: colored(global, output),
        width: width(output),
        quiet: global.quiet,
        verbose: global.verbose,
    }
}

/// Writes one answer to every output: as JSON, or as people read it.
pub(super) fn answer(
    global: &GlobalArgs,
    outputs: &[Output<AnswerFormat>],
    json: impl Fn() -> String,
    terminal: impl Fn(Look) -> String,
) -> anyhow::Result<()> {
    for output in outputs {
        let text = match output.format {
            AnswerFormat::Json => json(),
            AnswerFormat::Terminal => terminal(look(global, output)),
        };
        write(output, &text)?;
    }
    Ok(())
}

/// To standard output.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Replaces `file`, through a temporary neighbour, so that a failure loses nothing.
pub(super) fn write_file(file: &Path, text: &str) -> anyhow::Result<()> {
    write_bytes(file, text.as_bytes(), None)
}

/// A file that is edited keeps its permissions, and a link to it stays one.
pub(super) fn replace_file(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let real = file.canonicalize().with_context(|| format!("cannot write {}", file.shown()))?;
    let metadata = std::fs::metadata(&real).with_context(|| format!("cannot write {}", file.shown()))?;
    write_bytes(&real, bytes, Some(metadata.permissions()))
}

fn write_bytes(file: &Path, text: &[u8], mode: Option<std::fs::Permissions>) -> anyhow::Result<()> {
    // A device or pipe (/dev/stdout) cannot be replaced, only written to.
    if file.exists() && !file.is_file() {
        return std::fs::write(file, text).with_context(|| format!("cannot write {}", file.shown()));
    }
    let part = beside(file);
    let written = std::fs::write(&part, text)
        .and_then(|()| mode.map_or(Ok(()), |mode| std::fs::set_permissions(&part, mode)))
        .and_then(|()| std::fs::rename(&part, file));
    if written.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    written.with_context(|| format!("cannot write {}", file.shown()))
}

/// The neighbour that a file is written to before it takes the place of its name.
fn beside(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    file.with_file_name(name)
}

/// Text that goes out piece by piece. Standard output streams; a file is written
/// beside its name and put in place when complete.
pub(super) struct Stream {
    sink: Sink,
    redact: bool,
    matter: Matter,
    /// The neighbour, until it is in place.
    part: Option<Part>,
}

enum Sink {
    Stdout(std::io::BufWriter<std::io::Stdout>),
    File(std::io::BufWriter<std::fs::File>),
}

/// A file beside its name. A run that ends before all is written leaves none behind.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Stream {
    pub(super) fn open<F: ValueEnum>(output: &Output<F>) -> anyhow::Result<Stream> {
        let (redact, matter) = (output.redact, matter(output));
        let Some(file) = &output.file else {
            let sink = Sink::Stdout(std::io::BufWriter::new(std::io::stdout()));
            return Ok(Stream { sink, redact, matter, part: None });
        };
        let cannot = || format!("cannot write {}", file.shown());
        // A device or pipe (/dev/stdout) cannot be replaced, only written to.
        let part = (!file.exists() || file.is_file()).then(|| beside(file));
        let out = std::fs::File::create(part.as_ref().unwrap_or(file)).with_context(cannot)?;
        Ok(Stream { sink: Sink::File(std::io::BufWriter::new(out)), redact, matter, part: part.map(Part) })
    }

    /// A file that grows while the run goes, for one that may never end. What an earlier run wrote is gone.
    pub(super) fn growing<F: ValueEnum>(output: &Output<F>) -> anyhow::Result<Stream> {
        let Some(file) = &output.file else { return Stream::open(output) };
        let out = std::fs::File::create(file).with_context(|| format!("cannot write {}", file.shown()))?;
        Ok(Stream::in_place(output, out))
    }

    /// Writes to the end of an open file as the run goes, so that what is done stays
    /// done when the run is killed.
    pub(super) fn in_place<F>(output: &Output<F>, file: std::fs::File) -> Stream {
        let sink = Sink::File(std::io::BufWriter::new(file));
        Stream { sink, redact: output.redact, matter: Matter::Verbatim, part: None }
    }

    /// A piece ends where a line or a value does, never within an address.
    pub(super) fn write(&mut self, text: &str) -> anyhow::Result<()> {
        let text = redaction::shown(text, self.redact);
        let text = escape::without_commands(&text, self.matter);
        match &mut self.sink {
            Sink::Stdout(out) => out.write_all(text.as_bytes())?,
            Sink::File(out) => out.write_all(text.as_bytes())?,
        }
        Ok(())
    }

    pub(super) fn flush(&mut self) -> anyhow::Result<()> {
        match &mut self.sink {
            Sink::Stdout(out) => out.flush()?,
            Sink::File(out) => out.flush()?,
        }
        Ok(())
    }

    /// Ends the output and puts a file in place.
    pub(super) fn close<F>(mut self, output: &Output<F>) -> anyhow::Result<()> {
        self.flush()?;
        if let (Some(part), Some(file)) = (&self.part, &output.file) {
            std::fs::rename(&part.0, file).with_context(|| format!("cannot write {}", file.shown()))?;
        }
        Ok(())
    }
}

/// Whether what goes to standard output may be coloured.
pub(super) fn colored<F>(global: &GlobalArgs, output: &Output<F>) -> bool {
    match global.color {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto => {
            output.file.is_none()
                && std::io::stdout().is_terminal()
                && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    }
}

/// Columns of the terminal, or 80 where there is none; never under 60 or over 120.
pub(super) fn width<F>(output: &Output<F>) -> usize {
    if output.file.is_some() || !std::io::stdout().is_terminal() {
        return 80;
    }
    comfy_table::Table::new().width().map_or(80, usize::from).clamp(60, 120)
}

/// True for an error whose root is a closed pipe: the reader had enough.
pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}
