//! What `lint` writes: each message as text, many in one document, and the sums over all.

use super::output;
use super::output::SeriesFormat;
use crate::facts::links::chains::LinkChains;
use crate::facts::spam_score::SpamScore;
use crate::judge::report::Report;
use crate::model::Severity;
use crate::render::style::Look;
use crate::render::{json, lint as render};

/// What came of one message.
pub(super) struct Linted {
    pub file: String,
    pub outcome: Result<Report, String>,
    pub spam: Option<SpamScore>,
    /// Where the links lead, with `--follow-links`.
    pub followed: Option<LinkChains>,
}

impl Linted {
    /// A file that could not be judged.
    pub(super) fn refused(file: String, why: String) -> Linted {
        Linted { file, outcome: Err(why), spam: None, followed: None }
    }
}

/// Sums over a run.
#[derive(Default)]
pub(super) struct Total {
    /// Messages that could be read.
    pub read: usize,
    /// Files that are no mail or cannot be read.
    pub refused: usize,
    pub worst: Option<Severity>,
    /// Why the first refused file was refused.
    pub refusal: Option<String>,
    /// Of one at least too little is known.
    pub open: bool,
}

impl Total {
    pub(super) fn add(&mut self, seen: Total) {
        self.read += seen.read;
        self.refused += seen.refused;
        self.worst = self.worst.max(seen.worst);
        self.refusal = self.refusal.take().or(seen.refusal);
        self.open |= seen.open;
    }
}

/// The text of messages that belong together, and what they come to.
pub(super) fn rendered(messages: impl IntoIterator<Item = Linted>, format: Format) -> (String, Total) {
    let (mut text, mut total) = (String::new(), Total::default());
    for linted in messages {
        match &linted.outcome {
            Ok(report) => {
                total.read += 1;
                total.worst = total.worst.max(report.worst());
                total.open |= report.says_too_little();
            }
            Err(error) => {
                total.refused += 1;
                total.refusal.get_or_insert_with(|| error.clone());
            }
        }
        if !text.is_empty() {
            text.push_str(format.between());
        }
        text.push_str(&format.render(&linted));
    }
    (text, total)
}

/// How one message becomes text.
#[derive(Clone, Copy)]
pub(super) enum Format {
    /// One message, in full.
    Terminal(Look),
    /// Many, a few lines each.
    Brief(Look),
    /// One message, laid out for people too.
    Json,
    /// Many, in one object: a line each, as programs read them.
    JsonMany,
    Ndjson,
}

impl Format {
    /// The same where a file turns out to hold several messages.
    pub(super) fn of_many(self) -> Format {
        match self {
            Format::Json => Format::JsonMany,
            other => other,
        }
    }

    /// What stands between two messages.
    fn between(self) -> &'static str {
        match self {
            Format::Json | Format::JsonMany => ",\n",
            Format::Terminal(_) | Format::Brief(_) | Format::Ndjson => "",
        }
    }

    fn render(self, linted: &Linted) -> String {
        let Linted { file, outcome, spam, followed } = linted;
        match (self, outcome) {
            (Format::Terminal(look), Ok(report)) => {
                render::in_full(file, report, spam.as_ref(), followed.as_ref(), look)
            }
            (Format::Brief(look), Ok(report)) => render::in_brief(file, report, look),
            // Alone, it is the run's error and goes to standard error.
            (Format::Terminal(_), Err(_)) => String::new(),
            (Format::Brief(look), Err(error)) => render::refused(error, look),
            (Format::Json, Ok(report)) => {
                json::text(&json::lint::message(file, report, spam.as_ref(), followed.as_ref()))
            }
            (Format::Json, Err(error)) => json::text(&json::lint::refused(file, error)),
            (Format::JsonMany | Format::Ndjson, outcome) => {
                let mut line = match outcome {
                    Ok(report) => json::lint::line(file, report, spam.as_ref(), followed.as_ref()),
                    Err(error) => json::line(&json::lint::refused(file, error)),
                };
                if matches!(self, Format::JsonMany) {
                    line.truncate(line.trim_end().len());
                }
                line
            }
        }
    }
}

/// Where the text goes. Standard output streams; a file is complete or absent.
pub(super) struct Writer<'o> {
    output: &'o output::Output<SeriesFormat>,
    pub format: Format,
    /// `json` of many messages is one object around them, begun with the first.
    framed: bool,
    sink: output::Stream,
}

impl<'o> Writer<'o> {
    pub(super) fn new(
        output: &'o output::Output<SeriesFormat>,
        alone: bool,
        look: Look,
    ) -> anyhow::Result<Writer<'o>> {
        let format = match (output.format, alone) {
            (SeriesFormat::Json, true) => Format::Json,
            (SeriesFormat::Json, false) => Format::JsonMany,
            (SeriesFormat::Ndjson, _) => Format::Ndjson,
            (SeriesFormat::Terminal, true) => Format::Terminal(look),
            (SeriesFormat::Terminal, false) => Format::Brief(look),
        };
        Ok(Writer { output, format, framed: false, sink: output::Stream::open(output)? })
    }

    /// Writes what a file holds: so many messages.
    fn write(&mut self, text: &str, messages: usize) -> anyhow::Result<()> {
        let is_one_of_many =
            matches!(self.format, Format::JsonMany) || (matches!(self.format, Format::Json) && messages > 1);
        if is_one_of_many && messages > 0 {
            let before = match std::mem::replace(&mut self.framed, true) {
                true => self.format.between(),
                false => "{\n\"schema\": \"mailvet/lint-many/1\",\n\"messages\": [\n",
            };
            self.sink.write(before)?;
        }
        self.sink.write(text)
    }

    /// Writes what was judged and adds it up; what is judged is shown, however long the rest takes.
    pub(super) fn take(
        &mut self,
        text: &str,
        seen: Total,
        last: bool,
        total: &mut Total,
    ) -> anyhow::Result<()> {
        self.write(text, seen.read + seen.refused)?;
        if last {
            self.sink.flush()?;
        }
        total.add(seen);
        Ok(())
    }

    pub(super) fn finish(self, total: &Total) -> anyhow::Result<()> {
        let mut sink = self.sink;
        if self.framed {
            sink.write("\n]\n}\n")?;
        }
        if let Format::Brief(look) = self.format {
            sink.write(&render::total(total.read, total.refused, look))?;
        }
        sink.close(self.output)
    }
}
