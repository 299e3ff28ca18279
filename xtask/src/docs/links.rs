//! Links between the pages of the book.

use crate::error::{Error, Result};
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// The targets of a page's links that lead to files: no web addresses, no places in the same page.
pub fn of(markdown: &str) -> Vec<String> {
    let mut targets = Vec::new();
    let mut in_code = false;
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        for after in line.split("](").skip(1) {
            let target = after.split(')').next().unwrap_or_default();
            let file = target.split('#').next().unwrap_or_default();
            if !file.is_empty() && !file.contains("://") && !file.starts_with("mailto:") {
                targets.push(file.to_string());
            }
        }
    }
    targets
}

/// The links of a page that lead nowhere.
pub fn dead(page: &Path, markdown: &str, book: &Path, generated: &BTreeSet<PathBuf>) -> Vec<String> {
    let folder = page.parent().unwrap_or(book);
    let told = page.strip_prefix(book).unwrap_or(page).display();
    let missing = of(markdown).into_iter().filter(|target| {
        let path = normal(&folder.join(target));
        let inside = path.strip_prefix(book).map(Path::to_path_buf).unwrap_or_default();
        // SUMMARY.md's own lines are checked on their own.
        !path.exists() && !generated.contains(&inside) && !page.ends_with("SUMMARY.md")
    });
    missing
        .map(|target| format!("{told} links to {target}, which does not exist"))
        .collect()
}

/// All pages below a folder, in order.
pub fn pages_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut pages = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(Error::file(folder))?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            pages.extend(pages_below(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
    pages.sort();
    Ok(pages)
}

/// Without `.` and `..`, as far as that can be told from the path alone.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_in_code_and_to_the_web_are_left_alone() {
        let page =
            "[a](a.md) [b](b.md#part) [c](https://x.org/c.md) [d](#d)\n```\n[e](e.md)\n```\n[f](../f.md)";
        assert_eq!(of(page), ["a.md", "b.md", "../f.md"]);
    }

    #[test]
    fn parents_are_walked() {
        assert_eq!(
            normal(Path::new("/book/steps/../a/./b.md")),
            Path::new("/book/a/b.md")
        );
    }
}
