//! The command line as it is parsed, shown on one screen (`-h`), shown whole (`--help`), completed by a shell
//! and printed as manual pages: one definition, shaped for each.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Arg, Command, CommandFactory as _};

use super::{Cli, offers};
use crate::data;
use crate::judge::catalog;
use crate::model::Area;

/// What the command line is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Parsing: as defined, since every run pays for it.
    Plain,
    /// `--help` and the manual: everything.
    Whole,
    /// `-h`: own options and two examples.
    Screen,
    /// A shell's completion: every value that is known beforehand.
    Completion,
}

impl Shape {
    /// The shape that these arguments, program name first, ask for.
    pub(super) fn of(args: &[std::ffi::OsString]) -> Shape {
        let typed = || args.iter().skip(1).take_while(|arg| *arg != "--");
        match () {
            () if args.len() < 2 || typed().any(|arg| arg == "-h") => Shape::Screen,
            () if args[1] == "help" || typed().any(|arg| arg == "--help") => Shape::Whole,
            () => Shape::Plain,
        }
    }
}

/// The commands by what one wants, for the first screen; a test proves that none is left out.
const BY_USE: &[(&str, &[&str])] = &[
    (
        "Before go-live",
        &["audit", "portfolio", "lint", "spf", "dkim", "dmarc", "bimi", "ptr", "mx", "transport"],
    ),
    ("", &["blocklist", "relay", "warmup"]),
    ("DNS changes", &["zone check", "zone fix", "zone records"]),
    ("Not received?", &["triage", "reply", "bounce", "queue", "traffic", "suppress", "reports"]),
    ("Live test", &["send (sends mail)", "listen"]),
    ("Reference", &["explain", "schema", "completions", "man"]),
];

/// The whole command line in a shape.
pub(super) fn command(shape: Shape) -> Command {
    let root = Cli::command();
    if shape == Shape::Plain {
        return root;
    }
    let shared: Vec<Arg> = root.get_arguments().filter(|arg| arg.is_global_set()).cloned().collect();
    let mut root = below(root, "", &shared, shape);
    if shape == Shape::Screen {
        root = root.mut_args(|arg| if arg.is_global_set() { arg.hide(true) } else { arg });
        root = root.help_template(first_screen());
    }
    root
}

/// The subcommands of `command`, whose words are `path`, in their shapes.
fn below(mut command: Command, path: &str, shared: &[Arg], shape: Shape) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in names {
        let path = if path.is_empty() { name.clone() } else { format!("{path} {name}") };
        command = command
            .mut_subcommand(&name, |sub| below(shaped(sub, &path, shared, shape), &path, shared, shape));
    }
    command
}

fn shaped(command: Command, path: &str, shared: &[Arg], shape: Shape) -> Command {
    let idle = offers::idle(path);
    let formats = offers::formats(path);
    let mut command = command;
    for arg in shared {
        let id = arg.get_id().as_str();
        command = match id {
            _ if shape == Shape::Screen || idle.contains(&id) => command.arg(arg.clone().hide(true)),
            "format" if !formats.is_empty() => command.arg(arg.clone().value_parser(Format(formats.clone()))),
            _ => command,
        };
    }
    match shape {
        Shape::Whole | Shape::Plain => command.mut_args(with_receivers),
        Shape::Completion => command.mut_args(with_values),
        Shape::Screen => screen(command, path, &formats),
    }
}

/// `-h`: help texts to their first clause, two examples, and where the rest is.
fn screen(command: Command, path: &str, formats: &[String]) -> Command {
    let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let mut end = examples(&text, 2);
    if !formats.is_empty() {
        end.push_str(&format!("Formats: {}", formats.join(", ")));
    }
    end.push_str(&format!("\nAll options, what is asked, exit codes: mailvet {path} --help"));
    let clause = |arg: Arg| {
        let text = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let short = text.split_once("; ").map_or(text.as_str(), |(first, _)| first);
        let short = short.split_once(". ").map_or(short, |(first, _)| first);
        match arg.is_hide_set() || short.len() == text.len() {
            true => arg,
            false => arg.help(short.to_owned()),
        }
    };
    let few = |arg: Arg| {
        let values = arg.get_possible_values();
        let long = values.iter().map(|value| value.get_name().len() + 2).sum::<usize>() > 40;
        if long { arg.hide_possible_values(true) } else { arg }
    };
    let flat = |arg: Arg| arg.help_heading(clap::builder::Resettable::Reset);
    command
        .mut_args(clause)
        .mut_args(few)
        .mut_args(first_name)
        .mut_args(flat)
        .disable_version_flag(true)
        .after_help(end)
}

