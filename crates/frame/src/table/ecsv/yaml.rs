//! The part of YAML that ECSV headers are written in: nested block and flow collections, plain and
//! quoted scalars, folded lines. Tags are passed over; anchors and multiple documents are not known.

use super::flow::{DEEPEST, Flow, untagged};
use std::collections::VecDeque;

/// A value of a YAML document.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Yaml {
    Scalar(String),
    List(Vec<Yaml>),
    Map(Vec<(String, Yaml)>),
}

impl Yaml {
    /// The value of a key, where this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Yaml> {
        match self {
            Yaml::Map(entries) => entries
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text of a key that holds a scalar.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            Yaml::Scalar(text) => Some(text),
            _ => None,
        }
    }
}

/// Reads a document from its lines.
pub(super) fn parse<'a>(lines: impl Iterator<Item = &'a str>) -> Result<Yaml, String> {
    let lines = lines
        .map(str::trim_end)
        .filter(|line| !line.trim().is_empty() && !line.starts_with("---"));
    let lines = lines.map(|line| Line {
        indent: line.len() - line.trim_start().len(),
        text: line.trim_start(),
    });
    let mut document = Document {
        lines: lines.collect(),
    };
    let indent = document.lines.front().map_or(0, |line| line.indent);
    let value = document.block(indent, 0)?;
    match document.lines.front() {
        None => Ok(value),
        Some(line) => Err(format!(
            "'{}' is not indented as what stands before it",
            line.text
        )),
    }
}

#[derive(Debug, Clone, Copy)]
struct Line<'a> {
    indent: usize,
    text: &'a str,
}

struct Document<'a> {
    lines: VecDeque<Line<'a>>,
}

fn is_item(text: &str) -> bool {
    text == "-" || text.starts_with("- ")
}

fn begins_flow(text: &str) -> bool {
    text.starts_with(['{', '[', '"', '\''])
}

/// Splits `key: value` and `key:`; the key may be quoted.
fn entry(text: &str) -> Option<(String, &str)> {
    if text.starts_with(['"', '\'']) {
        let mut flow = Flow::new(text);
        let key = flow.quoted().ok()?;
        let rest = flow.rest.trim_start().strip_prefix(':')?;
        return Some((key, rest.trim()));
    }
    if let Some(key) = text.strip_suffix(':').filter(|key| !key.contains(": ")) {
        return Some((key.trim().to_owned(), ""));
    }
    let (key, value) = text.split_once(": ")?;
    Some((key.trim().to_owned(), value.trim()))
}

impl<'a> Document<'a> {
    fn block(&mut self, indent: usize, depth: usize) -> Result<Yaml, String> {
        if depth > DEEPEST {
            return Err("the header is nested too deeply".to_owned());
        }
        let Some(first) = self.lines.front().copied() else {
            return Ok(Yaml::Scalar(String::new()));
        };
        if is_item(first.text) {
            return self.list(indent, depth);
        }
        if !first.text.starts_with(['{', '[']) && entry(first.text).is_some() {
            return self.map(indent, depth);
        }
        self.lines.pop_front();
        self.inline(first.text, indent.saturating_sub(1))
    }

    fn list(&mut self, indent: usize, depth: usize) -> Result<Yaml, String> {
        let mut items = Vec::new();
        while let Some(line) = self.lines.front().copied()
            && line.indent == indent
            && is_item(line.text)
        {
            self.lines.pop_front();
            let text = untagged(line.text[1..].trim_start());
            let item_indent = indent + (line.text.len() - text.len());
            items.push(if text.is_empty() {
                self.nested(indent, depth)?
            } else if begins_flow(text) && entry(text).is_none() {
                self.inline(text, indent)?
            } else {
                self.lines.push_front(Line {
                    indent: item_indent,
                    text,
                });
                self.block(item_indent, depth + 1)?
            });
        }
        Ok(Yaml::List(items))
    }

    fn map(&mut self, indent: usize, depth: usize) -> Result<Yaml, String> {
        let mut entries = Vec::new();
        while let Some(line) = self.lines.front().copied()
            && line.indent == indent
            && !is_item(line.text)
        {
            let Some((key, value)) = entry(line.text) else {
                return Err(format!("'{}' is neither 'key: value' nor a list", line.text));
            };
            self.lines.pop_front();
            let value = match untagged(value) {
                "" => self.nested_value(indent, depth)?,
                "|" | "|-" | ">" | ">-" => self.literal(indent),
                value => self.inline(value, indent)?,
            };
            entries.push((key, value));
        }
        Ok(Yaml::Map(entries))
    }

    /// What is indented below a line.
    fn nested(&mut self, indent: usize, depth: usize) -> Result<Yaml, String> {
        match self.lines.front() {
            Some(next) if next.indent > indent => self.block(next.indent, depth + 1),
            _ => Ok(Yaml::Scalar(String::new())),
        }
    }

