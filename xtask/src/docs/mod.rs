//! `cargo xtask generate-docs`: the reference pages of the book in `docs/`, and the check that the book is whole.
//!
//! The reference pages are the command's own help, so they are written anew and never committed.

mod help;
mod links;

use crate::error::{Error, Result, read, write};
use crate::process;
use crate::workspace::Workspace;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the generated pages, below `docs/src`.
const REFERENCE: &str = "reference";

/// Writes a page for each verb.
pub fn generate(workspace: &Workspace) -> Result<()> {
    let mut cargo = Command::new(process::cargo());
    cargo.args(["build", "--release", "--package", "firstlight-cli"]);
    process::run(cargo.current_dir(&workspace.root))?;
    let folder = book(workspace).join(REFERENCE);
    let pages = help::pages(&workspace.command())?;
    for page in &pages {
        write(&folder.join(page.file_name()), &page.markdown())?;
    }
    println!("{} pages in {}", pages.len(), folder.display());
    Ok(())
}

/// Checks that the summary has a line for each verb and none besides, that each page it names exists and is
/// named, and that no link inside the book leads nowhere. Needs the built command.
pub fn check(workspace: &Workspace) -> Result<()> {
    let verbs: BTreeSet<PathBuf> = help::pages(&workspace.command())?
        .iter()
        .map(|page| Path::new(REFERENCE).join(page.file_name()))
        .collect();
    let faults = faults(&book(workspace), &verbs)?;
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::Docs(faults))
    }
}

fn book(workspace: &Workspace) -> PathBuf {
    workspace.root.join("docs/src")
}

fn faults(book: &Path, generated: &BTreeSet<PathBuf>) -> Result<Vec<String>> {
    let summary = read(&book.join("SUMMARY.md"))?;
    let named: BTreeSet<PathBuf> = links::of(&summary).into_iter().map(PathBuf::from).collect();
    let mut faults = Vec::new();
    for page in generated.difference(&named) {
        faults.push(format!("SUMMARY.md does not name {}", page.display()));
    }
    for page in &named {
        let is_reference = page.starts_with(REFERENCE) && page != &Path::new(REFERENCE).join("README.md");
        if is_reference && !generated.contains(page) {
            faults.push(format!(
                "SUMMARY.md names {}, and the command has no such verb",
                page.display()
            ));
        } else if !is_reference && !book.join(page).exists() {
            faults.push(format!(
                "SUMMARY.md names {}, which does not exist",
                page.display()
            ));
        }
    }
    for page in links::pages_below(book)? {
        let inside = page.strip_prefix(book).unwrap_or(&page).to_path_buf();
        if inside.starts_with(REFERENCE) && generated.contains(&inside) {
            continue;
        }
        if inside != Path::new("SUMMARY.md") && !named.contains(&inside) {
            faults.push(format!("{} is not in SUMMARY.md", inside.display()));
        }
        faults.extend(links::dead(&page, &read(&page)?, book, generated));
    }
    Ok(faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book_with(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            write(&folder.path().join(name), text).unwrap();
        }
        folder
    }

    fn faults_of(files: &[(&str, &str)], generated: &[&str]) -> Vec<String> {
        let generated = generated.iter().map(PathBuf::from).collect();
        faults(book_with(files).path(), &generated).unwrap()
    }

    const SUMMARY: (&str, &str) = ("SUMMARY.md", "- [Start](start.md)\n- [info](reference/info.md)\n");

    #[test]
    fn a_whole_book_has_no_faults() {
        let start = (
            "start.md",
            "See [info](reference/info.md#options), [this](#here), [web](https://example.org).",
        );
        assert_eq!(
            faults_of(&[SUMMARY, start], &["reference/info.md"]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_verb_without_a_line_and_a_line_without_a_verb_are_named() {
        let faults = faults_of(&[SUMMARY, ("start.md", "")], &["reference/log.md"]);
        assert_eq!(
            faults,
            [
                "SUMMARY.md does not name reference/log.md",
                "SUMMARY.md names reference/info.md, and the command has no such verb"
            ]
        );
    }

    #[test]
    fn pages_that_are_missing_or_unnamed_and_dead_links_are_named() {
        let files = [SUMMARY, ("steps/sky.md", "[gone](../gone.md)")];
        let faults = faults_of(&files, &["reference/info.md"]);
        assert_eq!(
            faults,
            [
                "SUMMARY.md names start.md, which does not exist",
                "steps/sky.md is not in SUMMARY.md",
                "steps/sky.md links to ../gone.md, which does not exist"
            ]
        );
    }
}
