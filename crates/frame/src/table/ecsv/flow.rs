//! YAML within a line: flow collections, quoted and plain scalars.

use super::yaml::Yaml;

/// Deeper nesting than any header has would overflow the stack.
pub(super) const DEEPEST: usize = 50;

/// Passes over tags such as `!!omap`.
pub(super) fn untagged(text: &str) -> &str {
    let mut text = text.trim_start();
    while text.starts_with('!') {
        text = text.split_once(' ').map_or("", |(_, rest)| rest.trim_start());
    }
    text
}

/// Reads `{a: 1, b: [x, 'y']}`.
pub(super) struct Flow<'a> {
    pub rest: &'a str,
    depth: usize,
}

impl<'a> Flow<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { rest: text, depth: 0 }
    }

    pub fn value(&mut self) -> Result<Yaml, String> {
        self.rest = untagged(self.rest);
        if self.rest.starts_with(['"', '\'']) {
            return self.quoted().map(Yaml::Scalar);
        }
        if self.rest.starts_with(['{', '[']) {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err("the header is nested too deeply".to_owned());
            }
            let value = if self.take('{') { self.map() } else { self.list() };
            self.depth -= 1;
            return value;
        }
        let end = self.rest.find([',', '}', ']']).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        Ok(Yaml::Scalar(text.trim().to_owned()))
    }

    fn take(&mut self, character: char) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(character) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn list(&mut self) -> Result<Yaml, String> {
        self.take('[');
        let mut items = Vec::new();
        while !self.take(']') {
            items.push(self.value()?);
            if !self.take(',') && !self.rest.starts_with(']') {
                return Err("a ']' is missing".to_owned());
            }
        }
        Ok(Yaml::List(items))
    }

    fn map(&mut self) -> Result<Yaml, String> {
        let mut entries = Vec::new();
        while !self.take('}') {
            let key = if self.rest.starts_with(['"', '\'']) {
                self.quoted()?
            } else {
                let end = self.rest.find([':', ',', '}']).unwrap_or(self.rest.len());
                let (key, rest) = self.rest.split_at(end);
                self.rest = rest;
                key.trim().to_owned()
            };
            let value = if self.take(':') {
                self.value()?
            } else {
                Yaml::Scalar(String::new())
            };
            entries.push((key, value));
            if !self.take(',') && !self.rest.starts_with('}') {
                return Err("a '}' is missing".to_owned());
            }
        }
        Ok(Yaml::Map(entries))
    }

    /// A string in single quotes (`''` stands for one) or double quotes (with escapes).
    pub fn quoted(&mut self) -> Result<String, String> {
        let double = self.rest.starts_with('"');
        let mut text = String::new();
        let mut characters = self.rest.char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            match character {
                '"' if double => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(text);
                }
                '\'' if !double => {
                    if !self.rest[at + 1..].starts_with('\'') {
                        self.rest = &self.rest[at + 1..];
                        return Ok(text);
                    }
                    characters.next();
                    text.push('\'');
                }
                '\\' if double => {
                    let escape = characters.next().map_or('\\', |(_, escape)| escape);
                    let digits = match escape {
                        'x' => 2,
                        'u' => 4,
                        'U' => 8,
                        _ => 0,
                    };
                    let code: String = characters.by_ref().take(digits).map(|(_, digit)| digit).collect();
                    text.push(unescape(escape, &code)?);
                }
                other => text.push(other),
            }
        }
        Err("a quote is not closed".to_owned())
    }
}

fn unescape(escape: char, code: &str) -> Result<char, String> {
    Ok(match escape {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        '0' => '\0',
        'a' => '\x07',
        'b' => '\x08',
        'e' => '\x1b',
        'f' => '\x0c',
        'v' => '\x0b',
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        'x' | 'u' | 'U' => u32::from_str_radix(code, 16)
            .ok()
            .and_then(char::from_u32)
            .ok_or_else(|| format!("'\\{escape}{code}' is no character"))?,
        other => other,
    })
}

/// A scalar as it can stand in a flow map: plain where nothing in it could be mistaken, else quoted.
pub(super) fn scalar(text: &str) -> String {
    let reserved = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let first = text.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let inside = |c: char| {
        c.is_alphanumeric() || matches!(c, '_' | ' ' | '.' | '/' | '*' | '^' | '(' | ')' | '+' | '-')
    };
    let plain = first
        && text.chars().all(inside)
        && !text.ends_with(' ')
        && !reserved.contains(&text.to_ascii_lowercase().as_str());
    if plain {
        return text.to_owned();
    }
    if text
        .chars()
        .any(|c| c.is_control() || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}'))
    {
        return double_quoted(text);
    }
    format!("'{}'", text.replace('\'', "''"))
}

fn double_quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() || c as u32 > 0x7e => quoted.push_str(&format!("\\U{:08x}", c as u32)),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
