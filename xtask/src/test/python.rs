//! The wheel, the tests of the Python package, and the comparison with the peers.

use crate::error::{Error, Result};
use crate::process;
use crate::test::Environment;
use crate::test::counts::Counts;
use crate::test::summary::Part;
use crate::test::venv::Venv;
use crate::workspace::Workspace;
use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The wheel: built when it is first asked for.
#[derive(Default)]
pub struct Wheel(OnceCell<PathBuf>);

impl Wheel {
    fn get(&self, workspace: &Workspace, tools: &Venv) -> Result<&Path> {
        if let Some(wheel) = self.0.get() {
            return Ok(wheel);
        }
        let built = build(workspace, tools)?;
        Ok(self.0.get_or_init(|| built))
    }
}

/// Builds the wheel with the release profile, into the same target folder as everything else.
fn build(workspace: &Workspace, tools: &Venv) -> Result<PathBuf> {
    let folder = workspace.target.join("wheels");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(Error::file(&folder))?;
    }
    let mut maturin = Command::new(tools.python());
    maturin.args([
        "-m",
        "maturin",
        "build",
        "--release",
        "--auditwheel",
        "skip",
        "--manifest-path",
    ]);
    maturin
        .arg(workspace.root.join("python/Cargo.toml"))
        .arg("--interpreter")
        .arg(tools.python());
    process::run(maturin.arg("--out").arg(&folder))?;
    let mut files = std::fs::read_dir(&folder)
        .map_err(Error::file(&folder))?
        .flatten()
        .map(|entry| entry.path());
    let wheel = files.find(|path| path.extension().is_some_and(|extension| extension == "whl"));
    wheel.ok_or_else(|| Error::Python(format!("maturin left no wheel in {}", folder.display())))
}

/// The environment with the tools, numpy, astropy and pandas, and the wheel in it.
pub fn environment(workspace: &Workspace, wheel: &Wheel) -> Result<Venv> {
    let tools = tools(workspace)?;
    tools.install(wheel.get(workspace, &tools)?)?;
    Ok(tools)
}

fn tools(workspace: &Workspace) -> Result<Venv> {
    Venv::with(
        workspace.target.join("venv-python"),
        &workspace.root.join("python/tests/requirements.txt"),
    )
}

/// The Python package's own tests.
pub fn test(workspace: &Workspace, variables: &Environment, wheel: &Wheel) -> Result<Part> {
    let venv = environment(workspace, wheel)?;
    pytest(workspace, &venv, "python/tests", variables)
}

/// The comparison with the peers; skipped where these cannot be installed.
pub fn parity(workspace: &Workspace, variables: &Environment, wheel: &Wheel) -> Result<Part> {
    let requirements = workspace.root.join("tests/parity/requirements.txt");
    let peers = match Venv::with(workspace.target.join("venv-parity"), &requirements) {
        Ok(peers) => peers,
        Err(error) => return Ok(Part::Skipped(format!("the peers cannot be installed: {error}"))),
    };
    peers.install(wheel.get(workspace, &tools(workspace)?)?)?;
    pytest(workspace, &peers, "tests/parity", variables)
}

fn pytest(workspace: &Workspace, venv: &Venv, folder: &str, variables: &Environment) -> Result<Part> {
    /// pytest's exit code where it found no test.
    const NO_TESTS: i32 = 5;
    let mut command = Command::new(venv.python());
    command
        .args(["-m", "pytest", "-rfEs", "-p", "no:cacheprovider", folder])
        // The folders of tests that pass are gigabytes together: removed as soon as each is done.
        .args([
            "-o",
            "tmp_path_retention_policy=failed",
            "-o",
            "tmp_path_retention_count=1",
        ])
        .current_dir(&workspace.root);
    variables.apply(&mut command);
    let mut counts = Counts::default();
    let status = process::follow(&mut command, |line| counts.add_pytest(line))?;
    match status.code() {
        Some(0) => {}
        Some(NO_TESTS) => return Ok(Part::Skipped(format!("{folder} has no tests"))),
        _ => counts.failed = counts.failed.max(1),
    }
    Ok(Part::Counted(counts))
}
