//! `mailvet explain CODE`: a check's page.

use clap::Args;

use super::args::GlobalArgs;
use super::exit::Exit;
use super::output;
use crate::config;
use crate::judge::catalog;
use crate::model::Area;
use crate::render::check_page;
use crate::render::style::Look;

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

pub fn run(args: &ExplainArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let outputs = output::outputs(global, &["terminal", "json"])?;
    for out in &outputs {
        let look = Look {
            color: output::colored(global, out),
            width: output::width(out),
            quiet: global.quiet,
            verbose: global.verbose,
        };
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
        let text = if out.format == "json" {
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
