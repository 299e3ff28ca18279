//! The command, and the tests of the Rust crates.

use crate::error::Result;
use crate::process;
use crate::test::Environment;
use crate::test::counts::Counts;
use crate::test::summary::Part;
use crate::workspace::Workspace;
use std::process::Command;

/// Left out of what cargo builds and tests: maturin builds it, with the interpreter it is for.
const PYTHON_MODULE: &str = "firstlight-python";

/// Builds the `firstlight` command, which tests in Python run, and the examples; the tests too where they run.
///
/// Examples make cargo count dev-dependencies in: with them some dependencies get more features, and what
/// is built without is built again for the tests.
pub fn build(workspace: &Workspace, with_tests: bool) -> Result<Part> {
    let mut cargo = Command::new(process::cargo());
    cargo.args([
        "build",
        "--release",
        "--workspace",
        "--exclude",
        PYTHON_MODULE,
        "--bins",
        "--examples",
    ]);
    if with_tests {
        cargo.arg("--tests");
    }
    process::run(cargo.current_dir(&workspace.root))?;
    Ok(Part::done(workspace.command().display().to_string()))
}

/// Unit tests, integration tests and doc tests.
pub fn test(environment: &Environment) -> Result<Part> {
    let mut cargo = Command::new(process::cargo());
    cargo.args([
        "test",
        "--release",
        "--workspace",
        "--exclude",
        PYTHON_MODULE,
        "--no-fail-fast",
    ]);
    environment.apply(&mut cargo);
    let mut counts = Counts::default();
    let status = process::follow(&mut cargo, |line| counts.add_cargo(line))?;
    if !status.success() {
        // A test that did not compile, or died, is in no closing line.
        counts.failed = counts.failed.max(1);
    }
    Ok(Part::Counted(counts))
}