/// A value that may be many things is named by the first of them, so that names and texts fit beside each other.
fn first_name(arg: Arg) -> Arg {
    let name =
        arg.get_value_names().and_then(|names| names.first()).map(ToString::to_string).unwrap_or_default();
    match name.split_once('|') {
        Some((first, _)) if name.len() > 16 => arg.value_name(first.to_owned()),
        _ => arg,
    }
}

/// The first examples of a help text, at most `most`; an example is a line at its margin and what continues it.
fn examples(text: &str, most: usize) -> String {
    let Some((_, rest)) = text.split_once("Example") else { return String::new() };
    let block = rest.split_once('\n').map_or("", |(_, block)| block);
    let block = block.split("\n\n").next().unwrap_or_default();
    let (mut kept, mut count, mut continues) = (String::from("Examples:\n"), 0, false);
    for line in block.lines() {
        count += usize::from(!continues);
        if count > most {
            break;
        }
        continues = line.ends_with('\\');
        kept.push_str(line);
        kept.push('\n');
    }
    kept
}

/// The first screen: what it is, the commands by use, how to go on.
fn first_screen() -> String {
    let mut text = String::from("{about}\n\nUsage: {usage}\n\n");
    for (purpose, commands) in BY_USE {
        text.push_str(&format!("  {purpose:<14}  {}\n", commands.join(", ")));
    }
    text.push_str(
        "\nExamples:\n  mailvet audit --demo                  a whole report on bundled data; no network\n  \
         mailvet audit example.com             is this domain fit to send?\n  \
         mailvet zone check zones/ --against origin/main\n  \
         mailvet triage /var/log/mail.log --recipient jane@example.org\n\n\
         Exit codes: 0 nothing at or above --fail-on; 1 findings; 2 usage or configuration;\n\
         3 too little evidence to judge\n\n\
         One command on one screen: mailvet COMMAND -h; whole: mailvet COMMAND --help\n",
    );
    text
}

/// The receivers that `--receiver` knows, where it is taken.
fn with_receivers(arg: Arg) -> Arg {
    if arg.get_id() != "receiver" {
        return arg;
    }
    let known: Vec<&str> = data::receivers::catalogue().receivers.iter().map(|one| one.id.as_str()).collect();
    arg.help(format!("Tell of these receivers only; may be repeated [known: {}]", known.join(", ")))
}

/// Values that a shell can offer; parsing itself is left as it is, with its better errors.
fn with_values(arg: Arg) -> Arg {
    let values: Vec<String> = match arg.get_id().as_str() {
        "only" | "skip" => Area::ALL
            .into_iter()
            .map(|area| area.name().to_owned())
            .chain(catalog::topics().map(str::to_owned))
            .chain(catalog::all().map(|check| check.code.to_owned()))
            .collect(),
        "receiver" => data::receivers::catalogue().receivers.iter().map(|one| one.id.clone()).collect(),
        "code" => catalog::all().map(|check| check.code.to_owned()).collect(),
        _ => return arg,
    };
    arg.value_parser(PossibleValuesParser::new(values))
}

/// `FORMAT[=FILE]` of the formats that a command writes. The value is checked where it is used, which names the
/// command's own formats; here they are shown and completed.
#[derive(Clone, Debug)]
struct Format(Vec<String>);

impl TypedValueParser for Format {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<String, clap::Error> {
        clap::builder::StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.0.iter().cloned().map(PossibleValue::new)))
    }
}