    /// What is indented below a key; its list may also stand as far left as the key.
    fn nested_value(&mut self, indent: usize, depth: usize) -> Result<Yaml, String> {
        match self.lines.front() {
            Some(next) if next.indent == indent && is_item(next.text) => self.block(indent, depth + 1),
            _ => self.nested(indent, depth),
        }
    }

    fn continuation(&mut self, indent: usize) -> Option<&'a str> {
        let line = self.lines.front().copied().filter(|line| line.indent > indent)?;
        self.lines.pop_front();
        Some(line.text)
    }

    fn literal(&mut self, indent: usize) -> Yaml {
        let mut lines = Vec::new();
        while let Some(line) = self.continuation(indent) {
            lines.push(line);
        }
        Yaml::Scalar(lines.join("\n"))
    }

    /// A value that begins on this line, with the more deeply indented lines that continue it.
    fn inline(&mut self, text: &str, indent: usize) -> Result<Yaml, String> {
        let mut whole = text.to_owned();
        while let Some(line) = self.continuation(indent) {
            // A backslash at the end joins without a blank.
            if whole.starts_with('"') && whole.ends_with('\\') {
                whole.pop();
                whole.push_str(line.strip_prefix('\\').unwrap_or(line));
            } else {
                whole.push(' ');
                whole.push_str(line);
            }
        }
        if !begins_flow(&whole) {
            let end = whole.find(" #").unwrap_or(whole.len());
            return Ok(Yaml::Scalar(whole[..end].trim_end().to_owned()));
        }
        let mut flow = Flow::new(&whole);
        let value = flow.value()?;
        let after = flow.rest.trim();
        if after.is_empty() || after.starts_with('#') {
            Ok(value)
        } else {
            Err(format!("'{after}' is not expected"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::ecsv::flow::scalar;

    fn document(text: &str) -> Yaml {
        parse(text.lines()).unwrap()
    }

    fn s(text: &str) -> Yaml {
        Yaml::Scalar(text.to_owned())
    }

    #[test]
    fn block_and_flow_collections_mix() {
        let yaml = document(
            "datatype:\n- {name: a, unit: electron / s, datatype: float64, format: '%.3f'}\n- name: \"b: c\"\n  \
             unit: 'it''s'\n  datatype: int64\n- {name: long_name,\n  datatype: string, subtype: 'float64[2,null]'}\n\
             delimiter: ','\nmeta: !!omap\n- {x: 1}\n- comments: [a, 'b, c']\n- deep:\n    y: [1, [2, 3]]\nschema: astropy-2.0",
        );
        let Some(Yaml::List(columns)) = yaml.get("datatype") else {
            panic!("no list: {yaml:?}")
        };
        assert_eq!(columns[0].text("unit"), Some("electron / s"));
        assert_eq!(columns[0].text("format"), Some("%.3f"));
        assert_eq!(columns[1].text("name"), Some("b: c"));
        assert_eq!(columns[1].text("unit"), Some("it's"));
        assert_eq!(columns[2].text("subtype"), Some("float64[2,null]"));
        assert_eq!(yaml.text("delimiter"), Some(","));
        assert_eq!(yaml.text("schema"), Some("astropy-2.0"));
        let Some(Yaml::List(meta)) = yaml.get("meta") else {
            panic!("no list")
        };
        assert_eq!(
            meta[1].get("comments"),
            Some(&Yaml::List(vec![s("a"), s("b, c")]))
        );
        let deep = meta[2].get("deep").and_then(|d| d.get("y"));
        assert_eq!(
            deep,
            Some(&Yaml::List(vec![s("1"), Yaml::List(vec![s("2"), s("3")])]))
        );
    }

    #[test]
    fn folded_and_escaped_texts() {
        let yaml = document(
            "- name: a\n  description: 'one\n    two'\n  other: \"x\\ty\\u00e9\\\"\"\n  plain: some\n    words # c",
        );
        let Yaml::List(items) = yaml else {
            panic!("no list")
        };
        assert_eq!(items[0].text("description"), Some("one two"));
        assert_eq!(items[0].text("other"), Some("x\ty\u{e9}\""));
        assert_eq!(items[0].text("plain"), Some("some words"));
    }

    #[test]
    fn scalars_read_back() {
        for text in [
            "a",
            "electron / s",
            "1",
            "",
            "no",
            "it's",
            "a: b",
            "a, b",
            "%.3f",
            "\n\"\\",
            "é",
            " x ",
            "#",
            "- a",
            "{",
            "m s^-2",
        ] {
            let written = format!("- {{name: {}, z: 1}}", scalar(text));
            let Yaml::List(items) = document(&written) else {
                panic!("no list: {written}")
            };
            assert_eq!(items[0].text("name"), Some(text), "{written}");
            assert_eq!(items[0].text("z"), Some("1"), "{written}");
        }
    }

    #[test]
    fn damaged_documents_are_errors() {
        for text in [
            "a: {b: 1",
            "a: 'b",
            "- [1, 2",
            "a: 1\nb",
            "a: \"\\x\"",
            &format!("a: {}", "[".repeat(1000)),
        ] {
            assert!(parse(text.lines()).is_err(), "{text}");
        }
    }
}
