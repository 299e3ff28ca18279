//! The words of a mapping: names, strings, numbers and signs, as Python writes them.

use super::Fault;

/// A word and the byte it begins at.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Word {
    pub token: Token,
    pub at: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Name(String),
    Text(String),
    Integer(i64),
    Real(f64),
    Sign(&'static str),
    End,
}

impl Token {
    /// How the word is named to people.
    pub fn describe(&self) -> String {
        match self {
            Token::Name(name) => format!("'{name}'"),
            Token::Text(text) => format!("the string '{}'", text.chars().take(40).collect::<String>()),
            Token::Integer(value) => format!("the number {value}"),
            Token::Real(value) => format!("the number {value}"),
            Token::Sign(sign) => format!("'{sign}'"),
            Token::End => "the end".to_owned(),
        }
    }
}

/// Longest first: `<=` before `<`.
const SIGNS: [&str; 19] = [
    "==", "!=", "<=", ">=", "<", ">", "=", "{", "}", "[", "]", "(", ")", ",", ":", "+", "-", "*", "/",
];

/// All words of a text, ended by [`Token::End`].
pub(super) fn words(text: &str) -> Result<Vec<Word>, Fault> {
    let mut lexer = Lexer { text, at: 0 };
    let mut found = Vec::new();
    loop {
        lexer.skip_blank()?;
        let at = lexer.at;
        let token = lexer.token()?;
        let end = token == Token::End;
        found.push(Word { token, at });
        if end {
            return Ok(found);
        }
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn fault(&self, at: usize, reason: impl Into<String>) -> Fault {
        Fault {
            at,
            reason: reason.into(),
        }
    }

    /// Blanks, comments, and a backslash at the end of a line.
    fn skip_blank(&mut self) -> Result<(), Fault> {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start().len();
            self.at += blank;
            let rest = self.rest();
            if rest.starts_with('#') {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("\\\n") {
                self.at += 2;
            } else if rest.starts_with("\\\r\n") {
                self.at += 3;
            } else if rest.starts_with('\u{feff}') && self.at == 0 {
                self.at += '\u{feff}'.len_utf8();
            } else {
                return Ok(());
            }
        }
    }

    fn token(&mut self) -> Result<Token, Fault> {
        let Some(first) = self.peek() else {
            return Ok(Token::End);
        };
        if first == '"' || first == '\'' {
            return self.text(false);
        }
        let next_digit = self.rest().chars().nth(1).is_some_and(|c| c.is_ascii_digit());
        if first.is_ascii_digit() || first == '.' && next_digit {
            return self.number();
        }
        if first.is_alphabetic() || first == '_' {
            return self.name();
        }
        let rest = self.rest();
        match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            Some(sign) => {
                self.at += sign.len();
                Ok(Token::Sign(sign))
            }
            None => Err(self.fault(self.at, format!("'{first}' has no place in rules"))),
        }
    }

    fn name(&mut self) -> Result<Token, Fault> {
        let start = self.at;
        let rest = self.rest();
        let length = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        let name = &rest[..length];
        self.at += length;
        if matches!(self.peek(), Some('"' | '\'')) {
            return match name.to_ascii_lowercase().as_str() {
                "u" => self.text(false),
                "r" => self.text(true),
                _ => Err(self.fault(start, format!("strings marked '{name}' are not supported"))),
            };
        }
        Ok(Token::Name(name.to_owned()))
    }

    fn number(&mut self) -> Result<Token, Fault> {
        let start = self.at;
        let bytes = self.rest().as_bytes();
        let mut length = 0;
        while let Some(&byte) = bytes.get(length) {
            let exponent_sign =
                (byte == b'+' || byte == b'-') && length > 0 && matches!(bytes[length - 1], b'e' | b'E');
            if !(byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_' || exponent_sign) {
                break;
            }
            length += 1;
        }
        let text = self.rest()[..length].replace('_', "");
        self.at += length;
        if let Ok(value) = text.parse::<i64>() {
            return Ok(Token::Integer(value));
        }
        if let Some(value) = super::condition::real(&text) {
            return Ok(Token::Real(value));
        }
        Err(self.fault(start, format!("'{text}' is no number")))
    }

    fn text(&mut self, raw: bool) -> Result<Token, Fault> {
        let start = self.at;
        let quote = if self.rest().starts_with('"') { "\"" } else { "'" };
        let triple = quote.repeat(3);
        let long = self.rest().starts_with(&triple);
        let closing = if long { triple.as_str() } else { quote };
        self.at += closing.len();
        let mut value = String::new();
        loop {
            let rest = self.rest();
            if rest.starts_with(closing) {
                self.at += closing.len();
                return Ok(Token::Text(value));
            }
            let Some(c) = rest.chars().next() else {
                return Err(self.fault(start, "the string is not closed"));
            };
            if c == '\n' && !long {
                return Err(self.fault(start, "the string is not closed on its line"));
            }
            if c == '\\' {
                self.escape(raw, &mut value)?;
            } else {
                self.at += c.len_utf8();
                value.push(c);
            }
        }
    }

    /// What a backslash and the character behind it stand for; the backslash is at the current place.
    fn escape(&mut self, raw: bool, value: &mut String) -> Result<(), Fault> {
        let start = self.at;
        self.at += 1;
        let Some(c) = self.peek() else {
            return Err(self.fault(start, "the string is not closed"));
        };
        self.at += c.len_utf8();
        if raw {
            value.extend(['\\', c]);
            return Ok(());
        }
        match c {
            '\n' => {}
            '\\' | '\'' | '"' => value.push(c),
            'n' => value.push('\n'),
            't' => value.push('\t'),
            'r' => value.push('\r'),
            'a' => value.push('\u{7}'),
            'b' => value.push('\u{8}'),
            'f' => value.push('\u{c}'),
            'v' => value.push('\u{b}'),
            'x' => value.push(self.coded(start, 2, 2, 16)?),
            'u' => value.push(self.coded(start, 4, 4, 16)?),
            'U' => value.push(self.coded(start, 8, 8, 16)?),
            '0'..='7' => {
                self.at -= 1;
                value.push(self.coded(start, 1, 3, 8)?);
            }
            'N' => return Err(self.fault(start, "characters by name (\\N) are not supported")),
            other => value.extend(['\\', other]),
        }
        Ok(())
    }

    /// A character written as a number of `least` to `most` digits.
    fn coded(&mut self, start: usize, least: usize, most: usize, radix: u32) -> Result<char, Fault> {
        let digits: String = self
            .rest()
            .chars()
            .take(most)
            .take_while(|c| c.is_digit(radix))
            .collect();
        self.at += digits.len();
        Some(&digits)
            .filter(|digits| digits.len() >= least)
            .and_then(|digits| u32::from_str_radix(digits, radix).ok())
            .and_then(char::from_u32)
            .ok_or_else(|| self.fault(start, "this escape names no character"))
    }
}
