//! `mailvet completions SHELL` and `mailvet man`.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::args::{Cli, GlobalArgs};
use super::exit::Exit;
use super::output;

#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Example:\n  mailvet completions bash > ~/.local/share/bash-completion/completions/mailvet"
)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}

pub fn run(args: &CompletionsArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "mailvet", &mut script);
    write(global, &script)
}

pub fn man(global: &GlobalArgs) -> anyhow::Result<Exit> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut page)?;
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
