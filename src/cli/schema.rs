//! `mailvet schema`: what a file or an output may hold, as JSON Schema.

use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::global_args::GlobalArgs;
use super::output;
use crate::config;
use crate::render::json;

/// Formats of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaFormat {
    Json,
}

/// What is described.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// `mailvet.toml`
    Config,
}

/// Whose schema.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Editors complete and check mailvet.toml with it, given a first line such as
  #:schema ./mailvet.schema.json

Examples:
  mailvet schema config > mailvet.schema.json")]
pub struct SchemaArgs {
    /// What to describe
    what: What,
}

pub(super) fn run(args: &SchemaArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let What::Config = args.what;
    for output in output::outputs::<SchemaFormat>(global)? {
        output::write(&output, &json::text(&config::schema()))?;
    }
    Ok(Exit::Clean)
}
