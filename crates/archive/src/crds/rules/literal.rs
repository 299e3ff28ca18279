//! Values as Python writes them: what a mapping consists of.

use super::Fault;
use super::lexer::{Token, Word};
use std::collections::HashMap;

/// Brackets within brackets, at most. Real rules need six.
pub(super) const DEEPEST: usize = 64;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    None,
    Logical(bool),
    Integer(i64),
    Real(f64),
    Text(String),
    Tuple(Vec<Literal>),
    List(Vec<Literal>),
    /// In the order of the text; of equal keys the last one's value stands.
    Dict(Vec<(Literal, Literal)>),
    /// `Match({…})`: the name, its argument, and the byte where it begins.
    Call(String, Box<Literal>, usize),
}

impl Literal {
    /// The text, where it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Literal::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a tuple or list.
    pub fn items(&self) -> Option<&[Literal]> {
        match self {
            Literal::Tuple(items) | Literal::List(items) => Some(items),
            _ => None,
        }
    }

    /// Python's `str()` of it, as rules are sorted and compared by it.
    pub fn plain(&self) -> String {
        match self {
            Literal::None => "None".to_owned(),
            Literal::Logical(true) => "True".to_owned(),
            Literal::Logical(false) => "False".to_owned(),
            Literal::Integer(value) => value.to_string(),
            Literal::Real(value) => super::condition::real_text(*value),
            Literal::Text(text) => text.clone(),
            Literal::Tuple(items) | Literal::List(items) => {
                let parts: Vec<String> = items.iter().map(Literal::plain).collect();
                format!("({})", parts.join(", "))
            }
            Literal::Dict(_) => "{…}".to_owned(),
            Literal::Call(name, ..) => name.clone(),
        }
    }

    /// Equal for what Python holds for the same key of a dictionary.
    fn identity(&self) -> String {
        match self {
            Literal::Text(text) => format!("'{text}"),
            Literal::Logical(value) => format!("{:?}", f64::from(u8::from(*value))),
            Literal::Integer(value) => format!("{:?}", *value as f64),
            Literal::Real(value) => format!("{value:?}"),
            Literal::Tuple(items) => {
                let parts: Vec<String> = items.iter().map(Literal::identity).collect();
                format!("({})", parts.join("\u{0},"))
            }
            other => format!("{other:?}"),
        }
    }
}

/// A place in a row of words.
pub(super) struct Cursor<'a> {
    pub words: &'a [Word],
    pub at: usize,
}

impl<'a> Cursor<'a> {
    pub fn token(&self) -> &'a Token {
        self.words.get(self.at).map_or(&Token::End, |word| &word.token)
    }

    /// The byte of the current word.
    pub fn byte(&self) -> usize {
        self.words
            .get(self.at)
            .or(self.words.last())
            .map_or(0, |word| word.at)
    }

    pub fn step(&mut self) {
        self.at += 1;
    }

    pub fn is(&self, sign: &str) -> bool {
        matches!(self.token(), Token::Sign(found) if *found == sign)
    }

    /// Steps over a sign where it comes next.
    pub fn take(&mut self, sign: &str) -> bool {
        let here = self.is(sign);
        if here {
            self.step();
        }
        here
    }

    pub fn expect(&mut self, sign: &str, place: &str) -> Result<(), Fault> {
        if self.take(sign) {
            return Ok(());
        }
        Err(self.fault(format!(
            "'{sign}' is expected {place}, not {}",
            self.token().describe()
        )))
    }

    pub fn fault(&self, reason: impl Into<String>) -> Fault {
        Fault {
            at: self.byte(),
            reason: reason.into(),
        }
    }

    /// A value; `depth` brackets are open.
    pub fn literal(&mut self, depth: usize) -> Result<Literal, Fault> {
        if depth > DEEPEST {
            return Err(self.fault(format!("more than {DEEPEST} brackets are open")));
        }
        let token = self.token();
        let at = self.byte();
        self.step();
        match token {
            Token::Text(first) => {
                let mut text = first.clone();
                while let Token::Text(more) = self.token() {
                    text.push_str(more);
                    self.step();
                }
                Ok(Literal::Text(text))
            }
            Token::Integer(value) => Ok(Literal::Integer(*value)),
            Token::Real(value) => Ok(Literal::Real(*value)),
            Token::Sign(sign @ ("-" | "+")) => self.signed(*sign == "-"),
            Token::Sign("(") => self.tuple(depth + 1),
            Token::Sign("[") => Ok(Literal::List(self.items("]", depth + 1)?.0)),
            Token::Sign("{") => self.dict(depth + 1),
            Token::Name(name) => match name.as_str() {
                "None" => Ok(Literal::None),
                "True" => Ok(Literal::Logical(true)),
                "False" => Ok(Literal::Logical(false)),
                _ => self.call(name, at, depth + 1),
            },
            other => Err(Fault {
                at,
                reason: format!("a value is expected, not {}", other.describe()),
            }),
        }
    }

    fn signed(&mut self, negative: bool) -> Result<Literal, Fault> {
        let value = match self.token() {
            Token::Integer(value) if negative => Literal::Integer(value.wrapping_neg()),
            Token::Integer(value) => Literal::Integer(*value),
            Token::Real(value) => Literal::Real(if negative { -value } else { *value }),
            other => return Err(self.fault(format!("a number is expected, not {}", other.describe()))),
        };
        self.step();
        Ok(value)
    }

    fn tuple(&mut self, depth: usize) -> Result<Literal, Fault> {
        let (mut items, comma) = self.items(")", depth)?;
        match items.len() {
            1 if !comma => Ok(items.remove(0)),
            _ => Ok(Literal::Tuple(items)),
        }
    }

    /// Values up to the closing bracket, and whether the last one had a comma behind it.
    fn items(&mut self, closing: &str, depth: usize) -> Result<(Vec<Literal>, bool), Fault> {
        let mut items = Vec::new();
        let mut comma = false;
        while !self.take(closing) {
            if !items.is_empty() && !comma {
                return Err(self.fault(format!(
                    "',' or '{closing}' is expected behind a value, not {}",
                    self.token().describe()
                )));
            }
            items.push(self.literal(depth)?);
            comma = self.take(",");
        }
        Ok((items, comma))
    }

    fn dict(&mut self, depth: usize) -> Result<Literal, Fault> {
        let mut pairs: Vec<(Literal, Literal)> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut comma = true;
        while !self.take("}") {
            if !comma {
                return Err(self.fault(format!(
                    "',' or '}}' is expected behind a value, not {}",
                    self.token().describe()
                )));
            }
            let key = self.literal(depth)?;
            self.expect(":", "between a key and its value")?;
            let value = self.literal(depth)?;
            comma = self.take(",");
            match known.get(&key.identity()).and_then(|index| pairs.get_mut(*index)) {
                Some(pair) => pair.1 = value,
                None => {
                    known.insert(key.identity(), pairs.len());
                    pairs.push((key, value));
                }
            }
        }
        Ok(Literal::Dict(pairs))
    }

    fn call(&mut self, name: &str, at: usize, depth: usize) -> Result<Literal, Fault> {
        if !self.take("(") {
            return Err(Fault {
                at,
                reason: format!("'{name}' is no value"),
            });
        }
        let argument = self.literal(depth)?;
        self.take(",");
        self.expect(")", &format!("behind what {name} selects from"))?;
        Ok(Literal::Call(name.to_owned(), Box::new(argument), at))
    }
}
