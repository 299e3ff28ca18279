//! `cargo xtask layers`: who may import whom.
//!
//! The table in `ARCHITECTURE.md` is the rule itself, not a description of it: it is read here.

use crate::error::{Error, Result, read};
use crate::workspace::{Import, Package, Workspace};
use std::collections::{BTreeMap, BTreeSet};

/// Tests may import this besides what their crate may: it makes frames whose truth is known, and shares no
/// arithmetic with what is tested.
const OPEN_TO_TESTS: &str = "simulate";

/// The row of a crate in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    layer: u32,
    may_import: BTreeSet<String>,
}

type Table = BTreeMap<String, Row>;

/// Checks the workspace, and tells how much was checked.
pub fn check(workspace: &Workspace) -> Result<String> {
    let table = table(&read(&workspace.root.join("ARCHITECTURE.md"))?)?;
    let faults = faults(&table, &workspace.packages);
    if !faults.is_empty() {
        return Err(Error::Layers(faults));
    }
    let edges: usize = workspace
        .packages
        .iter()
        .map(|package| package.imports.len())
        .sum();
    Ok(format!(
        "{} crates, {edges} imports, as ARCHITECTURE.md has them",
        workspace.packages.len()
    ))
}

/// Reads the table: `| layer | crate | holds | may import |`, crates in backquotes.
fn table(document: &str) -> Result<Table> {
    let mut rows: Vec<(String, u32, String)> = Vec::new();
    for line in document.lines() {
        let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
        if let [layer, crates, _, may_import] = cells[..]
            && let Ok(layer) = layer.parse()
        {
            for name in crates.split(',') {
                rows.push((
                    name.trim().trim_matches('`').to_string(),
                    layer,
                    may_import.to_string(),
                ));
            }
        }
    }
    if rows.is_empty() {
        return Err(Error::Layers(vec![
            "ARCHITECTURE.md has no table of layers".to_string(),
        ]));
    }
    let mut table = Table::new();
    for (name, layer, words) in &rows {
        let below = rows
            .iter()
            .filter(|(_, other, _)| other < layer)
            .map(|(name, ..)| name.clone());
        let may_import = match words.as_str() {
            none if none.starts_with("none") => BTreeSet::new(),
            "all above" => below.collect(),
            list => list
                .split(',')
                .map(|name| name.trim().trim_matches('`').to_string())
                .collect(),
        };
        table.insert(
            name.clone(),
            Row {
                layer: *layer,
                may_import,
            },
        );
    }
    Ok(table)
}

fn faults(table: &Table, packages: &[Package]) -> Vec<String> {
    let mut faults = faults_of_table(table, packages);
    for package in packages {
        let Some(row) = table.get(&package.folder) else {
            faults.push(format!(
                "`{}` is missing from ARCHITECTURE.md's table",
                package.folder
            ));
            continue;
        };
        let expected = package_name(&package.folder);
        if package.name != expected {
            faults.push(format!(
                "`{}` is package {}, and should be {expected}",
                package.folder, package.name
            ));
        }
        faults.extend(
            package
                .imports
                .iter()
                .filter_map(|import| fault(package, row, import)),
        );
    }
    faults
}

/// The table has no crate that is not there, and no import that does not point down.
fn faults_of_table(table: &Table, packages: &[Package]) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, row) in table {
        if !packages.iter().any(|package| package.folder == *name) {
            faults.push(format!(
                "ARCHITECTURE.md's table has `{name}`, which does not exist"
            ));
        }
        for import in &row.may_import {
            match table.get(import) {
                None => faults.push(format!(
                    "`{name}` may import `{import}`, which the table does not have"
                )),
                Some(other) if other.layer >= row.layer => faults.push(format!(
                    "`{name}` (layer {}) may import `{import}` (layer {}): imports point down",
                    row.layer, other.layer
                )),
                Some(_) => {}
            }
        }
    }
    faults
}

