//! `mailvet completions SHELL` and `mailvet man`.

use clap::{Args, Command};
use clap_complete::Shell;

use super::exit::Exit;
use super::global_args::GlobalArgs;
use super::output;

#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Example:\n  mailvet completions bash > ~/.local/share/bash-completion/completions/mailvet"
)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}

/// Prints the script that completes `command` in the shell asked for.
pub(super) fn run(args: &CompletionsArgs, mut command: Command, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "mailvet", &mut script);
    write(global, &script)
}

/// Prints the manual page of `command`.
pub(super) fn man(command: Command, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    write(global, &page)
}

fn write(global: &GlobalArgs, bytes: &[u8]) -> anyhow::Result<Exit> {
    let text = String::from_utf8_lossy(bytes);
    match &global.output {
        Some(file) => output::write_file(file, &text)?,
        None => output::print(&text)?,
    }
    Ok(Exit::Clean)
}
