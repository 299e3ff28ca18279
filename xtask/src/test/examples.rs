//! The examples and the notebooks, run from beginning to end in an empty folder each.

use crate::error::{Error, Result};
use crate::process;
use crate::test::Environment;
use crate::test::counts::Counts;
use crate::test::python::{self, Wheel};
use crate::test::summary::Part;
use crate::workspace::Workspace;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs every `examples/*.py` and `notebooks/*.ipynb`, and the façade's Rust examples.
pub fn test(workspace: &Workspace, variables: &Environment, wheel: &Wheel) -> Result<Part> {
    let rust = programs(&workspace.root.join("crates/firstlight/examples"), "rs")?;
    let python = programs(&workspace.root.join("examples"), "py")?;
    let notebooks = programs(&workspace.root.join("notebooks"), "ipynb")?;
    if rust.is_empty() && python.is_empty() && notebooks.is_empty() {
        return Ok(Part::Skipped("there are none".to_string()));
    }
    let commands = commands(workspace, rust, python, notebooks, wheel)?;
    let mut counts = Counts::default();
    for (name, mut command) in commands {
        let folder = workspace.target.join("examples").join(name);
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(Error::file(&folder))?;
        }
        std::fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
        variables.apply(&mut command);
        match process::run(command.current_dir(&folder)) {
            Ok(()) => counts.passed += 1,
            Err(error) => {
                eprintln!("error: {error}");
                counts.failed += 1;
            }
        }
    }
    Ok(Part::Counted(counts))
}

/// How each program is run; the Rust examples have been built with the command.
fn commands(
    workspace: &Workspace,
    rust: Vec<(String, PathBuf)>,
    python: Vec<(String, PathBuf)>,
    notebooks: Vec<(String, PathBuf)>,
    wheel: &Wheel,
) -> Result<Vec<(String, Command)>> {
    let venv = python::environment(workspace, wheel)?;
    let runner = workspace.root.join("notebooks/run.py");
    let mut commands = Vec::new();
    for (name, path) in rust {
        let built = path.with_extension(std::env::consts::EXE_EXTENSION);
        let program = workspace
            .target
            .join("release/examples")
            .join(built.file_name().unwrap_or_default());
        commands.push((name, Command::new(program)));
    }
    for (name, path) in python {
        let mut command = Command::new(venv.python());
        command.arg(path);
        commands.push((name, command));
    }
    for (name, path) in notebooks {
        let mut command = Command::new(venv.python());
        command.arg(&runner).arg(path);
        commands.push((name, command));
    }
    Ok(commands)
}

/// The files with this extension, by their names; none where there is no such folder.
fn programs(folder: &Path, extension: &str) -> Result<Vec<(String, PathBuf)>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries = std::fs::read_dir(folder).map_err(Error::file(folder))?;
    let mut programs: Vec<(String, PathBuf)> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .filter_map(|path| Some((path.file_name()?.to_str()?.to_string(), path)))
        .collect();
    programs.sort();
    Ok(programs)
}
