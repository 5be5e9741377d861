//! `mailvet explain CODE`: a check's page.

use clap::Args;

use super::exit::Exit;
use super::global_args::GlobalArgs;
use super::output;
use crate::config;
use crate::judge::catalog;
use crate::model::Area;
use crate::render::check_page;

#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:\n  mailvet explain spf-missing\n  mailvet explain --all")]
pub struct ExplainArgs {
    /// The code, such as spf-missing, or an area
    #[arg(required_unless_present = "all")]
    pub code: Option<String>,
    /// List every check, a line each; with -v every page
    #[arg(long)]
    pub all: bool,
}

pub(super) fn run(args: &ExplainArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let outputs = output::outputs::<output::AnswerFormat>(global)?;
    for out in &outputs {
        let look = output::look(global, out);
        let checks: Vec<_> = match args.code.as_deref() {
            None => catalog::all().collect(),
            Some(name) => match Area::from_name(name) {
                Some(area) => catalog::of_area(area).to_vec(),
                None => {
                    let code = config::known_code(name, "explain")?;
                    catalog::find(code).into_iter().collect()
                }
            },
        };
        let text = if out.format == output::AnswerFormat::Json {
            crate::render::json::text(&crate::render::json::pages::pages(&checks))
        } else if let ([check], false) = (checks.as_slice(), args.all) {
            check_page::page(check, look)
        } else if global.verbose {
            checks.iter().map(|check| check_page::page(check, look)).collect::<Vec<_>>().join("\n")
        } else {
            check_page::list(checks.iter().copied(), look)
        };
        output::write(out, &text)?;
    }
    Ok(Exit::Clean)
}
