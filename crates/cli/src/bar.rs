//! Progress bars, silent where standard error is no terminal.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Mutex;

/// Draws the progress of one task on standard error.
pub struct Bar {
    quiet: bool,
    bar: Mutex<Option<ProgressBar>>,
}

impl Bar {
    /// A bar that stays silent if `quiet`, or where standard error is not a terminal.
    pub fn new(quiet: bool) -> Self {
        Self {
            quiet: quiet || !std::io::stderr().is_terminal(),
            bar: Mutex::new(None),
        }
    }

    fn with(&self, act: impl FnOnce(&mut Option<ProgressBar>)) {
        if !self.quiet
            && let Ok(mut bar) = self.bar.lock()
        {
            act(&mut bar);
        }
    }
}

impl firstlight::Progress for Bar {
    fn start(&self, what: &str, units: Option<u64>) {
        self.with(|bar| {
            let new = units.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
            let template = match units {
                Some(_) => "{msg:28} {bar:32} {pos}/{len} {elapsed}",
                None => "{msg:28} {spinner} {elapsed}",
            };
            if let Ok(style) = ProgressStyle::with_template(template) {
                new.set_style(style);
            }
            new.set_message(what.to_owned());
            *bar = Some(new);
        });
    }

    fn advance(&self, units: u64) {
        self.with(|bar| {
            if let Some(bar) = bar {
                bar.inc(units);
            }
        });
    }

    fn finish(&self) {
        self.with(|bar| {
            if let Some(bar) = bar.take() {
                bar.finish_and_clear();
            }
        });
    }
}
