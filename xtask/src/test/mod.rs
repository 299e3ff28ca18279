//! `cargo xtask test`: every test there is, and at the end what was run and what was not.

mod counts;
mod examples;
mod python;
mod rust;
mod summary;
mod venv;

use crate::error::Result;
use crate::workspace::Workspace;
use crate::{docs, layers};
use std::path::{Path, PathBuf};
use std::process::Command;
use summary::{Part, Summary};

/// What to run.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    only: Option<Only>,
    no_parity: bool,
    full: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Only {
    Rust,
    Python,
    Examples,
    Parity,
}

impl Options {
    /// From the command line; `None` where it is not understood.
    pub fn parse(arguments: &[String]) -> Option<Options> {
        let mut options = Options::default();
        let mut words = arguments.iter().map(String::as_str);
        while let Some(word) = words.next() {
            match word {
                "--full" => options.full = true,
                "--no-parity" => options.no_parity = true,
                "--only" => {
                    options.only = Some(match words.next()? {
                        "rust" => Only::Rust,
                        "python" => Only::Python,
                        "examples" => Only::Examples,
                        "parity" => Only::Parity,
                        _ => return None,
                    });
                }
                _ => return None,
            }
        }
        Some(options)
    }

    fn wants(&self, part: Only) -> bool {
        self.only.is_none_or(|only| only == part) && !(part == Only::Parity && self.no_parity)
    }
}

/// The environment that every test gets.
pub struct Environment {
    variables: Vec<(&'static str, PathBuf)>,
    full: bool,
}

impl Environment {
    /// Folders are made absolute: cargo runs each test in its package's folder.
    fn of(workspace: &Workspace, full: bool, summary: &mut Summary) -> Environment {
        let mut variables = vec![("FIRSTLIGHT_BIN", workspace.command())];
        for (name, what) in [
            ("FIRSTLIGHT_DATA", "real data"),
            ("FIRSTLIGHT_TRUTH", "official results"),
        ] {
            match std::env::var_os(name).map(|folder| Path::new(&folder).canonicalize()) {
                Some(Ok(folder)) => variables.push((name, folder)),
                Some(Err(_)) => summary.note(format!("{name} names a folder that is not there")),
                None => summary.note(format!("{name} is not set: tests that need {what} skipped")),
            }
        }
        Environment { variables, full }
    }

    /// Gives it to a command.
    pub fn apply(&self, command: &mut Command) {
        // A variable that names no folder would make each test say so; the summary says it once.
        command
            .env_remove("FIRSTLIGHT_DATA")
            .env_remove("FIRSTLIGHT_TRUTH");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        if self.full {
            command.env("FIRSTLIGHT_FULL", "1");
        }
    }
}

/// Runs the parts that are wanted, all of them even where one fails.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let mut summary = Summary::default();
    let environment = Environment::of(workspace, options.full, &mut summary);
    if options.only.is_none() {
        summary.part("layers", || layers::check(workspace).map(Part::done));
    }
    summary.part("build", || rust::build(workspace, options.wants(Only::Rust)));
    if options.wants(Only::Rust) {
        summary.part("rust", || rust::test(&environment));
    }
    if options.only.is_none() {
        summary.part("docs", || {
            docs::check(workspace).map(|()| Part::done("the book is whole"))
        });
    }
    if [Only::Python, Only::Examples, Only::Parity]
        .iter()
        .any(|part| options.wants(*part))
    {
        let wheel = python::Wheel::default();
        if options.wants(Only::Python) {
            summary.part("python", || python::test(workspace, &environment, &wheel));
        }
        if options.wants(Only::Examples) {
            summary.part("examples", || examples::test(workspace, &environment, &wheel));
        }
        if options.wants(Only::Parity) {
            summary.part("parity", || python::parity(workspace, &environment, &wheel));
        }
    }
    if options.no_parity {
        summary.note("--no-parity: nothing was compared with the peers".to_string());
    }
    summary.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Option<Options> {
        Options::parse(&line.split_whitespace().map(str::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn everything_is_wanted_unless_said() {
        let options = parse("").unwrap();
        assert!(options.wants(Only::Rust) && options.wants(Only::Python) && options.wants(Only::Parity));
        assert!(!parse("--no-parity").unwrap().wants(Only::Parity));
        let only = parse("--only python --full").unwrap();
        assert!(only.wants(Only::Python) && !only.wants(Only::Rust) && only.full);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        assert_eq!(parse("--only"), None);
        assert_eq!(parse("--only ruby"), None);
        assert_eq!(parse("--fast"), None);
    }
}