fn fault(package: &Package, row: &Row, import: &Import) -> Option<String> {
    let open = row.may_import.contains(&import.folder) || import.tests_only && import.folder == OPEN_TO_TESTS;
    if open {
        return None;
    }
    let allowed: Vec<&str> = row.may_import.iter().map(String::as_str).collect();
    let allowed = if allowed.is_empty() {
        "none of ours".to_string()
    } else {
        allowed.join(", ")
    };
    let tests = if import.tests_only { " in its tests" } else { "" };
    Some(format!(
        "`{}` imports `{}`{tests}; it may import: {allowed}",
        package.folder, import.folder
    ))
}

/// Folders carry no prefix, packages do; the façade and this command are the exceptions.
fn package_name(folder: &str) -> String {
    match folder {
        "firstlight" | "xtask" => folder.to_string(),
        _ => format!("firstlight-{folder}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "
| layer | crate | holds | may import |
|---|---|---|---|
| 1 | `fits` | files | none of ours |
| 2 | `frame` | vocabulary | fits |
| 4 | `simulate` | scenes | frame |
| 6 | `firstlight` | tasks | all above |
| 7 | `cli`, `python` | text | firstlight |
";

    fn package(folder: &str, imports: &[&str]) -> Package {
        let imports = imports.iter().map(|name| Import {
            folder: name.trim_start_matches("test:").to_string(),
            tests_only: name.starts_with("test:"),
        });
        Package {
            name: package_name(folder),
            folder: folder.to_string(),
            imports: imports.collect(),
        }
    }

    fn good() -> Vec<Package> {
        vec![
            package("fits", &[]),
            package("frame", &["fits", "test:simulate"]),
            package("simulate", &["frame"]),
            package("firstlight", &["fits", "frame", "simulate"]),
            package("cli", &["firstlight"]),
            package("python", &["firstlight"]),
        ]
    }

    fn faults_with(change: impl FnOnce(&mut Vec<Package>)) -> Vec<String> {
        let mut packages = good();
        change(&mut packages);
        faults(&table(DOCUMENT).unwrap(), &packages)
    }

    #[test]
    fn imports_that_point_down_are_good() {
        assert_eq!(faults_with(|_| ()), Vec::<String>::new());
    }

    #[test]
    fn an_import_upwards_is_named() {
        let faults = faults_with(|packages| packages[0] = package("fits", &["frame"]));
        assert_eq!(faults, ["`fits` imports `frame`; it may import: none of ours"]);
    }

    #[test]
    fn an_import_past_the_facade_is_named() {
        let faults = faults_with(|packages| packages[4] = package("cli", &["firstlight", "fits"]));
        assert_eq!(faults, ["`cli` imports `fits`; it may import: firstlight"]);
    }

    #[test]
    fn tests_are_held_to_the_layers_too() {
        let faults = faults_with(|packages| packages[1] = package("frame", &["fits", "test:firstlight"]));
        assert_eq!(
            faults,
            ["`frame` imports `firstlight` in its tests; it may import: fits"]
        );
    }

    #[test]
    fn a_crate_outside_the_table_and_a_row_without_crate_are_named() {
        let faults = faults_with(|packages| packages[5] = package("utils", &[]));
        assert_eq!(
            faults,
            [
                "ARCHITECTURE.md's table has `python`, which does not exist",
                "`utils` is missing from ARCHITECTURE.md's table"
            ]
        );
    }

    #[test]
    fn a_package_is_named_after_its_folder() {
        let faults = faults_with(|packages| packages[1].name = "frames".to_string());
        assert_eq!(
            faults,
            ["`frame` is package frames, and should be firstlight-frame"]
        );
    }

    #[test]
    fn a_table_that_points_up_or_sideways_is_refused() {
        let document = DOCUMENT.replace("| none of ours |", "| frame |");
        let faults = faults(&table(&document).unwrap(), &good());
        assert_eq!(
            faults,
            ["`fits` (layer 1) may import `frame` (layer 2): imports point down"]
        );
    }

    #[test]
    fn a_document_without_the_table_is_an_error() {
        assert!(table("# Architecture\n\n| a | b |\n").is_err());
    }

    #[test]
    fn this_workspace_keeps_its_layers() {
        check(&Workspace::load().unwrap()).unwrap();
    }
}
