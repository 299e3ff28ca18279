//! A mapping file: a header, what it selects, and perhaps a comment.

use super::Fault;
use super::lexer::{Token, words};
use super::literal::{Cursor, Literal};
use crate::{Error, Result};
use sha1::{Digest, Sha1};

/// A mapping as it stands in its file.
#[derive(Debug)]
pub(super) struct Mapping {
    pub name: String,
    header: Vec<(Literal, Literal)>,
    pub selector: Literal,
    text: String,
}

impl Mapping {
    /// Reads a mapping, `name` being what messages call it.
    ///
    /// # Errors
    /// [`Error::RulesSyntax`] with line and column, [`Error::RulesChecksum`], [`Error::RulesContent`].
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        let mapping = Self::read(name, text)?;
        mapping.check_sum()?;
        Ok(mapping)
    }

    fn read(name: &str, text: &str) -> Result<Self> {
        // The checksum is of lines that end as on Unix.
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let (mut header, mut selector) = (None, None);
        sections(&text, &mut header, &mut selector).map_err(|fault| syntax(name, &text, &fault))?;
        let content = |reason: &str| Error::RulesContent {
            mapping: name.to_owned(),
            reason: reason.to_owned(),
        };
        let Some(Literal::Dict(header)) = header else {
            return Err(content("there is no 'header = {…}' in it"));
        };
        let selector = selector.ok_or_else(|| content("there is no 'selector = …' in it"))?;
        Ok(Self {
            name: name.to_owned(),
            header,
            selector,
            text,
        })
    }

    /// Compares the header's `sha1sum` with that of all lines in which it is not named.
    fn check_sum(&self) -> Result<()> {
        let mut sum = Sha1::new();
        for line in self
            .text
            .split_inclusive('\n')
            .filter(|line| !line.contains("sha1sum"))
        {
            sum.update(line.as_bytes());
        }
        let found: String = sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let stated = self.header_text("sha1sum").unwrap_or_default().to_lowercase();
        if stated == found {
            return Ok(());
        }
        Err(Error::RulesChecksum {
            mapping: self.name.clone(),
            stated,
            found,
        })
    }

    /// An error about the place of a fault.
    pub fn fault(&self, fault: &Fault) -> Error {
        syntax(&self.name, &self.text, fault)
    }

    /// An error about the mapping as a whole.
    pub fn content(&self, reason: impl Into<String>) -> Error {
        Error::RulesContent {
            mapping: self.name.clone(),
            reason: reason.into(),
        }
    }

    pub fn header(&self, key: &str) -> Option<&Literal> {
        self.header
            .iter()
            .find(|(name, _)| name.text() == Some(key))
            .map(|(_, value)| value)
    }

    pub fn header_text(&self, key: &str) -> Option<&str> {
        self.header(key).and_then(Literal::text)
    }

    /// A text that must be there, in lower case.
    pub fn required(&self, key: &str) -> Result<String> {
        let text = self.header_text(key).map(str::to_lowercase);
        text.ok_or_else(|| self.content(format!("'{key}' is missing in its header")))
    }

    /// Fails where the mapping is of another kind than its name says.
    pub fn check_kind(&self, kind: &str) -> Result<()> {
        let found = self.required("mapping")?;
        if found == kind {
            return Ok(());
        }
        Err(self.content(format!(
            "it should be a mapping of kind '{kind}', its header says '{found}'"
        )))
    }

    /// The names in a tuple of the header; none where it is missing.
    pub fn header_names(&self, key: &str) -> Result<Vec<String>> {
        match self.header(key) {
            None => Ok(Vec::new()),
            Some(value) => {
                let names = names(value);
                names.ok_or_else(|| self.content(format!("'{key}' in its header must be a tuple of names")))
            }
        }
    }

    /// What a pmap or imap selects: names in lower case, and mappings or `N/A` and the like.
    pub fn selections(&self) -> Result<Vec<(String, String)>> {
        let wrong = || self.content("its selector must be a dictionary of names");
        let Literal::Dict(pairs) = &self.selector else {
            return Err(wrong());
        };
        pairs
            .iter()
            .map(|(key, value)| {
                Ok((
                    key.text().ok_or_else(wrong)?.to_lowercase(),
                    value.text().ok_or_else(wrong)?.to_owned(),
                ))
            })
            .collect()
    }
}

/// The texts in a tuple.
pub(super) fn names(value: &Literal) -> Option<Vec<String>> {
    value
        .items()?
        .iter()
        .map(|item| item.text().map(str::to_owned))
        .collect()
}

fn sections(text: &str, header: &mut Option<Literal>, selector: &mut Option<Literal>) -> Result<(), Fault> {
    let words = words(text)?;
    let mut cursor = Cursor { words: &words, at: 0 };
    loop {
        match cursor.token() {
            Token::End => return Ok(()),
            // A text of its own stands for a comment.
            Token::Text(_) => cursor.step(),
            Token::Name(name) => {
                let place = match name.as_str() {
                    "header" => Some(&mut *header),
                    "selector" => Some(&mut *selector),
                    "comment" => None,
                    _ => {
                        return Err(cursor.fault(format!(
                            "only header, selector and comment may be set, not '{name}'"
                        )));
                    }
                };
                cursor.step();
                cursor.expect("=", "behind the name of a section")?;
                let value = cursor.literal(0)?;
                if let Some(place) = place {
                    *place = Some(value);
                }
            }
            other => return Err(cursor.fault(format!("a section is expected, not {}", other.describe()))),
        }
    }
}

fn syntax(name: &str, text: &str, fault: &Fault) -> Error {
    let before = text.get(..fault.at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    Error::RulesSyntax {
        mapping: name.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        reason: fault.reason.clone(),
    }
}
