//! Values as Python writes them, in which the official client keeps what the server said.

use serde_json::{Map, Number, Value};

/// Values within values that are followed.
const DEEPEST: usize = 64;

/// Reads one Python literal: texts, numbers, `True`, `False`, `None`, lists, tuples, dictionaries. JSON's own
/// `true`, `false` and `null` are read as well. Nothing is evaluated.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    reader.blank();
    match reader.peek() {
        None => Ok(value),
        Some(more) => Err(reader.wrong(&format!("'{more}' behind the value"))),
    }
}

/// Writes a value as a Python literal, an entry of the outermost dictionary on each line.
pub(super) fn written(value: &Value) -> String {
    let Value::Object(entries) = value else {
        return of(value);
    };
    let lines: Vec<String> = entries
        .iter()
        .map(|(key, value)| format!("{}: {}", of(&Value::from(key.as_str())), of(value)))
        .collect();
    format!("{{{}}}\n", lines.join(",\n "))
}

fn of(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Array(items) => format!("[{}]", items.iter().map(of).collect::<Vec<_>>().join(", ")),
        Value::Object(entries) => {
            let entries = entries
                .iter()
                .map(|(key, value)| format!("{}: {}", Value::from(key.as_str()), of(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        // JSON's texts and numbers are Python's as well.
        other => other.to_string(),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn takes(&mut self, wanted: &str) -> bool {
        self.blank();
        let there = self.rest().starts_with(wanted);
        if there {
            self.at += wanted.len();
        }
        there
    }

    fn blank(&mut self) {
        while let Some(next) = self.peek() {
            if next == '#' {
                self.at += self.rest().find('\n').unwrap_or(self.rest().len());
            } else if next.is_whitespace() {
                self.at += next.len_utf8();
            } else {
                return;
            }
        }
    }

    fn wrong(&self, what: &str) -> String {
        let line = self.text[..self.at].matches('\n').count() + 1;
        format!("line {line}: {what}")
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        if depth > DEEPEST {
            return Err(self.wrong("too many values within values"));
        }
        self.blank();
        match self.peek() {
            Some('{') => self.dictionary(depth),
            Some('[') => self.list('[', "]", depth),
            Some('(') => self.list('(', ")", depth),
            Some('\'' | '"') => self.texts(),
            Some(c) if c.is_ascii_digit() || c == '-' || c == '+' || c == '.' => self.number(),
            Some(_) => self.word(),
            None => Err(self.wrong("a value is missing")),
        }
    }

    fn dictionary(&mut self, depth: usize) -> Result<Value, String> {
        self.next();
        let mut entries = Map::new();
        while !self.takes("}") {
            let key = match self.value(depth + 1)? {
                Value::String(key) => key,
                other => other.to_string(),
            };
            if !self.takes(":") {
                return Err(self.wrong("a ':' is missing"));
            }
            let value = self.value(depth + 1)?;
            entries.insert(key, value);
            if !self.takes(",") {
                if self.takes("}") {
                    break;
                }
                return Err(self.wrong("a ',' or '}' is missing"));
            }
        }
        Ok(Value::Object(entries))
    }

    fn list(&mut self, _open: char, close: &str, depth: usize) -> Result<Value, String> {
        self.next();
        let mut items = Vec::new();
        while !self.takes(close) {
            items.push(self.value(depth + 1)?);
            if !self.takes(",") {
                if self.takes(close) {
                    break;
                }
                return Err(self.wrong(&format!("a ',' or '{close}' is missing")));
            }
        }
        Ok(Value::Array(items))
    }

    /// Texts that follow one another are one, as long lines are printed.
    fn texts(&mut self) -> Result<Value, String> {
        let mut whole = String::new();
        while let Some(quote @ ('\'' | '"')) = self.peek() {
            self.next();
            self.one_text(quote, &mut whole)?;
            self.blank();
        }
        Ok(Value::String(whole))
    }

    fn one_text(&mut self, quote: char, whole: &mut String) -> Result<(), String> {
        loop {
            match self.next() {
                Some(c) if c == quote => return Ok(()),
                Some('\\') => self.escape(whole)?,
                Some(c) => whole.push(c),
                None => return Err(self.wrong("a text has no end")),
            }
        }
    }

    fn escape(&mut self, whole: &mut String) -> Result<(), String> {
        let code = match self.next() {
            Some('n') => '\n',
            Some('t') => '\t',
            Some('r') => '\r',
            Some('\n') => return Ok(()),
            Some('x') => self.code(2)?,
            Some('u') => self.code(4)?,
            Some('U') => self.code(8)?,
            Some(c @ ('\\' | '\'' | '"' | '/')) => c,
            Some(c) => {
                whole.push('\\');
                c
            }
            None => return Err(self.wrong("a text has no end")),
        };
        whole.push(code);
        Ok(())
    }

    fn code(&mut self, digits: usize) -> Result<char, String> {
        let text: String = self.rest().chars().take(digits).collect();
        self.at += text.len();
        let code = u32::from_str_radix(&text, 16).map_err(|_| self.wrong("an escape is no number"))?;
        Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn number(&mut self) -> Result<Value, String> {
        let end = self
            .rest()
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')))
            .unwrap_or(self.rest().len());
        let text = self.rest()[..end].to_owned();
        self.at += end;
        if let Ok(whole) = text.parse::<i64>() {
            return Ok(Value::from(whole));
        }
        text.parse::<f64>()
            .ok()
            .and_then(Number::from_f64)
            .map(Value::Number)
            .ok_or_else(|| self.wrong(&format!("'{text}' is no number")))
    }

    fn word(&mut self) -> Result<Value, String> {
        let end = self
            .rest()
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(self.rest().len());
        let word = self.rest()[..end].to_owned();
        let value = match word.as_str() {
            "True" | "true" => Value::Bool(true),
            "False" | "false" => Value::Bool(false),
            "None" | "null" => Value::Null,
            _ => {
                let shown: String = self.rest().chars().take(20).collect();
                return Err(self.wrong(&format!("'{shown}' is no value")));
            }
        };
        self.at += end;
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_python_prints_is_read() {
        let text = "{'a': [1, -2.5, (True, None)],\n 'long': 'one '\n         \"it's two\",\n 'é\\x41\\'': {}, 3: 'x',}\n";
        let value = read(text).unwrap();
        assert_eq!(
            value,
            json!({"a": [1, -2.5, [true, null]], "long": "one it's two", "éA'": {}, "3": "x"})
        );
    }

    #[test]
    fn what_is_written_is_read_again() {
        let value = json!({"a": [1, 2.5, true, null], "b": {"c": "it's \"ü\"\n"}, "d": false});
        let text = written(&value);
        assert!(
            text.contains("True") && text.contains("None") && text.contains("\n \"b\""),
            "{text}"
        );
        assert_eq!(read(&text).unwrap(), value);
    }

    #[test]
    fn nothing_is_evaluated_and_bad_text_is_refused() {
        for text in [
            "",
            "{",
            "{'a'}",
            "[1",
            "'x",
            "__import__('os')",
            "{'a': 1} x",
            "1e999",
            "{'a' 1}",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read(&"[".repeat(10_000)).is_err());
    }
}
