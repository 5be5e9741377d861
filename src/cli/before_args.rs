//! `--before`: the recording of an earlier run, for what only a change shows.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;

use super::input;
use crate::evidence::{self, Earlier, Evidence};
use crate::model::untrusted::Shown as _;
use crate::model::untrusted::{Width, plain};

#[derive(Clone, Debug, Default, Args)]
pub struct BeforeArgs {
    /// An earlier --record of the same domain: was the MTA-STS policy changed and its id left as it was?
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    before: Option<PathBuf>,
}

impl BeforeArgs {
    /// Puts what the earlier recording holds beside this run's evidence.
    pub fn apply(&self, evidence: &mut Evidence) -> anyhow::Result<()> {
        let Some(path) = &self.before else { return Ok(()) };
        let file = plain(&path.shown(), Width::Record);
        let text = input::read_text(path, "earlier recording")?;
        let earlier = evidence::load(&file, &text)?;
        match (&earlier.target.domain, &evidence.target.domain) {
            (Some(then), Some(now)) if then != now => {
                bail!("--before {file} is a recording of {then}, and this run is about {now}")
            }
            _ => {}
        }
        if earlier.taken_at > evidence.taken_at {
            let time = |seconds| jiff::Timestamp::from_second(seconds).unwrap_or_default();
            bail!(
                "--before {file} was recorded at {}, after this run's time {}; give the older recording",
                time(earlier.taken_at),
                time(evidence.taken_at)
            );
        }
        evidence.earlier = Some(Earlier::from(earlier));
        Ok(())
    }
}
