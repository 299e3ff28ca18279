//! The command's help as pages.

use crate::error::Result;
use crate::process;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

/// The page of one verb, with the verbs below it.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    verb: String,
    /// `firstlight dark`, `firstlight dark rate`, …, each with its help.
    sections: Vec<(String, String)>,
}

impl Page {
    /// `dark.md`
    pub fn file_name(&self) -> String {
        format!("{}.md", self.verb)
    }

    /// The page's text.
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        for (index, (name, help)) in self.sections.iter().enumerate() {
            let level = if index == 0 { "#" } else { "##" };
            let _ = write!(text, "{level} {name}\n\n```text\n{}\n```\n\n", help.trim());
        }
        text
    }
}

/// Asks the command for the help of each of its verbs.
pub fn pages(command: &Path) -> Result<Vec<Page>> {
    let mut pages = Vec::new();
    for verb in verbs(&help(command, &[])?) {
        let mut page = Page {
            verb: verb.clone(),
            sections: Vec::new(),
        };
        add_sections(command, &[&verb], &mut page.sections)?;
        pages.push(page);
    }
    Ok(pages)
}

fn add_sections(command: &Path, words: &[&str], sections: &mut Vec<(String, String)>) -> Result<()> {
    let text = help(command, words)?;
    let below = verbs(&text);
    sections.push((format!("firstlight {}", words.join(" ")), text));
    for verb in &below {
        add_sections(command, &[words, &[verb.as_str()]].concat(), sections)?;
    }
    Ok(())
}

fn help(command: &Path, words: &[&str]) -> Result<String> {
    process::capture(Command::new(command).args(words).arg("--help"))
}

/// The verbs that a help text lists under `Commands:`.
fn verbs(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    listed
        .take_while(|line| line.starts_with(' ') || line.is_empty())
        // Deeper lines are wrapped descriptions.
        .filter_map(|line| line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|verb| *verb != "help")
        .map(str::to_string)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELP: &str = "\
From raw frames

Usage: firstlight [OPTIONS] <COMMAND>

Commands:
  dark         Dark frames: rates,
               matches
  completions  Print a completion script
  help         Print this message

Options:
      --json  Print JSON
";

    #[test]
    fn verbs_are_read_from_the_help() {
        assert_eq!(verbs(HELP), ["dark", "completions"]);
        assert_eq!(
            verbs("Usage: firstlight info FILE\n\nOptions:\n  -e EXT\n"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_page_has_a_section_for_each_verb_below() {
        let sections = vec![
            ("firstlight dark".to_string(), "A\n".to_string()),
            ("firstlight dark rate".into(), "B".into()),
        ];
        let page = Page {
            verb: "dark".to_string(),
            sections,
        };
        assert_eq!(page.file_name(), "dark.md");
        assert_eq!(
            page.markdown(),
            "# firstlight dark\n\n```text\nA\n```\n\n## firstlight dark rate\n\n```text\nB\n```\n\n"
        );
    }
}
