//! A progress bar for each file that is on its way, and one for all; silent where standard error is no terminal.

use firstlight::mast::Transfers;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::collections::HashMap;
use std::io::IsTerminal;
use std::sync::Mutex;

/// Draws the progress of transfers on standard error.
pub struct TransferBars {
    shown: Option<Shown>,
}

struct Shown {
    all: MultiProgress,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    total: Option<ProgressBar>,
    /// Whether the total counts bytes; files otherwise.
    bytes: bool,
    files: HashMap<String, ProgressBar>,
}

impl TransferBars {
    /// Bars that stay silent if `quiet`, or where standard error is not a terminal.
    pub fn new(quiet: bool) -> Self {
        let shown = (!quiet && std::io::stderr().is_terminal()).then(|| Shown {
            all: MultiProgress::new(),
            state: Mutex::new(State::default()),
        });
        Self { shown }
    }

    /// Takes all bars away.
    pub fn finish(&self) {
        self.with(|_, state| {
            state.files.drain().for_each(|(_, bar)| bar.finish_and_clear());
            if let Some(total) = state.total.take() {
                total.finish_and_clear();
            }
        });
    }

    fn with(&self, act: impl FnOnce(&MultiProgress, &mut State)) {
        if let Some(shown) = &self.shown
            && let Ok(mut state) = shown.state.lock()
        {
            act(&shown.all, &mut state);
        }
    }
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

const OF_FILE: &str = "{msg:40!} {bar:24} {bytes:>10}/{total_bytes:10} {bytes_per_sec:>12}";
const OF_FILE_OF_UNKNOWN_SIZE: &str = "{msg:40!} {spinner:24} {bytes:>10} {bytes_per_sec:>23}";
const OF_BYTES: &str = "{msg:40!} {bar:24} {bytes:>10}/{total_bytes:10} {bytes_per_sec:>12} {eta:>5}";
const OF_FILES: &str = "{msg:40!} {bar:24} {pos:>10}/{len:10} {elapsed:>12}";

impl Transfers for TransferBars {
    fn planned(&self, files: usize, bytes: Option<u64>) {
        self.with(|all, state| {
            let (length, template) = match bytes {
                Some(bytes) => (bytes, OF_BYTES),
                None => (files as u64, OF_FILES),
            };
            state.bytes = bytes.is_some();
            let total = styled(all.add(ProgressBar::new(length)), template);
            total.set_message(format!("{files} file{}", if files == 1 { "" } else { "s" }));
            state.total = Some(total);
        });
    }

    fn started(&self, file: &str, total: Option<u64>, present: u64) {
        self.with(|all, state| {
            let bar = match total {
                Some(total) => styled(ProgressBar::new(total), OF_FILE),
                None => styled(ProgressBar::new_spinner(), OF_FILE_OF_UNKNOWN_SIZE),
            };
            let bar = match &state.total {
                Some(below) => all.insert_before(below, bar),
                None => all.add(bar),
            };
            bar.set_message(file.to_owned());
            bar.set_position(present);
            if let (true, Some(total)) = (state.bytes, &state.total) {
                total.inc(present);
            }
            state.files.insert(file.to_owned(), bar);
        });
    }

    fn received(&self, file: &str, bytes: u64) {
        self.with(|_, state| {
            if let Some(bar) = state.files.get(file) {
                bar.inc(bytes);
            }
            if let (true, Some(total)) = (state.bytes, &state.total) {
                total.inc(bytes);
            }
        });
    }

    fn restarted(&self, file: &str) {
        self.with(|_, state| {
            if let Some(bar) = state.files.get(file) {
                if let (true, Some(total)) = (state.bytes, &state.total) {
                    total.set_position(total.position().saturating_sub(bar.position()));
                }
                bar.set_position(0);
            }
        });
    }

    fn ended(&self, file: &str) {
        self.with(|all, state| {
            let bar = state.files.remove(file);
            if let Some(bar) = &bar {
                bar.finish_and_clear();
                all.remove(bar);
            }
            if let (false, Some(total)) = (state.bytes, &state.total) {
                total.inc(1);
            }
        });
    }
}
