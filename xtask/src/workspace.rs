//! The workspace as `cargo metadata` tells of it.

use crate::error::{Error, Result};
use crate::process;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The packages of this workspace.
#[derive(Debug)]
pub struct Workspace {
    pub root: PathBuf,
    /// Where cargo puts what it builds.
    pub target: PathBuf,
    pub packages: Vec<Package>,
}

/// One package, and which others of this workspace it imports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The package's name: `firstlight-wcs`.
    pub name: String,
    /// The last part of its folder: `wcs`.
    pub folder: String,
    /// The folders of the packages it imports.
    pub imports: Vec<Import>,
}

/// An import of another package of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    pub folder: String,
    /// Only its tests, examples and benchmarks import it.
    pub tests_only: bool,
}

impl Workspace {
    /// Asks cargo.
    pub fn load() -> Result<Workspace> {
        let mut cargo = Command::new(process::cargo());
        cargo.args(["metadata", "--no-deps", "--format-version", "1"]);
        Workspace::from_metadata(&process::capture(&mut cargo)?)
    }

    /// From the JSON that `cargo metadata --no-deps` prints.
    pub fn from_metadata(json: &str) -> Result<Workspace> {
        let metadata: Value =
            serde_json::from_str(json).map_err(|error| Error::Metadata(error.to_string()))?;
        let packages = metadata["packages"]
            .as_array()
            .ok_or_else(|| missing("packages"))?;
        Ok(Workspace {
            root: PathBuf::from(text(&metadata, "workspace_root")?),
            target: PathBuf::from(text(&metadata, "target_directory")?),
            packages: packages.iter().map(package).collect::<Result<_>>()?,
        })
    }

    /// The command, as `cargo build --release` leaves it.
    pub fn command(&self) -> PathBuf {
        self.target
            .join("release")
            .join(format!("firstlight{}", std::env::consts::EXE_SUFFIX))
    }
}

fn package(value: &Value) -> Result<Package> {
    let manifest = text(value, "manifest_path")?;
    let dependencies = value["dependencies"]
        .as_array()
        .ok_or_else(|| missing("dependencies"))?;
    let mut imports = Vec::new();
    for dependency in dependencies {
        // Only path dependencies are ours.
        if let Some(path) = dependency["path"].as_str() {
            let tests_only = dependency["kind"].as_str() == Some("dev");
            imports.push(Import {
                folder: last_part(Path::new(path))?,
                tests_only,
            });
        }
    }
    let folder = Path::new(manifest)
        .parent()
        .ok_or_else(|| missing("manifest_path"))?;
    Ok(Package {
        name: text(value, "name")?.to_string(),
        folder: last_part(folder)?,
        imports,
    })
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str> {
    value[key].as_str().ok_or_else(|| missing(key))
}

fn last_part(path: &Path) -> Result<String> {
    let name = path.file_name().and_then(|name| name.to_str());
    name.map(str::to_string)
        .ok_or_else(|| Error::Metadata(format!("{} has no name", path.display())))
}

fn missing(key: &str) -> Error {
    Error::Metadata(format!("has no `{key}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_of_ours_are_told_from_those_of_others() {
        let json = r#"{"workspace_root": "/w", "target_directory": "/w/target", "packages": [
            {"name": "firstlight-wcs", "manifest_path": "/w/crates/wcs/Cargo.toml", "dependencies": [
                {"name": "firstlight-fits", "kind": null, "path": "/w/crates/fits"},
                {"name": "firstlight-simulate", "kind": "dev", "path": "/w/crates/simulate"},
                {"name": "rayon", "kind": null}]}]}"#;
        let workspace = Workspace::from_metadata(json).unwrap();
        assert_eq!(workspace.packages.len(), 1);
        let wcs = &workspace.packages[0];
        assert_eq!(
            (wcs.name.as_str(), wcs.folder.as_str()),
            ("firstlight-wcs", "wcs")
        );
        let imports: Vec<_> = wcs
            .imports
            .iter()
            .map(|import| (import.folder.as_str(), import.tests_only))
            .collect();
        assert_eq!(imports, [("fits", false), ("simulate", true)]);
    }

    #[test]
    fn metadata_that_is_none_is_an_error() {
        assert!(Workspace::from_metadata("<html>").is_err());
        assert!(Workspace::from_metadata("{}").is_err());
        assert!(
            Workspace::load()
                .unwrap()
                .packages
                .iter()
                .any(|package| package.name == "xtask")
        );
    }
}
