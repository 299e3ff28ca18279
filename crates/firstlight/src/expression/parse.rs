//! Tokens to a tree.

use super::lex::{Placed, Token};
use super::{ExpressionError, Scalar};

/// A part of the tree and the byte of the text where it begins.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub at: usize,
    pub part: Part,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    Constant(Scalar<'static>),
    Name(String),
    Not(Box<Node>),
    Negative(Box<Node>),
    Binary(&'static str, Box<Node>, Box<Node>),
    /// The value is one of several.
    In(Box<Node>, Vec<Node>),
    Call(String, Vec<Node>),
}

impl Node {
    /// Visits this part and all below it, from left to right.
    pub fn walk(&self, visit: &mut impl FnMut(&Node)) {
        visit(self);
        match &self.part {
            Part::Constant(_) | Part::Name(_) => {}
            Part::Not(inner) | Part::Negative(inner) => inner.walk(visit),
            Part::Binary(_, left, right) => {
                left.walk(visit);
                right.walk(visit);
            }
            Part::In(value, list) => {
                value.walk(visit);
                list.iter().for_each(|node| node.walk(visit));
            }
            Part::Call(_, arguments) => arguments.iter().for_each(|node| node.walk(visit)),
        }
    }
}

/// Deeper nesting than anyone writes would overflow the stack.
const DEEPEST: usize = 100;

pub(super) fn parse(text: &str, tokens: &[Placed]) -> Result<Node, ExpressionError> {
    let mut parser = Parser {
        text,
        tokens,
        next: 0,
        depth: 0,
    };
    let tree = parser.either()?;
    match tokens.get(parser.next) {
        None => Ok(tree),
        Some((at, _)) => Err(ExpressionError::new(
            text,
            *at,
            "an operator is missing before this",
        )),
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: &'a [Placed],
    next: usize,
    depth: usize,
}

type Parsed = Result<Node, ExpressionError>;

impl Parser<'_> {
    fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(self.text.len(), |(at, _)| *at)
    }

    fn fail<T>(&self, reason: impl Into<String>) -> Result<T, ExpressionError> {
        Err(ExpressionError::new(self.text, self.at(), reason))
    }

    /// Takes the next token where it is one of these signs.
    fn take(&mut self, signs: &[&'static str]) -> Option<&'static str> {
        match self.tokens.get(self.next) {
            Some((_, Token::Sign(sign))) if signs.contains(sign) => {
                self.next += 1;
                Some(sign)
            }
            _ => None,
        }
    }

    fn require(&mut self, sign: &'static str) -> Result<(), ExpressionError> {
        match self.take(&[sign]) {
            Some(_) => Ok(()),
            None => self.fail(format!("'{sign}' is missing here")),
        }
    }

    /// A row of operators that bind alike, from left to right. The tree grows to the left with every
    /// one, and whoever walks it goes as deep: their number counts against the depth.
    fn chain(&mut self, signs: &[&'static str], operand: fn(&mut Self) -> Parsed) -> Parsed {
        let mut left = operand(self)?;
        let outer = self.depth;
        while let Some(sign) = self.take(signs) {
            self.deeper()?;
            let right = operand(self)?;
            left = Node {
                at: left.at,
                part: Part::Binary(sign, Box::new(left), Box::new(right)),
            };
        }
        self.depth = outer;
        Ok(left)
    }

    fn deeper(&mut self) -> Result<(), ExpressionError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            self.fail("the expression is nested too deeply")
        } else {
            Ok(())
        }
    }

    fn either(&mut self) -> Parsed {
        self.chain(&["||"], Self::both)
    }

    fn both(&mut self) -> Parsed {
        self.chain(&["&&"], Self::negation)
    }

    fn negation(&mut self) -> Parsed {
        let at = self.at();
        if self.take(&["!"]).is_none() {
            return self.comparison();
        }
        self.deeper()?;
        let inner = Box::new(self.negation()?);
        self.depth -= 1;
        Ok(Node {
            at,
            part: Part::Not(inner),
        })
    }

    /// `a < b < c` is `a < b && b < c`; `a in (b, c)`, `a not in (b, c)`.
    fn comparison(&mut self) -> Parsed {
        let mut left = self.sum()?;
        if let [(_, Token::Sign("!")), (_, Token::Sign("in")), ..] = &self.tokens[self.next..] {
            let at = left.at;
            self.next += 1;
            return Ok(Node {
                at,
                part: Part::Not(Box::new(self.membership(left)?)),
            });
        }
        if matches!(self.tokens.get(self.next), Some((_, Token::Sign("in")))) {
            return self.membership(left);
        }
        let mut all: Option<Node> = None;
        let outer = self.depth;
        while let Some(sign) = self.take(&["==", "!=", "<=", ">=", "<", ">"]) {
            self.deeper()?;
            let right = self.sum()?;
            let at = left.at;
            let pair = Node {
                at,
                part: Part::Binary(sign, Box::new(left), Box::new(right.clone())),
            };
            all = Some(match all {
                None => pair,
                Some(before) => Node {
                    at: before.at,
                    part: Part::Binary("&&", Box::new(before), Box::new(pair)),
                },
            });
            left = right;
        }
        self.depth = outer;
        Ok(all.unwrap_or(left))
    }

    fn membership(&mut self, value: Node) -> Parsed {
        self.require("in")?;
        self.require("(")?;
        let list = self.list()?;
        Ok(Node {
            at: value.at,
            part: Part::In(Box::new(value), list),
        })
    }

    fn sum(&mut self) -> Parsed {
        self.chain(&["+", "-"], Self::product)
    }

    fn product(&mut self) -> Parsed {
        self.chain(&["*", "/", "%"], Self::signed)
    }

    fn signed(&mut self) -> Parsed {
        let at = self.at();
        let Some(sign) = self.take(&["-", "+"]) else {
            return self.power();
        };
        self.deeper()?;
        let inner = self.signed()?;
        self.depth -= 1;
        if sign == "+" {
            return Ok(inner);
        }
        Ok(Node {
            at,
            part: Part::Negative(Box::new(inner)),
        })
    }

    /// `2 ** -1` and `-2 ** 2` (which is -4) as in Python.
    fn power(&mut self) -> Parsed {
        let base = self.value()?;
        if self.take(&["**"]).is_none() {
            return Ok(base);
        }
        self.deeper()?;
        let exponent = self.signed()?;
        self.depth -= 1;
        Ok(Node {
            at: base.at,
            part: Part::Binary("**", Box::new(base), Box::new(exponent)),
        })
    }

    fn value(&mut self) -> Parsed {
        let at = self.at();
        let Some((_, token)) = self.tokens.get(self.next) else {
            return self.fail("the expression ends where a value is expected");
        };
        let part = match token {
            Token::Integer(value) => Part::Constant(Scalar::Integer(*value)),
            Token::Real(value) => Part::Constant(Scalar::Real(*value)),
            Token::Text(value) => Part::Constant(Scalar::Text(value.clone().into())),
            Token::Name(name) => {
                self.next += 1;
                return self.named(at, name.clone());
            }
            Token::Sign("(") => {
                self.next += 1;
                self.deeper()?;
                let inner = self.either()?;
                self.depth -= 1;
                self.require(")")?;
                return Ok(inner);
            }
            Token::Sign(sign) => return self.fail(format!("a value is expected, not '{sign}'")),
        };
        self.next += 1;
        Ok(Node { at, part })
    }

    fn named(&mut self, at: usize, name: String) -> Parsed {
        if self.take(&["("]).is_some() {
            self.deeper()?;
            let arguments = self.list()?;
            self.depth -= 1;
            return Ok(Node {
                at,
                part: Part::Call(name.to_ascii_lowercase(), arguments),
            });
        }
        let quoted = self.text[at..].starts_with('`');
        let part = match name.to_ascii_lowercase().as_str() {
            "true" if !quoted => Part::Constant(Scalar::Logical(true)),
            "false" if !quoted => Part::Constant(Scalar::Logical(false)),
            "null" | "none" if !quoted => Part::Constant(Scalar::Null),
            "nan" if !quoted => Part::Constant(Scalar::Real(f64::NAN)),
            _ => Part::Name(name),
        };
        Ok(Node { at, part })
    }

    /// What stands between an opening parenthesis, already taken, and its closing one.
    fn list(&mut self) -> Result<Vec<Node>, ExpressionError> {
        let mut list = Vec::new();
        if self.take(&[")"]).is_some() {
            return Ok(list);
        }
        loop {
            list.push(self.either()?);
            if self.take(&[","]).is_none() {
                self.require(")")?;
                return Ok(list);
            }
        }
    }
}
