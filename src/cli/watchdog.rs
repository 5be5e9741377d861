//! `--deadline` for what asks nobody: reading and judging. Questions end at the deadline by themselves and leave
//! time to judge what came; a file that does not end, or takes too long, ends the run here.

use std::time::Duration;

use super::exit::Exit;
use super::{Command, output};

/// What a run may take beyond its deadline to judge and write what it has.
const GRACE: Duration = Duration::from_secs(10);

/// Watches over the run where a deadline was given that bounds all of it.
pub(super) fn watch(command: &Command, deadline: Option<f64>) {
    let Some(seconds) = deadline else { return };
    // A deadline for each message or each name; and mail under way is not dropped in the middle.
    if matches!(
        command,
        Command::Listen(_) | Command::Portfolio(_) | Command::Blocklist(_) | Command::Send(_)
    ) {
        return;
    }
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs_f64(seconds) + GRACE);
        output::say(&format!(
            "error: still reading or judging {} s after --deadline {seconds}: nothing more is judged, and what was not \
             shown is unknown; give fewer or smaller files, or a longer deadline",
            GRACE.as_secs()
        ));
        std::process::exit(Exit::Unknown as i32);
    });
}
