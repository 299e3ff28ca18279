//! The `firstlight` command: text in, one call into the library, text out.

mod bar;
mod commands;
#[cfg(unix)]
mod interrupt;
mod output;
mod transfer_bars;

use clap::{Args, CommandFactory, FromArgMatches, Parser};
use std::process::ExitCode;

/// From raw telescope frames to science-ready images, spectra and photometry.
#[derive(Parser)]
#[command(
    name = "firstlight",
    version,
    arg_required_else_help = true,
    propagate_version = true
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: commands::Command,
}

/// Heading of what every verb takes, so that it does not mix with the verb's own options.
const EVERYWHERE: &str = "Options of every verb";

/// What every verb takes.
#[derive(Args, Debug, Clone)]
pub struct Global {
    /// Print results as JSON, for machines.
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub json: bool,
    /// Threads to use; the results do not depend on it [default: all].
    #[arg(long, global = true, value_name = "N", help_heading = EVERYWHERE)]
    pub threads: Option<usize>,
    /// Print no progress and no notes, only results and errors.
    #[arg(long, short, global = true, help_heading = EVERYWHERE)]
    pub quiet: bool,
}

/// Exit codes, shown at the end of the long help.
const EXIT_CODES: &str = "Exit codes: 0 done; 2 the request is wrong; 3 an input cannot be used; 4 something \
needed is not there; 5 the machine or the network refuses (permission, disk, memory, server); 6 not supported; 7 done in part, some \
inputs failed.";

fn main() -> ExitCode {
    let matches = Cli::command().after_long_help(EXIT_CODES).get_matches();
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    if let Some(threads) = cli.global.threads {
        // Fails only where a pool exists already; none does this early.
        let _ = rayon::ThreadPoolBuilder::new()
            .num_threads(threads.max(1))
            .build_global();
    }
    #[cfg(unix)]
    if !cli.command.heeds_signals() {
        interrupt::leave_nothing_behind();
    }
    match cli.command.run(&cli.global, &matches) {
        Ok(outcome) => outcome.exit_code(),
        Err(error) => {
            output::error(&error, cli.global.json);
            ExitCode::from(error.class().exit_code())
        }
    }
}
