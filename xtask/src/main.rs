//! `cargo xtask …`: the project's own commands.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command speaks through these two streams"
)]

mod docs;
mod error;
mod layers;
mod process;
mod test;
mod workspace;

use error::{Error, Result};
use std::process::ExitCode;
use workspace::Workspace;

const USAGE: &str = "\
cargo xtask layers                      check who imports whom against ARCHITECTURE.md
cargo xtask test [OPTIONS]              every test there is
    --only rust|python|examples|parity  one part alone
    --no-parity                         leave out the comparison with the peers
    --full                              with the large sets (sets FIRSTLIGHT_FULL=1)
cargo xtask generate-docs [--check]     write the reference pages of docs/; --check: see that the book is whole";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let (verb, rest) = arguments.split_first().ok_or(Error::Usage(USAGE))?;
    let workspace = Workspace::load()?;
    match verb.as_str() {
        "layers" => {
            let checked = layers::check(&workspace)?;
            println!("layers: {checked}");
            Ok(())
        }
        "test" => test::run(
            &workspace,
            &test::Options::parse(rest).ok_or(Error::Usage(USAGE))?,
        ),
        "generate-docs" => match rest {
            [] => docs::generate(&workspace),
            [flag] if flag == "--check" => docs::check(&workspace),
            _ => Err(Error::Usage(USAGE)),
        },
        _ => Err(Error::Usage(USAGE)),
    }
}
