//! `mailvet audit --demo`: the bundled story, judged without any network.

use crate::evidence::{self, Evidence};

/// The recording, compiled in so that the demo works anywhere.
const RECORDING: &str = include_str!("../../fixtures/runs/demo/evidence.json");

/// The evidence of the demo; `--now` does not move it, its story has its day.
pub(super) fn evidence() -> anyhow::Result<Evidence> {
    Ok(evidence::load("the bundled demo", RECORDING)?)
}
