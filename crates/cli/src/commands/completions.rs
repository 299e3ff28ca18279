//! `firstlight completions`

use crate::output::{self, Outcome};
use clap::{Args, CommandFactory};
use firstlight::Result;

/// The shell to complete in.
#[derive(Args)]
pub struct Completions {
    /// Shell.
    shell: clap_complete::Shell,
}

impl Completions {
    pub fn run(self) -> Result<Outcome> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut crate::Cli::command(), "firstlight", &mut script);
        output::print(&String::from_utf8_lossy(&script));
        Ok(Outcome::Done)
    }
}
