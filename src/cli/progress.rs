//! A progress line on standard error when a person waits over a second.

use std::io::IsTerminal as _;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::gather;

/// Shows nothing in the first second, in pipes, and with `-q`.
pub(super) struct Progress {
    started: Instant,
    enabled: bool,
    bar: OnceLock<ProgressBar>,
}

impl Progress {
    pub(super) fn new(quiet: bool) -> Progress {
        Progress {
            started: Instant::now(),
            enabled: !quiet && std::io::stderr().is_terminal(),
            bar: OnceLock::new(),
        }
    }
}

impl gather::Progress for Progress {
    fn update(&self, answered: usize, asked: usize) {
        if !self.enabled || self.started.elapsed() < Duration::from_secs(1) {
            return;
        }
        let bar = self.bar.get_or_init(|| {
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len} answers, {elapsed}")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::new(asked as u64).with_style(style)
        });
        bar.set_length(asked as u64);
        bar.set_position(answered as u64);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}

/// Counts what is done, such as files: a bar on a terminal, else a line every ten seconds.
pub(super) struct Count {
    /// What is counted.
    noun: &'static str,
    started: Instant,
    total: usize,
    quiet: bool,
    bar: OnceLock<ProgressBar>,
    said: std::cell::Cell<u64>,
}

impl Count {
    pub(super) fn new(noun: &'static str, quiet: bool, total: usize) -> Count {
        Count {
            noun,
            started: Instant::now(),
            total,
            quiet,
            bar: OnceLock::new(),
            said: std::cell::Cell::new(0),
        }
    }

    pub(super) fn update(&self, done: usize) {
        let seconds = self.started.elapsed().as_secs();
        if self.quiet || seconds < 1 {
            return;
        }
        if std::io::stderr().is_terminal() {
            let bar = self.bar.get_or_init(|| {
                let template = format!("{{bar:30}} {{pos}}/{{len}} {}, {{per_sec}}, {{eta}} left", self.noun);
                let style =
                    ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
                ProgressBar::new(self.total as u64).with_style(style)
            });
            bar.set_position(done as u64);
        } else if seconds >= self.said.get() + 10 || done == self.total && self.said.get() > 0 {
            self.said.set(seconds);
            let line = format!("{done} of {} {}, {seconds} s\n", self.total, self.noun);
            let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
        }
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}
