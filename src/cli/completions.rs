//! `mailvet completions SHELL` and `mailvet man`.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::{Args, Command};
use clap_complete::Shell;

use super::exit::Exit;
use super::global_args::GlobalArgs;
use super::output;
use crate::model::untrusted::Shown as _;

#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Example:\n  mailvet completions bash > ~/.local/share/bash-completion/completions/mailvet"
)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}

#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  mailvet man zone check | man -l -
  mailvet man --dir ~/.local/share/man/man1")]
pub struct ManArgs {
    /// The command, such as audit or zone check; default: mailvet itself
    #[arg(value_name = "COMMAND", conflicts_with = "dir")]
    pub command: Vec<String>,
    /// Write the page of every command there, as mailvet.1, mailvet-audit.1, ...
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// What every page says of files, in roff.
const FILES: &str = "\
.SH FILES
.TP
\\fImailvet.toml\\fR
Settings, looked for in this folder and those above; another one with \\fB\\-\\-config\\fR. Its keys are printed by
\\fBmailvet schema config\\fR.
.SH ENVIRONMENT
.TP
\\fBNO_COLOR\\fR
Where it is set and not empty, the terminal output has no colour.
.SH EXIT STATUS
0 nothing at or above \\fB\\-\\-fail\\-on\\fR; 1 findings; 2 usage or configuration, or input that could not be read;
3 too little evidence to judge. A command that counts otherwise says so above.
";

/// Prints the script that completes `command` in the shell asked for.
pub(super) fn run(args: &CompletionsArgs, mut command: Command, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "mailvet", &mut script);
    write(global, &script)
}

/// Prints the manual page of one command, or writes that of every command.
pub(super) fn man(args: &ManArgs, mut command: Command, global: &GlobalArgs) -> anyhow::Result<Exit> {
    command.build();
    let Some(folder) = &args.dir else {
        let mut found = &command;
        for word in &args.command {
            let Some(below) = found.find_subcommand(word) else {
                let word = crate::model::untrusted::plain(word, crate::model::untrusted::Width::Word);
                bail!("{word:?} is no command of mailvet; mailvet --help lists them");
            };
            found = below;
        }
        return write(global, &page(found)?);
    };
    std::fs::create_dir_all(folder).with_context(|| format!("--dir {}", folder.shown()))?;
    let mut todo = vec![command];
    while let Some(command) = todo.pop() {
        let name = format!("{}.1", command.get_display_name().unwrap_or("mailvet"));
        output::write_file(&folder.join(name), &String::from_utf8_lossy(&page(&command)?))?;
        let below = command.get_subcommands().filter(|below| below.get_name() != "help");
        todo.extend(below.cloned());
    }
    Ok(Exit::Clean)
}

/// One page: what clap knows of the command, and what holds for all.
fn page(command: &Command) -> anyhow::Result<Vec<u8>> {
    let name = command.get_display_name().unwrap_or("mailvet").to_owned();
    let man = clap_mangen::Man::new(command.clone().version(env!("CARGO_PKG_VERSION")).name(name));
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.get_subcommands().next().is_some() {
        man.render_subcommands_section(&mut page)?;
    }
    man.render_extra_section(&mut page)?;
    page.extend_from_slice(FILES.as_bytes());
    Ok(page)
}

fn write(global: &GlobalArgs, bytes: &[u8]) -> anyhow::Result<Exit> {
    let text = String::from_utf8_lossy(bytes);
    match &global.output {
        Some(file) => output::write_file(file, &text)?,
        None => output::print(&text)?,
    }
    Ok(Exit::Clean)
}
